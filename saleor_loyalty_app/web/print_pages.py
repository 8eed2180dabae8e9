"""The print room: what shall be printed for which parcels, what speaks against it, and who approves the words.

The dashboard's frame may not print, so pages are downloaded as PDF; see `print_job_pages.py`.
"""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.print_jobs import WITH_NOTE, PrintKind
from saleor_loyalty_app.services.approve_notes import MOST_AT_ONCE, approve_notes, fingerprint
from saleor_loyalty_app.services.keep_stationery import look_of
from saleor_loyalty_app.services.print_batch import MOST
from saleor_loyalty_app.services.print_checks import LOOKED_AT_ONCE, check_print
from saleor_loyalty_app.services.prove_stationery import prove, prove_copy_sheet
from saleor_loyalty_app.services.typeset_pages import card_of
from saleor_loyalty_app.store import parcels, print_lists
from saleor_loyalty_app.store.pages import COUNTED_TO
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.list_filters import read_row
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.print_choices import (
    BATCH,
    DAY,
    MINE,
    ONE,
    READY,
    Chosen,
    NotChosen,
    in_words,
    parcels_of,
    read_form,
    read_path,
)
from saleor_loyalty_app.web.print_jobs_shown import recent_jobs
from saleor_loyalty_app.web.print_sentences import MENDED_ON_ITS_PAGE, printed_before, why_left_out
from saleor_loyalty_app.web.proofs import proof_part
from saleor_loyalty_app.web.words import gettext, ngettext

blueprint = Blueprint("print_pages", __name__, url_prefix="/panel/print")

ORDERS = "MANAGE_ORDERS"
CARDS_ON_A_PAGE = 25
ROWS = 100
"""So many of those that are left out are named one by one."""


@blueprint.get("")
@staff_only(ORDERS)
def show_room() -> ResponseReturnValue:
    """What to print, for which parcels, and what was printed lately."""
    return room_page(Chosen())


@blueprint.get("/in/<path:which>")
@staff_only(ORDERS)
def show_room_for(which: str) -> ResponseReturnValue:
    """The same, with the parcels chosen by the address."""
    return room_page(read_path(which))


@blueprint.post("/check")
@staff_only(ORDERS)
def check() -> ResponseReturnValue:
    """Look through the chosen parcels before anything is printed."""
    kind = kind_of(request.form)
    try:
        with loyalty().database.read() as db:
            program_in_force(db)
            chosen = read_form(db, request.form)
    except NotChosen as wrong:
        return room_page(Chosen(), kind=kind, typed=request.form, problem=str(wrong))
    return check_page(chosen, kind, first_place=first_place_of(request.form))


@blueprint.get("/proof/<kind>/<code>")
@staff_only(ORDERS)
def show_proof(kind: str, code: str) -> ResponseReturnValue:
    """One card, or the sheet to copy it from, as it would be printed now."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        parcel = parcels.parcel_by_code(db, g.shop.id, code[:16])
        one = next(iter(print_lists.printables(db, g.shop.id, [parcel.id] if parcel else [])), None)
        look = look_of(loyalty(), db, g.shop)
    if one is None or kind not in WITH_NOTE:
        return missing("/print")
    proof = prove(card_of(one), look) if kind == PrintKind.CARDS else prove_copy_sheet(one, look, program)
    return proof_part(proof)


@blueprint.get("/approve")
@staff_only(ORDERS)
def show_waiting() -> ResponseReturnValue:
    """Cards that wait for approval, with their words."""
    return _waiting_page()


@blueprint.post("/approve")
@staff_only(ORDERS)
def approve() -> ResponseReturnValue:
    """Approve one card or all that were shown; what was changed meanwhile is shown again."""
    named = request.form.getlist("only") or request.form.getlist("seen")
    seen = [(row, mark) for row, mark in (_card_seen(one) for one in named[:MOST_AT_ONCE]) if row is not None]
    done = approve_notes(loyalty(), g.shop, seen, by=g.viewer.user_id)
    said = ngettext("%(num)s card is approved.", "%(num)s cards are approved.", done.approved) % {"num": done.approved}
    if done.changed:
        numbers = ", ".join(f"#{one.order_number}" for one in done.changed)
        said += " " + gettext("Changed meanwhile, so please read again: %(orders)s.") % {"orders": numbers}
    return _waiting_page(toast=("warning" if done.changed else "success", said))


# ---- Pages


def room_page(
    chosen: Chosen, *, kind: PrintKind = PrintKind.COPY_SHEETS, typed: Any = None, problem: str = ""
) -> ResponseReturnValue:
    """The room with its form."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        values = {**_counts(db), **recent_jobs(db)}
        waiting = print_lists.count_waiting_notes(db, g.shop.id) if program.packing.approve_notes else 0
    return page(
        "panel/print.html",
        "/print" if chosen == Chosen() else f"/print/in/{chosen.path}",
        status=422 if problem else 200,
        kind=kind,
        kinds=[one.value for one in PrintKind],
        chosen=chosen,
        typed=typed or {"which": chosen.which, chosen.which: chosen.what},
        problem=problem,
        must_be_approved=program.packing.approve_notes,
        waiting=waiting,
        counted_to=COUNTED_TO,
        **values,
    )


