"""What is ready, page by page: nothing twice, nothing left out, and quickly along an index however much waits."""

from datetime import timedelta

import pytest
from factories import NOW, a_row, add_installed_shop
from sqlalchemy import Connection, event, insert

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import batches, packing_lists
from saleor_loyalty_app.store.packing_lists import DeskFilter, ReadyCount
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers, orders

METHODS, WAREHOUSES, CHANNELS = ("", "DHL", "Post"), ("W1", "W2"), ("de", "fr")


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def fill(app: App, shop: Shop, number: int) -> None:
    """Parcels of one customer, each ready a minute after the one before, but every tenth, which is not ready."""
    with app.database.write() as db:
        customer = db.execute(
            insert(customers).values(**a_row(customers, shop_id=shop.id, first_name="Anna", last_name="Nguyen"))
            .returning(customers.c.id)
        ).scalar_one()  # fmt: skip
        owned = {"shop_id": shop.id, "customer_id": customer}
        db.execute(
            insert(orders),
            [a_row(orders, **owned, id=i, order_id=f"o{i}", number=str(i)) for i in range(1, number + 1)],
        )
        db.execute(insert(parcels), [_row(i, **owned) for i in range(1, number + 1)])


def _row(i: int, **owned: int) -> dict[str, object]:
    return a_row(
        parcels, **owned, id=i, code=f"c{i}", order_row=i, mode="live", state="planned", plan={}, story={}, means={},
        channel=CHANNELS[i % 2], shipping_method=METHODS[i % 3], warehouse_id=WAREHOUSES[i // 2 % 2],
        ready_at=None if i % 10 == 0 else NOW + timedelta(minutes=i // 3),
    )  # fmt: skip


def walked(db: Connection, shop: Shop, wanted: DeskFilter, *, limit: int) -> list[int]:
    """All pages one after the other."""
    found, after = [], None
    while True:
        page = packing_lists.desk_page(db, shop.id, wanted, now=NOW, after=after, limit=limit)
        assert len(page.lines) <= limit
        found += [line.id for line in page.lines]
        if page.more is None:
            return found
        after = page.more


@pytest.mark.parametrize("order", ["oldest", "shipping_method"])
@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"channel": "fr"},
        {"warehouse": "W2"},
        {"shipping_method": "DHL"},
        {"channel": "de", "warehouse": "W1", "shipping_method": "Post"},
    ],
)
def test_pages_hold_everything_that_is_ready_once_and_in_order(
    app: App, shop: Shop, order: str, narrowed: dict[str, str]
) -> None:
    fill(app, shop, 120)
    wanted = DeskFilter(**narrowed, order=order)  # type: ignore[arg-type]
    keys = {"channel": "channel", "warehouse": "warehouse_id", "shipping_method": "shipping_method"}
    rows = [_row(i) for i in range(1, 121)]
    fit = [row for row in rows if row["ready_at"] and all(row[keys[name]] == value for name, value in narrowed.items())]
    by = (lambda row: (row["shipping_method"], row["ready_at"], row["id"])) if order != "oldest" else (
        lambda row: (row["ready_at"], row["id"]))  # fmt: skip
    with app.database.read() as db:
        assert walked(db, shop, wanted, limit=7) == [row["id"] for row in sorted(fit, key=by)]


def test_an_unusable_cursor_begins_at_the_beginning(app: App, shop: Shop) -> None:
    fill(app, shop, 5)
    with app.database.read() as db:
        first = packing_lists.desk_page(db, shop.id, DeskFilter(), now=NOW, limit=2)
        for cursor in ("x", "ÄÖ", "bnVsbA", "WzFd", "WyIiLCAiIiwgMV0"):
            assert packing_lists.desk_page(db, shop.id, DeskFilter(), now=NOW, after=cursor, limit=2) == first


def test_choices_are_what_there_is(app: App, shop: Shop) -> None:
    fill(app, shop, 12)
    with app.database.read() as db:
        choices = packing_lists.desk_choices(db, shop.id)
    assert (choices.channels, choices.shipping_methods) == (["de", "fr"], ["DHL", "Post"])


def test_counts_tell_free_from_held_and_stop_somewhere(app: App, shop: Shop) -> None:
    fill(app, shop, 1_300)
    with app.database.write() as db:
        batches.add_batch(
            db, shop.id, by="mira", narrowed={}, parcel_ids=[1, 2, 3, 10], now=NOW, until=NOW + timedelta(minutes=1)
        )  # fmt: skip
        assert packing_lists.count_ready(db, shop.id, DeskFilter(), now=NOW) == ReadyCount(free=1_000, held=3)
        fr = DeskFilter(channel="fr", shipping_method="DHL")
        assert packing_lists.count_ready(db, shop.id, fr, now=NOW) == ReadyCount(free=216, held=1)
        late = packing_lists.count_ready(db, shop.id, fr, now=NOW + timedelta(minutes=1))
    assert late == ReadyCount(free=217, held=0)


def test_every_look_goes_along_an_index_of_what_is_to_be_packed(app: App, shop: Shop) -> None:
    fill(app, shop, 30)
    statements: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        statements.append((statement, parameters))

    with app.database.read() as db:
        event.listen(app.database.engine, "before_cursor_execute", note)
        for order in ("oldest", "shipping_method"):
            wanted = DeskFilter(channel="fr", warehouse="W1", order=order)  # type: ignore[arg-type]
            after = packing_lists.desk_page(db, shop.id, wanted, now=NOW, limit=2).more
            packing_lists.desk_page(db, shop.id, wanted, now=NOW, after=after, limit=2)
            packing_lists.free_parcels(db, shop.id, wanted, now=NOW, limit=2)
            packing_lists.count_ready(db, shop.id, wanted, now=NOW)
        packing_lists.desk_choices(db, shop.id)
        packing_lists.shipped_unconfirmed(db, shop.id, since=NOW, limit=5)
        event.remove(app.database.engine, "before_cursor_execute", note)
        plans = [
            " ".join(row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))  # type: ignore[arg-type]
            for statement, parameters in statements
        ]
    walks = [plan for plan, (statement, _) in zip(plans, statements, strict=True) if "'planned'" in statement]
    assert len(walks) >= 8
    assert all("USING INDEX ix_parcels_ready" in plan and "TEMP B-TREE" not in plan for plan in walks)
    assert any("ix_parcels_unconfirmed" in plan for plan in plans)
    assert not [plan for plan in plans if "SCAN parcels" in plan]
