"""The widgets on the dashboard's order and customer pages."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from factories import (
    OTHER_SHOP_URL,
    Clock,
    a_surprise_extra,
    an_extra,
    dashboard_token,
    global_id,
    jwks,
)
from panel_house import HOSTILE, House, german_and_english
from werkzeug.test import TestResponse

from saleor_loyalty_app.domain.tiers import Standing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.customers import set_memberships, set_wishes
from saleor_loyalty_app.store.pictures import keep_picture
from saleor_loyalty_app.store.viewers import seen_by
from saleor_loyalty_app.web import create_app


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
    for kind, permission in (("order", "Manage orders"), ("customer", "Manage customers")):
        answer = house.widget(kind, token="", orderId="x")
        assert answer.status_code == 401
        assert f"It needs the permission “{permission}”" in answer.text
        assert "“Manage staff” can give it to your group" in answer.text
        assert "<!doctype html>" in answer.text
        assert "data-token" not in answer.text


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
        assert re.search(r'(?:src|href|action)="(?!/static/|data:,)', answer.text) is None
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


# ---- The dashboard around it: theme, language, address


DASHBOARD = "https://dash.example.com/dashboard"


def panel_says(house: House, *, locale: str = "en", **headers: str) -> None:
    house.client.get("/panel/", headers={**house.headers(locale=locale), **headers})


def opened_from(house: House, **headers: str) -> str:
    """The order's widget as the browser asks for it."""
    token = dashboard_token(datetime.now(UTC), iss=house.shop.saleor_api_url)
    data = {"saleorApiUrl": house.shop.saleor_api_url, "accessToken": token, "orderId": global_id("Order", 1)}
    return house.client.post("/widgets/order", data=data, headers=headers).text


def test_a_widget_speaks_as_the_panel_last_did_and_remembers_its_theme(house: House) -> None:
    house.bought(total=150)
    panel_says(house, locale="de", Theme="dark", Dashboard=DASHBOARD)
    text = house.widget("order", orderId=global_id("Order", 1)).text
    assert '<html lang="de" data-remembered="dark"' in text
    assert "data-theme" not in text  # the browser may know better
    assert f'href="{DASHBOARD}/extensions/app/QXBwOjg%3D/parcels/BR-' in text
    other = dashboard_token(datetime.now(UTC), user_id=global_id("User", 22))
    theirs = house.widget("order", token=other, orderId=global_id("Order", 1)).text
    assert '<html lang="en" data-dashboards' in theirs


def test_what_the_panel_said_survives_a_restart(house: House) -> None:
    house.bought(total=150)
    panel_says(house, locale="de", Theme="dark", Dashboard=DASHBOARD)
    house.client = create_app(house.app).test_client()
    assert '<html lang="de" data-remembered="dark"' in house.widget("order", orderId=global_id("Order", 1)).text


def test_it_is_written_when_it_is_news_or_a_day_old_and_never_else(house: House, clock: Clock) -> None:
    def written(hours: float, **said: str) -> bool:
        clock.pass_time(hours=hours)
        panel_says(house, **{"Theme": "dark", "Dashboard": DASHBOARD, **said})
        with house.app.database.read() as db:
            return seen_by(db, house.shop.id, global_id("User", 21))[1] == clock.now()

    assert written(0)
    assert not written(1)
    assert written(1, Theme="light")
    assert not written(2, Theme="light", Dashboard="")  # not known is no news
    assert not written(2, Theme="<b>", Dashboard="https://evil.example.com")
    assert written(21, Theme="light")


def test_the_link_is_there_before_the_panel_was_ever_opened(house: House) -> None:
    house.bought(total=150)
    for headers in ({"Origin": "https://dash.example.com"}, {"Referer": "https://dash.example.com/orders/x"}):
        assert 'href="https://dash.example.com/extensions/app/' in opened_from(house, **headers)


def test_where_the_dashboard_is_mounted_is_known_from_a_colleague(house: House) -> None:
    house.bought(total=150)
    said = {"Theme": "dark", "Dashboard": DASHBOARD}
    house.client.get("/panel/", headers={**house.headers(user_id=global_id("User", 22)), **said})
    assert f'href="{DASHBOARD}/extensions/app/' in opened_from(house, Origin="https://dash.example.com")


