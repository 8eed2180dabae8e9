"""Rows that are found by columns with certain values: the statements that are carried out for every order.

Each is built once and kept: building a statement costs several times as much as carrying it out.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, MappingResult, Select, Table, Update, bindparam, select, text, update

from saleor_loyalty_app.store.tables import shops


def rows_where(db: Connection, shop_id: int, table: Table, **equal: Any) -> MappingResult:
    """A shop's rows of a table whose columns have these values, none of them None; in order of ids, if they have."""
    return db.execute(_select(table, tuple(equal)), _named(shop_id, equal)).mappings()


def change_where(db: Connection, shop_id: int, table: Table, changes: Mapping[str, Any], **equal: Any) -> int:
    """Change columns of a shop's rows whose columns have these values, none of them None; return how many rows."""
    return db.execute(_update(table, tuple(equal)), {**changes, **_named(shop_id, equal)}).rowcount


def alone_with(db: Connection, shop_id: int, name: str) -> bool:
    """Wait until no other transaction is alone with this name of the shop, on PostgreSQL; SQLite has one writer anyway.

    Return whether another one may have written since this transaction last looked.
    """
    if db.dialect.name != "postgresql":
        return False
    db.execute(_ALONE, {"name": f"{shop_id} {name}"})
    return True


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@cache
def _select(table: Table, names: tuple[str, ...]) -> Select[Any]:
    query = select(table).where(*_equal(table, names))
    return query.order_by(table.c.id) if "id" in table.c else query


@cache
def _update(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(*_equal(table, names))


def _equal(table: Table, names: tuple[str, ...]) -> list[ColumnElement[bool]]:
    of_shop = table.c.id if table is shops else table.c.shop_id
    return [of_shop == bindparam("is_of_shop"), *(table.c[name] == bindparam(f"is_{name}") for name in names)]


def _named(shop_id: int, equal: Mapping[str, Any]) -> dict[str, Any]:
    return {"is_of_shop": shop_id, **{f"is_{name}": value for name, value in equal.items()}}
