"""Warehouses, stock and what a packer reads: the demo shop answers as Saleor does, and refuses as it does."""

from dataclasses import replace
from typing import Any

import pytest
from demo_house import House

from saleor_loyalty_app.demo.people import furnish
from saleor_loyalty_app.demo.shop import Shop
from saleor_loyalty_app.demo.traffic import Traffic
from saleor_loyalty_app.saleor.documents import document_text

ORDERS_ONLY = frozenset({"MANAGE_ORDERS"})
TELL, READ = document_text("TellStock"), document_text("ReadVariantStock")
ORDER, LISTS = document_text("ReadOrder"), document_text("ReadPackingLists")


def told(house: House, **changes: Any) -> dict[str, Any]:
    given = {"variant": house.gift.id, "mark": "7-ab", "warehouse": house.gift.stock[0].warehouse.id, "quantity": 4}
    return dict(house.ask(TELL, {**given, **changes}).json())


def stock_of(house: House, **more: Any) -> Any:
    answer = house.data(READ, {"ids": [house.gift.id], "first": 1, "mark": True, **more})
    return answer["productVariants"]["edges"][0]["node"]


def test_a_stock_is_set_to_a_number_and_the_mark_stands_beside_it(house: House) -> None:
    warehouse = house.gift.stock[0].warehouse
    assert told(house)["data"] == {"mark": {"errors": []}, "stock": {"errors": []}}
    assert stock_of(house) == {
        "id": house.gift.id, "mark": "7-ab",
        "stocks": [{"warehouse": {"id": warehouse.id, "name": warehouse.name}, "quantity": 4, "quantityAllocated": 0}],
    }  # fmt: skip


def test_what_orders_wait_for_is_allocated_beside_the_quantity(house: House) -> None:
    house.place(items=[(house.gift, 2)])
    (stock,) = stock_of(house)["stocks"]
    assert (stock["quantity"], stock["quantityAllocated"]) == (5, 2)


def test_a_warehouse_that_did_not_stock_it_does_from_then_on(house: House) -> None:
    """As Saleor's `get_or_create`: nobody is warned, so the app must look first."""
    other = house.shop.catalogue.add_warehouse("far-away")
    assert told(house, warehouse=other.id)["data"]["stock"] == {"errors": []}
    assert [stock["quantity"] for stock in stock_of(house)["stocks"]] == [5, 4]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"variant": "UHJvZHVjdFZhcmlhbnQ6OTk5OTk5"}, "id", "NOT_FOUND"),
        ({"variant": "variant-x"}, "id", "GRAPHQL_ERROR"),
        ({"warehouse": "V2FyZWhvdXNlOjk5OTk5OQ=="}, "warehouse", "GRAPHQL_ERROR"),
    ],
    ids=["no such variant", "no id", "no such warehouse"],
)
def test_what_can_not_be_stocked_is_refused(house: House, changes: dict[str, str], field: str, code: str) -> None:
    (problem,) = told(house, **changes)["data"]["stock"]["errors"]
    assert (problem["field"], problem["code"]) == (field, code)
    assert [stock["quantity"] for stock in stock_of(house)["stocks"]] == [5]


def test_one_warehouse_twice_is_refused(house: House) -> None:
    query = "mutation($v:ID!,$s:[StockInput!]!){productVariantStocksUpdate(variantId:$v,stocks:$s){errors{code}}}"
    twice = [{"warehouse": house.gift.stock[0].warehouse.id, "quantity": 1}] * 2
    answer = house.data(query, {"v": house.gift.id, "s": twice})
    assert answer["productVariantStocksUpdate"]["errors"] == [{"code": "UNIQUE"}]


def test_without_the_permission_neither_stock_nor_mark_is_written(house: House) -> None:
    house.app.permission_codes = ORDERS_ONLY
    answer = told(house)
    assert answer["data"] == {"mark": None, "stock": None}
    assert {error["extensions"]["exception"]["code"] for error in answer["errors"]} == {"PermissionDenied"}
    assert answer["errors"][1]["message"].endswith("MANAGE_PRODUCTS")
    assert [stock["quantity"] for stock in stock_of(house, mark=False)["stocks"]] == [5]


def test_without_the_permission_stock_can_be_read_and_the_mark_can_not(house: House) -> None:
    house.app.permission_codes = ORDERS_ONLY
    answer = house.ask(READ, {"ids": [house.gift.id], "first": 1, "mark": True}).json()
    assert answer["data"]["productVariants"]["edges"][0]["node"]["mark"] is None
    assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_warehouses_are_for_those_who_see_products_orders_or_shipping(house: House) -> None:
    query = document_text("ReadWarehouses")
    edges = house.data(query, {"first": 100})["warehouses"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == [each.name for each in house.shop.catalogue.warehouses]
    house.app.permission_codes = frozenset({"MANAGE_USERS"})
    assert house.ask(query, {"first": 100}).json()["data"]["warehouses"] is None


def test_an_order_says_how_and_from_where_it_goes(house: House) -> None:
    order = house.place(shipping_method="Express")
    read = house.data(ORDER, {"id": order.id})["order"]
    assert (read["shippingMethodName"], read["collectionPointName"]) == ("Express", None)
    warehouse = house.tee.stock[0].warehouse
    assert read["lines"][0]["allocations"] == [
        {"quantity": 1, "warehouse": {"id": warehouse.id, "name": warehouse.name}}
    ]
    house.shop.desk.confirm(order)
    house.shop.desk.fulfil(order)
    assert house.data(ORDER, {"id": order.id})["order"]["lines"][0]["allocations"] == []


def test_packing_lists_come_with_addresses_and_prices_only_on_wish(house: House) -> None:
    address = replace(house.melissa.default_shipping_address, street_address2="Top floor", country_area="CA")
    order = house.place(address=address, customer_note="Ring twice")
    asked = {"ids": [order.id], "first": 1}
    (edge,) = house.data(LISTS, {**asked, "addresses": True, "prices": True})["orders"]["edges"]
    node = edge["node"]
    assert (node["customerNote"], node["shippingAddress"]["streetAddress2"]) == ("Ring twice", "Top floor")
    assert (node["shippingAddress"]["countryArea"], node["total"]["gross"]["amount"]) == ("CA", 65.0)
    assert [line["quantityToFulfill"] for line in node["lines"]] == [1, 1]
    (edge,) = house.data(LISTS, {**asked, "addresses": False, "prices": False})["orders"]["edges"]
    assert not {"shippingAddress", "total", "subtotal", "shippingPrice"} & edge["node"].keys()
    assert "totalPrice" not in edge["node"]["lines"][0]


def test_people_of_the_story_want_it_in_several_ways_from_several_warehouses() -> None:
    shop = Shop(seed=1)
    furnished = furnish(shop, people=60, days=60)
    placed = Traffic(shop, furnished).orders(60)
    assert {order.shipping_method_name for order in placed} >= {"Standard", "Express"}
    assert {stock.warehouse.name for order in placed for line in order.lines for stock, _ in line.allocated} == {
        "Bremen", "Leeds"
    }  # fmt: skip
    assert {bool(order.customer_note) for order in placed} == {True, False}