def test_a_dashboard_beside_the_api_is_where_saleor_mounts_it(app: App) -> None:
    settings = app.settings.model_copy(update={"dashboard_origins": ("https://shop.example.com",)})
    house = House(replace(app, settings=settings))
    house.bought(total=150)
    text = opened_from(house, Origin="https://shop.example.com")
    assert 'href="https://shop.example.com/dashboard/extensions/app/' in text


STRANGE = [
    "https://evil.example.com",
    "javascript:alert(1)",
    "https://dash.example.com@evil.example.com/",
    "https://dash.example.com:1/x",
    "https://[",
]
CROOKED = ['https://dash.example.com/"onclick="x', "https://dash.example.com/a?b", "https://dash.example.com/../x"]


@pytest.mark.parametrize("dashboard", [*STRANGE, *CROOKED])
def test_a_widget_links_to_no_other_dashboard_than_the_configured_ones(house: House, dashboard: str) -> None:
    house.bought(total=150)
    panel_says(house, Theme='"><script>', Dashboard=dashboard)
    asked = [
        {"Dashboard": dashboard},
        *([{"Origin": dashboard}, {"Referer": dashboard}] if dashboard in STRANGE else []),
    ]
    for text in (
        house.widget("order", orderId=global_id("Order", 1)).text,
        *(opened_from(house, **one) for one in asked),
    ):
        assert '<html lang="en" data-dashboards="https://dash.example.com">' in text
        assert "<a " not in text


# ---- Buttons


def form(text: str, act: str) -> dict[str, str]:
    """The hidden fields of one of the widget's forms."""
    (inside,) = re.findall(rf'<form[^>]*hx-post="/widgets/order/\d+/{act}">(.*?)</form>', text, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', inside))


def press(house: House, act: str, fields: dict[str, str], *, row: int = 1, **claims: Any) -> TestResponse:
    headers = {**house.headers(**claims), "HX-Request": "true", "Dashboard": "https://dash.example.com"}
    return house.client.post(f"/widgets/order/{row}/{act}", data=fields, headers=headers)


@pytest.fixture
def choosy(app: App) -> House:
    """A house with a second surprise to exchange the first one for."""
    extras = [an_extra(), a_surprise_extra(shelf="B2"), a_surprise_extra("candle")]
    toml = german_and_english(extras=extras, surprises=[{"chance": 1.0, "pool": ["bookmark", "candle"]}])
    house = House(app, toml=toml)
    house.bought(total=150)
    return house


def opened(house: House) -> str:
    return house.widget("order", orderId=global_id("Order", 1)).text


def test_a_button_is_answered_with_the_inside_of_the_widget_and_what_was_done(choosy: House) -> None:
    answer = press(choosy, "pack", form(opened(choosy), "pack"))
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "data-token" not in answer.text
    assert "Packed" in answer.text
    assert json.loads(answer.headers["HX-Trigger"])["toast"] == {"status": "success", "title": "The parcel is packed."}


def test_a_surprise_is_exchanged_for_the_next_best(choosy: House) -> None:
    before = opened(choosy)
    first, second = ("bookmark", "candle") if "Exchange bookmark for candle" in before else ("candle", "bookmark")
    answer = press(choosy, "exchange", form(before, "exchange"))
    assert f"<strong>{second}</strong>" in answer.text
    assert f"<strong>{first}</strong>" not in answer.text
    assert f"Exchanged: {second} goes in." in answer.headers["HX-Trigger"]


def test_a_button_pressed_twice_does_it_once(choosy: House) -> None:
    fields = form(opened(choosy), "exchange")
    once, twice = press(choosy, "exchange", fields).text, press(choosy, "exchange", fields).text
    assert re.findall("<strong>(.*?)</strong>", once) == re.findall("<strong>(.*?)</strong>", twice)


def test_the_note_is_edited_in_place_and_stays_escaped(choosy: House) -> None:
    fields = {**form(opened(choosy), "note"), "text": f"Dear Anna, {HOSTILE}"}
    answer = press(choosy, "note", fields)
    assert "Dear Anna, &lt;script&gt;" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(("act", "field", "fields"), [
    ("note", "note", {"text": "  "}), ("note", "note", {"text": "x" * 5000}),
    ("skip", "words", {"reason": "other", "words": ""}), ("skip", "words", {"reason": ""}),
])  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    choosy: House, act: str, field: str, fields: dict[str, str]
) -> None:
    answer = press(choosy, act, {**form(opened(choosy), act), **fields})
    assert answer.status_code == 422
    assert f'aria-invalid="true" aria-describedby="{field}-problem"' in answer.text
    assert f'id="{field}-problem"' in answer.text
    assert answer.text.count('<details class="change" open>') == 1
    assert fields.get("text", "") in answer.text


