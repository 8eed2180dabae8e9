"""Webhooks of the demo shop: what fires, in which shape, signed how, tried again when."""

import json
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from demo_house import House, furnish
from demo_receiver import Receiver, webhook_of

from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.demo.orders import ImportedOrder
from saleor_loyalty_app.demo.running import running_shop

PAID = ["OrderCreated", "OrderFullyPaid", "OrderUpdated"]
RECORDINGS = Path(__file__).parent.parent / "recordings"


def act(name: str) -> Callable[[House], Any]:
    """An act on a paid, unconfirmed order."""
    acts: dict[str, Callable[[House, Any], Any]] = {
        "part refund": lambda house, order: house.shop.payments.refund(order, Decimal(15)),
        "full refund": lambda house, order: house.shop.payments.refund(order),
        "manual refund": lambda house, order: house.shop.payments.refund_by_hand(order, Decimal(15)),
        "granted refund": lambda house, order: house.shop.payments.grant_refund(order, Decimal(15)),
        "chargeback": lambda house, order: house.shop.payments.charge_back(order),
        "confirm": lambda house, order: house.shop.desk.confirm(order),
        "cancel": lambda house, order: house.shop.desk.cancel(order),
        "note": lambda house, order: house.shop.desk.add_note(order, "hello"),
        "order metadata": lambda house, order: house.shop.desk.write_metadata(order, {"a": "b"}, private=True),
        "gift line": lambda house, order: house.shop.desk.add_lines(order, [(house.gift, 1, Decimal(0), True)]),
        "return": lambda house, order: house.shop.desk.take_back(order),
        "customer update": lambda house, _order: house.shop.customers.update(house.melissa, note="x"),
        "customer confirms": lambda house, _order: house.shop.customers.confirm(house.melissa),
        "customer deletes": lambda house, _order: house.shop.customers.delete_own_account(house.melissa),
        "deactivation": lambda house, _order: house.shop.apps.deactivate(house.app),
        "uninstall": lambda house, _order: house.shop.apps.uninstall(house.app),
    }
    return lambda house: acts[name](house, house.shop.orders.newest())


FIRED = [
    ("part refund", ["OrderRefunded", "OrderUpdated"]),
    ("full refund", ["OrderFullyRefunded", "OrderRefunded", "OrderUpdated"]),
    ("manual refund", ["OrderRefunded", "OrderUpdated"]),
    ("granted refund", []),
    ("chargeback", ["OrderUpdated"]),
    ("confirm", ["OrderConfirmed"]),
    ("cancel", ["OrderCancelled", "OrderUpdated"]),
    ("note", ["OrderUpdated"]),
    ("order metadata", []),
    ("gift line", ["OrderUpdated"]),
    ("return", ["OrderUpdated"]),
    ("customer update", ["CustomerUpdated"]),
    ("customer confirms", ["AccountConfirmed", "CustomerUpdated"]),
    ("customer deletes", ["AccountDeleted"]),
    ("deactivation", ["AppStatusChanged"]),
    ("uninstall", ["AppDeleted"]),
]


@pytest.mark.parametrize(("name", "expected"), FIRED, ids=[each[0] for each in FIRED])
def test_an_act_fires_what_was_recorded(house: House, name: str, expected: list[str]) -> None:
    house.place()
    house.arrived()
    act(name)(house)
    assert house.arrived() == expected


def test_a_paid_order_fires_created_paid_updated_and_where_it_confirms_itself_confirmed(house: House) -> None:
    house.place(careful=True)
    assert house.arrived() == PAID
    house.place(careful=False)
    assert house.arrived() == sorted([*PAID, "OrderConfirmed"])


def test_an_unpaid_order_is_called_confirmed_though_it_is_not(house: House) -> None:
    order = house.place(careful=False, paid=False)
    assert order.status == "UNCONFIRMED"
    assert house.arrived() == ["OrderConfirmed", "OrderCreated"]


