"""What is ready to be packed, page by page and counted, at the same speed however much waits.

Both orders of the desk walk an index of their own that holds nothing but what is to be packed.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from saleor_loyalty_app.store.columns import UtcDateTime
from saleor_loyalty_app.store.packing_tables import packing_batches
from saleor_loyalty_app.store.parcel_lists import channels_of
from saleor_loyalty_app.store.parcel_tables import TO_PACK, UNCONFIRMED, parcels
from saleor_loyalty_app.store.parcels import PLANNED
from saleor_loyalty_app.store.rows import change_where
from saleor_loyalty_app.store.tables import customers, orders
from saleor_loyalty_app.store.warehouses import warehouses_of

COUNTED_TO = 1_000
"""Counts go no further: so many, or more."""
MOST_CHOICES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFilter:
    """What the desk is narrowed to, and in which order it is packed; an empty field narrows nothing."""

    channel: str = ""
    """A channel's slug."""
    warehouse: str = ""
    """A warehouse's Saleor id."""
    shipping_method: str = ""
    """A shipping method's name."""
    order: Literal["oldest", "shipping_method"] = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One parcel that is ready, and who packs it at the moment: `held_by` is a Saleor user id, or None."""

    id: int
    code: str
    order_row: int
    order_number: str
    customer_id: int
    first_name: str
    last_name: str
    tier: str | None
    channel: str
    shipping_method: str
    warehouse_id: str
    ready_at: datetime
    held_by: str | None
    held_until: datetime | None

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """Some parcels in the order of the desk; `more` is where the next page begins, None at the end."""

    lines: list[DeskLine]
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyCount:
    """How many parcels are ready and free, and how many are with a packer now; each at most `COUNTED_TO`."""

    free: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskChoices:
    """What the desk can be narrowed to; warehouses are (Saleor id, name)."""

    channels: list[str]
    warehouses: list[tuple[str, str]]
    shipping_methods: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedLine:
    """A parcel whose order was fulfilled in the shop without a word from the packers."""

    id: int
    code: str
    order_row: int
    order_number: str
    customer_id: int
    first_name: str
    last_name: str
    closed_at: datetime

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


def desk_page(
    db: Connection, shop_id: int, wanted: DeskFilter, *, now: datetime, after: str | None = None, limit: int = 25
) -> DeskPage:
    """The parcels that are ready, from the cursor `after` on; an unusable cursor begins at the beginning."""
    walk = _walk(shop_id, wanted)
    if place := _read_cursor(wanted, after):
        walk = walk.where(tuple_(*_order(wanted)) > tuple_(*place))
    ids = list(db.scalars(walk.limit(limit + 1)))
    lines = desk_lines(db, shop_id, ids[:limit], now=now)
    more = _cursor(lines[-1]) if len(ids) > limit and lines else None
    return DeskPage(lines=lines, more=more)


def desk_lines(db: Connection, shop_id: int, parcel_ids: list[int], *, now: datetime) -> list[DeskLine]:
    """These parcels as the desk shows them, in this order."""
    is_held = and_(parcels.c.held_until.is_not(None), parcels.c.held_until > now)
    query = (
        select(*_shown(DeskLine), packing_batches.c.by.label("held_by"))
        .join(orders, orders.c.id == parcels.c.order_row)
        .join(customers, customers.c.id == parcels.c.customer_id)
        .outerjoin(packing_batches, and_(packing_batches.c.id == parcels.c.batch_id, is_held))
        .where(parcels.c.shop_id == shop_id, parcels.c.id.in_(parcel_ids), parcels.c.ready_at.is_not(None))
    )
    found = {row["id"]: DeskLine(**row) for row in db.execute(query).mappings()}
    return [found[id] for id in parcel_ids if id in found]


def free_parcels(db: Connection, shop_id: int, wanted: DeskFilter, *, now: datetime, limit: int) -> list[int]:
    """The next parcels that nobody packs, in the order of the desk. The caller has locked the shop."""
    return list(db.scalars(_walk(shop_id, wanted).where(_is_free(now)).limit(limit)))


def count_ready(db: Connection, shop_id: int, wanted: DeskFilter, *, now: datetime) -> ReadyCount:
    """How much is ready, free and held."""
    # What is held is found by its batches: it is little, while walking through all that is ready would take long.
    open_batches = select(packing_batches.c.id).where(
        packing_batches.c.shop_id == shop_id, packing_batches.c.ended_at.is_(None)
    )
    held = select(literal(1)).where(
        parcels.c.shop_id == shop_id,
        parcels.c.batch_id.in_(db.scalars(open_batches).all()),
        parcels.c.held_until > now,
        func.coalesce(parcels.c.state, "") == PLANNED,
        parcels.c.ready_at.is_not(None),
        *_narrowed(wanted),
    )
    free = _walk(shop_id, wanted).where(_is_free(now))
    return ReadyCount(free=_counted(db, free), held=_counted(db, held))


def desk_choices(db: Connection, shop_id: int) -> DeskChoices:
    """What the desk can be narrowed to: channels and warehouses that are known, shipping methods that wait."""
    return DeskChoices(
        channels=channels_of(db, shop_id, limit=MOST_CHOICES),
        warehouses=warehouses_of(db, shop_id)[:MOST_CHOICES],
        shipping_methods=_methods(db, shop_id),
    )


def shipped_unconfirmed(db: Connection, shop_id: int, *, since: datetime, limit: int) -> list[UnconfirmedLine]:
    """Parcels that left without a packer's confirmation since a moment, the latest first; none of the rehearsal."""
    walk = (
        select(parcels.c.id)
        .where(parcels.c.shop_id == shop_id, literal_column(UNCONFIRMED), parcels.c.closed_at >= since)
        .order_by(parcels.c.closed_at.desc(), parcels.c.id.desc())
        .limit(limit)
    )
    ids = list(db.scalars(walk))
    query = (
        select(*_shown(UnconfirmedLine))
        .join(orders, orders.c.id == parcels.c.order_row)
        .join(customers, customers.c.id == parcels.c.customer_id)
        .where(parcels.c.shop_id == shop_id, parcels.c.id.in_(ids))
    )
    found = {row["id"]: UnconfirmedLine(**row) for row in db.execute(query).mappings()}
    return [found[id] for id in ids if id in found]


