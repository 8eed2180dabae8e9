"""A webhook enters: verified, kept once, and nothing else. Every refusal has a reason."""

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import responses
from factories import (
    APP_ID,
    JWKS_URL,
    OTHER_SHOP_URL,
    SHOP_URL,
    add_installed_shop,
    b64,
    event_body,
    global_id,
    jwks,
    order_event,
    recorded_body,
    recorded_header,
    recording,
    sign,
)
from loops import in_a_loop

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.receive_delivery import Doorkeeper, Kept, Refused
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.shops import Shop, change_shop

RECORDED_SHOP_URL = "http://localhost:8000/graphql/"


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


@pytest.fixture
def door(app: App, shop: Shop) -> Doorkeeper:
    return Doorkeeper(app)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the doorkeeper's memory; add to its last item to let time pass."""
    now = [1000.0]
    monkeypatch.setattr("saleor_loyalty_app.services.receive_delivery.time.monotonic", lambda: now[-1])
    return now


def receive(door: Doorkeeper, body: bytes, *, url: str = SHOP_URL, key: str = "shop", signature: str = "") -> Kept:
    return in_a_loop(received(door, body, url=url, key=key, signature=signature))


async def received(
    door: Doorkeeper, body: bytes, *, url: str = SHOP_URL, key: str = "shop", signature: str = ""
) -> Kept:
    return await door.receive(saleor_api_url=url, signature=signature or sign(body, key=key), raw_body=body)


