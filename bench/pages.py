"""How long each page of the panel and each widget takes in a large shop: `python -m bench pages --help`.

Asked through Flask as the dashboard asks, with a valid token; the answer is complete when the clock stops.
"""

import argparse
import gzip
import logging
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from factories import NOW, Clock, dashboard_token, jwks, make_settings
from flask.testing import FlaskClient
from postgres_server import pg_ctl, postgres_server
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from bench.pages_data import RARE, fill
from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import Shop, all_shops, change_shop
from saleor_loyalty_app.store.tables import customers, orders
from saleor_loyalty_app.web import create_app

ROUNDS = 15
GOAL_MS = 100
OK = 200
Ask = Callable[[], TestResponse]


def main(arguments: list[str] | None = None) -> None:
    """Build what is not there yet, ask for each page some times, print a table for each database."""
    logging.disable()
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = options.folder or Path(scratch)
        for url in _databases(options, folder):
            with _opened(url, folder, options) as app:
                _measure(app, options.only)
    _weigh()


def _measure(app: App, only: str) -> None:
    print(f"{'page':<46} {'best':>7} {'median':>7} {'p95':>7} {'CPU':>7} ms {'KB':>6}")
    for name, ask in Visitor(app).pages():
        if only not in name:
            continue
        wall, cpu, answer = timed(ask)
        median = statistics.median(wall)
        figures = (min(wall), median, sorted(wall)[int(len(wall) * 0.95)], statistics.median(cpu))
        remark = "  over the goal" if median > GOAL_MS else ""
        remark += "" if answer.status_code == OK else f"  answered {answer.status_code}"
        row = " ".join(f"{figure:>7.1f}" for figure in figures)
        print(f"{name:<46} {row}    {len(answer.data) / 1024:>6.1f}{remark}", flush=True)


