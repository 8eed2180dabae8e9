"""What happened with one customer, in one line of time: orders, tier decisions, parcels and what staff changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, or_, select

from saleor_loyalty_app.store.parcel_tables import notes, parcel_changes, parcels
from saleor_loyalty_app.store.tables import orders, tier_decisions

ORDER, DECISION, PARCEL, CHANGE = "order", "decision", "parcel", "change"
KINDS = (ORDER, DECISION, PARCEL, CHANGE)
"""What happens at one moment happens in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened; `row` is what its table says of it."""

    at: datetime
    kind: str
    id: int
    row: dict[str, Any]

    @property
    def place(self) -> tuple[datetime, int, int]:
        """Where it stands in the line of time."""
        return self.at, KINDS.index(self.kind), self.id


def timeline(
    db: Connection,
    shop_id: int,
    customer_id: int,
    *,
    kinds: Collection[str] = KINDS,
    before: tuple[datetime, int, int] | None = None,
    limit: int,
) -> list[Entry]:
    """The newest entries of these kinds, newest first; or those that stand before a place, see `Entry.place`."""
    found: list[Entry] = []
    for kind, read in ((ORDER, _orders), (DECISION, _decisions), (PARCEL, _parcels), (CHANGE, _changes)):
        if kind in kinds:
            found += read(db, shop_id, customer_id, before, limit)
    return sorted(found, key=lambda entry: entry.place, reverse=True)[:limit]


Before = tuple[datetime, int, int] | None


def _orders(db: Connection, shop_id: int, customer_id: int, before: Before, limit: int) -> Iterator[Entry]:
    at = orders.c.placed_at
    query = (
        select(orders)
        .where(
            orders.c.shop_id == shop_id, orders.c.customer_id == customer_id, *_earlier(at, ORDER, orders.c.id, before)
        )
        .order_by(at.desc(), orders.c.id.desc())
        .limit(limit)
    )
    for row in db.execute(query).mappings():
        yield Entry(at=row["placed_at"], kind=ORDER, id=row["id"], row=dict(row))


def _decisions(db: Connection, shop_id: int, customer_id: int, before: Before, limit: int) -> Iterator[Entry]:
    table = tier_decisions.c
    query = (
        select(tier_decisions)
        .where(
            table.shop_id == shop_id, table.customer_id == customer_id, *_earlier(table.at, DECISION, table.id, before)
        )
        .order_by(table.at.desc(), table.id.desc())
        .limit(limit)
    )
    for row in db.execute(query).mappings():
        yield Entry(at=row["at"], kind=DECISION, id=row["id"], row=dict(row))


def _parcels(db: Connection, shop_id: int, customer_id: int, before: Before, limit: int) -> Iterator[Entry]:
    at = parcels.c.planned_at
    query = (
        select(
            parcels.c.id,
            parcels.c.code,
            parcels.c.mode,
            parcels.c.state,
            parcels.c.planned_at,
            orders.c.number.label("order_number"),
            notes.c.text.label("note"),
            notes.c.sender,
            notes.c.state.label("note_state"),
        )
        .join(orders, orders.c.id == parcels.c.order_row)
        .outerjoin(notes, and_(notes.c.shop_id == parcels.c.shop_id, notes.c.parcel_id == parcels.c.id))
        .where(
            parcels.c.shop_id == shop_id,
            parcels.c.customer_id == customer_id,
            *_earlier(at, PARCEL, parcels.c.id, before),
        )
        .order_by(at.desc(), parcels.c.id.desc())
        .limit(limit)
    )
    for row in db.execute(query).mappings():
        yield Entry(at=row["planned_at"], kind=PARCEL, id=row["id"], row=dict(row))


def _changes(db: Connection, shop_id: int, customer_id: int, before: Before, limit: int) -> Iterator[Entry]:
    table = parcel_changes.c
    query = (
        select(table.id, table.at, table.by, table.kind, table.detail, parcels.c.code)
        .join(parcels, parcels.c.id == table.parcel_id)
        .where(
            table.shop_id == shop_id,
            table.customer_id == customer_id,
            *_earlier(table.at, CHANGE, table.id, before),
        )
        .order_by(table.at.desc(), table.id.desc())
        .limit(limit)
    )
    for row in db.execute(query).mappings():
        yield Entry(at=row["at"], kind=CHANGE, id=row["id"], row=dict(row))


def _earlier(at: Column[Any], kind: str, row_id: Column[Any], before: Before) -> list[ColumnElement[bool]]:
    """What of a kind stands before a place."""
    if before is None:
        return []
    moment, rank, id = before
    mine = KINDS.index(kind)
    if mine == rank:
        return [or_(at < moment, and_(at == moment, row_id < id))]
    return [at <= moment if mine < rank else at < moment]
