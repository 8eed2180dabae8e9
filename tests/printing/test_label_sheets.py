"""Sheets of labels: their measures against those that their makers publish."""

import pytest

from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.label_sheets import SHEETS, LabelSheet, places_from

PUBLISHED = {
    # left, top, and from one label to the next, across and down, in millimetres, from the makers' own templates
    "avery-l7651": (4.67, 10.9, 40.64, 21.17),
    "avery-3657": (8.0, 21.5, 48.5, 25.4),
    "avery-l7159": (6.4, 12.9, 66.5, 33.9),
    "avery-l7160": (7.2, 15.15, 66.04, 38.1),
    "avery-l7161": (7.2, 8.7, 66.04, 46.6),
    "avery-3475": (0.0, 4.5, 70.0, 36.0),
    "avery-3474": (0.0, 0.5, 70.0, 37.0),
    "avery-l7162": (4.65, 12.9, 101.6, 33.9),
    "avery-l7163": (4.65, 15.15, 101.6, 38.1),
    "avery-l7165": (4.65, 13.1, 101.6, 67.7),
    "avery-3484": (0.0, 0.5, 105.0, 37.0),
    "avery-3425": (0.0, 6.0, 105.0, 57.0),
    "avery-3478": (0.0, 0.0, 210.0, 297.0),
    "avery-5160": (4.76, 12.7, 69.85, 25.4),
    "avery-5161": (4.32, 12.7, 105.66, 25.4),
    "avery-5162": (4.32, 21.2, 105.66, 33.87),
    "avery-5163": (4.32, 12.7, 105.66, 50.8),
    "avery-5164": (4.32, 12.7, 105.66, 84.67),
    "avery-5165": (0.0, 0.0, 215.9, 279.4),
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_a_sheet_has_the_measures_that_its_maker_publishes(sheet: LabelSheet) -> None:
    across, down = sheet.width_mm + sheet.gap_x_mm, sheet.height_mm + sheet.gap_y_mm
    assert (sheet.left_mm, sheet.top_mm, across, down) == pytest.approx(PUBLISHED[sheet.id], abs=0.1)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_labels_gaps_and_margins_are_the_whole_paper(sheet: LabelSheet) -> None:
    width, height = sheet.paper_mm
    assert 2 * sheet.left_mm + sheet.columns * sheet.width_mm + (sheet.columns - 1) * sheet.gap_x_mm == pytest.approx(
        width
    )
    assert 2 * sheet.top_mm + sheet.rows * sheet.height_mm + (sheet.rows - 1) * sheet.gap_y_mm == pytest.approx(height)
    assert sheet.left_mm > -0.01
    assert sheet.top_mm > -0.01


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_no_two_labels_overlap_and_none_leaves_the_paper(sheet: LabelSheet) -> None:
    corners = [sheet.place_mm(place) for place in range(sheet.places)]
    assert len({(round(x, 2), round(y, 2)) for x, y in corners}) == sheet.places
    for x, y in corners:
        assert x + sheet.width_mm <= sheet.paper_mm[0] + 0.01
        assert y + sheet.height_mm <= sheet.paper_mm[1] + 0.01


def test_sheets_are_named_by_size_and_by_the_numbers_on_the_box() -> None:
    assert SHEETS["avery-l7160"].name("de") == "63,5 × 38,1 mm, 21 / A4 (Avery L7160)"
    assert SHEETS["avery-5160"].name("en") == "2⅝″ × 1″, 30 / US Letter (Avery 5160, 8160)"
    assert SHEETS["avery-5162"].name("de") == "4″ × 1⅓″, 14 / US Letter (Avery 5162, 8162)"
    assert len({sheet.name("en") for sheet in SHEETS.values()}) == len(SHEETS) >= 12


def test_the_stationery_begins_with_a_sheet_that_exists() -> None:
    assert Stationery().label_sheet in SHEETS


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [(1, 2, [(0, 0), (0, 1)]), (20, 3, [(0, 19), (0, 20), (1, 0)]), (99, 2, [(0, 20), (1, 0)]), (-3, 1, [(0, 0)]),
     (5, 0, [])],
)  # fmt: skip
def test_labels_go_on_from_any_place_of_a_used_sheet(first: int, count: int, expected: list[tuple[int, int]]) -> None:
    assert places_from(SHEETS["avery-l7160"], first, count) == expected
