"""Everything about one shop goes: after the documented time since the app was removed."""

from sqlalchemy import Connection, delete

from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.tables import shops


def erase_shop(db: Connection, shop_id: int) -> None:
    """Delete every row of a shop from every table, children first."""
    for table in reversed(metadata.sorted_tables):
        if "shop_id" in table.c:
            db.execute(delete(table).where(table.c.shop_id == shop_id))
    db.execute(delete(shops).where(shops.c.id == shop_id))
