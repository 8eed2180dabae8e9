"""Widgets on the dashboard's order and customer pages: whole documents, opened by a form with the token in it.

They have no App Bridge (dashboard-facts.md): they say how high they are, and get fresh tokens. Their buttons are
answered with the inside of the widget. Ids from outside are hostile until they are found in our tables for that shop.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import SKIP_REASONS, reason_text, why_not_changed
from saleor_loyalty_app.domain.changing import LONGEST_NOTE, LONGEST_WORDS, CannotChange, WhyNotChanged
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import in_one_line, reasoning
from saleor_loyalty_app.domain.parcels import NO_INSERTS
from saleor_loyalty_app.domain.tier_sentences import progress, why, why_no_parcel
from saleor_loyalty_app.services import change_parcel
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.services.parcel_case import case_of_parcel, exchanges_for, parcel_program
from saleor_loyalty_app.services.try_again import try_again
from saleor_loyalty_app.store import earlier_parcels, pages, parcel_changes, parcels, pictures, tiers, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id, customer_by_user
from saleor_loyalty_app.store.orders import OrderRow, order_by_row, order_by_saleor_id
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.web.answers import with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force, program_of_version
from saleor_loyalty_app.web.words import extra_name, gettext, locale, mark

blueprint = Blueprint("widgets", __name__, url_prefix="/widgets")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
LATEST = 3
FIELDS = {
    "note": {WhyNotChanged.NO_TEXT, WhyNotChanged.TEXT_TOO_LONG, WhyNotChanged.SAME_TEXT, WhyNotChanged.STALE},
    "words": {WhyNotChanged.NO_REASON, WhyNotChanged.NO_WORDS, WhyNotChanged.TEXT_TOO_LONG},
}
"""What can be wrong with a field of the order's widget."""


@blueprint.app_template_global()
def widget_frame() -> str:
    """What a widget's template stands in: a document when the dashboard opens it, nothing in an answer to a button."""
    return "widgets/part.html" if "HX-Request" in request.headers else "widgets/document.html"


@blueprint.app_template_global()
def dashboards() -> tuple[str, ...]:
    """The origins of the dashboards that a widget may stand in."""
    return loyalty().settings.dashboard_origins


@blueprint.app_template_global()
def new_wish() -> str:
    """What a form is known by, so that it does once what is sent twice."""
    return str(uuid4())


# ---- The order's widget


@blueprint.post("/order")
@staff_only(ORDERS)
def order() -> ResponseReturnValue:
    """What goes into this parcel, and why."""
    with loyalty().database.read() as db:
        known = order_by_saleor_id(db, g.shop.id, request.form.get("orderId", "")[:200])
    return _order_widget(known)


@blueprint.post("/order/<int:row>/exchange")
@staff_only(ORDERS)
def exchange(row: int) -> ResponseReturnValue:
    """Exchange a surprise for the next best."""
    item = request.form.get("item", 0, type=int)
    return _change(row, change_parcel.exchange_item, item, about=f"exchange-{item}")


@blueprint.post("/order/<int:row>/note")
@staff_only(ORDERS)
def edit_note(row: int) -> ResponseReturnValue:
    """Keep the words on the card."""
    text, revision = request.form.get("text", ""), request.form.get("revision", type=int)
    return _change(row, change_parcel.edit_note, about="note", text=text, revision=revision)


@blueprint.post("/order/<int:row>/skip")
@staff_only(ORDERS)
def skip(row: int) -> ResponseReturnValue:
    """Let the parcel go without anything."""
    reason, words = request.form.get("reason", ""), request.form.get("words", "")
    return _change(row, change_parcel.skip_parcel, about="words", reason=reason, words=words)


@blueprint.post("/order/<int:row>/pack")
@staff_only(ORDERS)
def pack(row: int) -> ResponseReturnValue:
    """Everything is in the parcel."""
    return _change(row, change_parcel.pack_parcel, about="turn")


@blueprint.post("/order/<int:row>/undo")
@staff_only(ORDERS)
def undo(row: int) -> ResponseReturnValue:
    """Take "packed" or "skipped" back."""
    return _change(row, change_parcel.reopen_parcel, about="turn")


@blueprint.post("/order/<int:row>/look-again")
@staff_only(ORDERS)
def look_again(row: int) -> ResponseReturnValue:
    """Try again what failed about this order."""
    with loyalty().database.read() as db:
        known = order_by_row(db, g.shop.id, row)
    if known is None or not try_again(loyalty(), g.shop, f"order:{known.order_id}"):
        return _missing()
    return with_toast(
        make_response(_order_widget(known)), ("success", gettext("The order is being checked again."))
    )  # fmt: skip


def _change(row: int, change: Callable[..., Changed], *of: object, about: str, **how: Any) -> ResponseReturnValue:
    """Carry out one change of the order's parcel; what is wrong with it is said at `about`."""
    with loyalty().database.read() as db:
        known = order_by_row(db, g.shop.id, row)
        parcel = parcels.parcel_of_order(db, g.shop.id, row) if known else None
    if parcel is None:
        return _missing()
    try:
        wish = request.form.get("wish", "")
        done = change(loyalty(), g.shop, parcel.id, *of, by=g.viewer.user_id, wish=wish, **how)
    except LookupError:
        return _missing()
    except CannotChange as refused:
        return _order_widget(known, refused=refused, about=about), 422
    return with_toast(make_response(_order_widget(known)), ("success", _said(done)))


