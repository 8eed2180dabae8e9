"""Sheets of labels by their measures, as their makers publish them, and where each label stands on its sheet.

All sheets are symmetric: what is left of the paper beside and above the labels is the same on both sides.
"""

from dataclasses import dataclass
from typing import Literal

from babel.numbers import format_decimal

from saleor_loyalty_app.domain.language import supported

PAPERS_MM: dict[str, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
PAPER_NAMES = {"a4": "A4", "letter": "US Letter"}
INCH_MM = 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """One kind of sheet. Measures are millimetres."""

    id: str
    products: str
    """The numbers under which it is sold; makers of their own numbers often name these as compatible."""
    paper: Literal["a4", "letter"]
    columns: int
    rows: int
    width_mm: float
    height_mm: float
    gap_x_mm: float = 0.0
    gap_y_mm: float = 0.0

    @property
    def places(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    @property
    def paper_mm(self) -> tuple[float, float]:
        """Width and height of the paper."""
        return PAPERS_MM[self.paper]

    @property
    def left_mm(self) -> float:
        """From the left edge of the paper to the first label."""
        return (self.paper_mm[0] - self.columns * self.width_mm - (self.columns - 1) * self.gap_x_mm) / 2

    @property
    def top_mm(self) -> float:
        """From the upper edge of the paper to the first label."""
        return (self.paper_mm[1] - self.rows * self.height_mm - (self.rows - 1) * self.gap_y_mm) / 2

    def place_mm(self, place: int) -> tuple[float, float]:
        """The upper left corner of a label on its sheet, counted from 0 along the rows."""
        row, column = divmod(place % self.places, self.columns)
        return (self.left_mm + column * (self.width_mm + self.gap_x_mm),
                self.top_mm + row * (self.height_mm + self.gap_y_mm))  # fmt: skip

    def name(self, locale: str) -> str:
        """How people know it: "63.5 × 38.1 mm, 21 on A4 (Avery L7160)", inches for American paper."""
        if self.paper == "letter":
            size = f"{_inches(self.width_mm)} × {_inches(self.height_mm)}"
        else:
            size = f"{_number(self.width_mm, locale)} × {_number(self.height_mm, locale)} mm"
        return f"{size}, {self.places} / {PAPER_NAMES[self.paper]} ({self.products})"


def places_from(sheet: LabelSheet, first_place: int, count: int) -> list[tuple[int, int]]:
    """Sheet and place, from 0, of so many labels, the first one at `first_place` (1: the first of a fresh sheet)."""
    start = min(max(first_place, 1), sheet.places) - 1
    return [divmod(at, sheet.places) for at in range(start, start + count)]


def _number(value: float, locale: str) -> str:
    return format_decimal(round(value, 1), locale=supported(locale))


def _inches(value: float) -> str:
    """Inches as they stand on the box: 2⅝″."""
    eighths, thirds = value / INCH_MM * 8, value / INCH_MM * 3
    if abs(eighths - round(eighths)) < 0.01:
        whole, part = divmod(round(eighths), 8)
        return f"{whole or ''}{' ⅛¼⅜½⅝¾⅞'[part].strip()}″"
    whole, part = divmod(round(thirds), 3)
    return f"{whole or ''}{' ⅓⅔'[part].strip()}″"


def _a4(id: str, products: str, *, grid: tuple[int, int], size: tuple[float, float], gap: float = 0.0) -> LabelSheet:
    return LabelSheet(id=id, products=products, paper="a4", columns=grid[0], rows=grid[1],
                      width_mm=size[0], height_mm=size[1], gap_x_mm=gap)  # fmt: skip


def _letter(
    id: str, products: str, *, grid: tuple[int, int], size: tuple[float, float], gap: float = 0.0
) -> LabelSheet:
    return LabelSheet(id=id, products=products, paper="letter", columns=grid[0], rows=grid[1],
                      width_mm=size[0] * INCH_MM, height_mm=size[1] * INCH_MM, gap_x_mm=gap * INCH_MM)  # fmt: skip


SHEETS: dict[str, LabelSheet] = {
    sheet.id: sheet
    for sheet in (
        _a4("avery-l7651", "Avery L7651", grid=(5, 13), size=(38.1, 21.17), gap=2.54),
        _a4("avery-3657", "Avery Zweckform 3657", grid=(4, 10), size=(48.5, 25.4)),
        _a4("avery-l7159", "Avery L7159", grid=(3, 8), size=(64.0, 33.9), gap=2.54),
        _a4("avery-l7160", "Avery L7160", grid=(3, 7), size=(63.5, 38.1), gap=2.54),
        _a4("avery-l7161", "Avery L7161", grid=(3, 6), size=(63.5, 46.6), gap=2.54),
        _a4("avery-3475", "Avery Zweckform 3475, 3490", grid=(3, 8), size=(70.0, 36.0)),
        _a4("avery-3474", "Avery Zweckform 3474, Herma 4464", grid=(3, 8), size=(70.0, 37.0)),
        _a4("avery-l7162", "Avery L7162", grid=(2, 8), size=(99.1, 33.9), gap=2.54),
        _a4("avery-l7163", "Avery L7163", grid=(2, 7), size=(99.1, 38.1), gap=2.54),
        _a4("avery-l7165", "Avery L7165", grid=(2, 4), size=(99.1, 67.7), gap=2.54),
        _a4("avery-3484", "Avery Zweckform 3484", grid=(2, 8), size=(105.0, 37.0)),
        _a4("avery-3425", "Avery Zweckform 3425", grid=(2, 5), size=(105.0, 57.0)),
        _a4("avery-3478", "Avery Zweckform 3478", grid=(1, 1), size=(210.0, 297.0)),
        _letter("avery-5160", "Avery 5160, 8160", grid=(3, 10), size=(2.625, 1.0), gap=0.125),
        _letter("avery-5161", "Avery 5161, 8161", grid=(2, 10), size=(4.0, 1.0), gap=0.16),
        _letter("avery-5162", "Avery 5162, 8162", grid=(2, 7), size=(4.0, 4 / 3), gap=0.16),
        _letter("avery-5163", "Avery 5163, 8163", grid=(2, 5), size=(4.0, 2.0), gap=0.16),
        _letter("avery-5164", "Avery 5164, 8164", grid=(2, 3), size=(4.0, 10 / 3), gap=0.16),
        _letter("avery-5165", "Avery 5165, 8165", grid=(1, 1), size=(8.5, 11.0)),
    )
}
"""By id. Gaps and edges were compared with the templates of glabels and of the makers: all within 0.4 mm."""
