"""Pictures of extras: one small WebP for each extra's id, which survives new versions of the program."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from saleor_loyalty_app.store.parcel_tables import extra_pictures


def pictures_of(db: Connection, shop_id: int, extra_ids: Iterable[str]) -> dict[str, str]:
    """The pictures of these extras by id, as "data:image/webp;base64,…"; extras without one are not here."""
    query = select(extra_pictures.c.extra_id, extra_pictures.c.webp).where(
        extra_pictures.c.shop_id == shop_id, extra_pictures.c.extra_id.in_(set(extra_ids))
    )
    return {extra_id: f"data:image/webp;base64,{b64encode(webp).decode()}" for extra_id, webp in db.execute(query)}


def keep_picture(db: Connection, shop_id: int, extra_id: str, webp: bytes, *, by: str, now: datetime) -> None:
    """Keep an extra's picture instead of the one it had."""
    mine = (extra_pictures.c.shop_id == shop_id, extra_pictures.c.extra_id == extra_id)
    values = {"webp": webp, "changed_at": now, "changed_by": by}
    if db.execute(update(extra_pictures).where(*mine).values(**values)).rowcount == 0:
        db.execute(insert(extra_pictures).values(shop_id=shop_id, extra_id=extra_id, **values))


def drop_picture(db: Connection, shop_id: int, extra_id: str) -> None:
    """Forget an extra's picture; where there is none, nothing happens."""
    db.execute(delete(extra_pictures).where(extra_pictures.c.shop_id == shop_id, extra_pictures.c.extra_id == extra_id))
