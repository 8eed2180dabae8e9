"""Tiers set by hand, and what a change of rules does to members."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tier_factories import Customer, a_customer, a_member, a_program, a_tier, asks, bought, moment, three_tiers

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_by_hand import hand_back, set_by_hand
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Membership, Standing

# By hand ------------------------------------------------------------------------------------------------------------


def by_hand(customer: Customer, now: str, tier: str | None, **more: Any) -> Decision:
    decision = set_by_hand(**customer.asked(now), tier=tier, **{"by": "VXNlcjox", "reason": "old friend", **more})
    customer.membership = decision.membership
    return decision


def test_nothing_moves_a_tier_set_by_hand_until_its_day_is_over() -> None:
    customer = a_customer(three_tiers())
    decision = by_hand(customer, "2026-03-03", "silver", last_day=date(2026, 6, 30))
    assert (decision.kind, decision.by, decision.reason) == (DecisionKind.SET_BY_HAND, "VXNlcjox", "old friend")
    assert (decision.from_tier, decision.to_tier, decision.next_review_on) == (None, "silver", date(2026, 7, 1))
    customer.purchases.append(bought("2026-04-01", 60_000))
    assert customer.kinds("2026-06-30T21:59") == []
    assert customer.kinds("2026-06-30T22:00") == ["hand_ended", "entered"]
    assert customer.membership.tier == "gold"


def test_the_end_of_a_decision_by_hand_is_kind() -> None:
    customer = a_customer(three_tiers())
    by_hand(customer, "2026-03-03", "gold", last_day=date(2026, 3, 31))
    assert customer.kinds("2026-04-01") == ["hand_ended", "grace"]
    assert (customer.membership.tier, customer.membership.since) == ("gold", moment("2026-03-03"))
    assert customer.kinds("2026-05-01") == []
    assert customer.kinds("2026-05-02") == ["dropped", "grace"]


def test_somebody_can_be_kept_without_a_tier() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-01", 60_000)])
    customer.review("2026-03-01")
    assert by_hand(customer, "2026-03-03", None).next_review_on is None
    assert customer.kinds("2036-03-03") == []
    ended = hand_back(**customer.asked("2026-03-04"), by="VXNlcjoy")
    customer.membership = ended.membership
    assert (ended.kind, ended.by, ended.next_review_on) == (DecisionKind.HAND_ENDED, "VXNlcjoy", None)
    assert customer.kinds("2026-03-04") == ["entered"]


def test_a_decision_by_hand_may_hold_for_today_only() -> None:
    customer = a_customer()
    assert by_hand(customer, "2026-03-03", "gold", last_day=date(2026, 3, 3)).next_review_on == date(2026, 3, 4)
    assert customer.kinds("2026-03-04") == ["hand_ended", "grace"]


def test_confirming_a_tier_by_hand_keeps_its_day() -> None:
    customer = a_customer(membership=a_member(since="2025-05-05"))
    assert by_hand(customer, "2026-03-03", "gold").membership.since == moment("2025-05-05")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reason": "  "}, "a reason"),
        ({"by": ""}, "a person"),
        ({"tier": "platinum"}, "no tier 'platinum'"),
        ({"last_day": date(2026, 3, 2)}, "is over"),
    ],
)
def test_a_decision_by_hand_that_makes_no_sense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        by_hand(a_customer(), "2026-03-03", **{"tier": "gold", **wrong})


def test_only_a_decision_by_hand_can_be_handed_back() -> None:
    with pytest.raises(ValueError, match="not set by hand"):
        hand_back(**a_customer().asked("2026-03-03"), by="VXNlcjox")


# When the rules change ----------------------------------------------------------------------------------------------


def versions(*, before: dict[str, Any], after: dict[str, Any]) -> tuple[Program, Program]:
    return a_program(a_tier(**before)), a_program(a_tier(**after))


def test_nobody_goes_down_because_more_is_asked_now() -> None:
    programs = versions(before={"enter": asks("500")}, after={"enter": asks("900")})
    customer = a_customer(*programs, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version = 2
    assert customer.kinds("2026-04-01") == []
    assert customer.outlook("2026-04-01").foreseen_on == date(2027, 3, 3)
    assert customer.kinds("2027-03-03") == ["grace"]
    customer.purchases.append(bought("2027-03-10", 50_000))
    assert customer.kinds("2027-03-10") == ["secured"]
    assert customer.membership.keep_version == 1


def test_easier_rules_help_members_too() -> None:
    programs = versions(before={"enter": asks("500")}, after={"enter": asks("200")})
    customer = a_customer(*programs, purchases=[bought("2025-03-03", 50_000)])
    customer.review("2025-03-03")
    customer.purchases.append(bought("2025-09-01", 20_000))
    customer.version = 2
    assert customer.kinds("2025-09-01") == ["renewed"]
    assert customer.kinds("2026-03-03") == []


def test_earned_again_under_newer_rules_the_tier_is_kept_by_them() -> None:
    programs = versions(before={"enter": asks("500")}, after={"enter": asks("900")})
    customer = a_customer(*programs, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version = 2
    customer.purchases.append(bought("2026-04-01", 40_000))
    [renewed] = customer.review("2026-04-01")
    assert (renewed.kind, renewed.membership) == (
        DecisionKind.RENEWED,
        a_member(since="2026-03-03", keep_version=2),
    )
    # On 3 March 2027 the first order leaves: 400 would do under the old rules no more than under the new.
    assert customer.outlook("2026-04-01").foreseen_on == date(2027, 3, 3)


def test_a_new_version_with_the_same_tiers_changes_nothing() -> None:
    programs = versions(before={"enter": asks("500")}, after={"enter": asks("500"), "services": [{"en": "express"}]})
    customer = a_customer(*programs, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version = 2
    assert customer.kinds("2026-03-04") == []


def test_the_longer_grace_of_both_rules_holds() -> None:
    programs = versions(before={"grace_days": 60}, after={"grace_days": 0})
    customer = a_customer(*programs, membership=a_member(), version=2)
    assert customer.kinds("2026-03-03") == ["grace"]
    assert customer.membership.grace_until == date(2026, 5, 2)


def test_when_the_merchant_says_so_the_new_rules_hold_for_all_and_later_ones_do_not() -> None:
    programs = (
        *versions(before={"enter": asks("500")}, after={"enter": asks("900")}),
        a_program(a_tier(enter=asks("950"))),
    )
    customer = a_customer(*programs, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version, customer.membership = 2, replace(customer.membership, keep_version=None)
    assert customer.kinds("2026-03-04") == ["grace"]
    assert customer.membership.keep_version == 2
    customer.version = 3
    customer.purchases.append(bought("2026-03-05", 40_000))
    assert customer.kinds("2026-03-05") == ["secured"]


def test_what_was_asked_in_another_currency_is_converted() -> None:
    before = a_program(a_tier(enter=asks("500")))
    after = a_program(a_tier(enter=asks("900")), currency="USD", rates={"EUR": "1.20"})
    customer = a_customer(before, after, purchases=[bought("2026-03-03", 60_000)], membership=a_member(), version=2)
    assert customer.kinds("2026-03-04") == []
    customer.purchases = [bought("2026-03-03", 59_999)]
    assert customer.kinds("2026-03-04") == ["grace"]


def test_rules_in_a_currency_without_a_rate_cannot_be_measured() -> None:
    before = a_program(a_tier(enter=asks("500")))
    after = a_program(a_tier(enter=asks("900")), currency="USD")
    customer = a_customer(before, after, purchases=[bought("2026-03-03", 60_000)], membership=a_member(), version=2)
    assert customer.kinds("2026-03-04") == ["grace"]
    assert customer.membership.keep_version == 2


def test_members_of_a_removed_tier_go_to_the_next_lower_one_that_is_left() -> None:
    before = three_tiers()
    after = a_program(*[a_tier(id, asks(spend)) for id, spend in (("bronze", "100"), ("platinum", "900"))])
    customer = a_customer(before, after, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version = 2
    [removed] = customer.review("2026-03-04")
    assert (removed.kind, removed.from_tier, removed.to_tier) == (DecisionKind.TIER_REMOVED, "gold", "bronze")
    assert removed.membership.keep_version == 1


def test_members_of_a_removed_tier_go_higher_when_the_new_rules_put_them_there() -> None:
    after = a_program(*[a_tier(id, asks(spend)) for id, spend in (("bronze", "100"), ("platinum", "450"))])
    customer = a_customer(three_tiers(), after, purchases=[bought("2026-03-03", 50_000)])
    customer.review("2026-03-03")
    customer.version = 2
    [removed] = customer.review("2026-03-04")
    assert (removed.to_tier, removed.membership.keep_version) == ("platinum", 2)


def test_the_order_of_tiers_is_the_newest_in_which_the_removed_one_stood() -> None:
    all_tiers = {id: a_tier(id, asks(spend)) for id, spend in (("bronze", "100"), ("silver", "300"), ("gold", "500"))}
    programs = [
        a_program(*(all_tiers[id] for id in ids))
        for ids in (["bronze", "gold"], ["bronze", "silver", "gold"], ["bronze", "silver"])
    ]
    customer = a_customer(*programs, membership=a_member(), version=3)
    [removed, *_] = customer.review("2026-03-04")
    assert (removed.kind, removed.to_tier, removed.membership.keep_version) == (DecisionKind.TIER_REMOVED, "silver", 3)


def test_an_order_that_falls_through_is_judged_by_the_rules_it_counted_under() -> None:
    programs = versions(before={"enter": asks("500")}, after={"enter": asks("900")})
    customer = a_customer(*programs, purchases=[bought("2026-03-02", 60_000)], version=2)
    customer.membership = a_member(since="2026-03-03", entered_with_orders=2)
    assert customer.kinds("2026-03-05") == []


def test_when_nothing_lower_is_left_there_is_no_tier() -> None:
    after = a_program(a_tier("platinum", asks("900")))
    customer = a_customer(a_program(), after, membership=a_member(), version=2)
    assert customer.kinds("2026-03-04") == ["tier_removed"]
    assert customer.membership == Membership(since=moment("2026-03-04"))
    stranger = a_customer(after, membership=a_member("wood"))
    assert stranger.kinds("2026-03-04") == ["tier_removed"]


def test_a_removed_tier_set_by_hand_leads_lower_and_stays_by_hand() -> None:
    after = a_program(*[a_tier(id, asks(spend)) for id, spend in (("bronze", "100"), ("platinum", "450"))])
    customer = a_customer(three_tiers(), after, purchases=[bought("2026-03-03", 50_000)])
    by_hand(customer, "2026-03-03", "gold", last_day=date(2026, 4, 1))
    customer.version = 2
    assert customer.kinds("2026-03-04") == ["tier_removed"]
    assert customer.membership == Membership(
        tier="bronze",
        standing=Standing.MANUAL,
        since=moment("2026-03-04"),
        manual_until=date(2026, 4, 1),
        keep_version=1,
    )
    assert customer.kinds("2026-04-02") == ["hand_ended", "entered"]
