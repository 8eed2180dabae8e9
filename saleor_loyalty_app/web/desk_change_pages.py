"""What packers do with a parcel of their batch. The desk's script sends it and is answered with data, not with pages.

An answer that is not one of these (a time-out, the sign of a captive portal) is no answer: the script sends the same
wish again, and it is done once.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.change_sentences import what_changed, why_not_changed
from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged
from saleor_loyalty_app.services import change_parcel
from saleor_loyalty_app.services.parcel_case import parcel_program
from saleor_loyalty_app.services.run_out import RanOut, run_out
from saleor_loyalty_app.services.take_batch import claim_parcel
from saleor_loyalty_app.store import batches, orders, parcels
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.desk_parcels import desk_parcels, reasons_offered
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.words import extra_name, gettext, locale, ngettext, staff

blueprint = Blueprint("desk_change_pages", __name__, url_prefix="/panel/desk/<batch>")

ORDERS = "MANAGE_ORDERS"
LONGEST_CODE = 16
LONGEST_SCAN = 80
MOST_READINGS = 8
"""What a scanner typed can be read in some ways: desk-scanner.js."""
MOST_SERVICES = 100
CODE_START = "BR-"


@blueprint.post("/parcels/<code>/pack")
@staff_only(ORDERS, desk=True)
def pack(batch: str, code: str) -> ResponseReturnValue:
    """Everything is in the parcel; of the services promised those in `kept` were done."""
    kept = frozenset(request.form.getlist("kept", type=int)[:MOST_SERVICES])
    revision = request.form.get("revision", type=int)
    return _change(batch, code, change_parcel.pack_parcel, kept=kept, revision=revision)


@blueprint.post("/parcels/<code>/skip")
@staff_only(ORDERS, desk=True)
def skip(batch: str, code: str) -> ResponseReturnValue:
    """Let the parcel go without anything, with a reason."""
    return _change(batch, code, change_parcel.skip_parcel, **_reason())


@blueprint.post("/parcels/<code>/undo")
@staff_only(ORDERS, desk=True)
def undo(batch: str, code: str) -> ResponseReturnValue:
    """Take "packed" or "skipped" back."""
    return _change(batch, code, change_parcel.reopen_parcel)


@blueprint.post("/parcels/<code>/exchange")
@staff_only(ORDERS, desk=True)
def exchange(batch: str, code: str) -> ResponseReturnValue:
    """Exchange a surprise for the next best."""
    return _change(batch, code, change_parcel.exchange_item, _item())


@blueprint.post("/parcels/<code>/take-out")
@staff_only(ORDERS, desk=True)
def take_out(batch: str, code: str) -> ResponseReturnValue:
    """Take an extra out, with a reason."""
    return _change(batch, code, change_parcel.take_out_item, _item(), **_reason())


@blueprint.post("/parcels/<code>/run-out")
@staff_only(ORDERS, desk=True)
def mark_run_out(batch: str, code: str) -> ResponseReturnValue:
    """None of an extra is left: everything that waits for it is planned anew."""
    parcel = _parcel(code)
    if parcel is None:
        return _nothing_here()
    extra_id, wish = request.form.get("extra", "")[:40], request.form.get("wish", "")
    try:
        ran_out = run_out(
            loyalty(), g.shop, extra_id, by=g.viewer.user_id, wish=wish, parcel_id=parcel.id
        )  # fmt: skip
        others = _others(batch, parcel)
    except LookupError:
        return _nothing_here()
    except CannotChange as refused:
        return _refused(parcel, refused)
    return _answer(parcel, _said_of_run_out(parcel, extra_id, ran_out), others=others)


@blueprint.post("/find")
@staff_only(ORDERS, desk=True)
def find(batch: str) -> ResponseReturnValue:
    """What was scanned and is not in the batch: a free parcel comes into it, of any other it is said what it is."""
    texts = [text[:LONGEST_SCAN] for text in request.form.getlist("scanned")[:MOST_READINGS]]
    parcel = next((found for text in texts if (found := _scanned(text))), None)
    if parcel is None:
        words = gettext("No parcel has the code or order number %(scanned)s.")
        return {"said": words % {"scanned": texts[0] if texts else ""}}, 404
    try:
        claim_parcel(loyalty(), g.shop, batch[:LONGEST_CODE], parcel.id, by=g.viewer.user_id)
    except LookupError:
        return _nothing_here()
    except CannotChange as refused:
        return _refused(parcel, refused)
    with loyalty().database.read() as db:
        (shown,) = desk_parcels(db, [parcel])
    html = render_template(
        "panel/desk_parcel.html", one=shown, reasons=reasons_offered(), viewer=g.viewer, shop=g.shop
    )  # fmt: skip
    return {"code": parcel.code, "parcel": html, "said": _named(parcel, gettext("is now in your batch."))}


def _change(batch: str, code: str, change: Callable[..., Changed], *of: object, **how: Any) -> ResponseReturnValue:
    parcel = _parcel(code)
    if parcel is None:
        return _nothing_here()
    try:
        done = change(
            loyalty(), g.shop, parcel.id, *of, by=g.viewer.user_id, wish=request.form.get("wish", ""),
            batch=batch[:LONGEST_CODE], **how,
        )  # fmt: skip
    except LookupError:
        return _nothing_here()
    except CannotChange as refused:
        return _refused(parcel, refused)
    with loyalty().database.read() as db:
        words = what_changed(done.kind, done.detail, parcel_program(db, g.shop, parcel), locale())
    return _answer(parcel, _named(parcel, f"{words}."))


def _answer(parcel: Parcel, said: str, *, others: list[Parcel] | None = None) -> ResponseReturnValue:
    """What was done, in words, and how the parcel stands now; `others` of the batch may have changed with it."""
    return {"said": said, "parcels": _as_they_stand([parcel, *(others or [])])}


def _refused(parcel: Parcel, refused: CannotChange) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        words = why_not_changed(refused, parcel_program(db, g.shop, parcel), locale())
    if refused.why is WhyNotChanged.HELD:
        words = f"{words} ({staff(refused.detail)})"
    return {"said": _named(parcel, words), "parcels": _as_they_stand([parcel])}, 422


def _as_they_stand(changed: list[Parcel]) -> dict[str, dict[str, Any]]:
    """State and inside of these parcels, read anew, by code."""
    with loyalty().database.read() as db:
        anew = (parcels.parcel_by_id(db, g.shop.id, one.id) for one in changed)
        found = desk_parcels(db, [one for one in anew if one])
    return {
        one.parcel.code: {
            "state": one.parcel.state,
            "revision": one.parcel.revision,
            "closed": one.closed,
            "undo": one.undo_seconds,
            "inside": render_template(
                "panel/desk_inside.html", one=one, reasons=reasons_offered(), viewer=g.viewer, shop=g.shop
            ),
        }
        for one in found
    }


def _others(batch: str, parcel: Parcel) -> list[Parcel]:
    """The parcels of the batch that are still to be packed, without this one."""
    with loyalty().database.read() as db:
        ids = batches.batch_by_code(db, g.shop.id, batch[:LONGEST_CODE]).waiting_ids
        found = [parcels.parcel_by_id(db, g.shop.id, one) for one in ids if one != parcel.id]
    return [one for one in found if one]


def _said_of_run_out(parcel: Parcel, extra_id: str, ran_out: RanOut) -> str:
    with loyalty().database.read() as db:
        name = extra_name(extra_id, parcel_program(db, g.shop, parcel))
    first = gettext("%(extra)s is marked as out of stock.") % {"extra": name[:1].upper() + name[1:]}
    waiting = ngettext(
        "%(num)s parcel waited for it", "%(num)s parcels waited for it", ran_out.waiting
    ) % {"num": ran_out.waiting}  # fmt: skip
    anew = gettext("%(anew)s got something else, %(without)s go without it.") % {
        "anew": ran_out.planned_anew, "without": ran_out.left_without,
    }  # fmt: skip
    more = ngettext("%(num)s more follows within minutes.", "%(num)s more follow within minutes.", ran_out.to_come) % {
        "num": ran_out.to_come
    }  # fmt: skip
    lines = gettext("It stands as a line in the orders %(numbers)s: please look after these.") % {
        "numbers": ", ".join(ran_out.in_orders)
    }  # fmt: skip
    rest = (*([more] if ran_out.to_come else []), *([lines] if ran_out.in_orders else []))
    return " ".join((first, f"{waiting}: {anew}", *rest))


def _scanned(text: str) -> Parcel | None:
    """The parcel that a scanner's text names: by its own code, or by its order's number."""
    word = text.strip().lstrip("#").strip()
    bare = re.sub(r"[^0-9A-Z]", "", word.upper())
    code = f"{CODE_START}{bare[2:]}" if bare.startswith(CODE_START[:2]) else bare
    with loyalty().database.read() as db:
        if parcel := parcels.parcel_by_code(db, g.shop.id, code[:LONGEST_CODE]):
            return parcel
        order = orders.order_by_number(db, g.shop.id, word)
        return parcels.parcel_of_order(db, g.shop.id, order.id) if order else None


def _named(parcel: Parcel, words: str) -> str:
    with loyalty().database.read() as db:
        order = orders.order_by_row(db, g.shop.id, parcel.order_row)
    return gettext("Order %(number)s: %(said)s") % {"number": order.number if order else parcel.code, "said": words}


def _parcel(code: str) -> Parcel | None:
    with loyalty().database.read() as db:
        return parcels.parcel_by_code(db, g.shop.id, code[:LONGEST_CODE])


def _nothing_here() -> ResponseReturnValue:
    return {"said": gettext("This parcel is not there any more.")}, 404


def _item() -> int:
    return request.form.get("item", 0, type=int)


def _reason() -> dict[str, str]:
    return {"reason": request.form.get("reason", ""), "words": request.form.get("words", "")}
