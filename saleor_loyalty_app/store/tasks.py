"""Tasks: what needs a person. One open task per kind and subject."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from saleor_loyalty_app.store.tables import tasks

SETTLED_BY, WORDS = "settled_by", "words"
"""Who looked after a task and how, in its detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing for a person to look at; `detail` holds what its sentence needs."""

    id: int
    kind: str
    subject: str
    detail: dict[str, Any]
    opened_at: datetime


def open_task(db: Connection, shop_id: int, kind: str, subject: str, *, detail: dict[str, Any], now: datetime) -> None:
    """Open a task, or open it again with the newest detail."""
    mine = (tasks.c.shop_id == shop_id, tasks.c.kind == kind, tasks.c.subject == subject)
    changed = db.execute(update(tasks).where(*mine).values(detail=detail, opened_at=now, closed_at=None)).rowcount
    if not changed:
        db.execute(insert(tasks).values(shop_id=shop_id, kind=kind, subject=subject, detail=detail, opened_at=now))


def close_task(db: Connection, shop_id: int, kind: str, subject: str, *, now: datetime) -> None:
    """Close a task, if it is open."""
    db.execute(
        update(tasks)
        .where(
            tasks.c.shop_id == shop_id, tasks.c.kind == kind, tasks.c.subject == subject, tasks.c.closed_at.is_(None)
        )
        .values(closed_at=now)
    )


def settle(db: Connection, shop_id: int, task_id: int, *, by: str, words: str, now: datetime) -> None:
    """Close a task, with who looked after it (a Saleor user id) and their words. Raises LookupError for an unknown one.

    One that is closed already stays as it is.
    """
    mine = (tasks.c.shop_id == shop_id, tasks.c.id == task_id)
    known = db.execute(select(tasks.c.detail, tasks.c.closed_at).where(*mine)).first()
    if known is None:
        raise LookupError("no such task")
    if known[1] is None:
        detail = {**known[0], SETTLED_BY: by, WORDS: words}
        db.execute(update(tasks).where(*mine).values(closed_at=now, detail=detail))


def task_about(db: Connection, shop_id: int, kind: str, subject: str) -> Task | None:
    """The open task of a kind about a subject, or None."""
    query = select(tasks).where(
        tasks.c.shop_id == shop_id, tasks.c.kind == kind, tasks.c.subject == subject, tasks.c.closed_at.is_(None)
    )
    row = db.execute(query).mappings().first()
    return _task(row) if row else None


def is_open(db: Connection, shop_id: int, kind: str, subject: str) -> bool:
    """Whether such a task waits for a person."""
    return task_about(db, shop_id, kind, subject) is not None


def open_tasks(
    db: Connection, shop_id: int, *, limit: int = 50, kinds: Collection[str] = (), but: Collection[str] = ()
) -> list[Task]:
    """What is open, newest first: of all kinds or of some, without those in `but`."""
    wanted = (tasks.c.kind.in_(kinds),) if kinds else ()
    query = (
        select(tasks)
        .where(tasks.c.shop_id == shop_id, tasks.c.closed_at.is_(None), tasks.c.kind.not_in(but), *wanted)
        .order_by(tasks.c.opened_at.desc())
        .limit(limit)
    )
    return [_task(row) for row in db.execute(query).mappings()]


def _task(row: RowMapping) -> Task:
    return Task(**{name: row[name] for name in Task.__dataclass_fields__})
