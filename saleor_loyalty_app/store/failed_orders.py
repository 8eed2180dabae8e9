"""Orders whose piece of work failed and waits for a person, page by page, the latest failure first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select, tuple_

from saleor_loyalty_app.store import work as rounds
from saleor_loyalty_app.store.columns import UtcDateTime
from saleor_loyalty_app.store.name_search import is_named
from saleor_loyalty_app.store.pages import counted
from saleor_loyalty_app.store.parcel_lists import ParcelFilter
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.tables import customers, orders, work

ABOUT_ORDERS = "order:"
Place = tuple[datetime, str]
"""When a failure was, and its subject: where a page begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLine:
    """One failure. What is not known is None: the order was never read, or it has no parcel."""

    subject: str
    error: str
    failed_at: datetime
    order_row: int | None
    order_number: str | None
    customer_id: int | None
    first_name: str | None
    last_name: str | None
    code: str | None
    tier: str | None
    mode: str | None

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name or ''} {self.last_name or ''}".strip()

    @property
    def place(self) -> Place:
        """Where the page after this line begins."""
        return self.failed_at, self.subject


def failed_lines(
    db: Connection, shop_id: int, wanted: ParcelFilter, *, after: Place | None = None, limit: int = 20
) -> list[FailedLine]:
    """Failures that fit, from after this place on. Days are those of the failure."""
    query = (
        _joined(shop_id).where(*_fits(wanted)).order_by(work.c.updated_at.desc(), work.c.subject.desc()).limit(limit)
    )
    if after:
        place = tuple_(literal(after[0], UtcDateTime()), literal(after[1]))
        query = query.where(tuple_(work.c.updated_at, work.c.subject) < place)
    return [FailedLine(**row) for row in db.execute(query).mappings()]


def failed_count(db: Connection, shop_id: int) -> int:
    """How many there are, counted to just above `pages.COUNTED_TO`."""
    return counted(db, shop_id, work, *_failed(shop_id))


def _failed(shop_id: int) -> tuple[ColumnElement[bool], ...]:
    about_orders = work.c.subject.startswith(ABOUT_ORDERS, autoescape=True)
    return work.c.shop_id == shop_id, work.c.state == rounds.FAILED, about_orders


def _joined(shop_id: int) -> Select[tuple[object, ...]]:
    order_id = func.substr(work.c.subject, len(ABOUT_ORDERS) + 1)
    return (
        select(
            work.c.subject, func.coalesce(work.c.last_error, "").label("error"), work.c.updated_at.label("failed_at"),
            orders.c.id.label("order_row"), orders.c.number.label("order_number"), orders.c.customer_id,
            customers.c.first_name, customers.c.last_name, customers.c.tier, parcels.c.code, parcels.c.mode,
        )
        .outerjoin(orders, and_(orders.c.shop_id == shop_id, orders.c.order_id == order_id))
        .outerjoin(customers, customers.c.id == orders.c.customer_id)
        .outerjoin(parcels, and_(parcels.c.shop_id == shop_id, parcels.c.order_row == orders.c.id))
        .where(*_failed(shop_id))
    )  # fmt: skip


def _fits(wanted: ParcelFilter) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.tier:
        fits.append(customers.c.tier.is_(None) if wanted.tier == "-" else customers.c.tier == wanted.tier)
    if wanted.channel:
        fits.append(orders.c.channel == wanted.channel)
    if wanted.mode:
        fits.append(parcels.c.mode == wanted.mode)
    if wanted.since:
        fits.append(work.c.updated_at >= wanted.since)
    if wanted.until:
        fits.append(work.c.updated_at < wanted.until)
    if words := wanted.search:
        number = orders.c.number == words.removeprefix("#")
        fits.append(or_(number, parcels.c.code == words.upper(), is_named(words)))
    return fits
