"""The widgets on the dashboard's order and customer pages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from factories import OTHER_SHOP_URL, dashboard_token, global_id, jwks
from panel_house import House

from saleor_loyalty_app.services.app import App


@pytest.fixture
def house(app: App) -> House:
    settings = app.settings.model_copy(update={"dashboard_origins": ("https://dash.example.com",)})
    return House(replace(app, settings=settings))


def test_the_order_widget_says_what_goes_into_the_parcel_and_why(house: House) -> None:
    house.bought(total=150)
    answer = house.widget("order", orderId=global_id("Order", 1))
    assert answer.status_code == 200
    for words in (
        "<!doctype html>",
        "caramel",
        "bookmark",
        "Silver",
        "Moment: this order reached Silver.",
        "Dear Anna",
    ):
        assert words in answer.text, words


def test_the_order_widget_speaks_the_browsers_language(house: House) -> None:
    house.bought(total=150)
    text = house.widget("order", language="de-DE,de;q=0.9,en;q=0.5", orderId=global_id("Order", 1)).text
    assert '<html lang="de"' in text
    assert "Zu packen" in text


def test_an_order_without_a_parcel_says_why(house: House) -> None:
    house.no_parcel("nothing_to_ship")
    assert "Nothing in this order is shipped." in house.widget("order", orderId=global_id("Order", 1)).text


def test_the_customer_widget_says_tier_reason_and_progress(house: House) -> None:
    house.bought(total=150)
    text = house.widget("customer", customerId=global_id("User", 1)).text
    for words in ("Silver since 15 June 2026", "On the way to Gold", 'value="30"', "bookmark"):
        assert words in text, words


@pytest.mark.parametrize("hostile", ["", "T3JkZXI6OTk=", "<script>alert(1)</script>", "x" * 5000, "' OR ''='"])
def test_an_unknown_id_is_answered_kindly_and_never_shown(house: House, hostile: str) -> None:
    for kind, field in (("order", "orderId"), ("customer", "customerId")):
        answer = house.widget(kind, **{field: hostile})
        assert answer.status_code == 200
        assert "is not known yet" in answer.text
        assert "<script>alert" not in answer.text


def test_another_shops_order_is_not_known(app: App, house: House) -> None:
    house.bought()
    other = House(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks())
    assert "is not known yet" in other.widget("order", orderId=global_id("Order", 1)).text


def test_an_empty_token_says_who_can_help(house: House) -> None:
    for kind, permission in (("order", "MANAGE_ORDERS"), ("customer", "MANAGE_USERS")):
        answer = house.widget(kind, token="", orderId="x")
        assert answer.status_code == 401
        assert permission in answer.text
        assert "manages staff" in answer.text
        assert "<!doctype html>" in answer.text


def test_a_token_that_is_none_says_to_reload(house: House) -> None:
    answer = house.widget("order", token="a.b.c", orderId="x")
    assert answer.status_code == 401
    assert "reload the page" in answer.text


def test_a_widget_loads_nothing_but_our_own_files_and_has_nothing_inline(house: House) -> None:
    house.bought(total=150)
    for answer in (house.widget("order", orderId=global_id("Order", 1)),
                   house.widget("customer", customerId=global_id("User", 1))):  # fmt: skip
        assert "style=" not in answer.text
        assert "onload=" not in answer.text
        assert "<script>" not in answer.text
        assert "https://" not in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_widget_looks_and_speaks_as_the_panel_last_did_for_this_viewer(house: House) -> None:
    house.bought(total=150)
    said = {"Theme": "dark", "Dashboard": "https://dash.example.com/dashboard"}
    house.client.get("/panel/", headers={**house.headers(locale="de"), **said})
    text = house.widget("order", orderId=global_id("Order", 1)).text
    assert '<html lang="de" data-theme="dark">' in text
    assert 'href="https://dash.example.com/dashboard/extensions/app/QXBwOjg%3D/parcels/BR-' in text
    other = dashboard_token(datetime.now(UTC), user_id=global_id("User", 22))
    assert '<html lang="en">' in house.widget("order", token=other, orderId=global_id("Order", 1)).text


@pytest.mark.parametrize(
    "dashboard",
    ["https://evil.example.com", "javascript:alert(1)", "https://dash.example.com@evil.example.com/",
     'https://dash.example.com/"onclick="x', "https://dash.example.com/a?b", "https://dash.example.com:1/x"],
)  # fmt: skip
def test_a_widget_links_to_no_other_dashboard_than_the_configured_ones(house: House, dashboard: str) -> None:
    house.bought(total=150)
    house.client.get("/panel/", headers={**house.headers(), "Theme": '"><script>', "Dashboard": dashboard})
    text = house.widget("order", orderId=global_id("Order", 1)).text
    assert '<html lang="en">' in text
    assert "<a " not in text
