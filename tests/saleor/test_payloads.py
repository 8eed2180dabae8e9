"""What Saleor sends becomes the domain's data: webhook bodies are hints, orders are exact."""

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    APP_ID,
    RECORDINGS,
    event_body,
    global_id,
    line_node,
    order_event,
    order_node,
    recorded_body,
    user_node,
)
from hypothesis import example, given
from hypothesis import strategies as st

from saleor_loyalty_app.domain.orders import Buyer, Worth, order_worth
from saleor_loyalty_app.saleor.events import EVENTS, Event
from saleor_loyalty_app.saleor.payloads import Delivery, NotAnEvent, read_buyer, read_delivery, read_order

# ---- Webhook bodies


def order_of(name: str) -> str:
    return f"order:{json.loads(recorded_body(name))['order']['id']}"


RECORDED = {
    "order-created": (order_of("order-created"),),
    "order-created-guest-non-ascii": (order_of("order-created-guest-non-ascii"),),
    "order-confirmed": (order_of("order-confirmed"),),
    "order-updated": (order_of("order-updated"),),
    "order-cancelled": (order_of("order-cancelled"),),
    "order-expired": (order_of("order-expired"),),
    "order-fulfilled": (order_of("order-fulfilled"),),
    "order-refunded": (order_of("order-refunded"),),
    "order-fully-refunded": (order_of("order-fully-refunded"),),
    "order-bulk-created": tuple(
        f"order:{order['id']}" for order in json.loads(recorded_body("order-bulk-created"))["orders"]
    ),
    "customer-updated": ("customer:VXNlcjo0Nw==",),
    "customer-deleted": (f"erasure:{json.loads(recorded_body('customer-deleted'))['user']['id']}",),
    "account-deleted": ("erasure:VXNlcjo1MQ==",),
    "app-deleted": ("removal:",),
    "app-status-changed-inactive": ("pause:",),
    "app-status-changed-active": ("shop:", "sweep:"),
    "draft-order-created-object-gone": (),
}


@pytest.mark.parametrize(("name", "subjects"), RECORDED.items(), ids=RECORDED)
def test_a_recorded_body_says_what_is_to_be_looked_at(name: str, subjects: tuple[str, ...]) -> None:
    delivery = read_delivery(recorded_body(name))
    assert delivery.subjects == subjects
    assert delivery.name == json.loads(recorded_body(name))["__typename"]
    assert delivery.recipient in {"QXBwOjI=", "QXBwOjg="}
    assert delivery.caused_by_app == (None if name != "draft-order-created-object-gone" else "QXBwOjg=")


def test_most_of_our_events_are_among_the_recordings() -> None:
    recorded = Counter(read_delivery(recorded_body(name)).name for name in RECORDED)
    missing = {event.name for event in EVENTS} - recorded.keys()
    assert missing == {"OrderFullyPaid", "AccountConfirmed"}


@pytest.mark.parametrize("name", ["order-updated-by-the-app", "customer-updated-by-the-app"])
def test_what_the_app_caused_itself_says_so(name: str) -> None:
    assert read_delivery(recorded_body(name)).caused_by_app == "QXBwOjg="


def test_a_payload_of_a_webhook_without_a_query_is_no_event() -> None:
    with pytest.raises(NotAnEvent):
        read_delivery(recorded_body("customer-deleted-without-a-query"))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_event_of_the_table_leads_to_something(event: Event) -> None:
    body = event_body(event.name, order={"id": "o"}, user={"id": "u"}, orders=[{"id": "a"}, {"id": "b"}], app={})
    expected = {"order": ("order:o",), "customer": ("customer:u",), "erasure": ("erasure:u",),
                "shop": ("shop:", "sweep:"), "removal": ("removal:",)}[event.about]  # fmt: skip
    if event.name == "OrderBulkCreated":
        expected = ("order:a", "order:b")
    if event.about in {"customer", "erasure"}:
        body = event_body(event.name, user={"id": "u"})
    assert read_delivery(body).subjects == expected


def test_a_bulk_of_fifty_orders_names_each_once_in_their_order() -> None:
    ids = [global_id("Order", number) for number in range(50)]
    body = event_body("OrderBulkCreated", orders=[{"id": id} for id in [*ids, ids[0], ids[7]]])
    assert read_delivery(body).subjects == tuple(f"order:{id}" for id in ids)


@pytest.mark.parametrize("changes", [{"order": None}, {}, {"order": {}}, {"order": {"id": None}}], ids=str)
def test_an_object_that_is_gone_leads_to_nothing(changes: dict[str, Any]) -> None:
    """A deferred payload whose object is gone comes with null (verified.md W8)."""
    assert read_delivery(event_body("OrderUpdated", **changes)).subjects == ()


def test_a_body_with_errors_beside_it_is_read_as_far_as_it_goes() -> None:
    body = event_body("CustomerDeleted", user=None, errors=[{"message": "PermissionDenied"}])
    assert read_delivery(body).subjects == ()


