"""How and from where an order goes, as `ReadOrder` says it; pages of the history don't."""

from typing import Any

import pytest
from factories import line_node, order_node

from saleor_loyalty_app.saleor.payloads import read_order


def allocation(warehouse: str, quantity: int) -> dict[str, Any]:
    return {"quantity": quantity, "warehouse": {"id": warehouse, "name": warehouse.title()}}


def allocated(*lines: list[dict[str, Any]] | None) -> dict[str, Any]:
    return order_node(lines=[line_node(number, allocations=each) for number, each in enumerate(lines, 1)])


@pytest.mark.parametrize(
    ("node", "warehouse"),
    [
        (allocated([allocation("bremen", 1)]), ("bremen", "Bremen")),
        (allocated([allocation("bremen", 2)], [allocation("leeds", 1), allocation("leeds", 2)]), ("leeds", "Leeds")),
        (allocated([allocation("leeds", 1), allocation("bremen", 1)]), ("bremen", "Bremen")),
        (allocated([], None), ("", "")),
        (order_node(), ("", "")),
        (order_node(lines=[]), ("", "")),
    ],
    ids=["one", "most pieces", "as many here as there", "none", "a page of the history", "no lines"],
)
def test_it_goes_from_where_most_of_it_lies(node: dict[str, Any], warehouse: tuple[str, str]) -> None:
    order = read_order(node)
    assert (order.warehouse_id, order.warehouse_name) == warehouse


@pytest.mark.parametrize(
    ("fields", "method"),
    [
        ({"shippingMethodName": "Express", "collectionPointName": None}, "Express"),
        ({"shippingMethodName": None, "collectionPointName": "Kontor Bremen"}, "Kontor Bremen"),
        ({"shippingMethodName": None, "collectionPointName": None}, ""),
        ({}, ""),
    ],
)
def test_how_it_goes_is_its_shipping_method_or_where_it_is_collected(fields: dict[str, Any], method: str) -> None:
    assert read_order(order_node(**fields)).shipping_method == method