def refusal(door: Doorkeeper, body: bytes, **how: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        receive(door, body, **how)
    return refused.value.status, refused.value.reason


def kept_rows(app: App, shop: Shop, number: int = 1) -> list[str]:
    with app.database.read() as db:
        return [event for event, _ in inbox.events_of(db, shop.id, f"order:{global_id('Order', number)}")]


def test_a_delivery_is_kept(app: App, shop: Shop, door: Doorkeeper) -> None:
    assert receive(door, order_event("OrderCreated")) == Kept("OrderCreated", "kept")
    assert kept_rows(app, shop) == ["OrderCreated"]


def test_a_repeated_delivery_is_kept_once(app: App, shop: Shop, door: Doorkeeper) -> None:
    body = order_event("OrderCreated")
    for _ in range(6):
        assert receive(door, body).outcome == "kept"
    assert kept_rows(app, shop) == ["OrderCreated"]


def test_a_delivery_that_comes_many_times_at_once_is_kept_once(app: App, shop: Shop, door: Doorkeeper) -> None:
    bodies = [order_event("OrderCreated"), order_event("OrderUpdated")]

    async def at_once() -> None:
        await asyncio.gather(*(received(door, bodies[n % 2]) for n in range(12)))

    in_a_loop(at_once())
    assert sorted(kept_rows(app, shop)) == ["OrderCreated", "OrderUpdated"]


def test_the_same_body_in_two_shops_is_kept_in_each(app: App, shop: Shop, door: Doorkeeper) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    receive(door, order_event())
    receive(door, order_event(), url=OTHER_SHOP_URL)
    assert (kept_rows(app, shop), kept_rows(app, other)) == (["OrderUpdated"], ["OrderUpdated"])


def test_what_we_caused_ourselves_is_dropped(app: App, shop: Shop, door: Doorkeeper) -> None:
    body = order_event(issuingPrincipal={"__typename": "App", "id": APP_ID})
    assert receive(door, body).outcome == "own"
    assert kept_rows(app, shop) == []


@pytest.mark.parametrize(
    "principal",
    [None, {"__typename": "App", "id": "QXBwOjk5"}, {"__typename": "User", "id": APP_ID}, {"__typename": "App"}],
    ids=["nobody", "another app", "a user with our id", "an app without an id"],
)
def test_what_others_caused_is_kept(app: App, shop: Shop, door: Doorkeeper, principal: Any) -> None:
    assert receive(door, order_event(issuingPrincipal=principal)).outcome == "kept"


UNUSED = {
    "an event we never asked for": event_body("ProductUpdated", product={"id": "x"}),
    "an order that is gone": event_body("OrderUpdated", order=None),
    "a bulk of nothing": event_body("OrderBulkCreated", orders=[]),
    "a user that is gone": event_body("CustomerUpdated", user=None),
}


@pytest.mark.parametrize("body", UNUSED.values(), ids=UNUSED)
def test_an_event_that_leads_to_nothing_is_accepted(door: Doorkeeper, body: bytes) -> None:
    assert receive(door, body).outcome == "unused"


def test_a_bulk_leads_to_a_look_at_each_order(app: App, shop: Shop, door: Doorkeeper) -> None:
    ids = [global_id("Order", n) for n in range(50)]
    receive(door, event_body("OrderBulkCreated", orders=[{"id": id} for id in ids]))
    with app.database.read() as db:
        assert [row[2] for row in inbox.waiting(db)] == [f"order:{id}" for id in ids]


# ---- Refused


def test_a_shop_that_is_not_installed_is_refused_before_anything_else(door: Doorkeeper) -> None:
    assert refusal(door, order_event(), url=OTHER_SHOP_URL) == (401, "unknown_shop")
    assert refusal(door, b"junk", url="", signature="junk") == (401, "unknown_shop")


def test_a_shop_that_is_no_longer_on_the_list_is_refused(app: App) -> None:
    add_installed_shop(app, saleor_api_url="https://former.example.com/graphql/")
    door = Doorkeeper(app)
    assert refusal(door, order_event(), url="https://former.example.com/graphql/") == (401, "unknown_shop")


def test_a_dormant_shop_is_refused(app: App, shop: Shop, door: Doorkeeper, seconds: list[float]) -> None:
    receive(door, order_event())
    with app.database.write() as db:
        change_shop(db, shop.id, state="dormant", sealed_token=None)
    seconds.append(seconds[-1] + 5.1)
    assert refusal(door, order_event()) == (401, "unknown_shop")


@pytest.mark.parametrize("state", ["inactive", "silent"])
def test_a_shop_that_is_only_away_is_heard(app: App, state: str) -> None:
    """APP_STATUS_CHANGED and APP_DELETED come while the app is inactive (verified.md W7)."""
    add_installed_shop(app, state=state)
    body = event_body("AppStatusChanged", app={"id": APP_ID, "isActive": True})
    assert receive(Doorkeeper(app), body).outcome == "kept"


def test_an_event_for_another_app_is_refused(door: Doorkeeper) -> None:
    for recipient in ({"id": "QXBwOjk5"}, {"id": None}, None, "x", []):
        assert refusal(door, order_event(recipient=recipient)) == (401, "for_another_app")


def test_a_process_that_has_not_noticed_a_new_install_looks_again(app: App, shop: Shop, door: Doorkeeper) -> None:
    receive(door, order_event())
    with app.database.write() as db:
        change_shop(db, shop.id, app_id="QXBwOjEw")
    assert receive(door, order_event(recipient={"id": "QXBwOjEw"})).outcome == "kept"
    assert refusal(door, order_event()) == (401, "for_another_app")


def test_a_wrong_signature_is_refused(door: Doorkeeper) -> None:
    body = order_event()
    assert refusal(door, body, signature=sign(body + b" ")) == (401, "wrong_signature")
    assert refusal(door, body + b" ", signature=sign(body)) == (401, "wrong_signature")


def test_a_missing_signature_is_refused(door: Doorkeeper) -> None:
    with pytest.raises(Refused) as refused:
        in_a_loop(door.receive(saleor_api_url=SHOP_URL, signature="", raw_body=order_event()))
    assert (refused.value.status, refused.value.reason) == (401, "no_signature")


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"3", b"{}", b'{"__typename": 3}', b'"\\ud800"', b"\xff" * 9])
def test_what_is_well_signed_and_no_event_is_refused(door: Doorkeeper, body: bytes) -> None:
    assert refusal(door, body) == (400, "not_an_event")


