"""What staff may change in a parcel by hand: why something can't be done, and what may be put in.

Staff have a freedom of their own within budgets; what a customer must not get stays out whoever wishes it.
"""

import re
from dataclasses import replace
from datetime import date
from enum import StrEnum

from saleor_loyalty_app.domain.extras import obstacle
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import Means, ParcelPlan, Passed, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Extra, Program

LONGEST_NOTE = 2_000
"""Characters of a card's text, as for the templates."""
LONGEST_WORDS = 300
"""Characters of a reason in staff's own words."""


class SkipReason(StrEnum):
    """Why a parcel gets nothing after all."""

    OUT_OF_STOCK = "out_of_stock"
    NO_ROOM = "no_room"
    FRAGILE = "fragile"
    LOOKED_WRONG = "looked_wrong"
    CUSTOMER_ASKED = "customer_asked"
    OTHER = "other"
    """With words of staff's own."""


class WhyNotChanged(StrEnum):
    """Why a change by hand was not made; the words for it stand in `change_sentences.py`."""

    FELL_THROUGH = "fell_through"
    PACKED = "packed"
    SHIPPED = "shipped"
    SKIPPED = "skipped"
    NOT_CLOSED = "not_closed"
    """There is nothing to undo: the parcel is still planned."""
    ERASED = "erased"
    STALE = "stale"
    """Somebody else changed it since the form was made."""
    HELD = "held"
    """Somebody else packs it at the moment; the detail is who, a Saleor user id."""
    NOT_READY = "not_ready"
    """Its order is not paid, or not confirmed."""
    NO_WISH = "no_wish"
    """The form carries no usable wish."""
    NO_SUCH_EXTRA = "no_such_extra"
    NO_SUCH_ITEM = "no_such_item"
    ALREADY_IN = "already_in"
    NOT_IN_POOL = "not_in_pool"
    """It is not among those that the surprise was drawn from."""
    NOTHING_TO_EXCHANGE = "nothing_to_exchange"
    LINE_STANDS = "line_stands"
    NO_INSERTS = "no_inserts"
    EXCLUDED = "excluded"
    COUNTRY = "country"
    CHANNEL = "channel"
    TOO_HEAVY = "too_heavy"
    PAST_BEST_BEFORE = "past_best_before"
    OUT_OF_STOCK = "out_of_stock"
    RECEIVED_LATELY = "received_lately"
    BUDGET_BY_HAND = "budget_by_hand"
    BUDGET_MONTH = "budget_month"
    BUDGET_CUSTOMER = "budget_customer"
    NO_TEXT = "no_text"
    TEXT_TOO_LONG = "text_too_long"
    SAME_TEXT = "same_text"
    NO_REASON = "no_reason"
    NO_WORDS = "no_words"
    """The reason "other" without words of one's own."""


class CannotChange(Exception):
    """A change that is refused, and why. `extra_id` is what it is about, `detail` what it turned on."""

    def __init__(self, why: WhyNotChanged, *, extra_id: str = "", detail: str = "") -> None:
        super().__init__(why.value)
        self.why, self.extra_id, self.detail = why, extra_id, detail


def why_not_added(
    extra: Extra,
    *,
    program: Program,
    story: Story,
    order: Order,
    means: Means,
    by_hand_left_minor: int | None,
    today: date,
) -> CannotChange | None:
    """What keeps staff from putting an extra into a parcel, or None.

    `story.exclusions` and `means` are as they stand now. Chance, pools and spacing do not bind staff;
    wishes, countries, stock and all budgets do. `detail` of a budget is what is left, in minor units.
    """
    if found := obstacle(extra, program=program, story=story, order=order, means=means, today=today):
        return CannotChange(WhyNotChanged(found.why.value), extra_id=extra.id, detail=found.detail)
    for left_minor, why in (
        (by_hand_left_minor, WhyNotChanged.BUDGET_BY_HAND),
        (means.month_left_minor, WhyNotChanged.BUDGET_MONTH),
        (means.customer_year_left_minor, WhyNotChanged.BUDGET_CUSTOMER),
    ):
        if left_minor is not None and program.minor(extra.cost) > max(0, left_minor):
            return CannotChange(why, extra_id=extra.id, detail=str(max(0, left_minor)))
    return None


def plan_with(plan: ParcelPlan, extra: Extra, program: Program) -> ParcelPlan:
    """The plan with an extra that staff put in of their own accord. The note stays as it is."""
    added = PlannedExtra(extra_id=extra.id, kind=extra.kind, cost_minor=program.minor(extra.cost), by_hand=True)
    passed = tuple(one for one in plan.extras.passed if one.extra_id != extra.id)
    return replace(plan, extras=replace(plan.extras, chosen=(*plan.extras.chosen, added), passed=passed))


def plan_stripped(plan: ParcelPlan, extra_id: str, why: WhyNot = WhyNot.BY_HAND) -> ParcelPlan:
    """The plan without an extra, and nothing in its place. The note stays as it is."""
    gone = next(extra for extra in plan.extras.chosen if extra.extra_id == extra_id)
    chosen = tuple(extra for extra in plan.extras.chosen if extra is not gone)
    # What staff had put in themselves was never a choice of the program: it leaves no trace in its reasons.
    passed = () if gone.by_hand else (Passed(extra_id=extra_id, why=why),)
    return replace(plan, extras=replace(plan.extras, chosen=chosen, passed=(*plan.extras.passed, *passed)))


def with_extras_of(made_under: Program, in_force: Program) -> Program:
    """The rules a parcel was made under, and the extras that came with later ones, for those added by hand."""
    known = {extra.id for extra in made_under.extras}
    later = tuple(extra for extra in in_force.extras if extra.id not in known)
    return made_under.model_copy(update={"extras": (*made_under.extras, *later)}) if later else made_under


def tidy_text(text: str) -> str:
    """Words as a form sends them, without what can't be written on a card. Raises CannotChange."""
    lines = "".join(letter for letter in re.sub(r"\r\n?", "\n", text) if letter in "\n\t" or letter.isprintable())
    tidy = "\n".join(line.rstrip() for line in lines.splitlines()).strip()
    if not tidy:
        raise CannotChange(WhyNotChanged.NO_TEXT)
    if len(tidy) > LONGEST_NOTE:
        raise CannotChange(WhyNotChanged.TEXT_TOO_LONG, detail=str(LONGEST_NOTE))
    return tidy


def still_named(text: str, gone: set[str], program: Program) -> tuple[str, ...]:
    """The extras that are no longer in the parcel although its note still names them, by id, sorted."""
    read = text.casefold()
    return tuple(
        sorted(
            extra.id
            for extra in program.extras
            if extra.id in gone and any(name.casefold() in read for name in extra.name.values())
        )
    )


def skip_reason(reason: str, words: str) -> tuple[SkipReason, str]:
    """A reason and staff's own words as the form sends them. Raises CannotChange."""
    if reason not in set(SkipReason):
        raise CannotChange(WhyNotChanged.NO_REASON)
    tidy = " ".join("".join(letter for letter in words if letter.isprintable() or letter.isspace()).split())
    if reason == SkipReason.OTHER and not tidy:
        raise CannotChange(WhyNotChanged.NO_WORDS)
    if len(tidy) > LONGEST_WORDS:
        raise CannotChange(WhyNotChanged.TEXT_TOO_LONG, detail=str(LONGEST_WORDS))
    return SkipReason(reason), tidy