def test_an_unpaid_order_expires_and_names_no_principal(house: House) -> None:
    order = house.place(paid=False)
    house.arrived()
    house.shop.desk.expire(order)
    house.shop.settle()
    assert {each.json["issuingPrincipal"] for each in house.receiver.webhooks} == {None}
    assert house.arrived() == ["OrderExpired", "OrderUpdated"]


def test_fulfilling_line_by_line_says_fulfilled_only_at_the_last(house: House) -> None:
    order = house.place()
    house.shop.desk.confirm(order)
    house.arrived()
    house.shop.desk.fulfil(order, lines=1)
    assert (house.arrived(), order.status) == (["OrderUpdated"], "PARTIALLY_FULFILLED")
    house.shop.desk.fulfil(order)
    assert (house.arrived(), order.status) == (["OrderFulfilled", "OrderUpdated"], "FULFILLED")


def test_an_import_fires_once_for_all_its_orders(house: House) -> None:
    rows = [ImportedOrder(house.shop.now(), f"guest{n}@example.com", [(house.tee, 1)], house.channel) for n in range(3)]
    orders = house.shop.orders.bulk_import(rows)
    house.shop.settle()
    (only,) = house.receiver.webhooks
    assert only.json["orders"] == [{"id": order.id} for order in orders]


def test_a_draft_becomes_an_order_by_staffs_hand(house: House) -> None:
    draft = house.shop.orders.draft([(house.tee, 1)], channel=house.channel, customer=house.melissa, by=house.admin)
    assert house.arrived() == []
    house.shop.orders.complete_draft(draft, by=house.admin)
    house.shop.settle()
    assert {each.json["issuingPrincipal"]["__typename"] for each in house.receiver.webhooks} == {"User"}
    assert house.arrived() == ["OrderConfirmed", "OrderCreated"]


def test_a_guest_with_a_members_address_gets_the_members_order_and_names_nobody(house: House) -> None:
    order = house.place(email="Melissa.Sanders@example.com")
    house.shop.settle()
    assert order.user is house.melissa
    assert house.receiver.webhooks[0].json["issuingPrincipal"] is None


def test_the_apps_own_mutation_comes_back_with_the_app_as_principal(house: House) -> None:
    order = house.place()
    house.arrived()
    house.data('mutation($o:ID!){orderNoteAdd(order:$o,input:{message:"x"}){errors{code}}}', {"o": order.id})
    house.shop.settle()
    (only,) = house.receiver.webhooks
    assert only.json["issuingPrincipal"] == {"__typename": "App", "id": house.app.id}
    assert only.json["recipient"] == {"id": house.app.id}


def test_unchanged_metadata_fires_nothing(house: House) -> None:
    house.shop.customers.write_metadata(house.melissa, {"a": "1"}, private=True, by=house.app)
    assert house.arrived() == ["CustomerUpdated"]
    house.shop.customers.write_metadata(house.melissa, {"a": "1"}, private=True, by=house.app)
    assert house.arrived() == []


def test_a_delivery_has_the_recorded_headers_and_form(house: House) -> None:
    order = house.place()
    house.shop.settle()
    sent = next(each for each in house.receiver.webhooks if each.json["__typename"] == "OrderCreated")
    record = json.loads((RECORDINGS / "order-created.json").read_text())
    recorded = {name.lower() for name, _ in record["headers"]} if isinstance(record["headers"], list) else None
    recorded = recorded or {name.lower() for name in record["headers"]}
    assert {name.lower() for name in sent.headers} == recorded
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["saleor-event"] == headers["x-saleor-event"] == "order_created"
    assert headers["saleor-api-url"] == house.api_url
    assert headers["host"] == "127.0.0.1"
    assert headers["user-agent"] == "Saleor/3.23"
    assert sent.json["order"] == {"id": order.id}
    assert sent.body.startswith(b'{"__typename": "OrderCreated", "issuedAt": "')
    assert sent.body.decode("ascii")