def _said(done: Changed) -> str:
    """What a change did, for the line that is read out."""
    with loyalty().database.read() as db:
        parcel = parcels.parcel_by_id(db, g.shop.id, done.parcel_id)
        program = parcel_program(db, g.shop, parcel) if parcel else program_in_force(db)
    if done.kind == parcel_changes.EXCHANGED:
        return gettext("Exchanged: %(extra)s goes in.") % {"extra": extra_name(done.detail["in"], program)}
    if done.kind == parcel_changes.REOPENED and done.detail["left_out"]:
        names = ", ".join(extra_name(extra, program) for extra in done.detail["left_out"])
        return gettext("To pack again, without what can no longer go in: %(extras)s.") % {"extras": names}
    return gettext(
        {
            parcel_changes.NOTE_EDITED: mark("The note is saved."),
            parcel_changes.SKIPPED: mark("The parcel is skipped."),
            parcel_changes.PACKED: mark("The parcel is packed."),
        }.get(done.kind, mark("The parcel is to be packed again."))
    )


def _order_widget(known: OrderRow | None, *, refused: CannotChange | None = None, about: str = "") -> str:
    if known is None:
        return render_template("widgets/order.html", shop=g.shop, order=None)
    with loyalty().database.read() as db:
        program, parcel = program_in_force(db), parcels.parcel_of_order(db, g.shop.id, known.id)
        values = {"program": program, **(_of_parcel(db, parcel) if parcel else {})}
        customer = customer_by_id(db, g.shop.id, known.customer_id)
        trouble = work.find(db, g.shop.id, f"order:{known.order_id}")
    reason = why_no_parcel(NoParcel(known.no_parcel), locale()) if known.no_parcel in set(NoParcel) else None
    return render_template(
        "widgets/order.html",
        shop=g.shop,
        order=known,
        parcel=parcel,
        customer=customer,
        trouble=trouble,
        why_none=reason,
        typed=request.form,
        problems=_problems(refused, about, values),
        **values,
    )


def _problems(refused: CannotChange | None, about: str, values: dict[str, Any]) -> dict[str, str]:
    """What is wrong, by the place where it is said: beside its field or button, as far as that is still there."""
    if refused is None:
        return {}
    fields = {name for name, reasons in FIELDS.items() if refused.why in reasons}
    places = fields | {f"exchange-{item.id}" for item in values["standing"]} if values["planned"] else set()
    return {about if about in places else "turn": why_not_changed(refused, values["program"], locale())}


def _of_parcel(db: Connection, parcel: Parcel) -> dict[str, Any]:
    case = case_of_parcel(loyalty(), db, g.shop, parcel)
    program, standing = case.made_under, case.inside
    offered = {item.id: exchanges_for(case, item) for item in standing}
    return {
        "program": program,
        "standing": standing,
        "planned": parcel.state == parcels.PLANNED,
        "exchanges": {item: found[0].extra_id for item, found in offered.items() if found},
        "pictures": pictures.pictures_of(db, g.shop.id, [item.extra_id for item in standing]),
        "note": pages.note_of_parcel(db, g.shop.id, parcel.id),
        "why_in_short": in_one_line(parcel.plan, program, locale()),
        "why_in_full": reasoning(parcel.plan, program, locale()),
        "why_closed": _why_closed(db, parcel),
        "may_write": NO_INSERTS not in case.story.exclusions and not case.customer.erased_at,
        "reasons": [(reason, gettext(words)) for reason, words in SKIP_REASONS.items()],
        "longest_note": LONGEST_NOTE,
        "longest_words": LONGEST_WORDS,
    }


def _why_closed(db: Connection, parcel: Parcel) -> str:
    if parcel.state == parcels.SKIPPED:
        skipped = parcel_changes.last_change(db, g.shop.id, parcel.id, kind=parcel_changes.SKIPPED)
        return reason_text(skipped.detail["reason"], skipped.detail["words"], locale()) if skipped else ""
    return why_no_parcel(NoParcel(parcel.closed_why), locale()) if parcel.closed_why in set(NoParcel) else ""


def _missing() -> ResponseReturnValue:
    return render_template("widgets/missing.html"), 404


# ---- The customer's widget


@blueprint.post("/customer")
@staff_only(USERS)
def customer() -> ResponseReturnValue:
    """Tier, why, progress and the last surprises of this customer."""
    with loyalty().database.read() as db:
        known = customer_by_user(db, g.shop.id, request.form.get("customerId", "")[:200])
        if known is None:
            return render_template("widgets/customer.html", shop=g.shop, customer=None)
        return _customer_widget(db, known)


def _customer_widget(db: Connection, known: Customer) -> str:
    program = program_in_force(db)
    ahead = look_ahead(case_of(loyalty(), db, g.shop, known))
    newest = next(iter(tiers.decisions_of(db, g.shop.id, known.id, limit=1)), None)
    return render_template(
        "widgets/customer.html",
        shop=g.shop,
        customer=known,
        program=program,
        outlook=ahead,
        ahead=progress(ahead, program, locale()),
        why=why(newest.decision, program_of_version(db, newest.decision.program_version), locale()) if newest else "",
        surprises=earlier_parcels.last_surprises(db, g.shop.id, known.id, mode=g.shop.mode, limit=LATEST),
        no_inserts=NO_INSERTS,
    )
