"""The forms on a customer's page: what they ask for, and what is wrong with it, field by field. No routes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import request

from saleor_loyalty_app.domain.parcels import NO_INSERTS
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.set_wishes import LONGEST_WISH, MOST_WISHES, tidy_wishes
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.words import gettext, ngettext

LONGEST_REASON = 300
NO_TIER = "-"
"""What the form says for "no tier"."""
AS_IT_IS = "="
"""What the form says for "freeze": the tier that the customer has now, whichever it is."""

Problems = dict[str, str]


def read_tier_form(program: Program, *, tier_now: str | None) -> tuple[dict[str, Any], Problems]:
    """What is asked for, as `set_tier_by_hand` takes it, and the problems."""
    form = request.form
    tier, reason, until = form.get("tier", ""), form.get("reason", "").strip(), form.get("until", "").strip()
    problems: Problems = {}
    if tier not in (NO_TIER, AS_IT_IS) and program.tier(tier) is None:
        problems["tier"] = gettext("Choose a tier of the program, or none.")
    if not reason:
        problems["reason"] = gettext("Say why, so that colleagues understand it later.")
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = gettext("Please say it in at most %(number)s characters.") % {"number": LONGEST_REASON}
    last_day = _day(until)
    if until and last_day is None:
        problems["until"] = gettext("Give the day like 2027-03-31, or leave it empty.")
    elif last_day and last_day < local_day(loyalty().now(), program.zone):
        problems["until"] = gettext("That day is over. Choose a later one, or leave it empty.")
    elif tier == AS_IT_IS and not until:
        problems["until"] = gettext("Say until when the tier is frozen.")
    wanted = {NO_TIER: None, AS_IT_IS: tier_now}.get(tier, tier)
    return {"tier": wanted, "reason": reason, "last_day": last_day}, problems


def read_wishes_form() -> tuple[dict[str, list[str]], Problems]:
    """What is asked for, as `set_wishes` takes it, and the problems."""
    form = request.form
    wishes = {
        "exclusions": [*form.getlist("exclusion"), *_words(form.get("more_exclusions", ""))],
        "preferences": [*form.getlist("like"), *_words(form.get("more_likes", ""))],
    }
    problems = {
        field: problem
        for field, words in (("more_exclusions", wishes["exclusions"]), ("more_likes", wishes["preferences"]))
        if (problem := _too_much(words))
    }
    return wishes, problems


def wishes_shown(program: Program, exclusions: Iterable[str], preferences: Iterable[str]) -> Mapping[str, Any]:
    """The ticks that the program offers, which of them are set, and the words beyond them."""
    unwanted, liked = tidy_wishes(exclusions), tidy_wishes(preferences)
    contained = sorted({word for extra in program.extras for word in tidy_wishes(extra.contains)})
    suited = sorted({word for extra in program.extras for word in tidy_wishes(extra.suits)})
    return {
        "offered_exclusions": contained,
        "offered_likes": suited,
        "no_inserts": NO_INSERTS,
        "excluded": unwanted,
        "liked": liked,
        "more_exclusions": ", ".join(word for word in unwanted if word not in (*contained, NO_INSERTS)),
        "more_likes": ", ".join(word for word in liked if word not in suited),
    }


def wishes_typed() -> dict[str, Any]:
    """What stands in a form of wishes that was sent, as the template takes it, untouched."""
    form = request.form
    return {
        "excluded": form.getlist("exclusion"),
        "liked": form.getlist("like"),
        "more_exclusions": form.get("more_exclusions", ""),
        "more_likes": form.get("more_likes", ""),
    }


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word.strip()]


def _too_much(words: list[str]) -> str:
    if any(len(word.strip()) > LONGEST_WISH for word in words):
        return gettext("Please use at most %(number)s characters for each, with commas between.") % {
            "number": LONGEST_WISH
        }
    if len(tidy_wishes(words, most=None)) > MOST_WISHES:
        return ngettext("That is more than %(number)s wish.", "That is more than %(number)s wishes.", MOST_WISHES) % {
            "number": MOST_WISHES
        }
    return ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < date.max else None  # the day after it is reckoned with
