"""Which words go with an order, in which language, and what strangers' names and merchants' templates can't do."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_orders import an_order
from tier_factories import a_program, a_tier, moment

from saleor_loyalty_app.domain.first_names import first_name
from saleor_loyalty_app.domain.note_templates import note_problems
from saleor_loyalty_app.domain.notes import choose_note
from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.domain.parcels import ExtrasChoice, NoteChoice, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Note, Program, ProgramProblem, read_program

SECRET = b"a secret of thirty-two bytes ..."


def a_note(id: str = "thanks", text: str = "Thank you.", language: str = "en", **more: Any) -> dict[str, Any]:
    return {"id": id, "language": language, "text": text, **more}


def saying(*notes: dict[str, Any], **more: Any) -> Program:
    start = {
        "languages": ["en", "de", "fr"],
        "notes": notes,
        "extras": [{"id": "tea", "name": {"en": "tea sample", "de": "Teeprobe"}, "kind": "surprise", "cost": "1"}],
        "sender": {"name": "Mira", "sign_off": {"en": "Best regards", "de": "Herzliche Grüße"}},
    }
    return a_program(a_tier("silver"), a_tier("gold"), **{**start, **more})


def a_story(**changes: Any) -> Story:
    facts = {"nth_order": 7, "first_order_at": moment("2024-03-10"), "previous_order_at": None, "tier": "gold"}
    return Story(**{**facts, **changes})


def buyer(first: str = "Anna", language: str = "") -> Buyer:
    return Buyer(user_id="VXNlcjox", email="a@example.com", first_name=first, language=language)


WITH_TEA = ExtrasChoice(chosen=(PlannedExtra(extra_id="tea", kind="surprise", cost_minor=100),))


def choose(program: Program, **changes: Any) -> NoteChoice:
    facts: dict[str, Any] = {
        "version": 1,
        "story": a_story(),
        "order": an_order(buyer=buyer()),
        "moment": "just_because",
        "moment_detail": "",
        "extras": ExtrasChoice(),
        "secret": SECRET,
    }
    return choose_note(program=program, **{**facts, **changes})


def filled(text: str, language: str = "en", **changes: Any) -> str:
    order = changes.pop("order", None) or an_order(buyer=buyer(), language=language)
    return choose(saying(a_note(text=text, language=language)), order=order, **changes).text


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        pytest.param("{{ greeting }} hi", {}, "Dear Anna, hi", id="greeting"),
        pytest.param("{{ name }}!", {}, "Anna!", id="name"),
        pytest.param("the {{ nth }}, so {{ orders }}", {}, "the 7th, so 7", id="nth and orders"),
        pytest.param("still {{ usual }}", {"story": a_story(usual="Assam\n <b> ")}, "still Assam <b>", id="usual"),
        pytest.param("{{ tier }}", {}, "Gold", id="tier"),
        pytest.param("{{ years }}", {}, "1", id="full years"),
        pytest.param("{{ years }}", {"moment": "anniversary", "moment_detail": "2"}, "2", id="years to be"),
        pytest.param("{{ sender }}", {}, "Mira", id="sender"),
        pytest.param(
            "{{ reason }}", {"moment": "nth_order", "moment_detail": "7"}, "because it is your seventh order", id="why"
        ),
        pytest.param("a{% if extra %} {{ extra }}{% endif %}", {"extras": WITH_TEA}, "a tea sample", id="extra"),
        pytest.param("a{% if extra %} {{ extra }}{% endif %}", {}, "a", id="no extra"),
        pytest.param("{{ reason | capitalize }}", {}, "Just because", id="a filter"),
        pytest.param("{{ usual | default('it') }}", {}, "it", id="a default"),
        pytest.param("{% if orders > 5 and not usual %}many{% elif name %}few{% endif %}", {}, "many", id="conditions"),
        pytest.param("one\n{% if usual %}\n{{ usual }}\n{% endif %}\ntwo", {}, "one\ntwo", id="lines of tags vanish"),
        pytest.param("one {% if usual %}two{% endif %} three", {}, "one three", id="gaps close"),
        pytest.param("one\n\n{% if usual %}x{% endif %}\n\ntwo", {}, "one\n\ntwo", id="empty lines close"),
    ],
)
def test_a_text_is_filled_in(text: str, facts: dict[str, Any], expected: str) -> None:
    assert filled(text, **facts) == expected


def test_german_notes_speak_german_throughout() -> None:
    text = "{{ greeting }} {{ nth }} {{ reason }} {{ extra | default('-') }}"
    german = filled(text, "de", moment="nth_order", moment_detail="7", extras=WITH_TEA)
    assert german == "Hallo Anna, 7. zur siebten Bestellung Teeprobe"


@pytest.mark.parametrize(("language", "expected"), [("en", "Hello, x"), ("de", "Hallo, x")])
def test_without_a_name_the_greeting_stays_graceful(language: str, expected: str) -> None:
    assert filled("{{ greeting }} x", language, order=an_order(buyer=buyer(""), language=language)) == expected


def test_the_sign_off_is_in_the_language_of_the_note_and_names_a_person() -> None:
    choice = choose(saying(a_note(language="de")), order=an_order(language="DE"))
    assert (choice.language, choice.sign_off, choice.sender) == ("de", "Herzliche Grüße", "Mira")


@pytest.mark.parametrize(
    ("order_language", "buyer_language", "expected"),
    [
        pytest.param("DE", "EN", "de", id="the order's language first"),
        pytest.param("DE_AT", "", "de", id="a country's German"),
        pytest.param("de-AT", "", "de", id="with a hyphen"),
        pytest.param("", "de", "de", id="the buyer's language next"),
        pytest.param("JA", "de-CH", "de", id="when nobody writes the order's"),
        pytest.param("JA", "KO", "en", id="at last the program's first"),
        pytest.param("FR", "", "en", id="a language without notes does not count"),
        pytest.param("", "", "en", id="unknown"),
    ],
)
def test_a_note_is_in_the_customers_language(order_language: str, buyer_language: str, expected: str) -> None:
    program = saying(a_note(), a_note(language="de"))
    order = an_order(language=order_language, buyer=buyer(language=buyer_language))
    assert choose(program, order=order).language == expected


def test_a_countrys_own_words_come_first() -> None:
    program = saying(a_note(language="de_CH"), a_note(language="de"), languages=["de", "de_CH"])
    spoken = [choose(program, order=an_order(language=code)).language for code in ("DE_CH", "DE_AT", "DE")]
    assert spoken == ["de_CH", "de", "de"]


def test_without_any_fitting_language_the_programs_first_with_notes_is_used() -> None:
    assert choose(saying(a_note(language="de")), order=an_order(language="EN")).language == "de"


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        pytest.param([{"moments": ["comeback"]}, {}], "b", id="not for another moment"),
        pytest.param([{"moments": ["just_because"]}, {}], "a", id="for the moment rather than for any"),
        pytest.param([{}, {"tiers": ["gold"]}], "b", id="for the tier rather than for all"),
        pytest.param([{"tiers": ["silver"]}, {}], "b", id="not for another tier"),
        pytest.param([{"moments": ["just_because"]}, {"tiers": ["gold"]}], "a", id="the moment before the tier"),
        pytest.param(
            [{"moments": ["just_because"]}, {"moments": ["just_because"], "tiers": ["gold"]}], "b", id="both is best"
        ),
        pytest.param([{"moments": ["just_because"], "text": "{{ usual }}"}, {}], "b", id="what can't be filled in"),
        pytest.param([{"tiers": ["silver"]}], None, id="nothing fits"),
    ],
)
def test_the_text_made_for_the_case_is_taken(notes: list[dict[str, Any]], expected: str | None) -> None:
    program = saying(*(a_note(id, **{"text": f"Text {id}", **note}) for id, note in zip("ab", notes, strict=False)))
    choice = choose(program)
    assert choice.note_id == expected
    assert choice.no_note == (None if expected else WhyNot.NO_TEXT)


def test_a_note_that_needs_what_is_not_known_is_passed_over_with_the_reason() -> None:
    choice = choose(saying(a_note("a", "{{ name }}, {{ usual }}"), a_note("b")), order=an_order(buyer=buyer("")))
    assert choice.note_id == "b"
    assert [(one.note_id, one.why, one.detail) for one in choice.passed] == [("a", WhyNot.NEEDS_FIELD, "name, usual")]


def test_what_was_asked_for_and_left_out_is_recorded() -> None:
    assert choose(saying(a_note(text="x{% if usual %}{{ usual }}{% endif %} {{ name }}"))).missing == ("usual",)


def test_nobody_gets_the_same_text_twice() -> None:
    program = saying(a_note("a", "One"), a_note("b", "Two"))
    assert choose(program, story=a_story(notes_received=frozenset("a"))).note_id == "b"
    choice = choose(program, story=a_story(notes_received=frozenset("ab")))
    assert choice.no_note is WhyNot.NO_TEXT
    assert {one.why for one in choice.passed} == {WhyNot.NOTE_RECEIVED}


def test_a_text_that_reads_the_same_is_the_same() -> None:
    program = saying(a_note("a", "Thank you, {{ name }}."), a_note("b", "Thank you,  Anna."))
    assert choose(program, story=a_story(notes_received=frozenset("a"))).no_note is WhyNot.NO_TEXT


def test_a_text_had_in_one_language_is_not_sent_in_another() -> None:
    program = saying(a_note("a"), a_note("a", language="de"))
    story = a_story(notes_received=frozenset("a"))
    assert choose(program, story=story, order=an_order(language="DE")).no_note is WhyNot.NO_TEXT


def test_who_wants_nothing_added_gets_no_note() -> None:
    choice = choose(saying(a_note()), story=a_story(exclusions=frozenset({"No-Inserts"})))
    assert (choice.note_id, choice.no_note) == (None, WhyNot.NO_INSERTS)


def test_a_note_and_an_extra_are_drawn_apart() -> None:
    program = saying(*(a_note(id, f"{id}{{% if extra %}} {{{{ extra }}}}{{% endif %}}") for id in "abcdef"))
    for number in range(50):
        order = an_order(id=f"order-{number}")
        without, with_tea = choose(program, order=order), choose(program, order=order, extras=WITH_TEA)
        assert without.note_id == with_tea.note_id
        assert with_tea.text == f"{without.text} tea sample"


def test_the_chance_of_a_note_comes_true_over_many_orders() -> None:
    program = saying(a_note(), note_chance=0.25)
    choices = [choose(program, order=an_order(id=f"order-{number}")) for number in range(2_000)]
    noted = sum(choice.note_id is not None for choice in choices)
    assert 0.22 < noted / 2_000 < 0.28
    assert {choice.no_note for choice in choices} == {None, WhyNot.NOT_DRAWN}


def test_fitting_notes_are_equally_likely() -> None:
    program = saying(*(a_note(id, id) for id in "abcd"), note_chance=0.5)
    choices = [choose(program, order=an_order(id=f"order-{number}")) for number in range(4_000)]
    counted = Counter(choice.note_id for choice in choices if choice.note_id)
    assert all(0.2 < counted[id] / counted.total() < 0.3 for id in "abcd")


def test_the_order_of_notes_in_the_file_does_not_matter() -> None:
    notes = [a_note(id, id) for id in "abcd"]
    assert choose(saying(*notes)) == choose(saying(*reversed(notes)))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Anna", "Anna"),
        ("  Anna \n\t Maria ", "Anna Maria"),
        ("ANNA MARIA", "Anna Maria"),
        ("anna-lena", "Anna-Lena"),
        ("O'NEIL", "O'Neil"),
        ("mckay", "McKay"),
        ("McKay", "McKay"),
        ("María de la Cruz", "María de la Cruz"),
        ("MARIA DE LA CRUZ", "Maria de la Cruz"),
        ("de la cruz", "de la Cruz"),
        ("van", "Van"),
        ("AJ", "AJ"),
        ("j.r.", "J.R."),
        ("İBRAHİM", "İbrahim"),
        ("ÉLODIE", "Élodie"),
        ("鈴木", "鈴木"),
        ("فاطمه\u200cزهرا", "فاطمه\u200cزهرا"),
        ("ΜΑΡΙΑ", "ΜΑΡΙΑ"),
        ("An\u202ena\x00\u200b", "Anna"),
        ("Ann\u0061\u0301", "Anná"),
        ("A" + "b" * 100, None),
        ("", None),
        ("  ", None),
        ("123", None),
        ("-", None),
        ("{{ 7 * 7 }}", None),
        ("<b>Anna</b>", None),
        ("anna@example.com", None),
        ("win at evil.com", None),
        ("http://evil", None),
    ],
)
def test_a_name_is_made_fit_for_a_card(typed: str, expected: str | None) -> None:
    assert first_name(typed) == expected


@given(st.text(max_size=200))
def test_whatever_is_typed_a_name_is_short_on_one_line_and_stable(typed: str) -> None:
    name = first_name(typed)
    if name is not None:
        assert 0 < len(name) <= 60
        assert name.isprintable() or {"\u200c", "\u200d"} & set(name)
        assert first_name(name) is not None


@given(name=st.text(max_size=80), usual=st.none() | st.text(max_size=200))
def test_what_strangers_type_is_never_run(name: str, usual: str | None) -> None:
    text = filled(
        "a{% if usual %} {{ usual }}{% endif %}", story=a_story(usual=usual), order=an_order(buyer=buyer(name))
    )
    assert text.startswith("a")
    assert "{{ 7*7 }}" in filled("a {{ usual }}", story=a_story(usual="{{ 7*7 }}"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{{ nmae }}", "line 1: there is no field 'nmae'; there are name, ", id="an unknown field"),
        pytest.param("hi\n{{ shop }}", "line 2: there is no field 'shop'", id="with its line"),
        pytest.param("hi\n{{ name", "line 2 can't be read", id="an open bracket"),
        pytest.param("{% if name %}x", "line 1 can't be read", id="an open if"),
        pytest.param("{{ name | reverse }}", "line 1: there is no filter 'reverse'; there are cap", id="a filter"),
        pytest.param("{% if name is divisibleby 3 %}x{% endif %}", "no test 'divisibleby'", id="a test"),
        pytest.param("{% for i in name %}x{% endfor %}", "'for' is not possible", id="a loop"),
        pytest.param("{% set x = 1 %}", "'assign' is not possible", id="a variable"),
        pytest.param("{% macro x() %}{% endmacro %}", "'macro' is not possible", id="a macro"),
        pytest.param("{% include 'x' %}", "'include' is not possible", id="an include"),
        pytest.param("{% import 'x' as y %}", "'import' is not possible", id="an import"),
        pytest.param("{% extends 'x' %}", "'extends' is not possible", id="another template"),
        pytest.param("{{ name.__class__ }}", "'getattr' is not possible", id="an attribute"),
        pytest.param("{{ name['x'] }}", "'getitem' is not possible", id="an item"),
        pytest.param("{{ name() }}", "'call' is not possible", id="a call"),
        pytest.param("{{ range(9) }}", "'call' is not possible", id="a function"),
        pytest.param("{{ 'x' * 999999999 }}", "'mul' is not possible", id="a sum that explodes"),
        pytest.param("{{ 9 ** 9 ** 9 }}", "'pow' is not possible", id="a power that never ends"),
        pytest.param("{{ " + "(" * 590 + "1" + ")" * 590 + " }}", "", id="too deep"),
        pytest.param("{% if orders > name %}x{% endif %}", "can't be filled in", id="apples and pears"),
        pytest.param("{% if not name %}x{% endif %}", "stays empty", id="empty for most"),
        pytest.param("{{ extra }} for you", "{% if extra %}", id="an extra that is often not there"),
    ],
)
def test_a_template_that_does_too_much_is_refused_in_plain_words(text: str, says: str) -> None:
    problems = said(Note(**a_note(text=text)))
    assert problems
    assert says in problems[0]


def said(note: Note) -> list[str]:
    return [problem.said("en") for problem in note_problems(note)]


def test_several_problems_are_named_at_once() -> None:
    assert len(note_problems(Note(**a_note(text="{{ a }} {{ b | reverse }} {{ c.d }}")))) == 3


def test_a_language_the_app_does_not_speak_writes_its_own_greeting() -> None:
    assert note_problems(Note(**a_note(language="fr", text="Cher {{ name }},"))) == []
    assert "write them out" in said(Note(**a_note(language="fr", text="{{ greeting }} bonjour")))[0]
    assert filled("Cher {{ name }}, {{ orders }} fois", "fr") == "Cher Anna, 7 fois"


def test_a_program_with_a_bad_note_is_refused_with_its_place() -> None:
    with pytest.raises(ProgramProblem) as refused:
        read_program("""
            name = "Regulars"
            currency = "EUR"
            sender = { name = "Mira" }
            tiers = []
            [[notes]]
            id = "bad"
            language = "en"
            text = "Dear {{ nmae }}"
        """)
    assert str(refused.value).startswith("Note 'bad (en)', text: line 1: there is no field 'nmae'")


def test_a_text_that_grows_too_long_is_passed_over() -> None:
    long = "{{ usual }} " * 30
    choice = choose(saying(a_note("a", long), a_note("b")), story=a_story(usual="x" * 80))
    assert choice.note_id == "b"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Maria " + "Theresia " * 7, "Maria " + "Theresia " * 6),
        ("A" + "a" * 59, "A" + "a" * 59),
        ("Adolph" * 11, None),
        ("Ana " + "Sofia " * 9 + "de los Angeles", "Ana " + "Sofia " * 9),
    ],
    ids=["too long", "just fits", "one endless word", "no particle at the end"],
)
def test_a_long_first_name_ends_with_a_whole_word_or_is_none(written: str, name: str | None) -> None:
    assert first_name(written) == (name.strip() if name else None)
