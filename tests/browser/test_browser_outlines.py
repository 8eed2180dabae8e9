"""The outlines of a sheet of labels as staff get them: for the sheet that they have just chosen."""

import json
from pathlib import Path

import pypdfium2
import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "theme"), [(1024, "light"), (390, "dark")], ids=["tablet", "phone"])
def test_the_outlines_of_the_chosen_sheet_are_downloaded(
    house: House, window: Window, tmp_path: Path, width: int, theme: str
) -> None:
    frame = window.open(house.page("/print/look"), width=width)
    window.wear(theme)
    frame.get_by_label("Sheet of labels").select_option("avery-5160")
    button = frame.get_by_role("button", name="Download the outlines")
    button.scroll_into_view_if_needed()
    window.check(frame, f"outlines-{width}-{theme}")
    with window.page.expect_download() as waiting:
        button.click()
    assert waiting.value.suggested_filename == "best-regards-outlines-avery-5160.pdf"
    waiting.value.save_as(tmp_path / "outlines.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "outlines.pdf")
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert {"1", "30"} <= set(text.split())


def test_what_keeps_the_outlines_from_being_made_is_said(house: House, window: Window) -> None:
    frame = window.open(house.page("/print/look"), width=1024)
    told = {"toast": {"status": "error", "title": "A print template has a mistake"}}
    window.expect_trouble("422")
    window.page.route(
        "**/panel/print/outlines",
        lambda route: route.fulfill(status=422, headers={"HX-Trigger": json.dumps(told)}),
    )
    frame.get_by_role("button", name="Download the outlines").click()
    expect(window.toast("A print template has a mistake")).to_be_visible()
