"""The bodies of requests, read whole before anybody works on them: a slow sender holds a connection, and no thread."""

import asyncio
from collections.abc import Mapping

from a2wsgi.asgi_typing import Receive

SMALL_BYTES = 64_000
"""A webhook, a form. Whatever is larger, or does not say how large it is, waits for its turn: memory has an end."""
LARGE_AT_ONCE = 8
BODY_SECONDS = 60


class BodyRefused(Exception):
    """A body that is not read to its end; `reason` is for log and counter."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class SenderGone(Exception):
    """Whoever sent the request has left before its end; nobody waits for an answer."""


class Bodies:
    """Reads the bodies of all requests of this process."""

    def __init__(self) -> None:
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def read(self, method: str, headers: Mapping[bytes, bytes], receive: Receive, *, most_bytes: int) -> bytes:
        """The body as it came. Raises BodyRefused when it is larger or takes longer than it may, and SenderGone."""
        length = int(headers[b"content-length"]) if b"content-length" in headers else None
        if length == 0 or (length is None and method in {"GET", "HEAD"}):
            return b""
        if length and length > most_bytes:
            raise BodyRefused(413, "too_large")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                if length and length <= SMALL_BYTES:
                    return await _whole(receive, length, most_bytes)
                async with self._large:
                    return await _whole(receive, length, most_bytes)
        except TimeoutError:
            raise BodyRefused(408, "too_slow") from None


async def _whole(receive: Receive, length: int | None, most_bytes: int) -> bytes:
    body = bytearray()  # which grows without being copied, however small the pieces are
    while len(body) != length:
        message = await receive()
        if message["type"] != "http.request":
            raise SenderGone
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise BodyRefused(413, "too_large")
        if not message.get("more_body", False):
            break
    return bytes(body)
