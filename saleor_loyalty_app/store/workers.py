"""Which workers are alive: a lease each, so that what a dead one left is taken over. Not of any shop."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.tables import workers


def renew_lease(db: Connection, name: str, now: datetime) -> None:
    """Say that this worker is alive."""
    make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    statement = make_insert(workers).values(name=name, seen_at=now)
    db.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def seen(db: Connection) -> dict[str, datetime]:
    """When each worker was last heard of."""
    return {name: seen_at for name, seen_at in db.execute(select(workers.c.name, workers.c.seen_at))}  # noqa: C416


def drop_lease(db: Connection, name: str) -> None:
    """Forget a worker that has ended or whose work was taken over."""
    db.execute(delete(workers).where(workers.c.name == name))
