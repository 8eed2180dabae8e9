"""The shop's warehouses, for choosing one in the program."""

import pytest
from wire import ShopWire, denied, down

from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.find_variants import MOST_AT_ONCE, warehouses_in_shop
from saleor_loyalty_app.store.shops import Shop


def test_warehouses_stand_by_name(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.warehouses = {"w1": "leeds", "w2": "Bremen", "w3": "Ålesund"}
    assert warehouses_in_shop(app, shop) == {"w2": "Bremen", "w1": "leeds", "w3": "Ålesund"}
    assert list(warehouses_in_shop(app, shop)) == ["w2", "w1", "w3"]


def test_all_pages_are_read(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.warehouses = {f"w{number}": f"Place {number}" for number in range(250)}
    assert len(warehouses_in_shop(app, shop)) == 250
    assert [asked.variables["first"] for asked in wire.asked] == [MOST_AT_ONCE] * 3


def test_trouble_is_passed_on(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.next_time("ReadWarehouses", down, denied)
    with pytest.raises(TryAgain):
        warehouses_in_shop(app, shop)
    with pytest.raises(Denied, match="refused reading its warehouses"):
        warehouses_in_shop(app, shop)
