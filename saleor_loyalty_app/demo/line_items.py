"""Makes order lines and promises stock to them."""

import uuid
from decimal import Decimal

from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.money import ZERO
from saleor_loyalty_app.demo.order_records import Order, OrderLine


class InsufficientStock(Exception):
    """There is not enough of a variant. Not caught by the API, so it becomes a top-level error there."""


def make_line(order: Order, variant: Variant, quantity: int, *, price: Decimal | None = None) -> OrderLine:
    """A line for an order (not yet added to it); `price` overrides the catalogue's, 0 included."""
    listed = variant.prices.get(order.channel.slug, ZERO)
    base = listed if price is None else price
    taxes = variant.tax_class if order.channel.charge_taxes and not order.tax_exemption else None
    return OrderLine(
        pk=_line_key(order),
        order=order,
        variant=variant,
        variant_key=variant.pk,
        product_name=variant.product.name,
        variant_name=variant.name,
        product_sku=variant.sku,
        quantity=quantity,
        base_price=base,
        undiscounted_price=base,
        entered_total=base * quantity,
        tax_rate=taxes.rates.get(order.country, ZERO) if taxes else ZERO,
        tax_class=taxes,
        is_price_overridden=price is not None,
    )


def _line_key(order: Order) -> str:
    """A key that follows from the order's, so that a shop with a seed is the same each time."""
    order.lines_made += 1
    return str(uuid.uuid5(uuid.UUID(order.pk), str(order.lines_made)))


def make_promotion_gift(order: Order, variant: Variant, *, at_checkout: bool) -> OrderLine:
    """The gift line of an order promotion. One that an edit adds has no stock promised and no list price."""
    line = make_line(order, variant, 1, price=ZERO)
    line.is_gift = True
    line.is_price_overridden = False if at_checkout else None
    if at_checkout:
        line.undiscounted_price = variant.prices.get(order.channel.slug, ZERO)
        allocate([line])
    return line


def allocate(lines: list[OrderLine]) -> None:
    """Promise stock to lines, each from one warehouse that ships to the order's country; all or nothing.

    Raises InsufficientStock with the words of Saleor.
    """
    for line in lines:
        variant = line.variant
        if variant is None or not variant.track_inventory:
            continue
        able = (each for each in variant.stock if each.warehouse.serves(line.order.country))
        stock = next((each for each in able if each.free >= line.quantity), None)
        if stock is None:
            for each in lines:
                each.release()
            raise InsufficientStock(f"Insufficient stock for {variant.sku or variant.product.name}")
        stock.quantity_allocated += line.quantity
        line.allocated = [(stock, line.quantity)]
