"""The panel as staff of a shop see it: who may look, what stands there, and what their buttons do."""

import json
import re
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, a_buyer, a_guest, fresh, global_id, jwks
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.domain.tiers import Standing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import REACTIONS
from saleor_loyalty_app.store import history, programs, tasks, tiers, work
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL
from saleor_loyalty_app.web.panel import ABOUT

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


def test_staff_with_one_permission_see_their_part_of_the_first_page(house: House) -> None:
    house.bought(total=150)
    of_orders = house.get("/panel/", permissions=[ORDERS])
    assert of_orders.status_code == 200
    assert "Latest parcels" in of_orders.text
    assert "All customers" not in of_orders.text
    of_users = house.get("/panel/", permissions=[USERS])
    assert "Latest parcels" not in of_users.text
    assert "All customers" in of_users.text


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
        (f"/panel/orders/{parcel.order_row}/look-again", {}),
        ("/panel/try-again", {"subject": f"order:{order_id}"}),
        ("/panel/order", {"orderId": order_id}),
        ("/panel/customer", {"customerId": global_id("User", 1)}),
    ):
        assert other.post(path, data).status_code == 404, path
    assert house.customer(parcel.customer_id).exclusions == ()


# ---- Today


def test_an_empty_shop_is_told_the_three_steps_to_the_first_surprise(house: House) -> None:
    text = house.get("/panel/").text
    assert "Three steps to the first surprise" in text


def test_progress_asks_again_while_the_history_is_read_and_stops_when_it_is(house: House) -> None:
    with house.app.database.write() as db:
        history.start_reading(db, house.shop.id, "orders", read_from=None, now=house.app.now())
        history.change_reading(db, house.shop.id, "orders", read=1200, total=2400)
    text = house.get("/panel/progress").text
    assert 'hx-trigger="every 3s"' in text
    assert 'value="50"' in text
    assert "1.200 von etwa 2.400" in house.get("/panel/progress", locale="de").text
    with house.app.database.write() as db:
        history.change_reading(db, house.shop.id, "orders", state=history.DONE)
    assert "hx-trigger" not in house.get("/panel/progress").text


def test_a_failure_is_shown_and_tried_again_once_however_often_the_button_is_pressed(house: House) -> None:
    house.bought()
    subject = f"order:{global_id('Order', 1)}"
    house.failed(subject, "The shop refused the note: <b>no</b>.")
    text = house.get("/panel/").text
    assert "The shop refused the note: &lt;b&gt;no&lt;/b&gt;." in text
    for _ in range(2):
        answer = house.post("/panel/try-again", {"subject": subject})
        assert answer.status_code == 200
        assert toast(answer)["status"] == "success"
    with house.app.database.read() as db:
        known = work.find(db, house.shop.id, subject)
        assert known is not None
        assert (known.state, known.round) == (work.WAITING, 2)


def test_every_kind_of_work_is_called_by_a_name() -> None:
    assert set(ABOUT) == set(REACTIONS)


def test_what_nobody_asked_for_is_not_made_into_work(house: House) -> None:
    assert house.post("/panel/try-again", {"subject": "removal:"}).status_code == 404
    with house.app.database.read() as db:
        assert work.counts(db, house.shop.id) == {}


def test_a_task_is_said_in_words_and_can_be_done(house: House) -> None:
    detail = {"before": "54.00", "after": "51.20", "currency": "USD", "number": "1"}
    subject = f"order:{global_id('Order', 1)}"
    with house.app.database.write() as db:
        tasks.open_task(db, house.shop.id, "total_changed", subject, detail=detail, now=house.app.now())
    assert "moved it from 54.00 to 51.20 USD" in house.get("/panel/").text
    for _ in range(2):
        assert house.post("/panel/tasks/done", {"kind": "total_changed", "subject": subject}).status_code == 200
    assert "54.00" not in house.get("/panel/").text


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


def test_parcels_are_found_by_number_code_name_and_state(house: House) -> None:
    first = house.bought(buyer=a_buyer(user_id=global_id("User", 5), email="z@example.com", first_name="Zoë"))
    second = house.bought()
    for search in ("1", "#1", first.code.lower(), "zo"):
        text = house.post("/panel/parcels", {"search": search}).text
        assert first.code in text, search
        assert second.code not in text, search
    assert "No parcel fits" in house.post("/panel/parcels", {"search": "%"}).text
    assert "No parcel fits" in house.post("/panel/parcels", {"state": "cancelled"}).text
    assert first.code in house.post("/panel/parcels", {"state": "planned"}).text


def test_long_lists_go_on_page_by_page_without_a_gap(house: House) -> None:
    codes = [house.bought(buyer=a_guest(email=f"{n}@example.com")).code for n in range(25)]
    first = house.get("/panel/parcels").text
    before = re.search(r'name="before" value="(\d+)"', first)
    assert before
    second = house.post("/panel/parcels", {"before": before[1]}).text
    on_first, on_second = ([code for code in codes if code in text] for text in (first, second))
    assert len(on_first) == 20
    assert sorted(on_first + on_second) == sorted(codes)