class Visitor:
    """Staff who look at every page of the large shop."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.client: FlaskClient = create_app(app).test_client()
        with app.database.write() as db:
            self.shop: Shop = all_shops(db)[0]
            change_shop(db, self.shop.id, jwks=jwks())

    def pages(self) -> Iterator[tuple[str, Ask]]:
        """Each page by name, with what asks for it."""
        yield from self._first_pages()
        yield from self._parcels()
        yield from self._customers()
        yield from self._widgets()

    def _first_pages(self) -> Iterator[tuple[str, Ask]]:
        yield "Today", self._get("/")
        yield "Today: what may have changed", self._get("/now")
        for name in ("program", "costs", "health"):
            yield name.capitalize(), self._get(f"/{name}")

    def _parcels(self) -> Iterator[tuple[str, Ask]]:
        yield "Parcels", self._get("/parcels")
        for state in ("planned", "packed", "shipped", "skipped", "cancelled", "failed"):
            yield f"Parcels: {state}", self._get(f"/parcels/in/{state}")
        for rest in (
            "_/tier/gold", "_/tier/-", "_/channel/wholesale", "_/mode/rehearsal", "planned/mode/live",
            "_/from/2024-03-01/to/2024-03-31", "_/to/2024-01-01", "cancelled/tier/gold/channel/wholesale",
            "shipped/tier/gold/mode/rehearsal", "planned/to/2024-01-01", "packed/channel/nowhere",
        ):  # fmt: skip
            yield f"Parcels: {rest}", self._get(f"/parcels/in/{rest}")
        number, code = self._one(
            select(orders.c.number, parcels.c.code).join(parcels, parcels.c.order_row == orders.c.id)
        )
        for name, words in (
            ("a number", number), ("a code", code), ("rare name", " ".join(RARE)), ("rare last name", RARE[1]),
            ("common name", "Müller"), ("very common", "a"), ("first and last", "anna schm"), ("nobody", "Qqqq"),
        ):  # fmt: skip
            yield f"Parcels found by {name}", self._post("/parcels", search=words)
        yield "Parcels found by common name, waiting", self._post("/parcels", search="Müller", to_in="planned")
        yield "Parcels found by very common name, failed", self._post("/parcels", search="a", to_in="failed")
        with self.app.database.read() as db:
            middle = (db.scalar(select(func.max(parcels.c.id))) or 0) // 2
        yield "Parcels, half way back", self._post("/parcels", trail=str(middle))
        yield "One parcel", self._get(f"/parcels/{code}")

    def _customers(self) -> Iterator[tuple[str, Ask]]:
        yield "Customers", self._get("/customers")
        sorts = ("value", "value-up", "last-order", "last-order-up", "review", "review-down", "oldest")
        for rest in (
            *(f"_/by/{sort}" for sort in sorts), *(f"gold/by/{sort}" for sort in sorts),
            *(f"-/by/{sort}" for sort in sorts), "_/standing/warned", "_/standing/grace/by/value",
            "gold/standing/warned/by/value", "nowhere/by/value",
        ):  # fmt: skip
            yield f"Customers: {rest}", self._get(f"/customers/in/{rest}")
        for name, words in (
            ("rare name", " ".join(RARE)), ("common name", "Müller"), ("very common", "a"), ("nobody", "Qqqq"),
        ):  # fmt: skip
            yield f"Customers found by {name}", self._post("/customers", search=words)
            yield f"Customers found by {name}, by value", self._post("/customers", search=words, by="value")
        value, id = self._one(select(customers.c.value_minor, customers.c.id).where(customers.c.value_minor < 50_000))
        yield "Customers by value, deep", self._post("/customers", by="value", trail=f"{value}~{id}")
        often, some = self._buyer(largest=True), self._buyer(largest=False)
        yield "One customer", self._get(f"/customers/{some}")
        yield "One customer with most orders", self._get(f"/customers/{often}")

    def _widgets(self) -> Iterator[tuple[str, Ask]]:
        (order_id,) = self._one(select(orders.c.order_id).order_by(orders.c.id.desc()))
        yield "Order widget", self._widget("order", orderId=order_id)
        for name, largest in (("Customer widget", False), ("Customer widget, most orders", True)):
            query = select(customers.c.user_id).where(customers.c.id == self._buyer(largest=largest))
            yield name, self._widget("customer", customerId=self._one(query)[0])

    def _buyer(self, *, largest: bool) -> int:
        often = customers.c.orders_counted.desc()
        query = select(customers.c.id).where(customers.c.tier == "gold")
        return int(
            self._one(query.order_by(often) if largest else query.where(customers.c.orders_counted.between(2, 30)))[0]
        )

    def _one(self, query: object) -> tuple[object, ...]:
        with self.app.database.read() as db:
            return tuple(db.execute(query.limit(1)).one())  # type: ignore[attr-defined]

    def _get(self, path: str) -> Ask:
        return lambda: self.client.get(f"/panel{path}", headers=self._headers)

    def _post(self, path: str, **data: str) -> Ask:
        return lambda: self.client.post(f"/panel{path}", data=data, headers=self._headers)

    def _widget(self, kind: str, **fields: object) -> Ask:
        token = dashboard_token(datetime.now(UTC), iss=self.shop.saleor_api_url, app_extension="x")
        data = {"saleorApiUrl": self.shop.saleor_api_url, "accessToken": token, "appId": self.shop.app_id, **fields}
        return lambda: self.client.post(f"/widgets/{kind}", data=data)

    @property
    def _headers(self) -> dict[str, str]:
        token = dashboard_token(datetime.now(UTC), iss=self.shop.saleor_api_url)
        return {"Authorization-Bearer": token, "Saleor-Api-Url": self.shop.saleor_api_url, "Locale": "de"}


def timed(ask: Ask) -> tuple[list[float], list[float], TestResponse]:
    """Milliseconds by the clock and of this process, for each time after the first; and the last answer."""
    answer, wall, cpu = ask(), [], []
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        answer = ask()
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return wall, cpu, answer


def _weigh() -> None:
    """What a browser loads for the first page, pressed as the server presses it, without letters and pictures."""
    static = project_path("templates/static")
    shell = project_path("templates/panel/shell.html").read_text()
    named = sorted(set(re.findall(r"filename='([^']+\.(?:css|js))'", shell)) | {"app-bridge.js"})
    sizes = {name: len(gzip.compress((static / name).read_bytes(), 6)) for name in named}
    sizes["shell.html"] = len(gzip.compress(shell.encode(), 6))
    print(
        f"First page: {sum(sizes.values()) / 1024:.1f} KB pressed, "
        + ", ".join(f"{k} {v / 1024:.1f}" for k, v in sizes.items())
    )


def _databases(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    if options.database:
        yield options.database
        return
    yield f"sqlite:///{folder / 'pages.sqlite'}"
    if pg_ctl() and not options.sqlite_only:
        with postgres_server() as url:
            yield url


@contextmanager
def _opened(url: str, folder: Path, options: argparse.Namespace) -> Iterator[App]:
    settings = make_settings(folder, database_url=url)
    app = App(settings, Database(url), Vault(settings.secret_keys), now=Clock(NOW).now)
    migrate(app.database)
    with app.database.read() as db:
        is_filled = bool(all_shops(db))
    print(f"\n{options.customers:,} customers, {options.parcels:,} parcels, {url.partition(':')[0]}")
    if not is_filled:
        started = time.perf_counter()
        orders = options.orders or options.parcels * 11 // 10
        fill(app, customers=options.customers, parcels=options.parcels, orders=orders)
        print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
    yield app
    app.close()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, help="a tenth more than parcels, unless said otherwise")
    parser.add_argument("--folder", type=Path, help="where the SQLite file is kept, to be used again next time")
    parser.add_argument("--database", help="one database only: empty, or filled by this measurement before")
    parser.add_argument("--sqlite-only", action="store_true")
    parser.add_argument("--only", default="", help="only pages with these words in their name")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