def check_page(chosen: Chosen, kind: PrintKind, *, first_place: int, notice: str = "") -> ResponseReturnValue:
    """What can be printed, what can't and why, and what was printed before."""
    app = loyalty()
    with app.database.read() as db:
        program = program_in_force(db)
        try:
            ids = parcels_of(db, chosen, program)
        except NotChosen as wrong:
            return room_page(chosen, kind=kind, problem=str(wrong))
    too_many = len(ids) > MOST
    check = check_print(app, g.shop, kind, [] if too_many else ids)
    by_id = {one.parcel_id: one for one in check.found}
    left_out = [
        (by_id[one.parcel_id], why_left_out(one, program), one.why in MENDED_ON_ITS_PAGE) for one in check.left_out
    ]
    return page(
        "panel/print_check.html",
        f"/print/in/{chosen.path}",
        chosen=chosen,
        chosen_words=in_words(chosen),
        kind=kind,
        check=check,
        left_out=left_out[:ROWS],
        left_out_more=len(left_out) - ROWS,
        printed=[printed_before(group, len(check.fine)) for group in check.printed],
        unread=kind is PrintKind.CARDS and len(check.fine) > LOOKED_AT_ONCE,
        first_place=first_place,
        too_many=too_many,
        most=MOST,
        notice=notice,
    )


def _waiting_page(*, toast: Toast | None = None) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        program = program_in_force(db)
        cards = print_lists.waiting_notes(db, g.shop.id, limit=CARDS_ON_A_PAGE)
        in_all = print_lists.count_waiting_notes(db, g.shop.id)
    shown = [(one, f"{one.parcel_id}:{fingerprint(one.text)}") for one in cards]
    return page(
        "panel/print_approve.html", "/print/approve", toast=toast, cards=shown, in_all=in_all,
        counted_to=COUNTED_TO, must_be_approved=program.packing.approve_notes,
    )  # fmt: skip


# ---- What forms say


def kind_of(form: Any) -> PrintKind:
    """What shall be printed; what nobody could have chosen is the first."""
    asked = form.get("kind", "")
    return PrintKind(asked) if asked in set(PrintKind) else PrintKind.COPY_SHEETS


def first_place_of(form: Any) -> int:
    """The first label that is still on the sheet, counted from 1."""
    typed = read_row(form.get("first_place", "").strip())
    return min(max(typed or 1, 1), 200)


def _card_seen(value: str) -> tuple[int | None, str]:
    row, _, mark = value.partition(":")
    return read_row(row), mark[:64]


def _counts(db: Connection) -> dict[str, Any]:
    mine = print_lists.batch_of(db, g.shop.id, g.viewer.user_id)
    in_mine = print_lists.parcels_in_batch(db, g.shop.id, mine, limit=COUNTED_TO + 1) if mine else None
    return {
        "ready": len(print_lists.ready_parcels(db, g.shop.id, limit=COUNTED_TO + 1)),
        "mine": mine,
        "in_mine": len(in_mine or ()),
        "names": {"READY": READY, "MINE": MINE, "BATCH": BATCH, "ONE": ONE, "DAY": DAY},
    }
