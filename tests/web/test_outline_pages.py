"""The outlines of label sheets: for the sheet that the form names, saved or not."""

from pathlib import Path

import pypdfium2
import pytest
from panel_house import House

from saleor_loyalty_app.printing.label_sheets import SHEETS
from saleor_loyalty_app.printing.typesetting import Look
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.web import outline_pages


@pytest.fixture
def house(app: App) -> House:
    return House(app)


@pytest.mark.parametrize("form", [{}, {"label_sheet": "avery-5160"}])
def test_the_outlines_of_a_sheet_are_downloaded(house: House, form: dict[str, str]) -> None:
    answer = house.post("/panel/print/outlines", form)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    sheet = SHEETS[form.get("label_sheet", "avery-l7160")]
    assert f'filename="best-regards-outlines-{sheet.id}.pdf"' in answer.headers["Content-Disposition"]
    text = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert {"1", str(sheet.places)} <= set(text.split())
    assert sheet.name("en") in text


def test_a_sheet_that_nobody_knows_is_not_found(house: House) -> None:
    assert house.post("/panel/print/outlines", {"label_sheet": "../x"}).status_code == 404


def test_a_broken_template_of_the_operator_is_named(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "label_test.typ").write_text("#nothing-like-it()")
    monkeypatch.setattr(outline_pages, "look_with", lambda *_: Look(templates_dir=tmp_path))
    answer = house.post("/panel/print/outlines")
    assert answer.status_code == 422
    assert "label_test.typ:1:1" in answer.headers["HX-Trigger"]


def test_the_stationery_offers_them(house: House) -> None:
    assert 'data-download="/panel/print/outlines"' in house.get("/panel/print/look").text
