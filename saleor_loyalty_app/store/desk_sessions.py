"""Desks in a browser tab of their own: a link's one-time code, then the tab's token. Only hashes of both are kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from saleor_loyalty_app.store.packing_tables import desk_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSession:
    """One tab. `until` is when it ends by itself; before the link was used, when the link does."""

    id: int
    user_id: str
    permissions: frozenset[str]
    """What the staff member held when the link was made."""
    made_at: datetime
    until: datetime
    ended_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether nobody has ended it and its time is not over."""
        return self.ended_at is None and now < self.until


def add_link(
    db: Connection, shop_id: int, *, user_id: str, code_hash: str, permissions: frozenset[str], until: datetime,
    now: datetime,
) -> None:  # fmt: skip
    """Write a link that nobody has used yet."""
    db.execute(
        insert(desk_sessions).values(
            shop_id=shop_id, user_id=user_id, code_hash=code_hash, permissions=sorted(permissions), made_at=now,
            until=until,
        )
    )  # fmt: skip


def use_link(db: Connection, shop_id: int, code_hash: str, *, token_hash: str, until: datetime, now: datetime) -> bool:
    """Give the tab that came with a link's code its token; False for a code that is unknown, used, ended or too old."""
    statement = (
        update(desk_sessions)
        .where(
            desk_sessions.c.shop_id == shop_id, desk_sessions.c.code_hash == code_hash,
            desk_sessions.c.token_hash.is_(None), *_open(now),
        )
        .values(token_hash=token_hash, until=until)
    )  # fmt: skip
    return db.execute(statement).rowcount == 1


def session_by_token(db: Connection, shop_id: int, token_hash: str) -> DeskSession | None:
    """The tab with this token, open or ended, or None."""
    query = select(desk_sessions).where(desk_sessions.c.shop_id == shop_id, desk_sessions.c.token_hash == token_hash)
    row = db.execute(query).mappings().first()
    return _session(row) if row else None


def open_sessions(db: Connection, shop_id: int, *, now: datetime, limit: int = 50) -> list[DeskSession]:
    """The tabs of a shop that are open, newest first."""
    query = (
        select(desk_sessions)
        .where(desk_sessions.c.shop_id == shop_id, desk_sessions.c.token_hash.is_not(None), *_open(now))
        .order_by(desk_sessions.c.id.desc())
        .limit(limit)
    )
    return [_session(row) for row in db.execute(query).mappings()]


def end_session(db: Connection, shop_id: int, session_id: int, *, now: datetime) -> bool:
    """End one tab; whether it was open."""
    return _end(db, shop_id, desk_sessions.c.id == session_id, now=now) == 1


def end_all(db: Connection, shop_id: int, *, now: datetime, user_id: str | None = None) -> int:
    """End every tab and link of a shop, or of one staff member (a Saleor user id); return how many those were."""
    whose = () if user_id is None else (desk_sessions.c.user_id == user_id,)
    return _end(db, shop_id, *whose, now=now)


def forget_before(db: Connection, shop_id: int, before: datetime) -> None:
    """Delete tabs and links that were over before a moment."""
    db.execute(delete(desk_sessions).where(desk_sessions.c.shop_id == shop_id, desk_sessions.c.until < before))


def _end(db: Connection, shop_id: int, *which: ColumnElement[bool], now: datetime) -> int:
    mine = (desk_sessions.c.shop_id == shop_id, desk_sessions.c.ended_at.is_(None))
    return db.execute(update(desk_sessions).where(*mine, *which).values(ended_at=now)).rowcount


def _open(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return desk_sessions.c.ended_at.is_(None), desk_sessions.c.until > now


def _session(row: RowMapping) -> DeskSession:
    return DeskSession(
        id=row["id"], user_id=row["user_id"], permissions=frozenset(row["permissions"]), made_at=row["made_at"],
        until=row["until"], ended_at=row["ended_at"],
    )  # fmt: skip
