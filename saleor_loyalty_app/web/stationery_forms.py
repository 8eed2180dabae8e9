"""The form of the stationery: its fields by name, what is chosen from, and what the form says."""

from collections.abc import Mapping
from typing import Any

from babel.core import Locale

from saleor_loyalty_app.domain.stationery import StationeryProblem
from saleor_loyalty_app.printing.label_sheets import SHEETS
from saleor_loyalty_app.web.words import locale, mark

FIELDS = {
    "card_format": mark("Format"),
    "orientation": mark("Orientation"),
    "font": mark("Font"),
    "ink": mark("Colour of the words"),
    "paper": mark("Colour of the ground"),
    "accent": mark("Colour of lines and ornaments"),
    "motif_shows": mark("How strongly the motif shows"),
    "logo_shows": mark("Print the logo"),
    "signature_shows": mark("Print the signature"),
    "crop_marks": mark("Crop marks and 3 mm of bleed"),
    "copy_size": mark("Size of the letters"),
    "slip_prices": mark("Print prices"),
    "slip_code": mark("Print the order number as a barcode"),
    "answer_url": mark("Address for answers"),
    "return_address": mark("Return address"),
    "from_country": mark("Country you send from"),
    "label_sheet": mark("Sheet of labels"),
    "sheet_paper": mark("Paper for slips and sheets"),
}
"""What each field is called, in the order of the form."""
TICKED = frozenset({"logo_shows", "signature_shows", "crop_marks", "slip_prices", "slip_code"})
NUMBERS = frozenset({"motif_shows", "copy_size"})
LONGEST = 500
MOST_LINES = 12


def read_form(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, as plain data that may still be wrong."""
    data: dict[str, Any] = {}
    for name in FIELDS:
        typed = form.get(name, "").strip()[:LONGEST]
        if name in TICKED:
            data[name] = name in form
        elif name == "return_address":
            data[name] = [line.strip() for line in typed.splitlines() if line.strip()][:MOST_LINES]
        elif name in NUMBERS and typed.isascii() and typed.isdecimal():
            data[name] = int(typed)
        else:
            data[name] = typed
    return data


def problems_of(wrong: StationeryProblem, language: str) -> dict[str, str]:
    """What is wrong in words, by field."""
    return {problem.field: problem.said(language) for problem in wrong.problems}


def surroundings() -> dict[str, Any]:
    """What the form's lists are made of."""
    names = Locale.parse(locale()).territories
    countries = sorted(((code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()),
                       key=lambda one: one[1].casefold())  # fmt: skip
    return {
        "labels": FIELDS,
        "countries": [(code, name) for code, name in countries if code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB"}],
        "sheets": [(sheet.id, sheet.name(locale())) for sheet in SHEETS.values()],
    }
