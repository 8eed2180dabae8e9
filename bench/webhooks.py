"""Acknowledgements per second beside a bare Flask route and a route with only the signature check, on one server."""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.shops import ACTIVE, REHEARSAL, add_shop

URL = "http://localhost:8000/graphql/"
KID = "bench-key"
PORT = 8399
ROUTES = {
    "bare Flask route": "/bare",
    "+ signature check": "/verify",
    "+ kept (the app's route)": "/api/webhooks/saleor",
}


@dataclass(frozen=True)
class Figure:
    """One route at one number of connections: requests per second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float


def main(requests: int = 2000, connections: tuple[int, ...] = (1, 16, 64), web_processes: int = 1) -> None:
    """Measure and print; three rounds, the median counts."""
    with tempfile.TemporaryDirectory() as folder:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _prepare(Path(folder), key)
        bodies = _signed_bodies(key, requests * len(connections) * 3)
        with _server(Path(folder), web_processes):
            print(f"Webhooks: {requests} requests a round, {web_processes} web processes with 16 threads, SQLite")
            print(f"{'':26}" + "".join(f"{c:>4} conn. /s   p50   p99  ratio " for c in connections))
            bare: dict[int, float] = {}
            for name, path in ROUTES.items():
                cells = []
                for number in connections:
                    figure = _median([_load(path, bodies, requests, number) for _ in range(3)])
                    bare.setdefault(number, figure.per_second)
                    ratio = figure.per_second / bare[number]
                    cells.append(f"{figure.per_second:11.0f}  {figure.p50:5.1f} {figure.p99:5.1f}  {ratio:4.2f}  ")
                print(f"{name:26}" + "".join(cells))


def make():
    """The app's own Flask app with two routes more, for comparison."""
    from flask import request  # noqa: PLC0415

    from saleor_loyalty_app.saleor.keys import find_key  # noqa: PLC0415
    from saleor_loyalty_app.saleor.signature import signature_fits  # noqa: PLC0415
    from saleor_loyalty_app.wsgi import make as make_app  # noqa: PLC0415

    web = make_app()
    jwks = json.loads(os.environ["BENCH_JWKS"])

    @web.post("/bare")
    def bare() -> str:
        return "ok"

    @web.post("/verify")
    def verify() -> str:
        key = find_key(jwks, KID)
        assert key and signature_fits(request.headers["Saleor-Signature"], request.get_data(), key)
        return "ok"

    return web


def _prepare(folder: Path, key: rsa.RSAPrivateKey) -> None:
    jwk = {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": KID, "use": "sig", "alg": "RS256"}
    os.environ |= {
        "LOYALTY_DATA_DIR": str(folder),
        "LOYALTY_ALLOWED_SALEOR_URLS": URL,
        "LOYALTY_LOG_LEVEL": "ERROR",
        "BENCH_JWKS": json.dumps({"keys": [jwk]}),
    }
    app: App = open_app(load_settings())
    migrate(app.database)
    with app.database.write() as db:
        add_shop(
            db, saleor_api_url=URL, state=ACTIVE, app_id="QXBwOjE=", sealed_token=app.vault.seal(b"t" * 30),
            sealed_secret=app.vault.seal(b"s" * 32), saleor_version="3.23.28", permissions=[],
            jwks={"keys": [jwk]}, mode=REHEARSAL, installed_at=datetime.now(UTC),
        )  # fmt: skip
    app.close()


def _signed_bodies(key: rsa.RSAPrivateKey, number: int) -> list[tuple[bytes, str]]:
    jws, signed = PyJWS(algorithms=["RS256"]), []
    for n in range(number):
        body = json.dumps(
            {
                "__typename": "OrderUpdated", "issuedAt": "2026-11-22T02:02:17.979421+00:00", "version": "3.23.28",
                "issuingPrincipal": None, "recipient": {"id": "QXBwOjE="}, "order": {"id": f"T3JkZXI6{n:032d}"},
            }
        ).encode()  # fmt: skip
        token = jws.encode(body, key, "RS256", {"kid": KID, "b64": False, "crit": ["b64"]}, is_payload_detached=True)
        signed.append((body, token))
    return signed


@contextlib.contextmanager
def _server(folder: Path, web_processes: int) -> Iterator[None]:
    code = (
        "from granian import Granian; from granian.constants import Interfaces; "
        f"Granian('bench.webhooks:make', factory=True, port={PORT}, interface=Interfaces.WSGI, "
        f"workers={web_processes}, blocking_threads=16, log_enabled=False).serve()"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])  # noqa: S603
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                asyncio.run(_one("/bare", b"", ""))
                break
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(15)


def _load(path: str, bodies: list[tuple[bytes, str]], requests: int, connections: int) -> Figure:
    taken = [bodies.pop() if path.startswith("/api") else bodies[n % len(bodies)] for n in range(requests)]
    started = time.perf_counter()
    latencies = asyncio.run(_all(path, taken, connections))
    seconds = time.perf_counter() - started
    quantiles = statistics.quantiles(latencies, n=100)
    return Figure(requests / seconds, quantiles[49] * 1000, quantiles[98] * 1000)


async def _all(path: str, bodies: list[tuple[bytes, str]], connections: int) -> list[float]:
    waiting, latencies = iter(bodies), []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        for body, signature in waiting:
            started = time.perf_counter()
            writer.write(_request(path, body, signature))
            await _answer(reader)
            latencies.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return latencies


async def _one(path: str, body: bytes, signature: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(_request(path, body, signature))
    await _answer(reader)
    writer.close()


def _request(path: str, body: bytes, signature: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nSaleor-Api-Url: {URL}\r\n"
        f"Saleor-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


def _median(figures: list[Figure]) -> Figure:
    return sorted(figures, key=lambda figure: figure.per_second)[len(figures) // 2]


if __name__ == "__main__":
    main()
