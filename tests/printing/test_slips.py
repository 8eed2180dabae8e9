"""Packing slips: what the customer may see and what stays with the packers, whatever the order is like."""

from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from printed_things import HOSTILE, TEA_HOUSE, a_look, a_slip, many_lines
from reference import assert_looks_like, page_texts, pages_of, picture_of, sizes_of, text_of, text_within

from saleor_loyalty_app.domain.print_problems import PrintTrouble
from saleor_loyalty_app.printing.slips import Slip, SlipExtra, SlipLine, slip_png, slips_pdf
from saleor_loyalty_app.printing.typesetting import CannotPrint

HALF = 297 / 2 / 25.4 * 72
LOOK = a_look(**TEA_HOUSE)
SECRETS = (
    "Lavender sachet",
    "Caramel",
    "B3",
    "A1",
    "siebte Bestellung",
    "ship express",
    "no scents",
    "gift for a child",
)


def both_halves(slip: Slip, **stationery: Any) -> tuple[str, str]:
    """What the customer reads, and what packers read, of a slip of one page."""
    pdf = slips_pdf([slip], a_look(**{**TEA_HOUSE, **stationery}))
    assert pages_of(pdf) == 1
    return (text_within(pdf, page=0, top=0, bottom=HALF), text_within(pdf, page=0, top=HALF, bottom=2 * HALF))


def test_a_slip_looks_right() -> None:
    assert_looks_like(slips_pdf([a_slip()], a_look(logo=True, **TEA_HOUSE)), "slip")


def test_a_slip_without_prices_code_or_extras_looks_right() -> None:
    slip = a_slip(extras=(), note="", services=(), wishes=(), staff_language="de", address=())
    assert_looks_like(slips_pdf([slip], a_look(slip_code=False)), "slip-plain")


def test_a_slip_for_letter_paper_looks_right() -> None:
    pdf = slips_pdf([a_slip(language="EN_US", currency="USD")], a_look(**TEA_HOUSE, sheet_paper="letter"))
    assert sizes_of(pdf) == [(216, 279)]
    assert_looks_like(pdf, "slip-letter")


def test_a_slip_for_half_the_paper_looks_right() -> None:
    pdf = slips_pdf([a_slip()], a_look(**TEA_HOUSE, sheet_paper="a5"))
    assert sizes_of(pdf) == [(148, 210)]
    assert_looks_like(pdf, "slip-a5")


ARABIC = {
    "language": "AR",
    "currency": "AED",
    "lines": (SlipLine(product="شاي أسود", variant="250 g", sku="ASM-250", quantity=2, total=Decimal("90.00")),
              SlipLine(product="إبريق شاي", quantity=1, total=Decimal("180.00"))),
    "customer_name": "ليلى المنصوري",
    "address": ("ليلى المنصوري", "شارع الشيخ زايد ١٢", "دبي"),
    "note": "عزيزتي ليلى،\n\nشكرًا لك على طلبك السابع.",
    "sign_off": "مع أطيب التحيات",
}  # fmt: skip
HEBREW = {
    "language": "HE",
    "currency": "ILS",
    "address": ("דוד כהן", "רחוב הרצל 1", "תל אביב 6100000"),
    "lines": (SlipLine(product="תה שחור", quantity=3, total=Decimal(90)),),
    "note": "דוד היקר, תודה!",
}
JAPANESE = {"language": "JA", "currency": "JPY", "customer_name": "山田 太郎",
            "note": "山田様\n\nいつもありがとうございます。",
            "lines": (SlipLine(product="アッサム紅茶", variant="250 g", quantity=12, total=Decimal(12000)),),
            "subtotal": None, "shipping": None, "total": Decimal(12000)}  # fmt: skip
HINDI = {"language": "HI", "currency": "INR", "lines": (SlipLine(product="असम चाय", quantity=1, total=Decimal(450)),),
         "note": "प्रिय रवि, धन्यवाद! 🎁"}  # fmt: skip
VIETNAMESE = {"language": "VI", "currency": "VND", "note": "Chị Hương thân mến, cảm ơn chị!",
              "lines": (SlipLine(product="Trà Ô Long thượng hạng", quantity=2, total=Decimal(450000)),)}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes"),
    [("arabic", ARABIC), ("hebrew", HEBREW), ("japanese", JAPANESE), ("hindi", HINDI), ("vietnamese", VIETNAMESE)],
)
def test_slips_of_all_scripts_look_right(name: str, changes: dict[str, Any]) -> None:
    assert_looks_like(slips_pdf([a_slip(**changes)], LOOK), f"slip-{name}")


