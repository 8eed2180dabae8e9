"""The words on packing slips, labels and sheets to copy by hand.

English is the source; the German words stand in `locale/de/slips.po`. `_` marks words for the catalogue.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from saleor_loyalty_app.domain.language import LANGUAGES, supported, translations


def _(sentence: str) -> str:
    return sentence


SLIP = {
    "title": _("Packing slip"),
    "order": _("Order %(number)s"),
    "quantity": _("Quantity"),
    "item": _("Item"),
    "price": _("Price"),
    "subtotal": _("Subtotal"),
    "shipping": _("Shipping"),
    "total": _("Total"),
    "shipped_by": _("Shipped by"),
    "deliver_to": _("Delivered to"),
    "return_to": _("Our address, also for returns"),
    "answer": _("Would you like to tell us something? Scan this and write to us."),
    "page": _("Page %(page)s of %(pages)s"),
    "for_packing": _("For packing: stays with us"),
    "extras": _("Extras"),
    "no_extras": _("No extras"),
    "services": _("Promised"),
    "wishes": _("Special wishes"),
    "note": _("Card"),
    "no_note": _("No card"),
    "parcel": _("Parcel %(code)s"),
}

COPY_SHEET = {
    "order": _("Order %(number)s"),
    "parcel": _("Parcel %(code)s"),
    "copied": _("copied"),
    "page": _("Page %(page)s of %(pages)s"),
}

TEST_PAGE = {
    "how": _(
        "Print this page at 100 % on plain paper and hold it against a sheet of labels. "
        "When the lines miss the labels, correct the margins in your printer's settings."
    ),
}


def customers_language(language: str, first_language: str) -> str:
    """The app's language for a customer: the customer's, or the program's first when the app does not speak that."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else supported(first_language)


def words_in(words: Mapping[str, str], language: str) -> dict[str, str]:
    """These words in one of the app's languages, by the same keys."""
    catalogue = translations(language)
    return {key: catalogue.gettext(text) for key, text in words.items()}


def writes_from_right(language: str) -> bool:
    """Whether a language is written from right to left."""
    return _locale(language).text_direction == "rtl"


def money_in(amount: Decimal, currency: str, language: str) -> str:
    """An amount in major units as a customer writes it: Decimal("12.5"), "EUR", "de" -> "12,50 €"."""
    return str(format_currency(amount, currency, locale=_locale(language)))


def day_in(day: date, language: str) -> str:
    """A day as a customer writes it: "3. November 2026"."""
    return str(format_date(day, "long", locale=_locale(language)))


def number_in(number: int, language: str) -> str:
    """A whole number as a customer writes it."""
    return str(format_decimal(number, locale=_locale(language)))


def _locale(language: str) -> Locale:
    """The locale of a shop's language code ("DE", "pt-BR"); English for one that nobody knows."""
    for code in (language, language.replace("_", "-").partition("-")[0]):
        try:
            return Locale.parse(code.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")
