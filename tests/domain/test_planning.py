"""One order's parcel as a whole: all four parts together, for a life of orders under the starter program."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from test_orders import an_order
from tier_factories import a_program, a_tier, days_after, moment

from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.domain.parcels import Given, Means, ParcelPlan, Story, WhyNot
from saleor_loyalty_app.domain.planning import plan_parcel
from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.windows import local_day

SECRET = b"a secret of thirty-two bytes ..."
TODAY = date(2026, 3, 10)
PLENTY = Means(stock={}, month_left_minor=None, customer_year_left_minor=None)
STARTER = read_program((files("saleor_loyalty_app") / "starter_program.toml").read_text("utf-8"))


def a_story(**changes: Any) -> Story:
    facts = {"nth_order": 10, "first_order_at": moment("2024-09-10"), "previous_order_at": moment("2026-02-10")}
    return Story(**{**facts, "tier": "gold", **changes})


def plan(program: Program, **changes: Any) -> ParcelPlan:
    order = an_order(
        placed_at=days_after(TODAY, 0),
        buyer=Buyer(user_id="VXNlcjox", email="a@example.com", first_name="Anna"),
    )
    facts: dict[str, Any] = {"story": a_story(), "order": order, "means": PLENTY, "secret": SECRET, "today": TODAY}
    return plan_parcel(program=program, version=1, **{**facts, **changes})


def a_small_program() -> Program:
    gold = a_tier("gold", services=[{"en": "pack first", "de": "zuerst packen"}])
    return a_program(
        a_tier("silver", services=[{"en": "say hello"}]),
        gold,
        extras=[
            {"id": "sweet", "name": {"en": "sweet"}, "kind": "signature", "cost": "0.10"},
            {"id": "tea", "name": {"en": "tea sample"}, "kind": "surprise", "cost": "1"},
        ],
        surprises=[{"moments": ["nth_order"], "chance": 1, "pool": ["tea"]}],
        notes=[
            {
                "id": "nth",
                "language": "en",
                "moments": ["nth_order"],
                "text": "{{ greeting }} {% if extra %}{{ extra }}, {{ reason }}.{% endif %}",
            }
        ],
    )


def test_a_parcel_has_its_moment_its_extras_its_note_and_its_services() -> None:
    made = plan(a_small_program())
    assert (made.moment, made.moment_detail) == ("nth_order", "10")
    assert [extra.extra_id for extra in made.extras.chosen] == ["sweet", "tea"]
    assert made.note.text == "Dear Anna, tea sample, because it is your tenth order."
    assert made.services == ("pack first",)
    assert made.decided_on == TODAY


def test_the_moment_decides_about_extra_and_note() -> None:
    made = plan(a_small_program(), story=a_story(nth_order=11))
    assert made.moment == "just_because"
    assert made.extras.no_surprise is WhyNot.NO_RULE
    assert made.note.no_note is WhyNot.NO_TEXT


def test_without_a_tier_there_are_no_services() -> None:
    assert plan(a_small_program(), story=a_story(tier=None)).services == ()


def test_who_wants_nothing_added_still_gets_the_services() -> None:
    made = plan(a_small_program(), story=a_story(exclusions=frozenset({"no-inserts"})))
    assert made.extras.chosen == ()
    assert (made.note.no_note, made.services) == (WhyNot.NO_INSERTS, ("pack first",))


def lived(secret: bytes, gaps: list[int], tier: str | None, exclusions: frozenset[str]) -> list[ParcelPlan]:
    """The parcels of one customer's orders, each planned with what the earlier ones left behind."""
    plans: list[ParcelPlan] = []
    day, previous = 0, None
    first = days_after(TODAY, 0)
    story = a_story(tier=tier, exclusions=exclusions, usual="Assam")
    for number, gap in enumerate(gaps, 1):
        day += gap
        at = days_after(TODAY, day)
        story = replace(
            story, nth_order=number, first_order_at=first if number > 1 else None, previous_order_at=previous
        )
        facts: dict[str, Any] = {
            "story": story,
            "order": an_order(id=f"order-{number}", placed_at=at, country="DE", language="de"),
            "secret": secret,
            "today": local_day(at, STARTER.zone),
        }
        made = plan(STARTER, **facts)
        assert made == plan(STARTER, **facts), "the same facts must give the same parcel"
        plans.append(made)
        previous = at
        story = replace(
            story,
            given=story.given
            + tuple(
                Given(extra_id=extra.extra_id, at=at, kind=extra.kind, cost_minor=extra.cost_minor)
                for extra in made.extras.chosen
            ),
            notes_received=story.notes_received | ({made.note.note_id} if made.note.note_id else set()),
        )
    return plans


@given(
    secret=st.binary(min_size=32, max_size=32),
    gaps=st.lists(st.integers(1, 300), min_size=1, max_size=20),
    tier=st.sampled_from([None, "bronze", "silver", "gold"]),
    exclusions=st.frozensets(st.sampled_from(["fragrance", "caffeine", "milk"])),
)
@settings(max_examples=60, deadline=None)
def test_a_life_with_the_starter_program_never_repeats_itself(
    secret: bytes, gaps: list[int], tier: str | None, exclusions: frozenset[str]
) -> None:
    plans = lived(secret, gaps, tier, exclusions)
    texts = [made.note.text for made in plans if made.note.text]
    assert len(texts) == len(set(texts))
    surprises = [extra.extra_id for made in plans for extra in made.extras.chosen if extra.kind == "surprise"]
    assert all(one != next_one for one, next_one in pairwise(surprises))
    assert "milk" in exclusions or all(made.extras.chosen[0].extra_id == "caramel" for made in plans)
