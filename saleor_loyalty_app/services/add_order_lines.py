"""The option "order line": an extra stands in the order at price 0, while it is unconfirmed and nothing else moves.

When a guard is in doubt the packing note says it instead. A total that moved all the same is a task for a
person at once, with both sums.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import Connection

from saleor_loyalty_app.domain.money import money_text, to_minor
from saleor_loyalty_app.domain.parcels import WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.saying import Saying, mark
from saleor_loyalty_app.saleor.client import Answer
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.line_guards import ALREADY_CONFIRMED, why_no_line
from saleor_loyalty_app.saleor.refusals import asked, refusal
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.exchange_extra import exchange_extra
from saleor_loyalty_app.services.reward_order import ask_order
from saleor_loyalty_app.services.wait_for_call import sent_within_seconds, wait_for_call
from saleor_loyalty_app.store import effects, orders, parcels, programs, tasks, work
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import LIVE, Shop, lock_shop

log = structlog.get_logger()

LINES, CONFIRM = "lines", "confirm"
NOT_TO_BE_HAD = {"InsufficientStock", "KeyError", "PRODUCT_NOT_PUBLISHED", "NOT_AVAILABLE_IN_CHANNEL", "NOT_FOUND"}
"""The variant is out of stock, deleted or not for sale here: the next choice, please (verified.md §1)."""
TOTAL_CHANGED = "total_changed"

MAYBE_UNDER_WAY = Saying("An extra may still be on its way into the order. It is looked at again in a moment.")
TAKEN_OUT = mark(
    "Order %(order)s: adding an extra changed its total from %(before)s to %(after)s. The extra's line was taken out "
    "again. Please check what the customer owes."
)
STILL_IN = mark(
    "Order %(order)s: adding an extra changed its total from %(before)s to %(after)s, and the extra's line could not "
    "be taken out again. Please take it out in the order and check what the customer owes."
)
ORDER_GONE = Saying("The order is gone from the shop. Nothing is to be done but to keep the extra on the shelf.")
NOT_TO_BE_HAD_HERE = Saying("it can't be had in the shop at the moment, so something else was chosen")
MOVED = Saying("it changed the order's total, so it was taken out again")
MOVED_AND_STILL_IN = Saying("it changed the order's total and could not be taken out again")


def add_order_lines(app: App, shop: Shop, order_id: str) -> None:
    """Add a parcel's extras to the order as lines, where the program wants that for the order's channel.

    Raises TryAgain, Denied or HumanMustAct. What was decided (added, or the note instead) is kept once.
    """
    with app.database.read() as db:
        found = _parcel_for_lines(db, shop, order_id)
    if found is None:
        return
    order, parcel, program = found
    guards = app.client(shop).ask("ReadOrderLineGuards", id=order_id, promotions="MANAGE_DISCOUNTS" in shop.permissions)
    for _ in range(len(program.extras) + 1):
        with app.database.read() as db:
            item = _next_item(db, shop, order, parcel, program)
        if item is None:
            break
        guards = _add_line(app, shop, order=order, parcel=parcel, program=program, item=item, guards=guards)
    with app.database.write() as db:
        _note(app, db, shop, order, LINES, effects.DONE, {})


def confirm_order(app: App, shop: Shop, order_id: str) -> None:
    """Confirm the order of a parcel that was told, where the merchant wishes it.

    Raises TryAgain, Denied or HumanMustAct.
    """
    with app.database.read() as db:
        delivery = programs.delivery_of_order(db, shop.id, order_id)
        found = _live_parcel(db, shop, order_id) if delivery and delivery.confirm_order else None
        if found is None:
            return
        order = found[0]
        if order.status != "UNCONFIRMED" or effects.ended(db, shop.id, _subject(order), CONFIRM):
            return
        if tasks.is_open(db, shop.id, TOTAL_CHANGED, _subject(order)):
            return  # a person looks at it first
    answer = app.client(shop).ask("OrderConfirm", order=order_id)["orderConfirm"]
    # INVALID: staff, or our own interrupted try, were faster (verified.md §1).
    if answer["errors"] and answer["errors"][0]["code"] != "INVALID":
        raise HumanMustAct(refusal(asked("OrderConfirm"), answer["errors"][0]["message"]))
    with app.database.write() as db:
        now = app.now()
        _note(app, db, shop, order, CONFIRM, effects.DONE, {})
        # Payments that are captured now are reported as caused by us, which we don't listen to: look once more.
        work.want(db, shop.id, _subject(order), due_at=now + timedelta(seconds=10), now=now)


def line_stands(db: Connection, shop: Shop, order: OrderRow, item: ParcelItem) -> bool:
    """Whether an extra stands in the order as a line, or may: then it can't be taken out of its parcel any more."""
    known = effects.find_effect(db, shop.id, _subject(order), _line(item))
    return known is not None and known.state != effects.REFUSED


