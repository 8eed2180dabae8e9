"""How far the reading of a shop's history has come: one row per shop and kind, with the cursor to go on from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from saleor_loyalty_app.store.tables import history_reads

READING, DONE = "reading", "done"
KINDS = ("orders", "customers")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRead:
    """The reading of one kind: how many of about how many, and where it goes on."""

    kind: str
    state: str
    cursor: str | None
    read: int
    total: int | None
    read_from: datetime | None
    started_at: datetime
    updated_at: datetime
    last_error: str | None


def start_reading(db: Connection, shop_id: int, kind: str, *, read_from: datetime | None, now: datetime) -> None:
    """Begin to read a kind from the start; a reading that is under way goes on where it was."""
    known = history_of(db, shop_id).get(kind)
    if known and known.state == READING:
        return
    fresh: dict[str, Any] = {
        "state": READING, "cursor": None, "read": 0, "total": None, "read_from": read_from, "started_at": now,
        "updated_at": now, "last_error": None,
    }  # fmt: skip
    if known is None:
        db.execute(insert(history_reads).values(shop_id=shop_id, kind=kind, **fresh))
    else:
        change_reading(db, shop_id, kind, **fresh)


def change_reading(db: Connection, shop_id: int, kind: str, **values: Any) -> None:
    """Keep how far it has come."""
    db.execute(
        update(history_reads).where(history_reads.c.shop_id == shop_id, history_reads.c.kind == kind).values(**values)
    )


def history_of(db: Connection, shop_id: int) -> dict[str, HistoryRead]:
    """The readings of a shop by kind."""
    rows = db.execute(select(history_reads).where(history_reads.c.shop_id == shop_id)).mappings()
    return {
        row["kind"]: HistoryRead(**{name: value for name, value in row.items() if name != "shop_id"}) for row in rows
    }
