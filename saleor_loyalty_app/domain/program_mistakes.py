"""What a value in a program must be, in the merchant's words: one sentence for each kind of mistake in its shape.

The checks themselves are pydantic's, with the models of `program`; its own words never reach the merchant.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from saleor_loyalty_app.domain.program_places import LISTS, Path
from saleor_loyalty_app.domain.program_problems import Problem

LONGEST_SHOWN = 40


def _(words: str) -> str:
    return words


WORDS = {
    "missing": _("is missing; please give it"),
    "string_type": _("must be a text"),
    "string_too_short": _("must not be empty"),
    "string_too_long": _("is longer than %(max_length)s characters; please shorten it"),
    "string_pattern_mismatch": _("can't be %(given)s"),
    "int_type": _("must be a whole number, not %(given)s"),
    "int_parsing_size": _("is too large a number"),
    "decimal_type": _("must be a number like 12.50, not %(given)s"),
    "decimal_max_digits": _("has too many digits"),
    "greater_than": _("must be more than %(gt)s"),
    "greater_than_equal": _("must be at least %(ge)s"),
    "less_than_equal": _("must be at most %(le)s"),
    "literal_error": _("can't be %(given)s; choose one of these: %(choices)s"),
    "bool_type": _("must be true or false"),
    "date_type": _("must be a date like 2027-03-31, not %(given)s"),
    "tuple_type": _("must be a list"),
    "too_short": _("must name at least one"),
    "dict_type": _("must be a group of fields, not %(given)s"),
    "no_currency": _("%(given)s is no currency code; use one like EUR"),
    "no_time_zone": _("%(given)s is no time zone; use one like Europe/Berlin"),
    "no_language": _("%(given)s is no language code; use one like de"),
    "nothing_asked": _("asks for nothing; give a spend, a number of orders, or both"),
}
"""By pydantic's type of error, or by that of our own validators."""

SAME = {
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "float_type": "decimal_type",
    "float_parsing": "decimal_type",
    "decimal_parsing": "decimal_type",
    "finite_number": "decimal_type",
    "decimal_whole_digits": "decimal_max_digits",
    "decimal_max_places": "decimal_max_digits",
    "bool_parsing": "bool_type",
    "date_parsing": "date_type",
    "date_from_datetime_parsing": "date_type",
    "date_from_datetime_inexact": "date_type",
    "model_type": "dict_type",
    "model_attributes_type": "dict_type",
}
"""Mistakes that are one and the same to a merchant."""

NOT_A_SLUG = _("may have small letters, digits and hyphens only, like lavender-sachet; %(given)s does not")
NOT_A_COUNTRY = _("%(given)s is no country code; write two capital letters like DE")
PATTERNS = {r"^[a-z0-9][a-z0-9-]*$": NOT_A_SLUG, r"^[A-Z]{2}$": NOT_A_COUNTRY}
ONE_BRACKET = _("must be several; begin each one with [[%(part)s]], in two brackets")
PER_LANGUAGE = _('must be given by language, like { en = "Gold" }')
NO_SUCH_FIELD = _("there is no such field")
DID_YOU_MEAN = _("there is no such field; did you mean '%(field)s'?")
CANT_BE_USED = _("can't be used as it is; please look it up in the manual")


def mistake(error: ErrorDetails, model: type[BaseModel]) -> Problem:
    """One error of `model`'s validation as a problem; its path is pydantic's, with indices."""
    path: Path = error["loc"]
    values: dict[str, Any] = {"given": _shown(error["input"]), **error.get("ctx", {})}
    words = _words_for(error, path, values)
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _fields_at(model, path[:-1]), n=1)
        words, values = (DID_YOU_MEAN, {"field": near[0]}) if near else (NO_SUCH_FIELD, {})
    return Problem(path, words, values)


def _words_for(error: ErrorDetails, path: Path, values: dict[str, Any]) -> str:
    kind = SAME.get(error["type"], error["type"])
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(values.get("pattern", ""), WORDS[kind])
    if kind == "literal_error":
        values["choices"] = ", ".join(re.findall(r"'([^']*)'", values["expected"]))
    if kind == "tuple_type" and len(path) == 1 and path[0] in LISTS:
        values["part"] = path[0]
        return ONE_BRACKET
    if kind == "dict_type" and {"name", "sign_off", "services"} & set(path):
        return PER_LANGUAGE
    return WORDS.get(kind, CANT_BE_USED)


def _shown(value: object) -> str:
    """A value as the merchant wrote it, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        flat = " ".join(value.split())
        return f"'{flat}'" if len(flat) <= LONGEST_SHOWN else f"'{flat[:LONGEST_SHOWN]}…'"
    if isinstance(value, int | float | date | time):
        return str(value)[:LONGEST_SHOWN]
    return "{…}" if isinstance(value, Mapping) else "[…]"


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """The fields that there are at a place inside a model."""
    is_key = False
    for step in path:
        if isinstance(step, int) or is_key:
            is_key = False
            continue
        annotation = model.model_fields[step].annotation if step in model.model_fields else None
        is_key = any(part is dict for part in _parts(annotation))
        model = next((part for part in _parts(annotation) if _is_model(part)), model)
    return list(model.model_fields)


def _parts(annotation: Any) -> Iterator[Any]:
    yield getattr(annotation, "__origin__", annotation)
    for part in get_args(annotation):
        yield from _parts(part)


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