def test_a_surprise_stands_on_the_packers_half_only() -> None:
    for_customer, for_packers = both_halves(a_slip())
    assert [secret for secret in SECRETS if secret in for_customer] == []
    assert [secret for secret in SECRETS if secret not in for_packers] == []
    assert "Teekanne" in for_customer
    assert "Teekanne" not in for_packers


@pytest.mark.parametrize("lines", [1, 5, 7, 8, 9, 12, 26, 27, 40, 90])
def test_a_surprise_stands_below_the_customers_part_however_long_the_order_is(lines: int) -> None:
    pdf = slips_pdf([a_slip(lines=many_lines(lines))], LOOK)
    *earlier, last = page_texts(pdf)
    assert not any(secret in text for text in earlier for secret in SECRETS)
    assert all(secret in last for secret in SECRETS)
    upper_half = text_within(pdf, page=pages_of(pdf) - 1, top=0, bottom=HALF)
    assert not any(secret in upper_half for secret in SECRETS)
    assert sum(text.count("Assam ") for text in (*earlier, upper_half)) == lines


def test_what_does_not_fit_into_the_packers_half_gets_pages_of_its_own() -> None:
    extras = tuple(SlipExtra(name=f"Secret {at:02}", shelf=f"Z{at:02}") for at in range(90))
    pdf = slips_pdf([a_slip(extras=extras, note="Liebe Anna,\n" + "das ist lang.\n" * 80)], LOOK)
    first, *rest = page_texts(pdf)
    assert "Secret" not in first
    assert "das ist lang" not in first
    assert sum(text.count("Secret ") for text in rest) == 90
    assert sum(text.count("das ist lang.") for text in rest) == 80
    assert sum(text.count("Lieferschein") for text in (first, *rest)) == 1
    assert "Bestellung 1042" not in "".join(rest)


def test_a_long_order_goes_on_with_its_head_and_its_page_numbers() -> None:
    pdf = slips_pdf([a_slip(lines=many_lines(70)), a_slip(order_number="1043", code="BR-9999")], LOOK)
    texts = page_texts(pdf)
    assert len(texts) == 5
    for number, text in enumerate(texts[:3], 1):
        assert f"Bestellung 1042 · 3. November 2026 · Seite {number} von 3" in text
        assert "Anzahl" in text
    assert "Lieferschein" not in texts[3]  # the packers' alone, since the last page had too little room
    assert "Seite" not in texts[4]
    assert [f"Assam {at:03}" for at in range(1, 71) if f"Assam {at:03}" not in "".join(texts[:3])] == []
    assert_looks_like(pdf, "slip-long-2", page=1)


def test_prices_are_written_as_the_customer_does_and_only_if_the_merchant_wishes() -> None:
    with_prices, _ = both_halves(a_slip())
    assert all(amount in with_prices.replace("\xa0", " ") for amount in ("25,00 €", "74,90 €", "4,90 €", "79,80 €"))
    without, _ = both_halves(a_slip(), slip_prices=False)
    assert "€" not in without
    assert "Gesamt" not in without
    american, _ = both_halves(a_slip(language="EN_US", currency="USD", total=Decimal("1234.5")))
    assert "$1,234.50" in american
    japanese, _ = both_halves(a_slip(**JAPANESE))
    assert "12,000" in japanese
    assert "12,000.00" not in japanese


@pytest.mark.parametrize(
    ("language", "staff", "title"),
    [("DE", "en", "Lieferschein"), ("de-AT", "en", "Lieferschein"), ("EN_GB", "de", "Packing slip"),
     ("FR", "de", "Lieferschein"), ("FR", "en", "Packing slip"), ("??", "fr", "Packing slip")],
)  # fmt: skip
def test_the_customer_reads_an_own_language_or_the_programs_first(language: str, staff: str, title: str) -> None:
    for_customer, for_packers = both_halves(a_slip(language=language, staff_language=staff))
    assert title in for_customer
    assert ("Zum Packen" if staff == "de" else "For packing") in for_packers


def test_a_slip_says_where_it_goes_how_and_where_to_return_it() -> None:
    for_customer, _ = both_halves(a_slip())
    for words in (
        "Anna Krüger",
        "80331 MÜNCHEN",
        "DHL Paket",
        "Speicherstraße 4",
        "Bestellung 1042",
        "3. November 2026",
    ):
        assert words in for_customer


