"""A bad program names every mistake at once, each with its place; a good one answers simple questions."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_loyalty_app.domain.program import Program, ProgramProblem, program_data, read_program
from saleor_loyalty_app.domain.program_mistakes import CANT_BE_USED
from saleor_loyalty_app.domain.program_reading import problems_in

GOOD = """
name = "Stammgäste"
currency = "EUR"
languages = ["de", "en"]
rates = { USD = 0.92 }

[sender]
name = "Maria Weber"

[[tiers]]
id = "silver"
name = { de = "Silber", en = "Silver" }
enter = { spend = 100 }

[[tiers]]
id = "gold"
name = { de = "Gold" }
enter = { spend = 500.50, orders = 3, needs = "any" }
keep = { spend = 300, window = { kind = "calendar_year" } }

[[extras]]
id = "tea"
name = { de = "Eine Probe Tee" }
kind = "surprise"
cost = 0.8

[[extras]]
id = "sweet"
name = { de = "Ein Bonbon" }
kind = "signature"
cost = 0.1

[[surprises]]
tiers = ["gold"]
chance = 0.5
pool = ["tea"]

[[notes]]
id = "hello"
language = "de"
text = "Schön, dass Sie da sind."

[delivery.berlin]
by = "order_line"
"""


def problems(toml: str) -> list[str]:
    with pytest.raises(ProgramProblem) as raised:
        read_program(toml)
    return [problem.sentence("en") for problem in raised.value.problems]


def test_a_good_program_is_read() -> None:
    program = read_program(GOOD)
    gold = program.tier("gold")
    assert gold
    assert gold.enter.spend == Decimal("500.50")
    assert (gold.keeps.window.kind, gold.enter.window.days) == ("calendar_year", 365)
    assert program.minor(gold.enter.spend) == 50_050
    assert [program.rank(id) for id in ("silver", "gold", "platinum", None)] == [1, 2, 0, 0]
    assert program.factors == {"EUR": 1_000_000, "USD": 920_000}
    assert program.zone.key == "Europe/Berlin"
    assert program.tier("platinum") is None
    assert program.extra("platinum") is None
    assert (program.delivery_for("berlin").by, program.delivery_for("paris").by) == ("order_line", "note")


def test_words_fall_back_to_a_language_that_is_there() -> None:
    program = read_program(GOOD)
    silver, gold = program.tiers
    assert [program.words(silver.name, language) for language in ("en", "en-GB", "de_AT", "fr")] == [
        "Silver",
        "Silver",
        "Silber",
        "Silber",
    ]
    assert program.words(gold.name, "en") == "Gold"
    assert program.words({"pl": "złoto"}, "en") == "złoto"
    assert program.words({}, "en") == ""


MISTAKES = [
    pytest.param(
        'currency = "EUR"',
        'currency = "EURO"',
        "Currency: 'EURO' is no currency code; use one like EUR",
        id="no currency",
    ),
    pytest.param(
        "USD = 0.92", "USX = 0.92", "Rates, USX: 'USX' is no currency code; use one like EUR", id="a rate for none"
    ),
    pytest.param(
        "USD = 0.92", "EUR = 1", "Rates, EUR: is the program's own currency and needs no rate", id="its own rate"
    ),
    pytest.param("USD = 0.92", "USD = 0", "Rates, USD: must be more than 0", id="a rate of 0"),
    pytest.param(
        "USD = 0.92",
        "USD = 0.0000001",
        "Rates, USD: is too small to count with; check which way round it is",
        id="a rate the wrong way round",
    ),
    pytest.param(
        '["de", "en"]',
        '["de", "klingonisch"]',
        "Languages: 'klingonisch' is no language code; use one like de",
        id="no language",
    ),
    pytest.param('["de", "en"]', "[]", "Languages: must name at least one", id="no languages"),
    pytest.param('["de", "en"]', '"de"', "Languages: must be a list", id="one that is no list"),
    pytest.param(
        'name = "Stammgäste"',
        'name = "S"\ntime_zone = "Berlin"',
        "Time zone: 'Berlin' is no time zone; use one like Europe/Berlin",
        id="no time zone",
    ),
    pytest.param(
        'name = "Stammgäste"',
        f'name = "{"S" * 81}"',
        "Name: is longer than 80 characters; please shorten it",
        id="a long name",
    ),
    pytest.param('name = "Maria Weber"', 'name = ""', "Sender, name: must not be empty", id="an empty name"),
    pytest.param('name = "Maria Weber"', "name = 7", "Sender, name: must be a text", id="a number for a name"),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = {}",
        "Tier 'silver', enter: asks for nothing; give a spend, a number of orders, or both",
        id="nothing asked",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        'enter = "100"',
        "Tier 'silver', enter: must be a group of fields, not '100'",
        id="no group",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { spend = -1 }",
        "Tier 'silver', enter, spend: must be at least 0",
        id="less than nothing",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        'enter = { spend = "12,50" }',
        "Tier 'silver', enter, spend: must be a number like 12.50, not '12,50'",
        id="a comma",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { spend = 1234567890123456 }",
        "Tier 'silver', enter, spend: has too many digits",
        id="many digits",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { spend = inf }",
        "Tier 'silver', enter, spend: must be a number like 12.50, not inf",
        id="without an end",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { orders = 0 }",
        "Tier 'silver', enter, orders: must be at least 1",
        id="no orders",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { orders = 1.5 }",
        "Tier 'silver', enter, orders: must be a whole number, not 1.5",
        id="half an order",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { spent = 100, orders = 1 }",
        "Tier 'silver', enter, spent: there is no such field; did you mean 'spend'?",
        id="a slip of the pen",
    ),
    pytest.param(
        "enter = { spend = 100 }",
        "enter = { xyz = 100, orders = 1 }",
        "Tier 'silver', enter, xyz: there is no such field",
        id="no such field",
    ),
    pytest.param("enter = { spend = 100 }", "", "Tier 'silver', enter: is missing; please give it", id="missing"),
    pytest.param(
        'id = "gold"', 'id = "silver"', "Tier 2, id: 'silver' is there twice; each needs an id of its own", id="twice"
    ),
    pytest.param(
        'id = "silver"',
        'id = "Silber Stufe"',
        "Tier 'Silber Stufe', id: may have small letters, digits and hyphens only, like lavender-sachet; "
        "'Silber Stufe' does not",
        id="an odd id",
    ),
    pytest.param(
        'name = { de = "Gold" }',
        'name = "Gold"',
        "Tier 'gold', name: must be given by language, like { en = \"Gold\" }",
        id="no languages in a name",
    ),
    pytest.param(
        'name = { de = "Gold" }',
        'name = { en = "Gold" }',
        "Tier 'gold', name: give it in 'de', the first language",
        id="a tier's name",
    ),
    pytest.param(
        'name = { de = "Ein Bonbon" }',
        'name = { en = "A sweet" }',
        "Extra 'sweet', name: give it in 'de', the first language",
        id="an extra's name",
    ),
    pytest.param(
        "keep = { spend = 300,",
        'keep = { spend = 501, needs = "any", orders = 1 }\n#',
        "Tier 'gold', keep: asks more than entering; ask the same or less",
        id="hard to keep",
    ),
    pytest.param(
        'enter = { spend = 500.50, orders = 3, needs = "any" }',
        "enter = { spend = 99 }",
        "Tier 'gold', enter: is easier than 'silver' below it; reorder the tiers, or ask more",
        id="easy to enter",
    ),
    pytest.param(
        "cost = 0.1",
        'cost = 0.1\nbest_before = "soon"',
        "Extra 'sweet', best before: must be a date like 2027-03-31, not 'soon'",
        id="no date",
    ),
    pytest.param(
        "cost = 0.1",
        'cost = 0.1\nnot_to = ["de"]',
        "Extra 'sweet', not to, entry 1: 'de' is no country code; write two capital letters like DE",
        id="no country",
    ),
    pytest.param(
        'tiers = ["gold"]', 'tiers = ["golden"]', "Surprise rule 1, tiers: there is no tier 'golden'", id="no such tier"
    ),
    pytest.param(
        'pool = ["tea"]', 'pool = ["coffee"]', "Surprise rule 1, pool: there is no extra 'coffee'", id="no such extra"
    ),
    pytest.param(
        'pool = ["tea"]',
        'pool = ["sweet"]',
        "Surprise rule 1, pool: 'sweet' is a signature extra; it is always there",
        id="a signature in a pool",
    ),
    pytest.param("chance = 0.5", "chance = 50", "Surprise rule 1, chance: must be at most 1.0", id="a chance of 50"),
    pytest.param(
        "chance = 0.5",
        'chance = "half"',
        "Surprise rule 1, chance: must be a number like 12.50, not 'half'",
        id="half a chance",
    ),
    pytest.param(
        'language = "de"',
        'language = "fr"',
        "Note 'hello (fr)', language: 'fr' is not one of the program's languages",
        id="a foreign note",
    ),
    pytest.param(
        'language = "de"',
        'language = "de"\ntiers = ["golden"]',
        "Note 'hello (de)', tiers: there is no tier 'golden'",
        id="a note for no tier",
    ),
    pytest.param(
        'text = "Schön,',
        'text = "\\u0007Schön,',
        "Note 'hello (de)', text: has a control character in it; write it anew",
        id="a bell",
    ),
    pytest.param(
        'name = "Maria Weber"',
        'name = "Maria\\u0000"',
        "Sender, name: has a control character in it; write it anew",
        id="nothing at all in a name",
    ),
    pytest.param(
        'by = "order_line"',
        'by = "pigeon"',
        "Delivery, channel 'berlin', told by: can't be 'pigeon'; choose one of these: note, order_line",
        id="a pigeon",
    ),
    pytest.param(
        'by = "order_line"',
        'confirm_order = "maybe"',
        "Delivery, channel 'berlin', confirm order: must be true or false",
        id="maybe",
    ),
    pytest.param(
        "[delivery.berlin]",
        "[deliveri.berlin]",
        "Deliveri: there is no such field; did you mean 'delivery'?",
        id="a heading",
    ),
    pytest.param(
        "[[notes]]",
        "[notes]",
        "Notes: must be several; begin each one with [[notes]], in two brackets",
        id="one bracket",
    ),
]


@pytest.mark.parametrize(("good", "bad", "problem"), MISTAKES)
def test_each_mistake_is_named_with_its_place(good: str, bad: str, problem: str) -> None:
    assert good in GOOD
    wrong = problems(GOOD.replace(good, bad, 1))
    assert problem in wrong
    referring = [one for one in wrong if one != problem and "there is no tier 'gold'" not in one]
    assert referring == [], "what can't be read is not blamed for what refers to it"


def test_all_mistakes_are_named_at_once_in_shape_and_in_meaning() -> None:
    bad = changed(
        [
            ('"EUR"', '"EURO"'),
            ('"signature"', '"gift"'),
            ("chance = 0.5", "chance = 2"),
            ('pool = ["tea"]', 'pool = ["coffee", "cake"]'),
            ('name = { de = "Gold" }', 'name = { en = "Gold" }'),
            ('language = "de"', 'language = "fr"'),
        ]
    )
    assert places(bad) == [
        "Currency",
        "Extra 'sweet', kind",
        "Surprise rule 1, chance",
        "Surprise rule 1, pool",
        "Surprise rule 1, pool",
        "Tier 'gold', name",
        "Note 'hello (fr)', language",
    ]


def changed(changes: list[tuple[str, str]]) -> str:
    bad = GOOD
    for good, other in changes:
        assert good in bad
        bad = bad.replace(good, other, 1)
    return bad


def places(toml: str) -> list[str]:
    return [problem.partition(":")[0] for problem in problems(toml)]


def test_a_problem_keeps_its_path_for_the_form() -> None:
    bad = changed(
        [("cost = 0.1", 'cost = "x"'), ('language = "de"', 'language = "fr"'), ('id = "gold"', 'id = "silver"')]
    )
    with pytest.raises(ProgramProblem) as raised:
        read_program(bad)
    paths = [problem.path for problem in raised.value.problems]
    assert ("extras", "sweet", "cost") in paths
    assert ("notes", 0, "language") in paths
    assert ("tiers", 1, "id") in paths, "by index, since two have this id"


def test_problems_are_said_in_german_too() -> None:
    with pytest.raises(ProgramProblem) as raised:
        read_program(GOOD.replace("cost = 0.1", 'cost = "x"'))
    (problem,) = raised.value.problems
    assert problem.sentence("de-DE") == "Beigabe „sweet“, Kosten: muss eine Zahl wie 12.50 sein, nicht 'x'"
    assert problem.said("de") == "muss eine Zahl wie 12.50 sein, nicht 'x'"


def test_a_hostile_value_is_shown_short_and_formats_nothing() -> None:
    (problem,) = problems(GOOD.replace('"EUR"', '"%(x)s %s ' + "x" * 500 + '"'))
    assert len(problem) < 120
    assert "%(x)s" in problem


def test_a_file_that_is_no_toml_is_named_with_its_line() -> None:
    (problem,) = problems("name = Stammgäste\n")
    assert problem.startswith("This is no valid TOML: it can't be read from line 1, column 8 on; look for")
    assert problems('name = "x')[0].startswith("This is no valid TOML")
    assert problems("a = " + "[" * 5_000)[0].startswith("This is no valid TOML")
    assert problems("a = " + "9" * 5_000)[0].startswith("This is no valid TOML")


def test_nothing_at_all_names_what_is_needed() -> None:
    assert places("") == ["Name", "Currency", "Sender", "Tiers"]


# ---- What is allowed, and perhaps not meant


def doubts(toml: str, **known: Any) -> list[str]:
    data = program_data(toml)
    found = problems_in(Program, data, **known)
    assert all(problem.is_warning for problem in found)
    read_program(toml)
    return [problem.sentence("en") for problem in found]


PLAIN = GOOD.replace('[delivery.berlin]\nby = "order_line"', "")


@pytest.mark.parametrize(
    ("toml", "known", "doubt"),
    [
        pytest.param(
            PLAIN.replace("cost = 0.8", "cost = 0.8\nbest_before = 2026-06-14"),
            {"today": date(2026, 6, 15)},
            "Extra 'tea', best before: 2026-06-14 is past, so this extra no longer goes into parcels",
            id="past",
        ),
        pytest.param(
            PLAIN.replace("cost = 0.8", 'cost = 0.8\nchannels = ["paris"]'),
            {"known_channels": ["berlin"]},
            "Extra 'tea', channels: the shop has no channel 'paris'; check how it is written",
            id="channel",
        ),
        pytest.param(
            PLAIN + "[delivery.paris]",
            {"known_channels": ["berlin"]},
            "Delivery, channel 'paris': the shop has no channel 'paris'; check how it is written",
            id="delivery",
        ),
        pytest.param(
            PLAIN.replace("cost = 0.8", 'cost = 0.8\nvariant = "x"'),
            {"known_variants": ["y"]},
            "Extra 'tea', variant: the shop has no product variant with this id any more; choose one anew",
            id="variant",
        ),
        pytest.param(
            GOOD,
            {},
            "Extra 'tea', variant: is needed for an order line; without one, a packing note tells what to pack",
            id="no variant",
        ),
        pytest.param(
            PLAIN + '[[surprises]]\ntiers = ["gold"]\nmoments = ["comeback"]\nchance = 1\npool = ["tea"]',
            {},
            "Surprise rule 2: is never used, since rule 1 before it fits first; put this one before it",
            id="never reached",
        ),
        pytest.param(
            PLAIN.replace('pool = ["tea"]', "pool = []"),
            {},
            "Extra 'tea': stands in no surprise rule, so it is never drawn",
            id="idle",
        ),
        pytest.param(
            PLAIN + "[budget]\nmonth = 10\nby_hand_month = 11",
            {},
            "Budget, by hand in a month: is more than the whole budget of a month",
            id="by hand",
        ),
    ],
)
def test_a_slip_is_a_warning_and_can_be_published(toml: str, known: dict[str, Any], doubt: str) -> None:
    assert doubts(toml, **known) == [doubt]


def test_what_is_not_known_is_not_looked_at() -> None:
    assert doubts(PLAIN.replace("cost = 0.8", 'cost = 0.8\nbest_before = 2020-01-01\nchannels = ["paris"]')) == []
    assert doubts(PLAIN, today=date(2026, 6, 15), known_channels=[], known_variants=[]) == []


# ---- Whatever somebody writes


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "de", "spend", "id"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_mistake_has_our_own_words_in_both_languages(data: st.DataObject) -> None:
    program = program_data(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        holder: Any = program
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = data.draw(st.sampled_from([*keys, "colour"] if isinstance(holder, dict) else keys))
            inner = holder.get(key) if isinstance(holder, dict) else holder[key]
            if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
                holder = inner
                continue
            holder[key] = data.draw(VALUES)
            break
    for problem in problems_in(Program, program):
        assert problem.words != CANT_BE_USED
        assert problem.sentence("en")
        assert problem.sentence("de") != problem.sentence("en")
