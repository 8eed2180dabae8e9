"""Tiers: up at once, down one step at a time after warning and grace, taken back when an order falls through."""

from datetime import date
from typing import Any

import pytest
from tier_factories import (
    LIFETIME,
    YEAR,
    a_customer,
    a_member,
    a_program,
    a_tier,
    asks,
    bought,
    days_after,
    moment,
    rolling,
    three_tiers,
)

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_rules import TAKEN_BACK_DAYS
from saleor_loyalty_app.domain.tiers import DecisionKind, Membership, Standing

# Up ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worth_minor", "tier"),
    [(9_999, None), (10_000, "bronze"), (29_999, "bronze"), (30_000, "silver"), (49_999, "silver"), (50_000, "gold")],
)
def test_the_highest_tier_that_is_met_is_entered_at_once(worth_minor: int, tier: str | None) -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-03", worth_minor)])
    decision = customer.decide("2026-03-03")
    assert customer.membership.tier == tier
    if decision:
        assert decision.kind is DecisionKind.ENTERED
        assert decision.membership == Membership(
            tier=tier, since=moment("2026-03-03"), keep_version=1, entered_with_orders=1, entered_from=None
        )
        assert decision.measured
        assert decision.measured.spend_minor == worth_minor
    assert customer.decide("2026-03-03") is None


def test_entering_stores_the_way_to_the_next_tier_and_to_keeping_this_one() -> None:
    decision = a_customer(three_tiers(), purchases=[bought("2026-03-03", 31_200)]).decide("2026-03-03")
    assert decision
    assert decision.to_next
    assert decision.to_keep
    assert (decision.to_next.spend_missing_minor, decision.to_keep.met) == (18_800, True)
    # 3 March 2026 + 365 days, and 30 days before that the shop is warned.
    assert (decision.foreseen_on, decision.next_review_on) == (date(2027, 3, 3), date(2027, 2, 1))


def test_a_purchase_in_the_future_does_not_count_yet() -> None:
    customer = a_customer(purchases=[bought("2026-03-03T12:00", 50_000)])
    assert customer.decide("2026-03-03T11:59") is None
    assert customer.decide("2026-03-03T12:00")


def test_a_program_without_tiers_decides_nothing() -> None:
    program = three_tiers().model_copy(update={"tiers": ()})
    assert a_customer(program, purchases=[bought("2026-03-03", 50_000)]).decide("2026-03-03") is None


# Down -------------------------------------------------------------------------------------------------------------


def test_gold_is_warned_about_gets_grace_and_goes_down_one_step_at_a_time() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2025-03-03", 50_000)])
    assert customer.kinds("2025-03-03") == ["entered"]
    assert customer.kinds("2026-01-31") == []
    [warned] = customer.review("2026-02-01")
    assert (warned.kind, warned.foreseen_on, warned.next_review_on) == (
        DecisionKind.WARNED,
        date(2026, 3, 3),
        date(2026, 3, 3),
    )
    assert warned.measured
    assert warned.measured.spend_missing_minor == 50_000
    assert customer.kinds("2026-03-02") == []
    [grace] = customer.review("2026-03-03")
    assert (grace.kind, grace.membership.grace_until, grace.to_tier) == (DecisionKind.GRACE, date(2026, 4, 2), "gold")
    assert customer.kinds("2026-04-02") == []
    dropped, silvers_grace = customer.review("2026-04-03")
    assert (dropped.kind, dropped.from_tier, dropped.to_tier) == (DecisionKind.DROPPED, "gold", "silver")
    assert (silvers_grace.kind, silvers_grace.membership.grace_until) == (DecisionKind.GRACE, date(2026, 5, 3))
    assert customer.kinds("2026-05-04") == ["dropped", "grace"]
    assert customer.kinds("2026-06-04") == ["dropped"]
    assert customer.membership == Membership(since=moment("2026-06-04"))


def test_the_miss_is_foreseen_once_and_forgotten_when_something_is_bought() -> None:
    customer = a_customer(purchases=[bought("2025-03-03", 50_000)], membership=a_member(since="2025-03-03"))
    assert customer.kinds("2026-02-10") == ["warned"]
    assert customer.kinds("2026-02-11") == []
    customer.purchases.append(bought("2026-02-12", 50_000))
    assert customer.kinds("2026-02-12") == ["secured"]
    assert customer.kinds("2027-01-13") == ["warned"]


def test_grace_ends_well_when_enough_is_bought() -> None:
    customer = a_customer(purchases=[bought("2025-03-03", 50_000)], membership=a_member(since="2025-03-03"))
    assert customer.kinds("2026-03-03") == ["grace"]
    customer.purchases.append(bought("2026-03-20", 49_999))
    assert customer.kinds("2026-03-20") == []
    customer.purchases.append(bought("2026-03-21", 1))
    [secured] = customer.review("2026-03-21")
    assert (secured.kind, secured.membership) == (DecisionKind.SECURED, a_member(since="2025-03-03"))


