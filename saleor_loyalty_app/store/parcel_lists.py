"""Parcels page by page, narrowed and searched, at the same speed however many there are.

A page walks one index from the newest row to the oldest and looks at no more than `LOOKED_AT` rows: where little
fits, it says how far it came and goes on from there when asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from saleor_loyalty_app.store.index_steps import steps
from saleor_loyalty_app.store.name_search import customers_named, is_named
from saleor_loyalty_app.store.pages import ParcelLine, parcel_lines_of
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.parcels import PACKED, SHIPPED
from saleor_loyalty_app.store.shops import REHEARSAL
from saleor_loyalty_app.store.tables import customers, orders

LOOKED_AT = 10_000
"""Rows that one page looks at."""
FEW_PEOPLE = 500
"""Up to so many customers of a name, their parcels are looked up; a more common name is met soon enough anyway."""
MOST_HITS = 50
NO_TIER = "-"
LATE = timedelta(hours=1)
"""Rows are numbered in the order of time, but for transactions that took a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFilter:
    """What a list of parcels is narrowed to; an empty field narrows nothing. `tier` "-" is none at all."""

    state: str = ""
    tier: str = ""
    channel: str = ""
    mode: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPage:
    """Some parcels, newest first. `older` is where the next page begins, None at the end.

    `looked_to` is set when the page is not full because the walk stopped there.
    """

    lines: list[ParcelLine]
    older: int | None
    looked_to: datetime | None = None


def parcel_page(
    db: Connection, shop_id: int, wanted: ParcelFilter, *, before: int | None = None, limit: int = 20
) -> ParcelPage:
    """The newest parcels that fit, older than the row `before`."""
    span = _span(db, shop_id, wanted, before)
    if span is None:
        return ParcelPage(lines=[], older=None)
    first, others = _walk(wanted)
    found = _found_by_search(db, shop_id, wanted.search)
    if found is not None:
        first, others = [found], others + [_hidden(*narrowing) for narrowing in first]
    elif wanted.search:
        others.append(_belongs_to(wanted.search))
    walked = select(parcels.c.id).where(parcels.c.shop_id == shop_id, *span, *(_equal(*each) for each in first))
    walked = walked.order_by(*(column.desc() for column, _ in first), parcels.c.id.desc())
    floor = _floor(db, walked) if found is None and others else None
    fitting = walked.where(*others, *([parcels.c.id >= floor] if floor else [])).limit(limit + 1)
    ids = list(db.scalars(fitting))
    lines = parcel_lines_of(db, shop_id, ids[:limit])
    if len(ids) > limit:
        return ParcelPage(lines=lines, older=ids[limit - 1])
    return ParcelPage(lines=lines, older=floor, looked_to=_planned_at(db, shop_id, floor) if floor else None)


def channels_of(db: Connection, shop_id: int, *, limit: int = 50) -> list[str]:
    """The channels that parcels went through."""
    return [channel for channel in steps(db, shop_id, parcels.c.channel, limit=limit) if channel]


# ---- How the walk goes

Narrowing = tuple[ColumnElement[Any], object]
"""A column and what it is to be: a value, None, or several ids."""


def _walk(wanted: ParcelFilter) -> tuple[list[Narrowing], list[ColumnElement[bool]]]:
    """By which index to walk, and what else to look at on the way. What is rare comes first."""
    state, mode = (parcels.c.state, wanted.state), (parcels.c.mode, wanted.mode)
    tier: Narrowing = (parcels.c.tier, None if wanted.tier == NO_TIER else wanted.tier)
    rare_first: list[tuple[list[Narrowing], bool]] = [
        ([mode, state], bool(wanted.mode and wanted.state)),
        ([state], wanted.state not in {"", PACKED, SHIPPED}),
        ([mode], wanted.mode == REHEARSAL),
        ([tier], wanted.tier not in {"", NO_TIER}),
        ([(parcels.c.channel, wanted.channel)], bool(wanted.channel)),
        ([tier], wanted.tier == NO_TIER),
        ([state], wanted.state in {PACKED, SHIPPED}),
        ([mode], bool(wanted.mode)),
    ]
    first, *rest = [narrowings for narrowings, is_asked in rare_first if is_asked] or [[]]
    others = [_hidden(*each) for narrowings in rest for each in narrowings if each not in first]
    planned_at = func.coalesce(parcels.c.planned_at, parcels.c.planned_at)  # hidden in the same way
    others += [planned_at >= wanted.since] if wanted.since else []
    others += [planned_at < wanted.until] if wanted.until else []
    return first, others


def _equal(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    if isinstance(value, list):
        return column.in_(value)
    return column.is_(None) if value is None else column == value


def _hidden(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    """The same, written so that no index is made for it: the database keeps to the one that is walked by."""
    return func.coalesce(column, "") == ("" if value is None else value)


def _span(db: Connection, shop_id: int, wanted: ParcelFilter, before: int | None) -> list[ColumnElement[bool]] | None:
    """From which row to which: days become rows, which are numbered in the order of time. None: there are none."""
    span = [parcels.c.id < before] if before is not None else []
    by_time = select(parcels.c.id).where(parcels.c.shop_id == shop_id).limit(1)
    if wanted.since:
        later = by_time.where(parcels.c.planned_at >= wanted.since - LATE)
        oldest = db.scalar(later.order_by(parcels.c.planned_at, parcels.c.id))
        span.append(parcels.c.id >= (oldest or 0))
        if oldest is None:
            return None
    if wanted.until:
        earlier = by_time.where(parcels.c.planned_at < wanted.until + LATE)
        newest = db.scalar(earlier.order_by(parcels.c.planned_at.desc(), parcels.c.id.desc()))
        span.append(parcels.c.id <= (newest or 0))
        if newest is None:
            return None
    return span


def _floor(db: Connection, walked: Select[int]) -> int | None:
    """The last row that this page looks at; None when it comes to the end before."""
    return db.execute(walked.offset(LOOKED_AT - 1).limit(1)).scalar_one_or_none()


def _planned_at(db: Connection, shop_id: int, parcel_id: int) -> datetime | None:
    query = select(parcels.c.planned_at).where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id)
    return db.execute(query).scalar_one_or_none()


# ---- Search


def _found_by_search(db: Connection, shop_id: int, words: str) -> Narrowing | None:
    """Which rows a search comes down to: those of an order's number, of a code, or of some people of a name.

    None without a search, and for a name that too many people have.
    """
    if not words:
        return None
    rows = order_rows_numbered(db, shop_id, words)
    if rows:
        return parcels.c.order_row, rows
    code = select(parcels.c.id).where(parcels.c.shop_id == shop_id, parcels.c.code == words.upper())
    if hit := db.scalar(code):
        return parcels.c.id, [hit]
    people = customers_named(db, shop_id, words, limit=FEW_PEOPLE + 1)
    return (parcels.c.customer_id, people) if len(people) <= FEW_PEOPLE else None


def order_rows_numbered(db: Connection, shop_id: int, words: str) -> list[int]:
    """Our rows of the orders with this number, with or without its "#"."""
    query = select(orders.c.id).where(orders.c.shop_id == shop_id, orders.c.number == words.removeprefix("#"))
    return list(db.scalars(query.limit(MOST_HITS)))


def _belongs_to(words: str) -> ColumnElement[bool]:
    """Whether a parcel is for somebody of that name."""
    somebody = select(customers.c.id).where(customers.c.id == parcels.c.customer_id, is_named(words))
    return somebody.exists()
