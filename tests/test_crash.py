"""Killed at any moment, also between a mutation and its mark: no order is lost, none gets anything twice."""

import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from processes import Processes, answers, free_port, running_app, wait_until

from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.store import orders, parcels, stock, work
from saleor_loyalty_app.store.shops import LIVE, all_shops

pytestmark = pytest.mark.crash

STALL_SECONDS = 1.5
PROGRAM = """
name = "Crash"
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
stock = 100
variant = "{variant}"
[[notes]]
id = "hello"
language = "en"
text = "{{{{ greeting }}}}"
[delivery.lines]
by = "order_line"
confirm_order = true
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoShop]:
    with running_shop(mischief=Mischief(stall_seconds=STALL_SECONDS)) as demo:
        catalogue = demo.shop.catalogue
        catalogue.add_channel("notes", "EUR", "DE", confirms_orders=True)
        catalogue.add_channel("lines", "EUR", "DE", confirms_orders=False)
        prices = {"notes": Decimal("12.90"), "lines": Decimal("12.90")}
        catalogue.add_product("Assam", prices, sku="ASSAM")
        catalogue.add_product("Sweet", prices, sku="SWEET", gift_only=True)
        yield demo


@pytest.fixture(scope="module")
def processes(demo: DemoShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    folder: Path = tmp_path_factory.mktemp("crash")
    with running_app(folder, demo.api_url) as processes:
        demo.shop.apps.install(f"{processes.url}/api/manifest")
        processes.start("worker", "worker")
        with processes.app.database.read() as db:
            (shop,) = all_shops(db)
        variant = _variant(demo, "SWEET")
        publish_program(
            processes.app, shop.id, toml=PROGRAM.format(variant=variant.id), published_by="test", drops_allowed=True
        )
        switch_mode(processes.app, shop.id, LIVE)
        wait_until(lambda: _is_quiet(processes))
        yield processes


# Where the worker is killed: at this request of the app, before or after the shop has carried it out.
POINTS = [
    (channel, operation, after)
    for channel, operations in {
        "notes": ["ReadOrder", "TellShop"],
        "lines": ["ReadOrder", "ReadOrderLineGuards", "OrderLinesCreate", "TellShop", "OrderConfirm"],
    }.items()
    for operation in operations
    for after in (False, True)
]


@pytest.mark.parametrize(
    ("channel", "operation", "after"),
    POINTS,
    ids=[f"{channel}-{'after' if after else 'before'}-{operation}" for channel, operation, after in POINTS],
)
def test_an_order_is_told_once_when_the_worker_is_killed(
    demo: DemoShop, processes: Processes, channel: str, operation: str, after: bool
) -> None:
    asked = demo.shop.calls[operation]
    demo.shop.fate.fail_next("stall", operation=operation, after_effect=after)
    order = _place(demo, channel, f"{channel}-{operation}-{after}@example.com".lower())
    wait_until(lambda: demo.shop.calls[operation] > asked)
    time.sleep(STALL_SECONDS / 3)  # the shop has carried it out by now, or never will, and has not answered yet
    processes.kill("worker")
    processes.start("worker", "worker")
    wait_until(lambda: _is_told(processes, order))
    wait_until(lambda: _is_quiet(processes))
    _assert_once(processes, order, channel)


def test_twenty_orders_survive_a_worker_that_is_killed_again_and_again(demo: DemoShop, processes: Processes) -> None:
    placed = [_place(demo, "notes" if n % 2 else "lines", f"again-{n}@example.com") for n in range(20)]
    for pause in (0.9, 1.6, 1.1, 2.0):
        time.sleep(pause)
        processes.kill("worker")
        processes.start("worker", "worker")
    wait_until(lambda: all(_is_told(processes, order) for order in placed), seconds=120)
    wait_until(lambda: _is_quiet(processes))
    for n, order in enumerate(placed):
        _assert_once(processes, order, "notes" if n % 2 else "lines")


def test_no_web_process_serves_on_when_its_server_is_killed(processes: Processes) -> None:
    processes.start("beside", "run", "--web-only", LOYALTY_PORT=str(port := free_port()))
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"))
    processes.running["beside"].kill()  # the server alone, not what it started
    wait_until(lambda: not answers(f"http://127.0.0.1:{port}"))


def test_the_stock_of_extras_is_exactly_what_was_given(demo: DemoShop, processes: Processes) -> None:
    with processes.app.database.read() as db:
        (shop,) = all_shops(db)
        given = Counter(
            item.extra_id
            for parcel in parcels.latest_parcels(db, shop.id, limit=1000)
            for item in parcels.items_of(db, shop.id, parcel.id)
            if item.state in parcels.STANDING
        )
        left = stock.stock_of(db, shop.id)
    assert left["sweet"] == 100 - given["sweet"]


def _variant(demo: DemoShop, sku: str) -> Variant:
    return next(variant for variant in demo.shop.catalogue.variants.values() if variant.sku == sku)


def _place(demo: DemoShop, channel: str, email: str) -> Order:
    catalogue = demo.shop.catalogue
    return demo.shop.orders.place([(_variant(demo, "ASSAM"), 1)], channel=catalogue.channels[channel], email=email)


def _assert_once(processes: Processes, order: Order, channel: str) -> None:
    notes = [note.message for note in order.notes if note.type == "NOTE_ADDED"]
    assert len(notes) == 1, notes
    free_lines = [line for line in order.lines if line.product_name == "Sweet"]
    assert len(free_lines) == (1 if channel == "lines" else 0)
    assert order.status == "UNFULFILLED"


def _is_told(processes: Processes, order: Order) -> bool:
    with processes.app.database.read() as db:
        (shop,) = all_shops(db)
        row = orders.order_by_saleor_id(db, shop.id, order.id)
        parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
    return parcel is not None and parcel.told_at is not None


def _is_quiet(processes: Processes) -> bool:
    with processes.app.database.read() as db:
        (shop,) = all_shops(db)
        counts = work.counts(db, shop.id)
    return not counts.get(work.RUNNING) and not counts.get(work.WAITING)
