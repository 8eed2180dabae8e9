"""What staff do on the page of one parcel: each form is one change, and its answer the page as it stands then."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.change_sentences import what_changed
from saleor_loyalty_app.domain.changing import CannotChange
from saleor_loyalty_app.services import change_parcel
from saleor_loyalty_app.services.parcel_case import parcel_program
from saleor_loyalty_app.store import parcels
from saleor_loyalty_app.store.orders import order_by_row
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.web.answers import missing
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.parcel_pages import ORDERS, order_page
from saleor_loyalty_app.web.words import locale

blueprint = Blueprint("parcel_change_pages", __name__, url_prefix="/panel/parcels/<code>")


@blueprint.post("/exchange")
@staff_only(ORDERS)
def exchange(code: str) -> ResponseReturnValue:
    """Exchange a surprise for the next best, or for the one that was chosen."""
    item, instead = request.form.get("item", 0, type=int), request.form.get("instead") or None
    return _change(code, change_parcel.exchange_item, item, about=f"exchange-{item}", instead=instead)


@blueprint.post("/take-out")
@staff_only(ORDERS)
def take_out(code: str) -> ResponseReturnValue:
    """Take an extra out, with a reason."""
    item = request.form.get("item", 0, type=int)
    return _change(code, change_parcel.take_out_item, item, about=f"out-{item}", **_reason())


@blueprint.post("/add")
@staff_only(ORDERS)
def add(code: str) -> ResponseReturnValue:
    """Put another extra in."""
    return _change(code, change_parcel.add_extra, request.form.get("extra", ""), about="extra")


@blueprint.post("/note")
@staff_only(ORDERS)
def edit_note(code: str) -> ResponseReturnValue:
    """Keep the words on the card."""
    text, revision = request.form.get("text", ""), request.form.get("revision", type=int)
    return _change(code, change_parcel.edit_note, about="text", text=text, revision=revision)


@blueprint.post("/skip")
@staff_only(ORDERS)
def skip(code: str) -> ResponseReturnValue:
    """Let the parcel go without anything, with a reason."""
    return _change(code, change_parcel.skip_parcel, about="skip", **_reason())


@blueprint.post("/pack")
@staff_only(ORDERS)
def pack(code: str) -> ResponseReturnValue:
    """Everything is in the parcel."""
    return _change(code, change_parcel.pack_parcel, about="turn")


@blueprint.post("/undo")
@staff_only(ORDERS)
def undo(code: str) -> ResponseReturnValue:
    """Take "packed" or "skipped" back."""
    return _change(code, change_parcel.reopen_parcel, about="turn")


def _reason() -> dict[str, str]:
    return {"reason": request.form.get("reason", ""), "words": request.form.get("words", "")}


def _change(code: str, change: Callable[..., Changed], *of: object, about: str, **how: Any) -> ResponseReturnValue:
    """Carry out one change of a parcel; what is wrong with it is said at the field `about`."""
    with loyalty().database.read() as db:
        parcel = parcels.parcel_by_code(db, g.shop.id, code[:16])
        order = order_by_row(db, g.shop.id, parcel.order_row) if parcel else None
    if parcel is None:
        return missing("/parcels")
    wish = request.form.get("wish", "")
    try:
        done = change(loyalty(), g.shop, parcel.id, *of, by=g.viewer.user_id, wish=wish, **how)
    except LookupError:
        return missing("/parcels")
    except CannotChange as refused:
        return order_page(order, status=422, refused={about: refused})
    return order_page(order, toast=("success", _said(parcel, done)))


def _said(parcel: Parcel, done: Changed) -> str:
    with loyalty().database.read() as db:
        words = what_changed(done.kind, done.detail, parcel_program(db, g.shop, parcel), locale())
    return f"{words[:1].upper()}{words[1:]}."
