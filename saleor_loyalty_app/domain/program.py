"""A shop's rules as data: tiers, extras, notes, moments, budgets. Read from TOML, checked whole, never changed.

All mistakes are reported at once, each with its path, in the merchant's words (`ProgramProblem`).
What a model does not say about itself (ids that must exist, thresholds that must fit) is checked by `read_program`.
"""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from saleor_loyalty_app.domain.money import conversion_factors, to_minor
from saleor_loyalty_app.domain.program_problems import ProgramProblem, not_toml
from saleor_loyalty_app.domain.program_reading import problems_in

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
Words = dict[str, Annotated[str, Field(min_length=1, max_length=200)]]
"""The same text in several languages, by language code: {"de": "Gold", "en": "Gold"}."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=14)]
Share = Annotated[float, Field(ge=0, le=1)]
Pieces = Annotated[int, Field(ge=0, le=10_000_000)]
Days = Annotated[int, Field(ge=0, le=3660)]

Moment = Literal[
    "first_order", "tier_reached", "nth_order", "anniversary", "comeback", "trouble_solved", "just_because"
]
MOMENTS: tuple[Moment, ...] = (
    "trouble_solved", "tier_reached", "first_order", "comeback", "anniversary", "nth_order", "just_because",
)  # fmt: skip
"""From the most to the least special: when several hold, the first one is the moment of the order."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Window(_Part):
    """Over which time spend and orders are counted, in the program's time zone."""

    kind: Literal["rolling", "calendar_year", "lifetime"] = "rolling"
    days: Annotated[int, Field(ge=1, le=3660)] = 365
    """Length of a rolling window; the other kinds ignore it."""


class Condition(_Part):
    """What must be reached inside the window, inclusive. With both numbers, `needs` says if one is enough."""

    spend: Amount | None = None
    """In the program's currency, net of tax, shipping and refunds."""
    orders: Annotated[int, Field(ge=1)] | None = None
    needs: Literal["all", "any"] = "all"
    window: Window = Window()

    @model_validator(mode="after")
    def _something_is_asked(self) -> Self:
        if self.spend is None and self.orders is None:
            raise PydanticCustomError("nothing_asked", "nothing is asked")
        return self


class Tier(_Part):
    """A rank. The order in the file is the order of ranks, lowest first; everyone else has no tier."""

    id: Slug
    name: Words
    enter: Condition
    keep: Condition | None = None
    """What keeps the tier; without it the same as `enter`."""
    grace_days: Days = 30
    """How long a member stays after the keep condition is missed, before going down one step."""
    warn_days: Days = 30
    """How long before a foreseeable miss the shop is told."""
    services: tuple[Words, ...] = ()
    """Promises printed on the packing note, for example {"en": "ship express"}."""

    @property
    def keeps(self) -> Condition:
        return self.keep or self.enter


class Extra(_Part):
    """A physical thing added to a parcel."""

    id: Slug
    name: Words
    kind: Literal["signature", "surprise"]
    cost: Amount
    """What one piece costs the shop, in the program's currency."""
    stock: Pieces | None = None
    """Pieces at hand when this program is first published; None means never counted."""
    shelf: str = ""
    """Where the packer finds it."""
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """How likely it is drawn among several that fit, relative to the others."""
    suits: tuple[str, ...] = ()
    """Category slugs or preferences it goes well with; these are preferred."""
    contains: tuple[str, ...] = ()
    """Allergens and properties that customers can exclude: "nuts", "alcohol", "fragrance", "animal" ..."""
    not_to: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    """Countries (ISO 3166) it may not be sent to."""
    channels: tuple[str, ...] = ()
    """Channel slugs it is for; empty means all."""
    best_before: date | None = None
    max_order_grams: Annotated[int, Field(ge=1)] | None = None
    """Only for orders up to this weight."""
    again_after_days: Days = 180
    """How long a customer does not get the same one again."""
    variant: str | None = None
    """Saleor variant id: needed for delivery as an order line, and when the shop keeps its stock."""
    stock_in: Literal["app", "shop"] = "app"
    """Who counts the pieces: this app, or the shop as the stock of the variant in `packing.warehouse`."""


class Surprise(_Part):
    """When a surprise is drawn, and from what. The first entry that fits tier and moment is used."""

    tiers: tuple[Slug, ...] = ()
    """Tier ids it is for; empty means everyone, also without a tier."""
    moments: tuple[Moment, ...] = ()
    """Moments it is for; empty means any."""
    chance: Share
    pool: tuple[Slug, ...]
    """Extra ids to choose from."""
    every_orders: Annotated[int, Field(ge=1)] = 1
    """At least this many orders between two surprises (1: each order may have one)."""
    every_days: Days = 0
    """At least this many days between two surprises."""


class Budget(_Part):
    """How much may be given away, at the cost of extras in the program's currency."""

    month: Amount | None = None
    customer_year: Amount | None = None
    by_hand_month: Amount | None = None
    """What staff may add to parcels of their own accord in a month; it counts in the other two as well."""


