"""The handshake by which an app is installed, what is refused, and how it ends."""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from demo_house import House
from demo_receiver import Receiver

from saleor_loyalty_app.demo import tokens
from saleor_loyalty_app.demo.apps import InstallationFailed
from saleor_loyalty_app.demo.running import running_shop
from saleor_loyalty_app.demo.version_range import satisfies


def test_an_installation_fetches_the_manifest_twice_and_the_logo_and_hands_over_a_token(receiver: Receiver) -> None:
    with running_shop() as demo:
        app = demo.shop.apps.install(receiver.manifest_url)
    assert [each["Saleor-Schema-Version"] for each in receiver.manifest_headers] == ["3.23", "3.23"]
    assert {each["Host"] for each in receiver.manifest_headers} == {"127.0.0.1"}
    assert receiver.logo_fetched == 1
    (request,) = receiver.token_requests
    assert request.headers["Saleor-Api-Url"] == demo.api_url
    assert request.headers["Saleor-Domain"] == request.headers["X-Saleor-Domain"] == f"127.0.0.1:{demo.port}"
    assert request.body.startswith(b'{"auth_token": "')
    assert len(receiver.token) == 30
    assert receiver.app_during_token == {"id": app.id, "identifier": "demo.receiver"}
    assert [each.name for each in app.webhooks][:2] == ["OrderCreated", "OrderUpdated"]


def test_3_22_says_so_in_its_header(receiver: Receiver) -> None:
    with running_shop(version="3.22.67") as demo:
        demo.shop.apps.install(receiver.manifest_url)
    assert receiver.manifest_headers[0]["Saleor-Schema-Version"] == "3.22"


CHANGES: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("no name", lambda manifest: manifest.pop("name"), "name: ['Field required']"),
    (
        "another Saleor",
        lambda manifest: manifest.update(requiredSaleorVersion=">=3.24 <4"),
        "requiredSaleorVersion: ['Saleor version 3.23.28 is not supported by the app.']",
    ),
    (
        "unknown permission",
        lambda manifest: manifest["permissions"].append("MANAGE_MOON"),
        "permissions: ['Given permissions don't exist.']",
    ),
    (
        "unknown field",
        lambda manifest: manifest["webhooks"][0].update(query="subscription{event{...on OrderCreated{order{nope}}}}"),
        'webhooks: [\'Subscription query is not valid: Cannot query field "nope" on type "Order".\']',
    ),
    ("no query", lambda manifest: manifest["webhooks"][0].pop("query"), "webhooks: ['Field required']"),
    (
        "extension wants more",
        lambda manifest: manifest["extensions"][0].update(permissions=["MANAGE_APPS"]),
        "extensions: ['Extension permission must be listed in App's permissions.']",
    ),
]


