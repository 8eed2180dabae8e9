"""What the health page reads of events and work: how much came, how much waits, and what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select

from saleor_loyalty_app.store.tables import inbox, work
from saleor_loyalty_app.store.work import FAILED, RUNNING, WAITING, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """One kind of event: how often it came in the last hour and day, and when last."""

    event: str
    in_hour: int
    in_day: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How many subjects are in each state; what is done is not counted."""

    waiting: int = 0
    """To be looked at for the first time, or soon again."""
    running: int = 0
    retrying: int = 0
    """Did not work yet, and waits for its next try."""
    failed: int = 0
    """Waits for a person."""


def events_of_day(db: Connection, shop_id: int, now: datetime) -> list[EventCount]:
    """The kinds of events of the last 24 hours, the most frequent first."""
    hour_ago, day_ago = now - timedelta(hours=1), now - timedelta(days=1)
    in_hour = func.sum(case((inbox.c.received_at >= hour_ago, 1), else_=0))
    query = (
        select(inbox.c.event, in_hour, func.count(), func.max(inbox.c.received_at))
        .where(inbox.c.shop_id == shop_id, inbox.c.received_at >= day_ago)
        .group_by(inbox.c.event)
        .order_by(func.count().desc(), inbox.c.event)
    )
    return [
        EventCount(event=event, in_hour=int(hour), in_day=int(day), last_at=last)
        for event, hour, day, last in db.execute(query)
    ]


def queue_of(db: Connection, shop_id: int) -> Queue:
    """How much is to be done."""
    again = case((work.c.attempts > 0, 1), else_=0)
    query = (
        select(work.c.state, again, func.count())
        .where(work.c.shop_id == shop_id, work.c.state.in_((WAITING, RUNNING, FAILED)))
        .group_by(work.c.state, again)
    )
    counts: dict[str, int] = {}
    for state, tried, count in db.execute(query):
        name = "retrying" if state == WAITING and tried else state
        counts[name] = counts.get(name, 0) + int(count)
    return Queue(**counts)


def next_tries(db: Connection, shop_id: int, *, limit: int = 10) -> list[Work]:
    """What will be tried again by itself, the next one first."""
    query = (
        select(work)
        .where(work.c.shop_id == shop_id, work.c.state == WAITING, work.c.attempts > 0)
        .order_by(work.c.due_at, work.c.subject)
        .limit(limit)
    )
    return [Work(**row) for row in db.execute(query).mappings()]
