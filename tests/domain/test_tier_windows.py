"""Windows count local calendar days: their edges, summer time, leap days and year ends."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tier_factories import LIFETIME, YEAR, a_program, a_tier, asks, bought, moment, rolling
from tier_strategies import instants

from saleor_loyalty_app.domain.program import Condition, Window
from saleor_loyalty_app.domain.tier_measures import measure
from saleor_loyalty_app.domain.tiers import Purchase
from saleor_loyalty_app.domain.windows import first_instant, leaves_on, local_day, window_span


def counted(window: dict, when: str, now: str, zone: str = "Europe/Berlin") -> int:
    """How many orders count when one is placed at `when` and looked at `now`, both in UTC."""
    program = a_program(time_zone=zone)
    condition = Condition(orders=1, window=Window(**window))
    return measure(condition, [Purchase(placed_at=moment(when), worth_minor=1)], program, moment(now)).orders


@pytest.mark.parametrize(
    ("window", "when", "now", "orders"),
    [
        pytest.param(rolling(1), "2026-03-02T00:00", "2026-03-02T12:00", 1, id="one day is today"),
        pytest.param(rolling(1), "2026-03-01T22:59", "2026-03-02T12:00", 0, id="before local midnight is yesterday"),
        pytest.param(rolling(1), "2026-03-01T23:00", "2026-03-02T12:00", 1, id="local midnight is today"),
        pytest.param(rolling(30), "2026-03-02T12:00", "2026-03-31T21:59", 1, id="30th day counts until its end"),
        pytest.param(rolling(30), "2026-03-02T22:59", "2026-03-31T22:00", 0, id="31st day begins at local midnight"),
        pytest.param(rolling(365), "2025-03-02", "2026-03-01", 1, id="a year's last day"),
        pytest.param(rolling(365), "2025-03-01", "2026-03-01", 0, id="a year and a day"),
        pytest.param(rolling(366), "2024-02-29", "2025-02-28", 1, id="leap day, 366 days"),
        pytest.param(rolling(365), "2024-02-29", "2025-02-27", 1, id="leap day's last of 365"),
        pytest.param(rolling(365), "2024-02-29", "2025-02-28", 0, id="leap day has left"),
        pytest.param(rolling(2), "2025-12-31", "2026-01-01", 1, id="rolling does not care for new year"),
        pytest.param(YEAR, "2025-12-31T22:59", "2026-01-01T12:00", 0, id="the old year's last local minute"),
        pytest.param(YEAR, "2025-12-31T23:00", "2026-01-01T12:00", 1, id="the new year's first local minute"),
        pytest.param(YEAR, "2026-01-01T00:00", "2026-12-31T22:59", 1, id="to the year's last minute"),
        pytest.param(YEAR, "2026-06-01", "2026-12-31T23:00", 0, id="over with the local year"),
        pytest.param(LIFETIME, "1999-01-01", "2026-01-01", 1, id="lifetime"),
        pytest.param(LIFETIME, "2026-01-02", "2026-01-01", 0, id="the future never counts"),
    ],
)
def test_an_order_counts_on_the_local_days_of_its_window(window: dict, when: str, now: str, orders: int) -> None:
    assert counted(window, when, now) == orders


@pytest.mark.parametrize(
    ("when", "now", "orders"),
    [
        # Clocks go forward on 29 March 2026: the day has 23 hours.
        ("2026-03-28T23:00", "2026-03-29T21:59", 1),
        ("2026-03-28T23:00", "2026-03-29T22:00", 0),
        # Clocks go back on 25 October 2026: the day has 25 hours.
        ("2026-10-24T22:00", "2026-10-25T22:59", 1),
        ("2026-10-24T22:00", "2026-10-25T23:00", 0),
    ],
)
def test_a_day_is_a_calendar_day_when_the_clocks_change(when: str, now: str, orders: int) -> None:
    assert counted(rolling(1), when, now) == orders


def test_the_programs_zone_decides_not_the_customers() -> None:
    assert counted(YEAR, "2025-12-31T12:00", "2026-01-01T10:00", zone="Pacific/Auckland") == 1
    assert counted(YEAR, "2026-01-01T04:00", "2026-01-01T06:00", zone="America/New_York") == 0
    assert counted(YEAR, "2026-01-01T04:00", "2026-01-01T04:30", zone="America/New_York") == 1
    assert counted(YEAR, "2026-01-01T04:59", "2026-01-01T05:00", zone="America/New_York") == 0


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-07-01", "Europe/Berlin", "2026-06-30T22:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # midnight was skipped
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),  # midnight comes twice: the first counts
    ],
)
def test_a_day_begins_with_its_first_instant(day: str, zone: str, instant: str) -> None:
    begins = first_instant(date.fromisoformat(day), ZoneInfo(zone))
    assert begins == moment(instant)
    assert local_day(begins, ZoneInfo(zone)) == date.fromisoformat(day)
    assert local_day(begins - timedelta(microseconds=1), ZoneInfo(zone)) < date.fromisoformat(day)


@given(
    at=instants(date(2000, 1, 1), date(2037, 12, 31)),
    zone=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe", "Africa/Cairo"]),
    day=st.dates(date(2000, 1, 2), date(2037, 12, 30)),
)
def test_days_and_instants_draw_the_same_line(at: datetime, zone: str, day: date) -> None:
    assert (at >= first_instant(day, ZoneInfo(zone))) == (local_day(at, ZoneInfo(zone)) >= day)


@given(
    window=st.one_of(
        st.integers(1, 800).map(lambda days: Window(days=days)),
        st.sampled_from([Window(kind="calendar_year"), Window(kind="lifetime")]),
    ),
    years_back=st.sampled_from([0, 1]),
    bought_on=st.dates(date(2019, 1, 1), date(2026, 12, 31)),
    later=st.integers(0, 1200),
)
def test_what_was_bought_leaves_on_one_day_and_never_returns(
    window: Window, years_back: int, bought_on: date, later: int
) -> None:
    day = bought_on + timedelta(days=later)
    spans = [window_span(window, day, years_back=back) for back in range(years_back + 1)]
    counts = any((first is None or first <= bought_on) and bought_on <= last for first, last in spans)
    back = years_back if window.kind == "calendar_year" else 0
    leaves = leaves_on(window, bought_on, years_back=back)
    assert counts == (leaves is None or day < leaves)


def test_the_year_before_is_measured_whole() -> None:
    assert window_span(Window(kind="calendar_year"), date(2026, 2, 28), years_back=1) == (
        date(2025, 1, 1),
        date(2025, 12, 31),
    )


@pytest.mark.parametrize(
    ("spend_minor", "orders", "needs", "met"),
    [
        (50_000, 2, "all", True),
        (49_999, 2, "all", False),
        (50_000, 1, "all", False),
        (49_999, 2, "any", True),
        (50_000, 1, "any", True),
        (49_999, 1, "any", False),
    ],
)
def test_thresholds_are_inclusive_to_the_minor_unit(spend_minor: int, orders: int, needs: str, met: bool) -> None:
    condition = Condition.model_validate(asks("500.00", 2, needs=needs))
    first, *rest = [spend_minor - (orders - 1), *([1] * (orders - 1))]
    purchases = [bought("2026-01-05", worth) for worth in (first, *rest)]
    measured = measure(condition, purchases, a_program(), moment("2026-02-01"))
    assert (measured.spend_minor, measured.orders, measured.met) == (spend_minor, orders, met)
    assert measured.spend_missing_minor == 50_000 - spend_minor
    assert measured.orders_missing == 2 - orders
    assert (measured.share == 1) == met


@pytest.mark.parametrize(("currency", "needed"), [("EUR", 50_000), ("JPY", 500), ("KWD", 500_000)])
def test_what_is_asked_has_the_decimals_of_the_currency(currency: str, needed: int) -> None:
    program = a_program(a_tier(), currency=currency)
    measured = measure(program.tiers[0].enter, [bought("2026-01-05", needed)], program, moment("2026-02-01"))
    assert (measured.spend_needed_minor, measured.met) == (needed, True)


def test_a_condition_that_asks_for_nothing_is_met_by_everyone() -> None:
    measured = measure(Condition.model_validate(asks("0")), [], a_program(), moment("2026-02-01"))
    assert measured.met
    assert measured.share == 1


def test_what_was_measured_says_over_which_days() -> None:
    measured = measure(Condition.model_validate(asks("1")), [], a_program(), moment("2026-02-01T23:30"))
    assert (measured.window_from, measured.window_to) == (date(2025, 2, 3), date(2026, 2, 2))
    assert (measured.window_kind, measured.window_days) == ("rolling", 365)
