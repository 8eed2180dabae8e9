"""What an order costs, and what an edit does to it.

An edit re-prices the whole order: promotions that started or ended, a deleted voucher, a voucher for
the cheapest line, changed tax rates all show only then, and taking the edited line out again does not
bring the old total back.
"""

from datetime import datetime
from decimal import Decimal

from saleor_loyalty_app.demo.catalogue_records import Promotion, Variant, Voucher
from saleor_loyalty_app.demo.money import ZERO, Money, TaxedMoney, rounded, taxed
from saleor_loyalty_app.demo.order_records import Discount, Order, OrderLine


def line_total(line: OrderLine) -> TaxedMoney:
    """What a line costs after discounts."""
    channel = line.order.channel
    return taxed(
        line.entered_total,
        rate=line.tax_rate,
        entered_with_tax=channel.prices_entered_with_tax,
        currency=channel.currency_code,
    )


def per_unit(line: OrderLine, entered: Decimal) -> TaxedMoney:
    """A unit price of a line, with its tax."""
    channel = line.order.channel
    return taxed(
        entered, rate=line.tax_rate, entered_with_tax=channel.prices_entered_with_tax, currency=channel.currency_code
    )


def shipping(order: Order) -> TaxedMoney:
    """What shipping costs; the demo shop taxes it not at all."""
    entered = rounded(order.shipping_entered, order.channel.currency_code)
    money = Money(entered, order.channel.currency_code)
    return TaxedMoney(money, money)


def subtotal(order: Order) -> TaxedMoney:
    """All lines together, after discounts."""
    totals = [line_total(line) for line in order.lines]
    currency = order.channel.currency_code
    gross = rounded(sum((total.gross.amount for total in totals), ZERO), currency)
    net = rounded(sum((total.net.amount for total in totals), ZERO), currency)
    return TaxedMoney(Money(gross, currency), Money(net, currency))


def total(order: Order) -> TaxedMoney:
    """What is left to pay by money: lines and shipping, less what gift cards covered."""
    goods, parcel = subtotal(order), shipping(order)
    currency = order.channel.currency_code
    gross = max(ZERO, goods.gross.amount + parcel.gross.amount - order.card_amount)
    net = max(ZERO, goods.net.amount + parcel.net.amount - order.card_amount)
    return TaxedMoney(Money(rounded(gross, currency), currency), Money(rounded(net, currency), currency))


def undiscounted_total(order: Order) -> TaxedMoney:
    """Lines and shipping at list price, before vouchers, promotions and gift cards."""
    currency = order.channel.currency_code
    sides = [per_unit(line, line.undiscounted_price * line.quantity) for line in order.lines]
    gross = sum((side.gross.amount for side in sides), order.undiscounted_shipping)
    net = sum((side.net.amount for side in sides), order.undiscounted_shipping)
    return TaxedMoney(Money(rounded(gross, currency), currency), Money(rounded(net, currency), currency))


def charge_status(order: Order) -> str:
    """What Saleor's stored charge status becomes when it is computed anew."""
    due = total(order).gross.amount - order.granted
    if order.charged <= 0 < due:
        return "NONE"
    if order.charged < due:
        return "PARTIAL"
    return "FULL" if order.charged == due else "OVERCHARGED"


def price_at_checkout(order: Order, promotions: list[Promotion], now: datetime) -> Variant | None:
    """Put the voucher or the best running promotion on a new order; returns a promotion's gift still to be added."""
    if order.voucher is not None:
        order.discounts.append(_voucher_discount(order, order.voucher))
    return reprice(order, promotions, now)


def reprice(order: Order, promotions: list[Promotion], now: datetime) -> Variant | None:
    """Price an order anew, as every edit does; returns a promotion's gift that is not in the order yet."""
    gift = None
    _refresh_taxes(order)
    if order.voucher_code is None and not any(each.type == "MANUAL" for each in order.discounts):
        gift = _apply_promotion(order, promotions, now)
    elif order.voucher_code is not None:
        _move_voucher(order)
    _spread_discounts(order)
    return gift


