"""The costs page: budgets used and left, twelve months, tiers and extras, for each month and both modes."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from factories import NOW, Clock, add_installed_shop
from panel_house import HOSTILE, House, german_and_english
from sqlalchemy import insert

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.plan_parcel import means_now
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.store import cost_sums, parcels
from saleor_loyalty_app.store.costs import Costed, count
from saleor_loyalty_app.store.parcel_tables import costs

BUDGET = {"month": "100", "by_hand_month": "10"}
THIS_MONTH = f"{NOW:%Y-%m}"


@pytest.fixture
def house(app: App) -> House:
    return House(app, toml=german_and_english(budget=BUDGET), mode="live")


def cost(house: House, minor: int, **changes: Any) -> None:
    """One standing item of this many cents."""
    values: dict[str, Any] = {"mode": "live", "month": THIS_MONTH, "tier": "gold", "extra_id": "tea", "by_hand": 0,
                              "state": "packed"}  # fmt: skip
    with house.app.database.write() as db:
        count(db, house.shop.id, come=[Costed(**{**values, **changes}, cost_minor=minor)])


def words(house: House, path: str = "/panel/costs", **asked: Any) -> str:
    """The page as a person reads it: without tags."""
    answer = house.get(path, **asked)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


# ---- Sums


def test_what_is_packed_is_spent_and_what_is_planned_is_reserved(house: House) -> None:
    cost(house, 1200)
    cost(house, 800, state="shipped")
    cost(house, 500, state="planned")
    text = words(house)
    assert "$25.00 of $100.00" in text
    assert "Spent $20.00 Reserved $5.00 Left $75.00 Pieces 3" in text


def test_what_staff_add_is_shown_within_the_month_and_by_itself(house: House) -> None:
    cost(house, 1200)
    cost(house, 400, by_hand=1)
    text = words(house)
    assert "$16.00 of $100.00" in text
    assert "$4.00 of $10.00" in text


def test_more_than_the_budget_is_said_as_such(house: House) -> None:
    cost(house, 12_000)
    assert "Over the budget $20.00" in words(house)


def test_without_a_budget_it_says_so(app: App) -> None:
    house = House(app, mode="live")
    cost(house, 100)
    text = words(house)
    assert "The program sets no budget for this month." in text
    assert "Left" not in text


def test_the_page_and_the_planning_speak_of_the_same_sum(house: House) -> None:
    for number in range(3):
        house.bought(total=50 + number)
    with house.app.database.read() as db:
        program = current_program(db, house.shop)
        means = means_now(db, house.shop, program, 1, house.app.now())
        used = cost_sums.by_month(db, house.shop.id, mode="live", first=THIS_MONTH, last=THIS_MONTH)[THIS_MONTH]
    assert used.all.used_minor > 0
    assert means.month_left_minor == 100_00 - used.all.used_minor


def test_a_parcel_that_is_closed_no_longer_costs_anything(house: House) -> None:
    parcel = house.bought()
    with house.app.database.write() as db:
        parcels.close_parcel(db, house.shop.id, parcel.id, state=parcels.CANCELLED, why="cancelled", now=NOW)
    assert "No extra was planned in this month." in words(house) or "nothing has cost anything" in words(house)


# ---- By tier and by extra


def test_costs_stand_by_tier_the_highest_first_and_by_extra_the_dearest_first(house: House) -> None:
    cost(house, 100, tier="gold", extra_id="tea")
    cost(house, 900, tier="", extra_id="bookmark")
    cost(house, 300, tier="silver", extra_id="tea")
    cost(house, 50, tier="long-gone", extra_id="long-gone-too")
    text = words(house)
    tiers = text[text.index("By tier") : text.index("By extra")]
    assert tiers.index("Gold") < tiers.index("Silver") < tiers.index("Long gone") < tiers.index("No tier")
    extras = text[text.index("By extra") :]
    assert extras.index("ookmark") < extras.index("ea") < extras.index("Long gone too")


def test_each_picture_has_a_table(house: House) -> None:
    cost(house, 100)
    page = house.get("/panel/costs").text
    assert page.count('<svg class="bar"') == 4  # two budgets, one tier, one extra
    assert page.count('<svg class="column"') == 12
    assert page.count("<caption") == 3
    assert "style=" not in page


def test_names_from_the_database_are_escaped(house: House) -> None:
    cost(house, 100, tier=HOSTILE, extra_id=HOSTILE)
    page = house.get("/panel/costs").text
    assert "<script>" not in page.lower()


# ---- Months and modes


def test_twelve_months_stand_with_the_budget_each_had(house: House, clock: Clock) -> None:
    cost(house, 700, month="2026-01")
    clock.pass_time(days=40)
    publish_program(
        house.app, house.shop.id, toml=german_and_english(budget={"month": "250"}), published_by="x", drops_allowed=True
    )
    text = words(house)
    assert re.search(r"January 2026: \$7.00 ?, budget \$100.00", text)
    assert "budget $250.00" in text


def test_a_month_can_be_chosen_and_its_address_is_kept(house: House) -> None:
    cost(house, 700, month="2026-02")
    answer = house.get("/panel/costs/2026-02")
    assert answer.headers["Panel-Path"] == "/costs/2026-02/live"
    assert "Budget of February 2026" in answer.text
    assert "$7.00" in answer.text


def test_a_month_long_ago_moves_the_picture_there(house: House) -> None:
    cost(house, 700, month="2023-05")
    text = words(house, "/panel/costs/2023-05")
    assert "June 2022" in text
    assert "June 2023" not in text


@pytest.mark.parametrize("path", ["2026-13", "2027-01", "1999-01", "x", "2026-1", "2026-01/other", "%3Cscript%3E"])
def test_a_month_that_is_none_or_still_to_come_is_not_found(house: House, path: str) -> None:
    assert house.get(f"/panel/costs/{path}").status_code == 404


def test_the_rehearsal_is_shown_when_nothing_was_live(house: House) -> None:
    cost(house, 300, mode="rehearsal")
    answer = house.get("/panel/costs")
    assert "what would have been spent" in answer.text
    assert answer.headers["Panel-Path"] == "/costs"


def test_live_and_rehearsal_are_never_mixed(house: House) -> None:
    cost(house, 300, mode="rehearsal")
    cost(house, 500)
    assert "$5.00 of $100.00" in words(house)
    assert "$3.00 of $100.00" in words(house, f"/panel/costs/{THIS_MONTH}/rehearsal")


def test_a_shop_without_costs_gets_kind_words(house: House) -> None:
    text = words(house)
    assert "nothing has cost anything" in text
    assert "Twelve months" not in text


def test_another_shops_costs_are_not_seen(house: House) -> None:
    other = add_installed_shop(house.app, saleor_api_url="https://other.example.com/graphql/")
    row = {"mode": "live", "month": THIS_MONTH, "tier": "", "extra_id": "tea", "by_hand": 0, "state": "packed"}
    with house.app.database.write() as db:
        db.execute(insert(costs).values(shop_id=other.id, pieces=1, cost_minor=99_900, **row))
    assert "nothing has cost anything" in words(house)


# ---- People


def test_it_speaks_german(house: House) -> None:
    cost(house, 123_400)
    text = words(house, locale="de")
    assert "1.234,00 $ von 100,00 $" in text
    assert "Nach Stufe, " in text


def test_it_needs_the_permission_for_orders(house: House) -> None:
    assert house.get("/panel/costs", permissions=["MANAGE_USERS"]).status_code == 403


def test_a_deep_link_is_answered_by_the_shell(house: House) -> None:
    for path in ("/costs", "/costs/2026-02", "/costs/2026-02/live", "/costs/2026-02/rehearsal/"):
        assert house.client.get(path).status_code == 200


def test_the_month_is_that_of_the_programs_zone(app: App, clock: Clock) -> None:
    house = House(app, toml=german_and_english(time_zone="Pacific/Kiritimati"), mode="live")
    clock.pass_time(seconds=(datetime(2026, 12, 31, 12, 30, tzinfo=UTC) - clock.now()).total_seconds())
    assert "January 2027" in words(house, "/panel/costs/2027-01") or "nothing has" in words(
        house, "/panel/costs/2027-01"
    )
