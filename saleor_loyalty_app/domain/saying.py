"""Something to be said to a person later, in whatever language that person reads: English words with named values.

A saying is kept as text (`kept`) where an error was kept so far, and said from it by `said`. What was kept before
there were sayings is plain text and is said as it stands. German words stand in `locale/de/trouble.po` (what went
wrong) and `health.po` (how things are).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal

from saleor_loyalty_app.domain.language import supported, translations

MOMENT_PATTERNS = {"en": "d MMMM y, HH:mm", "de": "d. MMMM y, HH:mm"}


@dataclass(frozen=True, slots=True, init=False)
class Saying:
    """Words with named places (`%(number)s`) and what stands there; a value may be a saying itself."""

    words: str
    values: Mapping[str, "str | int | datetime | Saying"]
    many: str = ""
    """The words for any number of things but one; then the value `number` tells how many."""

    def __init__(self, words: str, /, *, many: str = "", **values: "str | int | datetime | Saying") -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "many", many)
        object.__setattr__(self, "values", values)

    def __str__(self) -> str:
        """In English, for logs and the command line."""
        return self.said("en")

    def said(self, locale: str, zone: tzinfo = UTC) -> str:
        """In the language of this locale, with days and times in this zone."""
        catalogue, language = translations(locale), supported(locale)
        count = self.values.get("number")
        if self.many and isinstance(count, int):
            words = catalogue.ngettext(self.words, self.many, count)
        else:
            words = catalogue.gettext(self.words)
        return words % {name: _value(value, language, zone) for name, value in self.values.items()}

    def kept(self) -> str:
        """As text for the database; `said` reads it again."""
        return json.dumps(_packed(self), ensure_ascii=False)


def counted(one: str, many: str, number: int, **values: "str | int | datetime | Saying") -> Saying:
    """A saying about a number of things, with `%(number)s` in both."""
    return Saying(one, many=many, number=number, **values)


def mark(words: str) -> str:
    """Mark words for the catalogue that become a saying elsewhere."""
    return words


def said(text: str | None, locale: str) -> str:
    """What was kept, in the language of this locale; plain text as it stands."""
    saying = read_saying(text)
    return saying.said(locale) if isinstance(saying, Saying) else saying


def read_saying(text: str | None) -> Saying | str:
    """What was kept, to be said later or within another saying; plain text as it stands."""
    return _unpacked(text or "") or text or ""


def _value(value: "str | int | datetime | Saying", language: str, zone: tzinfo) -> str:
    if isinstance(value, Saying):
        return value.said(language, zone)
    if isinstance(value, datetime):
        return format_datetime(value, MOMENT_PATTERNS[language], tzinfo=zone, locale=language)
    return format_decimal(value, locale=language) if isinstance(value, int) else value


def _packed(saying: Saying) -> dict[str, Any]:
    values = {name: _packed_value(value) for name, value in saying.values.items()}
    return {"say": saying.words, "many": saying.many, "with": values}


def _packed_value(value: "str | int | datetime | Saying") -> object:
    if isinstance(value, Saying):
        return _packed(value)
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _unpacked(text: str) -> Saying | None:
    if not text.startswith('{"say":'):
        return None
    try:
        return _saying(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _saying(packed: dict[str, Any]) -> Saying:
    return Saying(packed["say"], many=packed["many"], **{name: _read(one) for name, one in packed["with"].items()})


def _read(one: Any) -> "str | int | datetime | Saying":
    if isinstance(one, dict):
        return _saying(one) if "say" in one else datetime.fromisoformat(one["at"])
    return one if isinstance(one, int) else str(one)
