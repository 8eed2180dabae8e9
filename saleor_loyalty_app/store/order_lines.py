"""Extras that stand in their order as a line: the shop allocates and sells these pieces by itself."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, literal

from saleor_loyalty_app.store.effects import REFUSED
from saleor_loyalty_app.store.parcel_tables import parcel_items, parcels
from saleor_loyalty_app.store.tables import effects, orders


def items_of_orders() -> Any:
    """The extras, each with its parcel and its order, to select from."""
    same_parcel = (parcel_items.c.shop_id == parcels.c.shop_id) & (parcel_items.c.parcel_id == parcels.c.id)
    same_order = (orders.c.shop_id == parcels.c.shop_id) & (orders.c.id == parcels.c.order_row)
    return parcel_items.join(parcels, same_parcel).join(orders, same_order)


def stands_as_line(shop_id: int) -> ColumnElement[bool]:
    """Whether the effect "line:<item>" of the item's order was begun and not refused."""
    return exists().where(
        effects.c.shop_id == shop_id,
        effects.c.subject == literal("order:") + orders.c.order_id,
        effects.c.effect == literal("line:") + cast(parcel_items.c.id, String),
        effects.c.state != REFUSED,
    )
