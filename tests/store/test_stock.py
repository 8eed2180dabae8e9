"""Stock of extras: no piece is lost or made, and each movement is written down."""

from typing import Any

import pytest
from factories import NOW, OTHER_SHOP_URL, a_buyer, a_row, add_installed_shop, an_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, update

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import orders, stock
from saleor_loyalty_app.store.customers import remember_buyer
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.parcel_tables import extra_stock, parcel_items, parcels, stock_movements
from saleor_loyalty_app.store.shops import Shop

START = 100


@pytest.fixture
def shop(app: App) -> Shop:
    """A shop with 100 caramels and four items in a parcel."""
    shop = add_installed_shop(app)
    with app.database.write() as db:
        customer = remember_buyer(db, shop.id, a_buyer(), key=None, now=NOW)
        row, _ = orders.write_facts(db, shop.id, customer.id, an_order())
        mine = {"shop_id": shop.id, "customer_id": customer.id, "mode": "live", "state": "planned"}
        db.execute(insert(parcels), a_row(parcels, **mine, id=1, order_row=row.id))
        for number in ITEMS:
            item = a_row(parcel_items, **mine, id=number, parcel_id=1, extra_id="caramel", kind="surprise")
            db.execute(insert(parcel_items), item)
    return shop


ITEMS = (1, 2, 3, 4)


def moved(db: Connection, shop: Shop, extra_id: str = "caramel") -> int:
    query = select(func.coalesce(func.sum(stock_movements.c.pieces), 0)).where(
        stock_movements.c.shop_id == shop.id, stock_movements.c.extra_id == extra_id
    )
    return int(db.execute(query).scalar_one())


def whys(db: Connection, shop: Shop) -> list[str]:
    query = select(stock_movements.c.why).where(
        stock_movements.c.shop_id == shop.id, stock_movements.c.extra_id == "caramel"
    )
    return list(db.execute(query.order_by(stock_movements.c.id)).scalars())


def test_a_piece_is_taken_and_given_back_once(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        stock.take_piece(db, shop.id, "caramel", 1, now=NOW)
        assert stock.stock_of(db, shop.id)["caramel"] == 99
        for _ in range(3):
            stock.return_piece(db, shop.id, "caramel", 1, now=NOW)
        assert stock.stock_of(db, shop.id)["caramel"] == 100
        assert whys(db, shop) == ["published", "planned", "returned"]


def test_what_was_never_taken_is_not_given_back(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        stock.return_piece(db, shop.id, "caramel", 1, now=NOW)
        assert stock.stock_of(db, shop.id)["caramel"] == 100


def test_an_extra_that_is_not_counted_stays_uncounted(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        stock.take_piece(db, shop.id, "card", 1, now=NOW)
        stock.return_piece(db, shop.id, "card", 1, now=NOW)
        assert "card" not in stock.stock_of(db, shop.id)


def test_a_later_program_does_not_set_the_count_anew(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        stock.take_piece(db, shop.id, "caramel", 1, now=NOW)
        stock.start_counting(db, shop.id, "caramel", 500, now=NOW)
        assert stock.stock_of(db, shop.id)["caramel"] == 99


def test_what_was_counted_on_the_shelf_holds(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        for counted in (70, 70, 0, 12):
            stock.set_count(db, shop.id, "caramel", counted, now=NOW)
            assert stock.stock_of(db, shop.id)["caramel"] == counted == moved(db, shop)
        assert whys(db, shop) == ["published", "counted", "counted", "counted"]
        stock.set_count(db, shop.id, "card", 5, now=NOW)
        assert stock.stock_of(db, shop.id)["card"] == 5


def test_shops_have_their_own_stock(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with app.database.write() as db:
        stock.take_piece(db, shop.id, "caramel", 1, now=NOW)
        assert stock.stock_of(db, other.id)["caramel"] == 100


ACTS = st.lists(
    st.tuples(st.sampled_from(["take", "return"]), st.sampled_from(ITEMS))
    | st.tuples(st.just("count"), st.integers(0, 200)),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_no_piece_is_lost_or_made(app: App, shop: Shop, database: Database, acts: list[tuple[str, int]]) -> None:
    """The count is at all times what was there, less what is out, and the sum of all movements."""
    with database.write() as db:
        _as_at_first(db, shop)
        out: set[int] = set()
        taken: set[int] = set()
        base = START
        for act, number in acts:
            if act == "take" and number not in taken:  # each item of a parcel takes its piece once
                stock.take_piece(db, shop.id, "caramel", number, now=NOW)
                out.add(number)
                taken.add(number)
            elif act == "return":
                stock.return_piece(db, shop.id, "caramel", number, now=NOW)
                out.discard(number)
            elif act == "count":
                stock.set_count(db, shop.id, "caramel", number, now=NOW)
                base = number + len(out)
            assert stock.stock_of(db, shop.id)["caramel"] == base - len(out) == moved(db, shop)


def _as_at_first(db: Connection, shop: Shop) -> None:
    mine: Any = (stock_movements.c.shop_id == shop.id, stock_movements.c.why != "published")
    db.execute(delete(stock_movements).where(*mine))
    db.execute(update(extra_stock).where(extra_stock.c.extra_id == "caramel").values(pieces=START))
