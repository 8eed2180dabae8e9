"""Which extras go into a parcel: the fixed reasons first, then what holds for any program and any history."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_orders import an_order
from tier_factories import a_program, a_tier, days_after, moment

from saleor_loyalty_app.domain.extras import choose_extras
from saleor_loyalty_app.domain.orders import Order, OrderLine
from saleor_loyalty_app.domain.parcels import ExtrasChoice, Given, Means, Story, WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import local_day

SECRET = b"a secret of thirty-two bytes ..."
TODAY = date(2026, 3, 10)


def an_extra(id: str = "tea", kind: str = "surprise", cost: str = "1.00", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": {"en": id.capitalize()}, "kind": kind, "cost": cost, **more}


def giving(*extras: dict[str, Any], **rule: Any) -> Program:
    """A program that always draws a surprise from all its surprise extras, unless the rule says otherwise."""
    pool = [extra["id"] for extra in extras if extra["kind"] == "surprise"]
    rules = [{"chance": 1, "pool": pool, **rule}]
    return a_program(a_tier("silver"), a_tier("gold"), extras=extras, surprises=rules)


def a_story(**changes: Any) -> Story:
    return Story(
        **{"nth_order": 8, "first_order_at": None, "previous_order_at": None, "tier": "gold", "given": (), **changes}
    )


def means(stock: dict[str, int] | None = None, month: int | None = None, customer: int | None = None) -> Means:
    return Means(stock=stock or {}, month_left_minor=month, customer_year_left_minor=customer)


def had(extra_id: str, days_ago: int, kind: str = "surprise") -> Given:
    return Given(extra_id=extra_id, at=days_after(TODAY, -days_ago), kind=kind, cost_minor=100)


def choose(program: Program, **changes: Any) -> ExtrasChoice:
    facts: dict[str, Any] = {
        "version": 1,
        "story": a_story(),
        "order": an_order(),
        "moment": "just_because",
        "means": means(),
        "secret": SECRET,
        "today": TODAY,
    }
    return choose_extras(program=program, **{**facts, **changes})


def ids(choice: ExtrasChoice) -> list[str]:
    return [extra.extra_id for extra in choice.chosen]


REASONS = [
    pytest.param({}, {"story": a_story(exclusions=frozenset({"no-inserts"}))}, WhyNot.NO_INSERTS, "", id="no inserts"),
    pytest.param(
        {"contains": ["nuts", "milk"]},
        {"story": a_story(exclusions=frozenset({"Nuts "}))},
        WhyNot.EXCLUDED,
        "Nuts ",
        id="an allergen, however it is written",
    ),
    pytest.param({}, {"story": a_story(exclusions=frozenset({"tea"}))}, WhyNot.EXCLUDED, "tea", id="this very extra"),
    pytest.param({"not_to": ["US", "CH"]}, {}, WhyNot.COUNTRY, "US", id="a country"),
    pytest.param({"not_to": ["CH"]}, {"order": an_order(country="")}, WhyNot.COUNTRY, "", id="an unknown country"),
    pytest.param({"channels": ["b2b"]}, {}, WhyNot.CHANNEL, "default-channel", id="a channel"),
    pytest.param(
        {"max_order_grams": 999}, {"order": an_order(weight_grams=1000)}, WhyNot.TOO_HEAVY, "999", id="too heavy"
    ),
    pytest.param({"best_before": "2026-03-09"}, {}, WhyNot.PAST_BEST_BEFORE, "2026-03-09", id="its day is over"),
    pytest.param({}, {"means": means({"tea": 0})}, WhyNot.OUT_OF_STOCK, "", id="out of stock"),
]

HARMLESS = [
    pytest.param({"contains": ["nuts"]}, {"story": a_story(exclusions=frozenset({"milk"}))}, id="another allergen"),
    pytest.param({"not_to": ["CH"]}, {}, id="another country"),
    pytest.param({"channels": ["default-channel", "b2b"]}, {}, id="its channel"),
    pytest.param({"max_order_grams": 1000}, {"order": an_order(weight_grams=1000)}, id="just light enough"),
    pytest.param({"max_order_grams": 1}, {"order": an_order(weight_grams=None)}, id="an unknown weight"),
    pytest.param({"best_before": "2026-03-10"}, {}, id="on its last day"),
    pytest.param({}, {"means": means({"tea": 1})}, id="the last piece"),
]


@pytest.mark.parametrize("kind", ["signature", "surprise"])
@pytest.mark.parametrize(("extra", "facts", "why", "detail"), REASONS)
def test_an_extra_stays_out_for_one_reason(
    extra: dict[str, Any], facts: dict[str, Any], why: WhyNot, detail: str, kind: str
) -> None:
    choice = choose(giving(an_extra(kind=kind, **extra)), **facts)
    assert ids(choice) == []
    assert [(one.extra_id, one.why) for one in choice.passed] == [("tea", why)]
    assert choice.passed[0].detail == detail


@pytest.mark.parametrize("kind", ["signature", "surprise"])
@pytest.mark.parametrize(("extra", "facts"), HARMLESS)
def test_an_extra_goes_in_up_to_the_very_edge(extra: dict[str, Any], facts: dict[str, Any], kind: str) -> None:
    assert ids(choose(giving(an_extra(kind=kind, **extra)), **facts)) == ["tea"]


def test_of_several_reasons_the_first_check_speaks() -> None:
    extra = an_extra(contains=["nuts"], not_to=["US"], best_before="2020-01-01")
    choice = choose(giving(extra), story=a_story(exclusions=frozenset({"nuts"})), means=means({"tea": 0}, month=0))
    assert [one.why for one in choice.passed] == [WhyNot.EXCLUDED]


@pytest.mark.parametrize(
    ("story", "why", "detail"),
    [
        pytest.param({"given": (had("tea", 179),)}, WhyNot.RECEIVED_LATELY, "2025-09-12", id="received 179 days ago"),
        pytest.param({"given": (had("tea", 180), had("art", 9))}, None, "", id="received 180 days ago"),
        pytest.param({"given": (had("tea", 400),)}, WhyNot.SAME_AS_LAST, "", id="the last surprise, long ago"),
        pytest.param({"given": (had("tea", 9, "signature"),)}, WhyNot.RECEIVED_LATELY, "2026-03-01",
                     id="received as a signature extra"),
        pytest.param({"given": (had("art", 9), had("tea", 200))}, None, "", id="histories may come in any order"),
    ],
)  # fmt: skip
def test_nobody_gets_the_same_surprise_too_soon(story: dict[str, Any], why: WhyNot | None, detail: str) -> None:
    choice = choose(giving(an_extra()), story=a_story(**story))
    assert [(one.why, one.detail) for one in choice.passed] == ([(why, detail)] if why else [])
    assert choice.no_surprise == (WhyNot.NOTHING_LEFT if why else None)


def test_a_signature_extra_has_no_cool_down_and_no_spacing() -> None:
    program = giving(an_extra("sweet", "signature"), an_extra("tea"), every_orders=5)
    choice = choose(program, story=a_story(given=(had("sweet", 1, "signature"),), orders_since_surprise=1))
    assert ids(choice) == ["sweet"]
    assert choice.no_surprise is WhyNot.SPACING_ORDERS


@pytest.mark.parametrize(
    ("rule", "story", "why"),
    [
        pytest.param({"every_orders": 3}, {"orders_since_surprise": 2}, WhyNot.SPACING_ORDERS, id="2 of 3 orders"),
        pytest.param({"every_orders": 3}, {"orders_since_surprise": 3}, None, id="3 of 3 orders"),
        pytest.param({"every_orders": 3}, {"orders_since_surprise": None}, None, id="never had one"),
        pytest.param({"every_orders": 1}, {"orders_since_surprise": 1}, None, id="every order"),
        pytest.param({"every_days": 30}, {"given": (had("art", 29),)}, WhyNot.SPACING_DAYS, id="29 of 30 days"),
        pytest.param({"every_days": 30}, {"given": (had("art", 30),)}, None, id="30 of 30 days"),
        pytest.param({"every_days": 30}, {"given": (had("art", 1, "signature"),)}, None, id="signatures don't space"),
    ],
)
def test_surprises_keep_their_distance(rule: dict[str, Any], story: dict[str, Any], why: WhyNot | None) -> None:
    choice = choose(giving(an_extra(), **rule), story=a_story(**story))
    assert choice.no_surprise == why
    assert (choice.drawn is None) is (why is not None)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([{"tiers": ["silver"], "pool": ["art"]}, {"pool": ["tea"]}], ["tea"], id="not for this tier"),
        pytest.param([{"tiers": ["gold"], "pool": ["art"]}, {"pool": ["tea"]}], ["art"], id="for this tier"),
        pytest.param([{"moments": ["comeback"], "pool": ["art"]}, {"pool": ["tea"]}], ["tea"], id="another moment"),
        pytest.param([{"moments": ["just_because"], "pool": ["art"]}, {"pool": ["tea"]}], ["art"], id="this moment"),
        pytest.param([{"chance": 0, "pool": ["art"]}, {"pool": ["tea"]}], [], id="only the first that fits is used"),
    ],
)
def test_the_first_rule_that_fits_is_used(rules: list[dict[str, Any]], expected: list[str]) -> None:
    program = a_program(
        a_tier("silver"),
        a_tier("gold"),
        extras=[an_extra("tea"), an_extra("art")],
        surprises=[{"chance": 1, **rule} for rule in rules],
    )
    assert ids(choose(program)) == expected


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        pytest.param({"tiers": ["silver"]}, WhyNot.NO_RULE, id="no rule fits"),
        pytest.param({"pool": []}, WhyNot.EMPTY_POOL, id="nothing to draw from"),
        pytest.param({"chance": 0}, WhyNot.NOT_DRAWN, id="no luck"),
    ],
)
def test_no_surprise_is_a_result_with_a_reason(rule: dict[str, Any], why: WhyNot) -> None:
    assert choose(giving(an_extra(), **rule)).no_surprise is why


def test_when_the_chance_missed_the_whole_pool_was_not_drawn() -> None:
    choice = choose(giving(an_extra("tea"), an_extra("art"), chance=0))
    assert [(one.extra_id, one.why) for one in choice.passed] == [
        ("art", WhyNot.NOT_DRAWN),
        ("tea", WhyNot.NOT_DRAWN),
    ]
    assert choice.chance == 0
    assert choice.drawn is not None


@pytest.mark.parametrize(
    ("left", "chosen", "why"),
    [
        pytest.param(means(month=100), ["tea"], None, id="exactly enough"),
        pytest.param(means(month=99), [], WhyNot.BUDGET_MONTH, id="the month's budget is short"),
        pytest.param(means(customer=99), [], WhyNot.BUDGET_CUSTOMER, id="the customer's budget is short"),
        pytest.param(means(month=99, customer=99), [], WhyNot.BUDGET_MONTH, id="both are short"),
        pytest.param(means(month=-50), [], WhyNot.BUDGET_MONTH, id="overdrawn"),
    ],
)
def test_a_surprise_stays_within_the_budgets(left: Means, chosen: list[str], why: WhyNot | None) -> None:
    choice = choose(giving(an_extra()), means=left)
    assert (ids(choice), choice.no_surprise) == (chosen, why)


def test_what_is_too_dear_makes_way_for_what_is_not() -> None:
    choice = choose(giving(an_extra("art", cost="5"), an_extra("tea")), means=means(month=120))
    assert ids(choice) == ["tea"]
    assert [(one.extra_id, one.why, one.detail) for one in choice.passed] == [("art", WhyNot.BUDGET_MONTH, "120")]


def test_the_budget_is_the_reason_only_for_what_was_left_at_last() -> None:
    program = giving(an_extra("art", not_to=["US"]), an_extra("tea"))
    assert choose(program, means=means(month=0)).no_surprise is WhyNot.BUDGET_MONTH
    program = giving(an_extra("art", not_to=["US"]))
    assert choose(program, means=means(month=0)).no_surprise is WhyNot.NOTHING_LEFT


def test_a_signature_extra_is_not_stopped_by_a_budget_but_counts_in_it() -> None:
    program = giving(an_extra("sweet", "signature", "0.50"), an_extra("tea", cost="1.00"))
    assert ids(choose(program, means=means(month=150))) == ["sweet", "tea"]
    assert ids(choose(program, means=means(month=149))) == ["sweet"]
    assert ids(choose(program, means=means(month=0, customer=-7))) == ["sweet"]


def test_what_costs_nothing_is_given_even_when_the_budget_is_overdrawn() -> None:
    assert ids(choose(giving(an_extra(cost="0")), means=means(month=-50))) == ["tea"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"story": a_story(preferences=frozenset({"Music"}))}, id="a preference"),
        pytest.param({"story": a_story(bought_categories=frozenset({"music"}))}, id="bought before"),
        pytest.param(
            {"order": an_order(lines=(OrderLine(product_id="1", product_name="x", category="music", quantity=1),))},
            id="bought now",
        ),
    ],
)
def test_what_suits_the_customer_is_preferred(facts: dict[str, Any]) -> None:
    program = giving(an_extra("art", suits=["music", "art"], weight=1), an_extra("tea", suits=["tea"], weight=1000))
    choice = choose(program, **facts)
    assert ids(choice) == ["art"]
    assert choice.chosen[0].suits == ("music",)
    assert [one.why for one in choice.passed] == [WhyNot.NOT_DRAWN]


def test_what_suits_but_is_excluded_gives_way() -> None:
    program = giving(an_extra("art", suits=["music"], contains=["paper"]), an_extra("tea"))
    story = a_story(preferences=frozenset({"music"}), exclusions=frozenset({"paper"}))
    assert ids(choose(program, story=story)) == ["tea"]


def test_a_chosen_extra_says_when_it_was_last_received() -> None:
    story = a_story(given=(had("tea", 300), had("art", 200)))
    assert choose(giving(an_extra()), story=story).chosen[0].last_received_on == TODAY - timedelta(days=300)


def orders(count: int) -> list[Order]:
    return [an_order(id=f"order-{number}") for number in range(count)]


def test_the_chance_comes_true_over_many_orders() -> None:
    program = giving(an_extra(), chance=0.33)
    surprised = sum(bool(choose(program, order=order).chosen) for order in orders(3_000))
    assert 0.30 < surprised / 3_000 < 0.36


def test_the_weights_come_true_over_many_orders() -> None:
    program = giving(an_extra("art", weight=1), an_extra("book", weight=3), an_extra("tea", weight=6), chance=0.5)
    counted = Counter(id for order in orders(6_000) for id in ids(choose(program, order=order)))
    assert [round(counted[id] / counted.total(), 1) for id in ("art", "book", "tea")] == [0.1, 0.3, 0.6]


def test_another_secret_version_or_order_is_another_draw() -> None:
    program = giving(an_extra())
    draws = {
        choose(program).drawn,
        choose(program, secret=b"x" * 32).drawn,
        choose(program, version=2).drawn,
        choose(program, order=an_order(id="another")).drawn,
    }
    assert len(draws) == 4


EXTRA_IDS = ["art", "book", "salt", "sweet", "tea"]
WORDS = ["nuts", "milk", "paper"]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    extras = [
        an_extra(
            id,
            "signature" if id in ("salt", "sweet") else "surprise",
            str(draw(st.integers(0, 4))),
            contains=draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True)),
            not_to=draw(st.lists(st.sampled_from(["US", "CH"]), max_size=1)),
            again_after_days=draw(st.integers(0, 60)),
            weight=draw(st.integers(1, 10)),
        )
        for id in draw(st.permutations(EXTRA_IDS))
    ]
    pool = draw(st.permutations(["art", "book", "tea"]))
    chance, every = draw(st.sampled_from([0.5, 1])), draw(st.integers(1, 3))
    return giving(*extras, chance=chance, pool=pool, every_orders=every, every_days=draw(st.integers(0, 20)))


def keeps_the_rules(
    program: Program, choice: ExtrasChoice, *, story: Story, means: Means, order: Order, today: date
) -> None:
    """Whatever was chosen, no exclusion, stock, budget, distance or cool-down is broken by it."""
    extras, rule = {extra.id: extra for extra in program.extras}, program.surprises[0]
    chosen = [extras[id] for id in ids(choice)]
    for extra in chosen:
        assert not story.exclusions & {extra.id, "no-inserts", *extra.contains}
        assert order.country not in extra.not_to
        assert means.stock.get(extra.id, 1) > 0
    for surprise in (extra for extra in chosen if extra.kind == "surprise"):
        assert surprise.cost == 0 or sum(program.minor(extra.cost) for extra in chosen) <= (means.month_left_minor or 0)
        assert story.orders_since_surprise is None or story.orders_since_surprise >= rule.every_orders
        last = [one for one in story.given if one.kind == "surprise"][-1:]
        assert all(one.extra_id != surprise.id for one in last)
        assert all((today - local_day(one.at, program.zone)).days >= rule.every_days for one in last)
        same = [one for one in story.given if one.extra_id == surprise.id]
        assert all((today - local_day(one.at, program.zone)).days >= surprise.again_after_days for one in same)


@given(
    program=programs(),
    exclusions=st.frozensets(st.sampled_from([*WORDS, "tea", "no-inserts"]), max_size=2),
    days=st.lists(st.integers(0, 40), min_size=1, max_size=15),
    budget=st.integers(0, 3_000),
    stock=st.dictionaries(st.sampled_from(EXTRA_IDS), st.integers(0, 3)),
)
@settings(max_examples=150, deadline=None)
def test_over_a_whole_life_no_rule_is_ever_broken(
    program: Program, exclusions: frozenset[str], days: list[int], budget: int, stock: dict[str, int]
) -> None:
    today, story, left = TODAY, a_story(exclusions=exclusions), means(stock, budget)
    for number, gap in enumerate(days):
        today += timedelta(days=gap)
        order = an_order(id=f"order-{number}")
        facts: dict[str, Any] = {"story": story, "order": order, "means": left, "today": today}
        choice = choose(program, **facts)
        assert choice == choose(program, **facts), "the same facts must give the same choice"
        looked_at = ids(choice) + [one.extra_id for one in choice.passed]
        assert sorted(looked_at) == EXTRA_IDS, "each extra is chosen or passed, once"
        has_surprise = any(extra.kind == "surprise" for extra in choice.chosen)
        assert has_surprise is (choice.no_surprise is None)
        keeps_the_rules(program, choice, **facts)
        given_now = tuple(
            Given(extra_id=extra.extra_id, at=moment(str(today)), kind=extra.kind, cost_minor=extra.cost_minor)
            for extra in choice.chosen
        )
        ago = story.orders_since_surprise
        ago = 1 if has_surprise else None if ago is None else ago + 1
        story = a_story(exclusions=exclusions, given=story.given + given_now, orders_since_surprise=ago)
        pieces = {id: count - (id in ids(choice)) for id, count in left.stock.items()}
        left = means(pieces, (left.month_left_minor or 0) - sum(one.cost_minor for one in given_now))


@given(program=programs(), order_of_lists=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_lists_does_not_matter(program: Program, order_of_lists: Any) -> None:
    extras, pool = list(program.extras), list(program.surprises[0].pool)
    order_of_lists.shuffle(extras)
    order_of_lists.shuffle(pool)
    rule = program.surprises[0].model_copy(update={"pool": tuple(pool)})
    other = program.model_copy(update={"extras": tuple(extras), "surprises": (rule,)})
    assert choose(program) == choose(other)
