"""A demo shop with the app as real processes, live, with notes in one channel and free order lines in the other."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from processes import Processes, running_app, wait_until

from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.store import inbox, orders, parcels, work
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import LIVE, Shop, all_shops

NOTES, LINES = "notes", "lines"
STOCK = 1000
PROGRAM = """
name = "Operated"
currency = "EUR"
languages = ["en"]
[sender]
name = "Mira"
[[tiers]]
id = "gold"
name = {{ en = "Gold" }}
enter = {{ orders = 1 }}
[[extras]]
id = "sweet"
name = {{ en = "Sweet" }}
kind = "signature"
cost = "0.20"
stock = {stock}
variant = "{variant}"
[[notes]]
id = "hello"
language = "en"
text = "{{{{ greeting }}}}"
[delivery.lines]
by = "order_line"
confirm_order = true
"""


@dataclass
class OperatedShop:
    """The shop, the app's processes, and what an operator does with them."""

    demo: DemoShop
    processes: Processes
    folder: Path

    @property
    def shop(self) -> Shop:
        with self.processes.app.database.read() as db:
            (shop,) = all_shops(db)
        return shop

    def variant(self, sku: str) -> Variant:
        return next(one for one in self.demo.shop.catalogue.variants.values() if one.sku == sku)

    def buy(self, channel: str, email: str) -> Order:
        catalogue = self.demo.shop.catalogue
        return self.demo.shop.orders.place(
            [(self.variant("ASSAM"), 1)], channel=catalogue.channels[channel], email=email
        )  # fmt: skip

    def parcel(self, order: Order) -> Parcel | None:
        with self.processes.app.database.read() as db:
            row = orders.order_by_saleor_id(db, self.shop.id, order.id)
            return parcels.parcel_of_order(db, self.shop.id, row.id) if row else None

    def is_told(self, order: Order) -> bool:
        parcel = self.parcel(order)
        return parcel is not None and parcel.told_at is not None

    def is_quiet(self) -> bool:
        with self.processes.app.database.read() as db:
            counts = work.counts(db, self.shop.id)
            waiting, _ = inbox.waiting_of_all(db)
        return not waiting and not counts.get(work.RUNNING) and not counts.get(work.WAITING)

    def come_to_rest(self) -> None:
        self.demo.shop.settle(60)
        wait_until(self.is_quiet)

    def assert_once(self, order: Order, channel: str) -> None:
        """The order has one parcel with one sweet, one packing note, and where it should one line."""
        parcel = self.parcel(order)
        assert parcel is not None
        assert [extra.extra_id for extra in parcel.plan.extras.chosen] == ["sweet"]
        notes = [note.message for note in order.notes if note.type == "NOTE_ADDED"]
        assert len(notes) == 1, notes
        assert parcel.code in notes[0]
        lines = [line for line in order.lines if line.product_name == "Sweet"]
        assert len(lines) == (1 if channel == LINES else 0)
        assert sum(line.quantity for line in lines) == len(lines)

    def stop_all(self) -> dict[str, int]:
        """SIGTERM to everything that runs; return the exit codes."""
        codes = {}
        for name, process in list(self.processes.running.items()):
            process.terminate()
            codes[name] = process.wait(30)
        self.processes.running.clear()
        return codes

    def start_all(self) -> None:
        self.processes.start("web", "run", "--web-only")
        self.processes.start("worker", "worker")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as an operator does."""
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "saleor_loyalty_app", *arguments], env=self.processes.environment,
            capture_output=True, text=True, timeout=120, check=False, cwd=self.folder,
        )  # fmt: skip


@contextmanager
def operated_shop(folder: Path, *, database_url: str = "", stall_seconds: float = 15) -> Iterator[OperatedShop]:
    """The app installed and live, web and worker running, nothing on its way."""
    with running_shop(mischief=Mischief(stall_seconds=stall_seconds)) as demo:
        catalogue = demo.shop.catalogue
        catalogue.add_channel(NOTES, "EUR", "DE", confirms_orders=True)
        catalogue.add_channel(LINES, "EUR", "DE", confirms_orders=False)
        prices = {NOTES: Decimal("12.90"), LINES: Decimal("12.90")}
        catalogue.add_product("Assam", prices, sku="ASSAM", stock=None)
        catalogue.add_product("Sweet", prices, sku="SWEET", gift_only=True, stock=None)
        with running_app(folder, demo.api_url, database_url=database_url) as processes:
            operated = OperatedShop(demo, processes, folder)
            demo.shop.apps.install(f"{processes.url}/api/manifest")
            processes.start("worker", "worker")
            toml = PROGRAM.format(variant=operated.variant("SWEET").id, stock=STOCK)
            publish_program(processes.app, operated.shop.id, toml=toml, published_by="test", drops_allowed=True)
            switch_mode(processes.app, operated.shop.id, LIVE)
            wait_until(operated.is_quiet)
            yield operated


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def seconds_to_end(process: subprocess.Popen[bytes], signal_number: int) -> tuple[float, int]:
    """Send a signal; return how long the process took to end, and its exit code."""
    began = time.monotonic()
    process.send_signal(signal_number)
    code = process.wait(60)
    return time.monotonic() - began, code
