"""What a note's template reads like for a real recent order, with what is missing marked in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.program_problems import Problem
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentOrder:
    """An order to try a note on."""

    code: str
    order_number: str
    customer_name: str
    moment: str
    tier: str | None
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the text; a missing field has its name as text."""

    text: str
    is_missing: bool = False
    field: str | None = None
    """The field that stands here, None for the merchant's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePreview:
    """A template filled in for one order."""

    parts: tuple[Part, ...]
    """The whole text in pieces; empty when the template can't be read."""
    problems: list[Problem]
    order_number: str | None
    """None: there is no order yet, and a made-up customer stands in."""
    missing: tuple[str, ...]
    """Fields that the template asks for and that are not known for this order."""
    without_name: str | None
    """What it reads like when name and extra are not known; None when the text would be passed over then."""
    fits: bool = True
    """Whether the note is for the tier and the moment of this order."""


def recent_orders(db: Connection, shop: Shop, limit: int = 10) -> list[RecentOrder]:
    """The last orders that got a parcel, newest first."""
    raise NotImplementedError


def preview_note(
    app: App,
    shop: Shop,
    program: Program,
    *,
    text: str,
    language: str,
    note_tiers: Sequence[str] = (),
    note_moments: Sequence[str] = (),
    parcel_code: str | None = None,
) -> NotePreview:
    """The text for one order: that of `parcel_code`, else the newest that the note is for, else the newest."""
    raise NotImplementedError