def test_grace_that_is_safe_only_for_days_becomes_a_warning() -> None:
    keep = asks("100", window=rolling(20))
    customer = a_customer(
        a_program(a_tier(keep=keep)), membership=a_member(standing=Standing.GRACE, grace_until=date(2026, 3, 1))
    )
    customer.purchases.append(bought("2026-02-20"))
    assert customer.kinds("2026-02-20") == ["warned"]
    assert customer.membership.grace_until is None
    assert customer.kinds("2026-03-12") == ["grace"]


def test_without_grace_days_the_step_down_comes_at_once_but_not_on_the_first_day() -> None:
    customer = a_customer(three_tiers(grace_days=0, warn_days=0), purchases=[bought("2025-03-03", 50_000)])
    assert customer.kinds("2025-03-03") == ["entered"]
    assert customer.membership.tier == "gold"
    [dropped] = customer.review("2026-03-03")
    assert (dropped.kind, dropped.to_tier, dropped.next_review_on) == (
        DecisionKind.DROPPED,
        "silver",
        date(2026, 3, 4),
    )
    assert customer.kinds("2026-03-03T22:00") == []  # still the same day in Berlin
    assert customer.kinds("2026-03-04") == ["dropped"]
    assert customer.kinds("2026-03-05") == ["dropped"]


def test_whoever_would_be_let_in_today_is_not_put_out() -> None:
    # Keeping asks less, but over a shorter time: without the rule this would go up and down for ever.
    tier = a_tier(enter=asks("500"), keep=asks("300", window=rolling(90)), grace_days=0)
    customer = a_customer(a_program(tier), purchases=[bought("2025-06-01", 50_000)])
    assert customer.kinds("2026-01-01") == ["entered"]
    assert customer.kinds("2026-01-02") == []


def test_a_review_that_comes_late_still_gives_grace() -> None:
    customer = a_customer(purchases=[bought("2024-03-03", 50_000)], membership=a_member(since="2024-03-03"))
    assert customer.kinds("2026-03-03") == ["grace"]


def test_warning_without_warn_days_is_never_given() -> None:
    customer = a_customer(a_program(a_tier(warn_days=0)), purchases=[bought("2025-03-03", 50_000)])
    customer.review("2025-03-03")
    assert customer.outlook("2025-03-04").next_review_on == date(2026, 3, 3)
    assert customer.kinds("2026-03-02") == []
    assert customer.kinds("2026-03-03") == ["grace"]


def test_lifetime_tiers_stay() -> None:
    program = a_program(a_tier(enter=asks(orders=2, window=LIFETIME)))
    customer = a_customer(program, purchases=[bought("1999-01-01"), bought("2026-01-01", 0)])
    [entered] = customer.review("2026-01-01")
    assert (entered.foreseen_on, entered.next_review_on) == (None, None)
    assert customer.kinds("2056-01-01") == []


