"""Pieces of the program's forms that come and act by themselves: previews of notes, the shop's variants, the shelf.

What stands on the shelf and the picture are no part of the draft: they change at once, and say so.
"""

from typing import Any

from flask import Blueprint, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.program_problems import ProgramProblem
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.find_variants import (
    FoundVariant,
    VariantsOutOfReach,
    channels_of,
    find_variants,
    variants_by_id,
    warehouses_in_shop,
)
from saleor_loyalty_app.services.keep_picture import drop_picture, keep_picture
from saleor_loyalty_app.services.preview_note import NotePreview, preview_note
from saleor_loyalty_app.services.set_stock import MOST_PIECES, count_stock, stop_counting
from saleor_loyalty_app.services.variant_stock import look_at_stock, take_shop_at_its_word
from saleor_loyalty_app.store.warehouses import warehouses_of
from saleor_loyalty_app.web.answers import Toast, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.program_forms import PART_FORMS, several
from saleor_loyalty_app.web.program_pages import BOTH
from saleor_loyalty_app.web.program_parts import ADDRESSABLE, OpenDraft, read_draft
from saleor_loyalty_app.web.program_surroundings import is_counted_in_shop, shelf_of
from saleor_loyalty_app.web.uploads import change_kept_picture
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("program_pieces", __name__, url_prefix="/panel/program/pieces")

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 80
LONGEST_TEMPLATE = 5_000


@blueprint.post("/note")
@staff_only(*BOTH)
def show_note() -> ResponseReturnValue:
    """A note as it is being typed, filled in for a real order, with its translations beside it."""
    values = PART_FORMS["notes"].read(request.form)
    draft = read_draft()
    program = _rules(draft)
    mine = (values["text"] or "")[:LONGEST_TEMPLATE], str(values["language"] or ""), values
    shown = [(mine[1], _filled(program, *mine), "")]
    for note in draft.listed("notes") if draft and values["id"] else []:
        other = note.values
        if other.get("id") == values["id"] and str(other.get("language")) != mine[1]:
            text, spoken = str(other.get("text", ""))[:LONGEST_TEMPLATE], str(other.get("language", ""))
            shown.append((spoken, _filled(program, text, spoken, other), note.address))
    return render_template("panel/program_note_preview.html", shown=shown)


@blueprint.post("/variants")
@staff_only(*BOTH)
def show_variants() -> ResponseReturnValue:
    """Variants of the shop whose name or SKU fits what is typed, to choose one for an extra; the chosen one first."""
    chosen, words = (
        request.form.get("variant", "")[:200],
        request.form.get("variant_words", "").strip()[:LONGEST_SEARCH],
    )
    found: list[FoundVariant] = []
    known: dict[str, FoundVariant] = {}
    trouble = ""
    try:
        known = variants_by_id(loyalty(), g.shop, [chosen]) if chosen else {}
        found = find_variants(loyalty(), g.shop, words) if len(words) >= SHORTEST_SEARCH else []
    except VariantsOutOfReach:
        trouble = "permission"
    except (TryAgain, HumanMustAct):
        trouble = "shop"
    return render_template(
        "panel/program_variants.html",
        chosen=chosen,
        chosen_variant=known.get(chosen),
        found=[variant for variant in found if variant.id != chosen],
        words=words,
        enough=len(words) >= SHORTEST_SEARCH,
        trouble=trouble,
    )


@blueprint.post("/channels")
@staff_only(*BOTH)
def show_channels() -> ResponseReturnValue:
    """The shop's channels to tick for an extra; those that are ticked and not there are shown all the same."""
    ticked = several(request.form, "channels") or []
    try:
        channels = [(channel.slug, channel.name) for channel in channels_of(loyalty(), g.shop)]
    except (TryAgain, HumanMustAct):
        channels = []
    strange = [slug for slug in ticked if slug not in {slug for slug, _ in channels}]
    return render_template("panel/program_channels.html", channels=channels, ticked=ticked, strange=strange)


@blueprint.post("/warehouses")
@staff_only(*BOTH)
def show_warehouses() -> ResponseReturnValue:
    """The shop's warehouses to choose one from; one that is chosen and not there is shown all the same."""
    try:
        warehouses, out_of_reach = warehouses_in_shop(loyalty(), g.shop), False
    except (TryAgain, HumanMustAct):
        with loyalty().database.read() as db:
            warehouses, out_of_reach = dict(warehouses_of(db, g.shop.id)), True
    return render_template(
        "panel/program_warehouses.html",
        warehouses=warehouses,
        chosen=request.form.get("warehouse", "")[:200],
        out_of_reach=out_of_reach,
    )


