"""The last inch before a shop: connections that send nothing too late, notice when the other side is gone, and take no
answer that is without end."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

UNHEARD_SECONDS = 15
"""After so long without a sign of the other side a connection is given up by the system itself (TCP_USER_TIMEOUT): a
request that was sent into a network that is down must not arrive when it is up again, long after it was given up."""

PART_BYTES = 64_000

_sending = threading.local()


class TooMuch(Exception):
    """An answer is larger, or takes longer, than anybody is willing to take."""


class TooLate(Exception):
    """The time in which a request might have been sent is over; nothing of its body was."""


@contextmanager
def sent_before(moment: float) -> Iterator[None]:
    """Let this thread send nothing after a moment of `time_that_passed`.

    A process can stand still anywhere: stopped, or swapped out. The last place to notice is right before bytes are
    handed to the system; what is left between that look and the system's call are microseconds.
    """
    _sending.until = moment
    try:
        yield
    finally:
        del _sending.until


def time_that_passed() -> float:
    """Seconds on a clock that nobody sets; where there is one, it goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def read_body(response: requests.Response, *, most_bytes: int, within_seconds: float) -> bytes:
    """The unpacked body of an answer that is read as a stream. Its connection can be used again afterwards.

    Raises TooMuch when it is larger or takes longer, and what urllib3 raises when something goes wrong on the way.
    """
    ends_at = time.monotonic() + within_seconds
    body = bytearray()
    with response:
        while part := response.raw.read1(PART_BYTES, decode_content=True):
            body += part
            if len(body) > most_bytes or time.monotonic() > ends_at:
                raise TooMuch
    return bytes(body)


def _look_at_clock() -> None:
    if time_that_passed() > getattr(_sending, "until", float("inf")):
        raise TooLate


class _Plain(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # may take seconds: the look comes after it
        _look_at_clock()
        super().send(data)


class _Secure(HTTPSConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _look_at_clock()
        super().send(data)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class ShopAdapter(HTTPAdapter):
    """For a session of requests: such connections to every address."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """As requests makes its pool, with our connections and one more option for their sockets."""
        unheard = getattr(socket, "TCP_USER_TIMEOUT", None)
        ours = [] if unheard is None else [(socket.IPPROTO_TCP, unheard, UNHEARD_SECONDS * 1000)]
        super().init_poolmanager(*arguments, socket_options=[*HTTPConnection.default_socket_options, *ours], **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
