"""What was read of a variant's stock and what packing took of it, on both databases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from factories import NOW, a_buyer, a_row, an_order
from postgres_server import postgres_server
from sqlalchemy import Connection, insert, update

from saleor_loyalty_app.store import effects, orders, variant_stock
from saleor_loyalty_app.store.customers import remember_buyer
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.parcel_tables import parcel_items, parcels
from saleor_loyalty_app.store.shops import add_shop
from saleor_loyalty_app.store.variant_stock import Untold, VariantStock
from saleor_loyalty_app.store.warehouses import remember_warehouse, warehouses_of

MUG, HERE, THERE = "variant-mug", "here", "there"
ITEMS = (1, 2, 3)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path_factory.mktemp('stock') / 'stock.sqlite'}")
    else:
        with postgres_server() as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def db(either: Database) -> Iterator[Connection]:
    """A shop (1) with three planned mugs, each in a parcel of its own order; nothing of a test stays."""
    with either.engine.connect() as db:
        own = {"app_id": "x", "sealed_token": b"x", "sealed_secret": b"x", "name": "", "saleor_version": "3.23.28"}
        add_shop(
            db, id=1, saleor_api_url="https://shop.example.com/graphql/", state="active", mode="live", permissions=[],
            jwks={}, installed_at=NOW, swept_to=NOW, **own,
        )  # fmt: skip
        customer = remember_buyer(db, 1, a_buyer(), key=None, now=NOW)
        mine = {"shop_id": 1, "customer_id": customer.id, "mode": "live", "state": "planned"}
        for number in ITEMS:
            row, _ = orders.write_facts(db, 1, customer.id, an_order(number))
            parcel = a_row(parcels, **mine, id=number, order_row=row.id, code=f"BR-{number}")
            db.execute(insert(parcels), parcel)
            item = a_row(parcel_items, **mine, id=number, parcel_id=number, extra_id="mug", kind="surprise")
            db.execute(insert(parcel_items), item)
        yield db
        db.rollback()


def take(db: Connection, item: int, pieces: int = -1, warehouse: str = HERE) -> None:
    variant_stock.add_move(db, 1, item, MUG, warehouse, pieces, now=NOW)


def test_planned_pieces_of_live_parcels_are_promised(db: Connection) -> None:
    assert variant_stock.promised(db, 1, "mug") == 3
    for column, value in (("mode", "rehearsal"), ("state", "packed")):
        db.execute(update(parcels).where(parcels.c.id == 1).values(**{column: value}))
        assert variant_stock.promised(db, 1, "mug") == 2
        db.execute(update(parcels).where(parcels.c.id == 1).values(mode="live", state="planned"))
    db.execute(update(parcel_items).where(parcel_items.c.id == 2).values(state="skipped"))
    assert variant_stock.promised(db, 1, "mug") == 2
    assert variant_stock.promised(db, 1, "candle") == 0


@pytest.mark.parametrize(("state", "counts"), [(effects.STARTED, 2), (effects.DONE, 2), (effects.REFUSED, 3)])
def test_a_line_of_the_order_is_not_promised_and_not_from_our_shelf(db: Connection, state: str, counts: int) -> None:
    subject = f"order:{an_order(3).id}"
    effects.begin_effect(db, 1, subject, "line:3", now=NOW)
    effects.end_effect(db, 1, subject, "line:3", state=state, now=NOW, detail={})
    assert variant_stock.promised(db, 1, "mug") == counts
    assert variant_stock.from_our_shelf(db, 1, ITEMS) == set(ITEMS[:counts])


def test_a_rehearsed_extra_is_not_from_our_shelf(db: Connection) -> None:
    db.execute(update(parcel_items).where(parcel_items.c.id == 1).values(mode="rehearsal"))
    assert variant_stock.from_our_shelf(db, 1, ITEMS) == {2, 3}
    assert variant_stock.from_our_shelf(db, 1, []) == set()


def test_what_is_untold_is_summed_by_warehouse_and_told_up_to_a_move(db: Connection) -> None:
    for item, pieces, warehouse in ((1, -1, HERE), (2, -1, HERE), (3, -1, THERE), (1, 1, HERE)):
        take(db, item, pieces, warehouse)
    here, there = variant_stock.untold(db, 1, MUG)
    assert (here.pieces, there.pieces) == (-1, -1)
    assert variant_stock.variants_with_untold(db, 1) == {MUG}
    take(db, 1)
    variant_stock.mark_told(db, 1, MUG, HERE, until=here.last, now=NOW)
    (left, other) = variant_stock.untold(db, 1, MUG)
    assert (left.warehouse_id, left.pieces, other.warehouse_id) == (HERE, -1, THERE)
    assert variant_stock.untold(db, 1, "another") == []


def test_gone_is_what_left_and_did_not_come_back(db: Connection) -> None:
    take(db, 1)
    take(db, 2, warehouse=THERE)
    take(db, 3)
    take(db, 3, 1)
    gone = variant_stock.gone(db, 1, ITEMS)
    assert {item: (moved.warehouse_id, moved.pieces) for item, moved in gone.items()} == {1: (HERE, -1), 2: (THERE, -1)}
    assert isinstance(gone[1], Untold)


def test_a_reading_takes_the_place_of_the_one_before(db: Connection) -> None:
    reading = VariantStock(
        extra_id="mug", variant_id=MUG, warehouse_id=HERE, quantity=5, allocated=1, read_at=NOW, empty_at=None
    )
    for one in (reading, replace(reading, quantity=9)):
        variant_stock.keep_reading(db, 1, one)
    assert variant_stock.readings(db, 1) == {"mug": replace(reading, quantity=9)}
    variant_stock.note_found_empty(db, 1, "mug")
    assert variant_stock.readings(db, 1)["mug"].empty_at == 9
    variant_stock.forget_reading(db, 1, "mug")
    assert variant_stock.readings(db, 1) == {}


def test_a_warehouse_is_remembered_on_both(db: Connection) -> None:
    for name in ("Bremen", "Bremen Nord"):
        remember_warehouse(db, 1, HERE, name)
    assert warehouses_of(db, 1) == [(HERE, "Bremen Nord")]
