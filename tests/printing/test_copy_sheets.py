"""Notes to be copied by hand: large, clean, whole, and in the order in which parcels are packed."""

from typing import Any

import pytest
from printed_things import HOSTILE, a_copy_sheet, a_look
from reference import assert_looks_like, page_texts, pages_of, sizes_of, text_of, text_within

from saleor_loyalty_app.domain.print_problems import PrintTrouble
from saleor_loyalty_app.printing.copy_sheets import copy_sheet_png, copy_sheets_pdf
from saleor_loyalty_app.printing.typesetting import CannotPrint

LOOK = a_look()
HALF = 297 / 2 / 25.4 * 72
LINE = "Das ist eine ziemlich lange Zeile, die über die Breite der Karte hinausgeht."

SCRIPTS: dict[str, dict[str, Any]] = {
    "arabic": {
        "language": "AR",
        "customer_name": "ليلى المنصوري",
        "sign_off": "مع أطيب التحيات",
        "text": "عزيزتي ليلى،\n\nشكرًا لك على طلبك السابع.\nنتمنى لك يومًا جميلاً.",
    },
    "hebrew": {
        "language": "HE",
        "customer_name": "דוד כהן",
        "text": "דוד היקר,\n\nתודה על ההזמנה ה-7 שלך!",
        "sign_off": "בברכה",
    },
    "cyrillic": {
        "language": "RU",
        "customer_name": "Анна",
        "text": "Дорогая Анна,\n\nспасибо за седьмой заказ!",
        "sign_off": "",
    },
    "greek": {"language": "EL", "customer_name": "Άννα", "text": "Αγαπητή Άννα,\n\nευχαριστούμε πολύ!", "sign_off": ""},
    "hindi": {
        "language": "HI",
        "customer_name": "रवि",
        "text": "प्रिय रवि,\n\nआपके सातवें ऑर्डर के लिए धन्यवाद! 🎁",
        "sign_off": "",
    },
    "japanese": {
        "language": "JA",
        "customer_name": "山田 太郎",
        "text": "山田様\n\nいつもありがとうございます。\nお茶をお楽しみください。",
        "sign_off": "心を込めて",
    },
    "vietnamese": {
        "language": "VI",
        "customer_name": "Hương",
        "text": "Chị Hương thân mến,\n\ncảm ơn chị đã ủng hộ!",
        "sign_off": "",
    },
}


def test_two_notes_on_a_page_look_right() -> None:
    other = a_copy_sheet(order_number="1043", code="BR-9999", customer_name="Bob", text="Lieber Bob,\n\ndanke!")
    assert_looks_like(copy_sheets_pdf([a_copy_sheet(), other], LOOK), "copy-two")


@pytest.mark.parametrize("script", SCRIPTS)
def test_notes_of_all_scripts_look_right(script: str) -> None:
    assert_looks_like(copy_sheet_png(a_copy_sheet(**SCRIPTS[script]), LOOK, dpi=60), f"copy-{script}")


def test_letters_have_the_size_that_the_merchant_chose() -> None:
    assert_looks_like(copy_sheets_pdf([a_copy_sheet()], a_look(copy_size=28, sheet_paper="letter")), "copy-large")


def test_a_note_on_half_the_paper_looks_right() -> None:
    pdf = copy_sheets_pdf([a_copy_sheet()], a_look(sheet_paper="a5"))
    assert sizes_of(pdf) == [(148, 210)]
    assert_looks_like(pdf, "copy-a5")


def test_a_note_stands_beside_its_name_its_order_and_a_box_to_tick() -> None:
    read = text_of(copy_sheets_pdf([a_copy_sheet()], LOOK))
    for words in ("Anna Krüger", "Bestellung 1042", "Paket BR-7K2M", "abgeschrieben", "Herzliche Grüße", "Mira"):
        assert words in read
    assert "Order 1042" in text_of(copy_sheets_pdf([a_copy_sheet(staff_language="en")], LOOK))


def test_line_breaks_are_kept() -> None:
    lines = text_of(
        copy_sheets_pdf([a_copy_sheet(text="eins\nzwei\n\n\n\ndrei", sign_off="vier\nfünf")], LOOK)
    ).splitlines()
    assert [line.strip() for line in lines if line.strip() in {"eins", "zwei", "drei", "vier", "fünf"}] == [
        "eins", "zwei", "drei", "vier", "fünf"]  # fmt: skip


def test_notes_come_in_the_order_of_packing_two_on_a_page_where_they_fit() -> None:
    sheets = [
        a_copy_sheet(order_number=str(1000 + at), text="kurz" if at != 2 else "\n".join([LINE] * 9)) for at in range(6)
    ]
    pdf = copy_sheets_pdf(sheets, LOOK)
    found = [[number for number in range(1000, 1006) if f"Bestellung {number}" in text] for text in page_texts(pdf)]
    assert found == [[1000, 1001], [1002], [1003, 1004], [1005]]
    assert "Bestellung 1000" in text_within(pdf, page=0, top=0, bottom=HALF)
    assert "Bestellung 1001" in text_within(pdf, page=0, top=HALF, bottom=2 * HALF)


@pytest.mark.parametrize("lines", [1, 4, 5, 6, 9, 14, 20, 24, 40])
def test_nothing_is_cut_off_however_long_a_note_is(lines: int) -> None:
    text = "\n".join(f"{at}. {LINE}" for at in range(lines))
    pdf = copy_sheets_pdf([a_copy_sheet(text=text), a_copy_sheet(order_number="1043", text="danach")], LOOK)
    words = "".join(text_of(pdf).split())
    assert [at for at in range(lines) if "".join(f"{at}. {LINE}".split()) not in words and pages_of(pdf) < 3] == []
    assert words.count("hinausgeht.") == lines
    assert words.count("Mira") == 2


def test_a_note_for_several_pages_says_whose_it_is_on_each() -> None:
    pdf = copy_sheets_pdf([a_copy_sheet(text="\n".join([LINE] * 60)), a_copy_sheet(order_number="1043")], LOOK)
    texts = page_texts(pdf)
    pages = len(texts) - 1
    assert pages > 3
    assert f"Seite 1 von {pages}" in texts[0]
    for number in range(2, pages + 1):
        assert f"Anna Krüger · Bestellung 1042 · Seite {number} von {pages}" in texts[number - 1]
    assert "Seite" not in texts[-1]
    assert_looks_like(pdf, "copy-several-2", page=1)


def test_hostile_and_huge_notes_are_words() -> None:
    read = text_of(copy_sheets_pdf([a_copy_sheet(text=HOSTILE, customer_name=HOSTILE, sign_off=HOSTILE, sender=HOSTILE,
                                                 order_number="#1]", code="$x", language="#x")], LOOK))  # fmt: skip
    assert "".join(read.replace("\u200b", "").split()).count("".join(HOSTILE.split())) == 4
    huge = copy_sheets_pdf([a_copy_sheet(text="x" * 20_000 + " " + "wort " * 4_000, sender="")], LOOK)
    assert text_of(huge).count("x") == 20_000
    assert text_of(huge).count("wort") == 4_000


def test_letters_that_no_font_has_are_named_by_parcel() -> None:
    with pytest.raises(CannotPrint) as missing:
        copy_sheets_pdf([a_copy_sheet(), a_copy_sheet(code="BR-TH", text="ขอบคุณ")], LOOK)
    [problem] = missing.value.problems
    assert (problem.code, problem.why) == ("BR-TH", PrintTrouble.MISSING_LETTERS)
