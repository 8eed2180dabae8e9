"""Customers by name: what a person types begins the first name, the last name, or one of them after the other."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from saleor_loyalty_app.domain.search_keys import key_span, search_key
from saleor_loyalty_app.store.tables import customers

MOST_WORDS = 6
Pair = tuple[str, str]
"""How the first and the last name begin; "" is anything."""


def _pairs_of(typed: str) -> list[Pair]:
    """All ways to read what was typed: "maria van der berg" is a first and a last name, in either order."""
    words = search_key(typed).split()[:MOST_WORDS]
    found: list[Pair] = []
    for cut in range(len(words) + 1 if words else 0):
        one, other = " ".join(words[:cut]), " ".join(words[cut:])
        found += [(one, other), (other, one)]
    return list(dict.fromkeys(found))


def customers_named(db: Connection, shop_id: int, typed: str, *, limit: int) -> list[int]:
    """Ids of customers with that name, at most about so many, in no order: by the index of the longer beginning."""
    found: set[int] = set()
    for pair in _pairs_of(typed):
        sought, checked = _by_length(pair)
        query = (
            select(customers.c.id)
            .where(customers.c.shop_id == shop_id, customers.c.merged_into.is_(None), *sought, *checked)
            .limit(limit)
        )
        found.update(db.scalars(query))
        if len(found) >= limit:
            break
    return list(found)


def is_named(typed: str) -> ColumnElement[bool]:
    """Whether a row of customers has that name, for a walk by another index."""
    ways = (and_(*_begins("first_key", first), *_begins("last_key", last)) for first, last in _pairs_of(typed))
    return or_(false(), *ways)


def _by_length(pair: Pair) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    named = sorted(zip(("first_key", "last_key"), pair, strict=True), key=lambda each: -len(each[1]))
    (column, beginning), (other, rest) = named
    start, end = key_span(beginning)
    return [customers.c[column] >= start, customers.c[column] < end], list(_begins(other, rest))


def _begins(column: str, beginning: str) -> Iterator[ColumnElement[bool]]:
    """As a sum that no index is made for, so that the database keeps to the one that it walks by."""
    if beginning:
        start, end = key_span(beginning)
        key = func.coalesce(customers.c[column], "")
        yield key >= start
        yield key < end
