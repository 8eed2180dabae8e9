"""What staff changed in parcels by hand, with who and when: rows are only added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from saleor_loyalty_app.store.parcel_tables import parcel_changes
from saleor_loyalty_app.store.parcels import Parcel

EXCHANGED, ADDED, TAKEN_OUT, NOTE_EDITED = "exchanged", "added", "taken_out", "note_edited"
SKIPPED, PACKED, REOPENED = "skipped", "packed", "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change. `detail` by kind:

    exchanged {item, out, in}; added {item, in, cost_minor}; taken_out {item, out, reason, words};
    note_edited {before, after}; skipped {reason, words, items}; packed {items}; reopened {was, items, left_out}.
    Extras are named by their ids; `items` are rows of `parcel_items`.
    """

    id: int
    parcel_id: int
    at: datetime
    by: str
    """A Saleor user id."""
    kind: str
    detail: dict[str, Any]
    wish: str


def add_change(
    db: Connection,
    shop_id: int,
    parcel: Parcel,
    *,
    by: str,
    kind: str,
    detail: dict[str, Any],
    wish: str,
    now: datetime,
) -> Changed:
    """Write a change. A second one for the same wish raises IntegrityError."""
    statement = insert(parcel_changes).values(
        shop_id=shop_id, parcel_id=parcel.id, customer_id=parcel.customer_id, at=now, by=by, kind=kind, detail=detail,
        wish=wish,
    )  # fmt: skip
    return _changed(db.execute(statement.returning(parcel_changes)).mappings().one())


def change_by_wish(db: Connection, shop_id: int, wish: str) -> Changed | None:
    """What a wish led to, or None while it was not fulfilled."""
    query = select(parcel_changes).where(parcel_changes.c.shop_id == shop_id, parcel_changes.c.wish == wish)
    row = db.execute(query).mappings().first()
    return _changed(row) if row else None


def changes_of(db: Connection, shop_id: int, parcel_id: int, *, limit: int = 50) -> list[Changed]:
    """The changes of a parcel, newest first."""
    query = (
        select(parcel_changes)
        .where(parcel_changes.c.shop_id == shop_id, parcel_changes.c.parcel_id == parcel_id)
        .order_by(parcel_changes.c.id.desc())
        .limit(limit)
    )
    return [_changed(row) for row in db.execute(query).mappings()]


def last_change(db: Connection, shop_id: int, parcel_id: int, *, kind: str) -> Changed | None:
    """The newest change of one kind."""
    query = (
        select(parcel_changes)
        .where(
            parcel_changes.c.shop_id == shop_id, parcel_changes.c.parcel_id == parcel_id, parcel_changes.c.kind == kind
        )
        .order_by(parcel_changes.c.id.desc())
        .limit(1)
    )
    row = db.execute(query).mappings().first()
    return _changed(row) if row else None


def _changed(row: RowMapping) -> Changed:
    return Changed(**{name: row[name] for name in Changed.__dataclass_fields__})
