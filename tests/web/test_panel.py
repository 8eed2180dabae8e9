"""The panel as staff of a shop see it: who may look, what stands there, and what their buttons do."""

import json
import re
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, a_buyer, fresh, global_id, jwks
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import programs
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL

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
    answer = house.get(path, permissions=permissions)
    assert answer.status_code == 403
    missing = {ORDERS, USERS} - set(permissions)
    assert all(permission in answer.text for permission in missing)
    assert "manages staff" in answer.text


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


# ---- The program


def test_the_program_is_shown_in_words_with_its_versions(house: House) -> None:
    text = house.get("/panel/program").text
    for words in ("Regulars", "$500.00 in 365 days", "caramel", "always there", "Version 1", "in force"):
        assert words in text, words
    assert "name = &#34;Regulars&#34;" in house.get("/panel/program/versions/1").text
    assert house.get("/panel/program/versions/2").status_code == 404


def test_all_problems_of_a_draft_are_shown_at_once_and_the_draft_is_kept(house: House) -> None:
    broken = german_and_english(currency="EURO", time_zone="Mars")
    answer = house.post("/panel/program/check", {"toml": broken})
    assert answer.status_code == 422
    assert "no currency code" in answer.text
    assert "no time zone" in answer.text
    assert "Mars" in answer.text
    answer = house.post("/panel/program/check", {"toml": "[[[ nonsense </textarea><script>"})
    assert answer.status_code == 422
    assert "</textarea><script>" not in answer.text


def test_who_would_move_is_shown_before_anything_is_published(house: House) -> None:
    parcel = house.bought(total=150)
    easier = german_and_english().replace('spend = "500"', 'spend = "150"')
    text = house.post("/panel/program/check", {"toml": easier}).text
    assert "Anna Nguyen" in text
    assert "Publish as version 2" in text
    with house.app.database.read() as db:
        assert len(programs.all_versions(db, house.shop.id)) == 1
    assert house.customer(parcel.customer_id).membership.tier == "silver"


def test_nobody_drops_by_a_draft_unless_that_is_said(house: House) -> None:
    house.bought(total=150)
    harder = german_and_english().replace('spend = "100"', 'spend = "400"')
    assert "Nobody would move" in house.post("/panel/program/check", {"toml": harder}).text
    text = house.post("/panel/program/check", {"toml": harder, "drops_allowed": "yes"}).text
    assert "stays until 15 July 2026" in text


def test_publishing_twice_makes_one_version(house: House) -> None:
    draft = {"toml": german_and_english(name="New"), "base": "1"}
    assert toast(house.post("/panel/program/publish", draft))["title"] == "Version 2 is in force."
    assert toast(house.post("/panel/program/publish", draft))["status"] == "info"
    with house.app.database.read() as db:
        versions = programs.all_versions(db, house.shop.id)
    assert [(v.version, v.published_by) for v in versions] == [(2, global_id("User", 21)), (1, "test")]


def test_a_draft_made_on_an_older_version_is_not_published_over_a_newer_one(house: House) -> None:
    house.post("/panel/program/publish", {"toml": german_and_english(name="Mine"), "base": "1"})
    answer = house.post("/panel/program/publish", {"toml": german_and_english(name="Yours"), "base": "1"})
    assert answer.status_code == 409
    assert "version 2 meanwhile" in answer.text
    assert "Yours" in answer.text


def test_going_live_is_asked_first_and_can_be_undone(app: App) -> None:
    house = House(app, mode=REHEARSAL)
    assert "Yes, go live" in house.get("/panel/program/mode").text
    assert fresh(app, house.shop).mode == REHEARSAL
    for mode in (LIVE, LIVE, REHEARSAL):
        assert house.post("/panel/program/mode", {"mode": mode}).status_code == 200
        assert fresh(app, house.shop).mode == mode
    assert house.post("/panel/program/mode", {"mode": "wild"}).status_code == 404


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
