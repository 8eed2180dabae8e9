"""Which parcels something is printed for, and what is known of each: nothing here is asked from the shop."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from saleor_loyalty_app.domain.print_jobs import OPEN, Printable
from saleor_loyalty_app.store.packing_tables import packing_batches
from saleor_loyalty_app.store.pages import COUNTED_TO
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.parcels import PLANNED, STANDING
from saleor_loyalty_app.store.shops import LIVE
from saleor_loyalty_app.store.tables import customers, orders

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedItem:
    """One extra that is in a parcel."""

    parcel_id: int
    extra_id: str
    kind: str


def ready_parcels(
    db: Connection, shop_id: int, *, since: datetime | None = None, until: datetime | None = None, limit: int
) -> list[int]:
    """What is ready to pack, oldest first; of that, on wish, what became so in a time (`until` exclusive)."""
    query = select(parcels.c.id).where(
        parcels.c.shop_id == shop_id, parcels.c.state == PLANNED, parcels.c.ready_at.is_not(None)
    )
    if since:
        query = query.where(parcels.c.ready_at >= since)
    if until:
        query = query.where(parcels.c.ready_at < until)
    return _in_order(db, query, limit)


def parcels_in_batch(db: Connection, shop_id: int, code: str, *, limit: int) -> list[int] | None:
    """The parcels of a packer's batch, oldest first; None when there is no such batch."""
    found = select(packing_batches.c.id).where(packing_batches.c.shop_id == shop_id, packing_batches.c.code == code)
    batch_id = db.execute(found).scalar_one_or_none()
    if batch_id is None:
        return None
    query = select(parcels.c.id).where(parcels.c.shop_id == shop_id, parcels.c.batch_id == batch_id)
    return _in_order(db, query, limit)


def batch_of(db: Connection, shop_id: int, by: str) -> str | None:
    """The code of the batch that somebody packs at the moment."""
    query = (
        select(packing_batches.c.code)
        .where(packing_batches.c.shop_id == shop_id, packing_batches.c.by == by, packing_batches.c.ended_at.is_(None))
        .order_by(packing_batches.c.id.desc())
        .limit(1)
    )
    return db.execute(query).scalar_one_or_none()


def printables(db: Connection, shop_id: int, parcel_ids: Sequence[int]) -> list[Printable]:
    """These parcels in the given order; those that are not this shop's are left out."""
    found: dict[int, Printable] = {}
    for some in _parts(parcel_ids):
        query = _printables(shop_id).where(parcels.c.id.in_(some))
        found.update({row["parcel_id"]: _printable(dict(row)) for row in db.execute(query).mappings()})
    return [found[parcel_id] for parcel_id in parcel_ids if parcel_id in found]


def waiting_notes(db: Connection, shop_id: int, *, limit: int) -> list[Printable]:
    """Cards that wait for approval, those of ready parcels first, then the oldest."""
    query = (
        _printables(shop_id)
        .where(parcels.c.state == PLANNED, parcels.c.mode == LIVE, notes.c.state.in_(OPEN), notes.c.text != "")
        .order_by(parcels.c.ready_at.is_(None), parcels.c.ready_at, parcels.c.id)
        .limit(limit)
    )
    return [_printable(dict(row)) for row in db.execute(query).mappings()]


def count_waiting_notes(db: Connection, shop_id: int) -> int:
    """How many cards wait for approval, counted to one more than `COUNTED_TO`."""
    return len(waiting_notes(db, shop_id, limit=COUNTED_TO + 1))


def items_inside(db: Connection, shop_id: int, parcel_ids: Collection[int]) -> dict[int, list[PrintedItem]]:
    """The extras that are in these parcels, by parcel, in the order they were chosen."""
    found: dict[int, list[PrintedItem]] = {parcel_id: [] for parcel_id in parcel_ids}
    for some in _parts(list(parcel_ids)):
        query = select(parcel_items.c.id, parcel_items.c.parcel_id, parcel_items.c.extra_id, parcel_items.c.kind).where(
            parcel_items.c.shop_id == shop_id, parcel_items.c.parcel_id.in_(some), parcel_items.c.state.in_(STANDING)
        )
        for _, parcel_id, extra_id, kind in sorted(db.execute(query).all()):
            found[parcel_id].append(PrintedItem(parcel_id=parcel_id, extra_id=extra_id, kind=kind))
    return found


def extras_taken_out(db: Connection, shop_id: int, parcel_ids: Collection[int]) -> dict[int, set[str]]:
    """The extras that were in these parcels once and were taken out, by parcel."""
    gone: dict[int, set[str]] = {}
    for some in _parts(list(parcel_ids)):
        query = select(parcel_items.c.parcel_id, parcel_items.c.extra_id).where(
            parcel_items.c.shop_id == shop_id,
            parcel_items.c.parcel_id.in_(some),
            parcel_items.c.state.not_in(STANDING),
        )
        for parcel_id, extra_id in db.execute(query).all():
            gone.setdefault(parcel_id, set()).add(extra_id)
    return gone


def services_of(db: Connection, shop_id: int, parcel_ids: Collection[int]) -> dict[int, list[str]]:
    """What was promised beside things, by parcel, in the words of the plan."""
    found: dict[int, list[str]] = {}
    for some in _parts(list(parcel_ids)):
        query = select(parcels.c.id, parcels.c.plan).where(parcels.c.shop_id == shop_id, parcels.c.id.in_(some))
        found.update({parcel_id: list(plan["services"]) for parcel_id, plan in db.execute(query).all()})
    return found


def _printables(shop_id: int) -> Select[Any]:
    note = (notes.c.shop_id == parcels.c.shop_id) & (notes.c.parcel_id == parcels.c.id)
    return (
        select(
            parcels.c.id.label("parcel_id"), parcels.c.code, parcels.c.state.label("parcel_state"), parcels.c.mode,
            parcels.c.program_version, parcels.c.order_row, orders.c.order_id, orders.c.number.label("order_number"),
            parcels.c.customer_id, customers.c.first_name, customers.c.last_name, customers.c.exclusions,
            customers.c.erased_at, notes.c.state.label("note_state"), notes.c.language, notes.c.text,
            notes.c.sign_off, notes.c.sender,
        )
        .join(orders, orders.c.id == parcels.c.order_row)
        .join(customers, customers.c.id == parcels.c.customer_id)
        .join(notes, note, isouter=True)
        .where(parcels.c.shop_id == shop_id)
    )  # fmt: skip


def _printable(row: dict[str, Any]) -> Printable:
    words = {name: row[name] or "" for name in ("language", "text", "sign_off", "sender")}
    erased_at = row.pop("erased_at")
    return Printable(**{**row, **words, "exclusions": tuple(row["exclusions"] or ())}, is_erased=erased_at is not None)


def _in_order(db: Connection, query: Select[Any], limit: int) -> list[int]:
    return list(db.scalars(query.order_by(parcels.c.ready_at, parcels.c.id).limit(limit)))


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
