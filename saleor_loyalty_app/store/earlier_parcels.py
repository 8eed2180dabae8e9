"""What a customer had in earlier parcels, for choosing what comes next."""

from datetime import datetime

from sqlalchemy import Connection, Select, select

from saleor_loyalty_app.domain.parcels import Given
from saleor_loyalty_app.store.costs import STANDING
from saleor_loyalty_app.store.parcel_notes import CANCELLED
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.tables import orders


def given_to(
    db: Connection, shop_id: int, customer_id: int, *, mode: str, but_parcel: int | None = None
) -> tuple[Given, ...]:
    """The extras a customer was given or is about to be given, oldest first; on wish without those of one parcel."""
    query = _given(shop_id, customer_id, mode).order_by(parcel_items.c.planned_at, parcel_items.c.id)
    if but_parcel is not None:
        query = query.where(parcel_items.c.parcel_id != but_parcel)
    return tuple(
        Given(extra_id=extra, at=at, kind=kind, cost_minor=cost) for extra, at, kind, cost in db.execute(query)
    )


def last_surprises(db: Connection, shop_id: int, customer_id: int, *, mode: str, limit: int) -> tuple[Given, ...]:
    """The surprises among them, newest first, at most so many."""
    query = _given(shop_id, customer_id, mode).where(parcel_items.c.kind == "surprise").limit(limit)
    newest = query.order_by(parcel_items.c.planned_at.desc(), parcel_items.c.id.desc())
    return tuple(
        Given(extra_id=extra, at=at, kind=kind, cost_minor=cost) for extra, at, kind, cost in db.execute(newest)
    )


def _given(shop_id: int, customer_id: int, mode: str) -> Select[str, datetime, str, int]:
    columns = (parcel_items.c.extra_id, parcel_items.c.planned_at, parcel_items.c.kind, parcel_items.c.cost_minor)
    return select(*columns).where(
        parcel_items.c.shop_id == shop_id,
        parcel_items.c.customer_id == customer_id,
        parcel_items.c.mode == mode,
        parcel_items.c.state.in_(STANDING),
    )


def last_surprise_order(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> datetime | None:
    """When the order was placed whose parcel held the customer's last surprise."""
    query = (
        select(orders.c.placed_at)
        .join(parcels, parcels.c.order_row == orders.c.id)
        .join(parcel_items, parcel_items.c.parcel_id == parcels.c.id)
        .where(
            parcel_items.c.shop_id == shop_id,
            parcel_items.c.customer_id == customer_id,
            parcel_items.c.mode == mode,
            parcel_items.c.kind == "surprise",
            parcel_items.c.state.in_(STANDING),
        )
        .order_by(parcel_items.c.id.desc())
        .limit(1)
    )
    return db.execute(query).scalar_one_or_none()


def notes_received(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> frozenset[str]:
    """The ids of the notes a customer had, or is about to have; one whose parcel was skipped was never sent."""
    query = select(notes.c.note_id).join(parcels, parcels.c.id == notes.c.parcel_id)
    query = query.where(
        notes.c.shop_id == shop_id,
        parcels.c.state.in_(STANDING),
        notes.c.customer_id == customer_id,
        notes.c.mode == mode,
        notes.c.state != CANCELLED,
        notes.c.note_id != "",  # written by staff from nothing
    )
    return frozenset(db.execute(query).scalars())
