"""What goes over the wire in the measurements: webhooks signed as Saleor signs them, sent as fast as it can be."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

KID = "bench-key"
APP_ID = "QXBwOjE="
ORDER_EVENTS = ("OrderCreated", "OrderPaid", "OrderFullyPaid", "OrderUpdated", "OrderConfirmed")
"""What one paid order of a channel that confirms by itself sends within a moment."""

_jws = PyJWS(algorithms=["RS256"])


class Signer:
    """A shop's signing key, and its public half as the shop shows it."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self.jwks = {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}

    def event(self, name: str, order_id: str, *, issued_at: str) -> tuple[bytes, str]:
        """The body of an event about an order, and its signature."""
        body = {
            "__typename": name, "issuedAt": issued_at, "version": "3.23.28", "issuingPrincipal": None,
            "recipient": {"id": APP_ID}, "order": {"id": order_id},
        }  # fmt: skip
        raw = json.dumps(body).encode()
        header = {"kid": KID, "b64": False, "crit": ["b64"]}
        return raw, _jws.encode(raw, self._key, "RS256", header, is_payload_detached=True)


@dataclass(frozen=True, slots=True)
class Post:
    """One request, ready to be sent."""

    raw: bytes


def post(path: str, body: bytes, *, signature: str = "", saleor_api_url: str = "") -> Post:
    """A request with Saleor's headers."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Saleor-Api-Url: {saleor_api_url}\r\nSaleor-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Post(head.encode() + body)


class Connection:
    """One connection that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """A connection to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: Post) -> int:
        """Send and read the answer; return its status."""
        self._writer.write(request.raw)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await self._reader.readexactly(length)
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        """Close it."""
        self._writer.close()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, Any] | None:
    """Path and JSON of a request to a stand-in; None when the caller has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return head.split(b" ", 2)[1].decode(), json.loads(body) if body else None


def http_answer(content: Any) -> bytes:
    """A 200 with this JSON."""
    body = json.dumps(content).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
