"""What is wrong with a program, in the merchant's words, with its place.

English is the source; the German words stand in `locale/de/program.po`. Modules that check programs use this one,
so it must not import `program` itself.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.program_places import Path, place_in_words

__all__ = ["Path", "Problem", "ProgramProblem", "not_toml"]


def _(words: str) -> str:
    return words


NOT_TOML_AT = _(
    "this is no valid TOML: it can't be read from line %(line)s, column %(column)s on; "
    "look for a missing quote, bracket or equals sign"
)
NOT_TOML = _("this is no valid TOML; look for a missing quote or bracket at its end")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, or with `is_warning` something that is allowed and perhaps not meant."""

    path: Path
    words: str
    """The English sentence with %(name)s places, if there are values; it begins small and has no full stop."""
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    is_warning: bool = False
    called: str = ""
    """How the merchant knows the part, where the path has only its index: a note's id and language."""

    def said(self, locale: str) -> str:
        """What is wrong and what to do, without the place: for a form that shows it beside its field."""
        words = translations(locale).gettext(self.words)
        return words % self.values if self.values else words

    def sentence(self, locale: str) -> str:
        """The same with its place in front: "Extra 'lavender-sachet', cost: must be a number"."""
        place, said = place_in_words(self.path, locale, called=self.called), self.said(locale)
        return f"{place}: {said}" if place else said[:1].upper() + said[1:]


class ProgramProblem(ValueError):
    """A program that can't be used; `problems` are all of its mistakes."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(problem.sentence("en") for problem in problems))
        self.problems = problems


def not_toml(broken: Exception) -> Problem:
    """The text can't be read at all: where TOML ends to be TOML, in our own words, as far as the reader says it."""
    place = re.search(r"at line (\d+), column (\d+)", str(broken))
    if place:
        return Problem((), NOT_TOML_AT, {"line": place[1], "column": place[2]})
    return Problem((), NOT_TOML)