class Note(_Part):
    """One personal text. `text` is a template: {{ name }}, {{ nth }}, {{ usual }}, {{ reason }}, {{ tier }} ..."""

    id: Slug
    language: str
    moments: tuple[Moment, ...] = ()
    """Moments it is for; empty means any."""
    tiers: tuple[Slug, ...] = ()
    text: Annotated[str, Field(min_length=1, max_length=1200)]


class Sender(_Part):
    """Who signs the notes: a named person."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    sign_off: Words = {"de": "Herzliche Grüße", "en": "Best regards"}


class MomentRules(_Part):
    """When a moment is one."""

    nth_orders: tuple[Annotated[int, Field(ge=2)], ...] = (5, 10, 25, 50, 100)
    anniversary_years: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2, 3, 4, 5)
    anniversary_within_days: Days = 14
    """How near the day of the first order must be."""
    comeback_days: Annotated[int, Field(ge=1)] = 180
    """After how long a silence the next order is a comeback."""


class Delivery(_Part):
    """How a channel is told what to pack."""

    by: Literal["note", "order_line"] = "note"
    confirm_order: bool = False
    """With order_line: confirm the order afterwards, so that it goes on its way."""


class Packing(_Part):
    """What happens at the packing desk, and before a card is printed."""

    order_note: bool = False
    """Whether a parcel that was packed or skipped leaves a note at the order, beside the private metadata."""
    warehouse: str | None = None
    """Saleor warehouse id that extras with `stock_in = "shop"` are taken from."""
    approve_notes: bool = False
    """Whether a person must approve each note before it is printed; otherwise this rule does."""


class Program(_Part):
    """One version of a shop's rules, checked; shape and meaning of each field as in docs/program.md."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    currency: str
    rates: dict[str, Annotated[Decimal, Field(gt=0)]] = {}
    """What one unit of another currency is worth in the program's; others are not counted as spend."""
    time_zone: str = "Europe/Berlin"
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    """Languages the program speaks, the fallback first."""
    trigger: Literal["fully_paid", "placed"] = "fully_paid"
    gift_cards_count: bool = True
    """Whether what was paid by gift card counts as spend."""
    sender: Sender
    tiers: tuple[Tier, ...]
    extras: tuple[Extra, ...] = ()
    surprises: tuple[Surprise, ...] = ()
    notes: tuple[Note, ...] = ()
    note_chance: Share = 1.0
    budget: Budget = Budget()
    moments: MomentRules = MomentRules()
    delivery: dict[str, Delivery] = {}
    """By channel slug; channels that are not named are told by note."""
    packing: Packing = Packing()

    @field_validator("currency")
    @classmethod
    def _currency_exists(cls, value: str) -> str:
        if not is_currency(value):
            raise PydanticCustomError("no_currency", "no currency")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as unknown:
            raise PydanticCustomError("no_time_zone", "no time zone") from unknown
        return value

    @field_validator("languages")
    @classmethod
    def _languages_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            try:
                Locale.parse(language)
            except (UnknownLocaleError, ValueError, TypeError) as unknown:
                raise PydanticCustomError("no_language", "no language", {"given": f"'{language[:40]}'"}) from unknown
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def factors(self) -> dict[str, int]:
        """Conversion factors into the program's minor units, see `money.conversion_factors`."""
        return conversion_factors(self.currency, self.rates)

    def minor(self, amount: Decimal) -> int:
        """An amount of this program in minor units of its currency."""
        return to_minor(amount, self.currency)

    def tier(self, tier_id: str | None) -> Tier | None:
        """The tier with this id, or None when there is none (any more)."""
        return next((tier for tier in self.tiers if tier.id == tier_id), None)

    def rank(self, tier_id: str | None) -> int:
        """1 for the lowest tier, 0 for no tier and for ids that this version does not know."""
        return next((i for i, tier in enumerate(self.tiers, 1) if tier.id == tier_id), 0)

    def extra(self, extra_id: str) -> Extra | None:
        """The extra with this id, or None when there is none (any more)."""
        return next((extra for extra in self.extras if extra.id == extra_id), None)

    def delivery_for(self, channel: str) -> Delivery:
        """How this channel is told."""
        return self.delivery.get(channel, Delivery())

    def words(self, words: Words, language: str) -> str:
        """The text in a language, else in the program's first language, else in any there is."""
        for code in (language, language.replace("-", "_").partition("_")[0], *self.languages):
            if code in words:
                return words[code]
        return next(iter(words.values()), "")


def read_program(toml_text: str) -> Program:
    """Read and check a program. Raises ProgramProblem with every mistake found, each with its place."""
    data = program_data(toml_text)
    if mistakes := [problem for problem in problems_in(Program, data) if not problem.is_warning]:
        raise ProgramProblem(mistakes)
    return Program.model_validate(data)


def program_data(toml_text: str) -> dict[str, Any]:
    """A program's text as plain data, unchecked. Raises ProgramProblem when it is no TOML."""
    try:
        return tomllib.loads(toml_text)
    except (ValueError, RecursionError) as broken:
        raise ProgramProblem([not_toml(broken)]) from broken
