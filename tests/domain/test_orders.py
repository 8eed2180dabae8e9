"""What an order was worth and whether it gets a parcel, with the numbers that a live Saleor showed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_loyalty_app.domain.orders import (
    OWN_ORDER_PREFIX,
    Buyer,
    NoParcel,
    Order,
    Worth,
    fell_through,
    order_counts,
    order_worth,
    why_no_parcel,
)

PLACED = datetime(2026, 3, 3, 12, tzinfo=UTC)
AMOUNTS = ("total", "subtotal", "subtotal_net", "shipping", "charged", "refunded")


def an_order(**changes: Any) -> Order:
    """An order of 65.00, paid, untaxed and without shipping, as in most recordings."""
    facts = {
        "id": "T3JkZXI6MQ==",
        "number": "1",
        "status": "UNFULFILLED",
        "origin": "CHECKOUT",
        "placed_at": PLACED,
        "updated_at": PLACED,
        "charge_status": "FULL",
        "channel": "default-channel",
        "currency": "USD",
        "country": "US",
        "language": "EN",
        "buyer": Buyer(user_id="VXNlcjox", email="a@example.com"),
        "total": "65",
        "subtotal": "65",
        "subtotal_net": "65",
        "shipping": "0",
        "charged": "65",
        "refunded": "0",
        **changes,
    }
    return Order(**{**facts, **{name: Decimal(facts[name]) for name in AMOUNTS}})


def of(total: str, *, subtotal: str = "", net: str = "", shipping: str = "0", charged: str = "", **more: Any) -> Order:
    """An order of these sums; what is not said follows from the total."""
    goods = subtotal or total
    more = {"refunded": "0", **more}
    return an_order(
        total=total, subtotal=goods, subtotal_net=net or goods, shipping=shipping, charged=charged or total, **more
    )


@pytest.mark.parametrize(
    ("order", "money_minor", "card_minor"),
    [
        pytest.param(an_order(), 6500, 0, id="paid"),
        pytest.param(an_order(charged="50", refunded="15", charge_status="PARTIAL"), 5000, 0, id="12-03 part refund"),
        pytest.param(an_order(charged="0", refunded="65", charge_status="NONE"), 0, 0, id="12-05 full refund"),
        pytest.param(an_order(refunded="5", charge_status="OVERCHARGED"), 6000, 0, id="12-15 manual refund of 5"),
        pytest.param(an_order(refunded="65", charge_status="OVERCHARGED"), 0, 0, id="12-17 manual refund of all"),
        pytest.param(an_order(charged="0", refunded="0", charge_status="NONE"), 0, 0, id="chargeback, or unpaid"),
        pytest.param(an_order(total="70.77", subtotal="70.77", charged="70.77"), 6500, 0, id="01-42 taxed 8.875 %"),
        pytest.param(
            of("283.87", subtotal="240", net="195.12", shipping="43.87", currency="PLN"),
            19_512,
            0,
            id="01-43 at 23 %",
        ),
        pytest.param(of("48.66", subtotal="4.79", shipping="43.87"), 479, 0, id="01-22 dear shipping"),
        pytest.param(
            of("283.87", subtotal="240", shipping="43.87", refunded="43.87"), 20_291, 0, id="a refund spreads over both"
        ),
        pytest.param(of("58.50", charged="58.50"), 5850, 0, id="01-30 voucher"),
        pytest.param(an_order(total="65", charged="55.25"), 5525, 0, id="01-37 order grew, the rest is unpaid"),
        pytest.param(of("55.25", charged="65"), 5525, 0, id="01-38 overcharged"),
        pytest.param(of("10", subtotal="20", charged="10", paid_by_gift_card=True), 1000, 1000, id="05-14 half card"),
        pytest.param(of("0", subtotal="20", charged="0", paid_by_gift_card=True), 0, 2000, id="05-18 all card"),
        pytest.param(
            of("10", subtotal="20", charged="10", refunded="10", paid_by_gift_card=True),
            0,
            1000,
            id="refunded",
        ),
        pytest.param(of("0", subtotal="0", charged="0", charge_status="NONE"), 0, 0, id="04-06 companion order"),
        pytest.param(of("1200", currency="JPY"), 1200, 0, id="yen have no decimals"),
        pytest.param(
            of("1100", net="1000", charged="550", currency="JPY", charge_status="PARTIAL"), 500, 0, id="yen, half paid"
        ),
        pytest.param(of("12.345", currency="KWD"), 12_345, 0, id="dinars have three decimals"),
        pytest.param(
            of("3.500", subtotal="2.625", net="2.500", shipping="0.875", currency="KWD"), 2500, 0, id="dinars, taxed"
        ),
        pytest.param(of("9.99", net="9.99", refunded="3.33"), 666, 0, id="cents are not lost"),
    ],
)
def test_what_an_order_was_worth(order: Order, money_minor: int, card_minor: int) -> None:
    assert order_worth(order) == Worth(money_minor=money_minor, card_minor=card_minor)
    assert order_counts(order) == (money_minor + card_minor > 0)


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "DRAFT", "RETURNED"])
def test_an_order_that_came_to_nothing_is_worth_nothing(status: str) -> None:
    # A cancelled order keeps its money in Saleor until somebody refunds it.
    assert order_worth(an_order(status=status)) == Worth(money_minor=0, card_minor=0)
    assert not order_counts(an_order(status=status))


@pytest.mark.parametrize(
    "changes",
    [{"origin": "REISSUE"}, {"reissue_of": "T3JkZXI6MA=="}, {"external_reference": f"{OWN_ORDER_PREFIX}7"}],
)
def test_a_replacement_and_our_own_orders_do_not_count(changes: dict[str, Any]) -> None:
    assert not order_counts(an_order(**changes))


sums = st.decimals("0", "1000", places=2)


@st.composite
def any_order(draw: st.DrawFn) -> Order:
    names = ("subtotal", "shipping", "charged", "refunded")
    facts: dict[str, Any] = {name: draw(sums) for name in names}
    taxed = 1 + draw(st.decimals("0", "0.5", places=3))
    facts["subtotal_net"] = (facts["subtotal"] / taxed).quantize(Decimal("0.01"))
    facts["total"] = min(draw(sums), facts["subtotal"] + facts["shipping"])
    return an_order(paid_by_gift_card=draw(st.booleans()), **facts)


@given(order=any_order())
def test_an_order_is_never_worth_less_than_nothing_nor_more_than_its_goods(order: Order) -> None:
    worth = order_worth(order)
    assert worth.money_minor >= 0
    assert worth.card_minor >= 0
    assert worth.money_minor + worth.card_minor <= order.subtotal_net * 100 + 1
    refunded_more = order_worth(replace(order, refunded=order.refunded + 1))
    assert refunded_more.money_minor <= worth.money_minor


# Whether there is a parcel ------------------------------------------------------------------------------------------


def no_parcel(order: Order, trigger: str = "fully_paid", installed_at: datetime = PLACED) -> NoParcel | None:
    return why_no_parcel(order, installed_at=installed_at, trigger=trigger)


STAFF = Buyer(user_id="VXNlcjox", email="a@example.com", is_staff=True)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(), None),
        (an_order(charge_status="OVERCHARGED"), None),
        (an_order(anonymized=True), NoParcel.ANONYMIZED),
        (an_order(placed_at=PLACED - timedelta(seconds=1)), NoParcel.PLACED_BEFORE_INSTALL),
        (an_order(status="DRAFT"), NoParcel.DRAFT),
        (an_order(origin="REISSUE"), NoParcel.REISSUE),
        (an_order(origin="BULK_CREATE"), NoParcel.BULK_IMPORT),
        (an_order(external_reference=f"{OWN_ORDER_PREFIX}1"), NoParcel.OWN_ORDER),
        (an_order(buyer=STAFF), NoParcel.STAFF_ORDER),
        (an_order(ships=False), NoParcel.NOTHING_TO_SHIP),
        (an_order(status="CANCELED"), NoParcel.FELL_THROUGH),
        (an_order(status="EXPIRED"), NoParcel.FELL_THROUGH),
        (an_order(charged="0", refunded="65", charge_status="NONE"), NoParcel.FULLY_REFUNDED),
        (an_order(status="FULFILLED"), NoParcel.ALREADY_SENT),
        (an_order(status="PARTIALLY_FULFILLED"), None),
        (an_order(charge_status="PARTIAL", charged="50", refunded="15"), NoParcel.NOT_TRIGGERED),
        (an_order(charge_status="NONE", charged="0"), NoParcel.NOT_TRIGGERED),
        (of("0", subtotal="20", charged="0", paid_by_gift_card=True), None),
    ],
)
def test_which_orders_get_a_parcel(order: Order, reason: NoParcel | None) -> None:
    assert no_parcel(order) == reason


def test_a_shop_that_packs_before_payment_may_say_so() -> None:
    assert no_parcel(an_order(charge_status="NONE", charged="0"), trigger="placed") is None


def test_a_lasting_reason_is_named_before_one_that_may_pass() -> None:
    assert no_parcel(an_order(charge_status="NONE", charged="0", origin="BULK_CREATE")) is NoParcel.BULK_IMPORT


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(), None),
        (an_order(status="CANCELED"), NoParcel.FELL_THROUGH),
        (an_order(status="EXPIRED"), NoParcel.FELL_THROUGH),
        (an_order(refunded="64.99"), None),
        (an_order(refunded="65"), NoParcel.FULLY_REFUNDED),
        (of("0", subtotal="20", charged="0", paid_by_gift_card=True), None),
    ],
)
def test_when_a_planned_parcel_is_taken_back(order: Order, reason: NoParcel | None) -> None:
    assert fell_through(order, trigger="fully_paid") == reason


def test_a_chargeback_takes_a_parcel_back_where_only_paid_orders_get_one() -> None:
    gone = an_order(charged="0", charge_status="NONE")
    assert fell_through(gone, trigger="fully_paid") is NoParcel.PAYMENT_LOST
    assert fell_through(gone, trigger="placed") is None
