"""What pages show: lists by cursor and sums for the rows on a page. Only reads; every function takes the shop."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.parcels import CANCELLED, PACKED, PLANNED, SHIPPED, SKIPPED
from saleor_loyalty_app.store.rows import rows_where
from saleor_loyalty_app.store.tables import customers, orders

STATES = (PLANNED, PACKED, SHIPPED, SKIPPED, CANCELLED)
COUNTED_TO = 1_000
"""Counts of parcels go no further: a page does not wait for a sum that nobody works with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """One parcel in a list, with whose order it belongs to."""

    id: int
    code: str
    mode: str
    state: str
    moment: str
    tier: str | None
    program_version: int
    planned_at: datetime
    closed_why: str | None
    order_row: int
    order_number: str
    channel: str
    customer_id: int
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One extra of a parcel in a list."""

    parcel_id: int
    extra_id: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNote:
    """The personal words of one parcel."""

    note_id: str
    language: str
    text: str
    sign_off: str
    sender: str
    state: str


def parcel_lines_of(db: Connection, shop_id: int, parcel_ids: Collection[int]) -> list[ParcelLine]:
    """These parcels, newest first."""
    query = (
        select(
            parcels.c.id, parcels.c.code, parcels.c.mode, parcels.c.state, parcels.c.moment, parcels.c.tier,
            parcels.c.program_version, parcels.c.planned_at, parcels.c.closed_why, parcels.c.order_row,
            orders.c.number.label("order_number"), orders.c.channel, parcels.c.customer_id,
            customers.c.first_name, customers.c.last_name,
        )
        .join(orders, orders.c.id == parcels.c.order_row)
        .join(customers, customers.c.id == parcels.c.customer_id)
        .where(parcels.c.shop_id == shop_id, parcels.c.id.in_(parcel_ids))
        .order_by(parcels.c.id.desc())
    )  # fmt: skip
    return [ParcelLine(**row) for row in db.execute(query).mappings()]


def items_in(db: Connection, shop_id: int, parcel_ids: Collection[int]) -> dict[int, list[ItemLine]]:
    """The extras of several parcels, by parcel, in the order they were chosen."""
    columns = (
        parcel_items.c.id,
        parcel_items.c.parcel_id,
        parcel_items.c.extra_id,
        parcel_items.c.kind,
        parcel_items.c.state,
    )
    query = select(*columns).where(parcel_items.c.shop_id == shop_id, parcel_items.c.parcel_id.in_(parcel_ids))
    # Sorted here: asked for in the order of ids, SQLite walks through all rows of the shop by that index.
    rows = sorted(db.execute(query).all() if parcel_ids else [])
    found: dict[int, list[ItemLine]] = {id: [] for id in parcel_ids}
    for _, parcel_id, extra_id, kind, state in rows:
        found[parcel_id].append(ItemLine(parcel_id=parcel_id, extra_id=extra_id, kind=kind, state=state))
    return found


def parcels_by_state(db: Connection, shop_id: int) -> dict[str, int]:
    """How many parcels are in each state, counted to one more than `COUNTED_TO`."""
    return {state: counted(db, shop_id, parcels, parcels.c.state == state) for state in STATES}


def counted(db: Connection, shop_id: int, table: Table, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a shop fit, counted to one more than `COUNTED_TO`."""
    some = select(literal(1)).where(table.c.shop_id == shop_id, *conditions).limit(COUNTED_TO + 1).subquery()
    return int(db.execute(select(func.count()).select_from(some)).scalar_one())


def note_of_parcel(db: Connection, shop_id: int, parcel_id: int) -> StoredNote | None:
    """The note of a parcel, or None."""
    row = rows_where(db, shop_id, notes, parcel_id=parcel_id).first()
    return StoredNote(**{name: row[name] for name in StoredNote.__dataclass_fields__}) if row else None
