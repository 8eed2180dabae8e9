"""The stage of every scene: a demo shop with two channels, the app as real processes, and buyers."""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from postgres_server import PostgresServer, running_postgres
from processes import Processes, running_app, wait_until

from saleor_loyalty_app.demo.apps import App as InstalledApp
from saleor_loyalty_app.demo.mischief import CALM, Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.store import inbox, work
from saleor_loyalty_app.store.shops import LIVE, Shop, all_shops

NOTES, LINES = "notes", "lines"
"""Two channels: one is told by notes, in the other the extra is an order line and the order is confirmed."""
PIECES = 100_000
PROGRAM = """
name = "Chaos"
currency = "EUR"
languages = ["en"]
[sender]
name = "Mira"
[[tiers]]
id = "regular"
name = {{ en = "Regular" }}
enter = {{ orders = 2 }}
[[extras]]
id = "sweet"
name = {{ en = "Sweet" }}
kind = "signature"
cost = "0.20"
stock = {pieces}
variant = "{sweet}"
[[extras]]
id = "tea"
name = {{ en = "Tea sample" }}
kind = "surprise"
cost = "0.50"
stock = {pieces}
variant = "{sample}"
again_after_days = 0
[[extras]]
id = "card"
name = {{ en = "Art card" }}
kind = "surprise"
cost = "0.30"
stock = {pieces}
variant = "{card}"
again_after_days = 0
[[surprises]]
chance = 0.5
pool = ["tea", "card"]
[[notes]]
id = "hello"
language = "en"
text = "{{{{ greeting }}}}"
[delivery.lines]
by = "order_line"
confirm_order = true
"""


@dataclass
class Stage:
    """What a scene acts upon. `placed` are the orders it is judged by."""

    demo: DemoShop
    app: Processes
    installed: InstalledApp
    postgres: PostgresServer | None
    dice: random.Random
    placed: list[Order] = field(default_factory=list)
    workers: int = 1

    @property
    def shop(self) -> Shop:
        """The shop as the app knows it."""
        with self.app.app.database.read() as db:
            (shop,) = all_shops(db)
        return shop

    def buy(self) -> Order:
        """Somebody buys, in one of the channels: thirty people who come again and again, or a new guest."""
        catalogue = self.demo.shop.catalogue
        tea = next(variant for variant in catalogue.variants.values() if variant.sku == "ASSAM")
        channel = catalogue.channels[self.dice.choice((NOTES, LINES))]
        who = self.dice.randrange(60)
        email = f"regular-{who}@example.com" if who < 30 else f"guest-{len(self.placed)}@example.com"
        order = self.demo.shop.orders.place([(tea, self.dice.randint(1, 3))], channel=channel, email=email)
        self.placed.append(order)
        return order

    def buy_many(
        self, count: int, *, every_seconds: float = 0.02, meanwhile: Callable[[int], None] | None = None
    ) -> None:
        """Let so many orders come; `meanwhile` is called with the number of each. One in twelve is cancelled."""
        for number in range(count):
            order = self.buy()
            if self.dice.random() < 1 / 12:
                self.demo.shop.desk.cancel(order)
            if meanwhile:
                meanwhile(number)
            time.sleep(every_seconds)

    def misbehave(self, mischief: Mischief) -> None:
        """Let the shop play by other rules from now on."""
        self.demo.shop.fate.change(mischief)

    def kill(self, name: str) -> None:
        """kill -9 a process and start it again at once."""
        self.app.kill(name)
        self.start(name)

    def start(self, name: str) -> None:
        """Start a process by its name: web, worker, worker-2 ..."""
        self.app.start(name, *(("run", "--web-only") if name == "web" else ("worker",)))

    def come_to_rest(self, *, seconds: float) -> None:
        """Wait, with everything in order again, until nothing is on its way and nothing waits.

        Raises AssertionError when that takes longer.
        """
        self.misbehave(CALM)
        self.demo.shop.settle(seconds)
        wait_until(self.is_quiet, seconds=seconds)

    def is_quiet(self) -> bool:
        """Whether nothing waits in the app; what failed and waits for a person is left to the judge."""
        with self.app.app.database.read() as db:
            counts, _ = work.state_of_all(db)
            waiting, _ = inbox.waiting_of_all(db)
        return waiting == 0 and not counts.get(work.RUNNING) and not counts.get(work.WAITING)


@contextmanager
def stage(*, postgres: bool, seed: int, workers: int = 1) -> Iterator[Stage]:
    """A shop that is live, with its program published and the app running."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, running_shop(seed=seed) as demo:
        catalogue = demo.shop.catalogue
        catalogue.add_channel(NOTES, "EUR", "DE", confirms_orders=True)
        catalogue.add_channel(LINES, "EUR", "DE", confirms_orders=False)
        prices = {NOTES: Decimal("12.90"), LINES: Decimal("12.90")}
        catalogue.add_product("Assam", prices, sku="ASSAM", stock=None)
        free = [
            catalogue.add_product(name, prices, sku=name.upper(), gift_only=True, stock=None)
            for name in ("Sweet", "Sample", "Card")
        ]
        with _database(postgres) as server:
            url = server.url if server else ""
            with running_app(Path(folder), demo.api_url, database_url=url, log_level="ERROR") as app:
                installed = demo.shop.apps.install(f"{app.url}/api/manifest")
                found = Stage(demo, app, installed, server, random.Random(seed), workers=workers)  # noqa: S311
                for number in range(workers):
                    found.start("worker" if number == 0 else f"worker-{number + 1}")
                sweet, sample, card = (variant.id for variant in free)
                toml = PROGRAM.format(sweet=sweet, sample=sample, card=card, pieces=PIECES)
                publish_program(app.app, found.shop.id, toml=toml, published_by="chaos", drops_allowed=True)
                switch_mode(app.app, found.shop.id, LIVE)
                wait_until(found.is_quiet)
                yield found


@contextmanager
def _database(postgres: bool) -> Iterator[PostgresServer | None]:
    if not postgres:
        yield None
        return
    with running_postgres() as server:
        yield server
