"""Customers page by page, narrowed, searched and sorted, each sort by an index of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, func, literal, select, tuple_

from saleor_loyalty_app.domain.tiers import Standing
from saleor_loyalty_app.store.customers import Customer, read_customer
from saleor_loyalty_app.store.name_search import customers_named, is_named
from saleor_loyalty_app.store.pages import counted
from saleor_loyalty_app.store.tables import customers

FEW_PEOPLE = 500
"""Up to so many people of a name are sorted by themselves; a more common name is met soon enough on the way."""
SORTS: Mapping[str, tuple[Column[Any], bool]] = {
    "newest": (customers.c.id, True),
    "oldest": (customers.c.id, False),
    "value": (customers.c.value_minor, True),
    "value-up": (customers.c.value_minor, False),
    "last-order": (customers.c.last_order_at, True),
    "last-order-up": (customers.c.last_order_at, False),
    "review": (customers.c.next_review_on, False),
    "review-down": (customers.c.next_review_on, True),
}
"""By which column, and whether the largest comes first. Who has nothing there comes last, newest first."""
STANDINGS = (Standing.WARNED, Standing.GRACE, Standing.MANUAL)
LARGEST = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """What a list of customers is narrowed to; an empty field narrows nothing. `tier` "-" is none at all."""

    tier: str = ""
    standing: str = ""
    search: str = ""
    sort: str = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """Some customers. `next` is the cursor of the page after them, None at the end."""

    lines: list[Customer]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The last row of a page: what it has in the sorted column, if anything, and its id."""

    value: Any
    row: int


def customer_page(
    db: Connection, shop_id: int, wanted: CustomerFilter, *, after: str = "", limit: int = 20
) -> CustomerPage:
    """The first customers that fit, in the order that is asked for, after this cursor.

    Without a cursor, or with one that fits no row of this sort, it is the first page.
    """
    column, largest_first = SORTS[wanted.sort]
    place = _read(column, after)
    named = customers_named(db, shop_id, wanted.search, limit=FEW_PEOPLE + 1) if wanted.search else None
    if named == []:
        return CustomerPage(lines=[], next=None)
    few = named if named and len(named) <= FEW_PEOPLE else None
    # Few people are looked up and then sorted: an index to walk by is not offered.
    by = func.coalesce(column, column) if few else column
    query = _people(shop_id).where(*_fits(wanted, few))
    rows: list[Any] = []
    if place is None or place.value is not None:
        walk = query.where(column.is_not(None)).order_by(*_order(by, largest_first=largest_first))
        walk = walk.where(_beyond(column, place, largest_first=largest_first)) if place else walk
        rows += db.execute(walk.limit(limit + 1)).mappings()
    if column.nullable and len(rows) <= limit:
        rest = query.where(column.is_(None)).order_by(*_order(by, largest_first=True))
        rest = rest.where(customers.c.id < place.row) if place and place.value is None else rest
        rows += db.execute(rest.limit(limit + 1 - len(rows))).mappings()
    following = _cursor(rows[limit - 1], column) if len(rows) > limit else None
    return CustomerPage(lines=[read_customer(row) for row in rows[:limit]], next=following)


def standings_of(db: Connection, shop_id: int) -> dict[str, int]:
    """How many customers stand in a tier other than securely, counted to just above `pages.COUNTED_TO`."""
    people = customers.c.merged_into.is_(None)
    return {one: counted(db, shop_id, customers, people, customers.c.standing == one) for one in STANDINGS}


def _people(shop_id: int) -> Select[tuple[object, ...]]:
    return select(customers).where(customers.c.shop_id == shop_id, customers.c.merged_into.is_(None))


def _fits(wanted: CustomerFilter, few: list[int] | None) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.tier:
        fits.append(customers.c.tier.is_(None) if wanted.tier == "-" else customers.c.tier == wanted.tier)
    if wanted.standing:
        fits.append(customers.c.standing == wanted.standing)
    if wanted.search:
        fits.append(customers.c.id.in_(few) if few else is_named(wanted.search))
    return fits


def _order(by: ColumnElement[Any], *, largest_first: bool) -> list[ColumnElement[Any]]:
    columns = [by] if by is customers.c.id else [by, customers.c.id]
    return [each.desc() if largest_first else each.asc() for each in columns]


def _beyond(column: Column[Any], place: _Place, *, largest_first: bool) -> ColumnElement[bool]:
    if column is customers.c.id:
        return column < place.row if largest_first else column > place.row
    here, there = tuple_(column, customers.c.id), tuple_(literal(place.value, column.type), literal(place.row))
    return here < there if largest_first else here > there


def _cursor(row: Mapping[str, Any], column: Column[Any]) -> str:
    value = row[column.name]
    written = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return f"{written}~{row['id']}"


def _read(column: Column[Any], cursor: str) -> _Place | None:
    written, _, row = cursor.rpartition("~")
    try:
        place = _Place(value=READ[column.name](written) if written else None, row=int(row))
    except (ValueError, OverflowError):
        return None
    numbers = [number for number in (place.row, place.value) if isinstance(number, int)]
    return place if all(abs(number) < LARGEST for number in numbers) else None


READ: Mapping[str, Callable[[str], Any]] = {
    "id": int,
    "value_minor": int,
    "next_review_on": date.fromisoformat,
    "last_order_at": lambda text: datetime.fromisoformat(text).astimezone(UTC),
}
