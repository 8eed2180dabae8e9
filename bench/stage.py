"""What the measurements of whole orders stand on: stand-ins for shops, the app's own processes, a database.

The shops are played by this process, as lightly as can be, so that the machine is left to the app: they answer the
two requests of an ordinary order after 50 ms, and send the five webhooks that Saleor sends.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from factories import global_id, order_node
from processes import Processes, running_app, wait_until
from sqlalchemy import select

from bench.databases import database_of
from bench.wire import (
    APP_ID,
    ORDER_EVENTS,
    Connection,
    Post,
    Signer,
    http_answer,
    post,
    read_request,
)
from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.publish_program import publish_starter_program
from saleor_loyalty_app.services.tell_shop import CLOCKS_DIFFER
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.shops import ACTIVE, LIVE, add_shop
from saleor_loyalty_app.store.tables import work
from saleor_loyalty_app.store.work import RUNNING, WAITING

API_SECONDS = 0.05
"""How long a shop thinks about a request."""
SENDERS = 32
"""Connections by which webhooks are sent."""
SIZE_ON_POSTGRES = "SELECT pg_database_size(current_database())"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order that is to come: when (seconds from the start), in which shop, which number, with how many events."""

    at: float
    shop: int
    number: int
    events: int = len(ORDER_EVENTS)

    @property
    def order_id(self) -> str:
        """The order's id, of this shop alone."""
        return global_id("Order", self.shop * 10_000_000 + self.number)


@dataclass
class Shops:
    """Stand-ins for shops. What happened and when is kept by order: on the clock of time.monotonic."""

    signer: Signer = field(default_factory=Signer)
    port: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def url(self, number: int) -> str:
        """The API address of one shop."""
        return f"http://127.0.0.1:{self.port}/{number}/graphql/"

    def open(self) -> None:
        """Begin to answer, in a thread."""
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(server.sockets[0].getsockname()[1])
        threading.Thread(target=self._loop.run_forever, name="shops", daemon=True).start()

    def send(self, web: str, orders: Iterable[Wanted]) -> None:
        """Send the webhooks of these orders when each is due, whether the app keeps up or not; return when all are
        answered."""
        posts = [(wanted, self._posts(wanted)) for wanted in orders]
        port = int(urlsplit(web).port or 0)
        asyncio.run_coroutine_threadsafe(self._send(port, posts), self._loop).result()

    def _posts(self, wanted: Wanted) -> list[Post]:
        issued_at = datetime.now(UTC).isoformat()
        signed = [
            self.signer.event(ORDER_EVENTS[n % len(ORDER_EVENTS)], wanted.order_id, issued_at=f"{issued_at}{n:05}")
            for n in range(wanted.events)
        ]
        url = self.url(wanted.shop)
        return [post(WEBHOOKS_PATH, body, signature=signature, saleor_api_url=url) for body, signature in signed]

    async def _send(self, port: int, posts: list[tuple[Wanted, list[Post]]]) -> None:
        waiting: asyncio.Queue[tuple[str, Post] | None] = asyncio.Queue()
        senders = [asyncio.create_task(self._sender(port, waiting)) for _ in range(SENDERS)]
        started = time.monotonic()
        for wanted, requests in posts:
            await asyncio.sleep(started + wanted.at - time.monotonic())
            for request in requests:
                waiting.put_nowait((wanted.order_id, request))
        for _ in senders:
            waiting.put_nowait(None)
        await asyncio.gather(*senders)

    async def _sender(self, port: int, waiting: asyncio.Queue[tuple[str, Post] | None]) -> None:
        connection = await Connection.open(port)
        while (item := await waiting.get()) is not None:
            order_id, request = item
            status = await connection.send(request)
            if status == 200:
                self.acknowledged.setdefault(order_id, time.monotonic())
            else:
                self.refused[status] += 1
        connection.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            _, asked = request
            await asyncio.sleep(API_SECONDS)
            # Without a question it is the key set that is asked for.
            answer = self._answer(asked["operationName"], asked["variables"]) if asked else self.signer.jwks
            writer.write(http_answer(answer))
        writer.close()

    def _answer(self, operation: str, asked: dict[str, str]) -> dict[str, object]:
        self.calls[operation] += 1
        now = datetime.now(UTC).isoformat()
        if operation == "ReadOrder":
            number = int.from_bytes(asked["id"][-8:].encode())
            buyer = {"user": None, "userEmail": f"{asked['id']}@example.com".lower()}
            return {"data": {"order": order_node(number, id=asked["id"], created=now, updatedAt=now, **buyer)}}
        if operation == "TellShop":
            self.told.setdefault(asked["order"], time.monotonic())
            done = {"errors": []}
            return {"data": {"note": {"event": {"id": "T3JkZXJFdmVudDox"}, **done}, "order": done, "customer": done}}
        if operation == "ReadOrderNotes":
            return {"data": {"order": {"events": []}}}
        return {"errors": [{"message": f"this shop knows no {operation}"}], "data": None}