def test_a_key_of_another_shop_is_refused(app: App, shop: Shop, door: Doorkeeper, mocked: Any) -> None:
    add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks("other"))
    mocked.get(JWKS_URL, json=jwks())
    assert refusal(door, order_event(), key="other") == (503, "unknown_key")
    forged = sign(
        order_event(), key="other", header={"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "kid-of-shop"}
    )
    assert refusal(door, order_event(), signature=forged) == (401, "wrong_signature")
    assert kept_rows(app, shop) == []


# ---- Keys


def test_a_new_key_of_the_shop_is_fetched_and_kept(
    app: App, shop: Shop, door: Doorkeeper, mocked: responses.RequestsMock
) -> None:
    mocked.get(JWKS_URL, json=jwks("shop", "new"))
    assert receive(door, order_event(), key="new").outcome == "kept"
    assert receive(door, order_event(number=2), key="new").outcome == "kept"
    assert receive(Doorkeeper(app), order_event(number=3), key="new").outcome == "kept"
    assert len(mocked.calls) == 1


def test_unknown_keys_lead_to_one_fetch_in_five_seconds(
    door: Doorkeeper, mocked: responses.RequestsMock, seconds: list[float]
) -> None:
    mocked.get(JWKS_URL, json=jwks())
    for _ in range(20):
        assert refusal(door, order_event(), key="nobody") == (503, "unknown_key")
    assert len(mocked.calls) == 1
    seconds.append(seconds[-1] + 5.1)
    refusal(door, order_event(), key="nobody")
    assert len(mocked.calls) == 2


def test_a_delivery_signed_with_a_new_key_just_after_a_look_is_brought_again_and_kept(
    app: App, shop: Shop, door: Doorkeeper, mocked: responses.RequestsMock, seconds: list[float]
) -> None:
    """Saleor brings again what was answered with a 5xx, after 10, 20, 40, 80 and 160 seconds (api-facts §5)."""
    mocked.get(JWKS_URL, json=jwks())
    refusal(door, order_event(), key="forged")
    mocked.replace(responses.GET, JWKS_URL, json=jwks("new"))
    assert refusal(door, order_event(), key="new") == (503, "unknown_key")
    seconds.append(seconds[-1] + 10)
    assert receive(door, order_event(), key="new").outcome == "kept"
    assert refusal(door, order_event(), key="shop") == (503, "unknown_key")  # the old one is gone


def test_nobody_waits_for_the_keys_that_another_one_fetches(
    app: App, shop: Shop, door: Doorkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop may take seconds to show its keys; forged deliveries must not hold the others up meanwhile."""
    asked, answers = threading.Event(), threading.Event()

    def slow(_url: str) -> dict[str, Any]:
        asked.set()
        assert answers.wait(30)
        return jwks("new")

    monkeypatch.setattr("saleor_loyalty_app.services.receive_delivery.fetch_jwks", slow)

    async def one_after_the_other() -> None:
        first = asyncio.create_task(received(door, order_event(), key="new"))
        assert await asyncio.to_thread(asked.wait, 10)
        with pytest.raises(TryAgain):
            await received(door, order_event(number=2), key="new")
        kept = await received(door, order_event(number=3))  # a known key is waited for by nobody
        assert kept.outcome == "kept"
        assert not first.done()
        answers.set()
        assert (await first).outcome == "kept"

    in_a_loop(one_after_the_other())
    assert kept_rows(app, shop) == ["OrderUpdated"]


def test_what_a_flood_of_unknown_keys_leaves_in_memory_is_bounded(
    door: Doorkeeper, mocked: responses.RequestsMock, seconds: list[float]
) -> None:
    mocked.get(JWKS_URL, json=jwks())
    header = {"alg": "RS256", "b64": False, "crit": ["b64"]}
    for number in range(500):
        head = b64(json.dumps({**header, "kid": f"kid {number}"}).encode())
        assert refusal(door, b"x", signature=f"{head}..AAAA") == (503, "unknown_key")
    assert len(mocked.calls) == 1
    assert len(door._looks) == len(door._shops) == 1


def test_keys_that_cannot_be_had_postpone_the_delivery(
    door: Doorkeeper, mocked: responses.RequestsMock, seconds: list[float]
) -> None:
    mocked.get(JWKS_URL, status=503)
    with pytest.raises(TryAgain):
        receive(door, order_event(), key="new")
    mocked.replace(responses.GET, JWKS_URL, json=jwks("new"))
    seconds.append(seconds[-1] + 5.1)
    assert receive(door, order_event(), key="new").outcome == "kept"


def test_a_shop_without_keys_is_asked_once_in_five_seconds_while_its_deliveries_are_postponed(
    door: Doorkeeper, mocked: responses.RequestsMock, seconds: list[float]
) -> None:
    """Each try takes seconds: a flood of unknown keys must not hold every thread of the web process."""
    mocked.get(JWKS_URL, status=503)
    for _ in range(5):
        with pytest.raises(TryAgain):
            receive(door, order_event(), key="new")
    assert len(mocked.calls) == 1


def test_known_keys_need_no_fetch(door: Doorkeeper, mocked: responses.RequestsMock) -> None:
    receive(door, order_event())
    assert len(mocked.calls) == 0


# ---- Recordings of a real shop


@pytest.fixture
def recorded_shop(app: App) -> App:
    settings = app.settings.model_copy(update={"allowed_saleor_urls": (RECORDED_SHOP_URL,)})
    known = recording("order-created")["jwks"]
    add_installed_shop(app, saleor_api_url=RECORDED_SHOP_URL, app_id="QXBwOjg=", jwks=known)
    return replace(app, settings=settings)


RECORDED = {
    "order-updated": "kept",
    "order-cancelled": "kept",
    "order-expired": "kept",
    "order-fulfilled": "kept",
    "order-refunded": "kept",
    "order-fully-refunded": "kept",
    "order-bulk-created": "kept",
    "customer-updated": "kept",
    "customer-deleted": "kept",
    "account-deleted": "kept",
    "app-status-changed-active": "kept",
    "app-status-changed-inactive": "kept",
    "app-deleted": "kept",
    "order-updated-by-the-app": "own",
    "customer-updated-by-the-app": "own",
    "draft-order-created-object-gone": "unused",
}


@pytest.mark.parametrize(("name", "outcome"), RECORDED.items(), ids=RECORDED)
def test_a_recorded_delivery_is_accepted(recorded_shop: App, name: str, outcome: str) -> None:
    door = Doorkeeper(recorded_shop)
    kept = receive(
        door, recorded_body(name), url=RECORDED_SHOP_URL, signature=recorded_header(name, "Saleor-Signature")
    )
    assert kept == Kept(json.loads(recorded_body(name))["__typename"], outcome)


def test_a_recorded_retry_is_kept_once(recorded_shop: App) -> None:
    with recorded_shop.database.write() as db:
        change_shop(db, 1, app_id="QXBwOjI=")
    door = Doorkeeper(recorded_shop)
    for name in ("order-created-first-attempt", "order-created-second-attempt"):
        receive(door, recorded_body(name), url=RECORDED_SHOP_URL, signature=recorded_header(name, "Saleor-Signature"))
    with recorded_shop.database.read() as db:
        assert len(inbox.waiting(db)) == 1


def test_a_payload_without_a_query_is_no_event(recorded_shop: App) -> None:
    name = "customer-deleted-without-a-query"
    signature = recorded_header(name, "Saleor-Signature")
    assert refusal(Doorkeeper(recorded_shop), recorded_body(name), url=RECORDED_SHOP_URL, signature=signature) == (
        400, "not_an_event"
    )  # fmt: skip
