"""Which tier a customer has, and why: the data that `tier_rules.py` decides on and returns.

Thresholds are inclusive. The way up is direct, the way down one step at a time, after a warning and grace.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class DecisionKind(StrEnum):
    """What a decision did; `tier_sentences.py` says it in words."""

    ENTERED = "entered"
    """Reached a tier, or a higher one."""
    WARNED = "warned"
    """The keep condition will be missed soon, on `foreseen_on`, unless something is bought."""
    GRACE = "grace"
    """The keep condition is missed; the tier stays until `grace_until`."""
    SECURED = "secured"
    """A warning or grace is over because the keep condition is met again."""
    RENEWED = "renewed"
    """Earned again under newer rules, which now say what keeps the tier (`Membership.keep_version`)."""
    DROPPED = "dropped"
    """One step down, after grace."""
    SET_BY_HAND = "set_by_hand"
    """A named person decided, until `manual_until`."""
    HAND_ENDED = "hand_ended"
    """A manual decision ended; the rules decide again."""
    TIER_REMOVED = "tier_removed"
    """The program no longer has the tier."""
    TAKEN_BACK = "taken_back"
    """An order that led to the tier fell through, so it was not reached after all; no grace."""


class Standing(StrEnum):
    """How firmly a customer stands in the tier."""

    SECURE = "secure"
    WARNED = "warned"
    GRACE = "grace"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One order that counts: when (aware UTC) and what it was worth in the program's minor units."""

    placed_at: datetime
    worth_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Where a customer stands now; the sum of all decisions so far. `tier` None means no tier."""

    tier: str | None = None
    standing: Standing = Standing.SECURE
    since: datetime | None = None
    grace_until: date | None = None
    manual_until: date | None = None
    """Last day of a manual decision, inclusive; None with standing MANUAL means without an end."""
    keep_version: int | None = None
    """Program version by whose rule the tier is kept: the one it was last earned under. None means by the
    current version alone."""
    entered_with_orders: int | None = None
    """Orders inside the window of the enter condition at `since`; None unless the rules let the customer in."""
    entered_from: str | None = None
    """The tier before that entry, to which the customer returns when an order falls through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted in one window, with what was asked. Sums are in the program's minor units."""

    spend_minor: int
    orders: int
    spend_needed_minor: int | None
    orders_needed: int | None
    needs: Literal["all", "any"] = "all"
    window_kind: Literal["rolling", "calendar_year", "lifetime"] = "rolling"
    window_days: int | None = None
    """Length of a rolling window; None for the other kinds."""
    window_from: date | None
    """First day that counted, in the program's zone; None for a lifetime."""
    window_to: date
    """Last day that counted, inclusive."""
    met: bool

    @property
    def spend_missing_minor(self) -> int:
        """What is still to be spent; 0 when enough is spent, or none is asked."""
        return max(0, (self.spend_needed_minor or 0) - self.spend_minor)

    @property
    def orders_missing(self) -> int:
        """How many orders are still to come; 0 when there are enough, or none are asked."""
        return max(0, (self.orders_needed or 0) - self.orders)

    @property
    def share(self) -> float:
        """How much of the way is done, from 0 to 1."""
        asked = ((self.spend_minor, self.spend_needed_minor), (self.orders, self.orders_needed))
        shares = [min(1.0, got / needed) if needed else 1.0 for got, needed in asked if needed is not None]
        return min(shares) if self.needs == "all" else max(shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A tier decision with everything it rests on. It is stored once and never changed."""

    kind: DecisionKind
    from_tier: str | None
    to_tier: str | None
    at: datetime
    program_version: int
    membership: Membership
    """The standing after this decision."""
    measured: Measured | None
    """What this decision turned on: the enter condition for ENTERED, what will be counted on `foreseen_on`
    for WARNED, the keep condition otherwise; None for decisions by hand and removed tiers."""
    to_next: Measured | None
    """Where the customer stands on the way to the next tier; None at the top."""
    to_keep: Measured | None
    """Where the customer stands in keeping the tier after this decision; None without a tier."""
    foreseen_on: date | None = None
    """The day the keep condition will be missed if nothing more is bought."""
    next_review_on: date | None = None
    """The next day on which this can change by the passing of time alone."""
    by: str = ""
    """Who decided, for decisions by hand: a Saleor user id, never a name."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What can be shown about a customer at any time, without a decision."""

    membership: Membership
    next_tier: str | None
    to_next: Measured | None
    """The enter condition of `next_tier` today; its `share` is the progress bar."""
    to_keep: Measured | None
    """What keeps the tier, as counted today; None without a tier."""
    foreseen_on: date | None
    """First day on which the tier is no longer earned if nothing more is bought; None for never, or already."""
    on_foreseen: Measured | None
    """What will be counted on that day if nothing more is bought."""
    next_review_on: date | None
    """The next day on which the passing of time alone changes something; today when something is due now."""
