"""A customer's way under one set of rules, from the first order on."""

from datetime import UTC, datetime, timedelta

from factories import program_toml

from saleor_loyalty_app.domain.program import read_program
from saleor_loyalty_app.domain.tier_replay import MOST_DECIDED, same_tier_rules, standings_along
from saleor_loyalty_app.domain.tiers import Purchase

FIRST = datetime(2024, 1, 10, 12, tzinfo=UTC)
RULES = read_program(program_toml())


def bought(*orders: tuple[int, int]) -> list[Purchase]:
    """Orders as (days after the first, amount)."""
    return [Purchase(placed_at=FIRST + timedelta(days=days), worth_minor=amount * 100) for days, amount in orders]


def test_tiers_are_entered_with_the_order_that_reaches_them() -> None:
    along = standings_along(RULES, bought((0, 60), (10, 60), (20, 10), (30, 400)))
    assert [(one.tier, one.reached) for one in along] == [
        (None, None), ("silver", "silver"), ("silver", None), ("gold", "gold")
    ]  # fmt: skip


def test_a_tier_is_lost_in_between_by_the_nights_reviews() -> None:
    """A year without orders, the time of grace, and a step down for each tier."""
    along = standings_along(RULES, bought((0, 600), (900, 20)))
    assert [one.tier for one in along] == ["gold", None]


def test_a_tier_stays_in_its_time_of_grace() -> None:
    along = standings_along(RULES, bought((0, 120), (370, 20)))
    assert [one.tier for one in along] == ["silver", "silver"]


def test_many_orders_are_decided_from_the_last_ones_on() -> None:
    along = standings_along(RULES, bought(*((day, 1) for day in range(400))))
    assert len(along) == MOST_DECIDED
    assert along[-1].tier == "silver"


def test_rules_are_the_same_whatever_else_differs() -> None:
    assert same_tier_rules(RULES, read_program(program_toml(name="Other", extras=[], surprises=[])))
    assert not same_tier_rules(RULES, read_program(program_toml(rates={"EUR": "1.1"})))
    assert not same_tier_rules(RULES, read_program(program_toml(tiers=[])))
