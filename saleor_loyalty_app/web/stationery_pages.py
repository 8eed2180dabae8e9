"""The shop's stationery: how cards, slips, labels and sheets look, with a proof that follows each change.

Settings are saved as a whole, from the revision that the form showed; pictures change at once, and say so.
"""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.stationery import Stationery, StationeryProblem
from saleor_loyalty_app.printing.cards import Card
from saleor_loyalty_app.printing.fonts import fonts_to_choose
from saleor_loyalty_app.printing.typesetting import Look
from saleor_loyalty_app.services.keep_stationery import (
    StationeryMoved,
    drop_print_picture,
    keep_print_picture,
    look_with,
    save_stationery,
    stationery_now,
    usable_stationery,
)
from saleor_loyalty_app.services.prove_stationery import card_on, font_sample, prove, recent_cards
from saleor_loyalty_app.store import stationery
from saleor_loyalty_app.web.answers import Toast, missing, page, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.proofs import image_of, png_address, proof_part
from saleor_loyalty_app.web.stationery_forms import FIELDS, problems_of, read_form, surroundings
from saleor_loyalty_app.web.uploads import change_kept_picture
from saleor_loyalty_app.web.words import gettext, locale

blueprint = Blueprint("stationery_pages", __name__, url_prefix="/panel/print/look")

ORDERS = "MANAGE_ORDERS"
LOOK = "/print/look"


@blueprint.get("")
@staff_only(ORDERS)
def show_look() -> ResponseReturnValue:
    """The stationery as it stands."""
    return _look_page()


@blueprint.post("")
@staff_only(ORDERS)
def save() -> ResponseReturnValue:
    """Keep the stationery, unless somebody else did meanwhile."""
    data, revision = read_form(request.form), request.form.get("revision", -1, type=int)
    try:
        save_stationery(loyalty(), g.shop, data, revision=revision, by=g.viewer.user_id)
    except StationeryProblem as wrong:
        return _look_page(data=data, problems=problems_of(wrong, locale()), status=422)
    except StationeryMoved:
        return _look_page(data=data, moved=True, status=409)
    return _look_page(
        toast=("success", gettext("The stationery is saved. It holds for everything printed from now on."))
    )


@blueprint.post("/proof")
@staff_only(ORDERS)
def show_proof() -> ResponseReturnValue:
    """A card with what the form says at the moment, saved or not."""
    data = read_form(request.form)
    try:
        settings = usable_stationery(loyalty(), data)
    except StationeryProblem as wrong:
        return proof_part(None, problems=tuple(problems_of(wrong, locale()).values()))
    with loyalty().database.read() as db:
        card = card_on(db, g.shop, request.form.get("try_on", "")[:16], _sample(db))
        look = _look(db, settings)
    outside = prove(card, look, outside=True) if settings.card_format == "folded" else None
    return proof_part(prove(card, look), outside=outside)


@blueprint.post("/fonts")
@staff_only(ORDERS)
def show_fonts() -> ResponseReturnValue:
    """A few words in each font."""
    with loyalty().database.read() as db:
        settings, _ = stationery_now(db, g.shop.id)
        look, sample = _look(db, settings), _sample(db)
    fonts = fonts_to_choose(look.fonts_dir)
    words = Card(code="", text=gettext("Thank you, dear Anna!"), language=sample.language)
    shown = [(font, image_of(font_sample(font.id, look, words))) for font in fonts.values()]
    return render_template("panel/print_fonts.html", fonts=shown, chosen=request.form.get("font", settings.font))


@blueprint.post("/pictures/<kind>")
@staff_only(ORDERS)
def change_picture(kind: str) -> ResponseReturnValue:
    """Keep or drop motif, logo or signature, at once."""
    if kind not in stationery.PICTURES:
        return missing(LOOK)
    problem, toast = change_kept_picture(
        keep=lambda data: keep_print_picture(loyalty(), g.shop, kind, data, by=g.viewer.user_id),
        drop=lambda: drop_print_picture(loyalty(), g.shop, kind),
    )
    return _picture_part(kind, problem=problem, toast=toast)


# ---- Pages


def _look_page(
    *,
    data: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    moved: bool = False,
    status: int = 200,
    toast: Toast | None = None,
) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        program_in_force(db)
        settings, stored = stationery_now(db, g.shop.id)
        pictures = _images(db)
        cards = recent_cards(db, g.shop)
        look = _look(db, settings)
    current = settings.model_dump(mode="json")
    typed = data or current
    differing = [name for name in FIELDS if moved and _plain(typed.get(name)) != _plain(current[name])]
    return page(
        "panel/print_look.html",
        LOOK,
        status=status,
        toast=toast,
        typed=typed,
        problems=problems or {},
        stored=stored,
        moved=moved,
        differing=[(gettext(FIELDS[name]), current[name]) for name in differing],
        pictures=pictures,
        cards=cards,
        fonts=list(fonts_to_choose(look.fonts_dir).values()),
        **surroundings(),
    )


def _picture_part(kind: str, *, problem: str = "", toast: Toast | None = None) -> Response:
    with loyalty().database.read() as db:
        pictures = _images(db)
    body = render_template("panel/print_picture.html", kind=kind, picture=pictures.get(kind, ""), problem=problem)
    answer = make_response(body, 422 if problem else 200)
    return with_toast(answer, toast, pictureChanged=kind) if toast else answer


def _look(db: Connection, settings: Stationery) -> Look:
    return look_with(loyalty(), settings, stationery.pictures_of(db, g.shop.id))


def _sample(db: Connection) -> Card:
    """Words for a shop without notes, signed as the program says."""
    program = program_in_force(db)
    text = gettext(
        "Dear Anna,\n\nthis is your seventh order with us, and we have not forgotten the first one. Thank you for "
        "coming back. We hope the little thing in this parcel makes you smile."
    )
    sign_off = program.words(program.sender.sign_off, locale())
    return Card(code="", text=text, sign_off=sign_off, sender=program.sender.name, language=locale())


def _images(db: Connection) -> dict[str, str]:
    """The pictures as addresses of images, by kind."""
    return {kind: png_address(png) for kind, png in stationery.pictures_of(db, g.shop.id).items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value
