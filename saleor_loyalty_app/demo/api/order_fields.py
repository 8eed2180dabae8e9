"""Answers about orders, their lines and their history."""

from typing import Any

from graphql import GraphQLError, OperationType

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.api import metadata  # noqa: F401 - it registers its answers
from saleor_loyalty_app.demo.api.errors import PermissionDenied, WrongEnumValue
from saleor_loyalty_app.demo.api.order_search import sorted_orders
from saleor_loyalty_app.demo.api.paging import page
from saleor_loyalty_app.demo.api.registry import Info, answers, request_of
from saleor_loyalty_app.demo.ids import global_id, local_key
from saleor_loyalty_app.demo.money import Money, TaxedMoney
from saleor_loyalty_app.demo.order_records import Note, Order, OrderLine
from saleor_loyalty_app.demo.people_records import User


@answers("Query.order")
def order(_root: Any, info: Info, **arguments: Any) -> Order | None:
    """One order, for everybody who knows its id."""
    shop = request_of(info).shop
    if arguments.get("id") is not None:
        return shop.orders.by_key.get(local_key(arguments["id"], "Order"))
    request_of(info).caller.need("MANAGE_ORDERS")
    wanted = arguments.get("externalReference")
    return next((each for each in shop.orders.by_key.values() if wanted and each.external_reference == wanted), None)


@answers("Query.orders")
def orders(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of orders; without a wish, the newest number first."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS")
    if arguments.get("filter") and arguments.get("where"):
        raise GraphQLError("Only one filtering argument (filter or where) can be specified.")
    where = arguments.get("where") or _as_where(arguments.get("filter") or {})
    sort = arguments.get("sortBy") or {"field": "NUMBER", "direction": "DESC"}
    descending = sort["direction"] == "DESC"
    rows = sorted_orders(request.shop, where, sort["field"], descending=descending)
    return page(rows, "orders", arguments, descending=descending)


def _as_where(old: dict[str, Any]) -> dict[str, Any]:
    """The older `filter` in the words of `where`; only its time of change is supported."""
    return {"updatedAt": old["updatedAt"]} if old.get("updatedAt") else {}


@answers("Order.user")
def order_user(order: Order, info: Info) -> User | None:
    """Who bought, for those who may know."""
    caller = request_of(info).caller
    if order.user is not None and order.user is caller.user:
        return order.user
    needed = ("MANAGE_USERS", "MANAGE_ORDERS", "HANDLE_PAYMENTS", "HANDLE_TAXES")
    if order.user is not None and not caller.permissions.intersection(needed):
        caller.raise_problem()
        raise PermissionDenied(*needed, "OWNER")
    return order.user


@answers("Order.events")
def order_events(order: Order, info: Info) -> list[Note]:
    """The history, for staff."""
    request_of(info).caller.need("MANAGE_ORDERS")
    return order.notes


@answers("OrderEvent.app")
def event_app(note: Note, _info: Info) -> Any:
    """The app that wrote it, until it is uninstalled."""
    return note.app if note.app and not note.app.deleted else None


@answers("OrderEvent.lines")
def event_lines(note: Note, _info: Info) -> list[dict[str, Any]] | None:
    """What was added or taken out."""
    return [{"quantity": quantity, "itemName": name} for quantity, name in note.lines] or None


@answers("Order.origin")
def order_origin(order: Order, info: Info) -> str:
    """Where it came from. Orders of populatedb have none, which takes a whole list down."""
    if request_of(info).shop.orders_without_origin and "edges" in info.path.as_list():
        raise WrongEnumValue('Expected a value of type "OrderOriginEnum" but received: ')
    return order.origin


@answers("Order.total", "Order.subtotal", "Order.shippingPrice", "Order.undiscountedTotal")
def order_prices(order: Order, info: Info) -> TaxedMoney:
    """What it costs, seen four ways."""
    ways = {
        "total": pricing.total,
        "subtotal": pricing.subtotal,
        "shippingPrice": pricing.shipping,
        "undiscountedTotal": pricing.undiscounted_total,
    }
    return ways[info.field_name](order)


@answers("Order.totalCharged", "Order.totalRefunded", "Order.totalGrantedRefund", "Order.totalAuthorized")
def order_money(order: Order, info: Info) -> Money:
    """What was paid and given back."""
    amounts = {
        "totalCharged": order.charged,
        "totalRefunded": order.refunded,
        "totalGrantedRefund": order.granted,
        "totalAuthorized": order.authorized,
    }
    return Money(amounts[info.field_name], order.channel.currency_code)


