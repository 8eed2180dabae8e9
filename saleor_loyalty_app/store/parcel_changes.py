"""What staff changed in parcels by hand, with who and when: rows are only added."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from saleor_loyalty_app.store.parcel_tables import parcel_changes
from saleor_loyalty_app.store.parcels import Parcel

EXCHANGED, ADDED, TAKEN_OUT, NOTE_EDITED = "exchanged", "added", "taken_out", "note_edited"
SKIPPED, PACKED, REOPENED, RAN_OUT = "skipped", "packed", "reopened", "ran_out"
NOTE_APPROVED, NOTE_PRINTED, NOTE_COPIED = "note_approved", "note_printed", "note_copied"
AT_ONCE = 500
BY_RULE = "rule"
"""Who approved a note that the program lets be printed without a person's approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change. `detail` by kind:

    exchanged {item, out, in}; added {item, in, cost_minor}; taken_out {item, out, reason, words};
    note_edited {before, after, was: its state}; note_approved {}; note_printed, note_copied {job: a code or ""};
    skipped {reason, words, items}; packed {items, broken: services not done}; reopened {was, left_out, lost};
    ran_out {out, item, in} in each parcel that waited, and what it came to where it was found (see `run_out`).
    Those made at the packing desk name their `batch` by its code. Extras are named by their ids; `items` are rows of
    `parcel_items`.
    """

    id: int
    parcel_id: int
    at: datetime
    by: str
    """A Saleor user id, or BY_RULE."""
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


def add_changes(
    db: Connection,
    shop_id: int,
    of: Iterable[tuple[int, int, str]],
    *,
    by: str,
    kind: str,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """Write the same change of many parcels, each as (parcel id, customer id, wish)."""
    rows = [
        {"shop_id": shop_id, "parcel_id": parcel_id, "customer_id": customer_id, "at": now, "by": by, "kind": kind,
         "detail": detail, "wish": wish}
        for parcel_id, customer_id, wish in of
    ]  # fmt: skip
    if rows:
        db.execute(insert(parcel_changes), rows)


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


def last_changes(
    db: Connection, shop_id: int, parcel_ids: Collection[int], *, kinds: Collection[str]
) -> dict[int, Changed]:
    """The newest change of these kinds of each of these parcels that has one."""
    found: dict[int, Changed] = {}
    ids = list(parcel_ids)
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(parcel_changes)
            .where(
                parcel_changes.c.shop_id == shop_id,
                parcel_changes.c.parcel_id.in_(ids[start : start + AT_ONCE]),
                parcel_changes.c.kind.in_(kinds),
            )
            .order_by(parcel_changes.c.id)
        )
        found.update({row["parcel_id"]: _changed(row) for row in db.execute(query).mappings()})
    return found


def _changed(row: RowMapping) -> Changed:
    return Changed(**{name: row[name] for name in Changed.__dataclass_fields__})
