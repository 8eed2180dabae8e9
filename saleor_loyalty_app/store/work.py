"""What is to be done: one row per subject. A round is one workflow; its id is made of the row, so it starts once.

A row is `waiting` while `due_at` is set and no round runs; what arrives during a round sets `due_at` again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, delete, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.shops import ACTIVE, DORMANT
from saleor_loyalty_app.store.tables import shops, work

ABOUT_THE_SHOP = ("shop:", "pause:", "removal:")
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One row: what it is about, which round is next or runs, and how it went."""

    shop_id: int
    subject: str
    round: int
    state: str
    due_at: datetime | None
    started_at: datetime | None
    attempts: int
    last_error: str | None
    updated_at: datetime

    @property
    def workflow_id(self) -> str:
        """The engine's id of this round."""
        return f"{self.shop_id}/{self.subject}/{self.round}"


def want(db: Connection, shop_id: int, subject: str, *, due_at: datetime, now: datetime, at_once: bool = False) -> None:
    """Ask for a subject to be looked at; several wishes become one, at the earliest time.

    While a subject waits to be tried again, only a person's wish (`at_once`) shortens the wait: the shop may
    have asked for it.
    """
    make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    statement = make_insert(work).values(
        shop_id=shop_id, subject=subject, round=1, state=WAITING, due_at=due_at, updated_at=now
    )
    sooner = or_(work.c.due_at.is_(None), work.c.due_at > due_at)
    free = true() if at_once else or_(work.c.state != WAITING, work.c.attempts == 0)
    running = case((work.c.state == RUNNING, RUNNING), else_=WAITING)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["shop_id", "subject"],
            set_={
                "due_at": case((and_(sooner, free), due_at), else_=work.c.due_at),
                "state": running,
                "updated_at": now,
            },
        )
    )


def claim_due(db: Connection, now: datetime, *, limit: int) -> list[Work]:
    """Take due rows that are not running; from here on this round of each is ours to start."""
    # Of a shop that is away only the look whether it is back, or gone, is done.
    workable = or_(shops.c.state == ACTIVE, and_(work.c.subject.in_(ABOUT_THE_SHOP), shops.c.state != DORMANT))
    due = (
        select(work.c.shop_id, work.c.subject)
        .join(shops, shops.c.id == work.c.shop_id)
        .where(work.c.due_at <= now, work.c.state == WAITING, workable)
        .order_by(work.c.due_at)
        .limit(limit)
        .with_for_update(of=work, skip_locked=True)
    )
    claimed = []
    for shop_id, subject in db.execute(due).all():
        statement = (
            update(work)
            .where(work.c.shop_id == shop_id, work.c.subject == subject, work.c.state == WAITING)
            .values(state=RUNNING, due_at=None, started_at=now, updated_at=now)
            .returning(work)
        )
        claimed += [Work(**row) for row in db.execute(statement).mappings()]
    return claimed


def is_due(db: Connection, now: datetime) -> bool:
    """Whether anything at all is due; a cheap look before a transaction that writes."""
    query = select(work.c.shop_id).where(work.c.due_at <= now, work.c.state == WAITING).limit(1)
    return db.execute(query).first() is not None


def state_of_all(db: Connection) -> tuple[dict[str, int], datetime | None]:
    """How many subjects of all shops are in each state but done, and since when the oldest one is due."""
    by_state = select(work.c.state, func.count()).where(work.c.state.in_((WAITING, RUNNING, FAILED)))
    counts = {state: int(count) for state, count in db.execute(by_state.group_by(work.c.state))}
    return counts, db.execute(select(func.min(work.c.due_at)).where(work.c.due_at.is_not(None))).scalar_one()


def running_since(db: Connection, before: datetime) -> list[Work]:
    """Rounds that were claimed before this moment and have not ended."""
    query = select(work).where(work.c.state == RUNNING, work.c.started_at < before)
    return [Work(**row) for row in db.execute(query).mappings()]


def end_round(  # the three ends of a round: done, again later, a human must act
    db: Connection,
    shop_id: int,
    subject: str,
    round: int,
    *,
    now: datetime,
    again_in: timedelta | None = None,
    error: str | None = None,
) -> None:
    """End a round, once: a second call for the same round changes nothing.

    Without `again_in` and error the subject is done; with `again_in` it is due again then; with an error
    alone it has failed and waits for a human, or for the next event about it.
    """
    state = FAILED if error and again_in is None else DONE
    due_at = work.c.due_at if again_in is None else now + again_in
    db.execute(
        update(work)
        .where(work.c.shop_id == shop_id, work.c.subject == subject, work.c.round == round)
        .values(
            round=work.c.round + 1,
            state=case((work.c.due_at.is_not(None), WAITING), else_=state) if again_in is None else WAITING,
            due_at=due_at,
            attempts=0 if error is None else work.c.attempts + 1,
            last_error=error,
            updated_at=now,
        )
    )


def wake(db: Connection, shop_id: int, *, now: datetime, failed_too: bool = False) -> int:
    """Let what waits to be tried again go on at once, on wish also what has failed; return how many rows that are.

    Called when what they waited for is there again. What runs is left alone.
    """
    retrying = and_(work.c.state == WAITING, work.c.attempts > 0, or_(work.c.due_at.is_(None), work.c.due_at > now))
    asleep = or_(retrying, work.c.state == FAILED) if failed_too else retrying
    statement = update(work).where(work.c.shop_id == shop_id, asleep)
    return db.execute(statement.values(state=WAITING, due_at=now, updated_at=now)).rowcount


def attempts(db: Connection, shop_id: int, subject: str) -> int:
    """How many rounds in a row ended with an error."""
    query = select(work.c.attempts).where(work.c.shop_id == shop_id, work.c.subject == subject)
    return int(db.execute(query).scalar_one_or_none() or 0)


def failed(db: Connection, shop_id: int, *, limit: int = 50) -> list[Work]:
    """What needs a human, newest first."""
    query = (
        select(work)
        .where(work.c.shop_id == shop_id, work.c.state == FAILED)
        .order_by(work.c.updated_at.desc())
        .limit(limit)
    )
    return [Work(**row) for row in db.execute(query).mappings()]


def retrying(db: Connection, shop_id: int, *, limit: int = 50) -> list[Work]:
    """What did not work yet and will be tried again by itself."""
    query = select(work).where(work.c.shop_id == shop_id, work.c.state == WAITING, work.c.attempts > 0).limit(limit)
    return [Work(**row) for row in db.execute(query).mappings()]


def counts(db: Connection, shop_id: int) -> dict[str, int]:
    """How many subjects are in each state."""
    query = select(work.c.state, func.count()).where(work.c.shop_id == shop_id).group_by(work.c.state)
    return {state: int(count) for state, count in db.execute(query)}


def find(db: Connection, shop_id: int, subject: str) -> Work | None:
    """The row of one subject."""
    row = db.execute(select(work).where(work.c.shop_id == shop_id, work.c.subject == subject)).mappings().first()
    return Work(**row) if row else None


def forget_before(db: Connection, shop_id: int, before: datetime) -> int:
    """Delete rows that are done and older than this; return how many."""
    statement = delete(work).where(work.c.shop_id == shop_id, work.c.state == DONE, work.c.updated_at < before)
    return db.execute(statement).rowcount
