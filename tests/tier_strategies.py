"""Any program, history and customer for property tests of tiers; often ones that checks would refuse."""

from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from tier_factories import LIFETIME, YEAR, Customer, a_customer, a_program, a_tier, asks, days_after, rolling

from saleor_loyalty_app.domain.program import Program, Tier
from saleor_loyalty_app.domain.tiers import Membership, Purchase, Standing

START = date(2024, 1, 1)
often = settings(max_examples=100, deadline=None)


def instants(first: date, last: date) -> st.SearchStrategy[datetime]:
    """Any moment between two days, in UTC."""
    naive = st.datetimes(*(datetime.combine(day, time()) for day in (first, last)))
    return naive.map(lambda at: at.replace(tzinfo=UTC))


windows = st.one_of(
    st.integers(1, 400).map(rolling), st.sampled_from([rolling(365), YEAR, LIFETIME]), st.just(rolling(90))
)
amounts = st.sampled_from(["0", "1", "50", "100", "250", "500"])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    spend, orders = draw(st.none() | amounts), draw(st.none() | st.integers(1, 5))
    if spend is None and orders is None:
        spend = "100"
    return asks(spend, orders, needs=draw(st.sampled_from(["all", "any"])), window=draw(windows))


BLANK = {zone: a_program(time_zone=zone) for zone in ("Europe/Berlin", "Pacific/Auckland", "America/Sao_Paulo")}


@st.composite
def any_program(draw: st.DrawFn, zone: str | None = None) -> Program:
    """Also programs that the checks would refuse: the rules must stand even odd ones."""
    ids = draw(st.lists(st.sampled_from(["bronze", "silver", "gold", "platinum"]), min_size=1, unique=True))
    days = st.sampled_from([0, 1, 30])
    tiers = [
        a_tier(id, draw(conditions()), keep=draw(st.none() | conditions()), grace_days=draw(days), warn_days=draw(days))
        for id in ids
    ]
    blank = BLANK[zone or draw(st.sampled_from(sorted(BLANK)))]
    return blank.model_copy(update={"tiers": tuple(Tier.model_validate(tier) for tier in tiers)})


purchases_in_two_years = st.lists(
    st.builds(
        Purchase,
        placed_at=instants(START, date(2025, 12, 31)),
        worth_minor=st.sampled_from([0, 1, 4_999, 5_000, 10_000, 25_000, 50_000]),
    ),
    max_size=10,
)


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    """A customer of any standing under one of two versions."""
    programs = (draw(any_program()), draw(any_program()))
    membership = Membership()
    if draw(st.booleans()):
        version = draw(st.sampled_from([1, 2]))
        tier = draw(st.sampled_from([tier.id for tier in programs[version - 1].tiers]))
        standing = draw(st.sampled_from(list(Standing)))
        day = draw(st.dates(START, date(2025, 12, 31)))
        membership = Membership(
            tier=tier,
            standing=standing,
            since=days_after(START, draw(st.integers(0, 150))),
            grace_until=day if standing is Standing.GRACE else None,
            manual_until=day if standing is Standing.MANUAL else None,
            keep_version=draw(st.sampled_from([None, version])),
            entered_with_orders=draw(st.none() | st.integers(1, 5)),
            entered_from=draw(st.sampled_from([None, "bronze", "silver"])),
        )
    return a_customer(*programs, purchases=draw(purchases_in_two_years), membership=membership, version=2)


moments = instants(date(2024, 6, 1), date(2026, 6, 30))
