"""A shop's past is read in pages, goes on after a crash where it was, and gives nobody a surprise."""

import re
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, fresh, global_id, order_node, user_node
from sqlalchemy import func, select
from wire import ShopWire, answer_lost, denied, down

from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.read_history import read_history_page, sweep_changes
from saleor_loyalty_app.services.reward_order import keep_facts, reward_order
from saleor_loyalty_app.store import history, orders, work
from saleor_loyalty_app.store.history import HistoryRead
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers
from saleor_loyalty_app.store.tables import orders as order_rows

NO_LIMIT = Pace(0)
LONG_AGO = NOW - timedelta(days=300)


@pytest.fixture(autouse=True)
def _begun(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        for kind in history.KINDS:
            history.start_reading(db, shop.id, kind, read_from=NOW - timedelta(days=730), now=NOW)


def has_past_orders(wire: ShopWire, count: int = 7) -> None:
    wire.largest_page = 3
    for number in range(1, count + 1):
        placed = (LONG_AGO + timedelta(days=number)).isoformat()
        wire.has_order(number, created=placed, updatedAt=placed, user=user_node(number % 3))


def read_all(app: App, shop: Shop, kind: str = "orders") -> int:
    pages = 1
    while read_history_page(app, shop, kind, NO_LIMIT):
        pages += 1
    return pages


def reading(app: App, shop: Shop, kind: str = "orders") -> HistoryRead:
    with app.database.read() as db:
        return history.history_of(db, shop.id)[kind]


def count(app: App, table: Any) -> int:
    with app.database.read() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def wished(app: App, shop: Shop, subject: str) -> work.Work | None:
    with app.database.read() as db:
        return work.find(db, shop.id, subject)


def test_all_pages_are_read_oldest_first_with_progress(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire)
    seen = []
    for _ in range(3):
        read_history_page(app, shop, "orders", NO_LIMIT)
        now = reading(app, shop)
        seen.append((now.read, now.total, now.state))
    assert seen == [(3, 7, "reading"), (6, 7, "reading"), (7, 7, "done")]
    assert count(app, order_rows) == 7
    assert count(app, customers) == 3


def test_reading_never_asks_for_the_origin_in_a_list(app: App, shop: Shop, wire: ShopWire) -> None:
    """One order without an origin would null the whole page (verified.md §9)."""
    has_past_orders(wire)
    read_all(app, shop)
    assert not [asked for asked in wire.asked if re.search(r"\borigin\b", asked.query)]


def test_only_orders_from_the_configured_time_are_asked_for(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire, 1)
    wire.has_order(99, created=(NOW - timedelta(days=800)).isoformat())
    read_all(app, shop)
    assert wire.asked[0].variables["where"] == {"createdAt": {"gte": (NOW - timedelta(days=730)).isoformat()}}
    assert count(app, order_rows) == 1


def test_nobody_gets_a_surprise_for_an_old_order(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire)
    read_all(app, shop)
    assert count(app, parcels) == 0
    reward_order(app, shop, global_id("Order", 1))
    assert count(app, parcels) == 0


def test_a_page_is_asked_for_again_after_a_crash_and_no_other(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire)
    read_history_page(app, shop, "orders", NO_LIMIT)
    wire.next_time("ReadOrders", down, answer_lost)
    for _ in range(2):
        with pytest.raises(TryAgain):
            read_history_page(app, shop, "orders", NO_LIMIT)
    assert reading(app, shop).read == 3
    read_all(app, shop)
    assert [asked.variables["after"] for asked in wire.asked] == [None, "3", "3", "3", "6"]
    assert reading(app, shop).read == 7


def test_a_page_is_kept_whole_or_not_at_all(
    app: App, shop: Shop, wire: ShopWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in the middle of a page: as when the process dies between two of its orders."""
    has_past_orders(wire)
    real, seen = keep_facts, []

    def dies_at_the_second(*means: Any, **more: Any) -> Any:
        seen.append(means)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(*means, **more)

    monkeypatch.setattr("saleor_loyalty_app.services.reward_order.keep_facts", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        read_history_page(app, shop, "orders", NO_LIMIT)
    assert (count(app, order_rows), reading(app, shop).read) == (0, 0)
    read_all(app, shop)
    assert (count(app, order_rows), reading(app, shop).read) == (7, 7)


def test_a_reading_that_is_done_asks_nothing_more(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire, 1)
    read_all(app, shop)
    wire.asked.clear()
    assert read_history_page(app, shop, "orders", NO_LIMIT) is False
    assert wire.asked == []


def test_a_missing_permission_stops_the_reading_where_it_is(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire)
    read_history_page(app, shop, "orders", NO_LIMIT)
    wire.next_time("ReadOrders", denied)
    with pytest.raises(Denied):
        read_history_page(app, shop, "orders", NO_LIMIT)
    assert (reading(app, shop).read, reading(app, shop).state) == (3, "reading")
    read_all(app, shop)
    assert reading(app, shop).state == "done"


def test_customers_are_read_too(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.largest_page = 2
    for number in range(1, 4):
        wire.has_user(number)
    assert read_all(app, shop, "customers") == 2
    assert count(app, customers) == 3


def test_when_both_are_read_the_tiers_are_reviewed(app: App, shop: Shop, wire: ShopWire) -> None:
    has_past_orders(wire, 1)
    read_all(app, shop, "orders")
    assert wished(app, shop, "review:") is None
    read_all(app, shop, "customers")
    assert wished(app, shop, "review:") is not None


def test_an_empty_shop_is_done_at_once(app: App, shop: Shop, wire: ShopWire) -> None:
    assert read_all(app, shop, "orders") == 1
    assert (reading(app, shop).read, reading(app, shop).total, reading(app, shop).state) == (0, 0, "done")


def test_a_kind_that_was_never_begun_is_not_read(app: App, wire: ShopWire, shop: Shop) -> None:
    assert read_history_page(app, shop, "gift-cards", NO_LIMIT) is False


def test_history_does_not_overwrite_what_an_event_brought_meanwhile(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(1, created=LONG_AGO.isoformat(), updatedAt=NOW.isoformat(), totalRefunded={"amount": 50})
    reward_order(app, shop, order_id)
    wire.has_order(1, created=LONG_AGO.isoformat(), updatedAt=LONG_AGO.isoformat())
    read_all(app, shop)
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
    assert row
    assert row.money_minor == 0


# ---- The sweep


def test_a_sweep_looks_again_at_what_changed_without_an_event(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    known = wire.has_order(1)
    reward_order(app, shop, known)
    changed = wire.has_order(2)
    reward_order(app, shop, changed)
    wire.change_order(changed, updatedAt=(NOW + timedelta(hours=1)).isoformat())
    new = wire.has_order(3)
    old = wire.has_order(4, updatedAt=LONG_AGO.isoformat())
    clock.pass_time(hours=2)
    assert sweep_changes(app, shop) == 2
    assert [order for order in (known, changed, new, old) if wished(app, shop, f"order:{order}")] == [changed, new]
    assert fresh(app, shop).swept_to == NOW + timedelta(hours=1), "the shop's own clock, whatever ours says"


def test_a_sweep_reads_all_pages_and_overlaps_with_the_one_before(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.largest_page = 2
    for number in range(1, 6):
        wire.has_order(number)
    assert sweep_changes(app, shop) == 5
    assert wire.times("ReadOrders") == 3
    since = (NOW - timedelta(days=1, minutes=10)).isoformat()
    assert {asked.variables["where"]["updatedAt"]["gte"] for asked in wire.asked} == {since}


def test_a_sweep_that_breaks_off_begins_again_from_the_same_time(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.largest_page = 2
    for number in range(1, 6):
        wire.has_order(number)
    wire.next_time("ReadOrders", lambda wire, asked: wire.carry_out(asked), down)
    with pytest.raises(TryAgain):
        sweep_changes(app, shop)
    assert fresh(app, shop).swept_to == shop.swept_to
    assert sweep_changes(app, fresh(app, shop)) == 5


def test_a_node_of_the_list_has_no_origin_and_no_weight(wire: ShopWire) -> None:
    wire.has_order(1)
    listed = wire._ReadOrders(first=1, after=None, where=None, sortBy=None)["orders"]["edges"][0]["node"]
    assert set(order_node()) - set(listed) == {"origin", "weight"}
