"""The words on slips, labels and sheets to copy by hand, in both languages; amounts and days as customers do."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from saleor_loyalty_app.domain import print_words
from saleor_loyalty_app.domain.print_problems import SENTENCES, PrintTrouble
from saleor_loyalty_app.domain.print_words import (
    COPY_SHEET,
    SLIP,
    TEST_PAGE,
    customers_language,
    day_in,
    money_in,
    number_in,
    words_in,
    writes_from_right,
)


def test_the_catalogue_holds_exactly_what_is_printed() -> None:
    package = files("saleor_loyalty_app")
    known = {message.id for message in read_po(BytesIO((package / "locale/de/slips.po").read_bytes())) if message.id}
    with (package / "domain/print_words.py").open("rb") as source:
        marked = {words for _, words, _, _ in extract("python", source, keywords={"_": None})}
    assert marked == {word for words in (SLIP, COPY_SHEET, TEST_PAGE) for word in words.values()}
    assert known == marked | {SENTENCES[PrintTrouble.LABEL_TOO_LONG]}


def test_words_keep_their_places_in_german() -> None:
    for words in (SLIP, COPY_SHEET, TEST_PAGE):
        english, german = words_in(words, "en"), words_in(words, "de")
        assert english == words
        assert german.keys() == words.keys()
        for key in words:
            assert german[key] != words[key]
            assert german[key].count("%(") == words[key].count("%(")


@pytest.mark.parametrize(
    ("language", "first", "expected"),
    [
        ("DE", "en", "de"),
        ("de_AT", "en", "de"),
        ("EN-GB", "de", "en"),
        ("FR", "de", "de"),
        ("FR", "fr", "en"),
        ("", "de", "de"),
    ],
)
def test_customers_read_an_own_language_or_the_programs_first(language: str, first: str, expected: str) -> None:
    assert customers_language(language, first) == expected


@pytest.mark.parametrize(
    ("language", "money", "day", "number"),
    [
        ("DE", "1.234,50\xa0€", "3. November 2026", "12.000"),
        ("EN_US", "€1,234.50", "November 3, 2026", "12,000"),
        ("en-GB", "€1,234.50", "3 November 2026", "12,000"),
        ("PT_BR", "€\xa01.234,50", "3 de novembro de 2026", "12.000"),
        ("ZH_HANS", "€1,234.50", "2026年11月3日", "12,000"),
        ("??", "€1,234.50", "November 3, 2026", "12,000"),
        ("", "€1,234.50", "November 3, 2026", "12,000"),
    ],
)
def test_amounts_days_and_numbers_are_written_as_customers_do(language: str, money: str, day: str, number: str) -> None:
    assert money_in(Decimal("1234.5"), "EUR", language) == money
    assert day_in(date(2026, 11, 3), language) == day
    assert number_in(12000, language) == number


def test_each_currency_has_its_own_digits() -> None:
    assert money_in(Decimal(1200), "JPY", "EN_US") == "¥1,200"
    assert money_in(Decimal("1.2"), "KWD", "EN_US").endswith("1.200")


@pytest.mark.parametrize(
    ("language", "expected"), [("AR", True), ("he", True), ("FA", True), ("DE", False), ("??", False)]
)
def test_arabic_and_hebrew_are_written_from_the_right(language: str, expected: bool) -> None:
    assert writes_from_right(language) is expected


def test_nothing_is_ever_sold_as_written_by_hand() -> None:
    said = " ".join((*vars(print_words).get("__doc__", "").split(), *SLIP.values(), *words_in(SLIP, "de").values()))
    assert "handwrit" not in said.lower()
    assert "handschrift" not in said.lower()
