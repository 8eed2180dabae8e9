"""Which workers are alive: a lease each, so that what a dead one left is taken over. Not of any shop.

A lease is alive while it changes: who looks counts on its own clock how long it has stood still, since the clocks of
machines differ and jump.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.tables import workers


class Watch:
    """For how long things have stood as they are, by a clock of this process that only goes forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[str, tuple[object, float]] = {}

    def still_seconds(self, found: Mapping[str, object]) -> dict[str, float]:
        """How long each has been seen with the value that it has; 0 the first time. What is gone is forgotten."""
        now = self._clock()
        before = self._since
        self._since = {
            name: before[name] if name in before and before[name][0] == value else (value, now)
            for name, value in found.items()
        }
        return {name: now - since for name, (_, since) in self._since.items()}


def renew_lease(db: Connection, name: str, now: datetime) -> None:
    """Say that this worker is alive."""
    make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    statement = make_insert(workers).values(name=name, seen_at=now)
    db.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def seen(db: Connection) -> dict[str, datetime]:
    """When each worker, by its own clock, last said that it is alive."""
    return {name: seen_at for name, seen_at in db.execute(select(workers.c.name, workers.c.seen_at))}  # noqa: C416


def drop_lease(db: Connection, name: str) -> None:
    """Forget a worker that has ended or whose work was taken over."""
    db.execute(delete(workers).where(workers.c.name == name))
