"""Which tier a customer has, and why: a pure function of purchases, time, standing and rules.

Thresholds are inclusive. The way up is direct, the way down one step at a time, after a warning and grace.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DecisionKind(StrEnum):
    """What a decision did; `sentences.py` says it in words."""

    ENTERED = "entered"
    """Reached a tier, or a higher one."""
    WARNED = "warned"
    """The keep condition will be missed soon, on `foreseen_on`, unless something is bought."""
    GRACE = "grace"
    """The keep condition is missed; the tier stays until `grace_until`."""
    SECURED = "secured"
    """A warning or grace is over because the keep condition is met again."""
    DROPPED = "dropped"
    """One step down, after grace."""
    SET_BY_HAND = "set_by_hand"
    """A named person decided, until `manual_until`."""
    HAND_ENDED = "hand_ended"
    """A manual decision ended; the rules decide again."""
    TIER_REMOVED = "tier_removed"
    """The program no longer has the tier."""


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
    """Program version by whose rule the tier is kept: the one it was last earned under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted in one window, with what was asked. Sums are in the program's minor units."""

    spend_minor: int
    orders: int
    spend_needed_minor: int | None
    orders_needed: int | None
    window_from: date | None
    """First day that counted, in the program's zone; None for a lifetime."""
    met: bool


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
    """The condition this decision turned on (enter for ENTERED, keep otherwise)."""
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
