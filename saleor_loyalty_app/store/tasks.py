"""Tasks: what needs a person. One open task per kind and subject."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from saleor_loyalty_app.store.tables import tasks


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


def is_open(db: Connection, shop_id: int, kind: str, subject: str) -> bool:
    """Whether such a task waits for a person."""
    query = select(tasks.c.id).where(
        tasks.c.shop_id == shop_id, tasks.c.kind == kind, tasks.c.subject == subject, tasks.c.closed_at.is_(None)
    )
    return db.execute(query).first() is not None


def open_tasks(db: Connection, shop_id: int, *, limit: int = 50) -> list[Task]:
    """What is open, newest first."""
    query = (
        select(tasks)
        .where(tasks.c.shop_id == shop_id, tasks.c.closed_at.is_(None))
        .order_by(tasks.c.opened_at.desc())
        .limit(limit)
    )
    return [
        Task(id=row["id"], kind=row["kind"], subject=row["subject"], detail=row["detail"], opened_at=row["opened_at"])
        for row in db.execute(query).mappings()
    ]