NOT_EVENTS = {
    "nothing": b"",
    "a word": b"junk",
    "a list": b"[]",
    "a number": b"3",
    "a text": b'"OrderCreated"',
    "null": b"null",
    "no typename": b"{}",
    "typename null": b'{"__typename": null}',
    "typename a list": b'{"__typename": ["OrderCreated"]}',
    "wrapped": b'{"data": {"event": {"__typename": "OrderCreated"}}}',
    "cut off": order_event()[:-1],
    "two bodies": order_event() * 2,
    "not UTF-8": b'{"__typename": "\xff"}',
    "nested 10,000 deep": b"[" * 10_000,
    "objects nested 10,000 deep": b'{"__typename":' * 10_000,
    "a number of 10,000 digits": b'{"__typename": ' + b"9" * 10_000 + b"}",
    "a form": b"__typename=OrderCreated",
    "gzip": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_what_is_no_event_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAnEvent) as wrong:
        read_delivery(body)
    assert str(wrong.value) in {"not JSON", "no event"}


HOSTILE: dict[str, dict[str, Any]] = {
    "an order that is a list": {"order": [{"id": "x"}]},
    "an order that is a text": {"order": "T3JkZXI6MQ=="},
    "an order that is a number": {"order": 1},
    "an id that is a list": {"order": {"id": ["x"]}},
    "an id that is a number": {"order": {"id": 12345}},
    "an id that is an object": {"order": {"id": {"id": "x"}}},
    "an empty id": {"order": {"id": ""}},
    "a huge id": {"order": {"id": "x" * 201}},
    "a very huge id": {"order": {"id": "x" * 1_000_000}},
    "an id with a zero byte": {"order": {"id": "T3JkZXI6\x00MQ=="}},
    "an id with a surrogate": {"order": {"id": "\ud800"}},
    "an id beyond ASCII": {"order": {"id": "Öffnung"}},
    "an id with a line break": {"order": {"id": "x\ny"}},
    "an id of spaces": {"order": {"id": "   "}},
    "an app that is a list": {"app": [{"isActive": False}]},
    "an app that is a text": {"app": "App:8"},
    "an app that is a number": {"app": 8},
    "an app that is true": {"app": True},
    "orders that are an object": {"orders": {"id": "x"}},
    "orders of junk": {"orders": [None, 1, "x", [], {"id": None}, {"id": 5}, [{"id": "x"}]]},
    "a recipient that is a list": {"recipient": [{"id": "x"}]},
    "a recipient that is a text": {"recipient": "QXBwOjg="},
    "a principal that is a list": {"issuingPrincipal": ["App"]},
    "a principal that is a text": {"issuingPrincipal": "App"},
    "a principal without an id": {"issuingPrincipal": {"__typename": "App"}},
    "a principal of no kind": {"issuingPrincipal": {"__typename": ["App"], "id": "x"}},
    "the wrong object": {"user": {"id": "x"}, "product": {"id": "y"}},
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_shape_leads_to_nothing_harmful(event: Event, changes: dict[str, Any]) -> None:
    delivery = read_delivery(event_body(event.name, **changes))
    assert_harmless(delivery)


def assert_harmless(delivery: Delivery) -> None:
    for subject in delivery.subjects:
        about, _, id = subject.partition(":")
        assert about in {"order", "customer", "erasure", "shop", "sweep", "pause", "removal"}
        assert len(subject) <= 220
        assert id == "" or (id.isascii() and id.isprintable() and " " not in id)
    assert len(delivery.name) <= 60
    assert delivery.recipient is None or len(delivery.recipient) <= 200


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "isActive", "__typename", "order", "orders", "user", "app", "x"]), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip
FIELDS = st.sampled_from(["order", "orders", "user", "app", "recipient", "issuingPrincipal", "errors"])


@given(st.sampled_from([event.name for event in EVENTS]), st.dictionaries(FIELDS, ANY_JSON))
@example("AppStatusChanged", {"app": ["isActive"]})
def test_any_json_in_an_event_is_read_or_refused(name: str, fields: dict[str, Any]) -> None:
    assert_harmless(read_delivery(event_body(name, **fields)))


