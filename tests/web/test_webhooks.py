"""Where webhooks enter: each answer says to Saleor whether to try again, and no refusal names anybody."""

import json
import logging
from typing import Any

import pytest
import requests
import responses
from door_client import client_of, door_client
from factories import (
    APP_ID,
    JWKS_URL,
    OTHER_SHOP_URL,
    SHOP_URL,
    TOKEN,
    add_installed_shop,
    dashboard_token,
    event_body,
    global_id,
    jwks,
    order_event,
    recorded_body,
    recorded_header,
    recording,
    sign,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client, TestResponse

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.shops import Shop, change_shop
from saleor_loyalty_app.web import create_app
from saleor_loyalty_app.web.door import Door

PATH = "/api/webhooks/saleor"


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


@pytest.fixture
def client(app: App, shop: Shop) -> Client:
    return door_client(app)


def deliver(client: Client, body: bytes, **changes: str | None) -> TestResponse:
    """Send a delivery as Saleor does; a header that is None is left out."""
    given = {
        "Content-Type": "application/json",
        "Saleor-Event": "order_updated",
        "Saleor-Domain": "shop.example.com",
        "Saleor-Api-Url": SHOP_URL,
        "Saleor-Signature": sign(body),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return client.post(PATH, data=body, headers={name: value for name, value in given.items() if value is not None})


def kept(app: App) -> list[str]:
    with app.database.read() as db:
        return [row[2] for row in inbox.waiting(db)]


def said(log_lines: list[str]) -> dict[str, str]:
    """What was logged last, without the reference of its request."""
    return {name: value for name, value in json.loads(log_lines[-1]).items() if name != "request"}


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("loyalty_deliveries_total", {"outcome": outcome}) or 0


# ---- 200


def test_a_delivery_is_kept_and_acknowledged(app: App, client: Client) -> None:
    answer = deliver(client, order_event())
    assert (answer.status_code, answer.json) == (200, {"outcome": "kept"})
    assert kept(app) == [f"order:{global_id('Order', 1)}"]


def test_a_repeated_delivery_is_acknowledged_and_kept_once(app: App, client: Client) -> None:
    for _ in range(6):
        assert deliver(client, order_event()).status_code == 200
    assert len(kept(app)) == 1


def test_an_event_that_we_do_not_use_is_acknowledged(app: App, client: Client) -> None:
    assert deliver(client, event_body("ProductUpdated")).json == {"outcome": "unused"}
    assert deliver(client, event_body("OrderUpdated", order=None)).json == {"outcome": "unused"}
    assert kept(app) == []


def test_what_we_caused_ourselves_is_acknowledged(app: App, client: Client) -> None:
    body = order_event(issuingPrincipal={"__typename": "App", "id": APP_ID})
    assert deliver(client, body).json == {"outcome": "own"}
    assert kept(app) == []


def test_only_the_body_says_what_happened(app: App, client: Client) -> None:
    """Headers are not signed: anybody on the way could change them (api-facts §6.3)."""
    deliver(client, order_event(), Saleor_Event="app_deleted", X_Saleor_Event="customer_deleted")
    assert kept(app) == [f"order:{global_id('Order', 1)}"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_content_type_does_not_matter(client: Client, kind: str | None) -> None:
    assert deliver(client, order_event(), Content_Type=kind).status_code == 200


def test_a_recorded_delivery_of_a_real_shop_is_kept(app: App, client: Client) -> None:
    url = "http://localhost:8000/graphql/"
    add_installed_shop(app, saleor_api_url=url, jwks=recording("order-created")["jwks"])
    app.settings.__dict__["allowed_saleor_urls"] = (SHOP_URL, url)
    answer = client.post(PATH, data=recorded_body("order-cancelled"), headers=recording("order-cancelled")["headers"])
    assert (answer.status_code, answer.json) == (200, {"outcome": "kept"})
    tampered = recorded_body("order-cancelled").replace(b"CANCELED", b"FULFILLED")
    answer = deliver(client, tampered, Saleor_Api_Url=url,
                     Saleor_Signature=recorded_header("order-cancelled", "Saleor-Signature"))  # fmt: skip
    assert answer.status_code == 401


# ---- 401


BODY = order_event()
UNAUTHORISED: dict[str, tuple[dict[str, str | None], str]] = {
    "no signature": ({"Saleor_Signature": None}, "no_signature"),
    "an empty signature": ({"Saleor_Signature": ""}, "no_signature"),
    "junk for a signature": ({"Saleor_Signature": "junk"}, "wrong_signature"),
    "a header nested deep": ({"Saleor_Signature": "W1tb" * 700 + "..x"}, "wrong_signature"),
    "only the old header": ({"Saleor_Signature": None, "X_Saleor_Signature": sign(BODY)}, "no_signature"),
    "the signature of another body": ({"Saleor_Signature": sign(BODY + b" ")}, "wrong_signature"),
    "no shop": ({"Saleor_Api_Url": None}, "unknown_shop"),
    "an unknown shop": ({"Saleor_Api_Url": "https://evil.example.com/graphql/"}, "unknown_shop"),
    "a shop that is allowed and not installed": ({"Saleor_Api_Url": OTHER_SHOP_URL}, "unknown_shop"),
    "the shop's address in capitals": ({"Saleor_Api_Url": SHOP_URL.upper()}, "unknown_shop"),
    "two shops": ({"Saleor_Api_Url": f"{SHOP_URL}, {OTHER_SHOP_URL}"}, "unknown_shop"),
    "the domain alone": ({"Saleor_Api_Url": "shop.example.com"}, "unknown_shop"),
    "a shop in Latin-1": ({"Saleor_Api_Url": "https://sh\u00f6p.example.com/graphql/"}, "unknown_shop"),
}


@pytest.mark.parametrize(("changes", "reason"), UNAUTHORISED.values(), ids=UNAUTHORISED)
def test_a_delivery_that_is_not_the_shops_is_refused(
    app: App, client: Client, log_lines: list[str], changes: dict[str, str | None], reason: str
) -> None:
    before = counted(reason)
    answer = deliver(client, BODY, **changes)
    assert (answer.status_code, answer.json) == (401, {"refused": reason})
    assert counted(reason) == before + 1
    assert said(log_lines) == {"event": "delivery_refused", "reason": reason, "level": "warning"}
    assert kept(app) == []


def test_a_delivery_for_another_app_is_refused(app: App, client: Client) -> None:
    answer = deliver(client, order_event(recipient={"id": "QXBwOjk5"}))
    assert (answer.status_code, answer.json) == (401, {"refused": "for_another_app"})


def test_a_removed_shop_is_refused(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, state="dormant", sealed_token=None)
    assert deliver(door_client(app), BODY).status_code == 401


# ---- 400 and 413


NOT_EVENTS = {
    "nothing": b"",
    "a word": b"junk",
    "a form": b"__typename=OrderCreated",
    "a list": b"[]",
    "no event": b"{}",
    "nested deep": b"[" * 50_000,
    "not UTF-8": b'{"__typename": "\xff"}',
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_what_is_well_signed_and_no_event_is_a_bad_request(client: Client, body: bytes) -> None:
    answer = deliver(client, body)
    assert (answer.status_code, answer.json) == (400, {"refused": "not_an_event"})


def test_a_body_beyond_the_limit_is_too_large(app: App, client: Client, log_lines: list[str]) -> None:
    before = counted("too_large")
    answer = deliver(client, b"x" * (app.settings.max_body_bytes + 1), Saleor_Signature="x")
    assert answer.status_code == 413
    assert counted("too_large") == before + 1
    assert "too_large" in log_lines[-1]


def test_a_body_just_within_the_limit_is_read(app: App, client: Client) -> None:
    body = order_event(padding="x" * (app.settings.max_body_bytes - 500))
    assert deliver(client, body).status_code == 200


def test_a_packed_body_is_not_unpacked(client: Client) -> None:
    assert deliver(client, b"\x1f\x8b" + b"\x00" * 100, Content_Encoding="gzip").status_code == 400


# ---- 503: our own trouble, and Saleor tries again


def test_a_broken_database_is_our_own_trouble(
    app: App, client: Client, log_lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(client, BODY)

    def broken(*_: Any) -> None:
        raise OperationalError("INSERT INTO inbox …", {"subject": "order:secret"}, Exception("disk I/O error"))

    before = counted("database_trouble")
    with monkeypatch.context() as broke:
        broke.setattr(inbox, "keep_all", broken)
        answer = deliver(client, order_event(number=2))
    assert (answer.status_code, answer.json) == (503, {"postponed": "database_trouble"})
    assert counted("database_trouble") == before + 1
    assert "secret" not in "".join(log_lines)
    assert deliver(client, order_event(number=2)).status_code == 200
    assert len(kept(app)) == 2


def test_a_database_that_is_gone_before_the_shop_is_known_is_our_own_trouble(app: App, client: Client) -> None:
    with app.database.write() as db:
        db.exec_driver_sql("DROP TABLE inbox")
        db.exec_driver_sql("ALTER TABLE shops RENAME TO lost")
    assert deliver(client, BODY).status_code == 503


def test_keys_that_cannot_be_had_are_our_own_trouble(
    app: App, client: Client, mocked: responses.RequestsMock, log_lines: list[str]
) -> None:
    mocked.get(JWKS_URL, body=requests.ConnectionError("x"))
    before = counted("keys_unreachable")
    answer = deliver(client, BODY, Saleor_Signature=sign(BODY, key="new"))
    assert (answer.status_code, answer.json) == (503, {"postponed": "keys_unreachable"})
    assert counted("keys_unreachable") == before + 1
    assert kept(app) == []


def test_an_unknown_key_is_looked_for_once_and_the_delivery_postponed(
    app: App, client: Client, mocked: responses.RequestsMock, log_lines: list[str]
) -> None:
    mocked.get(JWKS_URL, json=jwks())
    before = counted("unknown_key")
    for _ in range(5):
        answer = deliver(client, BODY, Saleor_Signature=sign(BODY, key="other"))
        assert (answer.status_code, answer.json) == (503, {"postponed": "unknown_key"})
    assert len(mocked.calls) == 1
    assert counted("unknown_key") == before + 5
    assert said(log_lines) == {"event": "delivery_postponed", "reason": "unknown_key", "level": "warning"}
    assert kept(app) == []


# ---- The rest


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_for_this_door(client: Client, method: str) -> None:
    answer = client.open(PATH, method=method)
    assert (answer.status_code, answer.headers["Allow"], answer.json) == (405, "POST", {"refused": "not_posted"})


def test_a_mistake_of_ours_is_answered_so_that_the_shop_sends_again(
    app: App, shop: Shop, monkeypatch: pytest.MonkeyPatch, log_lines: list[str]
) -> None:
    async def fail(**_given: Any) -> None:
        raise KeyError("nobody thought of this")

    pages = create_app(app)
    monkeypatch.setattr(pages.extensions["doorkeeper"], "receive", fail)
    answer = deliver(client_of(Door(pages, app.settings)), BODY)
    assert (answer.status_code, answer.json) == (500, {"postponed": "unexpected_trouble"})
    assert "unexpected_trouble" in log_lines[-1]


def test_no_log_line_of_any_answer_names_anybody(
    app: App,
    client: Client,
    mocked: responses.RequestsMock,
    log_lines: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    mocked.get(JWKS_URL, json=jwks())
    person = {"id": global_id("User", 47), "email": "anna.lee@example.com", "firstName": "Anna", "lastName": "Nguyen"}
    body = order_event(issuingPrincipal={"__typename": "User", **person}, user=person)
    token = dashboard_token(app.now())
    for changes in ({}, {"Saleor_Signature": token}, {"Saleor_Signature": sign(body, key="other")},
                    {"Saleor_Signature": None}, {"Authorization": f"Bearer {TOKEN}"},
                    {"Saleor_Api_Url": "https://anna.lee.example.com/"}):  # fmt: skip
        deliver(client, body, **changes)
    deliver(client, body[:-3])
    text = "\n".join([*log_lines, caplog.text])
    words = (*person.values(), TOKEN, token, sign(body), global_id("Order", 1), "anna.lee")
    assert [word for word in words if word in text] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["Saleor_Signature", "Saleor_Api_Url", "Saleor_Event", "Content_Type", "Content_Encoding"]),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60),
    ),
    st.binary(max_size=200),
)
def test_no_request_leads_to_a_500(client: Client, headers: dict[str, str], body: bytes) -> None:
    assert deliver(client, body, **headers).status_code in {200, 400, 401}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["order", "orders", "user", "app", "recipient", "issuingPrincipal", "__typename", "issuedAt"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["OrderUpdated", "OrderBulkCreated", "AppStatusChanged", "CustomerDeleted"]),
       st.dictionaries(FIELDS, JSON))  # fmt: skip
def test_no_well_signed_body_leads_to_a_500(client: Client, name: str, fields: dict[str, Any]) -> None:
    assert deliver(client, event_body(name, **fields)).status_code in {200, 400, 401}
