"""All rows of all shops from one database into another, and the proof that they are the same there."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, tuple_

from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.tables import workers

TABLES = [table for table in metadata.sorted_tables if table is not workers]
"""Parents before children. Workers are processes, which are not moved."""
ROWS = 2_000
"""Rows at a time, so that memory does not grow with the shop."""


def tables_filled(db: Connection) -> list[str]:
    """The tables that hold any row."""
    return [table.name for table in TABLES if db.execute(select(table).limit(1)).first() is not None]


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row; return how many by table. The target's tables must be empty."""
    copied: dict[str, int] = {}
    for table in TABLES:
        copied[table.name] = 0
        for rows in _in_parts(source, table):
            target.execute(insert(table), rows)
            copied[table.name] += len(rows)
        count_on(target, table)
    return copied


def tables_that_differ(source: Connection, target: Connection) -> list[str]:
    """The tables whose rows are not the same in both, compared row by row."""
    return [table.name for table in TABLES if _digest(source, table) != _digest(target, table)]


def count_on(db: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that came."""
    if db.dialect.name != "postgresql" or "id" not in table.c or not table.c.id.primary_key:
        return
    if newest := db.execute(select(func.max(table.c.id))).scalar_one():
        db.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), newest)))


def _in_parts(db: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table by its key, some at a time."""
    key = list(table.primary_key.columns)
    query = select(table).order_by(*key).limit(ROWS)
    rows = [dict(row) for row in db.execute(query).mappings()]
    while rows:
        yield rows
        last = tuple(rows[-1][column.name] for column in key)
        rows = [dict(row) for row in db.execute(query.where(tuple_(*key) > last)).mappings()]


def _digest(db: Connection, table: Table) -> int:
    """The sum of all rows' digests: databases sort texts differently, so the order must not matter."""
    rows = (row for part in _in_parts(db, table) for row in part)
    return sum(int.from_bytes(blake2b(repr(sorted(row.items())).encode(), digest_size=16).digest()) for row in rows)
