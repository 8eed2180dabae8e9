"""Who may see something, and what everybody else is told: kindly, in words, and no more than they may know."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from factories import SHOP_URL, dashboard_token
from flask import Flask
from panel_house import House

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT, INACTIVE, SILENT, change_shop
from saleor_loyalty_app.web import create_app
from saleor_loyalty_app.web.auth import PERMISSIONS


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def become(house: House, state: str) -> None:
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, state=state, away_since=house.app.now())


def said(text: str) -> str:
    """What a person reads."""
    body = re.sub(r"<(title|script|style).*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
    return " ".join(body.split())


SIX_MINUTES = timedelta(minutes=6)
TOLD = {
    "ended": (lambda now: dashboard_token(now - SIX_MINUTES), "Your session has ended", "Please reload the page."),
    "another app": (lambda now: dashboard_token(now, app="QXBwOjk="), "was installed again", "earlier installation"),
    "none": (lambda _now: "a.b.c", "can't tell who you are", "the installation may not have finished"),
    "a customer's": (lambda now: dashboard_token(now, is_staff=False), "can't tell who you are", "reload the page"),
}


@pytest.mark.parametrize("kind", TOLD)
def test_a_token_that_opens_nothing_is_answered_kindly_everywhere(house: House, kind: str) -> None:
    make_token, title, help_ = TOLD[kind]
    token = make_token(datetime.now(UTC))
    headers = {"Authorization-Bearer": token, "Saleor-Api-Url": house.shop.saleor_api_url}
    for answer in (house.client.get("/panel/", headers=headers), house.widget("order", token=token, orderId="x")):
        assert answer.status_code == 401
        assert title in said(answer.text)
        assert help_ in said(answer.text)
        assert token not in answer.text


def test_a_stranger_can_not_tell_an_unknown_shop_from_a_known_one(app: App) -> None:
    client = create_app(app).test_client()
    headers = {"Authorization-Bearer": "a.b.c", "Saleor-Api-Url": SHOP_URL}
    before = client.get("/panel/", headers=headers).text
    House(app)
    assert client.get("/panel/", headers=headers).text == before
    assert (
        client.get("/panel/", headers={**headers, "Saleor-Api-Url": "https://no.example.com/graphql/"}).text == before
    )


def test_a_deactivated_app_says_so_and_who_can_help(house: House) -> None:
    become(house, INACTIVE)
    answer = house.get("/panel/")
    assert answer.status_code == 401
    assert "Best Regards is switched off" in said(answer.text)
    assert "“Manage apps” can switch it on again" in said(answer.text)
    become(house, ACTIVE)
    assert house.get("/panel/").status_code == 200


def test_a_shop_that_is_silent_can_still_be_looked_at(house: House) -> None:
    become(house, SILENT)
    assert house.get("/panel/").status_code == 200


def test_a_removed_app_says_so_to_those_who_had_it(house: House) -> None:
    become(house, DORMANT)
    assert "Best Regards was removed from this shop" in said(house.get("/panel/").text)
    assert "can't tell who you are" in said(house.widget("order", token="a.b.c", orderId="x").text)


IN_WORDS = {
    "en": "It needs the permission “Manage orders”, which your account does not have. Somebody with the permission",
    "de": "die Berechtigung „Manage orders (Bestellungen verwalten)“. Wer die Berechtigung „Manage staff",
}


@pytest.mark.parametrize("locale", IN_WORDS)
def test_a_missing_permission_is_named_as_the_dashboard_names_it(house: House, locale: str) -> None:
    answer = house.get("/panel/parcels", locale=locale, permissions=["MANAGE_USERS"])
    assert answer.status_code == 403
    assert IN_WORDS[locale] in said(answer.text)
    assert 'hx-get="/panel/"' in answer.text  # they may see the first page


def test_who_may_see_nothing_is_not_sent_in_a_circle(house: House) -> None:
    answer = house.get("/panel/", permissions=["MANAGE_PRODUCTS"])
    assert answer.status_code == 403
    assert "“Manage orders” or “Manage customers”" in said(answer.text)
    assert "<a " not in answer.text


def test_each_permission_that_is_asked_for_has_a_name(app: App) -> None:
    web: Flask = create_app(app)
    asked = {one for view in web.view_functions.values() for one in getattr(view, "needs_permissions", ())}
    assert asked <= PERMISSIONS.keys()
