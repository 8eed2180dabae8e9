"""Money: minor units by the currency's own decimals, whole-number conversion, and how people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_loyalty_app.domain.money import (
    RATE_UNIT,
    conversion_factors,
    convert,
    from_minor,
    money_text,
    to_minor,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("0.005", "EUR", 0),
        ("0.015", "EUR", 2),
        ("-0.015", "EUR", -2),
        ("1E+3", "EUR", 100_000),
        ("1200", "JPY", 1200),
        ("0.5", "JPY", 0),
        ("1.5", "JPY", 2),
        ("1.234", "KWD", 1234),
        ("1.2345", "KWD", 1234),
        ("99999999999999.99", "EUR", 9_999_999_999_999_999),
    ],
)
def test_minor_units_round_half_even(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_factors_know_both_currencies_decimals() -> None:
    rates = {"USD": Decimal("0.92"), "JPY": Decimal("0.0061"), "KWD": Decimal("3.005")}
    assert conversion_factors("EUR", rates) == {
        "EUR": RATE_UNIT,
        "USD": 920_000,
        "JPY": 610_000,  # one yen is 0.61 cents
        "KWD": 300_500,  # a thousandth of a dinar is 0.3005 cents
    }
    assert conversion_factors("JPY", {"EUR": Decimal(164)}) == {"JPY": RATE_UNIT, "EUR": 1_640_000}


@pytest.mark.parametrize(
    ("amount_minor", "factor", "converted"),
    [(1000, RATE_UNIT, 1000), (1000, 920_000, 920), (1, 500_000, 1), (1, 499_999, 0), (3, 500_000, 2), (7, 0, 0)],
)
def test_conversion_rounds_half_up(amount_minor: int, factor: int, converted: int) -> None:
    assert convert(amount_minor, factor) == converted


@given(st.integers(0, 10**12), st.integers(0, 10**6))
def test_what_converts_exactly_in_sql_converts_exactly_here(amount_minor: int, factor: int) -> None:
    # A database divides whole numbers towards zero; for what is not negative that is the same.
    assert convert(amount_minor, factor) == int(Decimal(amount_minor * factor + RATE_UNIT // 2) // RATE_UNIT)
    assert amount_minor * factor < 2**63


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "text"),
    [
        (61_200, "EUR", "de", "612,00 €"),
        (61_200, "EUR", "en", "€612.00"),
        (123_456_789, "EUR", "de", "1.234.567,89 €"),
        (1200, "JPY", "de", "1.200 ¥"),
        (1234, "KWD", "de", "1,234 KWD"),
        (-500, "EUR", "de", "-5,00 €"),
    ],
)
def test_money_is_written_as_people_write_it(amount_minor: int, currency: str, locale: str, text: str) -> None:
    assert money_text(amount_minor, currency, locale).replace("\xa0", " ") == text
