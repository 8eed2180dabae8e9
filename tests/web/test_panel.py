"""The panel as staff of a shop see it: who may look, what stands there, and what their buttons do."""

import json
import re
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, a_buyer, fresh, global_id, jwks
from panel_house import HOSTILE, House

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.web.auth import PERMISSIONS

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def panel_routes(house: House) -> list[Any]:
    rules = house.client.application.url_map.iter_rules()
    return [rule for rule in rules if rule.rule.startswith(("/panel", "/widgets"))]


def address(rule: Any) -> str:
    return re.sub(r"<[^>]+>", "1", rule.rule)


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


# ---- Who may look


def test_no_part_of_the_panel_is_shown_without_a_token(house: House) -> None:
    assert len(panel_routes(house)) >= 20
    for rule in panel_routes(house):
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = house.client.open(address(rule), method=method)
            assert answer.status_code == 401, (method, rule.rule)


def test_every_part_of_the_panel_names_the_permissions_it_needs(house: House) -> None:
    for rule in panel_routes(house):
        if rule.endpoint == "desk_sessions.enter":  # has a one-time code instead of a token
            continue
        view = house.client.application.view_functions[rule.endpoint]
        assert set(view.needs_permissions) <= {ORDERS, USERS}, rule.rule
        assert view.needs_permissions, rule.rule
        answer = house.client.open(
            address(rule), method=next(iter(rule.methods - {"HEAD", "OPTIONS"})), headers=house.headers(permissions=[])
        )
        assert answer.status_code == 403, rule.rule


@pytest.mark.parametrize(
    ("path", "permissions"),
    [
        ("/panel/parcels", [USERS]),
        ("/panel/orders/1", [USERS]),
        ("/panel/customers", [ORDERS]),
        ("/panel/customers/1", [ORDERS]),
        ("/panel/program", [ORDERS]),
        ("/panel/program/mode", [USERS]),
    ],
)
def test_a_missing_permission_is_said_in_words(house: House, path: str, permissions: list[str]) -> None:
    answer = house.get(path, permissions=permissions, user_permissions=permissions)
    assert answer.status_code == 403
    missing = {ORDERS, USERS} - set(permissions)
    assert all(f"“{PERMISSIONS[permission]}”" in answer.text for permission in missing)
    assert "“Manage staff” can give it to your group" in answer.text


@pytest.mark.parametrize(
    "claims",
    [
        {"key": "a stranger"},
        {"app": global_id("App", 9)},
        {"iss": OTHER_SHOP_URL},
        {"type": "access"},
        {"is_staff": False},
        {"exp": 1},
    ],
    ids=["signed by another", "for another app", "of another shop", "a customer's", "not staff", "expired"],
)
def test_a_token_that_is_not_the_dashboards_is_refused(house: House, claims: dict[str, Any]) -> None:
    house.shop = fresh(house.app, house.shop)
    answer = house.client.get("/panel/", headers=house.headers(**claims))
    assert answer.status_code in {401, 503}


def test_what_the_user_alone_may_do_does_not_count(house: House) -> None:
    answer = house.get("/panel/parcels", permissions=[], user_permissions=[ORDERS, USERS])
    assert answer.status_code == 403


def test_a_permission_that_only_the_app_lacks_is_not_said_to_be_the_viewers_lack(house: House) -> None:
    refused = house.get("/panel/parcels", permissions=[USERS], user_permissions=[ORDERS, USERS])
    assert refused.status_code == 403
    assert "The app lacks a permission" in refused.text
    assert "your account does not have" not in refused.text
    assert (
        "The app lacks a permission" in house.get("/panel/", permissions=[USERS], user_permissions=[ORDERS, USERS]).text
    )
    assert "The app lacks a permission" not in house.get("/panel/", permissions=[USERS], user_permissions=[USERS]).text


