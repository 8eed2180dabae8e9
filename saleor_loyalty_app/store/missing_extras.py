"""Extras that ran out although some were counted: what was reserved of them is not there, so it never comes back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
)

from saleor_loyalty_app.store import stock
from saleor_loyalty_app.store.order_lines import items_of_orders, stands_as_line
from saleor_loyalty_app.store.parcel_tables import WAITING, parcel_items, stock_movements
from saleor_loyalty_app.store.tables import orders

MISSING = "missing"


def mark_missing(db: Connection, shop_id: int, extra_id: str, *, by: str, now: datetime) -> None:
    """Say that none of an extra is there: its count is 0, and what live parcels reserved of it never comes back."""
    stock.run_out(db, shop_id, extra_id, by=by, now=now)
    marked = exists().where(
        stock_movements.c.shop_id == shop_id,
        stock_movements.c.parcel_item_id == parcel_items.c.id,
        stock_movements.c.why == MISSING,
    )
    reserved = select(
        literal(shop_id), literal(extra_id), literal(0), literal(MISSING), parcel_items.c.id,
        literal(now, stock_movements.c.at.type), literal(by),
    ).where(*_planned(shop_id, extra_id), ~marked)  # fmt: skip
    columns = ["shop_id", "extra_id", "pieces", "why", "parcel_item_id", "at", "by"]
    db.execute(insert(stock_movements).from_select(columns, reserved))


def marked_by(db: Connection, shop_id: int, extra_id: str) -> str:
    """Who said last that none of an extra is there: a Saleor user id, "" for nobody."""
    query = (
        select(stock_movements.c.by)
        .where(
            stock_movements.c.shop_id == shop_id,
            stock_movements.c.extra_id == extra_id,
            stock_movements.c.why == MISSING,
            stock_movements.c.parcel_item_id.is_(None),
        )
        .order_by(stock_movements.c.id.desc())
        .limit(1)
    )
    return str(db.scalar(query) or "")


def count_waiting(db: Connection, shop_id: int, extra_id: str) -> int:
    """How many planned extras of live parcels were marked as missing and are still to be planned anew."""
    query = _waiting(shop_id, extra_id).with_only_columns(func.count())
    return int(db.execute(query).scalar_one())


def waiting_items(
    db: Connection, shop_id: int, extra_id: str, *, limit: int, in_parcels: Collection[int] | None = None
) -> list[tuple[int, int]]:
    """The oldest of them as (row of the extra, parcel); on wish only those in some parcels."""
    query = _waiting(shop_id, extra_id).with_only_columns(parcel_items.c.id, parcel_items.c.parcel_id)
    if in_parcels is not None:
        query = query.where(parcel_items.c.parcel_id.in_(in_parcels))
    found = db.execute(query.order_by(parcel_items.c.id).limit(limit))
    return [(int(item_id), int(parcel_id)) for item_id, parcel_id in found]


def orders_with_lines(db: Connection, shop_id: int, extra_id: str) -> list[str]:
    """The numbers of the orders in which a planned extra stands as a line of its own, or may, oldest first."""
    query = (
        select(orders.c.number)
        .select_from(items_of_orders())
        .where(*_planned(shop_id, extra_id), stands_as_line(shop_id))
        .order_by(parcel_items.c.id)
    )
    return list(db.scalars(query))


def _waiting(shop_id: int, extra_id: str) -> Select[int]:
    marked = (
        (stock_movements.c.shop_id == shop_id)
        & (stock_movements.c.parcel_item_id == parcel_items.c.id)
        & (stock_movements.c.why == MISSING)
    )
    return (
        select(parcel_items.c.id)
        .select_from(items_of_orders().join(stock_movements, marked))
        .where(*_planned(shop_id, extra_id), ~stands_as_line(shop_id))
    )


def _planned(shop_id: int, extra_id: str) -> tuple[ColumnElement[bool], ...]:
    # The condition of the index, with the table's name, because other tables have such columns.
    live: ColumnElement[bool] = literal_column(
        WAITING.replace("state", "parcel_items.state").replace("mode", "parcel_items.mode")
    )
    return parcel_items.c.shop_id == shop_id, parcel_items.c.extra_id == extra_id, live
