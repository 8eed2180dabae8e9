"""The option "order line": an extra stands in the order at price 0 when nothing else moves, else the note says it."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, a_surprise_extra, add_installed_shop, an_extra, program_toml
from wire import ShopWire, answer_lost, down, failing, guard_line, not_understood, ok

from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.services.add_order_lines import add_order_lines, confirm_order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import effects, orders, parcels, stock, tasks, work
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import Shop

SETTLED = 26
EXTRAS = [
    an_extra("caramel"),
    a_surprise_extra("bookmark", weight=1000),
    a_surprise_extra("tea", weight=5),
    a_surprise_extra("soap", weight=3),
]


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    """A shop whose program draws one of three surprises for each order and wants it as an order line."""
    toml = program_toml(
        extras=EXTRAS,
        surprises=[{"chance": 1.0, "pool": ["bookmark", "tea", "soap"]}],
        delivery={"default-channel": {"by": "order_line"}},
    )
    return add_installed_shop(app, toml=toml)


@pytest.fixture
def order_id(app: App, shop: Shop, wire: ShopWire) -> str:
    """An unconfirmed, paid order with a planned parcel."""
    order_id = wire.has_order(status="UNCONFIRMED")
    reward_order(app, shop, order_id)
    return order_id


def the_parcel(app: App, shop: Shop, order_id: str) -> tuple[Parcel, list[ParcelItem]]:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
        parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
        assert parcel
        return parcel, parcels.items_of(db, shop.id, parcel.id)


def surprise(app: App, shop: Shop, order_id: str) -> str:
    """The surprise that stands in the parcel now."""
    return next(i.extra_id for i in the_parcel(app, shop, order_id)[1] if i.kind == "surprise" and i.state == "planned")


def line_effects(app: App, shop: Shop, order_id: str) -> list[tuple[str, Any]]:
    with app.database.read() as db:
        done = effects.effects_of(db, shop.id, f"order:{order_id}")
    return [(e.state, said(e.detail.get("doubt"), "en") or None) for e in done if e.effect.startswith("line:")]


def variants(wire: ShopWire, order_id: str) -> list[str]:
    return [line["variant"]["id"] for line in wire.lines[order_id]]


def test_an_extra_with_a_variant_becomes_a_line_of_its_own_at_price_0(
    app: App, shop: Shop, wire: ShopWire, order_id: str
) -> None:
    add_order_lines(app, shop, order_id)
    assert wire.operations()[1:] == ["ReadOrderLineGuards", "OrderLinesCreate"]
    assert variants(wire, order_id) == [f"variant-{surprise(app, shop, order_id)}"]
    assert "price: 0, forceNewLine: true" in wire.asked[-1].query
    assert line_effects(app, shop, order_id) == [("done", None)]


def test_a_second_run_adds_nothing(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    for _ in range(3):
        add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 1
    assert wire.times("ReadOrderLineGuards") == 1


def test_the_packing_note_is_told_all_the_same(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    add_order_lines(app, shop, order_id)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1


NOT_CONCERNED = {
    "told by note": {"delivery": {}},
    "another channel": {"delivery": {"other-channel": {"by": "order_line"}}},
}


@pytest.mark.parametrize("changes", NOT_CONCERNED.values(), ids=NOT_CONCERNED)
def test_orders_of_other_channels_are_left_alone(app: App, wire: ShopWire, changes: dict[str, Any]) -> None:
    shop = add_installed_shop(app, toml=program_toml(**changes))
    order_id = wire.has_order(status="UNCONFIRMED")
    reward_order(app, shop, order_id)
    add_order_lines(app, shop, order_id)
    assert wire.operations() == ["ReadOrder"]


def test_in_rehearsal_no_line_is_added(app: App, wire: ShopWire) -> None:
    toml = program_toml(delivery={"default-channel": {"by": "order_line"}})
    shop = add_installed_shop(app, toml=toml, mode="rehearsal")
    order_id = wire.has_order(status="UNCONFIRMED")
    reward_order(app, shop, order_id)
    add_order_lines(app, shop, order_id)
    assert wire.operations() == ["ReadOrder"]


# ---- The guards (verified.md W3, api-facts §1.2)


def promotion(starts: float = -30, ends: float | None = None) -> dict[str, Any]:
    """An order promotion by days from now."""
    return {
        "id": "promotion",
        "startDate": (NOW + timedelta(days=starts)).isoformat(),
        "endDate": None if ends is None else (NOW + timedelta(days=ends)).isoformat(),
    }


def taxed(rate: float, class_rate: float, *, country: str = "US") -> dict[str, Any]:
    taxes = {"chargeTaxes": True, "taxCalculationStrategy": "FLAT_RATES"}
    classes = {"countries": [{"country": {"code": country}, "rate": class_rate}]}
    return {"channel": {"taxConfiguration": taxes}, "lines": [guard_line(taxRate=rate, taxClass=classes)]}


ONCE = {"voucherCode": "X", "voucher": {"id": "v", "applyOncePerOrder": True}}
WHOLE = {"voucherCode": "X", "voucher": {"id": "v", "applyOncePerOrder": False}}
BY_APP = {"channel": {"taxConfiguration": {"chargeTaxes": True, "taxCalculationStrategy": "TAX_APP"}}}
DOUBTS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str]] = {
    "confirmed meanwhile": ({"status": "UNFULFILLED"}, [], "already confirmed"),
    "an order promotion applied": ({"discounts": [{"type": "ORDER_PROMOTION"}]}, [], "promotion applies"),
    "a gift of Saleor's": ({"lines": [guard_line(isGift=True)]}, [], "promotion applies"),
    "a voucher deleted since": ({"voucherCode": "X", "voucher": None}, [], "voucher was deleted"),
    "a voucher for the cheapest item": (ONCE, [], "cheapest item"),
    "a promotion started since": ({}, [promotion()], "promotion is running"),
    "a promotion that starts in a minute": ({}, [promotion(starts=0.001)], "promotion is running"),
    "a promotion without a start": ({}, [{"id": "p", "startDate": None, "endDate": None}], "promotion is running"),
    "taxes by an app": (BY_APP, [], "calculated by another app"),
    "a tax rate that changed": (taxed(0.08875, 10), [], "tax rate"),
    "a tax rate for another country": (taxed(0.08875, 8.875, country="PL"), [], "tax rate"),
}


@pytest.mark.parametrize("case", DOUBTS.values(), ids=DOUBTS)
def test_in_doubt_no_line_is_added_and_the_note_says_it(
    app: App, shop: Shop, wire: ShopWire, order_id: str, case: tuple[dict[str, Any], list[dict[str, Any]], str]
) -> None:
    wire.guards, wire.promotions, doubt = case
    add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 0
    ((state, why),) = line_effects(app, shop, order_id)
    assert state == "refused"
    assert doubt in why
    tell_shop(app, shop, order_id)
    assert surprise(app, shop, order_id) in wire.notes[order_id][0]


HARMLESS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "a voucher of the whole order": (WHOLE, []),
    "a voucher, whatever promotion runs": (WHOLE, [promotion()]),
    "a manual discount, whatever promotion runs": ({"discounts": [{"type": "MANUAL"}]}, [promotion()]),
    "a promotion that has ended": ({}, [promotion(ends=-1)]),
    "a promotion of next week": ({}, [promotion(starts=7)]),
    "the tax rate as it was": (taxed(0.0888, 8.875), []),
    "an order without tax": ({**taxed(0, 23), "taxExemption": True}, []),
}


@pytest.mark.parametrize("case", HARMLESS.values(), ids=HARMLESS)
def test_what_does_no_harm_does_not_keep_a_line_away(
    app: App, shop: Shop, wire: ShopWire, order_id: str, case: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    wire.guards, wire.promotions = case
    add_order_lines(app, shop, order_id)
    assert len(wire.lines[order_id]) == 1


def test_more_promotions_than_one_page_are_a_doubt(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    def many(wire: ShopWire, asked: Any) -> Any:
        answer = wire._ReadOrderLineGuards(**asked.variables)
        return ok({**answer, "promotions": {"pageInfo": {"hasNextPage": True}, "edges": []}})

    wire.next_time("ReadOrderLineGuards", many)
    add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 0


def test_without_the_permission_to_see_promotions_no_line_is_added(app: App, wire: ShopWire) -> None:
    toml = program_toml(delivery={"default-channel": {"by": "order_line"}})
    shop = add_installed_shop(app, toml=toml, permissions=["MANAGE_ORDERS", "MANAGE_USERS"])
    order_id = wire.has_order(status="UNCONFIRMED")
    reward_order(app, shop, order_id)
    add_order_lines(app, shop, order_id)
    assert wire.asked[-1].variables == {"id": order_id, "promotions": False}
    assert line_effects(app, shop, order_id) == [
        ("refused", "Best Regards may not see promotions without the permission “Manage promotions and vouchers”")
    ]


def test_an_order_that_is_gone_gets_no_line(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    del wire.orders[order_id]
    add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 0


# ---- The total moved all the same


def open_tasks(app: App, shop: Shop) -> list[tasks.Task]:
    with app.database.read() as db:
        return tasks.open_tasks(db, shop.id)


def test_a_total_that_moved_is_a_task_at_once_and_the_line_is_taken_out(
    app: App, shop: Shop, wire: ShopWire, order_id: str
) -> None:
    wire.line_moves_total_by = -9.75
    add_order_lines(app, shop, order_id)
    assert wire.lines[order_id] == []
    (task,) = open_tasks(app, shop)
    assert (task.kind, task.subject) == ("total_changed", f"order:{order_id}")
    assert task.detail == {"before": "50.0", "after": "40.25", "currency": "USD", "number": "1"}
    (message,) = wire.problems.values()
    assert "from $50.00 to $40.25. The extra's line was taken out again" in message
    assert line_effects(app, shop, order_id)[0][0] == "refused"
    with app.database.read() as db:
        kept_in_mind = work.find(db, shop.id, "problems:")  # so that it can be taken back, however soon
    assert kept_in_mind
    assert kept_in_mind.due_at == app.now()


def test_after_a_moved_total_nothing_more_is_tried(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    wire.line_moves_total_by = 5
    for _ in range(3):
        add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 1
    assert wire.times("OrderLineDelete") == 1
    assert len(wire.problems) == 1


def test_a_line_that_could_not_be_taken_out_is_taken_out_later(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    wire.line_moves_total_by = -9.75
    wire.next_time("OrderLineDelete", down)
    with pytest.raises(TryAgain):
        add_order_lines(app, shop, order_id)
    assert len(open_tasks(app, shop)) == 1
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert wire.lines[order_id] == []
    assert wire.times("OrderLinesCreate") == 1
    assert len(wire.problems) == 1


def test_a_line_taken_out_while_the_answer_was_lost_is_not_added_again(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    wire.line_moves_total_by = -9.75
    wire.next_time("OrderLineDelete", answer_lost)
    with pytest.raises(TryAgain):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert wire.lines[order_id] == []
    assert wire.times("OrderLinesCreate") == 1
    assert len(wire.problems) == 1


def test_a_line_that_can_no_longer_be_taken_out_is_said_to_be_still_there(
    app: App, shop: Shop, wire: ShopWire, order_id: str
) -> None:
    wire.line_moves_total_by = -9.75
    problem = {"field": "id", "code": "NOT_EDITABLE", "message": "Only draft and unconfirmed orders can be edited."}
    wire.next_time("OrderLineDelete", lambda _wire, _asked: ok({"orderLineDelete": {"errors": [problem]}}))
    add_order_lines(app, shop, order_id)
    (message,) = wire.problems.values()
    assert "could not be taken out" in message
    assert line_effects(app, shop, order_id)[0][0] == "refused"


def test_a_shop_without_the_problems_list_goes_on(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    """The list came with 3.22.36; an older shop does not understand the request (api-facts §7.4)."""
    wire.line_moves_total_by = 1
    wire.next_time("AppProblemCreate", not_understood)
    add_order_lines(app, shop, order_id)
    assert wire.lines[order_id] == []
    assert len(open_tasks(app, shop)) == 1
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1


def test_a_permission_that_goes_between_look_and_line_is_no_refusal_of_the_line(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    """Removed, deactivated or without its permission: whoever handles `Denied` tells them apart, and it goes on."""
    wire.next_time("OrderLinesCreate", failing("orderLinesCreate", "PermissionDenied"))
    with pytest.raises(Denied):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert variants(wire, order_id) == [f"variant-{surprise(app, shop, order_id)}"]


# ---- The variant can't be had


NOT_TO_BE_HAD = {
    "out of stock": failing("orderLinesCreate", "InsufficientStock"),
    "variant deleted": failing("orderLinesCreate", "KeyError", message="'UHJvZHVjdFZhcmlhbnQ6OTk5OTk5'"),
}


@pytest.mark.parametrize("trouble", NOT_TO_BE_HAD.values(), ids=NOT_TO_BE_HAD)
def test_what_is_not_to_be_had_makes_room_for_the_next_best(
    app: App, shop: Shop, wire: ShopWire, order_id: str, trouble: Any
) -> None:
    first = surprise(app, shop, order_id)
    wire.next_time("OrderLinesCreate", trouble)
    add_order_lines(app, shop, order_id)
    second = surprise(app, shop, order_id)
    assert second != first
    assert variants(wire, order_id) == [f"variant-{second}"]
    with app.database.read() as db:
        pieces = stock.stock_of(db, shop.id)
    assert (pieces[first], pieces[second]) == (10, 9)
    tell_shop(app, shop, order_id)
    assert f"Add: caramel; {second}" in wire.notes[order_id][0]


@pytest.mark.parametrize("code", ["PRODUCT_NOT_PUBLISHED", "NOT_AVAILABLE_IN_CHANNEL"])
def test_a_variant_that_is_not_for_sale_here_makes_room_for_the_next_best(
    app: App, shop: Shop, wire: ShopWire, order_id: str, code: str
) -> None:
    first = surprise(app, shop, order_id)
    wire.refused_variants[f"variant-{first}"] = code
    add_order_lines(app, shop, order_id)
    assert surprise(app, shop, order_id) != first
    assert len(wire.lines[order_id]) == 1


def test_when_nothing_is_to_be_had_the_parcel_goes_without(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    wire.next_time("OrderLinesCreate", *[failing("orderLinesCreate", "InsufficientStock")] * 3)
    add_order_lines(app, shop, order_id)
    items = the_parcel(app, shop, order_id)[1]
    assert [(item.extra_id, item.state) for item in items if item.state == "planned"] == [("caramel", "planned")]
    assert {item.reason for item in items if item.state == "skipped"} == {"out_of_stock"}
    with app.database.read() as db:
        assert stock.stock_of(db, shop.id) == {"caramel": 99, "bookmark": 10, "tea": 10, "soap": 10}
    tell_shop(app, shop, order_id)
    assert wire.notes[order_id][0].splitlines()[1] == "Add: caramel"


def test_an_order_confirmed_in_between_is_told_by_note(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    wire.refused_variants = dict.fromkeys(["variant-bookmark", "variant-tea", "variant-soap"], "NOT_EDITABLE")
    planned = surprise(app, shop, order_id)
    add_order_lines(app, shop, order_id)
    assert wire.times("OrderLinesCreate") == 1
    tell_shop(app, shop, order_id)
    assert f"Add: caramel; {planned}" in wire.notes[order_id][0]


def test_any_other_refusal_is_for_a_human(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    wire.refused_variants = dict.fromkeys(["variant-bookmark", "variant-tea", "variant-soap"], "GRAPHQL_ERROR")
    with pytest.raises(HumanMustAct, match=r"refused an extra as a line.*GRAPHQL_ERROR"):
        add_order_lines(app, shop, order_id)


# ---- Interrupted


def test_a_line_whose_answer_was_lost_is_recognised(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    wire.next_time("OrderLinesCreate", answer_lost)
    with pytest.raises(TryAgain):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=5)
    with pytest.raises(TryAgain, match="on its way"):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert len(wire.lines[order_id]) == 1
    assert line_effects(app, shop, order_id) == [("done", None)]


def test_a_line_that_never_arrived_is_added_after_a_look(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    wire.lines[order_id] = [guard_line("of the staff", variant=f"variant-{surprise(app, shop, order_id)}", amount=20)]
    wire.next_time("OrderLinesCreate", down)
    with pytest.raises(TryAgain):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert len(wire.lines[order_id]) == 2


def test_a_lost_answer_that_moved_the_total_is_a_task_all_the_same(
    app: App, shop: Shop, wire: ShopWire, order_id: str, clock: Clock
) -> None:
    wire.line_moves_total_by = 3
    wire.next_time("OrderLinesCreate", answer_lost)
    with pytest.raises(TryAgain):
        add_order_lines(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    add_order_lines(app, shop, order_id)
    assert wire.lines[order_id] == []
    assert open_tasks(app, shop)[0].detail["after"] == "53"


# ---- Confirming afterwards


@pytest.fixture
def confirming(app: App, wire: ShopWire) -> tuple[Shop, str]:
    toml = program_toml(delivery={"default-channel": {"by": "order_line", "confirm_order": True}})
    shop = add_installed_shop(app, toml=toml)
    order_id = wire.has_order(status="UNCONFIRMED")
    reward_order(app, shop, order_id)
    return shop, order_id


def test_the_order_is_confirmed_once_where_the_merchant_wishes_it(
    app: App, confirming: tuple[Shop, str], wire: ShopWire, clock: Clock
) -> None:
    shop, order_id = confirming
    for step in (add_order_lines, tell_shop, confirm_order, confirm_order):
        step(app, shop, order_id)
    assert wire.orders[order_id]["status"] == "UNFULFILLED"
    assert wire.times("OrderConfirm") == 1
    with app.database.read() as db:  # payments captured by it are reported as ours, so we look once more
        wish = work.find(db, shop.id, f"order:{order_id}")
    assert wish is not None
    assert wish.due_at == clock.now() + timedelta(seconds=10)


def test_an_order_that_staff_confirmed_meanwhile_is_no_trouble(
    app: App, confirming: tuple[Shop, str], wire: ShopWire
) -> None:
    shop, order_id = confirming
    wire.change_order(order_id, status="UNFULFILLED")
    confirm_order(app, shop, order_id)
    confirm_order(app, shop, order_id)
    assert wire.times("OrderConfirm") == 1


def test_a_confirmation_that_the_shop_refuses_is_for_a_human(
    app: App, confirming: tuple[Shop, str], wire: ShopWire
) -> None:
    shop, order_id = confirming
    problem = {"field": None, "code": "INSUFFICIENT_STOCK", "message": "Not enough in stock"}
    wire.next_time("OrderConfirm", lambda _wire, _asked: ok({"orderConfirm": {"order": None, "errors": [problem]}}))
    with pytest.raises(HumanMustAct, match=r"refused the order's confirmation.* Not enough in stock"):
        confirm_order(app, shop, order_id)


def test_an_order_whose_total_moved_is_not_confirmed(app: App, confirming: tuple[Shop, str], wire: ShopWire) -> None:
    shop, order_id = confirming
    wire.line_moves_total_by = 2
    add_order_lines(app, shop, order_id)
    confirm_order(app, shop, order_id)
    assert wire.times("OrderConfirm") == 0


def test_without_the_wish_no_order_is_confirmed(app: App, shop: Shop, wire: ShopWire, order_id: str) -> None:
    confirm_order(app, shop, order_id)
    assert wire.times("OrderConfirm") == 0


def test_the_look_at_one_order_with_a_line_takes_four_requests(
    app: App, shop: Shop, wire: ShopWire, order_id: str
) -> None:
    add_order_lines(app, shop, order_id)
    tell_shop(app, shop, order_id)
    confirm_order(app, shop, order_id)
    assert wire.operations() == ["ReadOrder", "ReadOrderLineGuards", "OrderLinesCreate", "TellShop"]
