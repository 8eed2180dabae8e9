"""An order as a parcel's plan was made for it, put together from what is kept: for changes by hand and for previews.

Money and quantities are not kept with a parcel and say nothing here; what is chosen does not depend on them.
"""

from decimal import Decimal
from typing import Any

from saleor_loyalty_app.domain.orders import Buyer, Order, OrderLine
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.store.orders import OrderRow

NOTHING = Decimal(0)


def circumstances_of(order: Order) -> dict[str, Any]:
    """What of an order, beside its kept facts, the choice of extras and note rests on."""
    return {"country": order.country, "language": order.language, "weight_grams": order.weight_grams}


def known_order(row: OrderRow, customer: Customer, circumstances: dict[str, Any] | None) -> Order:
    """The order of a parcel; parcels of before circumstances were kept have no country, language and weight."""
    known = circumstances or {}
    return Order(
        id=row.order_id,
        number=row.number,
        status=row.status,
        origin=None,
        placed_at=row.placed_at,
        updated_at=row.updated_at,
        charge_status="",
        channel=row.channel,
        currency=row.currency,
        country=known.get("country", ""),
        language=known.get("language", ""),
        buyer=Buyer(
            user_id=customer.user_id,
            email="",
            first_name=customer.first_name,
            last_name=customer.last_name,
            language=customer.language,
        ),
        total=NOTHING,
        subtotal=NOTHING,
        subtotal_net=NOTHING,
        shipping=NOTHING,
        charged=NOTHING,
        refunded=NOTHING,
        weight_grams=known.get("weight_grams"),
        lines=tuple(
            OrderLine(product_id=product_id, product_name=name, category=category, quantity=1)
            for product_id, name, category in row.products
        ),
    )
