"""What must hold for every program, history and day: the promises of the tier rules as properties."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st
from tier_factories import Customer, a_customer, days_after
from tier_strategies import any_program, customers, moments, often, purchases_in_two_years

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Membership, Purchase, Standing
from saleor_loyalty_app.domain.windows import local_day


@often
@given(customer=customers(), now=moments, data=st.data())
def test_the_order_of_arrival_changes_nothing(customer: Customer, now: datetime, data: st.DataObject) -> None:
    shuffled = replace(customer, purchases=data.draw(st.permutations(customer.purchases)))
    assert customer.review(now) == shuffled.review(now)


@often
@given(customer=customers(), now=moments)
def test_the_rules_come_to_rest_at_every_moment(customer: Customer, now: datetime) -> None:
    decisions = customer.review(now)
    assert sum(decision.kind is DecisionKind.DROPPED for decision in decisions) <= 1
    kinds = [decision.kind for decision in decisions]
    assert len(set(kinds)) == len(kinds)
    assert customer.review(now) == []


def noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(12), zone).astimezone(UTC)


@often
@given(customer=customers(), now=moments)
def test_the_next_review_is_the_first_day_on_which_something_changes(customer: Customer, now: datetime) -> None:
    customer.purchases = [purchase for purchase in customer.purchases if purchase.placed_at <= now]
    customer.review(now)
    zone = customer.programs[2].zone
    for _ in range(4):
        today, ahead = local_day(now, zone), customer.outlook(now).next_review_on
        last = ahead or today + timedelta(days=1000)
        assert last > today
        between = {*range(1, min(40, (last - today).days)), (last - today).days // 2, (last - today).days - 1} - {0}
        for days in between if ahead else (1, 30, 365, 1000):
            assert customer.decide(noon(today + timedelta(days=days), zone)) is None
        if ahead is None:
            return
        now = noon(ahead, zone)
        assert customer.review(now)


@often
@given(
    customer=customers(),
    steps=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["nothing", "buy", "buy much", "cancel", "refund", "version"])),
        max_size=30,
    ),
    how=st.randoms(use_true_random=False),
)
def test_a_life_with_the_program(customer: Customer, steps: list[tuple[int, str]], how: Any) -> None:
    """Whatever happens: one step down at a time, and only after grace that was granted and is over."""
    now = days_after(date(2026, 1, 1), 0)
    for days, what in steps:
        now += timedelta(days=days)
        match what:
            case "buy" | "buy much":
                worth = 10_000 if what == "buy" else 60_000
                customer.purchases.append(Purchase(placed_at=now, worth_minor=worth))
            case "cancel" if customer.purchases:
                customer.purchases.remove(how.choice(customer.purchases))
            case "refund" if customer.purchases:
                one = how.choice(customer.purchases)
                customer.purchases.remove(one)
                customer.purchases.append(replace(one, worth_minor=one.worth_minor // 2))
            case "version":
                customer.version = 3 - customer.version
        before = customer.membership
        for decision in customer.review(now):
            check_step(customer, before, decision)
            before = decision.membership


def check_step(customer: Customer, before: Membership, decision: Decision) -> None:
    program, after = customer.programs[customer.version], decision.membership
    up = program.rank(after.tier) - program.rank(before.tier)
    assert (decision.from_tier, decision.to_tier, decision.at) == (before.tier, after.tier, decision.at)
    today = local_day(decision.at, program.zone)
    match decision.kind:
        case DecisionKind.ENTERED:
            assert up > 0
            assert decision.measured
            assert decision.measured.met
            assert before.standing is not Standing.MANUAL
        case DecisionKind.DROPPED:
            assert up == -1
            tier = program.tier(before.tier)
            assert tier
            if before.standing is Standing.GRACE:
                assert before.grace_until
                assert before.grace_until < today
            else:
                assert tier.grace_days == 0
        case DecisionKind.TAKEN_BACK:
            assert up < 0
        case DecisionKind.TIER_REMOVED:
            assert program.tier(before.tier) is None
        case _:
            assert up == 0
            assert before.standing is not after.standing or decision.kind is DecisionKind.RENEWED
    if decision.kind is DecisionKind.WARNED:
        assert before.standing is not Standing.WARNED
        assert decision.foreseen_on
        assert decision.foreseen_on > today
    if decision.kind is DecisionKind.GRACE:
        assert after.grace_until
        assert after.grace_until > today


@often
@given(
    old=any_program("Europe/Berlin"), new=any_program("Europe/Berlin"), purchases=purchases_in_two_years, now=moments
)
def test_nobody_goes_down_or_into_grace_by_a_change_of_rules(
    old: Program, new: Program, purchases: list[Purchase], now: datetime
) -> None:
    # In one zone: another one would move days, and with them windows.
    customer = a_customer(old, new, purchases=purchases)
    customer.review(now)
    assume(new.tier(customer.membership.tier) and customer.membership.standing is not Standing.GRACE)
    customer.version = 2
    assert {decision.kind for decision in customer.review(now)} <= {
        DecisionKind.ENTERED,
        DecisionKind.RENEWED,
        DecisionKind.WARNED,
        DecisionKind.SECURED,
    }


@often
@given(customer=customers(), now=moments)
def test_the_foreseen_day_is_the_first_on_which_the_tier_would_be_missed(customer: Customer, now: datetime) -> None:
    customer.purchases = [purchase for purchase in customer.purchases if purchase.placed_at <= now]
    ahead = customer.outlook(now)
    if not (ahead.to_keep and ahead.to_keep.met):
        assert ahead.foreseen_on is None
        return
    zone = customer.programs[2].zone
    for days in range(1, 420):
        later = customer.outlook(noon(local_day(now, zone) + timedelta(days=days), zone))
        assert later.to_keep
        missed_on = local_day(now, zone) + timedelta(days=days)
        assert later.to_keep.met == (ahead.foreseen_on is None or missed_on < ahead.foreseen_on)
        if not later.to_keep.met:
            assert ahead.on_foreseen
            assert not ahead.on_foreseen.met
            return
