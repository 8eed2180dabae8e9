"""The furnished shop: the same seed, the same people; varied enough to show what the app does."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from saleor_loyalty_app.demo.people import Furnished, furnish
from saleor_loyalty_app.demo.serve import ShopOptions, make_app
from saleor_loyalty_app.demo.shop import Shop
from saleor_loyalty_app.demo.traffic import Traffic

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def furnished_shop(seed: int = 1) -> tuple[Shop, Furnished]:
    shop = Shop(seed=seed, clock=lambda: NOON)
    return shop, furnish(shop, seed=seed)


def fingerprint(shop: Shop) -> list[Any]:
    return [
        (each.pk, each.created, each.user_email, each.charged, len(each.lines)) for each in shop.orders.by_key.values()
    ]


def test_the_same_seed_makes_the_same_shop() -> None:
    assert fingerprint(furnished_shop()[0]) == fingerprint(furnished_shop()[0])
    assert fingerprint(furnished_shop()[0]) != fingerprint(furnished_shop(2)[0])


def test_people_are_varied() -> None:
    shop, furnished = furnished_shop()
    orders = list(shop.orders.by_key.values())
    languages = {person.language for person in furnished.people}
    assert {"DE", "EN", "JA", "AR", "PL"} <= languages
    assert {person.habit for person in furnished.people} == {"regular", "sleeper", "occasional", "one-timer"}
    assert {each.channel.slug for each in orders} == {"eu", "uk"}
    assert {"FULFILLED", "UNFULFILLED", "CANCELED", "DRAFT"} <= {each.status for each in orders}
    assert {"CHECKOUT", "DRAFT", "REISSUE"} == {each.origin for each in orders}
    assert any(each.user is None for each in orders)
    assert any(each.refunded and each.charged for each in orders)
    assert any(each.card_amount for each in orders)
    assert any(not each.is_confirmed for each in shop.customers.by_key.values())
    assert min(each.created for each in orders) > NOON - timedelta(days=731)
    assert any(not each.isascii() for each in (person.address.first_name for person in furnished.people))


def test_gifts_are_published_but_not_for_sale() -> None:
    shop, furnished = furnished_shop()
    assert all("eu" in each.product.published_in for each in furnished.gifts)
    assert not any(each.product.available_for_purchase for each in furnished.gifts)
    sold = {line.variant_key for each in shop.orders.by_key.values() for line in each.lines}
    assert not sold & {each.pk for each in furnished.gifts}


def test_regulars_buy_more_often_than_others() -> None:
    shop, furnished = furnished_shop()
    bought = Counter(each.user_email for each in shop.orders.by_key.values())
    habits = {person.email: person.habit for person in furnished.people}
    most = [habits[email] for email, _ in bought.most_common(20)]
    assert set(most) <= {"regular", "sleeper"}


def test_traffic_brings_guests_refunds_and_cancellations() -> None:
    shop, furnished = furnished_shop()
    orders = Traffic(shop, furnished, seed=3).orders(60, refunds=0.2, cancellations=0.2)
    assert any(each.user is None for each in orders)
    assert any(each.refunded for each in orders)
    assert any(each.status == "CANCELED" for each in orders)


def test_a_hundred_thousand_orders_fit() -> None:
    shop, _ = furnished_shop()
    order = next(iter(shop.orders.by_key.values()))
    assert not hasattr(order, "__dict__")
    assert not hasattr(order.lines[0], "__dict__")


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    app = make_app(ShopOptions(people=40, days=200))
    with app.test_client() as client:
        yield client


def test_every_page_of_the_dashboard_is_shown_in_both_languages(client: FlaskClient) -> None:
    placed = client.post("/demo/orders", json={"count": 3}).json["orders"]
    for path in ("/orders/", f"/orders/{placed[0]['id']}", f"/order/{placed[0]['id']}", "/customers/", "/extensions/"):
        assert client.get(path).status_code == 200
    client.set_cookie("demo_locale", "de")
    assert "Bestellungen" in client.get("/orders/").text
    assert client.get("/").status_code == 302


def test_staff_can_act_on_an_order(client: FlaskClient) -> None:
    order = client.post("/demo/orders", json={"count": 1}).json["orders"][0]["id"]
    client.post(f"/do/cancel/{order}")
    assert "canceled" in client.get(f"/now/order/{order}").text
    assert client.post(f"/do/fulfil/{order}").status_code == 302
    assert client.post(f"/do/nonsense/{order}").status_code == 404


def test_an_order_can_be_placed_as_somebody(client: FlaskClient) -> None:
    answer = client.post("/orders/new", data={"email": ""})
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 200


def test_unknown_things_are_not_found(client: FlaskClient) -> None:
    for path in ("/orders/nonsense", "/customers/nonsense", "/extensions/app/nonsense", "/token/page/99"):
        assert client.get(path).status_code == 404


def test_a_failed_installation_is_said(client: FlaskClient) -> None:
    assert client.post("/demo/install", json={"manifest_url": "http://127.0.0.1:9/"}).status_code == 422
    shown = client.post("/extensions/install", data={"manifest": "http://127.0.0.1:9/"})
    assert "Failed to connect to app" in shown.text


def test_the_state_is_counted(client: FlaskClient) -> None:
    client.post("/demo/orders", json={"count": 2})
    assert client.post("/demo/settle", json={}).json == {"settled": True}
    assert client.get("/demo/state").json["pending"] == 0