def test_a_skipped_parcel_says_why_and_can_be_taken_up_again(choosy: House) -> None:
    skipped = press(choosy, "skip", {**form(opened(choosy), "skip"), "reason": "other", "words": "the box is full"})
    assert "the box is full" in skipped.text
    assert "caramel" not in re.findall("<strong>(.*?)</strong>", skipped.text)
    again = press(choosy, "undo", form(skipped.text, "undo"))
    assert "caramel" in re.findall("<strong>(.*?)</strong>", again.text)
    assert "To pack" in again.text


def test_who_comes_too_late_is_told_so_where_it_can_be_seen(choosy: House) -> None:
    text = opened(choosy)
    press(choosy, "pack", form(text, "pack"))
    for act in ("note", "skip", "exchange", "pack"):
        answer = press(choosy, act, {**form(text, act), "text": "x", "reason": "fragile"} | {"wish": str(uuid4())})
        assert answer.status_code == 422
        assert answer.text.count('class="problem"') == 1
        assert 'role="alert"' in answer.text


def test_a_button_without_a_wish_does_nothing(choosy: House) -> None:
    assert press(choosy, "pack", {"wish": "again"}).status_code == 422
    assert "To pack" in opened(choosy)


def test_another_shops_parcel_can_not_be_changed(app: App, choosy: House) -> None:
    other = House(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks())
    for act in ("exchange", "note", "skip", "pack", "undo", "look-again"):
        assert press(other, act, {"wish": str(uuid4()), "item": "1"}).status_code == 404
    assert "To pack" in opened(choosy)


def test_changing_needs_the_permission_for_orders(choosy: House) -> None:
    answer = press(choosy, "pack", form(opened(choosy), "pack"), permissions=["MANAGE_USERS"])
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#said"  # what stands in the widget stays
    assert "Manage orders" in answer.text
    assert "To pack" in opened(choosy)


def test_a_session_that_has_ended_is_said_above_what_was_typed(choosy: House) -> None:
    late = dashboard_token(datetime.now(UTC) - timedelta(minutes=6))
    headers = {"Authorization-Bearer": late, "Saleor-Api-Url": choosy.shop.saleor_api_url, "HX-Request": "true"}
    answer = choosy.client.post("/widgets/order/1/note", data={"text": "x"}, headers=headers)
    assert answer.status_code == 401
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#said"
    assert "Your session has ended" in answer.text


def test_trouble_is_said_and_can_be_tried_again(choosy: House) -> None:
    choosy.failed(f"order:{global_id('Order', 1)}")
    text = opened(choosy)
    assert "The shop refused the note." in text
    answer = press(choosy, "look-again", form(text, "look-again"))
    assert answer.status_code == 200
    assert "The order is being checked again." in answer.headers["HX-Trigger"]


def test_a_picture_and_the_place_on_the_shelf_help_to_find_an_extra(choosy: House) -> None:
    with choosy.app.database.write() as db:
        for extra in ("bookmark", "candle"):
            keep_picture(db, choosy.shop.id, extra, b"webp", by="x", now=choosy.app.now())
    text = opened(choosy)
    assert text.count('<img src="data:image/webp;base64,d2VicA==" alt=""') == 1
    press(choosy, "exchange", form(text, "exchange"))
    assert "B2" in text + opened(choosy)


def test_who_wants_nothing_added_is_written_no_note(choosy: House) -> None:
    with choosy.app.database.write() as db:
        set_wishes(db, choosy.shop.id, choosy.customer(1).id, exclusions=["no-inserts"], preferences=["tea"])
    assert '/note"' not in opened(choosy)
    text = choosy.widget("customer", customerId=global_id("User", 1)).text
    assert "nothing at all, no notes either" in text
    assert "tea" in text


def test_the_customer_widget_says_how_long_grace_lasts_and_what_keeps_the_tier(house: House) -> None:
    parcel = house.bought(total=150)
    grace = replace(
        house.customer(parcel.customer_id).membership, standing=Standing.GRACE, grace_until=date(2026, 7, 1)
    )
    with house.app.database.write() as db:
        set_memberships(db, house.shop.id, [(parcel.customer_id, grace, None)])
    text = house.widget("customer", customerId=global_id("User", 1)).text
    assert "In grace until 1 July 2026" in text
    assert "Keeping Silver" in text
    assert "On the way to Gold" in text