def test_scanners_read_both_codes_of_a_printed_slip() -> None:
    page = picture_of(slips_pdf([a_slip()], LOOK), dpi=200)
    found = {
        (code.text, code.format.name, code.position.top_left.y > page.height / 2)
        for code in zxingcpp.read_barcodes(page)
    }
    assert found == {("1042", "Code128", True), ("https://tea.example.com/hello/BR-7K2M", "QRCode", False)}


@pytest.mark.parametrize("number", ["2026-ABC-0042", "12345678901234567890", "B2B/EU/2026/000042/A"])
def test_longer_numbers_are_read_by_scanners_as_well(number: str) -> None:
    page = picture_of(slips_pdf([a_slip(order_number=number)], a_look()), dpi=300)
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [number]


@pytest.mark.parametrize("number", ["Größe-7", "ABCDEFGHIJ" * 5])
def test_a_number_that_bars_cannot_hold_stands_there_in_words(number: str) -> None:
    slip = a_slip(order_number=number)
    for_customer, for_packers = both_halves(slip)
    assert number in for_customer.replace("\u200b", "")
    assert f"Order {number}" in for_packers.replace("\u200b", "")
    assert zxingcpp.read_barcodes(picture_of(slips_pdf([slip], a_look()), dpi=150)) == []


def test_a_code_in_an_answer_address_is_quoted() -> None:
    page = picture_of(slips_pdf([a_slip(code="A/B&c")], LOOK), dpi=200)
    assert "https://tea.example.com/hello/A%2FB%26c" in {code.text for code in zxingcpp.read_barcodes(page)}


def test_hostile_words_are_words() -> None:
    slip = a_slip(
        lines=(SlipLine(product=HOSTILE, variant=HOSTILE, sku=HOSTILE),),
        extras=(SlipExtra(name=HOSTILE, shelf=HOSTILE),),
        note=HOSTILE,
        sign_off=HOSTILE,
        sender=HOSTILE,
        services=(HOSTILE,),
        wishes=(HOSTILE,),
        customer_name=HOSTILE,
        shipping_method=HOSTILE,
        address=(HOSTILE, "\x00\x1b"),
        order_number="#1]",
        code="$B]",
    )
    read = text_of(slips_pdf([slip], a_look(return_address=(HOSTILE,))))
    flat = "".join(read.replace("\u200b", "").split())
    assert flat.count("".join(HOSTILE.split())) == 14


@pytest.mark.parametrize("long", ["x" * 100_000, "Tee " * 25_000], ids=["one word", "many words"])
def test_a_name_of_100_kilobytes_flows_over_pages_and_loses_nothing(long: str) -> None:
    pdf = slips_pdf([a_slip(lines=(SlipLine(product=long),))], a_look())
    assert pages_of(pdf) > 10
    letter = long[0]
    counted = text_of(pdf).count(letter)
    assert counted - text_of(slips_pdf([a_slip(lines=(SlipLine(product=""),))], a_look())).count(letter) == long.count(
        letter
    )


def test_long_words_stay_within_the_paper() -> None:
    slip = a_slip(
        lines=(SlipLine(product="Donaudampfschifffahrts" * 12, sku="S" * 300),),
        customer_name="N" * 200,
        shipping_method="V" * 200,
        extras=(SlipExtra(name="E" * 200, shelf="R" * 12),),
        wishes=("W" * 200,),
    )
    page = picture_of(slips_pdf([slip], LOOK), dpi=60)
    right = page.crop((page.width - 20, 0, page.width, page.height // 2 - 4))
    assert right.getextrema() == (255, 255)
    assert_looks_like(slips_pdf([slip], LOOK), "slip-long-words")


def test_letters_that_no_font_has_are_named_by_parcel() -> None:
    thai = a_slip(code="BR-TH", note="ขอบคุณ")
    with pytest.raises(CannotPrint) as missing:
        slips_pdf([a_slip(), thai], LOOK)
    [problem] = missing.value.problems
    assert (problem.code, problem.why) == ("BR-TH", PrintTrouble.MISSING_LETTERS)
    with pytest.raises(CannotPrint):
        slip_png(thai, LOOK)


def test_one_slip_is_shown_as_a_picture() -> None:
    assert_looks_like(slip_png(a_slip(), LOOK, dpi=60), "slip-proof")


def test_many_slips_come_in_their_order() -> None:
    slips = [a_slip(order_number=str(2000 + at), code=f"BR-{at:04}") for at in range(60)]
    texts = page_texts(slips_pdf(slips, a_look()))
    assert [f"Order {2000 + at}" in text for at, text in enumerate(texts)] == [True] * 60
