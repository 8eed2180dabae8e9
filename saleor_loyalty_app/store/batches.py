"""Batches at the packing desk: parcels that one packer has for themselves, for a time. Callers have locked the shop."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, literal_column, select, update

from saleor_loyalty_app.store.packing_tables import packing_batches
from saleor_loyalty_app.store.parcel_tables import TO_PACK, parcels
from saleor_loyalty_app.store.parcels import PLANNED, Parcel

CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
BY_METHOD = "shipping_method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch. `parcel_ids` are all its parcels in the order of packing, `waiting_ids` those still to be packed."""

    id: int
    code: str
    by: str
    """A Saleor user id."""
    narrowed: dict[str, Any]
    """What the list was narrowed to, and its order: the fields of `packing_lists.DeskFilter`."""
    taken_at: datetime
    ended_at: datetime | None
    """When it was released, or all was done."""
    parcel_ids: tuple[int, ...]
    waiting_ids: tuple[int, ...]


def add_batch(
    db: Connection, shop_id: int, *, by: str, narrowed: dict[str, Any], parcel_ids: Collection[int], now: datetime,
    until: datetime,
) -> Batch:  # fmt: skip
    """Give these parcels to a packer, for as long as that."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    statement = insert(packing_batches).values(shop_id=shop_id, code=code, by=by, narrowed=narrowed, taken_at=now)
    batch_id = int(db.execute(statement.returning(packing_batches.c.id)).scalar_one())
    hold(db, shop_id, batch_id, parcel_ids, now=now, until=until)
    return batch_by_id(db, shop_id, batch_id)


def batch_by_id(db: Connection, shop_id: int, batch_id: int) -> Batch:
    """One batch. Raises LookupError."""
    return _batch(db, shop_id, packing_batches.c.id == batch_id)


def batch_by_code(db: Connection, shop_id: int, code: str) -> Batch:
    """The batch with this code. Raises LookupError."""
    return _batch(db, shop_id, packing_batches.c.code == code)


def open_batch(db: Connection, shop_id: int, by: str) -> Batch | None:
    """The newest batch of a packer that is neither released nor done, or None."""
    query = (
        select(packing_batches.c.id)
        .where(packing_batches.c.shop_id == shop_id, packing_batches.c.by == by, packing_batches.c.ended_at.is_(None))
        .order_by(packing_batches.c.id.desc())
        .limit(1)
    )
    found = db.scalar(query)
    return batch_by_id(db, shop_id, found) if found is not None else None


def open_batches(db: Connection, shop_id: int, *, limit: int = 50) -> list[Batch]:
    """The batches of all packers that are neither released nor done, newest first."""
    query = (
        select(packing_batches.c.id)
        .where(packing_batches.c.shop_id == shop_id, packing_batches.c.ended_at.is_(None))
        .order_by(packing_batches.c.id.desc())
        .limit(limit)
    )
    return [batch_by_id(db, shop_id, id) for id in db.scalars(query)]


def hold(
    db: Connection, shop_id: int, batch_id: int, parcel_ids: Collection[int], *, now: datetime, until: datetime
) -> None:
    """Put parcels into a batch; whose they were before is forgotten, and a batch that has none left is ended."""
    these = (parcels.c.shop_id == shop_id, parcels.c.id.in_(parcel_ids))
    before = set(db.scalars(select(parcels.c.batch_id).where(*these, parcels.c.batch_id.is_not(None))))
    db.execute(update(parcels).where(*these).values(batch_id=batch_id, held_until=until))
    for emptied in sorted(before - {batch_id}):
        end_if_done(db, shop_id, emptied, now=now)


def renew(db: Connection, shop_id: int, batch_id: int, *, until: datetime) -> None:
    """Let a packer have what is still to be packed of a batch for longer, unless the batch is over."""
    is_open = exists().where(
        packing_batches.c.shop_id == shop_id, packing_batches.c.id == batch_id, packing_batches.c.ended_at.is_(None)
    )
    db.execute(update(parcels).where(*_to_pack_of(shop_id, batch_id), is_open).values(held_until=until))


def holder(db: Connection, shop_id: int, parcel: Parcel, *, now: datetime) -> Batch | None:
    """The batch that has a parcel for itself now, or None."""
    if parcel.batch_id is None or parcel.held_until is None or parcel.held_until <= now:
        return None
    return batch_by_id(db, shop_id, parcel.batch_id)


def release(db: Connection, shop_id: int, batch_id: int, *, now: datetime) -> None:
    """Give back what is not packed of a batch, and end it."""
    mine = (parcels.c.shop_id == shop_id, parcels.c.batch_id == batch_id, parcels.c.state == PLANNED)
    db.execute(update(parcels).where(*mine).values(batch_id=None, held_until=None))
    _set_end(db, shop_id, batch_id, now)


def end_if_done(db: Connection, shop_id: int, batch_id: int, *, now: datetime) -> None:
    """End a batch in which nothing is left to pack."""
    if db.scalar(select(parcels.c.id).where(*_to_pack_of(shop_id, batch_id)).limit(1)) is None:
        _set_end(db, shop_id, batch_id, now)


def open_again(db: Connection, shop_id: int, batch_id: int) -> None:
    """Go on with a batch that was ended."""
    db.execute(
        update(packing_batches)
        .where(packing_batches.c.shop_id == shop_id, packing_batches.c.id == batch_id)
        .values(ended_at=None)
    )


def _set_end(db: Connection, shop_id: int, batch_id: int, now: datetime) -> None:
    db.execute(
        update(packing_batches)
        .where(
            packing_batches.c.shop_id == shop_id,
            packing_batches.c.id == batch_id,
            packing_batches.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _to_pack_of(shop_id: int, batch_id: int) -> tuple[ColumnElement[bool], ...]:
    to_pack: ColumnElement[bool] = literal_column(TO_PACK)
    return parcels.c.shop_id == shop_id, parcels.c.batch_id == batch_id, to_pack


def _batch(db: Connection, shop_id: int, which: ColumnElement[bool]) -> Batch:
    row = db.execute(select(packing_batches).where(packing_batches.c.shop_id == shop_id, which)).mappings().first()
    if row is None:
        raise LookupError("no such batch")
    c = parcels.c
    by_method = [c.shipping_method] if row["narrowed"].get("order") == BY_METHOD else []
    query = (
        select(c.id, c.state, c.ready_at)
        .where(c.shop_id == shop_id, c.batch_id == row["id"])
        .order_by(*by_method, c.ready_at, c.id)
    )
    inside = db.execute(query).all()
    return Batch(
        **{name: row[name] for name in ("id", "code", "by", "narrowed", "taken_at", "ended_at")},
        parcel_ids=tuple(id for id, _, _ in inside),
        waiting_ids=tuple(id for id, state, ready_at in inside if state == PLANNED and ready_at is not None),
    )
