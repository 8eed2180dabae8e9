"""A bad program names every mistake at once, each with its place; a good one answers simple questions."""

from decimal import Decimal

import pytest

from saleor_loyalty_app.domain.program import ProgramProblem, read_program

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
    return raised.value.problems


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


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ('currency = "EUR"', 'currency = "EURO"', "currency: 'EURO' is no currency code; use one like EUR"),
        ("USD = 0.92", "USX = 0.92", "rates: 'USX' is no currency code"),
        ("USD = 0.92", "USD = 0", "rates.USD: Input should be greater than 0"),
        (
            'languages = ["de", "en"]',
            'languages = ["de", "klingonisch"]',
            "languages: 'klingonisch' is no language code; use one like de",
        ),
        (
            'name = "Stammgäste"',
            'name = "S"\ntime_zone = "Berlin"',
            "time_zone: 'Berlin' is no time zone; use one like Europe/Berlin",
        ),
        ('name = "Maria Weber"', 'name = ""', "sender.name: String should have at least 1 character"),
        ("enter = { spend = 100 }", "enter = {}", "tiers.1.enter: give `spend`, `orders` or both"),
        (
            "enter = { spend = 100 }",
            "enter = { spend = -1 }",
            "tiers.1.enter.spend: Input should be greater than or equal to 0",
        ),
        (
            "enter = { spend = 100 }",
            "enter = { orders = 0 }",
            "tiers.1.enter.orders: Input should be greater than or equal to 1",
        ),
        (
            "enter = { spend = 100 }",
            "enter = { spent = 100, orders = 1 }",
            "tiers.1.enter.spent: Extra inputs are not permitted",
        ),
        ('id = "gold"', 'id = "silver"', "tiers: 'silver' is there twice"),
        ('id = "silver"', 'id = "Silber Stufe"', "tiers.1.id: String should match pattern '^[a-z0-9][a-z0-9-]*$'"),
        ('name = { de = "Gold" }', 'name = { en = "Gold" }', "tiers.gold.name: give it in 'de', the first language"),
        (
            'name = { de = "Ein Bonbon" }',
            'name = { en = "A sweet" }',
            "extras.sweet.name: give it in 'de', the first language",
        ),
        (
            "keep = { spend = 300,",
            'keep = { spend = 501, needs = "any", orders = 1 }\n#',
            "tiers.gold.keep: asks more than entering; ask the same or less",
        ),
        (
            'enter = { spend = 500.50, orders = 3, needs = "any" }',
            "enter = { spend = 99 }",
            "tiers.gold.enter: is easier than 'silver' below it; reorder or raise it",
        ),
        ('tiers = ["gold"]', 'tiers = ["golden"]', "surprises.1.tiers: no tier 'golden'"),
        ('pool = ["tea"]', 'pool = ["coffee"]', "surprises.1.pool: no extra 'coffee'"),
        ('pool = ["tea"]', 'pool = ["sweet"]', "surprises.1.pool: 'sweet' is a signature extra; it is always there"),
        ("chance = 0.5", "chance = 50", "surprises.1.chance: Input should be less than or equal to 1"),
        ('language = "de"', 'language = "fr"', "notes.hello: language 'fr' is not in `languages`"),
        ('language = "de"', 'language = "de"\ntiers = ["golden"]', "notes.hello.tiers: no tier 'golden'"),
        ('text = "Schön,', 'text = "\\u0007Schön,', "notes.hello.text: has a control character"),
        ('by = "order_line"', 'by = "pigeon"', "delivery.berlin.by: Input should be 'note' or 'order_line'"),
    ],
)
def test_each_mistake_is_named_with_its_place(good: str, bad: str, problem: str) -> None:
    assert good in GOOD
    assert problem in problems(GOOD.replace(good, bad, 1))


def test_all_mistakes_are_named_at_once() -> None:
    shapes = [('"EUR"', '"EURO"'), ('"signature"', '"gift"'), ("chance = 0.5", "chance = 2")]
    assert places(changed(shapes)) == ["currency", "extras.2.kind", "surprises.1.chance"]
    references = [('pool = ["tea"]', 'pool = ["coffee", "cake"]'), ('["gold"]', '["golden"]')]
    assert places(changed(references)) == ["surprises.1.tiers", "surprises.1.pool", "surprises.1.pool"]


def changed(changes: list[tuple[str, str]]) -> str:
    bad = GOOD
    for good, other in changes:
        bad = bad.replace(good, other)
    return bad


def places(toml: str) -> list[str]:
    return [problem.partition(":")[0] for problem in problems(toml)]


def test_a_file_that_is_no_toml_is_named_with_its_line() -> None:
    [problem] = problems("name = Stammgäste\n")
    assert problem.startswith("The file is not valid TOML:")
    assert "line 1" in problem


def test_nothing_at_all_names_what_is_needed() -> None:
    assert places("") == ["name", "currency", "sender", "tiers"]
