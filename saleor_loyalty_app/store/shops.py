"""Shops: who installed the app, with what token and keys, in which state and mode."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from saleor_loyalty_app.store.database import found_by
from saleor_loyalty_app.store.rows import change_where, rows_where
from saleor_loyalty_app.store.tables import shops

ACTIVE = "active"
INACTIVE = "inactive"
"""Staff deactivated the app; the shop said so."""
SILENT = "silent"
"""The shop no longer knows our token, and has not said why: deactivated or removed."""
DORMANT = "dormant"
"""The app was removed; the token is wiped, the data wait to be erased."""
REHEARSAL, LIVE = "rehearsal", "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One installed Saleor instance. Secrets stay sealed; whoever needs one opens it with the vault."""

    id: int
    saleor_api_url: str
    state: str
    app_id: str
    sealed_token: bytes | None
    sealed_secret: bytes
    name: str
    saleor_version: str
    permissions: frozenset[str]
    jwks: dict[str, Any]
    mode: str
    program_version: int | None
    installed_at: datetime
    swept_to: datetime | None
    looked_to: int
    away_since: datetime | None

    def __repr__(self) -> str:
        return f"Shop(id={self.id}, state={self.state!r}, mode={self.mode!r})"


def shop_by_url(db: Connection, saleor_api_url: str) -> Shop | None:
    """The shop with exactly this API address."""
    row = db.execute(select(shops).where(shops.c.saleor_api_url == saleor_api_url)).mappings().first()
    return _shop(row) if row else None


def shop_by_id(db: Connection, shop_id: int) -> Shop:
    """The shop with this id. Raises sqlalchemy.exc.NoResultFound."""
    return _shop(rows_where(db, shop_id, shops).one())


def all_shops(db: Connection, *, state: str | None = None) -> list[Shop]:
    """Every shop, or those in one state, by id."""
    query = select(shops).order_by(shops.c.id)
    if state:
        query = query.where(shops.c.state == state)
    return [_shop(row) for row in db.execute(query).mappings()]


def add_shop(db: Connection, **values: Any) -> int:
    """Write a new shop and return its id."""
    return int(db.execute(insert(shops).values(**values).returning(shops.c.id)).scalar_one())


def change_shop(db: Connection, shop_id: int, **values: Any) -> None:
    """Change columns of a shop."""
    change_where(db, shop_id, shops, values)


_LOCK = select(shops.c.id).where(shops.c.id == bindparam("the_shop")).with_for_update(key_share=True)


def lock_shop(db: Connection, shop_id: int) -> None:
    """Let one transaction at a time plan for this shop, so that sums of stock and budget are exact.

    The row's key stays free (FOR NO KEY UPDATE): whoever has just written a row that names the shop holds a share of
    the key, and two such would wait for each other for ever. A second call of a transaction finds it locked. On SQLite
    whoever writes is alone.
    """
    found, key = found_by(db), ("locked", shop_id)
    if key not in found and db.dialect.name != "sqlite":
        db.execute(_LOCK, {"the_shop": shop_id})
    found[key] = True


def _shop(row: RowMapping) -> Shop:
    return Shop(**{**row, "permissions": frozenset(row["permissions"])})
