"""What a customer had in earlier parcels, for choosing what comes next."""

from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, select

from saleor_loyalty_app.domain.parcels import Given
from saleor_loyalty_app.store.costs import STANDING
from saleor_loyalty_app.store.parcel_notes import CANCELLED
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.tables import orders

_shop: BindParameter[int] = bindparam("the_shop")
_customer: BindParameter[int] = bindparam("customer")
_mode: BindParameter[str] = bindparam("the_mode")
_given = select(
    parcel_items.c.extra_id, parcel_items.c.planned_at, parcel_items.c.kind, parcel_items.c.cost_minor
).where(
    parcel_items.c.shop_id == _shop,
    parcel_items.c.customer_id == _customer,
    parcel_items.c.mode == _mode,
    parcel_items.c.state.in_(STANDING),
)
_GIVEN = _given.where(parcel_items.c.parcel_id != bindparam("but")).order_by(
    parcel_items.c.planned_at, parcel_items.c.id
)
_LAST_SURPRISES = (
    _given.where(parcel_items.c.kind == "surprise")
    .order_by(parcel_items.c.planned_at.desc(), parcel_items.c.id.desc())
    .limit(bindparam("most"))
)
_LAST_SURPRISE_ORDER = (
    _given.where(parcel_items.c.kind == "surprise")
    .join(parcels, parcels.c.id == parcel_items.c.parcel_id)
    .join(orders, orders.c.id == parcels.c.order_row)
    .with_only_columns(orders.c.placed_at)
    .order_by(parcel_items.c.id.desc())
    .limit(1)
)
_NOTES_RECEIVED = (
    select(notes.c.note_id)
    .join(parcels, parcels.c.id == notes.c.parcel_id)
    .where(
        notes.c.shop_id == _shop,
        parcels.c.state.in_(STANDING),
        notes.c.customer_id == _customer,
        notes.c.mode == _mode,
        notes.c.state != CANCELLED,
        notes.c.note_id != "",  # written by staff from nothing
    )
)


def given_to(
    db: Connection, shop_id: int, customer_id: int, *, mode: str, but_parcel: int | None = None
) -> tuple[Given, ...]:
    """The extras a customer was given or is about to be given, oldest first; on wish without those of one parcel."""
    which = {**_whose(shop_id, customer_id, mode), "but": but_parcel or 0}
    return tuple(
        Given(extra_id=extra, at=at, kind=kind, cost_minor=cost) for extra, at, kind, cost in db.execute(_GIVEN, which)
    )


def last_surprises(db: Connection, shop_id: int, customer_id: int, *, mode: str, limit: int) -> tuple[Given, ...]:
    """The surprises among them, newest first, at most so many."""
    which = {**_whose(shop_id, customer_id, mode), "most": limit}
    return tuple(
        Given(extra_id=extra, at=at, kind=kind, cost_minor=cost)
        for extra, at, kind, cost in db.execute(_LAST_SURPRISES, which)
    )


def _whose(shop_id: int, customer_id: int, mode: str) -> dict[str, int | str]:
    return {"the_shop": shop_id, "customer": customer_id, "the_mode": mode}


def last_surprise_order(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> datetime | None:
    """When the order was placed whose parcel held the customer's last surprise."""
    return db.execute(_LAST_SURPRISE_ORDER, _whose(shop_id, customer_id, mode)).scalar_one_or_none()


def notes_received(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> frozenset[str]:
    """The ids of the notes a customer had, or is about to have; one whose parcel was skipped was never sent."""
    return frozenset(db.scalars(_NOTES_RECEIVED, _whose(shop_id, customer_id, mode)))