def _live_parcel(db: Connection, shop: Shop, order_id: str) -> tuple[OrderRow, Parcel, Program] | None:
    order = orders.order_by_saleor_id(db, shop.id, order_id)
    parcel = parcels.parcel_of_order(db, shop.id, order.id) if order else None
    if order is None or parcel is None or shop.mode != LIVE or parcel.mode != LIVE or parcel.state != parcels.PLANNED:
        return None
    return order, parcel, programs.program_version(db, shop.id, parcel.program_version).program


def _parcel_for_lines(db: Connection, shop: Shop, order_id: str) -> tuple[OrderRow, Parcel, Program] | None:
    delivery = programs.delivery_of_order(db, shop.id, order_id)
    found = _live_parcel(db, shop, order_id) if delivery and delivery.by == "order_line" else None
    return None if found is None or effects.ended(db, shop.id, _subject(found[0]), LINES) else found


def _next_item(db: Connection, shop: Shop, order: OrderRow, parcel: Parcel, program: Program) -> ParcelItem | None:
    for item in parcels.items_of(db, shop.id, parcel.id):
        extra = program.extra(item.extra_id)
        standing = item.state == parcels.PLANNED and extra is not None and extra.variant is not None
        if standing and not effects.ended(db, shop.id, _subject(order), _line(item)):
            return item
    return None


def _add_line(
    app: App,
    shop: Shop,
    *,
    order: OrderRow,
    parcel: Parcel,
    program: Program,
    item: ParcelItem,
    guards: dict[str, Any],
) -> dict[str, Any]:
    """Try one item; return the guards to go on with. Ends the item's effect in every case but trouble."""
    locale = program.languages[0]
    variant = (program.extra(item.extra_id) or program.extras[0]).variant or ""
    with app.database.read() as db:
        begun = effects.find_effect(db, shop.id, _subject(order), _line(item))
    if begun:
        if "moved" in begun.detail:
            _take_out(app, shop, order, item, begun.detail["moved"], locale=locale)
            return guards
        wait_for_call(app, shop, begun, MAYBE_UNDER_WAY)
    # Without a try of ours, too: what stands there was added by an app whose database is older now, restored.
    if _is_added_before(app, shop, order, item, begun=begun, guards=guards, variant=variant, locale=locale):
        return guards
    if doubt := why_no_line(guards, now=app.now()):
        with app.database.write() as db:
            _note(app, db, shop, order, _line(item), effects.REFUSED, {"doubt": doubt.kept()})
        return guards
    before = str(guards["order"]["total"]["gross"]["amount"])
    detail = {"total": before, "lines": [line["id"] for line in guards["order"]["lines"]]}
    call = app.client(shop).ready(within_seconds=sent_within_seconds(app))
    with app.database.write() as db:
        lock_shop(db, shop.id)  # staff may be taking it out at this moment
        if item not in parcels.items_of(db, shop.id, parcel.id):
            return guards
        if not effects.take_effect(
            db, shop.id, _subject(order), _line(item), seen=begun, now=app.now(), detail=detail
        ):  # fmt: skip
            raise TryAgain(MAYBE_UNDER_WAY)  # this round was taken over while it stood still
    answer = call.ask_partly("OrderLinesCreate", order=order.order_id, variant=variant)
    if refused := answer.refusal_of("orderLinesCreate", asked("OrderLinesCreate")):
        _refused(app, shop, order=order, parcel=parcel, program=program, item=item, code=_code(answer), refused=refused)
        return guards
    result = answer.data["orderLinesCreate"]
    line = result["orderLines"][0]["id"]
    after = str(result["order"]["total"]["gross"]["amount"])
    _check_total(app, shop, order, item, line=line, before=before, after=after, locale=locale)
    return {**guards, "order": {**guards["order"], "lines": [*guards["order"]["lines"], _as_guard_line(line)]}}


def _as_guard_line(line: str) -> dict[str, Any]:
    return {"id": line, "isGift": False, "isPriceOverridden": True, "taxRate": 0, "taxClass": None,
            "variant": None, "totalPrice": {"gross": {"amount": 0}}}  # fmt: skip


