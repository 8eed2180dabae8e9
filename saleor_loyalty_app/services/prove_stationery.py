"""A proof: one card as it would look with a stationery that is not saved yet, with a real note or made-up words."""

import io
from dataclasses import dataclass, replace

from PIL import Image
from sqlalchemy import Connection

from saleor_loyalty_app.domain.print_jobs import NoteState, Printable
from saleor_loyalty_app.domain.print_problems import PrintProblem
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.printing.cards import Card, card_png
from saleor_loyalty_app.printing.copy_sheets import copy_sheet_png
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look
from saleor_loyalty_app.services.typeset_pages import card_of, copy_sheet_of
from saleor_loyalty_app.store import parcels, print_lists
from saleor_loyalty_app.store.shops import Shop

LOOKED_AT = 10
DPI = 110
INK = 200
"""What is darker than this shade is words."""
EDGE = 8
"""Pixels that stay around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A card as PNG, or what keeps it from being printed."""

    png: bytes | None
    problems: tuple[PrintProblem, ...] = ()


def prove(card: Card, look: Look, *, dpi: int = DPI, outside: bool = False) -> Proof:
    """How a card would look; of a folded one its inside, or its outside."""
    try:
        return Proof(png=card_png(card, look, dpi=dpi, outside=outside))
    except CannotPrint as refused:
        return Proof(png=None, problems=refused.problems)


def prove_copy_sheet(one: Printable, look: Look, program: Program) -> Proof:
    """How the sheet to copy a card from would look."""
    try:
        return Proof(png=copy_sheet_png(copy_sheet_of(one, program.languages[0]), look, dpi=72))
    except CannotPrint as refused:
        return Proof(png=None, problems=refused.problems)


def recent_cards(db: Connection, shop: Shop) -> list[Printable]:
    """The last notes that have words, newest first, to prove a stationery on."""
    latest = [one.id for one in parcels.latest_parcels(db, shop.id, limit=LOOKED_AT)]
    known = print_lists.printables(db, shop.id, latest)
    return [one for one in known if one.text and one.note_state != NoteState.CANCELLED]


def card_on(db: Connection, shop: Shop, code: str, sample: Card) -> Card:
    """The card of the parcel with this code, else `sample`."""
    parcel = parcels.parcel_by_code(db, shop.id, code) if code else None
    known = print_lists.printables(db, shop.id, [parcel.id]) if parcel else []
    return next((card_of(one) for one in known if one.text), sample)


def font_sample(font: str, look: Look, sample: Card) -> Proof:
    """A few words in a font, with little around them."""
    changes = {"font": font, "card_format": "a7", "orientation": "landscape", "paper": "#ffffff", "crop_marks": False}
    plain = replace(look, stationery=look.stationery.model_copy(update=changes), motif=None, logo=None, signature=None)
    proof = prove(sample, plain)
    return Proof(png=_words_only(proof.png)) if proof.png else proof


def _words_only(png: bytes) -> bytes:
    """The part of a picture in which something stands."""
    with Image.open(io.BytesIO(png)) as whole:
        bright = whole.convert("L")
        box = bright.point(lambda shade: 255 if shade < INK else 0).getbbox() or (0, 0, *whole.size)
        left, top, right, bottom = box
        part = whole.crop((max(0, left - EDGE), max(0, top - EDGE), right + EDGE, bottom + EDGE))
    written = io.BytesIO()
    part.save(written, "PNG")
    return written.getvalue()