@dataclass(frozen=True)
class Stage:
    """Shops that have the app installed, live, and the app's processes."""

    shops: Shops
    app: Processes

    def latencies(self, orders: Iterable[Wanted], *, seconds: float = 120) -> list[float]:
        """Seconds from the first acknowledgement to the note of each order; waits until all are told."""
        wanted = [order.order_id for order in orders]
        wait_until(lambda: all(order_id in self.shops.told for order_id in wanted), seconds=seconds)
        return [self.shops.told[order_id] - self.shops.acknowledged[order_id] for order_id in wanted]

    def wait_until_quiet(self, *, seconds: float = 60) -> None:
        """Wait until nothing is left to do."""
        wait_until(self._is_quiet, seconds=seconds)

    def cpu(self) -> dict[str, float]:
        """Seconds of computing so far, by process."""
        return {name: sum(map(cpu_seconds, tree(child.pid))) for name, child in self.app.running.items()}

    def memory(self) -> dict[str, float]:
        """MB of memory held now, by process."""
        return {name: sum(map(memory_mb, tree(child.pid))) for name, child in self.app.running.items()}

    def size(self) -> int:
        """Bytes of the app's own tables and indexes; on PostgreSQL the engine's stand in the same database."""
        database = self.app.app.database
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        with database.read() as db:
            return int(db.exec_driver_sql(asked if database.is_sqlite else SIZE_ON_POSTGRES).scalar_one())

    def _is_quiet(self) -> bool:
        # What else the app would like to know of a shop, these shops don't answer.
        left = select(work.c.subject).where(work.c.state.in_((WAITING, RUNNING)), work.c.subject.like("order:%"))
        with self.app.app.database.read() as db:
            return db.execute(left.limit(1)).first() is None


@contextmanager
def stage(database: str, *, shops: int = 1) -> Iterator[Stage]:
    """The stage on a new database of this kind, with so many shops, until the block ends."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True))
        url = stack.enter_context(database_of(database))
        stand_ins = Shops()
        stand_ins.open()
        allowed = ",".join(stand_ins.url(number) for number in range(shops))
        app = stack.enter_context(running_app(Path(folder), allowed, database_url=url, log_level="ERROR"))
        migrate(app.app.database)
        with app.app.database.write() as db:
            for number in range(shops):
                shop_id = add_shop(
                    db, saleor_api_url=stand_ins.url(number), state=ACTIVE, app_id=APP_ID, name=f"Shop {number}",
                    sealed_token=app.app.vault.seal(b"t" * 30), sealed_secret=app.app.vault.seal(b"s" * 32),
                    saleor_version="3.23.28", permissions=["MANAGE_ORDERS", "MANAGE_USERS"],
                    jwks=stand_ins.signer.jwks, mode=LIVE, installed_at=datetime.now(UTC),
                )  # fmt: skip
                publish_starter_program(db, shop_id, currency="USD", language="en", now=datetime.now(UTC))
        app.start("worker", "worker")
        ready = Stage(stand_ins, app)
        warm_up = [Wanted(0, number, 0) for number in range(shops)]
        stand_ins.send(app.url, warm_up)
        ready.latencies(warm_up)
        ready.wait_until_quiet()
        time.sleep(CLOCKS_DIFFER.total_seconds())  # orders from before a start are looked at first
        yield ready


def tree(pid: int) -> list[int]:
    """A process and its children, by their ids."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(deeper for child in children for deeper in tree(int(child)))]


def cpu_seconds(pid: int) -> float:
    """How long a process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """How much memory a process holds (RSS)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
