"""A shop's stationery with its pictures, and who changed it last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from saleor_loyalty_app.store.print_tables import stationery, stationery_pictures

MOTIF, LOGO, SIGNATURE = "motif", "logo", "signature"
PICTURES = (MOTIF, LOGO, SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStationery:
    """What is kept; a shop that never changed anything has revision 0 and no settings."""

    settings: dict[str, Any]
    revision: int
    changed_at: datetime | None
    changed_by: str


NEW = StoredStationery(settings={}, revision=0, changed_at=None, changed_by="")


def stationery_of(db: Connection, shop_id: int) -> StoredStationery:
    """The shop's stationery."""
    row = db.execute(select(stationery).where(stationery.c.shop_id == shop_id)).mappings().first()
    return StoredStationery(**{name: row[name] for name in StoredStationery.__dataclass_fields__}) if row else NEW


def save_stationery(
    db: Connection, shop_id: int, settings: Mapping[str, Any], *, revision: int, by: str, now: datetime
) -> None:
    """Keep settings as this revision. Whoever saves has looked at the one before in the same transaction."""
    values = {"settings": dict(settings), "revision": revision, "changed_at": now, "changed_by": by}
    if not db.execute(update(stationery).where(stationery.c.shop_id == shop_id).values(**values)).rowcount:
        db.execute(insert(stationery).values(shop_id=shop_id, **values))


def pictures_of(db: Connection, shop_id: int) -> dict[str, bytes]:
    """The pictures that there are, as PNG, by kind."""
    query = select(stationery_pictures.c.kind, stationery_pictures.c.png).where(
        stationery_pictures.c.shop_id == shop_id
    )
    return {str(kind): bytes(png) for kind, png in db.execute(query).all()}


def keep_picture(db: Connection, shop_id: int, kind: str, png: bytes, *, by: str, now: datetime) -> None:
    """Keep a picture instead of the one there was."""
    mine = (stationery_pictures.c.shop_id == shop_id, stationery_pictures.c.kind == kind)
    values = {"png": png, "changed_at": now, "changed_by": by}
    if not db.execute(update(stationery_pictures).where(*mine).values(**values)).rowcount:
        db.execute(insert(stationery_pictures).values(shop_id=shop_id, kind=kind, **values))


def drop_picture(db: Connection, shop_id: int, kind: str) -> None:
    """Forget a picture; where there is none, nothing happens."""
    mine = (stationery_pictures.c.shop_id == shop_id, stationery_pictures.c.kind == kind)
    db.execute(delete(stationery_pictures).where(*mine))
