"""Staff count what lies on the shelf, or stop counting; a new version does not count again."""

import pytest
from factories import program_toml
from sqlalchemy import select

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.set_stock import count_stock, stop_counting
from saleor_loyalty_app.store import stock
from saleor_loyalty_app.store.parcel_tables import stock_movements
from saleor_loyalty_app.store.shops import Shop


def pieces(app: App, shop: Shop) -> int | None:
    with app.database.read() as db:
        return stock.stock_of(db, shop.id).get("caramel")


def movements(app: App, shop: Shop) -> list[tuple[str, int, str | None]]:
    columns = stock_movements.c
    query = select(columns.why, columns.pieces, columns.by).where(columns.extra_id == "caramel").order_by(columns.id)
    with app.database.read() as db:
        return [tuple(row) for row in db.execute(query)]


def test_what_was_counted_holds_and_says_who_counted(app: App, shop: Shop) -> None:
    for _ in range(2):
        count_stock(app, shop, "caramel", 70, by="VXNlcjox")
    assert pieces(app, shop) == 70
    assert movements(app, shop) == [("published", 100, None), ("counted", -30, "VXNlcjox")]


def test_what_is_no_longer_counted_stays_so_until_somebody_counts(app: App, shop: Shop) -> None:
    for _ in range(2):
        stop_counting(app, shop, "caramel", by="VXNlcjox")
    publish_program(app, shop.id, toml=program_toml(name="New"), published_by="x")
    assert pieces(app, shop) is None
    assert movements(app, shop) == [("published", 100, None), ("uncounted", -100, "VXNlcjox")]
    count_stock(app, shop, "caramel", 5, by="VXNlcjoy")
    assert pieces(app, shop) == 5
    assert sum(number for _, number, _ in movements(app, shop)) == 5


@pytest.mark.parametrize("number", [-1, 10**9])
def test_what_can_not_be_a_count_is_refused(app: App, shop: Shop, number: int) -> None:
    with pytest.raises(ValueError, match="between"):
        count_stock(app, shop, "caramel", number, by="x")
    assert pieces(app, shop) == 100
