"""Killed at any moment, also between a mutation and its mark: no order is lost, none gets anything twice."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from operated_shop import LINES, NOTES, STOCK, OperatedShop, operated_shop
from processes import answers, free_port, wait_until

from saleor_loyalty_app.store import parcels, stock

pytestmark = pytest.mark.crash

STALL_SECONDS = 1.5
# Where the worker is killed: at this request of the app, before or after the shop has carried it out.
POINTS = [
    (channel, operation, after)
    for channel, operations in {
        NOTES: ["ReadOrder", "TellShop"],
        LINES: ["ReadOrder", "ReadOrderLineGuards", "OrderLinesCreate", "TellShop", "OrderConfirm"],
    }.items()
    for operation in operations
    for after in (False, True)
]


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatedShop]:
    with operated_shop(tmp_path_factory.mktemp("crash"), stall_seconds=STALL_SECONDS) as operated:
        yield operated


@pytest.mark.parametrize(
    ("channel", "operation", "after"),
    POINTS,
    ids=[f"{channel}-{'after' if after else 'before'}-{operation}" for channel, operation, after in POINTS],
)
def test_an_order_is_told_once_when_the_worker_is_killed(
    operated: OperatedShop, channel: str, operation: str, after: bool
) -> None:
    shop = operated.demo.shop
    asked = shop.calls[operation]
    shop.fate.fail_next("stall", operation=operation, after_effect=after)
    order = operated.buy(channel, f"{channel}-{operation}-{after}@example.com".lower())
    wait_until(lambda: shop.calls[operation] > asked)
    time.sleep(STALL_SECONDS / 3)  # the shop has carried it out by now, or never will, and has not answered yet
    _kill_worker(operated)
    wait_until(lambda: operated.is_told(order))
    wait_until(operated.is_quiet)
    operated.assert_once(order, channel)
    assert order.status == "UNFULFILLED"


def test_twenty_orders_survive_a_worker_that_is_killed_again_and_again(operated: OperatedShop) -> None:
    placed = [
        (operated.buy(channel, f"again-{n}@example.com"), channel) for n in range(10) for channel in (NOTES, LINES)
    ]
    for pause in (0.9, 1.6, 1.1, 2.0):
        time.sleep(pause)
        _kill_worker(operated)
    wait_until(lambda: all(operated.is_told(order) for order, _ in placed), seconds=120)
    wait_until(operated.is_quiet)
    for order, channel in placed:
        operated.assert_once(order, channel)


def test_no_web_process_serves_on_when_its_server_is_killed(operated: OperatedShop) -> None:
    processes = operated.processes
    processes.start("beside", "run", "--web-only", LOYALTY_PORT=str(port := free_port()))
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"))
    processes.running["beside"].kill()  # the server alone, not what it started
    wait_until(lambda: not answers(f"http://127.0.0.1:{port}"))


def test_the_stock_of_extras_is_exactly_what_was_given(operated: OperatedShop) -> None:
    shop = operated.shop
    with operated.processes.app.database.read() as db:
        given = Counter(
            item.extra_id
            for parcel in parcels.latest_parcels(db, shop.id, limit=1000)
            for item in parcels.items_of(db, shop.id, parcel.id)
            if item.state in parcels.STANDING
        )
        left = stock.stock_of(db, shop.id)
    assert given["sweet"] > 0
    assert left["sweet"] == STOCK - given["sweet"]


def _kill_worker(operated: OperatedShop) -> None:
    operated.processes.kill("worker")
    operated.processes.start("worker", "worker")
