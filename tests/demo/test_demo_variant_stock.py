"""An extra that the shop counts, from choosing its warehouse to packing it, against the demo shop's own API."""

from pathlib import Path

import pytest
from demo_house import House
from factories import a_surprise_extra, add_installed_shop, fresh, program_toml

from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.find_variants import warehouses_in_shop
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.read_packing_lists import read_packing_lists
from saleor_loyalty_app.services.reward_order import ask_order, reward_order
from saleor_loyalty_app.services.tell_stock import tell_stock
from saleor_loyalty_app.services.variant_stock import note_moved
from saleor_loyalty_app.store import orders, parcels, stock
from saleor_loyalty_app.store.shops import Shop


@pytest.fixture
def shop(app: App, house: House, tmp_path: Path) -> Shop:
    """The demo shop as one that installed the app, with a mug that it counts itself: five lie there."""
    shop = add_installed_shop(app, saleor_api_url=house.api_url, token=house.app.token, app_id=house.app.id)
    ((warehouse, _),) = warehouses_in_shop(app, shop).items()
    mug = a_surprise_extra("mug", stock=None, stock_in="shop", variant=house.gift.id)
    toml = program_toml(
        extras=[mug], surprises=[{"chance": 1.0, "pool": ["mug"]}], packing={"warehouse": warehouse}
    )  # fmt: skip
    publish_program(app, shop.id, toml=toml, published_by="x")
    shop = fresh(app, shop)
    tell_stock(app, shop, house.gift.id)
    return shop


def left(app: App, shop: Shop) -> int:
    with app.database.read() as db:
        return stock.stock_of(db, shop.id)["mug"]


def pack(app: App, shop: Shop, order_id: str) -> None:
    with app.database.write() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
        parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
        assert parcel
        items = parcels.items_of(db, shop.id, parcel.id)
        parcels.close_parcel(db, shop.id, parcel.id, state=parcels.PACKED, why="by_hand", now=app.now())
        note_moved(db, shop, current_program(db, shop), items, sign=-1, now=app.now())


def test_packing_takes_pieces_off_the_shops_own_stock_once(app: App, house: House, shop: Shop) -> None:
    assert left(app, shop) == 5
    placed = [house.place(email=f"guest{number}@example.com", careful=False) for number in range(2)]
    for order in placed:
        reward_order(app, shop, order.id)
    assert left(app, shop) == 3
    pack(app, shop, placed[0].id)
    for _ in range(2):
        tell_stock(app, shop, house.gift.id)
        assert house.gift.stock[0].quantity == 4
        assert left(app, shop) == 3
    assert house.gift.private_metadata["best-regards.stock"]


def test_the_shop_refuses_without_the_permission_and_nothing_is_lost(app: App, house: House, shop: Shop) -> None:
    order = house.place(email="guest@example.com", careful=False)
    reward_order(app, shop, order.id)
    pack(app, shop, order.id)
    held = house.app.permission_codes
    house.app.permission_codes = frozenset({"MANAGE_ORDERS", "MANAGE_USERS"})
    with pytest.raises(Denied, match="lacks the permission “Manage products”"):
        tell_stock(app, shop, house.gift.id)
    assert (house.gift.stock[0].quantity, left(app, shop)) == (5, 4)
    house.app.permission_codes = held
    tell_stock(app, shop, house.gift.id)
    assert (house.gift.stock[0].quantity, left(app, shop)) == (4, 4)


def test_a_variant_that_is_deleted_is_said_so(app: App, house: House, shop: Shop) -> None:
    house.shop.catalogue.delete_product(house.gift.product)
    with pytest.raises(HumanMustAct, match="is gone from the shop"):
        tell_stock(app, shop, house.gift.id)
    assert left(app, shop) == 0


def test_orders_and_packing_lists_are_read_as_the_shop_says_them(app: App, house: House, shop: Shop) -> None:
    order = house.place(shipping_method="Express", customer_note="Ring twice")
    read = ask_order(app.client(shop), order.id)
    assert read
    assert (read.shipping_method, read.warehouse_name) == ("Express", house.tee.stock[0].warehouse.name)
    lists = read_packing_lists(app, shop, [order.id], addresses=True, prices=True)
    packing = lists[order.id]
    assert (packing.customer_note, str(packing.total), len(packing.lines)) == ("Ring twice", "65.0", 2)
    assert packing.address
    assert (packing.address.last_name, packing.address.country_code) == ("Sanders", "US")
