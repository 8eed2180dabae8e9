"""What a list is narrowed by, as an address without names: `/parcels/in/planned/tier/gold`. And the way through pages.

The first part says what staff ask for most (a parcel's state, a customer's tier); pairs of name and value follow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

EVERY = "_"
"""In an address: not narrowed by the first part. No state or tier is called so."""
NONE = "-"
"""In an address and a form: without a tier."""
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}|-")
LONGEST_TRAIL = 100
LONGEST_SEARCH = 80
LONGEST_CURSOR = 300
LONGEST_ROW = 18
FIRST_YEAR, LAST_YEAR = 1970, 9999


def read_address(rest: str) -> dict[str, str]:
    """The filters of an address, by name; the first one is called "in". Unknown names do no harm."""
    first, *pairs = rest.split("/")
    return {"in": "" if first == EVERY else first, **dict(zip(pairs[::2], pairs[1::2], strict=False))}


def write_address(base: str, filters: Mapping[str, str]) -> str:
    """The address of a list, "in" first. What would not fit into an address is left out."""
    kept = {name: value for name, value in filters.items() if SAFE.fullmatch(value)}
    if not kept:
        return base
    pairs = [part for name, value in kept.items() if name != "in" for part in (name, value)]
    return "/".join((base, "in", kept.get("in", EVERY), *pairs))


def read_day(text: str) -> date | None:
    """A calendar day like 2027-03-31 that a shop could mean, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None


def read_search(text: str) -> str:
    """What was typed into a search, on one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:LONGEST_SEARCH]


def read_row(text: str) -> int | None:
    """The number of a row as a cursor names it, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ROW else None


@dataclass(frozen=True, slots=True)
class Trail:
    """The cursors of the pages that led here, newest page first; the first page of a list has none.

    A form carries it as words, one for each cursor. They are only ever compared, never trusted.
    """

    cursors: tuple[str, ...] = ()

    @classmethod
    def read(cls, words: str) -> "Trail":
        """The trail in a form."""
        return cls(tuple(word[:LONGEST_CURSOR] for word in words.split()[-LONGEST_TRAIL:]))

    @property
    def cursor(self) -> str:
        """Where the page that is asked for begins; "" is the first page."""
        return self.cursors[-1] if self.cursors else ""

    @property
    def newer(self) -> str:
        """The trail to the page before this one."""
        return " ".join(self.cursors[:-1])

    def older(self, cursor: str) -> str:
        """The trail to the page that begins there."""
        return " ".join((*self.cursors, cursor)[-LONGEST_TRAIL:])
