"""Stock of extras: a count per extra, and every movement that led to it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from saleor_loyalty_app.store.parcel_tables import extra_stock, stock_movements
from saleor_loyalty_app.store.rows import rows_where


def stock_of(db: Connection, shop_id: int) -> dict[str, int]:
    """Pieces left by extra id; extras that are not counted are not here."""
    return {row["extra_id"]: row["pieces"] for row in rows_where(db, shop_id, extra_stock)}


def start_counting(db: Connection, shop_id: int, extra_id: str, pieces: int, *, now: datetime) -> None:
    """Begin to count an extra, once: a later program version resets neither what is there nor that staff stopped."""
    known = select(stock_movements.c.id).where(
        stock_movements.c.shop_id == shop_id,
        stock_movements.c.parcel_item_id.is_(None),  # no parcel's, so the first or one that staff counted
        stock_movements.c.extra_id == extra_id,
    )
    if extra_id in stock_of(db, shop_id) or db.execute(known.limit(1)).first():
        return
    _begin(db, shop_id, extra_id, pieces, why="published", by=None, now=now)


def take_piece(db: Connection, shop_id: int, extra_id: str, item_id: int, *, now: datetime) -> None:
    """Take one piece for a parcel; extras that are not counted stay uncounted."""
    if _move(db, shop_id, extra_id, -1):
        _note(db, shop_id, extra_id, -1, why="planned", item_id=item_id, now=now)


def return_piece(db: Connection, shop_id: int, extra_id: str, item_id: int, *, now: datetime) -> None:
    """Give back the piece that was taken for this item, if one was, once; not one that was found to be missing."""
    moved = select(stock_movements.c.why).where(
        stock_movements.c.shop_id == shop_id, stock_movements.c.parcel_item_id == item_id
    )
    if set(db.execute(moved).scalars()) == {"planned"} and _move(db, shop_id, extra_id, 1):
        _note(db, shop_id, extra_id, 1, why="returned", item_id=item_id, now=now)


def set_count(
    db: Connection,
    shop_id: int,
    extra_id: str,
    pieces: int,
    *,
    now: datetime,
    by: str | None = None,
    why: str = "counted",
) -> None:
    """Say how many pieces were counted on the shelf, and by whom (a Saleor user id); or by the shop ("shop")."""
    before = stock_of(db, shop_id).get(extra_id)
    if before is None:
        _begin(db, shop_id, extra_id, pieces, why=why, by=by, now=now)
    elif before != pieces and _move(db, shop_id, extra_id, pieces - before):
        _note(db, shop_id, extra_id, pieces - before, why=why, item_id=None, by=by, now=now)


def run_out(db: Connection, shop_id: int, extra_id: str, *, now: datetime, by: str) -> None:
    """A packer (a Saleor user id) found none, whatever was counted: there are 0 from now on, counted before or not."""
    before = stock_of(db, shop_id).get(extra_id)
    if before is None:
        _begin(db, shop_id, extra_id, 0, why="missing", by=by, now=now)
        return
    _move(db, shop_id, extra_id, -before)
    _note(db, shop_id, extra_id, -before, why="missing", item_id=None, by=by, now=now)


def stop_counting(db: Connection, shop_id: int, extra_id: str, *, now: datetime, by: str | None = None) -> None:
    """Count an extra no longer; what was there goes out of the books."""
    before = stock_of(db, shop_id).get(extra_id)
    if before is None:
        return
    db.execute(delete(extra_stock).where(extra_stock.c.shop_id == shop_id, extra_stock.c.extra_id == extra_id))
    _note(db, shop_id, extra_id, -before, why="uncounted", item_id=None, by=by, now=now)


def _begin(
    db: Connection, shop_id: int, extra_id: str, pieces: int, *, why: str, by: str | None, now: datetime
) -> None:
    db.execute(insert(extra_stock).values(shop_id=shop_id, extra_id=extra_id, pieces=pieces))
    _note(db, shop_id, extra_id, pieces, why=why, item_id=None, by=by, now=now)


_MOVE = (
    update(extra_stock)
    .where(extra_stock.c.shop_id == bindparam("the_shop"), extra_stock.c.extra_id == bindparam("extra"))
    .values(pieces=extra_stock.c.pieces + bindparam("more"))
)


def _move(db: Connection, shop_id: int, extra_id: str, pieces: int) -> bool:
    return db.execute(_MOVE, {"the_shop": shop_id, "extra": extra_id, "more": pieces}).rowcount == 1


def _note(
    db: Connection,
    shop_id: int,
    extra_id: str,
    pieces: int,
    *,
    why: str,
    item_id: int | None,
    now: datetime,
    by: str | None = None,
) -> None:
    what = {"shop_id": shop_id, "extra_id": extra_id, "pieces": pieces, "parcel_item_id": item_id}
    db.execute(insert(stock_movements), {**what, "why": why, "at": now, "by": by})
