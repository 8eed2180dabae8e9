"""Warehouses that orders and extras are taken from, with the names they had last; learnt in passing."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.packing_tables import warehouses

LONGEST_NAME = 255


def remember_warehouse(db: Connection, shop_id: int, warehouse_id: str, name: str) -> None:
    """Keep what a warehouse is called now; nothing without an id."""
    name = name[:LONGEST_NAME]
    if not warehouse_id or dict(warehouses_of(db, shop_id)).get(warehouse_id) == name:
        return
    make_insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    statement = make_insert(warehouses).values(shop_id=shop_id, warehouse_id=warehouse_id, name=name)
    key = ["shop_id", "warehouse_id"]
    db.execute(statement.on_conflict_do_update(index_elements=key, set_={"name": name}))


def warehouses_of(db: Connection, shop_id: int) -> list[tuple[str, str]]:
    """The shop's warehouses as (Saleor id, name), by name."""
    query = (
        select(warehouses.c.warehouse_id, warehouses.c.name)
        .where(warehouses.c.shop_id == shop_id)
        .order_by(warehouses.c.name, warehouses.c.warehouse_id)
    )
    return [(id, name) for id, name in db.execute(query)]