def _is_added_before(
    app: App, shop: Shop, order: OrderRow, item: ParcelItem, *, begun: Effect | None, guards: dict[str, Any],
    variant: str, locale: str,
) -> bool:  # fmt: skip
    """Whether an earlier try did add it: a line of this variant, at price 0 by hand, and no other extra's; its effect
    is then ended. `begun` is the try that was interrupted, which knows the lines of before."""
    with app.database.read() as db:
        done = effects.effects_of(db, shop.id, _subject(order))
    known = {one.detail["line"] for one in done if one.effect.startswith("line:") and "line" in one.detail}
    known.update(begun.detail.get("lines", ()) if begun else ())
    for line in (guards["order"] or {}).get("lines", []):
        ours = line["variant"] and line["variant"]["id"] == variant and line["isPriceOverridden"]
        if ours and line["id"] not in known and not line["totalPrice"]["gross"]["amount"]:
            after = str(guards["order"]["total"]["gross"]["amount"])
            before = begun.detail.get("total", after) if begun else after
            _check_total(app, shop, order, item, line=line["id"], before=before, after=after, locale=locale)
            return True
    return False


def _check_total(
    app: App, shop: Shop, order: OrderRow, item: ParcelItem, *, line: str, before: str, after: str, locale: str
) -> None:
    """Only the total of the answer tells whether the order moved (verified.md W4)."""
    if Decimal(before) == Decimal(after):
        with app.database.write() as db:
            _note(app, db, shop, order, _line(item), effects.DONE, {"line": line})
        return
    log.error("order_total_changed", shop=shop.id)
    moved = {"line": line, "before": before, "after": after}
    with app.database.write() as db:
        detail = {"before": before, "after": after, "currency": order.currency, "number": order.number}
        tasks.open_task(db, shop.id, TOTAL_CHANGED, _subject(order), detail=detail, now=app.now())
        work.want(db, shop.id, "problems:", due_at=app.now(), now=app.now())  # which keeps in mind what to take back
        effects.note_detail(db, shop.id, _subject(order), _line(item), {"moved": moved})
    _take_out(app, shop, order, item, moved, locale=locale)


def _take_out(app: App, shop: Shop, order: OrderRow, item: ParcelItem, moved: dict[str, str], *, locale: str) -> None:
    """Delete a line that moved the total, and say so in the shop, in the program's language. Safe to repeat until it is
    through."""
    client = app.client(shop)
    problems = client.ask("OrderLineDelete", line=moved["line"])["orderLineDelete"]["errors"]
    still_there = problems and problems[0]["code"] != "NOT_FOUND"
    moved_words = Saying(
        STILL_IN if still_there else TAKEN_OUT,
        order=order.number,
        before=_money(moved["before"], order, locale),
        after=_money(moved["after"], order, locale),
    )
    try:
        client.ask_partly(
            "AppProblemCreate", key=f"{TOTAL_CHANGED}-{order.number}", message=moved_words.said(locale), critical=1
        )
    except HumanMustAct:
        log.info("no_problems_list", shop=shop.id)  # Saleor before 3.22.36 has none: the task is in our panel
    with app.database.write() as db:
        doubt = MOVED_AND_STILL_IN if still_there else MOVED
        _note(app, db, shop, order, _line(item), effects.REFUSED, {"doubt": doubt.kept(), **moved})


def _money(amount: str, order: OrderRow, locale: str) -> str:
    return money_text(to_minor(Decimal(amount), order.currency), order.currency, locale)


def _code(answer: Answer) -> str:
    if error := answer.error_of("orderLinesCreate"):
        return error.code
    problems = (answer.data.get("orderLinesCreate") or {}).get("errors") or []
    return str(problems[0]["code"]) if problems else ""


def _refused(
    app: App,
    shop: Shop,
    *,
    order: OrderRow,
    parcel: Parcel,
    program: Program,
    item: ParcelItem,
    code: str,
    refused: HumanMustAct | TryAgain,
) -> None:
    if code in NOT_TO_BE_HAD:
        read = ask_order(app.client(shop), order.order_id)
        if read is None:
            raise HumanMustAct(ORDER_GONE)
        exchange_extra(app, shop, parcel, item, order=read, program=program, why=WhyNot.OUT_OF_STOCK)
        with app.database.write() as db:
            _note(app, db, shop, order, _line(item), effects.REFUSED, {"doubt": NOT_TO_BE_HAD_HERE.kept()})
    elif code == "NOT_EDITABLE":
        with app.database.write() as db:
            _note(app, db, shop, order, _line(item), effects.REFUSED, {"doubt": ALREADY_CONFIRMED.kept()})
    else:
        raise refused


def _note(  # noqa: PLR0917
    app: App, db: Connection, shop: Shop, order: OrderRow, effect: str, state: str, detail: dict[str, Any]
) -> None:
    now = app.now()
    if effects.find_effect(db, shop.id, _subject(order), effect) is None:
        effects.begin_effect(db, shop.id, _subject(order), effect, now=now)
    effects.end_effect(db, shop.id, _subject(order), effect, state=state, now=now, detail=detail)


def _line(item: ParcelItem) -> str:
    return f"line:{item.id}"


def _subject(order: OrderRow) -> str:
    return f"order:{order.order_id}"
