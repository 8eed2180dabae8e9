"""Labels for extras and for envelopes, on sheets of labels that may be used in part already."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saleor_loyalty_app.domain.language import supported
from saleor_loyalty_app.domain.print_words import TEST_PAGE, words_in
from saleor_loyalty_app.printing.label_sheets import SHEETS, LabelSheet, places_from
from saleor_loyalty_app.printing.plain_words import missing_in, plain_line
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look, PrintProblem, PrintTrouble, ask_pages, set_pages

EDGE_MM = 5.0
"""No printer reaches the very edge of its paper: words keep away from it so far."""
INSET_MM = 2.0
LARGEST, SMALLEST = {"address": 12.0, "extra": 14.0}, 7.0
"""Points. Nobody reads less than the smallest with pleasure, nor does a sorting machine."""
LONGEST_LINE = 1000
"""Characters; no label holds that many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraLabel:
    """What is written on an extra."""

    name: str
    detail: str = ""
    """For example best-before day and what it contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLabel:
    """An address as `addresses.address_lines` writes it."""

    code: str
    """The parcel's code; it is not printed."""
    lines: tuple[str, ...]


def labels_pdf(labels: Sequence[ExtraLabel | AddressLabel], sheet_id: str, first_place: int, look: Look) -> bytes:
    """These labels in their order, the first one at `first_place` of its sheet (1: a fresh sheet; too far: the last).

    Raises CannotPrint with all that can't be printed, an address by its parcel's code, an extra by its name; KeyError
    for a sheet that is not in SHEETS.
    """
    sheet = SHEETS[sheet_id]
    if problems := tuple(problem for label in labels for problem in _before_setting(label, look)):
        raise CannotPrint(*problems)
    data = {
        "paper": list(sheet.paper_mm),
        "smallest": SMALLEST,
        "labels": [_placed(label, sheet, *where)
                   for label, where in zip(labels, places_from(sheet, first_place, len(labels)), strict=True)],
    }  # fmt: skip
    try:
        return set_pages("labels", data, look)
    except CannotPrint as refused:
        if refused.problems[0].why != PrintTrouble.LABEL_TOO_LONG:
            raise
        too_long = ask_pages("labels", {**data, "check": True}, look, label="too-long")
        raise CannotPrint(*(_too_long(labels[at]) for at in too_long)) from None


def outlines_pdf(sheet_id: str, look: Look, *, locale: str = "en") -> bytes:
    """The outlines of all labels of a sheet with their places, to hold against a sheet. Raises KeyError."""
    sheet = SHEETS[sheet_id]
    data = {
        "paper": list(sheet.paper_mm),
        "size": [sheet.width_mm, sheet.height_mm],
        "places": [list(sheet.place_mm(place)) for place in range(sheet.places)],
        "name": sheet.name(locale),
        "how": words_in(TEST_PAGE, supported(locale))["how"],
    }
    return set_pages("label_test", data, look)


def _before_setting(label: ExtraLabel | AddressLabel, look: Look) -> tuple[PrintProblem, ...]:
    words = _words(label)
    if sum(map(len, words)) > LONGEST_LINE:
        return (_too_long(label),)
    return missing_in(_name(label), words, look)


def _too_long(label: ExtraLabel | AddressLabel) -> PrintProblem:
    return PrintProblem(_name(label), PrintTrouble.LABEL_TOO_LONG)


def _name(label: ExtraLabel | AddressLabel) -> str:
    return label.code if isinstance(label, AddressLabel) else plain_line(label.name)[:40]


def _words(label: ExtraLabel | AddressLabel) -> tuple[str, ...]:
    return label.lines if isinstance(label, AddressLabel) else (label.name, label.detail)


def _placed(label: ExtraLabel | AddressLabel, sheet: LabelSheet, page: int, place: int) -> dict[str, Any]:
    left, top = sheet.place_mm(place)
    kind = "address" if isinstance(label, AddressLabel) else "extra"
    lines = [line for line in map(plain_line, _words(label)) if line]
    from_right = _from_right("".join(lines))
    return {
        "page": page,
        "at": [left, top],
        "size": [sheet.width_mm, sheet.height_mm],
        "inset": _inset(sheet, left, top),
        "kind": kind,
        # Each line keeps its own direction: "6100000 Tel Aviv" is not turned around among Hebrew lines.
        "lines": [f"\u2068{line}\u2069" for line in lines] if from_right else lines,
        "largest": LARGEST[kind],
        "from_right": from_right,
    }


def _inset(sheet: LabelSheet, left: float, top: float) -> dict[str, float]:
    """Millimetres that stay empty within a label: more of them where the label reaches the edge of the paper."""
    width, height = sheet.paper_mm
    away = {"left": left, "top": top, "right": width - left - sheet.width_mm, "bottom": height - top - sheet.height_mm}
    return {side: max(INSET_MM, EDGE_MM - distance) for side, distance in away.items()}


def _from_right(text: str) -> bool:
    """Whether the first letter that has a direction is of a script that is written from the right."""
    return (
        next((unicodedata.bidirectional(one) for one in text if unicodedata.bidirectional(one) in "LRAL"), "L") != "L"
    )
