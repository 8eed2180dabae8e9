"""Money as integer minor units of a currency (ISO 4217 digits: EUR 2, JPY 0, KWD 3); never floats."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_currency, get_currency_precision

RATE_UNIT = 1_000_000
"""Conversion factors are integers in millionths, so that SQL and Python round alike."""


@lru_cache(maxsize=4096)  # a review of many customers asks for the same few thresholds again and again
def to_minor(amount: Decimal, currency: str) -> int:
    """Turn an amount in major units into minor units, half even: Decimal("12.50"), "EUR" -> 1250."""
    scaled = amount.scaleb(get_currency_precision(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """Turn minor units back into an amount in major units: 1250, "EUR" -> Decimal("12.50")."""
    return Decimal(amount_minor).scaleb(-get_currency_precision(currency))


def conversion_factors(program_currency: str, rates: Mapping[str, Decimal]) -> dict[str, int]:
    """Millionths of a program minor unit for one minor unit of each currency the program can count.

    `rates` says how much of the program's currency one unit of another is worth. The program's own
    currency is always there; a currency that is missing here is not counted as spend.
    """
    own_digits = get_currency_precision(program_currency)
    factors = {program_currency: RATE_UNIT}
    for currency, rate in rates.items():
        shifted = rate.scaleb(own_digits - get_currency_precision(currency)) * RATE_UNIT
        factors[currency] = int(shifted.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return factors


def convert(amount_minor: int, factor: int) -> int:
    """Apply a conversion factor, half up; the same integer sum as in the store's SQL. Never negative."""
    return (amount_minor * factor + RATE_UNIT // 2) // RATE_UNIT


def money_text(amount_minor: int, currency: str, locale: str) -> str:
    """Write an amount as people of a locale write it: 61200, "EUR", "de" -> "612,00 €"."""
    return format_currency(from_minor(amount_minor, currency), currency, locale=Locale.parse(locale))
