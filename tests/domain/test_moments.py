"""What is special about an order, on which day it stops being so, and how a card says it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tier_factories import a_program, moment

from saleor_loyalty_app.domain.moments import (
    REASONS,
    find_moment,
    moment_reason,
    moments_that_hold,
    ordinal_number,
    ordinal_word,
    speaks,
    years_with_us,
)
from saleor_loyalty_app.domain.parcels import Story
from saleor_loyalty_app.domain.program import MOMENTS

FIRST = moment("2024-03-10")


def a_story(**changes: Any) -> Story:
    """A customer without a tier, whose eighth order this is, long after the first and soon after the last."""
    facts = {"nth_order": 8, "first_order_at": FIRST, "previous_order_at": moment("2025-08-01"), "tier": None}
    return Story(**{**facts, **changes})


NOTHING = "2025-08-20"
"""A day on which nothing is special about the order of `a_story()`."""


@pytest.mark.parametrize(
    ("story", "day", "expected"),
    [
        pytest.param({}, NOTHING, ("just_because", ""), id="nothing in particular"),
        pytest.param(
            {"nth_order": 1, "first_order_at": None, "previous_order_at": None},
            NOTHING,
            ("first_order", ""),
            id="the first order",
        ),
        pytest.param({"nth_order": 10}, NOTHING, ("nth_order", "10"), id="the tenth order"),
        pytest.param({"nth_order": 0}, NOTHING, ("just_because", ""), id="an order that does not count"),
        pytest.param({}, "2026-01-27", ("just_because", ""), id="179 days of silence"),
        pytest.param({}, "2026-01-28", ("comeback", "180"), id="180 days of silence"),
        pytest.param({"previous_order_at": moment("2025-02-01")}, "2025-03-10", ("anniversary", "1"), id="a year"),
        pytest.param({"previous_order_at": moment("2026-01-20")}, "2026-02-24", ("anniversary", "2"), id="14 before"),
        pytest.param({"previous_order_at": moment("2026-01-20")}, "2026-02-23", ("just_because", ""), id="15 before"),
        pytest.param({"previous_order_at": moment("2026-01-20")}, "2026-03-24", ("anniversary", "2"), id="14 after"),
        pytest.param({"previous_order_at": moment("2026-01-20")}, "2026-03-25", ("just_because", ""), id="15 after"),
        pytest.param(
            {"previous_order_at": moment("2025-03-01")}, "2025-03-12", ("just_because", ""), id="an anniversary is one"
        ),
        pytest.param(
            {"previous_order_at": moment("2025-02-24")}, "2025-03-12", ("just_because", ""), id="had at its first day"
        ),
        pytest.param(
            {"previous_order_at": moment("2025-02-23")}, "2025-03-12", ("anniversary", "1"), id="not had before it"
        ),
        pytest.param({"tier_reached": "gold"}, NOTHING, ("tier_reached", "gold"), id="a tier"),
        pytest.param({"tier_reached": "gone"}, NOTHING, ("just_because", ""), id="a tier that the program lost"),
        pytest.param(
            {"trouble_solved": True, "tier_reached": "gold"}, NOTHING, ("trouble_solved", ""), id="trouble first"
        ),
        pytest.param(
            {"previous_order_at": moment("2025-03-01"), "nth_order": 10},
            "2026-03-10",
            ("comeback", "374"),
            id="comeback before anniversary and tenth order",
        ),
    ],
)
def test_the_moment_of_an_order(story: dict[str, Any], day: str, expected: tuple[str, str]) -> None:
    assert find_moment(a_story(**story), a_program(), moment(day)) == expected


@pytest.mark.parametrize(
    ("first", "day", "expected"),
    [
        pytest.param("2024-02-29", "2025-02-28", True, id="in a common year on the 28th"),
        pytest.param("2024-02-29", "2025-03-01", False, id="and not on the 1st of March"),
        pytest.param("2024-02-29", "2028-02-29", True, id="in a leap year on the 29th"),
        pytest.param("2024-02-29", "2028-02-28", False, id="and not on the 28th"),
        pytest.param("2024-03-09T23:30", "2025-03-10", True, id="half past midnight in Berlin is the next day"),
        pytest.param("2024-03-09T22:30", "2025-03-10", False, id="half past eleven in Berlin is not"),
    ],
)
def test_an_anniversary_is_a_local_calendar_day(first: str, day: str, *, expected: bool) -> None:
    program = a_program(moments={"anniversary_within_days": 0, "comeback_days": 3000})
    story = a_story(first_order_at=moment(first), previous_order_at=None)
    assert (find_moment(story, program, moment(day))[0] == "anniversary") is expected


def test_with_a_wide_reach_the_nearest_anniversary_is_meant() -> None:
    program = a_program(moments={"anniversary_within_days": 300, "comeback_days": 3000})
    assert find_moment(a_story(previous_order_at=None), program, moment("2026-01-02")) == ("anniversary", "2")


def test_the_first_order_is_no_anniversary_even_with_a_wide_reach() -> None:
    program = a_program(moments={"anniversary_within_days": 366, "comeback_days": 3000})
    assert find_moment(a_story(previous_order_at=FIRST), program, moment("2025-03-10")) == ("anniversary", "1")


def test_an_anniversary_beyond_the_calendar_does_no_harm() -> None:
    program = a_program(moments={"anniversary_years": [9999]})
    assert find_moment(a_story(), program, moment(NOTHING)) == ("just_because", "")


DAYS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds


@given(
    nth=st.integers(0, 100), days=st.lists(DAYS, min_size=3, max_size=3), trouble=st.booleans(), reached=st.booleans()
)
def test_every_order_has_a_moment_and_the_program_says_which_comes_first(
    nth: int, days: list[datetime], *, trouble: bool, reached: bool
) -> None:
    first, previous, placed = sorted(days)
    story = a_story(
        nth_order=nth,
        first_order_at=first,
        previous_order_at=previous,
        trouble_solved=trouble,
        tier_reached="gold" if reached else None,
    )
    found = list(moments_that_hold(story, a_program(), placed))
    assert found == sorted(found, key=MOMENTS.index)
    assert found[-1] == "just_because"
    assert find_moment(story, a_program(), placed)[0] == found[0]


@pytest.mark.parametrize(
    ("moment_name", "detail", "english", "german"),
    [
        ("trouble_solved", "", "because something went wrong last time", "zur Wiedergutmachung"),
        ("tier_reached", "gold", "because you have reached Gold", "zur neuen Stufe Gold"),
        ("first_order", "", "because it is your first order", "zur ersten Bestellung"),
        ("comeback", "200", "because it is good to have you back", "zum Wiedersehen"),
        ("anniversary", "2", "for the second anniversary of your first order",
         "zum zweiten Jahrestag der ersten Bestellung"),
        ("nth_order", "7", "because it is your seventh order", "zur siebten Bestellung"),
        ("nth_order", "50", "because it is your 50th order", "zur 50. Bestellung"),
        ("just_because", "", "just because", "einfach so"),
    ],
)  # fmt: skip
def test_the_reason_reads_well(moment_name: str, detail: str, english: str, german: str) -> None:
    assert moment_reason(moment_name, detail, tier_name="Gold", language="en") == english
    assert moment_reason(moment_name, detail, tier_name="Gold", language="de-AT") == german


def test_every_moment_has_a_reason() -> None:
    assert set(REASONS) == set(MOMENTS)


@pytest.mark.parametrize(
    ("number", "english"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (22, "22nd"), (101, "101st"), (111, "111th"), (112, "112th")],
)  # fmt: skip
def test_ordinals_in_digits(number: int, english: str) -> None:
    assert (ordinal_number(number, "en"), ordinal_number(number, "de")) == (english, f"{number}.")


def test_ordinals_are_words_up_to_twelve() -> None:
    assert [ordinal_word(n, "en") for n in (1, 12, 13)] == ["first", "twelfth", "13th"]
    assert [ordinal_word(n, "de") for n in (1, 12, 13)] == ["ersten", "zwölften", "13."]


@pytest.mark.parametrize(
    ("language", "expected"), [("de", True), ("DE", True), ("de-AT", True), ("en_GB", True), ("fr", False), ("", False)]
)
def test_the_app_knows_which_languages_it_speaks(language: str, *, expected: bool) -> None:
    assert speaks(language) is expected


@pytest.mark.parametrize(
    ("day", "years"), [("2024-03-10", 0), ("2025-03-09", 0), ("2025-03-10", 1), ("2027-01-01", 2), ("2023-01-01", 0)]
)
def test_years_count_when_they_are_full(day: str, years: int) -> None:
    assert years_with_us(a_story(), a_program(), moment(day)) == years