def test_a_search_never_stands_in_an_address(house: House) -> None:
    house.bought()
    text = house.get("/panel/parcels").text + house.get("/panel/customers").text
    assert "hx-get=" in text
    assert not re.search(r'hx-get="[^"]*[?]', text)


# ---- Customers


def test_a_customer_page_says_tier_reason_progress_orders_and_parcels(house: House) -> None:
    parcel = house.bought(total=150)
    text = house.get(f"/panel/customers/{parcel.customer_id}").text
    for words in ("Anna Nguyen", "Silver since 15 June 2026: $150.00 in twelve months; it takes $100.00.",
                  "On the way to Gold", "$150.00 of $500.00", 'value="30"', parcel.code, "#1"):  # fmt: skip
        assert words in text, words


def test_the_same_in_german(house: House) -> None:
    parcel = house.bought(total=150)
    text = house.get(f"/panel/customers/{parcel.customer_id}", locale="de").text
    for words in (
        "Silber seit dem 15. Juni 2026: 150,00\xa0$ in zwölf Monaten",
        "Auf dem Weg zu Gold",
        "Entscheidungen",
    ):
        assert words in text, words


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


def test_a_tier_is_set_by_hand_once_and_handed_back(house: House) -> None:
    parcel = house.bought(total=150)
    path = f"/panel/customers/{parcel.customer_id}/tier"
    wish = {"tier": "gold", "reason": "Helped us at the fair", "until": "2026-12-31"}
    for _ in range(2):
        assert house.post(path, wish).status_code == 200
    member = house.customer(parcel.customer_id).membership
    assert (member.tier, member.standing, str(member.manual_until)) == ("gold", Standing.MANUAL, "2026-12-31")
    with house.app.database.read() as db:
        kinds = [stored.decision.kind for stored in tiers.decisions_of(db, house.shop.id, parcel.customer_id)]
        assert kinds == ["set_by_hand", "entered"]
        assert tiers.decisions_of(db, house.shop.id, parcel.customer_id)[0].decision.by == global_id("User", 21)
        mirror = work.find(db, house.shop.id, "mirror:")
    assert mirror is not None
    assert "by you" in house.get(f"/panel/customers/{parcel.customer_id}").text
    for _ in range(2):
        assert house.post(f"{path}/hand-back").status_code == 200
    assert house.customer(parcel.customer_id).membership.standing is not Standing.MANUAL


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"tier": "platinum", "reason": "x"}, "Choose a tier of the program"),
        ({"tier": "gold", "reason": "  "}, "Say why"),
        ({"tier": "gold", "reason": "x" * 301}, "at most 300 characters"),
        ({"tier": "gold", "reason": "x", "until": "soon"}, "Give the day like"),
        ({"tier": "gold", "reason": "x", "until": "2026-06-14"}, "That day is over"),
    ],
)
def test_a_wish_that_makes_no_sense_is_answered_beside_the_field(
    house: House, wish: dict[str, str], problem: str
) -> None:
    parcel = house.bought(total=150)
    answer = house.post(f"/panel/customers/{parcel.customer_id}/tier", wish)
    assert answer.status_code == 422
    assert problem in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert house.customer(parcel.customer_id).membership.standing is Standing.SECURE


def test_wishes_are_kept_tidy(house: House) -> None:
    parcel = house.bought()
    house.post(
        f"/panel/customers/{parcel.customer_id}/wishes",
        {"exclusion": ["no-inserts", "milk"], "more_exclusions": "Tree Nuts, milk,,", "preferences": "Tea , coffee"},
    )
    known = house.customer(parcel.customer_id)
    assert known.exclusions == ("no-inserts", "milk", "tree-nuts")
    assert known.preferences == ("tea", "coffee")


def test_customers_are_found_by_tier_and_name(house: House) -> None:
    anna = house.bought(total=150)
    guest = house.bought(buyer=a_guest(email="g@example.com", first_name="Gwen", last_name="Łęcka"))
    page_of = lambda data: house.post("/panel/customers", data).text  # noqa: E731
    assert "Gwen" not in page_of({"tier": "silver"})
    assert "Anna" in page_of({"tier": "silver"})
    assert "Anna" not in page_of({"tier": "-"})
    assert f"/customers/{guest.customer_id}" in page_of({"search": "gw łę"})
    assert f"/customers/{anna.customer_id}" not in page_of({"search": "gwen"})


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

    monkeypatch.setattr("saleor_loyalty_app.store.pages.parcel_lines", broken)
    answer = house.get("/panel/parcels", locale="de")
    assert answer.status_code == 503
    assert "Das hat nicht geklappt" in answer.text
    assert "secret" not in answer.text


def test_an_address_of_the_panel_that_is_not_there_is_answered_in_words(house: House) -> None:
    assert "Nothing is here" in house.get("/panel/nowhere").text