def keep_ready(
    db: Connection, shop_id: int, parcel_id: int, *, ready_at: datetime | None, shipping_method: str, warehouse_id: str
) -> None:
    """Keep what the desk goes by with a planned parcel, as its order says it now."""
    known = {"ready_at": ready_at, "shipping_method": shipping_method, "warehouse_id": warehouse_id}
    change_where(db, shop_id, parcels, known, id=parcel_id)


# ---- How the walk goes


def _walk(shop_id: int, wanted: DeskFilter) -> Select[int]:
    """The ids of what is to be packed, in the order of the desk, along one index."""
    return (
        select(parcels.c.id)
        .where(parcels.c.shop_id == shop_id, literal_column(TO_PACK), *_narrowed(wanted))
        .order_by(*_order(wanted))
    )


def _order(wanted: DeskFilter) -> list[ColumnElement[Any]]:
    by_method = [parcels.c.shipping_method] if wanted.order == "shipping_method" else []
    return [*by_method, parcels.c.ready_at, parcels.c.id]


def _narrowed(wanted: DeskFilter) -> list[ColumnElement[bool]]:
    """By shipping method there is an index; the others are written so that none but that of the order is chosen."""
    channel, warehouse = func.coalesce(parcels.c.channel, ""), func.coalesce(parcels.c.warehouse_id, "")
    asked = (
        (channel, wanted.channel),
        (warehouse, wanted.warehouse),
        (parcels.c.shipping_method, wanted.shipping_method),
    )
    return [column == value for column, value in asked if value]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(parcels.c.held_until.is_(None), parcels.c.held_until <= now)


def _counted(db: Connection, query: Select[Any]) -> int:
    some = query.limit(COUNTED_TO).subquery()
    return int(db.execute(select(func.count()).select_from(some)).scalar_one())


def _methods(db: Connection, shop_id: int) -> list[str]:
    """The shipping methods of what waits, each found by one step in the index."""
    found: list[str] = []
    query = (
        select(parcels.c.shipping_method)
        .where(parcels.c.shop_id == shop_id, literal_column(TO_PACK))
        .order_by(parcels.c.shipping_method)
        .limit(1)
    )
    while len(found) < MOST_CHOICES:
        following = db.scalar(query.where(parcels.c.shipping_method > (found[-1] if found else "")))
        if following is None:
            break
        found.append(following)
    return found


def _shown(line: type[DeskLine] | type[UnconfirmedLine]) -> list[ColumnElement[Any]]:
    """The columns that a line is made of."""
    elsewhere = {
        "order_number": orders.c.number.label("order_number"),
        "first_name": customers.c.first_name,
        "last_name": customers.c.last_name,
    }
    names = [name for name in line.__dataclass_fields__ if name != "held_by"]
    return [elsewhere[name] if name in elsewhere else parcels.c[name] for name in names]


# ---- Cursors: where a page ended, as it stands in an address


def _cursor(line: DeskLine) -> str:
    place = [line.shipping_method, line.ready_at.isoformat(), line.id]
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(wanted: DeskFilter, cursor: str | None) -> list[ColumnElement[Any]] | None:
    if not cursor:
        return None
    try:
        method, ready_at, id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(ready_at)
        place: list[ColumnElement[Any]] = [literal(moment, UtcDateTime()), literal(int(id))]
    except (ValueError, TypeError):
        return None
    return [literal(str(method)), *place] if wanted.order == "shipping_method" else place
