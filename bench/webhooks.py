"""Acknowledgements per second beside a bare Flask route and a route with only the signature check, on the same server.

Those two are served as Flask is served best: as WSGI, by 16 threads of each process, with nothing before them.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import DATABASES, database_of
from bench.review import fill
from bench.stage import cpu_seconds, tree
from bench.wire import APP_ID, KID, Connection, Post, Signer, post
from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.app import open_app
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.shops import ACTIVE, REHEARSAL, add_shop

URL = "http://localhost:8000/graphql/"
PORT, PORT_BESIDE = 8399, 8398
ROUTES = {
    "bare Flask route": (PORT_BESIDE, "/bare"),
    "+ signature check": (PORT_BESIDE, "/verify"),
    "+ kept (the app's route)": (PORT, WEBHOOKS_PATH),
}
SERVERS = {
    PORT: ("saleor_loyalty_app.asgi:make", "interface='asgi', runtime_mode='mt', http='1', websockets=False"),
    PORT_BESIDE: ("bench.webhooks:make", "interface='wsgi', blocking_threads=16, http='1'"),
}


@dataclass(frozen=True)
class Figure:
    """One route at one number of connections: requests per second, latencies in ms, computing per request in us."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def main(arguments: list[str] | None = None) -> None:
    """Measure and print; the median of the rounds counts."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=webhooks", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--customers", type=int, default=0, help="of another shop in the same database")
    parser.add_argument("--processes", nargs="+", type=int, default=[1, 2], help="web processes")
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--requests", type=int, default=3000, help="in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    signer = Signer()
    for database in options.database:
        for processes in options.processes:
            with (
                tempfile.TemporaryDirectory(prefix="bench-") as folder,
                database_of(database) as given,
            ):
                url = given or f"sqlite:///{folder}/loyalty.sqlite"
                if options.customers:
                    fill(url, options.customers).close()
                _prepare(Path(folder), signer, url)
                with _server(PORT, processes) as pid, _server(PORT_BESIDE, processes) as beside:
                    print(f"Webhooks: {database}, {processes} web processes", flush=True)
                    _measure(signer, {PORT: pid, PORT_BESIDE: beside}, options)


def make():
    """A Flask app of two routes for comparison."""
    from flask import Flask, request  # noqa: PLC0415

    from saleor_loyalty_app.saleor.keys import find_key  # noqa: PLC0415
    from saleor_loyalty_app.saleor.signature import signature_fits  # noqa: PLC0415

    beside = Flask("beside")
    jwks = json.loads(os.environ["BENCH_JWKS"])

    @beside.post("/bare")
    def bare() -> str:
        return "ok"

    @beside.post("/verify")
    def verify() -> str:
        key = find_key(jwks, KID)
        assert key and signature_fits(request.headers["Saleor-Signature"], request.get_data(), key)
        return "ok"

    return beside


def _measure(signer: Signer, pids: dict[int, int], options: argparse.Namespace) -> None:
    print(f"{'':26}" + "".join(f"{c:>4} conn. /s    p50    p99  us CPU ratio " for c in options.connections))
    cells: dict[str, list[Figure]] = {name: [] for name in ROUTES}
    for connections in options.connections:
        rounds: dict[str, list[Figure]] = {name: [] for name in ROUTES}
        for _ in range(options.rounds):  # side by side, so that what else the machine does hits all of them
            bodies = [_signed(signer) for _ in range(options.requests)]
            for name, (port, path) in ROUTES.items():
                requests = [post(path, body, signature=sign, saleor_api_url=URL) for body, sign in bodies]
                rounds[name].append(_load(requests, connections, port, pids[port]))
        for name, figures in rounds.items():
            cells[name].append(sorted(figures, key=lambda figure: figure.per_second)[len(figures) // 2])
    bare = [figure.per_second for figure in cells["bare Flask route"]]
    for name, figures in cells.items():
        line = "".join(
            f"{f.per_second:12.0f}  {f.p50:5.1f}  {f.p99:5.1f}  {f.cpu:6.0f}  {f.per_second / base:4.2f} "
            for f, base in zip(figures, bare, strict=True)
        )
        print(f"{name:26}{line}", flush=True)


_numbers = iter(range(10**12))


def _signed(signer: Signer) -> tuple[bytes, str]:
    return signer.event("OrderUpdated", f"T3JkZXI6{next(_numbers):032d}", issued_at="2026-11-22T02:02:17.979421+00:00")


def _prepare(folder: Path, signer: Signer, url: str) -> None:
    os.environ |= {
        "LOYALTY_DATA_DIR": str(folder),
        "LOYALTY_DATABASE_URL": url,
        "LOYALTY_SECRET_KEY": "c29tZSBrZXkgb2YgMzIgYnl0ZXMgZm9yIGEgYmVuY2g=",
        "LOYALTY_ALLOWED_SALEOR_URLS": URL,
        "LOYALTY_LOG_LEVEL": "ERROR",
        "BENCH_JWKS": json.dumps(signer.jwks),
    }
    app = open_app(load_settings(_env_file=None))
    migrate(app.database)
    with app.database.write() as db:
        add_shop(
            db, saleor_api_url=URL, state=ACTIVE, app_id=APP_ID, sealed_token=app.vault.seal(b"t" * 30),
            sealed_secret=app.vault.seal(b"s" * 32), saleor_version="3.23.28", permissions=[],
            jwks=signer.jwks, mode=REHEARSAL, installed_at=datetime.now(UTC),
        )  # fmt: skip
    app.close()


@contextlib.contextmanager
def _server(port: int, web_processes: int) -> Iterator[int]:
    target, how = SERVERS[port]
    code = (
        f"from granian import Granian; Granian('{target}', factory=True, port={port}, {how}, "
        f"workers={web_processes}, backlog=1024, log_enabled=False).serve()"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])  # noqa: S603
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                asyncio.run(_all([post("/", b"")], 1, port, expected={404, 405}))
                break
            time.sleep(0.1)
        time.sleep(1)  # the second process
        yield server.pid
    finally:
        server.terminate()
        server.wait(15)


def _load(requests: Sequence[Post], connections: int, port: int, pid: int) -> Figure:
    computed, started = sum(map(cpu_seconds, tree(pid))), time.perf_counter()
    latencies = asyncio.run(_all(requests, connections, port))
    seconds = time.perf_counter() - started
    computed = sum(map(cpu_seconds, tree(pid))) - computed
    ranks = statistics.quantiles(latencies, n=100)
    number = len(requests)
    return Figure(number / seconds, ranks[49] * 1000, ranks[98] * 1000, computed / number * 1_000_000)


async def _all(
    requests: Sequence[Post], connections: int, port: int, *, expected: Collection[int] = (200,)
) -> list[float]:
    waiting, latencies = iter(requests), []

    async def client() -> None:
        connection = await Connection.open(port)
        for request in waiting:
            started = time.perf_counter()
            status = await connection.send(request)
            latencies.append(time.perf_counter() - started)
            assert status in expected, status
        connection.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return latencies


if __name__ == "__main__":
    main()
