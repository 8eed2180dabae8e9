"""Sheets for those who write real cards by hand: the words in large clean letters, beside whom they are for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from saleor_loyalty_app.domain.language import LANGUAGES, supported
from saleor_loyalty_app.domain.print_words import COPY_SHEET, words_in, writes_from_right
from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.plain_words import missing_in, plain, plain_line, typst_language
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look, PrintProblem, set_pages, set_picture

SMALLEST_SIZE = 12
"""Points: below this it is no pleasure to copy from; a text that is longer goes on on the next page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySheet:
    """One note to be copied by hand."""

    code: str
    """The parcel's code."""
    order_number: str
    text: str
    customer_name: str = ""
    sign_off: str = ""
    sender: str = ""
    language: str = "en"
    """The note's."""
    staff_language: str = "en"
    """Of those who copy."""


def check_copy_sheets(sheets: Iterable[CopySheet], look: Look) -> tuple[PrintProblem, ...]:
    """All that keeps these notes from being printed, by parcel: letters that no font has. No note is too long."""
    return tuple(problem for sheet in sheets for problem in missing_in(sheet.code, _all_words(sheet), look))


def copy_sheets_pdf(sheets: Sequence[CopySheet], look: Look) -> bytes:
    """These notes in their order, two on a page where they fit. Raises CannotPrint."""
    if problems := check_copy_sheets(sheets, look):
        raise CannotPrint(*problems)
    return set_pages("copy_sheet", _data(sheets, look.stationery), look)


def copy_sheet_png(sheet: CopySheet, look: Look, *, dpi: int = 110) -> bytes:
    """The page with one note. Raises CannotPrint."""
    if problems := check_copy_sheets([sheet], look):
        raise CannotPrint(*problems)
    return set_picture("copy_sheet", _data([sheet], look.stationery), look, dpi=dpi)


def _all_words(sheet: CopySheet) -> tuple[str, ...]:
    return sheet.order_number, sheet.text, sheet.customer_name, sheet.sign_off, sheet.sender


def _data(sheets: Sequence[CopySheet], stationery: Stationery) -> dict[str, Any]:
    return {
        "words": {language: words_in(COPY_SHEET, language) for language in LANGUAGES},
        "smallest": min(SMALLEST_SIZE, stationery.copy_size),
        "sheets": [_sheet(sheet) for sheet in sheets],
    }


def _sheet(sheet: CopySheet) -> dict[str, Any]:
    return {
        "staff_language": supported(sheet.staff_language),
        "language": typst_language(sheet.language),
        "from_right": writes_from_right(sheet.language),
        "code": sheet.code,
        "number": plain_line(sheet.order_number),
        "customer": plain_line(sheet.customer_name),
        "text": plain(sheet.text),
        "sign_off": plain(sheet.sign_off),
        "sender": plain_line(sheet.sender),
    }
