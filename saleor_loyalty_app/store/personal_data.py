"""Every row about one person, from every table that has any: for showing, for the export, and for nothing else.

A table with a `customer_id` is found by that; the others name the person's orders or account in their subject.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, or_, select

from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.packing_tables import variant_moves
from saleor_loyalty_app.store.parcel_tables import stock_movements
from saleor_loyalty_app.store.tables import customers, effects, inbox, tasks, work

Rows = list[dict[str, Any]]

BY_SUBJECT = (inbox, work, effects, tasks)
AT_ONCE = 500
"""Values in one query; SQLite takes no unlimited number."""


def rows_about(db: Connection, shop_id: int, customer_id: int) -> dict[str, Rows]:
    """Every row about a customer, and about the guest entries that were merged into this one, by table, oldest first.

    Empty for a customer that is not this shop's.
    """
    mine = or_(customers.c.id == customer_id, customers.c.merged_into == customer_id)
    people = _rows(db, shop_id, customers, [mine])
    if not any(row["id"] == customer_id for row in people):
        return {}
    ids = [row["id"] for row in people]
    found = {"customers": people}
    for table in metadata.sorted_tables:
        if "customer_id" in table.c:
            found[table.name] = _rows(db, shop_id, table, _in_parts(table.c.customer_id, ids))
    subjects = [*(f"order:{row['order_id']}" for row in found["orders"]), *_subjects_of(people)]
    for table in BY_SUBJECT:
        found[table.name] = _rows(db, shop_id, table, _in_parts(table.c.subject, subjects))
    items = [row["id"] for row in found["parcel_items"]]
    for table in (stock_movements, variant_moves):
        found[table.name] = _rows(db, shop_id, table, _in_parts(table.c.parcel_item_id, items))
    return found


def merged_guests(db: Connection, shop_id: int, customer_id: int) -> list[int]:
    """The guest entries that were merged into a customer."""
    query = select(customers.c.id).where(customers.c.shop_id == shop_id, customers.c.merged_into == customer_id)
    return list(db.scalars(query))


def person_subject(customer_id: int) -> str:
    """What work and records about a person as such are filed under; it names nobody."""
    return f"person:{customer_id}"


def _subjects_of(people: Rows) -> Iterator[str]:
    for row in people:
        yield person_subject(row["id"])
        if row["user_id"]:
            yield from (f"{about}:{row['user_id']}" for about in ("customer", "erasure", "unmirror"))


def _in_parts(column: Column[Any], values: Collection[Any]) -> Iterator[ColumnElement[bool]]:
    every: Sequence[Any] = list(values)
    return (column.in_(every[start : start + AT_ONCE]) for start in range(0, len(every), AT_ONCE))


def _rows(db: Connection, shop_id: int, table: Table, conditions: Iterable[ColumnElement[bool]]) -> Rows:
    order = tuple(table.primary_key.columns)
    return [
        dict(row)
        for condition in conditions
        for row in db.execute(select(table).where(table.c.shop_id == shop_id, condition).order_by(*order)).mappings()
    ]