# ---- What changes at once


@blueprint.post("/extras/<extra_id>/shelf")
@staff_only(*BOTH)
def count_shelf(extra_id: str) -> ResponseReturnValue:
    """Keep how many pieces were counted on the shelf, or stop counting. Sent twice, it changes nothing more."""
    if not _is_published(extra_id):
        return _shelf_piece(extra_id)
    if is_counted_in_shop(extra_id):
        return _shelf_in_shop(extra_id)
    if request.form.get("stop") == "yes":
        stop_counting(loyalty(), g.shop, extra_id, by=g.viewer.user_id)
        return _shelf_piece(extra_id, toast=("success", gettext("It is no longer counted.")))
    typed = request.form.get("pieces", "").strip()
    if not typed.isascii() or not typed.isdecimal() or len(typed) > len(str(MOST_PIECES)) or int(typed) > MOST_PIECES:
        return _shelf_piece(extra_id, problem=gettext("Give a whole number of pieces."), typed=typed)
    count_stock(loyalty(), g.shop, extra_id, int(typed), by=g.viewer.user_id)
    return _shelf_piece(extra_id, toast=("success", gettext("The count is saved.")))


@blueprint.post("/extras/<extra_id>/picture")
@staff_only(*BOTH)
def change_picture(extra_id: str) -> ResponseReturnValue:
    """Keep or drop an extra's picture."""
    if not _is_known(extra_id):
        return _picture_piece(extra_id)
    problem, toast = change_kept_picture(
        keep=lambda data: keep_picture(loyalty(), g.shop, extra_id, data, by=g.viewer.user_id),
        drop=lambda: drop_picture(loyalty(), g.shop, extra_id),
    )
    return _picture_piece(extra_id, problem=problem, toast=toast)


def _shelf_in_shop(extra_id: str) -> ResponseReturnValue:
    """The shop counts it: ask it again, or take it at its word after somebody put its number right."""
    if request.form.get("right") == "yes":
        if take_shop_at_its_word(loyalty(), g.shop, extra_id):
            return _shelf_piece(extra_id, toast=("success", gettext("The shop's number holds from now on.")), looks=1)
        return _shelf_piece(
            extra_id, toast=("info", gettext("A change is on its way there. Look in a moment.")), looks=1
        )
    looks = request.form.get("looks", 1, type=int)
    if looks <= 1:
        look_at_stock(loyalty(), g.shop, extra_id)
    return _shelf_piece(extra_id, looks=looks)


def _shelf_piece(
    extra_id: str, *, problem: str = "", typed: str | None = None, toast: Toast | None = None, looks: int = 0
) -> ResponseReturnValue:
    return _piece("panel/program_shelf.html", extra_id, problem=problem, typed=typed, toast=toast, looks=looks)


def _picture_piece(extra_id: str, *, problem: str = "", toast: Toast | None = None) -> ResponseReturnValue:
    return _piece("panel/program_picture.html", extra_id, problem=problem, typed=None, toast=toast)


def _piece(template: str, extra_id: str, *, toast: Toast | None, **values: Any) -> ResponseReturnValue:
    answer = make_response(render_template(template, **shelf_of(extra_id), **values))
    answer.status_code = 422 if values["problem"] else 200
    return with_toast(answer, toast) if toast else answer


def _is_published(extra_id: str) -> bool:
    with loyalty().database.read() as db:
        return program_in_force(db).extra(extra_id) is not None


def _is_known(extra_id: str) -> bool:
    """Whether an extra of this id is in force or in the draft; only those may have a picture."""
    draft = read_draft()
    drafted = draft is not None and draft.part(("extras", extra_id)) is not None
    return bool(ADDRESSABLE.fullmatch(extra_id)) and (drafted or _is_published(extra_id))


# ---- Notes


def _rules(draft: OpenDraft | None) -> Program:
    """The rules to try a note with: the draft's where they can be used, else those in force."""
    with loyalty().database.read() as db:
        in_force = program_in_force(db)
    try:
        return read_program(draft.draft.toml) if draft else in_force
    except ProgramProblem:
        return in_force


def _filled(program: Program, text: str, language: str, note: Any) -> NotePreview:
    return preview_note(
        loyalty(),
        g.shop,
        program,
        text=text,
        language=language,
        note_tiers=_strings(note.get("tiers")),
        note_moments=_strings(note.get("moments")),
        parcel_code=request.form.get("try_on") or None,
    )


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
