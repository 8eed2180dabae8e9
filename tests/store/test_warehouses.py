"""Warehouses by the names they had last."""

import pytest
from factories import OTHER_SHOP_URL, add_installed_shop

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.warehouses import LONGEST_NAME, remember_warehouse, warehouses_of


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def test_a_warehouse_is_known_by_its_newest_name(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with app.database.write() as db:
        for name in ("Bremen", "Bremen", "Bremen Nord"):
            remember_warehouse(db, shop.id, "w2", name)
        remember_warehouse(db, shop.id, "w1", "x" * 300)
        remember_warehouse(db, shop.id, "w3", "Aachen")
        remember_warehouse(db, shop.id, "", "Nowhere")
    with app.database.read() as db:
        assert warehouses_of(db, shop.id) == [("w3", "Aachen"), ("w2", "Bremen Nord"), ("w1", "x" * LONGEST_NAME)]
        assert warehouses_of(db, other.id) == []
