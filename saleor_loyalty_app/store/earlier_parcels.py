"""What a customer had in earlier parcels, for choosing what comes next."""

from datetime import datetime

from sqlalchemy import Connection, select

from saleor_loyalty_app.store.costs import STANDING
from saleor_loyalty_app.store.parcel_notes import CANCELLED
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.tables import orders


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
    """The ids of the notes a customer had, or is about to have."""
    query = select(notes.c.note_id).where(
        notes.c.shop_id == shop_id,
        notes.c.customer_id == customer_id,
        notes.c.mode == mode,
        notes.c.state != CANCELLED,
        notes.c.note_id != "",  # written by staff from nothing
    )
    return frozenset(db.execute(query).scalars())