def test_a_partial_refund_leads_to_grace_not_to_the_door() -> None:
    customer = a_customer(purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.purchases = [bought("2026-03-03", 45_000)]
    assert customer.kinds("2026-03-05") == ["grace"]


# Calendar years ---------------------------------------------------------------------------------------------------


def by_year(**more: Any) -> Program:
    return a_program(a_tier(enter=asks("500", window=YEAR), **more))


def test_a_tier_reached_in_a_year_lasts_to_the_end_of_the_next() -> None:
    customer = a_customer(by_year(), purchases=[bought("2025-03-03", 50_000)])
    assert customer.kinds("2025-03-03") == ["entered"]
    ahead = customer.outlook("2025-03-04")
    assert (ahead.foreseen_on, ahead.next_review_on) == (date(2027, 1, 1), date(2026, 12, 2))
    assert customer.kinds("2026-12-01") == []
    [warned] = customer.review("2026-12-02")
    assert warned.measured
    assert (warned.kind, warned.measured.window_to) == (DecisionKind.WARNED, date(2026, 12, 31))
    assert customer.kinds("2026-12-31T22:59") == []
    assert customer.kinds("2026-12-31T23:00") == ["grace"]
    assert customer.membership.grace_until == date(2027, 1, 31)
    assert customer.kinds("2027-02-01") == ["dropped"]


def test_the_way_to_keep_a_calendar_year_counts_what_this_year_has() -> None:
    customer = a_customer(by_year(), purchases=[bought("2025-03-03", 50_000), bought("2026-04-01", 10_000)])
    customer.membership = a_member(since="2025-03-03")
    ahead = customer.outlook("2026-05-01")
    assert ahead.on_foreseen
    assert (ahead.on_foreseen.spend_missing_minor, ahead.foreseen_on) == (40_000, date(2027, 1, 1))
    customer.purchases.append(bought("2026-05-02", 40_000))
    assert customer.outlook("2026-05-02").foreseen_on == date(2028, 1, 1)


def test_in_grace_only_the_new_year_can_still_be_filled() -> None:
    customer = a_customer(by_year(), purchases=[bought("2025-03-03", 50_000), bought("2026-04-01", 40_000)])
    customer.membership = a_member(since="2025-03-03")
    [grace] = customer.review("2027-01-02")
    assert grace.measured
    assert grace.to_keep
    assert (grace.measured.spend_minor, grace.measured.window_to) == (40_000, date(2026, 12, 31))
    assert (grace.to_keep.spend_missing_minor, grace.to_keep.window_from) == (50_000, date(2027, 1, 1))


# Orders that fall through -------------------------------------------------------------------------------------------


def two_orders() -> Program:
    return a_program(a_tier("silver", asks(orders=2)), a_tier("gold", asks(orders=3)))


def test_a_tier_that_an_order_led_to_is_taken_back_when_the_order_falls_through() -> None:
    customer = a_customer(purchases=[bought("2026-03-01", 30_000), bought("2026-03-03", 20_000)])
    customer.review("2026-03-03")
    customer.purchases.pop()
    [back] = customer.review("2026-03-10")
    assert (back.kind, back.to_tier, back.membership) == (
        DecisionKind.TAKEN_BACK,
        None,
        Membership(since=moment("2026-03-10")),
    )
    assert back.measured
    assert (back.measured.spend_minor, back.measured.orders, back.measured.met) == (30_000, 1, False)


def test_taking_back_leads_to_the_highest_tier_that_is_met_and_can_repeat() -> None:
    customer = a_customer(two_orders(), purchases=[bought(f"2026-03-0{day}") for day in (1, 2, 3)])
    assert customer.kinds("2026-03-03") == ["entered"]
    customer.purchases.pop()
    [back] = customer.review("2026-03-05")
    assert (back.kind, back.to_tier, back.membership.entered_with_orders) == (DecisionKind.TAKEN_BACK, "silver", 2)
    customer.purchases.pop()
    [back] = customer.review("2026-03-06")
    assert (back.kind, back.to_tier) == (DecisionKind.TAKEN_BACK, None)


def test_taking_back_never_leads_below_where_the_customer_came_from() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-03", 50_000)])
    customer.membership = a_member("silver", "2024-01-01", standing=Standing.GRACE, grace_until=date(2026, 3, 20))
    assert customer.kinds("2026-03-03") == ["entered"]
    customer.purchases.clear()
    assert customer.kinds("2026-03-05") == ["taken_back", "grace"]
    assert customer.membership.tier == "silver"


def test_taking_back_again_still_does_not_lead_below_where_the_customer_came_from() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-02", 30_000), bought("2026-03-03", 20_000)])
    customer.membership = a_member("bronze", "2024-01-01", standing=Standing.GRACE, grace_until=date(2026, 3, 20))
    assert customer.kinds("2026-03-03") == ["entered"]
    customer.purchases.pop()
    assert customer.kinds("2026-03-04") == ["taken_back"]
    assert (customer.membership.tier, customer.membership.entered_from) == ("silver", "bronze")
    customer.purchases.pop()
    assert customer.kinds("2026-03-05") == ["taken_back", "grace"]
    assert customer.membership.tier == "bronze"


def test_a_tier_is_not_taken_back_when_the_other_orders_had_reached_it() -> None:
    program = a_program(a_tier(enter=asks("500", window=rolling(30))))
    customer = a_customer(program, purchases=[bought("2026-03-02", 50_000), bought("2026-03-03", 50_000)])
    customer.membership = a_member(since="2026-03-03T13:00", entered_with_orders=2)
    customer.purchases.pop()
    assert customer.kinds("2026-04-10") == ["grace"]


def test_a_tier_is_not_taken_back_when_another_order_reaches_it_anyway() -> None:
    customer = a_customer(purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.purchases = [bought("2026-03-04", 50_000)]
    assert customer.kinds("2026-03-05") == []


@pytest.mark.parametrize(("days", "kinds"), [(TAKEN_BACK_DAYS, ["taken_back"]), (TAKEN_BACK_DAYS + 1, ["grace"])])
def test_after_sixty_days_the_tier_has_become_the_customers(days: int, kinds: list[str]) -> None:
    customer = a_customer(purchases=[bought("2026-01-03", 50_000)])
    customer.review("2026-01-03")
    customer.purchases.clear()
    assert customer.kinds(days_after(date(2026, 1, 3), days)) == kinds


def test_a_tier_set_by_hand_is_not_taken_back() -> None:
    customer = a_customer(membership=a_member(since="2026-01-01", entered_with_orders=None))
    assert customer.kinds("2026-01-05") == ["grace"]
