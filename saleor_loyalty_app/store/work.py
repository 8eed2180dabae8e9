"""What is to be done: one row per subject. A round is one workflow; its id is made of the row, so it starts once.

A row is `waiting` while `due_at` is set and no round runs; what arrives during a round sets `due_at` again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    BindParameter,
    Connection,
    Insert,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.columns import UtcDateTime
from saleor_loyalty_app.store.rows import rows_where
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT
from saleor_loyalty_app.store.tables import shops, work

ABOUT_THE_SHOP = ("shop:", "pause:", "removal:")
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
CLOCKS_DIFFER = timedelta(minutes=10)


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
        """The engine's id of this round. With the time it was claimed: after a restore the same round may come again,
        which the engine's own tables, if they are newer, must not take for done."""
        claimed = f"/{self.started_at.timestamp():.6f}" if self.started_at else ""
        return f"{self.shop_id}/{self.subject}/{self.round}{claimed}"


def want(db: Connection, shop_id: int, subject: str, *, due_at: datetime, now: datetime, at_once: bool = False) -> None:
    """Ask for a subject to be looked at; several wishes become one, at the earliest time.

    While a subject waits to be tried again, only a person's wish (`at_once`) shortens the wait: the shop may
    have asked for it.
    """
    want_all(db, [(shop_id, subject, due_at)], now=now, at_once=at_once)


def want_all(
    db: Connection, wishes: Sequence[tuple[int, str, datetime]], *, now: datetime, at_once: bool = False
) -> None:
    """The same for many wishes, of any shops: (shop id, subject, due at). Rows are taken in one order, so that two
    that wish at the same time wait for one another instead of for ever."""
    rows = [
        {"shop_id": shop_id, "subject": subject, "round": 1, "state": WAITING, "due_at": due_at, "updated_at": now}
        for shop_id, subject, due_at in sorted(wishes)
    ]
    if rows:
        db.execute(_wish(db.dialect.name, at_once), rows)


@cache
def _wish(dialect: str, at_once: bool) -> Insert:
    # Built once: it is made for every event, and building it costs more than carrying it out.
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(work)
    wished = statement.excluded
    sooner = or_(work.c.due_at.is_(None), work.c.due_at > wished.due_at)
    free = true() if at_once else or_(work.c.state != WAITING, work.c.attempts == 0)
    return statement.on_conflict_do_update(
        index_elements=["shop_id", "subject"],
        set_={
            "due_at": case((and_(sooner, free), wished.due_at), else_=work.c.due_at),
            "state": case((work.c.state == RUNNING, RUNNING), else_=WAITING),
            "updated_at": wished.updated_at,
        },
    )


_now: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
_shop: BindParameter[int] = bindparam("the_shop")
_due = and_(work.c.shop_id == shops.c.id, work.c.due_at <= _now, work.c.state == WAITING)
_is_active, _is_away = shops.c.state == ACTIVE, shops.c.state.not_in((ACTIVE, DORMANT))
# Of a shop that is away only the look whether it is back, or gone, is done.
_about_the_shop = work.c.subject.in_(ABOUT_THE_SHOP)
_DUE_SHOPS = (
    select(shops.c.id)
    .where(or_(and_(_is_active, exists().where(_due)), and_(_is_away, exists().where(_due, _about_the_shop))))
    .order_by(shops.c.id)
)
_DUE_OF_SHOP = (
    select(work.c.subject)
    .join(shops, shops.c.id == work.c.shop_id)
    .where(work.c.shop_id == _shop, _due, or_(_is_active, and_(_is_away, _about_the_shop)))
    .order_by(work.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(of=work, skip_locked=True)
)
_CLAIM = (
    update(work)
    .where(work.c.shop_id == _shop, work.c.subject.in_(bindparam("subjects", expanding=True)), work.c.state == WAITING)
    .values(state=RUNNING, due_at=None, started_at=_now, updated_at=_now)
    .returning(work)
)


def claim_due(
    db: Connection,
    now: datetime,
    *,
    limit: int,
    limit_per_shop: int | None = None,
    busy: Mapping[int, int] | None = None,
    after: int = 0,
) -> list[Work]:
    """Take due rows that are not running; from here on this round of each is ours to start.

    They are dealt out among the shops one by one, beginning with the next id `after`, so that a shop with ten
    thousand of them does not keep another one waiting. `busy` is how many rounds of each shop this worker
    runs already; these count towards `limit_per_shop`.
    """
    claimed = []
    shares = due_shares(db, now, limit=limit, limit_per_shop=limit_per_shop, busy=busy, after=after)
    for shop_id, share in shares.items():
        subjects = list(db.scalars(_DUE_OF_SHOP, {"the_shop": shop_id, "now": now, "most": share}))
        rows = db.execute(_CLAIM, {"the_shop": shop_id, "now": now, "subjects": subjects}).mappings()
        claimed += sorted((Work(**row) for row in rows), key=lambda item: subjects.index(item.subject))
    return claimed


def due_shares(
    db: Connection,
    now: datetime,
    *,
    limit: int,
    limit_per_shop: int | None = None,
    busy: Mapping[int, int] | None = None,
    after: int = 0,
) -> dict[int, int]:
    """How many rounds of which shops `claim_due` would take at most; a cheap look before a transaction that writes."""
    most = limit if limit_per_shop is None else limit_per_shop
    free = {shop_id: most - (busy or {}).get(shop_id, 0) for shop_id in db.scalars(_DUE_SHOPS, {"now": now})}
    in_turn = sorted(free, key=lambda shop_id: (shop_id <= after, shop_id))
    shares = dict.fromkeys(in_turn, 0)
    while limit > 0 and (open_to := [shop_id for shop_id in in_turn if shares[shop_id] < free[shop_id]]):
        for shop_id in open_to[:limit]:
            shares[shop_id] += 1
        limit -= len(open_to)
    return {shop_id: share for shop_id, share in shares.items() if share}


def running_round(db: Connection, shop_id: int, subject: str, round: int) -> Work | None:
    """This round, if it was claimed and has not ended."""
    row = rows_where(db, shop_id, work, subject=subject, round=round, state=RUNNING).first()
    return Work(**row) if row else None


def state_of_all(db: Connection) -> tuple[dict[str, int], datetime | None]:
    """How many subjects of all shops are in each state but done, and since when the oldest one is due."""
    by_state = select(work.c.state, func.count()).where(work.c.state.in_((WAITING, RUNNING, FAILED)))
    counts = {state: int(count) for state, count in db.execute(by_state.group_by(work.c.state))}
    return counts, db.execute(select(func.min(work.c.due_at)).where(work.c.due_at.is_not(None))).scalar_one()


def running(db: Connection) -> list[Work]:
    """Rounds that were claimed and have not ended, of all shops."""
    return [Work(**row) for row in db.execute(select(work).where(work.c.state == RUNNING)).mappings()]


def catch_up_with_clock(db: Connection, now: datetime) -> int:
    """Let be due now what was put off at a time that has not come yet: the clock was put back since; return how many.

    Clocks of several machines may differ by ten minutes before that is taken for it.
    """
    ahead = and_(work.c.state == WAITING, work.c.due_at > now, work.c.updated_at > now + CLOCKS_DIFFER)
    return db.execute(update(work).where(ahead).values(due_at=now, updated_at=now)).rowcount


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
