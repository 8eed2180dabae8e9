"""Changes by hand: what is refused, and how it is all said."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from factories import NOW, a_surprise_extra, an_extra, an_order, program_toml

from saleor_loyalty_app.domain.change_sentences import (
    CHANGES,
    SKIP_REASONS,
    WHY_NOT_CHANGED,
    reason_text,
    what_changed,
    why_gone,
    why_not_changed,
)
from saleor_loyalty_app.domain.changing import (
    CannotChange,
    SkipReason,
    WhyNotChanged,
    still_named,
    tidy_text,
    why_not_added,
    with_extras_of,
)
from saleor_loyalty_app.domain.exchanging import exchangeable
from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcels import ExtrasChoice, Means, ParcelPlan, Passed, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.store import parcel_changes

BOTH = {"en": "lavender sachet", "de": "Lavendelsäckchen"}
EXTRAS = [
    an_extra("caramel"),
    a_surprise_extra("sachet", name=BOTH, contains=["fragrance"]),
    a_surprise_extra("candle", cost="3.00", best_before="2026-06-01"),
    a_surprise_extra("sweet", cost="0", max_order_grams=100, channels=["de"]),
    a_surprise_extra("tea", weight=3, suits=["tea"]),
    a_surprise_extra("pin", weight=9),
]


def a_program(**changes: object) -> Program:
    pool = ["sachet", "tea", "pin"]
    return read_program(program_toml(extras=EXTRAS, surprises=[{"chance": 1.0, "pool": pool}], **changes))


PROGRAM = a_program()
STORY = Story(nth_order=2, first_order_at=None, previous_order_at=None, tier=None)
PLENTY = Means(stock={}, month_left_minor=None, customer_year_left_minor=None)


@pytest.mark.parametrize("why", list(WhyNotChanged))
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_refusal_is_said_whole_in_both_languages(why: WhyNotChanged, locale: str) -> None:
    detail = "2026-06-01" if why is WhyNotChanged.PAST_BEST_BEFORE else "200"
    said = why_not_changed(CannotChange(why, extra_id="sachet", detail=detail), PROGRAM, locale)
    assert said.endswith(".")
    assert said[0].isupper()
    assert "%" not in said
    assert "?" not in said


@pytest.mark.parametrize("why", list(WhyNotChanged))
def test_a_refusal_that_knows_nothing_more_is_said_as_well(why: WhyNotChanged) -> None:
    assert why_not_changed(CannotChange(why), PROGRAM, "en")


def test_refusals_name_what_they_turned_on() -> None:
    def said(why: WhyNotChanged, detail: str, locale: str = "en") -> str:
        return why_not_changed(CannotChange(why, extra_id="sachet", detail=detail), PROGRAM, locale)

    assert said(WhyNotChanged.EXCLUDED, "fragrance") == (
        "Lavender sachet stays out: the customer excluded it (fragrance)."
    )
    assert said(WhyNotChanged.BUDGET_BY_HAND, "250") == (
        "Lavender sachet costs more than what is left this month for adding by hand: $2.50."
    )
    assert said(WhyNotChanged.NOTHING_TO_EXCHANGE, "").startswith("There is nothing left to exchange lavender sachet")
    assert said(WhyNotChanged.PAST_BEST_BEFORE, "2026-06-01", "de") == (
        "Lavendelsäckchen sollte nicht mehr verschickt werden: Der letzte Tag war der 1. Juni 2026."
    )
    assert said(WhyNotChanged.COUNTRY, "") == "Lavender sachet may not be sent to a country that is not known."


def marked() -> Iterator[str]:
    """Every sentence of the module that is marked for the catalogue."""
    source = project_path("saleor_loyalty_app/domain/change_sentences.py").read_bytes()
    yield from (words for _, words, _, _ in extract("python", BytesIO(source), keywords={"_": None}))


def test_the_german_catalogue_holds_what_is_said_and_nothing_else() -> None:
    with project_path("saleor_loyalty_app/locale/de/changes.po").open("rb") as file:
        known = {message.id for message in read_po(file) if message.id}
    elsewhere = {"out of stock"}
    assert known == set(marked()) - elsewhere
    assert all(translations("de").gettext(words) != words for words in marked())


def test_nothing_is_left_without_words() -> None:
    assert set(WHY_NOT_CHANGED) == set(WhyNotChanged)
    assert set(SKIP_REASONS) == set(SkipReason)
    named = {value for name, value in vars(parcel_changes).items() if name.isupper() and isinstance(value, str)}
    assert set(CHANGES) == named - {parcel_changes.BY_RULE}


def test_changes_are_said_in_the_viewers_language() -> None:
    exchange = {"item": 1, "out": "sachet", "in": "caramel"}
    assert what_changed("exchanged", exchange, PROGRAM, "en") == "exchanged lavender sachet for caramel"
    assert what_changed("exchanged", exchange, PROGRAM, "de") == "Lavendelsäckchen gegen caramel getauscht"
    skipped = {"reason": "other", "words": "torn"}
    assert what_changed("skipped", skipped, PROGRAM, "en") == "skipped: torn"
    assert what_changed("note_edited", {"before": "", "after": "x"}, PROGRAM, "en") == "wrote a note"
    assert what_changed("reopened", {"left_out": {"sachet": "x"}}, PROGRAM, "en") == (
        "opened again, without lavender sachet"
    )
    assert what_changed("something new", {}, PROGRAM, "en") == "something new"


@pytest.mark.parametrize(
    ("reason", "words", "said"),
    [
        ("no_room", "", "no room in the parcel"),
        ("no_room", "a big box", "no room in the parcel (a big box)"),
        ("other", "torn", "torn"),
        ("other", "", "another reason"),
        ("", "", ""),
    ],
)
def test_reasons_are_said_with_staffs_own_words(reason: str, words: str, said: str) -> None:
    assert reason_text(reason, words, "en") == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (WhyNot.BY_HAND, "taken out by hand"),
        (SkipReason.FRAGILE, "too fragile for this parcel"),
        (NoParcel.FELL_THROUGH, "The order was cancelled or has expired."),
        ("not_confirmed", ""),
    ],
)
def test_why_something_is_gone(reason: str, said: str) -> None:
    assert why_gone(reason, "en") == said


@pytest.mark.parametrize(
    ("extra_id", "story", "means", "left", "why"),
    [
        ("caramel", {}, {}, None, None),
        ("caramel", {}, {}, 20, None),
        ("caramel", {}, {}, 19, WhyNotChanged.BUDGET_BY_HAND),
        ("caramel", {}, {"month_left_minor": -5}, None, WhyNotChanged.BUDGET_MONTH),
        ("caramel", {}, {"customer_year_left_minor": 0}, None, WhyNotChanged.BUDGET_CUSTOMER),
        ("caramel", {}, {"stock": {"caramel": 0}}, None, WhyNotChanged.OUT_OF_STOCK),
        ("caramel", {"exclusions": frozenset({"No-Inserts"})}, {}, None, WhyNotChanged.NO_INSERTS),
        ("sachet", {"exclusions": frozenset({" FRAGRANCE "})}, {}, None, WhyNotChanged.EXCLUDED),
        ("candle", {}, {}, None, WhyNotChanged.PAST_BEST_BEFORE),
        ("sweet", {}, {}, None, WhyNotChanged.CHANNEL),
    ],
)
def test_what_may_be_added(
    extra_id: str, story: dict[str, object], means: dict[str, object], left: int | None, why: WhyNotChanged | None
) -> None:
    extra = PROGRAM.extra(extra_id)
    assert extra
    found = why_not_added(
        extra, program=PROGRAM, story=replace(STORY, **story), order=an_order(), means=replace(PLENTY, **means),
        by_hand_left_minor=left, today=NOW.date(),
    )  # fmt: skip
    assert (found and found.why) == why


def test_what_costs_nothing_is_given_from_an_overdrawn_budget() -> None:
    extra = PROGRAM.extra("sweet")
    assert extra
    found = why_not_added(
        extra, program=PROGRAM, story=STORY, order=an_order(channel="de"), by_hand_left_minor=-100, today=NOW.date(),
        means=Means(stock={}, month_left_minor=-1, customer_year_left_minor=-1),
    )  # fmt: skip
    assert found is None


def test_exchanges_come_in_the_order_of_taste_and_weight_with_the_rejected_last() -> None:
    passed = [
        ("sachet", WhyNot.BY_HAND),
        ("tea", WhyNot.NOT_DRAWN),
        ("pin", WhyNot.NOT_DRAWN),
        ("candle", WhyNot.OUT_OF_STOCK),
    ]
    chosen = (PlannedExtra(extra_id="sweet", kind="surprise", cost_minor=0),)
    extras = ExtrasChoice(chosen=chosen, passed=tuple(Passed(extra_id=id, why=why) for id, why in passed))
    plan = ParcelPlan(moment="just_because", extras=extras, decided_on=NOW.date())

    def order_of(story: Story) -> list[str]:
        return [
            one.extra_id for one in exchangeable(plan, story=story, program=PROGRAM, means=PLENTY, today=NOW.date())
        ]

    assert order_of(STORY) == ["pin", "tea", "sachet"]
    assert order_of(replace(STORY, preferences=frozenset({"tea"}))) == ["tea", "pin", "sachet"]


def test_a_text_is_tidied_for_a_card() -> None:
    assert tidy_text("  Hello \r\n\r\n\tAnna\u200b\x07 \r") == "Hello\n\n\tAnna"


def test_what_the_note_still_names_is_found_in_any_language_and_case() -> None:
    assert still_named("Viel Freude mit dem LAVENDELSÄCKCHEN", {"sachet", "candle"}, PROGRAM) == ("sachet",)
    assert still_named("Nothing of it", {"sachet"}, PROGRAM) == ()


def test_later_extras_are_known_beside_those_a_parcel_was_planned_by() -> None:
    later = read_program(program_toml(extras=[*EXTRAS[:1], a_surprise_extra("bell")], surprises=[]))
    both = with_extras_of(PROGRAM, later)
    assert both.extra("bell")
    assert both.extra("sachet")
    assert with_extras_of(PROGRAM, PROGRAM) is PROGRAM
