"""Extras that are counted in the shop, as variants: what it last said, and what packing took and it was not told yet.

What is left for new parcels is mirrored into `extra_stock`, so that planning looks at one place for all extras.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from saleor_loyalty_app.store.order_lines import items_of_orders, stands_as_line
from saleor_loyalty_app.store.packing_tables import variant_moves, variant_stock
from saleor_loyalty_app.store.parcel_tables import parcel_items, parcels
from saleor_loyalty_app.store.shops import LIVE

PLANNED = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStock:
    """What the shop last said of an extra's variant in one warehouse, in pieces."""

    extra_id: str
    variant_id: str
    warehouse_id: str
    quantity: int
    """All that lie there, also those that orders are waiting for."""
    allocated: int
    """Those that lines of orders are waiting for."""
    read_at: datetime
    empty_at: int | None
    """What the shop counted when a packer found none; None while nobody did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Pieces that were packed (negative) or put back and that a warehouse's stock does not know of."""

    variant_id: str
    warehouse_id: str
    pieces: int
    last: int
    """The newest of the moves that are summed here."""


def readings(db: Connection, shop_id: int) -> dict[str, VariantStock]:
    """What the shop last said, by extra id."""
    query = select(variant_stock).where(variant_stock.c.shop_id == shop_id)
    names = VariantStock.__dataclass_fields__
    return {
        row["extra_id"]: VariantStock(**{name: row[name] for name in names}) for row in db.execute(query).mappings()
    }


def keep_reading(db: Connection, shop_id: int, reading: VariantStock) -> None:
    """Keep what the shop said of an extra, in the place of what it said before."""
    forget_reading(db, shop_id, reading.extra_id)
    values = {name: getattr(reading, name) for name in VariantStock.__dataclass_fields__}
    db.execute(insert(variant_stock).values(shop_id=shop_id, **values))


def forget_reading(db: Connection, shop_id: int, extra_id: str) -> None:
    """The shop counts this extra no longer."""
    db.execute(
        delete(variant_stock).where(variant_stock.c.shop_id == shop_id, variant_stock.c.extra_id == extra_id)
    )  # fmt: skip


def note_found_empty(db: Connection, shop_id: int, extra_id: str) -> None:
    """A packer found none on the shelf: until the shop counts more than now, none is taken to be there."""
    db.execute(
        update(variant_stock)
        .where(variant_stock.c.shop_id == shop_id, variant_stock.c.extra_id == extra_id)
        .values(empty_at=variant_stock.c.quantity)
    )


def promised(db: Connection, shop_id: int, extra_id: str) -> int:
    """Pieces in live parcels that are planned and not packed; those that stand in orders as lines are allocated."""
    query = (
        select(func.count())
        .select_from(items_of_orders())
        .where(
            parcels.c.shop_id == shop_id,
            parcels.c.state == PLANNED,
            parcels.c.mode == LIVE,
            parcel_items.c.extra_id == extra_id,
            parcel_items.c.state == PLANNED,
            ~stands_as_line(shop_id),
        )
    )
    return int(db.execute(query).scalar_one())


def from_our_shelf(db: Connection, shop_id: int, item_ids: Collection[int]) -> set[int]:
    """Those of these items that a packer really takes; not those of rehearsals, and not lines of their order, which
    the shop takes off its stock by itself."""
    query = (
        select(parcel_items.c.id)
        .select_from(items_of_orders())
        .where(
            parcel_items.c.shop_id == shop_id,
            parcel_items.c.id.in_(item_ids),
            parcel_items.c.mode == LIVE,
            ~stands_as_line(shop_id),
        )
    )
    return set(db.scalars(query))


def add_move(  # noqa: PLR0917
    db: Connection, shop_id: int, item_id: int, variant_id: str, warehouse_id: str, pieces: int, *, now: datetime
) -> None:
    """Note that pieces of an item left the shelf (negative) or came back."""
    db.execute(
        insert(variant_moves).values(
            shop_id=shop_id, parcel_item_id=item_id, variant_id=variant_id, warehouse_id=warehouse_id, pieces=pieces,
            at=now,
        )
    )  # fmt: skip


def gone(db: Connection, shop_id: int, item_ids: Iterable[int]) -> dict[int, Untold]:
    """Those of these items of which pieces are gone from a stock in the shop, with where from."""
    query = (
        select(variant_moves)
        .where(variant_moves.c.shop_id == shop_id, variant_moves.c.parcel_item_id.in_(list(item_ids)))
        .order_by(variant_moves.c.id)
    )
    sums: dict[int, Untold] = {}
    for row in db.execute(query).mappings():
        before = sums.get(row["parcel_item_id"])
        sums[row["parcel_item_id"]] = Untold(
            variant_id=row["variant_id"], warehouse_id=row["warehouse_id"],
            pieces=row["pieces"] + (before.pieces if before else 0), last=row["id"],
        )  # fmt: skip
    return {item_id: moved for item_id, moved in sums.items() if moved.pieces < 0}


def untold(db: Connection, shop_id: int, variant_id: str) -> list[Untold]:
    """What the shop does not know yet of a variant, by warehouse; sums of nothing as well."""
    columns = (variant_moves.c.warehouse_id, func.sum(variant_moves.c.pieces), func.max(variant_moves.c.id))
    query = select(*columns).where(*_untold(shop_id, variant_id)).group_by(columns[0]).order_by(columns[0])
    return [
        Untold(variant_id=variant_id, warehouse_id=warehouse_id, pieces=int(pieces), last=int(last))
        for warehouse_id, pieces, last in db.execute(query)
    ]


def variants_with_untold(db: Connection, shop_id: int) -> set[str]:
    """The variants of which the shop does not know everything yet."""
    query = select(variant_moves.c.variant_id).where(variant_moves.c.shop_id == shop_id, _is_untold())
    return set(db.scalars(query.distinct()))


def mark_told(db: Connection, shop_id: int, variant_id: str, warehouse_id: str, *, until: int, now: datetime) -> None:
    """The shop knows of a warehouse's moves up to this one."""
    told = (variant_moves.c.warehouse_id == warehouse_id, variant_moves.c.id <= until)
    db.execute(update(variant_moves).where(*_untold(shop_id, variant_id), *told).values(told_at=now))


def _untold(shop_id: int, variant_id: str) -> tuple[ColumnElement[bool], ...]:
    return variant_moves.c.shop_id == shop_id, variant_moves.c.variant_id == variant_id, _is_untold()


def _is_untold() -> ColumnElement[bool]:
    return variant_moves.c.told_at.is_(None)
