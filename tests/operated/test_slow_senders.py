"""The real web process, without a proxy before it: more slow senders than it has threads, and everybody is answered."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from processes import Processes, running_app

from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH

pytestmark = pytest.mark.crash

SENDERS = 40


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with running_app(tmp_path, "http://127.0.0.1:9/graphql/") as processes:
        yield processes


def connected(processes: Processes) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(processes.url.rpartition(":")[2])), timeout=30)


@pytest.mark.parametrize("path", [WEBHOOKS_PATH, "/panel/desks/enter"])
@pytest.mark.parametrize("length", [100, 1_000_000])
def test_bodies_that_stop_hold_no_thread(processes: Processes, path: str, length: int) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{form}\r\nContent-Length: {length}"
    with ExitStack() as held:
        for _ in range(SENDERS):
            sender = held.enter_context(connected(processes))
            sender.sendall(f"{head}\r\n\r\ncode=".encode())
        for page, status in (("/healthz", 200), ("/readyz", 200), ("/privacy", 200), ("/panel/", 401)):
            assert requests.get(f"{processes.url}{page}", timeout=30).status_code == status
        refused = requests.post(f"{processes.url}{WEBHOOKS_PATH}", data=b"{}", timeout=30)
        assert (refused.status_code, refused.json()) == (401, {"refused": "unknown_shop"})


def test_one_connection_carries_one_request_at_a_time(processes: Processes) -> None:
    """HTTP/2 would let one connection, of which there are 1,024, carry hundreds of slow senders."""
    with connected(processes) as sender:
        sender.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
        assert sender.recv(100) == b""
    with connected(processes) as sender:
        upgrade = (
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==\r\n"
        )
        sender.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + upgrade + b"\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 400 ")
