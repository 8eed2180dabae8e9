"""On a Saleor that does not tell its apps when staff delete a customer, the app looks who is gone."""

import pytest
from factories import fresh, global_id, user_node
from sqlalchemy import select
from wire import ShopWire, down

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.services import look_for_deleted as looking
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.look_for_deleted import look_for_deleted
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers


@pytest.fixture
def known(app: App, shop: Shop, wire: ShopWire) -> list[str]:
    """Five customers with an order each, in a shop that tells nothing."""
    wire.knows_later_events = False
    for number in range(1, 6):
        reward_order(app, shop, wire.has_order(number, user=user_node(number)))
        wire.has_user(number)
    return [global_id("User", number) for number in range(1, 6)]


def remembered(app: App) -> list[str]:
    with app.database.read() as db:
        query = select(customers.c.user_id).where(customers.c.user_id.is_not(None)).order_by(customers.c.id)
        return list(db.execute(query).scalars())


def test_who_is_gone_is_forgotten_and_others_stay(app: App, shop: Shop, wire: ShopWire, known: list[str]) -> None:
    del wire.users[known[1]], wire.users[known[3]]
    assert look_for_deleted(app, shop) is False
    assert remembered(app) == [known[0], known[2], known[4]]


def test_staff_whom_a_list_leaves_out_are_not_forgotten(app: App, shop: Shop, wire: ShopWire, known: list[str]) -> None:
    wire.users[known[2]]["isStaff"] = True
    look_for_deleted(app, shop)
    assert remembered(app) == known


def test_a_shop_that_tells_is_not_looked_at(app: App, shop: Shop, wire: ShopWire, known: list[str]) -> None:
    wire.knows_later_events = True
    wire.users.clear()
    assert look_for_deleted(app, shop) is False
    assert remembered(app) == known


def test_a_shop_in_trouble_loses_nobody_and_the_look_goes_on_where_it_was(
    app: App, shop: Shop, wire: ShopWire, known: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PAGE", 2)
    del wire.users[known[4]]
    wire.next_time("ReadCustomersById", lambda wire, asked: wire.carry_out(asked), down)
    with pytest.raises(TryAgain):
        look_for_deleted(app, shop)
    assert remembered(app) == known
    wire.asked.clear()
    assert look_for_deleted(app, fresh(app, shop)) is False
    assert [len(asked.variables["ids"]) for asked in wire.asked if asked.operation == "ReadCustomersById"] == [2, 1]
    assert remembered(app) == known[:4]
    assert fresh(app, shop).looked_to == 0


def test_each_night_everybody_is_looked_at(app: App, shop: Shop, wire: ShopWire, known: list[str]) -> None:
    for night in range(3):
        del wire.users[known[night]]
        look_for_deleted(app, fresh(app, shop))
        assert remembered(app) == known[night + 1 :]
