"""Editing a paid, unconfirmed order: what the shop refuses, and how the total moves (or must not)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from demo_house import House

from saleor_loyalty_app.files import project_text

ADD = project_text("graphql/OrderLinesCreate.graphql")
TAKE_OUT = project_text("graphql/OrderLineDelete.graphql")


def total(house: House, order: Any) -> float:
    query = "query($id:ID!){order(id:$id){total{gross{amount}} chargeStatus}}"
    return house.data(query, {"id": order.id})["order"]["total"]["gross"]["amount"]


def add_gift(house: House, order: Any, variant: Any = None) -> Any:
    chosen = variant or house.untracked
    return house.data(ADD, {"order": order.id, "variant": chosen.id})["orderLinesCreate"]


def nothing(house: House) -> dict[str, Any]:
    return {}


def share_voucher(house: House) -> dict[str, Any]:
    return {"voucher": house.shop.catalogue.add_voucher("PCT10", Decimal("0.10"))}


def fixed_voucher(house: House) -> dict[str, Any]:
    return {"voucher": house.shop.catalogue.add_voucher("FIX7", Decimal(7), percentage=False)}


def cheapest_voucher(house: House) -> dict[str, Any]:
    return {"voucher": house.shop.catalogue.add_voucher("ONCE", Decimal("0.5"), apply_once_per_order=True)}


def running_promotion(house: House) -> dict[str, Any]:
    house.shop.catalogue.start_promotion("15 %", share=Decimal("0.15"))
    return {}


def start_promotion(house: House) -> None:
    house.shop.catalogue.start_promotion("15 %", share=Decimal("0.15"))


def end_promotion(house: House) -> None:
    house.shop.catalogue.end_promotion(house.shop.catalogue.promotions[0])


def delete_voucher(house: House) -> None:
    house.shop.catalogue.delete_voucher(next(iter(house.shop.catalogue.vouchers.values())))


def raise_price(house: House) -> None:
    house.tee.prices["careful"] = Decimal(25)


def nothing_happens(house: House) -> None:
    """Between order and gift."""


Before, Meanwhile = Callable[[House], dict[str, Any]], Callable[[House], None]
MOVES: list[tuple[str, Before, Meanwhile, tuple[float, float, float]]] = [
    ("01-30 share voucher", share_voucher, nothing_happens, (58.5, 58.5, 58.5)),
    ("01-31 fixed voucher", fixed_voucher, nothing_happens, (58.0, 58.0, 58.0)),
    ("01-32 once per order", cheapest_voucher, nothing_happens, (55.0, 65.0, 65.0)),
    ("01-35 catalogue price", nothing, raise_price, (65.0, 65.0, 65.0)),
    ("01-36 running promotion", running_promotion, nothing_happens, (55.25, 55.25, 55.25)),
    ("01-37 ended promotion", running_promotion, end_promotion, (55.25, 65.0, 65.0)),
    ("01-38 started promotion", nothing, start_promotion, (65.0, 55.25, 55.25)),
    ("01-45 deleted voucher", share_voucher, delete_voucher, (58.5, 65.0, 65.0)),
    ("01-49b voucher, promotion starts", share_voucher, start_promotion, (58.5, 58.5, 58.5)),
]


@pytest.mark.parametrize(
    ("before", "meanwhile", "totals"),
    [each[1:] for each in MOVES],
    ids=[each[0] for each in MOVES],
)
def test_the_total_moves_as_recorded_and_does_not_come_back(
    house: House, before: Before, meanwhile: Meanwhile, totals: tuple[float, float, float]
) -> None:
    placed, added, taken_out = totals
    order = house.place(**before(house))
    assert total(house, order) == placed
    meanwhile(house)
    answer = add_gift(house, order)
    assert answer["order"]["total"]["gross"]["amount"] == added
    assert order.charge_status == "FULL"
    gone = house.data(TAKE_OUT, {"line": answer["orderLines"][0]["id"]})["orderLineDelete"]
    assert gone["order"]["total"]["gross"]["amount"] == taken_out == total(house, order)


def test_a_gift_promotion_that_started_meanwhile_adds_a_line_of_its_own_without_stock(house: House) -> None:
    order = house.place()
    house.shop.catalogue.start_promotion("gift", gift=house.gift)
    add_gift(house, order)
    own = order.lines[-1]
    assert (own.is_gift, own.is_price_overridden, own.allocated) == (True, None, [])


def test_a_changed_tax_rate_shows_with_the_edit(house: House) -> None:
    house.careful.prices_entered_with_tax = False
    rates = house.shop.catalogue.add_tax_class("Goods", US=Decimal("0.08875"))
    house.tee.tax_class = house.shirt.tax_class = rates
    order = house.place()
    assert total(house, order) == 70.77
    rates.rates["US"] = Decimal("0.1")
    add_gift(house, order)
    assert total(house, order) == 71.5


def test_the_same_call_twice_makes_two_lines(house: House) -> None:
    order = house.place()
    add_gift(house, order)
    assert len(add_gift(house, order)["order"]["lines"]) == 4


def test_without_a_forced_new_line_the_paid_line_is_given_away(house: House) -> None:
    order = house.place()
    lines = [{"variantId": house.tee.id, "quantity": 1, "price": 0}]
    query = (
        "mutation($id:ID!,$l:[OrderLineCreateInput!]!){orderLinesCreate(id:$id,input:$l){order{total{gross{amount}}}}}"
    )
    answer = house.data(query, {"id": order.id, "l": lines})
    assert answer["orderLinesCreate"]["order"]["total"]["gross"]["amount"] == 45.0
    assert (order.lines[0].quantity, order.lines[0].is_price_overridden) == (2, True)


def test_a_gift_is_promised_stock_and_gives_it_back(house: House) -> None:
    stock = house.gift.stock[0]
    order = house.place()
    line = add_gift(house, order, house.gift)["orderLines"][0]["id"]
    assert stock.quantity_allocated == 1
    house.data(TAKE_OUT, {"line": line})
    assert stock.quantity_allocated == 0
    add_gift(house, order, house.gift)
    house.shop.desk.cancel(order)
    assert stock.quantity_allocated == 0


def test_several_lines_in_one_call_are_all_or_nothing(house: House) -> None:
    order = house.place()
    lines = [{"variantId": each.id, "quantity": 1, "forceNewLine": True} for each in (house.gift, house.sold_out)]
    query = "mutation($id:ID!,$l:[OrderLineCreateInput!]!){orderLinesCreate(id:$id,input:$l){errors{code}}}"
    answer = house.ask(query, {"id": order.id, "l": lines}).json()
    assert answer["errors"][0]["extensions"]["exception"]["code"] == "InsufficientStock"
    assert answer["data"] == {"orderLinesCreate": None}
    assert len(order.lines) == 2
    assert house.gift.stock[0].quantity_allocated == 0


def test_a_refused_edit_fires_nothing(house: House) -> None:
    order = house.place()
    house.arrived()
    assert add_gift(house, order, house.unpublished)["errors"][0]["code"] == "PRODUCT_NOT_PUBLISHED"
    assert house.arrived() == []


def test_a_part_paid_by_gift_card_leaves_the_rest_as_total(house: House) -> None:
    order = house.place(items=[(house.tee, 1)], gift_card=Decimal(10))
    query = (
        "query($id:ID!){order(id:$id){total{gross{amount}} subtotal{gross{amount}} totalCharged{amount} chargeStatus}}"
    )
    assert house.data(query, {"id": order.id})["order"] == {
        "total": {"gross": {"amount": 10.0}},
        "subtotal": {"gross": {"amount": 20.0}},
        "totalCharged": {"amount": 10.0},
        "chargeStatus": "FULL",
    }


REFUNDS = [("refund", [50.0, 15.0, "PARTIAL", False]), ("refund_by_hand", [65.0, 15.0, "FULL", True])]


@pytest.mark.parametrize(("way", "expected"), REFUNDS, ids=["payment", "by hand"])
def test_a_refund_shows_as_recorded(house: House, way: str, expected: list[Any]) -> None:
    order = house.place()
    getattr(house.shop.payments, way)(order, Decimal(15))
    query = "query($id:ID!){order(id:$id){totalCharged{amount} totalRefunded{amount} chargeStatus isPaid status}}"
    shown = house.data(query, {"id": order.id})["order"]
    amounts = [shown["totalCharged"]["amount"], shown["totalRefunded"]["amount"]]
    assert [*amounts, shown["chargeStatus"], shown["isPaid"]] == expected
    assert shown["status"] == "UNCONFIRMED"
