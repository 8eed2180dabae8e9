"""Labels on their sheets: every word readable and within its label, or named before anything is printed."""

import pypdfium2
import pytest
from printed_things import ADDRESSES, HOSTILE, a_look
from reference import assert_looks_like, page_texts, pages_of, sizes_of, text_of

from saleor_loyalty_app.domain.print_problems import PrintTrouble
from saleor_loyalty_app.printing.addresses import address_lines
from saleor_loyalty_app.printing.label_sheets import SHEETS
from saleor_loyalty_app.printing.labels import AddressLabel, ExtraLabel, labels_pdf, outlines_pdf
from saleor_loyalty_app.printing.typesetting import CannotPrint

LOOK = a_look()
ANNA = AddressLabel(code="BR-7K2M", lines=("Anna Krüger", "Hauptstraße 1", "80331 MÜNCHEN"))
OF_THE_WORLD = [AddressLabel(code=f"BR-{country}", lines=tuple(address_lines(address, from_country="DE")))
                for country, address in ADDRESSES.items()]  # fmt: skip
LONG = AddressLabel(
    code="BR-LONG",
    lines=("Maximiliane-Friederike von und zu Hohenlohe-Waldenburg-Schillingsfürst",
           "Gesellschaft für außerordentlich lange Firmennamen mbH & Co. KG", "Straße 1", "70173 STUTTGART"),
)  # fmt: skip


def millimetres(pdf: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each letter that has ink, from the upper left corner of the page."""
    sheet = pypdfium2.PdfDocument(pdf)[page]
    text = sheet.get_textpage()
    boxes = (text.get_charbox(at) for at in range(text.count_chars()) if text.get_text_range(at, 1).strip())
    height = sheet.get_height()
    return [tuple(one / 72 * 25.4 for one in (left, height - top, right, height - bottom))
            for left, bottom, right, top in boxes]  # fmt: skip


@pytest.mark.parametrize("country", range(len(OF_THE_WORLD)), ids=list(ADDRESSES))
def test_addresses_of_the_world_are_read_back(country: int) -> None:
    label = OF_THE_WORLD[country]
    read = text_of(labels_pdf([label], "avery-l7163", 1, LOOK))
    for line in label.lines:
        assert sorted(line.replace(" ", "")) == sorted(_line_with(read, line).replace(" ", ""))


def _line_with(read: str, line: str) -> str:
    """The line that was read with the same letters; those of Arabic and Hebrew come in the order of their drawing."""
    wanted = sorted(line.replace(" ", ""))
    return next((one for one in read.splitlines() if sorted(one.replace(" ", "")) == wanted), read)


def test_addresses_of_the_world_look_right() -> None:
    assert_looks_like(labels_pdf(OF_THE_WORLD, "avery-l7163", 3, LOOK), "labels-world")


def test_extras_look_right_on_small_labels() -> None:
    extras = [ExtraLabel(name="Lavender sachet", detail="Contains: fragrance. Best before 12/2026"),
              ExtraLabel(name="Karamell"), ExtraLabel(name="ขนม", detail="x")][:2]  # fmt: skip
    assert_looks_like(labels_pdf(extras * 6, "avery-l7651", 4, LOOK), "labels-extras")


def test_a_long_address_shrinks_and_wraps() -> None:
    assert_looks_like(labels_pdf([LONG, ANNA], "avery-l7160", 1, LOOK), "labels-long")


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_each_word_stays_within_its_label_and_away_from_the_edge_of_the_paper(sheet) -> None:  # type: ignore[no-untyped-def]
    labels = [ExtraLabel(name="Lavender sachet", detail="Best before 12/2026")] * sheet.places
    pdf = labels_pdf(labels, sheet.id, 1, LOOK)
    assert pages_of(pdf) == 1
    assert sizes_of(pdf) == [tuple(round(one) for one in sheet.paper_mm)]
    corners = [sheet.place_mm(place) for place in range(sheet.places)]
    letters = millimetres(pdf)
    assert len(letters) == sheet.places * len("Lavendersachet" + "Bestbefore12/2026")
    for left, top, right, bottom in letters:
        assert any(x + 1.9 <= left and right <= x + sheet.width_mm - 1.9
                   and y + 1.5 <= top and bottom <= y + sheet.height_mm - 1.5 for x, y in corners)  # fmt: skip
        assert left >= 4.9
        assert right <= sheet.paper_mm[0] - 4.9


def test_labels_go_on_where_a_used_sheet_is_free() -> None:
    pdf = labels_pdf([ANNA] * 3, "avery-l7160", 20, LOOK)
    assert pages_of(pdf) == 2
    assert [text.count("Anna") for text in page_texts(pdf)] == [2, 1]
    x, y = SHEETS["avery-l7160"].place_mm(19)
    assert min(left for left, *_ in millimetres(pdf)) == pytest.approx(x + 2, abs=0.5)
    assert min(top for _, top, *_ in millimetres(pdf)) > y


def test_arabic_and_hebrew_start_at_the_right() -> None:
    sheet = SHEETS["avery-l7163"]
    for label in (one for one in OF_THE_WORLD if one.code in {"BR-AE", "BR-IL"}):
        letters = millimetres(labels_pdf([label], sheet.id, 1, LOOK))
        assert max(right for _, _, right, _ in letters) == pytest.approx(sheet.left_mm + sheet.width_mm - 2, abs=0.6)


def test_all_labels_that_are_too_long_are_named_at_once() -> None:
    labels = [ANNA, AddressLabel(code="BR-WORD", lines=("x" * 90,)), ExtraLabel(name="Tea " * 80),
              AddressLabel(code="BR-HUGE", lines=("y" * 100_000,))]  # fmt: skip
    with pytest.raises(CannotPrint) as huge:
        labels_pdf(labels, "avery-l7651", 1, LOOK)
    assert [problem.code for problem in huge.value.problems] == ["BR-HUGE"]
    with pytest.raises(CannotPrint) as long:
        labels_pdf(labels[:3], "avery-l7651", 1, LOOK)
    assert [problem.code for problem in long.value.problems] == ["BR-WORD", ("Tea " * 80)[:40]]
    assert {problem.why for problem in long.value.problems} == {PrintTrouble.LABEL_TOO_LONG}
    assert "größeren Etiketten" in long.value.problems[0].said("de")


def test_letters_that_no_font_has_are_named_by_parcel() -> None:
    with pytest.raises(CannotPrint) as missing:
        labels_pdf([ANNA, AddressLabel(code="BR-TH", lines=("สมชาย",))], "avery-l7160", 1, LOOK)
    [problem] = missing.value.problems
    assert (problem.code, problem.why) == ("BR-TH", PrintTrouble.MISSING_LETTERS)
    assert "ส" in problem.detail


def test_hostile_words_are_words() -> None:
    read = text_of(labels_pdf([AddressLabel(code="x", lines=(HOSTILE, "\x00#let x = 1\n")), ExtraLabel(name=HOSTILE)],
                              "avery-l7165", 1, LOOK))  # fmt: skip
    assert read.replace("\n", " ").replace(" ", "").count(HOSTILE.replace(" ", "")) == 2
    assert "#let x = 1" in read


def test_an_unknown_sheet_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        labels_pdf([ANNA], "avery-none", 1, LOOK)


def test_the_test_page_shows_every_label_with_its_number() -> None:
    pdf = outlines_pdf("avery-5160", LOOK, locale="de")
    assert_looks_like(pdf, "labels-test-page")
    assert {"1", "30"} <= set(text_of(pdf).split())
    assert "Drucken Sie diese Seite mit 100 %" in text_of(pdf).replace("\n", " ")
