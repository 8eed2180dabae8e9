"""Every sealed column of a shop, found by its name, so that none is forgotten when keys are changed."""

from collections.abc import Callable, Iterator

from sqlalchemy import Column, Connection, Table, select, update

from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.tables import shops

SEALED = "sealed_"
"""How the names of columns begin whose contents `store.secrets.Vault` has sealed."""


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Each table with each of its sealed columns."""
    for table in metadata.sorted_tables:
        yield from ((table, column) for column in table.c if column.name.startswith(SEALED))


def seal_anew(db: Connection, shop_id: int, rotate: Callable[[bytes], bytes]) -> int:
    """Seal everything of a shop with the newest key; return how many values there were."""
    return sum(_seal_column(db, shop_id, table, column, rotate) for table, column in sealed_columns())


def _seal_column(
    db: Connection, shop_id: int, table: Table, column: Column[bytes], rotate: Callable[[bytes], bytes]
) -> int:
    mine = (table.c.id if table is shops else table.c.shop_id) == shop_id
    key = list(table.primary_key.columns)
    places = db.execute(select(*key).where(mine, column.is_not(None)).order_by(*key)).all()
    for place in places:  # one by one: what is sealed may be large
        this = [part == value for part, value in zip(key, place, strict=True)]
        sealed = db.execute(select(column).where(mine, *this)).scalar_one()
        db.execute(update(table).where(mine, *this).values({column: rotate(sealed)}))
    return len(places)