def test_another_shops_rows_are_not_there(app: App, house: House) -> None:
    parcel = house.bought(total=150)
    other = House(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks())
    order_id = global_id("Order", 1)
    for path in (f"/panel/parcels/{parcel.code}", f"/panel/orders/{parcel.order_row}",
                 f"/panel/customers/{parcel.customer_id}"):  # fmt: skip
        assert house.get(path).status_code == 200, path
        assert other.get(path).status_code == 404, path
    customer = f"/panel/customers/{parcel.customer_id}"
    for path, data in (
        (f"{customer}/tier", {"tier": "gold", "reason": "x"}),
        (f"{customer}/tier/hand-back", {}),
        (f"{customer}/wishes", {"exclusion": "milk"}),
        (f"{customer}/trouble", {"solved": "yes"}),
        (f"{customer}/data/file", {}),
        (f"{customer}/erase", {}),
        (f"/panel/orders/{parcel.order_row}/look-again", {}),
        ("/panel/try-again", {"subject": f"order:{order_id}"}),
        ("/panel/order", {"orderId": order_id}),
        ("/panel/customer", {"customerId": global_id("User", 1)}),
    ):
        assert other.post(path, data).status_code == 404, path
    assert house.customer(parcel.customer_id).exclusions == ()


# ---- Parcels


def test_a_parcel_shows_what_why_and_the_words_of_the_note(house: House) -> None:
    parcel = house.bought(total=150)
    answer = house.get(f"/panel/parcels/{parcel.code}")
    assert answer.headers["Panel-Path"] == f"/parcels/{parcel.code}"
    for words in (
        "caramel",
        "bookmark",
        "the signature extra, always there",
        "Dear Anna, thank you.",
        "Mira",
        "Silver",
    ):
        assert words in answer.text, words


def test_an_order_without_a_parcel_says_why(house: House) -> None:
    row = house.no_parcel("staff_order")
    assert "Ordered by the shop&#39;s own staff." in house.get(f"/panel/orders/{row}").text
    assert "Vom Team des Shops selbst bestellt." in house.get(f"/panel/orders/{row}", locale="de-AT").text


def test_the_order_that_the_dashboard_names_is_found_and_gets_an_address_of_our_own(house: House) -> None:
    parcel = house.bought()
    answer = house.post("/panel/order", {"orderId": global_id("Order", 1)})
    assert answer.headers["Panel-Path"] == f"/parcels/{parcel.code}"
    assert house.post("/panel/order", {"orderId": "' OR 1=1 --"}).status_code == 404
    assert house.post("/panel/order").status_code == 404


# ---- Customers


def test_hostile_names_and_wishes_are_only_text(house: House) -> None:
    buyer = a_buyer(first_name=HOSTILE, last_name='" onmouseover="x')
    parcel = house.bought(total=150, buyer=buyer)
    house.post(f"/panel/customers/{parcel.customer_id}/wishes", {"more_exclusions": HOSTILE})
    for path in ("/panel/", "/panel/parcels", f"/panel/parcels/{parcel.code}", "/panel/customers",
                 f"/panel/customers/{parcel.customer_id}"):  # fmt: skip
        text = house.get(path).text
        assert "<script" not in text, path
        assert "&lt;script&gt;" in text, path
        assert ' onmouseover="' not in text, path
    widget = house.widget("customer", customerId=global_id("User", 1)).text
    assert "<script>" not in widget


# ---- Trouble


def test_trouble_with_the_database_is_said_in_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def broken(*_args: object, **_more: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("secret"))

    monkeypatch.setattr("saleor_loyalty_app.web.parcel_lists.parcel_page", broken)
    answer = house.get("/panel/parcels", locale="de")
    assert answer.status_code == 503
    assert "Das hat nicht geklappt" in answer.text
    assert "secret" not in answer.text


def test_an_address_of_the_panel_that_is_not_there_is_answered_in_words(house: House) -> None:
    assert "Nothing is here" in house.get("/panel/nowhere").text


def test_a_number_that_no_database_holds_is_not_found_anywhere(house: House) -> None:
    addresses = [rule.rule for rule in house.client.application.url_map.iter_rules() if "<int:" in rule.rule]
    assert len(addresses) > 10
    for address in addresses:
        path = re.sub(r"<int:\w+>", str(2**70), address)
        assert {house.get(path).status_code, house.post(path).status_code} <= {404, 405}, address


def test_a_panel_that_is_not_told_the_language_again_goes_on_in_the_last_one(house: House) -> None:
    """The dashboard says it once; a frame that it loads anew, as after going back, sends none."""
    house.client.get("/panel/", headers={**house.headers(locale="de"), "Theme": "light"})
    again = house.client.get("/panel/", headers={**house.headers(locale=""), "Theme": "light"})
    assert again.headers["Content-Language"] == "de"
    assert "Heute" in again.text
