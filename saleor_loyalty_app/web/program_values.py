"""What stands in the fields of a program's forms: values of a draft as people of the viewer's language write them.

A draft may hold anything, since its text can be edited freely: what has the wrong shape is shown as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal, format_percent

from saleor_loyalty_app.domain.language import country_name, language_name
from saleor_loyalty_app.domain.program_problems import Path, Problem
from saleor_loyalty_app.web.words import gettext, locale

LEAST_ROWS = 2
"""Empty rows at the end of a list that grows by rows."""
NEAR_ENOUGH = Fraction(1, 200)
PERCENT_PATTERNS = {"en": "#,##0.##%", "de": "#,##0.## %"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One part of a draft, for its form. Fields are named with dots: "enter.window.days", "name.de"."""

    path: Path
    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    """Those of this part."""

    def get(self, name: str) -> Any:
        """The value as it stands in the draft, None when there is none."""
        found: Any = self.values
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found

    def text(self, name: str) -> str:
        """A plain value."""
        value = self.get(name)
        return "" if value is None else str(value)

    def amount(self, name: str) -> str:
        """A number with the language's decimal sign, and all its digits."""
        return typed_amount(self.get(name))

    def percent(self, name: str) -> str:
        """A share from 0 to 1, in percent."""
        try:
            hundred = (Decimal(str(self.get(name))) * 100).normalize()
        except InvalidOperation:
            return self.text(name)
        return typed_amount(f"{hundred:f}")

    def several(self, name: str) -> list[str]:
        """The entries of a list."""
        value = self.get(name)
        return [str(one) for one in value] if isinstance(value, list | tuple) else []

    def listed(self, name: str) -> str:
        """A list with commas; what is no list, as it is."""
        value = self.get(name)
        return ", ".join(self.several(name)) if isinstance(value, list | tuple) else self.text(name)

    def countries(self, name: str) -> str:
        """Countries by name."""
        return ", ".join(country(code) for code in self.several(name))

    def languages(self, name: str) -> str:
        """Languages by name."""
        return ", ".join(language(code) for code in self.several(name))

    def rows(self, name: str) -> list[Mapping[str, str]]:
        """Rows of words in several languages, with some empty ones to fill."""
        value = self.get(name)
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
        return [*rows, *({} for _ in range(LEAST_ROWS))]

    def rates(self, name: str) -> list[tuple[str, str]]:
        """Rows of a currency and its rate, with some empty ones to fill."""
        value = self.get(name)
        rows = list(value.items()) if isinstance(value, Mapping) else []
        return [*((str(code), typed_amount(rate)) for code, rate in rows), *(("", "") for _ in range(LEAST_ROWS))]

    def said_at(self, name: str, *, exactly: bool = False) -> list[str]:
        """What is wrong with a field, or with anything in it, in the viewer's language."""
        wanted = tuple(name.split("."))
        said = []
        for problem in self.problems:
            place = tuple(map(str, problem.path[len(self.path) :]))
            if place == wanted or (not exactly and place[: len(wanted)] == wanted):
                said.append(problem.said(locale()))
        return said

    def anchor(self, problem: Problem) -> str:
        """The name of the outermost field that a problem is about."""
        rest = problem.path[len(self.path) :]
        return str(rest[0]) if rest else ""


def typed_amount(value: object) -> str:
    """A number as it is typed in the viewer's language: Decimal("1234.50") -> "1234,50"; else what stands there."""
    text = "" if value is None else str(value)
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        return text
    return text.replace(".", ",") if locale() == "de" else text


def percent(value: float) -> str:
    """A share in percent: 0.25 -> "25%", in German "25 %"."""
    return format_percent(Decimal(str(value)), format=PERCENT_PATTERNS[locale()], locale=locale())


def chance(value: object) -> str:
    """A share in words: "never", "always", "1 in 4 (25%)"; in percent alone where no small numbers are near."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if value <= 0:
        return gettext("never")
    if value >= 1:
        return gettext("always")
    exact = Fraction(str(value))
    near = exact.limit_denominator(10)
    if near.numerator == 0 or near >= 1 or abs(near - exact) > NEAR_ENOUGH:
        return percent(value)
    numbers = {"hits": near.numerator, "of": near.denominator, "percent": percent(value)}
    return gettext("%(hits)s in %(of)s (%(percent)s)") % numbers


def rate(value: Decimal) -> str:
    """A rate of exchange with all its digits."""
    return format_decimal(value, format="#,##0.######", locale=locale())


def country(code: str) -> str:
    """A country's name in the viewer's language; an unknown code as it is."""
    return country_name(code, locale())


def language(code: str) -> str:
    """A language's name in the viewer's language; an unknown code as it is."""
    return language_name(code, locale())