def test_a_signature_verifies_with_the_published_key_and_fails_when_tampered_with(house: House) -> None:
    house.place()
    house.shop.settle()
    sent = house.receiver.webhooks[0]
    (key,) = requests.get(house.api_url.replace("/graphql/", "/.well-known/jwks.json"), timeout=30).json()["keys"]
    signature = sent.headers["Saleor-Signature"]
    decoded = jwt.api_jws.decode_complete(signature, jwt.PyJWK(key), algorithms=["RS256"], detached_payload=sent.body)
    assert decoded["header"] == {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": key["kid"], "typ": "JWT"}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.api_jws.decode(signature, jwt.PyJWK(key), algorithms=["RS256"], detached_payload=sent.body + b" ")
    assert set(key) == {"kty", "key_ops", "n", "e", "use", "kid", "alg"}


def test_after_a_rotation_only_the_new_key_is_published(house: House) -> None:
    before = house.shop.keys.jwks()
    house.shop.keys.rotate()
    assert house.shop.keys.jwks()["keys"][0]["kid"] != before["keys"][0]["kid"]


def test_a_failing_receiver_is_tried_again_with_the_same_bytes(house: House) -> None:
    house.receiver.answers = [500, 503]
    house.shop.desk.add_note(house.place(items=[(house.tee, 1)], paid=False), "x")
    house.shop.settle()
    bodies = [each.body for each in house.receiver.webhooks]
    assert len(bodies) == len(set(bodies)) + 2
    traces = {each.headers["Traceparent"] for each in house.receiver.webhooks}
    assert len(traces) == len(bodies)


def test_five_retries_and_no_more_then_it_is_listed_as_failed(house: House) -> None:
    order = house.place()
    house.arrived()
    house.receiver.answers = [500] * 6
    house.shop.desk.confirm(order)
    assert house.arrived() == ["OrderConfirmed"] * 6
    attempts = "attempts(first:9){edges{node{responseStatusCode}}}"
    query = "{app{webhooks{name eventDeliveries(first:5){edges{node{status eventType " + attempts + "}}}}}}"
    webhooks = house.data(query)["app"]["webhooks"]
    failed = [edge["node"] for webhook in webhooks for edge in webhook["eventDeliveries"]["edges"]]
    assert [(each["status"], each["eventType"]) for each in failed] == [("FAILED", "ORDER_CONFIRMED")]
    assert [edge["node"]["responseStatusCode"] for edge in failed[0]["attempts"]["edges"]] == [500] * 6


@pytest.mark.parametrize("code", [302, 400, 401, 404, 429])
def test_an_answer_of_3xx_or_4xx_is_never_tried_again(house: House, code: int) -> None:
    order = house.place()
    house.arrived()
    house.receiver.answers = [code]
    house.shop.desk.confirm(order)
    assert house.arrived() == ["OrderConfirmed"]
    assert len(house.shop.deliveries.failed) == 1


def test_the_payload_shows_the_order_as_it_is_when_it_is_sent(house: House) -> None:
    query = "subscription{event{__typename ...on OrderCreated{order{id status}}}}"
    house.shop.apps.add_webhook(
        house.app, name="late", target_url=f"{house.receiver.url}/hook", query=query, events=("ORDER_CREATED",)
    )
    with house.shop.lock:
        order = house.place()
        house.shop.desk.confirm(order)
    house.shop.settle()
    late = next(each for each in house.receiver.webhooks if "issuedAt" not in each.json)
    assert late.json["order"]["status"] == "UNFULFILLED"


def test_the_payload_of_an_order_that_is_gone_has_none(house: House) -> None:
    query = "subscription{event{__typename ...on DraftOrderCreated{order{id}}}}"
    house.shop.apps.add_webhook(
        house.app, name="drafts", target_url=f"{house.receiver.url}/hook", query=query, events=()
    )
    with house.shop.lock:
        draft = house.shop.orders.draft([(house.tee, 1)], channel=house.channel, customer=house.melissa)
        house.shop.orders.delete_draft(draft)
    house.shop.settle()
    assert [each.json for each in house.receiver.webhooks] == [{"__typename": "DraftOrderCreated", "order": None}]


@pytest.mark.parametrize("asked", ["id email", "id email firstName note metadata{key}"])
def test_a_deleted_customer_is_named_as_long_as_nothing_private_is_asked(house: House, asked: str) -> None:
    listen_to_deletion(house, asked)
    house.shop.customers.delete(house.melissa, by=house.admin)
    house.shop.settle()
    assert house.receiver.webhooks[0].json["user"]["email"] == "melissa.sanders@example.com"


def test_asking_for_a_deleted_customers_private_metadata_loses_the_customer(house: House) -> None:
    listen_to_deletion(house, "id email privateMetadata{key}")
    house.shop.customers.delete(house.melissa, by=house.admin)
    house.shop.settle()
    body = house.receiver.webhooks[0].json
    assert body["user"] is None
    assert body["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def listen_to_deletion(house: House, asked: str) -> None:
    query = "subscription{event{__typename ...on CustomerDeleted{user{" + asked + "}}}}"
    create = "mutation($i:WebhookCreateInput!){webhookCreate(input:$i){webhook{id} errors{field code message}}}"
    wanted = {"name": "deleted", "targetUrl": f"{house.receiver.url}/hook", "query": query}
    assert house.data(create, {"i": wanted})["webhookCreate"]["errors"] == []


def test_what_happens_while_the_app_is_inactive_is_never_told(house: House) -> None:
    house.shop.apps.deactivate(house.app)
    house.place()
    house.shop.apps.activate(house.app)
    assert house.arrived() == ["AppStatusChanged", "AppStatusChanged"]


def test_an_app_without_the_permission_is_silently_not_told(house: House) -> None:
    house.shop.apps.set_permissions(house.app, frozenset(["MANAGE_USERS"]))
    house.place()
    assert house.arrived() == []


@pytest.fixture
def old_shop(receiver: Receiver) -> Iterator[Any]:
    with running_shop(version="3.23.4") as demo:
        yield demo


def test_before_3_23_5_an_app_is_not_told_of_its_own_end(old_shop: Any, receiver: Receiver) -> None:
    app = old_shop.shop.apps.install(receiver.manifest_url)
    old_shop.shop.apps.deactivate(app)
    old_shop.shop.apps.uninstall(app)
    old_shop.shop.settle()
    assert receiver.events == []


def test_3_22_makes_payloads_at_once(receiver: Receiver) -> None:
    receiver.manifest["webhooks"] = [
        {**webhook_of(receiver, "OrderCreated"), "query": "subscription{event{...on OrderCreated{order{status}}}}"}
    ]
    with running_shop(version="3.22.67") as demo:
        things = furnish(demo.shop)
        demo.shop.apps.install(receiver.manifest_url)
        with demo.shop.lock:
            order = demo.shop.orders.place([(things["tee"], 1)], channel=things["careful"], email="a@example.com")
            demo.shop.desk.confirm(order)
        demo.shop.settle()
    assert receiver.webhooks[0].json == {"order": {"status": "UNCONFIRMED"}}


def test_mischief_doubles_and_shuffles_and_is_the_same_for_the_same_seed(house: House) -> None:
    house.shop.fate.change(Mischief(seed=3, duplicate_rate=1.0, shuffle=True))
    order = house.place()
    assert house.arrived() == sorted(PAID * 2)
    first = [Mischief(seed=5, shuffle=True)] * 2
    draws = []
    for mischief in first:
        house.shop.fate.change(mischief)
        draws.append([house.shop.fate.delivery_delay_seconds() for _ in range(5)])
    assert draws[0] == draws[1]
    assert order.status == "UNCONFIRMED"


def test_a_silent_receiver_is_tried_again(house: House) -> None:
    order = house.place()
    house.arrived()
    webhook = next(each for each in house.app.webhooks if each.name == "OrderConfirmed")
    webhook.target_url = "http://127.0.0.1:9/closed"
    house.shop.desk.confirm(order)
    house.shop.settle()
    (failed,) = house.shop.deliveries.failed
    assert [each.response_status_code for each in failed.tries] == [None] * 6
    assert threading.active_count() < 50
