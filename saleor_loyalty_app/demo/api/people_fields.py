"""Answers about customers, addresses and what happened to them."""

from typing import Any

from saleor_loyalty_app.demo.api.order_search import sorted_customers
from saleor_loyalty_app.demo.api.paging import page
from saleor_loyalty_app.demo.api.registry import Info, answers, request_of
from saleor_loyalty_app.demo.countries import COUNTRY_NAMES
from saleor_loyalty_app.demo.events import Happening
from saleor_loyalty_app.demo.ids import local_key
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people_records import Address, User


@answers("Query.user")
def user(_root: Any, info: Info, **arguments: Any) -> User | None:
    """One user, by id or by e-mail."""
    request = request_of(info)
    request.caller.need("MANAGE_STAFF", "MANAGE_USERS", "MANAGE_ORDERS")
    people = request.shop.customers
    if arguments.get("id") is not None:
        key = local_key(arguments["id"], "User")
        return people.by_key.get(int(key)) if key.isdigit() else None
    return people.by_email.get(str(arguments.get("email")).lower())


@answers("Query.customers")
def customers(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of customers; without a wish, by e-mail."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS", "MANAGE_USERS")
    sort = arguments.get("sortBy") or {"field": "EMAIL", "direction": "ASC"}
    descending = sort["direction"] == "DESC"
    rows = sorted_customers(request.shop, arguments.get("where") or {}, sort["field"], descending=descending)
    return page(rows, "customers", arguments, descending=descending)


@answers("Query.me")
def me(_root: Any, info: Info) -> User | None:
    """The user who asks."""
    caller = request_of(info).caller
    caller.raise_problem()
    return caller.user


@answers("User.note")
def user_note(user: User, info: Info) -> str:
    """What staff wrote about them. A deleted user's is shown without asking."""
    if not user.deleted:
        request_of(info).caller.need("MANAGE_USERS", "MANAGE_STAFF")
    return user.note


@answers("Address.country")
def address_country(address: Address, _info: Info) -> dict[str, str]:
    """Code and name."""
    return country(address.country_code)


def country(code: str) -> dict[str, str]:
    """A country as CountryDisplay."""
    return {"code": code, "country": COUNTRY_NAMES.get(code, code)}


@answers("Subscription.event")
def event(_root: Any, info: Info) -> Happening:
    """What a payload is made of."""
    happening: Happening = request_of(info).happening
    return happening


_ORDER_TYPES = [
    "OrderCreated",
    "OrderUpdated",
    "OrderConfirmed",
    "OrderPaid",
    "OrderFullyPaid",
    "OrderRefunded",
    "OrderFullyRefunded",
    "OrderFulfilled",
    "OrderCancelled",
    "OrderExpired",
    "OrderMetadataUpdated",
    "DraftOrderCreated",
    "DraftOrderUpdated",
    "DraftOrderDeleted",
    "FulfillmentCreated",
    "FulfillmentApproved",
    "FulfillmentCanceled",
]
_EVENT_TYPES = (
    *_ORDER_TYPES, "OrderBulkCreated", "CustomerCreated", "CustomerUpdated", "CustomerDeleted",
    "CustomerMetadataUpdated", "AccountConfirmed", "AccountDeleted", "AppInstalled", "AppUpdated", "AppDeleted",
    "AppStatusChanged",
)  # fmt: skip


@answers(*(f"{name}.order" for name in _ORDER_TYPES))
def event_order(happening: Happening, info: Info) -> Order | None:
    """The order as it is now; None when it is gone."""
    return request_of(info).shop.orders.by_key.get(happening.order_keys[0])


@answers("OrderBulkCreated.orders")
def event_orders(happening: Happening, info: Info) -> list[Order]:
    """All orders of an import."""
    book = request_of(info).shop.orders.by_key
    return [book[key] for key in happening.order_keys if key in book]


@answers(*(f"{name}.recipient" for name in _EVENT_TYPES))
def event_recipient(_happening: Happening, info: Info) -> Any:
    """The app that is told."""
    return request_of(info).caller.app


@answers(*(f"{name}.version" for name in _EVENT_TYPES))
def event_version(_happening: Happening, info: Info) -> str:
    """The shop's version."""
    return request_of(info).shop.version
