"""Why now: what is special about an order, and how a card says so. Days are calendar days in the program's zone.

Programs are checked with the help of this module, so it must not import `program` itself.
"""

from calendar import isleap
from datetime import MAXYEAR, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from saleor_loyalty_app.domain.language import supported, translations
from saleor_loyalty_app.domain.parcels import Story

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Moment, Program


def _(words: str) -> str:
    return words


ORDINALS = (
    _("first"),
    _("second"),
    _("third"),
    _("fourth"),
    _("fifth"),
    _("sixth"),
    _("seventh"),
    _("eighth"),
    _("ninth"),
    _("tenth"),
    _("eleventh"),
    _("twelfth"),
)

REASONS = {
    "trouble_solved": _("because something went wrong last time"),
    "tier_reached": _("because you have reached %(tier)s"),
    "first_order": _("because it is your first order"),
    "comeback": _("because it is good to have you back"),
    "anniversary": _("for the %(nth)s anniversary of your first order"),
    "nth_order": _("because it is your %(nth)s order"),
    "just_because": _("just because"),
}
"""The German words need no pronoun, so that they suit shops that say du and shops that say Sie."""


def find_moment(story: Story, program: "Program", placed_at: datetime) -> tuple["Moment", str]:
    """The moment of an order placed at an aware time, and its detail.

    The detail is the tier's id, the days of a silence, the years of an anniversary or the n of an n-th order;
    otherwise "". When several moments hold, the most special one is it (`program.MOMENTS`).
    """
    found = moments_that_hold(story, program, placed_at)
    return next(iter(found.items()))


def moments_that_hold(story: Story, program: "Program", placed_at: datetime) -> dict["Moment", str]:
    """Every moment that holds, with its detail, the most special first. "just_because" always holds."""
    rules, zone = program.moments, program.zone
    day, previous = _day(placed_at, zone), _day(story.previous_order_at, zone)
    first = _day(story.first_order_at, zone)
    silence = (day - previous).days if day and previous else 0
    years = _anniversary(first, previous, day, program) if first and day else None
    looked_at: dict[Moment, str | None] = {
        "trouble_solved": "" if story.trouble_solved else None,
        "tier_reached": story.tier_reached if program.tier(story.tier_reached) else None,
        "first_order": "" if story.nth_order == 1 else None,
        "comeback": str(silence) if silence >= rules.comeback_days else None,
        "anniversary": str(years) if years else None,
        "nth_order": str(story.nth_order) if story.nth_order in rules.nth_orders else None,
        "just_because": "",
    }
    return {moment: detail for moment, detail in looked_at.items() if detail is not None}


def anniversary_day(first: date, years: int) -> date:
    """The day some years after another; what began on 29 February is kept on the 28th in other years."""
    year = first.year + years
    if (first.month, first.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return first.replace(year=year)


def years_with_us(story: Story, program: "Program", placed_at: datetime) -> int:
    """How many anniversaries of the first order have come by the day of this one."""
    first, day = _day(story.first_order_at, program.zone), _day(placed_at, program.zone)
    if not first or not day or day <= first:
        return 0
    years = day.year - first.year
    return years if anniversary_day(first, years) <= day else years - 1


def speaks(language: str) -> bool:
    """Whether the app has words of its own in a language: "de-AT" yes, "fr" no."""
    return supported(language) == language.replace("-", "_").partition("_")[0].lower()


def moment_reason(moment: str, detail: str, *, tier_name: str, language: str) -> str:
    """The reason for a surprise as a card says it: "because it is your seventh order", "zur siebten Bestellung".

    Why it is said: an explained surprise pleases more than an unexplained one (Kim & Mattila 2013, anchors §4).
    """
    nth = ordinal_word(int(detail), language) if detail.isdecimal() else ""
    return translations(language).gettext(REASONS[moment]) % {"nth": nth, "tier": tier_name}


def ordinal_word(number: int, language: str) -> str:
    """Up to twelve in words, as they stand before a noun ("seventh", German "siebten"), above in digits."""
    if 1 <= number <= len(ORDINALS):
        return translations(language).gettext(ORDINALS[number - 1])
    return ordinal_number(number, language)


def ordinal_number(number: int, language: str) -> str:
    """The ordinal in digits: "7th", German "7."."""
    if supported(language) == "de":
        return f"{number}."
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _anniversary(first: date, previous: date | None, day: date, program: "Program") -> int | None:
    """The years whose day is nearest and near enough; one that an earlier order came near to is over."""
    within = program.moments.anniversary_within_days
    possible = [years for years in program.moments.anniversary_years if first.year + years <= MAXYEAR]
    nearest = min(possible, key=lambda years: (_days_away(first, years, day), years), default=None)
    if nearest is None or _days_away(first, nearest, day) > within:
        return None
    was_had = previous is not None and previous > first and _days_away(first, nearest, previous) <= within
    return None if was_had else nearest


def _days_away(first: date, years: int, day: date) -> int:
    return abs((day - anniversary_day(first, years)).days)


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None
