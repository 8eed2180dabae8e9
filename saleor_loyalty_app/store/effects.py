"""What was done in the shop: one row per (shop, subject, effect), written before the call and ended after it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.rows import change_where, rows_where
from saleor_loyalty_app.store.tables import effects

STARTED, DONE, REFUSED = "started", "done", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect. `started` without an end means that nobody knows: look in the shop before acting."""

    subject: str
    effect: str
    state: str
    started_at: datetime
    detail: dict[str, Any]


def find_effect(db: Connection, shop_id: int, subject: str, effect: str) -> Effect | None:
    """The row of an effect, or None when it was never begun."""
    row = rows_where(db, shop_id, effects, subject=subject, effect=effect).first()
    return _effect(row) if row else None


def ended(db: Connection, shop_id: int, subject: str, effect: str) -> bool:
    """Whether an effect was done or refused for good."""
    known = find_effect(db, shop_id, subject, effect)
    return known is not None and known.state != STARTED


def effects_of(db: Connection, shop_id: int, subject: str) -> list[Effect]:
    """Everything that was done about one subject, oldest first."""
    return [_effect(row) for row in rows_where(db, shop_id, effects, subject=subject)]


def begin_effect(
    db: Connection, shop_id: int, subject: str, effect: str, *, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Write that an effect is about to be tried: the first time, or again after looking."""
    if find_effect(db, shop_id, subject, effect):
        _change(db, shop_id, subject, effect, state=STARTED, started_at=now)
        return
    what = {"shop_id": shop_id, "subject": subject, "effect": effect}
    db.execute(insert(effects), {**what, "state": STARTED, "started_at": now, "detail": detail or {}})


def take_effect(  # what it is, as it was when it was decided, and what becomes of it
    db: Connection,
    shop_id: int,
    subject: str,
    effect: str,
    *,
    seen: Effect | None,
    now: datetime,
    detail: dict[str, Any],
) -> bool:
    """The same for a call that must not be made twice: only while the effect still is as it was `seen` when this was
    decided. Return False when somebody else has begun or done it since, or again; nothing is changed then."""
    values = {"state": STARTED, "started_at": now, "detail": detail}
    if seen is None:
        make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
        begun = make_insert(effects).on_conflict_do_nothing(index_elements=["shop_id", "subject", "effect"])
        what = {"shop_id": shop_id, "subject": subject, "effect": effect}
        return db.execute(begun.returning(effects.c.id), {**what, **values}).first() is not None
    again = (
        update(effects)
        .where(effects.c.shop_id == shop_id, effects.c.subject == subject, effects.c.effect == effect)
        .where(effects.c.state == seen.state, effects.c.started_at == seen.started_at)
        .values(**values)
    )
    return db.execute(again).rowcount == 1


def move_start(db: Connection, shop_id: int, subject: str, effect: str, *, now: datetime) -> None:
    """Count the time of an effect that is under way from now on: the clock was put back since it was begun."""
    _change(db, shop_id, subject, effect, started_at=now)


def note_detail(db: Connection, shop_id: int, subject: str, effect: str, detail: dict[str, Any]) -> None:
    """Write down what an effect that is under way has come to; it stays begun."""
    _change(db, shop_id, subject, effect, detail=detail)


def end_effect(
    db: Connection, shop_id: int, subject: str, effect: str, *, state: str, now: datetime, detail: dict[str, Any]
) -> None:
    """Write how an effect ended: done, or refused by the shop for good."""
    _change(db, shop_id, subject, effect, state=state, ended_at=now, detail=detail)


def write_effect(
    db: Connection, shop_id: int, subject: str, effect: str, *, state: str, now: datetime, detail: dict[str, Any]
) -> None:
    """Write of an effect that may be repeated without harm, once it was tried, how it ended."""
    what = {"shop_id": shop_id, "subject": subject, "effect": effect}
    how = {"state": state, "started_at": now, "ended_at": now, "detail": detail}
    db.execute(_written(db.dialect.name), {**what, **how})


@cache
def _written(dialect: str) -> Insert:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(effects)
    return statement.on_conflict_do_update(
        index_elements=["shop_id", "subject", "effect"],
        set_={name: statement.excluded[name] for name in ("state", "started_at", "ended_at", "detail")},
    )


def _change(db: Connection, shop_id: int, subject: str, effect: str, **values: Any) -> None:
    change_where(db, shop_id, effects, values, subject=subject, effect=effect)


def _effect(row: Any) -> Effect:
    return Effect(
        subject=row["subject"], effect=row["effect"], state=row["state"], started_at=row["started_at"],
        detail=row["detail"],
    )  # fmt: skip
