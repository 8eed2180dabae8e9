"""What came in: one row per delivery and object, unique by the hash of shop and body. The memory of what was sent."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, text, update

from saleor_loyalty_app.store.tables import inbox

LARGEST_BATCH = 500


def body_hash(saleor_api_url: str, raw_body: bytes) -> str:
    """The same for each retry of a delivery: Saleor resends identical bytes and has no delivery id (api-facts §6.3)."""
    return sha256(saleor_api_url.encode() + b"\n" + raw_body).hexdigest()


class Arrival(NamedTuple):
    """A delivery that is to be kept."""

    shop_id: int
    body_hash: str
    event: str
    subjects: tuple[str, ...]
    at: datetime


def keep_all(db: Connection, arrivals: Sequence[Arrival]) -> None:
    """Keep deliveries, of any shops; one that is kept already changes nothing. One statement, all of it or nothing."""
    rows = [
        {"shop_id": one.shop_id, "body_hash": one.body_hash, "subject": subject, "event": one.event,
         "received_at": one.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")}
        for one in arrivals
        for subject in one.subjects
    ]  # fmt: skip
    if rows:
        db.execute(_KEEP[db.dialect.name], {"rows": json.dumps(rows)})


_KEEP = {
    "sqlite": text("""
        INSERT INTO inbox (shop_id, body_hash, subject, event, received_at)
        SELECT json_extract(value, '$.shop_id'), json_extract(value, '$.body_hash'), json_extract(value, '$.subject'),
               json_extract(value, '$.event'), json_extract(value, '$.received_at')
        FROM json_each(:rows) WHERE true
        ON CONFLICT (shop_id, subject, body_hash) DO NOTHING
        """),
    "postgresql": text("""
        INSERT INTO inbox (shop_id, body_hash, subject, event, received_at)
        SELECT shop_id, body_hash, subject, event, received_at AT TIME ZONE 'UTC'
        FROM json_to_recordset(CAST(:rows AS json))
            AS rows (shop_id bigint, body_hash text, subject text, event text, received_at timestamp)
        ON CONFLICT (shop_id, subject, body_hash) DO NOTHING
        """),
}
"""All rows in one value: between rows the driver would give way to other threads, and wait for its turn each time."""


def waiting(db: Connection) -> list[tuple[int, int, str, datetime]]:
    """The oldest rows that no work was made of yet, over all shops: (id, shop id, subject, received at)."""
    query = (
        select(inbox.c.id, inbox.c.shop_id, inbox.c.subject, inbox.c.received_at)
        .where(inbox.c.taken_at.is_(None))
        .order_by(inbox.c.id)
        .limit(LARGEST_BATCH)
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.execute(query)]


def waiting_of_all(db: Connection) -> tuple[int, datetime | None]:
    """How many rows of all shops wait, and since when the oldest does."""
    query = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.taken_at.is_(None))
    count, oldest = db.execute(query).one()
    return int(count), oldest


def mark_taken(db: Connection, row_ids: list[int], at: datetime) -> None:
    """Say that work was made of these rows."""
    db.execute(update(inbox).where(inbox.c.id.in_(row_ids)).values(taken_at=at))


def events_of(db: Connection, shop_id: int, subject: str) -> list[tuple[str, datetime]]:
    """Every event that came about one subject, oldest first."""
    query = (
        select(inbox.c.event, inbox.c.received_at)
        .where(inbox.c.shop_id == shop_id, inbox.c.subject == subject)
        .order_by(inbox.c.id)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def last_received(db: Connection, shop_id: int) -> datetime | None:
    """When the shop was last heard of."""
    found: datetime | None = db.execute(
        select(func.max(inbox.c.received_at)).where(inbox.c.shop_id == shop_id)
    ).scalar_one()
    return found


def forget_before(db: Connection, shop_id: int, before: datetime) -> int:
    """Delete rows that are done with and older than this; return how many."""
    statement = delete(inbox).where(
        inbox.c.shop_id == shop_id, inbox.c.received_at < before, inbox.c.taken_at.is_not(None)
    )
    return db.execute(statement).rowcount