@given(ANY_JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    with suppress(NotAnEvent):
        assert_harmless(read_delivery(json.dumps(value).encode()))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(NotAnEvent):
        read_delivery(body)


def test_what_we_do_not_know_is_said_to_be_of_no_use() -> None:
    delivery = read_delivery(event_body("ProductUpdated" * 20))
    assert (delivery.event, delivery.subjects, len(delivery.name)) == (None, (), 60)
    assert delivery.recipient == APP_ID


# ---- Orders


def read(node: dict[str, Any]) -> Any:
    """As the client reads an answer: JSON without floats."""
    return read_order(json.loads(json.dumps(node), parse_float=Decimal))


def test_an_order_is_read_whole() -> None:
    order = read(order_node(7, total=43.18, giftCards=[{"id": "g"}], original=global_id("Order", 3)))
    assert (order.id, order.number, order.status, order.origin) == (
        global_id("Order", 7),
        "7",
        "UNFULFILLED",
        "CHECKOUT",
    )
    assert order.placed_at == datetime(2026, 6, 15, 11, 59, tzinfo=UTC)
    assert (order.channel, order.currency, order.country, order.language) == ("default-channel", "USD", "US", "EN")
    assert (order.total, order.charged, order.refunded) == (Decimal("43.18"), Decimal("43.18"), 0)
    assert (order.paid_by_gift_card, order.reissue_of, order.weight_grams) == (True, global_id("Order", 3), 400)
    assert order.buyer == Buyer(user_id=global_id("User", 1), email="anna.1@example.com", first_name="Anna",
                                last_name="Nguyen", language="EN", is_staff=False, is_confirmed=True)  # fmt: skip
    (line,) = order.lines
    assert (line.product_id, line.product_name, line.category) == (global_id("Product", 1), "Apple Juice 1", "juices")


AMOUNTS = {
    "two decimals": ("USD", 0.1 + 0.2, Decimal("0.30000000000000004"), 30),
    "no decimals": ("JPY", 1234, Decimal(1234), 1234),
    "three decimals": ("KWD", 1.234, Decimal("1.234"), 1234),
    "a lot of money": ("USD", 99999999.99, Decimal("99999999.99"), 9_999_999_999),
    "a whole number as a float": ("USD", 50.0, Decimal("50.0"), 5000),
}


@pytest.mark.parametrize(("currency", "amount", "exact", "minor"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_are_exact(currency: str, amount: float, exact: Decimal, minor: int) -> None:
    order = read(order_node(total=amount, currency=currency))
    assert order.total == exact
    assert isinstance(order.total, Decimal)
    assert order_worth(order) == Worth(money_minor=minor, card_minor=0)


def test_a_guest_is_known_by_the_e_mail_and_the_name_on_the_bill() -> None:
    order = read(order_node(user=None, userEmail="Guest@example.com", billingAddress={"firstName": "Zoë"}))
    assert order.buyer == Buyer(user_id=None, email="Guest@example.com", first_name="Zoë")


MISSING: dict[str, dict[str, Any]] = {
    "no user and no address": {"user": None, "billingAddress": None, "shippingAddress": None, "userEmail": None},
    "no weight": {"weight": None},
    "no lines": {"lines": []},
    "a variant that was deleted": {"lines": [line_node(variant=None)]},
    "a product without a category": {
        "lines": [line_node(variant={"id": "v", "product": {"id": "p", "category": None}})]
    },
    "no origin": {"origin": None},
    "no language": {"languageCodeEnum": None},
    "a user without a name": {"user": user_node(firstName="", lastName="", languageCode=None)},
}


@pytest.mark.parametrize("changes", MISSING.values(), ids=MISSING)
def test_what_may_be_missing_may_be_missing(changes: dict[str, Any]) -> None:
    assert read(order_node(**changes)).number == "1"


def test_a_node_of_a_list_has_no_origin_and_no_weight() -> None:
    node = order_node()
    del node["origin"], node["weight"]
    order = read(node)
    assert (order.origin, order.weight_grams) == (None, None)


WEIGHTS = {
    "grams": ({"unit": "G", "value": 400}, 400),
    "kilos": ({"unit": "KG", "value": 1.25}, 1250),
    "pounds": ({"unit": "LB", "value": 1}, 453),
    "ounces": ({"unit": "OZ", "value": 10}, 283),
    "an unknown unit": ({"unit": "STONE", "value": 1}, None),
}


@pytest.mark.parametrize(("weight", "grams"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights_are_read_in_grams(weight: dict[str, Any], grams: int | None) -> None:
    assert read(order_node(weight=weight)).weight_grams == grams


@pytest.mark.parametrize(("flag", "anonymized"), [("true", True), ("false", False), (None, False), ("", False)])
def test_the_flag_of_the_anonymiser_is_read(flag: str | None, anonymized: bool) -> None:
    assert read(order_node(anonymized=flag)).anonymized is anonymized


def test_a_gift_of_saleors_is_marked() -> None:
    assert [line.is_gift for line in read(order_node(lines=[line_node(), line_node(2, isGift=True)])).lines] == [
        False, True
    ]  # fmt: skip


def test_a_user_without_an_e_mail_is_known_by_that_of_the_order() -> None:
    buyer = read_buyer(user_node(email=""), email="order@example.com")
    assert buyer == replace(read_buyer(user_node()), email="order@example.com")


def test_recordings_are_small() -> None:
    assert sum(path.stat().st_size for path in RECORDINGS.rglob("*.json")) < 200_000
