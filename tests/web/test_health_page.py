"""The health page: findings in words, the connection asked live, events, the queue, and the buttons that put right."""

import json
import re
from collections import deque
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests
import responses
from factories import APP_ID, NOW, SHOP_URL, global_id
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.saleor.client import NOT_REACHED
from saleor_loyalty_app.saleor.events import EVENTS, permissions
from saleor_loyalty_app.saleor.manifest import webhook
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox, work
from saleor_loyalty_app.store.shops import change_shop

URL = "https://loyalty.example.com"


class ShopThatAnswers:
    """The shop's side of the connection, as far as the page asks about it."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.permissions = permissions()
        self.webhooks = [self._hook(str(number), webhook(event, URL)) for number, event in enumerate(EVENTS)]
        self.failed: list[dict[str, Any]] = []
        self.name = "Shop of tests"
        self.broken: deque[Exception] = deque()
        mocked.add_callback(responses.POST, SHOP_URL, callback=self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if self.broken:
            raise self.broken.popleft()
        body = json.loads(request.body or b"")
        return 200, {}, json.dumps({"data": getattr(self, f"_{body['operationName']}")(**body["variables"])})

    def _AppAlive(self) -> dict[str, Any]:  # noqa: N802
        return {"app": {"id": APP_ID, "isActive": True}}

    def _ShopAndApp(self) -> dict[str, Any]:  # noqa: N802
        app = {"id": APP_ID, "permissions": [{"code": code} for code in self.permissions], "webhooks": self.webhooks}
        return {"shop": {"name": self.name, "version": "3.23.28"}, "channels": [], "app": app}

    def _Capabilities(self) -> dict[str, Any]:  # noqa: N802
        return {"customerDeleted": {"name": "CustomerDeleted"}}

    def _AppDeliveries(self, first: int) -> dict[str, Any]:  # noqa: N802
        edges = [{"node": node} for node in self.failed[:first]]
        return {"app": {"webhooks": [{"name": "OrderCreated", "eventDeliveries": {"edges": edges}}]}}

    def _WebhookCreate(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        self.webhooks.append(self._hook(f"new-{len(self.webhooks)}", given["input"]))
        return {"webhookCreate": {"webhook": {"id": "x"}, "errors": []}}

    @staticmethod
    def _hook(id: str, wanted: dict[str, Any]) -> dict[str, Any]:
        return {"id": id, "name": wanted["name"], "targetUrl": wanted["targetUrl"], "isActive": True,
                "subscriptionQuery": wanted["query"],
                "asyncEvents": [{"eventType": event} for event in wanted["asyncEvents"]]}  # fmt: skip


@pytest.fixture
def house(app: App) -> House:
    return House(app, toml=german_and_english(sender={"name": "Jo"}))


@pytest.fixture
def answering(mocked: responses.RequestsMock) -> ShopThatAnswers:
    return ShopThatAnswers(mocked)


def words(text: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def shown(house: House, **asked: Any) -> str:
    return words(house.get("/panel/health", **asked).text)


def connection(house: House, **asked: Any) -> str:
    answer = house.post("/panel/health/connection", **asked)
    assert answer.status_code == 200
    return words(answer.text)


def toast(answer: Any) -> str:
    return str(json.loads(answer.headers["HX-Trigger"])["toast"]["title"])


# ---- The page, without asking the shop


def test_the_page_does_not_wait_for_the_shop(house: House) -> None:
    """No wire is mocked: a request to the shop would fail the test."""
    answer = house.get("/panel/health")
    assert answer.status_code == 200
    assert answer.headers["Panel-Path"] == "/health"
    assert 'hx-post="/panel/health/connection" hx-trigger="load"' in answer.text


def test_problems_stand_first_in_the_viewers_language(house: House) -> None:
    house.failed(f"order:{global_id('Order', 5)}", NOT_REACHED.kept())
    english, german = shown(house), shown(house, locale="de")
    assert "2 things need a person" in english  # no worker runs in this test
    assert f"An order needs a person. {NOT_REACHED}" in english
    assert f"Bestellung: Darum muss sich jemand kümmern. {NOT_REACHED.said('de')}" in german
    assert english.index("needs a person. The shop") < english.index("The program is live")


def test_events_of_the_last_day_are_counted(house: House) -> None:
    now = house.app.now()
    ages = {"a": timedelta(minutes=5), "b": timedelta(hours=3), "c": timedelta(hours=30)}
    with house.app.database.write() as db:
        arrivals = [
            inbox.Arrival(house.shop.id, key, "OrderFullyPaid", ("order:1",), now - age) for key, age in ages.items()
        ]
        inbox.keep_all(db, arrivals)
    assert re.search(r"Order paid in full 15 June 2026, 11:55 1 2 ", shown(house))


def test_the_queue_is_told_apart(house: House) -> None:
    house.failed("sweep:")
    with house.app.database.write() as db:
        for subject in ("order:1", "order:2"):
            work.want(db, house.shop.id, subject, due_at=NOW, now=NOW)
        first, _ = work.claim_due(db, NOW, limit=2)
        work.end_round(db, house.shop.id, first.subject, 1, now=NOW, again_in=timedelta(hours=1), error="x")
        work.want(db, house.shop.id, "order:3", due_at=NOW, now=NOW)
    assert "Waiting 1 Under way 1 Tried again by itself 1 Failed 1 Workers 0" in shown(house)


def test_what_comes_from_elsewhere_is_escaped(house: House, answering: ShopThatAnswers) -> None:
    house.failed("sweep:", HOSTILE)
    answering.name = HOSTILE
    answering.webhooks[0]["name"] = HOSTILE
    for answer in (house.get("/panel/health"), house.post("/panel/health/connection")):
        assert "<script>" not in answer.text


# ---- The connection


def test_a_good_connection_says_so(house: House, answering: ShopThatAnswers) -> None:
    text = connection(house)
    assert "Good" in text
    assert "3.23.28" in text
    assert f"{len(EVENTS)} of {len(EVENTS)} are set up as they should be." in text
    assert "None in the last days." in text
    assert "Gut" in connection(house, locale="de")


def test_a_dead_shop_is_said_with_what_to_do(house: House, answering: ShopThatAnswers) -> None:
    answering.broken.append(requests.ConnectionError("no route"))
    text = connection(house, locale="de")
    assert "Keine Antwort" in text
    assert NOT_REACHED.said("de") in text


def test_a_missing_permission_is_said_with_what_it_costs(house: House, answering: ShopThatAnswers) -> None:
    answering.permissions = ["MANAGE_ORDERS"]
    text = connection(house)
    assert "Missing “Manage customers”: no customer can be read and no tier kept." in text
    assert "Optional “Manage products”: the stock of extras" in text


def test_deliveries_that_failed_are_listed(house: House, answering: ShopThatAnswers) -> None:
    for number, status in enumerate((503, None)):
        attempts = {"edges": [{"node": {"createdAt": NOW.isoformat(), "responseStatusCode": status}}]}
        answering.failed.append(
            {"id": str(number), "createdAt": NOW.isoformat(), "eventType": "ORDER_FULLY_PAID", "attempts": attempts}
        )
    text = connection(house)
    assert "Order paid in full 15 June 2026, 12:00 · this app's server answered 503" in text
    assert "this app's server did not answer" in text
    assert "Catch up now" in text


# ---- The buttons


def test_a_repair_puts_webhooks_back_and_says_how_many(house: House, answering: ShopThatAnswers) -> None:
    answering.webhooks = answering.webhooks[3:]
    assert "Repair" in connection(house)
    answer = house.post("/panel/health/repair")
    assert toast(answer) == "Repaired: 3 webhooks."
    assert f"{len(EVENTS)} of {len(EVENTS)} are set up as they should be." in words(answer.text)
    assert toast(house.post("/panel/health/repair")) == "Checked. Nothing had to be repaired."


def test_a_repair_that_fails_is_said(house: House, answering: ShopThatAnswers) -> None:
    answering.broken.append(requests.ConnectionError("no route"))
    assert toast(house.post("/panel/health/repair")) == str(NOT_REACHED)


def test_all_that_failed_is_tried_again_once(house: House) -> None:
    house.failed("order:1")
    house.failed("order:2")
    assert "Try all again" in house.get("/panel/health").text
    assert toast(house.post("/panel/health/try-again")) == "Everything that failed is being tried again now."
    assert toast(house.post("/panel/health/try-again")).startswith("Nothing has failed")
    with house.app.database.read() as db:
        assert work.failed(db, house.shop.id) == []


def test_catching_up_is_wished_for_once(house: House, answering: ShopThatAnswers) -> None:
    for _ in range(2):
        assert house.post("/panel/health/catch-up").status_code == 200
    with house.app.database.read() as db:
        found = work.find(db, house.shop.id, "sweep:")
    assert found is not None
    assert found.due_at == house.app.now()


# ---- Who may


@pytest.mark.parametrize("one", ["MANAGE_ORDERS", "MANAGE_USERS"])
def test_one_of_the_two_permissions_is_enough_to_look(house: House, answering: ShopThatAnswers, one: str) -> None:
    assert house.get("/panel/health", permissions=[one]).status_code == 200
    assert house.post("/panel/health/connection", permissions=[one]).status_code == 200
    assert house.get("/panel/health", permissions=["MANAGE_STAFF"]).status_code == 403


def test_only_who_may_manage_orders_tries_again(house: House) -> None:
    house.failed("order:1")
    assert "Try all again" not in house.get("/panel/health", permissions=["MANAGE_USERS"]).text
    assert house.post("/panel/health/try-again", permissions=["MANAGE_USERS"]).status_code == 403


def test_an_app_that_the_shop_no_longer_knows_is_said(house: House) -> None:
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, state="silent")
    assert "The shop no longer knows the app" in shown(house)


def test_the_deep_link_is_answered_by_the_shell(house: House) -> None:
    assert house.client.get("/health").status_code == 200
