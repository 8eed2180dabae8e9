"""All rows of all shops from one database into another, and the proof that they are the same there."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select, text, tuple_
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from saleor_loyalty_app.store import packing_tables, parcel_tables, print_tables  # noqa: F401 - they fill the metadata
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.tables import workers

TABLES = [table for table in metadata.sorted_tables if table is not workers]
"""Parents before children. Workers are processes, which are not moved."""
ROWS = 2_000
"""Rows at a time, so that memory does not grow with the shop."""
REFUSALS = (DataError, IntegrityError, ProgrammingError)


class RowRefused(Exception):
    """A row that the target does not take. Says where it stands and never what: it may be about a person.

    `where` is the row's numbers, as "id 7"; `column` the one whose value is not taken, None when each alone would be.
    """

    def __init__(self, table: str, where: str, column: str | None) -> None:
        super().__init__(table, where, column)
        self.table, self.where, self.column = table, where, column


def tables_filled(db: Connection) -> list[str]:
    """The tables that hold any row."""
    return [table.name for table in TABLES if db.execute(select(table).limit(1)).first() is not None]


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row; return how many by table. The target's tables must be empty.

    Raises RowRefused at the first row that the target does not take; its transaction must not be kept then.
    """
    copied: dict[str, int] = {}
    for table in TABLES:
        copied[table.name] = 0
        for rows in _in_parts(source, table):
            if not _takes(target, table, rows):
                raise _refused(target, table, rows)
            copied[table.name] += len(rows)
        count_on(target, table)
    return copied


def _takes(target: Connection, table: Table, rows: list[dict[str, Any]]) -> bool:
    try:
        with target.begin_nested():
            target.execute(insert(table), rows)
    except REFUSALS:
        return False
    return True


def _refused(target: Connection, table: Table, rows: list[dict[str, Any]]) -> RowRefused:
    """Which row it was, one after the other, and which column, in an empty copy without the table's rules."""
    row = next(row for row in rows if not _takes(target, table, [row]))
    key = [column.name for column in table.primary_key.columns]
    where = ", ".join(f"{name} {row[name]}" for name in key if isinstance(row[name], int))
    target.execute(text(f"CREATE TEMPORARY TABLE one_by_one AS SELECT * FROM {table.name} LIMIT 0"))  # noqa: S608
    empty = Table("one_by_one", MetaData(), *(Column(column.name, column.type) for column in table.c))
    columns = (name for name, value in row.items() if not _takes(target, empty, [{name: value}]))
    return RowRefused(table.name, where, next(columns, None))


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
