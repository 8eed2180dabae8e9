"""What one order shall get: data that the choosers of extras and notes return, each with its reasons."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

NO_INSERTS = "no-inserts"
"""The exclusion by which a customer declines every extra and every note."""


class WhyNot(StrEnum):
    """Why an extra was not taken, or why there is no surprise at all."""

    NOT_DRAWN = "not_drawn"
    NO_RULE = "no_rule"
    SPACING_ORDERS = "spacing_orders"
    SPACING_DAYS = "spacing_days"
    BUDGET_MONTH = "budget_month"
    BUDGET_CUSTOMER = "budget_customer"
    NO_INSERTS = "no_inserts"
    EXCLUDED = "excluded"
    COUNTRY = "country"
    CHANNEL = "channel"
    TOO_HEAVY = "too_heavy"
    PAST_BEST_BEFORE = "past_best_before"
    OUT_OF_STOCK = "out_of_stock"
    RECEIVED_LATELY = "received_lately"
    SAME_AS_LAST = "same_as_last"
    EMPTY_POOL = "empty_pool"
    NOTHING_LEFT = "nothing_left"
    NO_TEXT = "no_text"
    NOTE_RECEIVED = "note_received"
    NEEDS_FIELD = "needs_field"
    BY_HAND = "by_hand"
    """Staff took it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An extra that this customer was given before (packed, or planned and still standing)."""

    extra_id: str
    at: datetime
    kind: str
    """"signature" or "surprise"."""
    cost_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is known about the customer when a parcel is planned."""

    nth_order: int
    """This order's number among those that count, 1 for the first."""
    first_order_at: datetime | None
    previous_order_at: datetime | None
    tier: str | None
    tier_reached: str | None = None
    """The tier that was reached by this very order, if one was."""
    trouble_solved: bool = False
    usual: str | None = None
    """A product the customer bought in several orders, by name."""
    bought_categories: frozenset[str] = frozenset()
    preferences: frozenset[str] = frozenset()
    exclusions: frozenset[str] = frozenset()
    """Allergens, properties or extra ids; "no-inserts" excludes every extra and note."""
    given: tuple[Given, ...] = ()
    """Newest last."""
    notes_received: frozenset[str] = frozenset()
    """Note ids this customer had before."""
    orders_since_surprise: int | None = None
    """How many orders ago the last surprise was (1: the order before this one); None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the shop can give at this moment, in the program's minor units."""

    stock: dict[str, int]
    """Pieces left by extra id; an extra that is not here is not counted."""
    month_left_minor: int | None
    customer_year_left_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExtra:
    """One chosen extra and why it was chosen."""

    extra_id: str
    kind: str
    cost_minor: int
    suits: tuple[str, ...] = ()
    """What it suits of this customer's categories and preferences."""
    last_received_on: date | None = None
    """When the customer had the same one before, longer ago than its cool-down; None for never."""
    by_hand: bool = False
    """Whether staff put it in of their own accord."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One extra that was looked at and not taken."""

    extra_id: str
    why: WhyNot
    detail: str = ""
    """What it turned on: the allergen, the country, the date it was last received ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtrasChoice:
    """The outcome of choosing extras, complete enough to be explained and replayed."""

    chosen: tuple[PlannedExtra, ...] = ()
    passed: tuple[Passed, ...] = ()
    no_surprise: WhyNot | None = None
    """Why there is no surprise; None when one was chosen."""
    chance: float | None = None
    """The chance that applied, and what was drawn (drawn < chance means a surprise)."""
    drawn: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedNote:
    """One note that fits the moment and was not taken."""

    note_id: str
    why: WhyNot
    detail: str = ""
    """The fields that are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteChoice:
    """The note for an order, or why there is none."""

    note_id: str | None = None
    language: str = ""
    text: str = ""
    """Body, ready to copy by hand; without the sign-off."""
    sign_off: str = ""
    sender: str = ""
    missing: tuple[str, ...] = ()
    """Fields the template asked for that were not known and were left out."""
    no_note: WhyNot | None = None
    passed: tuple[PassedNote, ...] = ()
    chance: float | None = None
    """The chance of a note that applied, and what was drawn (drawn < chance means a note)."""
    drawn: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPlan:
    """Everything that was decided for one order's parcel."""

    moment: str
    moment_detail: str = ""
    """The n of an n-th order, the years of an anniversary, the days of a silence."""
    extras: ExtrasChoice = field(default_factory=ExtrasChoice)
    note: NoteChoice = field(default_factory=NoteChoice)
    services: tuple[str, ...] = ()
    decided_on: date
