"""What was done in the shop: one row per (shop, subject, effect), written before the call and ended after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

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
    query = select(effects).where(
        effects.c.shop_id == shop_id, effects.c.subject == subject, effects.c.effect == effect
    )
    row = db.execute(query).mappings().first()
    return _effect(row) if row else None


def ended(db: Connection, shop_id: int, subject: str, effect: str) -> bool:
    """Whether an effect was done or refused for good."""
    known = find_effect(db, shop_id, subject, effect)
    return known is not None and known.state != STARTED


def effects_of(db: Connection, shop_id: int, subject: str) -> list[Effect]:
    """Everything that was done about one subject, oldest first."""
    query = select(effects).where(effects.c.shop_id == shop_id, effects.c.subject == subject).order_by(effects.c.id)
    return [_effect(row) for row in db.execute(query).mappings()]


def begin_effect(
    db: Connection, shop_id: int, subject: str, effect: str, *, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Write that an effect is about to be tried: the first time, or again after looking."""
    if find_effect(db, shop_id, subject, effect):
        _change(db, shop_id, subject, effect, state=STARTED, started_at=now)
        return
    db.execute(
        insert(effects).values(
            shop_id=shop_id, subject=subject, effect=effect, state=STARTED, started_at=now, detail=detail or {}
        )
    )


def note_detail(db: Connection, shop_id: int, subject: str, effect: str, detail: dict[str, Any]) -> None:
    """Write down what an effect that is under way has come to; it stays begun."""
    _change(db, shop_id, subject, effect, detail=detail)


def end_effect(
    db: Connection, shop_id: int, subject: str, effect: str, *, state: str, now: datetime, detail: dict[str, Any]
) -> None:
    """Write how an effect ended: done, or refused by the shop for good."""
    _change(db, shop_id, subject, effect, state=state, ended_at=now, detail=detail)


def _change(db: Connection, shop_id: int, subject: str, effect: str, **values: Any) -> None:
    db.execute(
        update(effects)
        .where(effects.c.shop_id == shop_id, effects.c.subject == subject, effects.c.effect == effect)
        .values(**values)
    )


def _effect(row: Any) -> Effect:
    return Effect(
        subject=row["subject"], effect=row["effect"], state=row["state"], started_at=row["started_at"],
        detail=row["detail"],
    )  # fmt: skip