@answers("Order.totalBalance")
def order_balance(order: Order, info: Info) -> Money:
    """Paid less owed. In a mutation's answer it is that of before the edit."""
    if order.balance_before_edit is not None and info.operation.operation is OperationType.MUTATION:
        return Money(order.balance_before_edit, order.channel.currency_code)
    due = pricing.total(order).gross.amount - order.granted
    return Money(order.charged - due, order.channel.currency_code)


@answers("Order.isPaid")
def order_is_paid(order: Order, info: Info) -> bool:
    """Whether nothing is owed; in a mutation's answer as it was before the edit."""
    if order.balance_before_edit is not None and info.operation.operation is OperationType.MUTATION:
        return order.balance_before_edit + order.granted >= 0
    return order.charged >= pricing.total(order).gross.amount


@answers("Order.paymentStatus")
def order_payment_status(order: Order, _info: Info) -> str:
    """The older words for what was paid."""
    total = pricing.total(order).gross.amount
    if order.charged >= total:
        return "FULLY_CHARGED"
    return "PARTIALLY_CHARGED" if order.charged else "NOT_CHARGED"


@answers("Order.authorizeStatus")
def order_authorize_status(order: Order, _info: Info) -> str:
    """What is paid or promised by the payment provider; a completed draft of nothing has none."""
    covered, total = order.charged + order.authorized, pricing.total(order).gross.amount
    if covered >= total:
        return "FULL" if covered or order.charge_status == "FULL" else "NONE"
    return "PARTIAL" if covered else "NONE"


@answers("Order.isShippingRequired")
def order_ships(order: Order, _info: Info) -> bool:
    """Whether there is a parcel; everything in this shop is a thing."""
    return bool(order.lines)


@answers("Order.languageCodeEnum")
def order_language(order: Order, _info: Info) -> str:
    """The language it was bought in."""
    return order.language_code


@answers("Order.giftCards")
def order_gift_cards(order: Order, _info: Info) -> list[dict[str, str]]:
    """The gift cards that paid a part."""
    return [{"id": global_id("GiftCard", key)} for key in order.card_keys]


@answers("Order.weight")
def order_weight(order: Order, _info: Info) -> dict[str, Any]:
    """What the lines weigh together, in kilograms."""
    kilograms = sum((line.variant.product.weight_kg or 0) * line.quantity for line in order.lines if line.variant)
    return {"unit": "KG", "value": round(float(kilograms), 3)}


@answers("Order.discounts")
def order_discounts(order: Order, _info: Info) -> list[dict[str, Any]]:
    """Discounts on the order."""
    return [
        {
            "id": each.id,
            "type": each.type,
            "valueType": each.value_type,
            "value": float(each.value),
            "amount": Money(each.amount_value, order.channel.currency_code),
        }
        for each in order.discounts
    ]


@answers("OrderLine.unitPrice", "OrderLine.totalPrice", "OrderLine.undiscountedUnitPrice")
def line_prices(line: OrderLine, info: Info) -> TaxedMoney:
    """What a line costs."""
    if info.field_name == "totalPrice":
        return pricing.line_total(line)
    if info.field_name == "unitPrice":
        return pricing.per_unit(line, line.entered_total / (line.quantity or 1))
    return pricing.per_unit(line, line.undiscounted_price)


@answers("OrderLine.variant")
def line_variant(line: OrderLine, info: Info) -> Any:
    """The variant, until it is deleted."""
    return request_of(info).shop.catalogue.variants.get(line.variant_key)


@answers("OrderLine.productVariantId")
def line_variant_id(line: OrderLine, _info: Info) -> str:
    """The variant's id, which outlives it."""
    return global_id("ProductVariant", line.variant_key)


@answers("OrderLine.allocations")
def line_allocations(line: OrderLine, info: Info) -> list[dict[str, Any]]:
    """The stock that is promised to it."""
    request_of(info).caller.need("MANAGE_PRODUCTS", "MANAGE_ORDERS")
    return [
        {"id": global_id("Allocation", stock.pk), "quantity": quantity, "warehouse": stock.warehouse}
        for stock, quantity in line.allocated
    ]


@answers("OrderLine.taxRate")
def line_tax_rate(line: OrderLine, _info: Info) -> float:
    """The rate as a share, to four places."""
    return round(float(line.tax_rate), 4)


@answers("OrderLine.taxClass")
def line_tax_class(line: OrderLine, info: Info) -> Any:
    """The tax class, for apps and staff."""
    request_of(info).caller.need_insider()
    return line.tax_class
