"""The stage that every scene acts upon: a demo shop with two channels, the app as real processes, and buyers."""

import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from postgres_server import PostgresServer
from processes import Processes, wait_until

from chaos import points
from chaos.places import Places
from saleor_loyalty_app.demo.apps import App as InstalledApp
from saleor_loyalty_app.demo.mischief import CALM, Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import DemoShop
from saleor_loyalty_app.store import inbox, orders, parcels, work
from saleor_loyalty_app.store.shops import Shop, all_shops

NOTES, LINES = "notes", "lines"
"""Two channels: one is told by notes, in the other the extra is an order line and the order is confirmed."""
PIECES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a scene needs of its stage."""

    postgres: bool = False
    workers: int = 1
    retry_scale: float = 0.05
    """How fast the shop sends again what it could not deliver: 1 is as in life, 10 to 160 seconds."""
    settle_seconds: float = 1.0
    version: str = "3.23.28"
    disk_megabytes: int = 0
    """The size of the disk that all data are on; 0 for the machine's own."""
    places: bool = False
    """Whether each worker is on a machine of its own, as far as the network goes."""


@dataclass
class Stage:
    """What a scene acts upon. `placed` are the orders it is judged by, `faults` what it found itself."""

    demo: DemoShop
    app: Processes
    installed: InstalledApp
    postgres: PostgresServer | None
    folder: Path
    seed: int
    setting: Setting
    places: Places | None = None
    placed: list[Order] = field(default_factory=list)
    more: list[Order] = field(default_factory=list)
    """Orders that an undisturbed run has not: judged, but not compared."""
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What is worth saying beside the result: how fast something was taken over, say."""
    asked: list[tuple[float, str, str | None]] = field(default_factory=list)
    """Each request to the shop: when, what, and how it failed on purpose."""
    fallen: Counter[str] = field(default_factory=Counter)
    """How often each process was found dead and started again."""

    def __post_init__(self) -> None:
        """Two dice: what is bought is the same in every scene, whatever goes wrong meanwhile."""
        self.buyers = random.Random(self.seed)  # noqa: S311 - chance for play
        self.dice = random.Random(self.seed + 1)  # noqa: S311 - chance for play
        self._lost: set[str] = set()
        self._over = threading.Event()

    @property
    def shop(self) -> Shop:
        """The shop as the app knows it."""
        with self.app.app.database.read() as db:
            (shop,) = all_shops(db)
        return shop

    # ---- Buyers

    def buy(self) -> Order:
        """Somebody buys, in one of the channels: thirty people who come again and again, or a new guest."""
        channel, who = self.buyers.choice((NOTES, LINES)), self.buyers.randrange(60)
        email = f"regular-{who}@example.com" if who < 30 else f"guest-{len(self.placed)}@example.com"
        order = self._place(channel, email, self.buyers.randint(1, 3))
        self.placed.append(order)
        if self.buyers.random() < 1 / 12:
            self.demo.shop.desk.cancel(order)
        return order

    def buy_more(self) -> None:
        """Somebody buys who would not have come in an undisturbed run."""
        shop = self.demo.shop
        keys, shop._keys = shop._keys, self.dice
        self.more.append(self._place(self.dice.choice((NOTES, LINES)), f"more-{len(self.more)}@example.com", 1))
        shop._keys = keys

    def _place(self, channel: str, email: str, quantity: int) -> Order:
        catalogue = self.demo.shop.catalogue
        tea = next(variant for variant in catalogue.variants.values() if variant.sku == "ASSAM")
        return self.demo.shop.orders.place([(tea, quantity)], channel=catalogue.channels[channel], email=email)

    def buy_many(
        self, count: int, *, every_seconds: float = 0.02, meanwhile: Callable[[int], None] | None = None
    ) -> None:
        """Let so many orders come; `meanwhile` is called with the number of each. One in twelve is cancelled."""
        for number in range(count):
            self.buy()
            if meanwhile:
                meanwhile(number)
            time.sleep(every_seconds)

    def misbehave(self, mischief: Mischief) -> None:
        """Let the shop play by other rules from now on."""
        self.demo.shop.fate.change(mischief)

    # ---- Processes

    def start(self, name: str) -> None:
        """Start a process by its name: web, worker-1, worker-2 ..."""
        self._lost.discard(name)
        if name == "web":
            self.app.start(name, "run", "--web-only")
        elif self.places:
            own = self.folder / name
            self.app.start(
                name, "worker", inside=self.places.inside(name), LOYALTY_DATA_DIR=str(own),
                LOYALTY_DATABASE_URL=self.places.database_url,
            )  # fmt: skip
        else:
            self.app.start(name, "worker")

    def kill(self, name: str, *, for_good: bool = False) -> None:
        """kill -9 a process; it is started again at once, unless it is lost for good."""
        if for_good:
            self._lost.add(name)
        self.app.signal(name, signal.SIGKILL)

    def watch_over_processes(self) -> None:
        """Start again what has fallen, as the service manager of a machine does."""
        while not self._over.wait(0.2):
            for name in self.app.fallen():
                if name not in self._lost:
                    self.fallen[name] += 1
                    self.app.kill(name)
                    self.start(name)

    def is_stopped(self, name: str) -> bool:
        """Whether a process stands still (SIGSTOP)."""
        status = Path(f"/proc/{self.app.running[name].pid}/stat").read_text()
        return status.rpartition(")")[2].split()[0] == "T"

    def end(self) -> None:
        """Watch no more."""
        self._over.set()

    def set_clock(self, hours: float) -> None:
        """Put the clock of all the app's processes so many hours ahead of the true time, or behind it."""
        points.set_clock(self.folder, hours * 3600)

    def shut_out(self, how_long: float) -> None:
        """PostgreSQL is gone for so many seconds."""
        if self.postgres is None:
            raise ValueError("there is no server to stop")
        self.postgres.stop()
        time.sleep(how_long)
        self.postgres.start()

    # ---- What is there

    def untold(self, placed: Sequence[Order]) -> int:
        """How many of these orders the app has not told the shop about yet; cancelled ones are not waited for."""
        shop = self.shop
        with self.app.app.database.read() as db:
            rows = [orders.order_by_saleor_id(db, shop.id, order.id) for order in placed if order.status != "CANCELED"]
            found = [parcels.parcel_of_order(db, shop.id, row.id) if row else None for row in rows]
        return sum(parcel is None or parcel.told_at is None for parcel in found)

    def come_to_rest(self, *, seconds: float) -> None:
        """Wait, with everything in order again, until nothing is on its way and nothing waits.

        Raises AssertionError or TimeoutError when that takes longer.
        """
        self.misbehave(CALM)
        self.demo.shop.settle(seconds)
        wait_until(self.is_quiet, seconds=seconds, every=0.5)

    def is_quiet(self) -> bool:
        """Whether nothing waits in the app; what failed and waits for a person is left to the judge."""
        with self.app.app.database.read() as db:
            counts, _ = work.state_of_all(db)
            waiting, _ = inbox.waiting_of_all(db)
        return waiting == 0 and not counts.get(work.RUNNING) and not counts.get(work.WAITING)

    def look_hourly(self, *also: str) -> None:
        """Ask for what the app does by itself every hour, and for more that it does at night."""
        app = self.app.app
        with app.database.write() as db:
            for subject in ("shop:", *also):
                work.want(db, self.shop.id, subject, due_at=app.now(), now=app.now(), at_once=True)
