"""Viewers: how each member of staff last saw the dashboard, for the widgets, which are not told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.tables import viewers


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where and how a viewer sees us; empty where nothing is known."""

    theme: str = ""
    locale: str = ""
    dashboard: str = ""
    """Address of the dashboard without a slash at its end, with the path below which it is mounted."""


def seen_by(db: Connection, shop_id: int, user_id: str) -> tuple[Surroundings, datetime | None]:
    """What is known of a viewer, and when it was written; nothing and None for a new one."""
    query = select(viewers).where(viewers.c.shop_id == shop_id, viewers.c.user_id == user_id)
    row = db.execute(query).mappings().first()
    if row is None:
        return Surroundings(), None
    return Surroundings(theme=row["theme"], locale=row["locale"], dashboard=row["dashboard"]), row["seen_at"]


def remember(db: Connection, shop_id: int, user_id: str, seen: Surroundings, now: datetime) -> None:
    """Keep how a viewer sees us now, instead of what was known."""
    make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    values = {"theme": seen.theme, "locale": seen.locale, "dashboard": seen.dashboard, "seen_at": now}
    statement = make_insert(viewers).values(shop_id=shop_id, user_id=user_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["shop_id", "user_id"], set_=values))


def dashboard_at(db: Connection, shop_id: int, origin: str) -> str:
    """The dashboard of this origin as any of the shop's viewers saw it last, with its path; "" if none did."""
    here = or_(viewers.c.dashboard == origin, viewers.c.dashboard.startswith(f"{origin}/", autoescape=True))
    query = (
        select(viewers.c.dashboard)
        .where(viewers.c.shop_id == shop_id, here)
        .order_by(viewers.c.seen_at.desc())
        .limit(1)
    )
    return str(db.execute(query).scalar_one_or_none() or "")


def forget_before(db: Connection, shop_id: int, before: datetime) -> int:
    """Forget viewers who have not opened the panel since; return how many."""
    statement = delete(viewers).where(viewers.c.shop_id == shop_id, viewers.c.seen_at < before)
    return db.execute(statement).rowcount
