"""Filters and sorts orders and customers for lists. Sorted lists are kept until something changes."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from saleor_loyalty_app.demo.api.paging import Row
from saleor_loyalty_app.demo.ids import local_key
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people_records import User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

Test = Callable[[Any], bool]


def sorted_orders(shop: "Shop", where: dict[str, Any], field: str, *, descending: bool) -> list[Row]:
    """Orders (never drafts) that pass a `where`, sorted by a field of OrderSortField."""
    key = _ORDER_KEYS.get(field, _ORDER_KEYS["NUMBER"])
    passes = _test_for(where, _order_tests)

    def make() -> list[Row]:
        book = shop.orders.by_key.values()
        return [Row(key(each), each) for each in book if each.status != "DRAFT" and passes(each)]

    return _kept(shop, ("orders", shop.orders.revision, where, field), descending, make)


def sorted_customers(shop: "Shop", where: dict[str, Any], field: str, *, descending: bool) -> list[Row]:
    """Customers who pass a `where`, sorted by a field of UserSortField. Staff who bought are customers too."""
    key = _USER_KEYS.get(field, _USER_KEYS["EMAIL"])
    passes = _test_for(where, _user_tests)

    def make() -> list[Row]:
        buyers = {order.user.pk for order in shop.orders.by_key.values() if order.user and order.user.is_staff}
        people = shop.customers.by_key.values()
        return [Row(key(each), each) for each in people if (not each.is_staff or each.pk in buyers) and passes(each)]

    revision = shop.customers.revision + shop.orders.revision
    return _kept(shop, ("customers", revision, where, field), descending, make)


def _kept(
    shop: "Shop", wanted: tuple[str, int, dict[str, Any], str], descending: bool, make: Callable[[], list[Row]]
) -> list[Row]:
    """The list as it was sorted last, as long as nothing changed: a backfill asks for it page by page."""
    name = wanted[0]
    key = json.dumps([wanted, descending], default=str, sort_keys=True)
    kept = shop.sorted_lists.get(name)
    if kept is not None and kept[0] == key:
        return kept[1]
    rows = sorted(make(), key=lambda row: row.key, reverse=descending)
    shop.sorted_lists[name] = (key, rows)
    return rows


_ORDER_KEYS: dict[str, Callable[[Order], tuple[Any, ...]]] = {
    "NUMBER": lambda order: (order.number_value,),
    "CREATED_AT": lambda order: (order.created, order.status.lower(), order.number_value),
    "CREATION_DATE": lambda order: (order.created, order.status.lower(), order.number_value),
    "LAST_MODIFIED_AT": lambda order: (order.updated_at, order.status.lower(), order.number_value),
    "STATUS": lambda order: (order.status.lower(), order.number_value),
}
_USER_KEYS: dict[str, Callable[[User], tuple[Any, ...]]] = {
    "EMAIL": lambda user: (user.email,),
    "FIRST_NAME": lambda user: (user.first_name, user.last_name, user.pk),
    "LAST_NAME": lambda user: (user.last_name, user.first_name, user.pk),
    "CREATED_AT": lambda user: (user.date_joined, user.pk),
    "LAST_MODIFIED_AT": lambda user: (user.updated_at, user.pk),
}


def _test_for(where: dict[str, Any], tests: Callable[[dict[str, Any]], Iterable[Test]]) -> Test:
    """One test out of a `where`, made once and put to every row."""
    plain = list(tests(where))
    every = [_test_for(part, tests) for part in where.get("AND") or ()]
    either = [_test_for(part, tests) for part in where.get("OR") or ()]

    def passes(thing: Any) -> bool:
        if not all(test(thing) for test in plain) or not all(test(thing) for test in every):
            return False
        return not either or any(test(thing) for test in either)

    return passes


def _order_tests(where: dict[str, Any]) -> Iterable[Test]:
    yield from _time_test(where, "createdAt", lambda order: order.created)
    yield from _time_test(where, "updatedAt", lambda order: order.updated_at)
    yield from _one_of(where, "userEmail", lambda order: order.user_email)
    yield from _one_of(where, "status", lambda order: order.status)
    yield from _one_of(where, "user", lambda order: order.user.id if order.user else None)
    yield from _one_of(where, "channelId", lambda order: order.channel.id)
    yield from _one_of(where, "number", lambda order: order.number_value)
    if where.get("ids") is not None:
        keys = {local_key(each, "Order") for each in where["ids"]}
        yield lambda order: order.pk in keys


def _user_tests(where: dict[str, Any]) -> Iterable[Test]:
    yield from _time_test(where, "dateJoined", lambda user: user.date_joined)
    yield from _time_test(where, "updatedAt", lambda user: user.updated_at)
    yield from _one_of(where, "email", lambda user: user.email)
    if where.get("ids") is not None:
        keys = {local_key(each, "User") for each in where["ids"]}
        yield lambda user: str(user.pk) in keys


def _time_test(where: dict[str, Any], name: str, read: Callable[[Any], datetime]) -> Iterable[Test]:
    bounds = where.get(name)
    if bounds:
        least, most = bounds.get("gte"), bounds.get("lte")
        yield lambda thing: (least is None or read(thing) >= least) and (most is None or read(thing) <= most)


def _one_of(where: dict[str, Any], name: str, read: Callable[[Any], Any]) -> Iterable[Test]:
    wanted = where.get(name)
    if wanted:
        values = set(wanted.get("oneOf") or ()) | ({wanted["eq"]} if wanted.get("eq") is not None else set())
        yield lambda thing: read(thing) in values