@pytest.mark.parametrize(("change", "message"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_a_bad_manifest_is_refused(receiver: Receiver, change: Callable[[Any], Any], message: str) -> None:
    change(receiver.manifest)
    with running_shop() as demo, pytest.raises(InstallationFailed) as refused:
        demo.shop.apps.install(receiver.manifest_url)
    assert str(refused.value) == message
    assert receiver.token_requests == []


def test_the_apps_own_refusal_is_shown_and_its_token_is_worthless(receiver: Receiver) -> None:
    receiver.token_answer = (403, {"success": False, "error": {"message": "not this shop"}})
    with running_shop() as demo, pytest.raises(InstallationFailed, match=r"^not this shop$"):
        demo.shop.apps.install(receiver.manifest_url)
    assert demo.shop.apps.with_token(receiver.token) is None


def test_nothing_listening_is_said_in_saleors_words() -> None:
    with running_shop() as demo, pytest.raises(InstallationFailed, match="Failed to connect to app"):
        demo.shop.apps.install("http://127.0.0.1:9/manifest")


def test_the_same_app_twice_is_refused(house: House) -> None:
    with pytest.raises(InstallationFailed, match="already installed: Receiver"):
        house.shop.apps.install(house.receiver.manifest_url)


def test_a_second_installation_after_the_first_was_removed_has_another_id_and_token(house: House) -> None:
    house.shop.apps.uninstall(house.app)
    again = house.shop.apps.install(house.receiver.manifest_url)
    assert again.id != house.app.id
    assert again.token != house.app.token


def test_3_22_does_not_know_customer_deleted(receiver: Receiver) -> None:
    query = "subscription{event{...on CustomerDeleted{user{id}}}}"
    receiver.manifest["webhooks"][0]["query"] = query
    with running_shop(version="3.22.67") as demo, pytest.raises(InstallationFailed, match="CustomerDeleted"):
        demo.shop.apps.install(receiver.manifest_url)


RANGES = [
    (">=3.22 <4", True), ("^3.22.0", True), ("~3.23", True), ("~3.22", False), ("3.x", True), ("*", True),
    (">=3.24", False), ("3.20 - 3.22", False), ("3.22 || 3.23", True), ("<3.23", False), ("nonsense", False),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "expected"), RANGES, ids=[each[0] for each in RANGES])
def test_version_ranges(wanted: str, expected: bool) -> None:
    assert satisfies("3.23.28", wanted) is expected


def test_webhooks_of_the_app_can_be_made_changed_and_deleted_by_itself(house: House) -> None:
    asked = "webhook{id asyncEvents{eventType}} errors{field code}"
    create = "mutation($i:WebhookCreateInput!){webhookCreate(input:$i){" + asked + "}}"
    query = "subscription{event{...on OrderPaid{order{id}}}}"
    made = house.data(create, {"i": {"name": "n", "targetUrl": f"{house.receiver.url}/hook", "query": query}})
    webhook = made["webhookCreate"]["webhook"]
    assert webhook["asyncEvents"] == [{"eventType": "ORDER_PAID"}]
    update = "mutation($id:ID!,$i:WebhookUpdateInput!){webhookUpdate(id:$id,input:$i){webhook{isActive} errors{code}}}"
    changed = house.data(update, {"id": webhook["id"], "i": {"isActive": False}})
    assert changed["webhookUpdate"]["webhook"] == {"isActive": False}
    delete = "mutation($id:ID!){webhookDelete(id:$id){errors{field code}}}"
    assert house.data(delete, {"id": webhook["id"]})["webhookDelete"]["errors"] == []
    assert house.data(delete, {"id": webhook["id"]})["webhookDelete"]["errors"][0]["code"] == "NOT_FOUND"


BAD_WEBHOOKS = [
    ({"targetUrl": "nowhere", "query": "subscription{event{...on OrderPaid{order{id}}}}"}, "targetUrl", "INVALID"),
    ({"targetUrl": "http://a/b", "query": "subscription{"}, "query", "SYNTAX"),
    ({"targetUrl": "http://a/b", "query": "query{shop{name}}"}, "query", "MISSING_SUBSCRIPTION"),
    ({"targetUrl": "http://a/b", "query": "subscription{event{issuedAt}}"}, "query", "MISSING_EVENT"),
    ({"targetUrl": "http://a/b", "query": "subscription{event{nope}}"}, "query", "INVALID"),
]


@pytest.mark.parametrize(("wanted", "field", "code"), BAD_WEBHOOKS, ids=[each[2] for each in BAD_WEBHOOKS])
def test_a_bad_webhook_is_refused(house: House, wanted: dict[str, str], field: str, code: str) -> None:
    create = "mutation($i:WebhookCreateInput!){webhookCreate(input:$i){errors{field code}}}"
    answer = house.data(create, {"i": {"name": "n", **wanted}})
    assert answer["webhookCreate"]["errors"] == [{"field": field, "code": code}]


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def recorded_claims(name: str) -> set[str]:
    from saleor_loyalty_app.files import project_path

    return set(json.loads(project_path(f"tests/recordings/tokens/{name}.json").read_text())["claims"])


def test_tokens_carry_the_recorded_claims(house: House) -> None:
    keys, url, shop = house.shop.keys, house.api_url, house.shop
    extension = house.app.extensions[0]
    made = {
        "customer-access": tokens.access_token(keys, url, house.melissa),
        "customer-access-audience": tokens.access_token(keys, url, house.melissa, audience="storefront"),
        "customer-refresh": tokens.refresh_token(keys, url, house.melissa),
        "staff-access": tokens.access_token(keys, url, house.admin),
        "dashboard-app-page": tokens.page_token(keys, url, house.admin, house.app),
        "dashboard-extension": tokens.extension_token(keys, url, house.admin, house.app, extension),
    }
    for name, token in made.items():
        assert set(claims_of(token)) == recorded_claims(name), name
    assert claims_of(made["dashboard-extension"])["permissions"] == ["MANAGE_ORDERS"]
    assert set(claims_of(made["dashboard-app-page"])["permissions"]) == house.app.permission_codes
    assert jwt.get_unverified_header(made["staff-access"])["kid"] == shop.keys.kid


def test_a_user_without_the_permission_gets_an_empty_token_for_the_extension(house: House) -> None:
    reader = house.shop.customers.create_staff("reader@example.com", frozenset(["MANAGE_USERS"]))
    extension = house.app.extensions[0]
    assert tokens.extension_token(house.shop.keys, house.api_url, reader, house.app, extension) == ""
    page = tokens.page_token(house.shop.keys, house.api_url, reader, house.app)
    assert claims_of(page)["permissions"] == ["MANAGE_USERS"]