def _refresh_taxes(order: Order) -> None:
    for line in order.lines:
        if line.tax_class is not None:
            line.tax_rate = line.tax_class.rates.get(order.country, ZERO)


def _base_subtotal(order: Order) -> Decimal:
    return sum((line.base_total for line in order.lines if not line.is_gift), ZERO)


def _eligible(order: Order, voucher: Voucher) -> list[OrderLine]:
    lines = [line for line in order.lines if not line.is_gift]
    return [line for line in lines if not voucher.variants or line.variant in voucher.variants]


def _cheapest(lines: list[OrderLine]) -> OrderLine | None:
    return min(lines, key=lambda line: line.undiscounted_price, default=None)


def _voucher_discount(order: Order, voucher: Voucher) -> Discount:
    lines = _eligible(order, voucher)
    line = _cheapest(lines) if voucher.apply_once_per_order else None
    if voucher.type == "SHIPPING":
        base = order.undiscounted_shipping
    elif line is not None:
        base = line.base_price
    else:
        base = sum((each.base_total for each in lines), ZERO)
    amount = base * voucher.value if voucher.percentage else min(base, voucher.value)
    amount = rounded(amount, order.channel.currency_code)
    if voucher.type == "SHIPPING":
        order.shipping_entered = order.undiscounted_shipping - amount
    return Discount(
        pk=order.number_value, type="VOUCHER", value_type="FIXED", value=amount, amount_value=amount, line=line
    )


def _move_voucher(order: Order) -> None:
    """A deleted voucher gives nothing any more; one for the cheapest line moves to the cheapest line of now."""
    for discount in [each for each in order.discounts if each.type == "VOUCHER"]:
        if order.voucher is None:
            discount.amount_value = ZERO
        elif order.voucher.apply_once_per_order:
            if discount.line not in order.lines:
                order.discounts.remove(discount)
                continue
            discount.line = _cheapest(_eligible(order, order.voucher))
            base = discount.line.base_price if discount.line else ZERO
            discount.amount_value = min(discount.value, base)


def _apply_promotion(order: Order, promotions: list[Promotion], now: datetime) -> Variant | None:
    order.discounts = [each for each in order.discounts if each.type != "ORDER_PROMOTION"]
    base = _base_subtotal(order)
    running = [each for each in promotions if each.runs(now, order.channel.slug) and base >= each.minimum_subtotal]
    gift = next((each.gift for each in running if each.gift is not None), None)
    share = max((each.share for each in running if each.share is not None), default=None)
    if gift is None:
        order.lines = [line for line in order.lines if not line.is_gift]
    if share is not None and gift is None:
        amount = rounded(base * share, order.channel.currency_code)
        order.discounts.append(
            Discount(order.number_value, "ORDER_PROMOTION", "PERCENTAGE", share * 100, amount_value=amount)
        )
    return None if any(line.is_gift for line in order.lines) else gift


def _spread_discounts(order: Order) -> None:
    """Share the order's discounts among the lines that they are for, the last one taking what rounding left."""
    for line in order.lines:
        line.entered_total = line.base_total
    for discount in order.discounts:
        if order.voucher is not None and order.voucher.type == "SHIPPING":
            continue
        if discount.line is not None:
            lines = [discount.line]
        elif order.voucher is not None:
            lines = _eligible(order, order.voucher)
        else:
            lines = [line for line in order.lines if not line.is_gift]
        _spread([line for line in lines if line.base_total > 0], discount.amount_value, order.channel.currency_code)


def _spread(lines: list[OrderLine], amount: Decimal, currency: str) -> None:
    base = sum((line.base_total for line in lines), ZERO)
    left = min(amount, base)
    for position, line in enumerate(lines, start=1):
        share = left if position == len(lines) else rounded(line.base_total * amount / base, currency)
        line.entered_total = max(ZERO, line.base_total - share)
        left -= share
