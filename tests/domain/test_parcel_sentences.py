"""What staff read about a parcel: every reason in words, in both languages, and the note that packers work from."""

import re
from datetime import date
from importlib.resources import files
from io import BytesIO
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from tier_factories import a_program, a_tier

from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import (
    MOMENTS,
    NO_SURPRISE,
    WHY_NOT,
    cancelled_note,
    extras_sentences,
    moment_sentence,
    note_sentences,
    packing_note,
    reasoning,
)
from saleor_loyalty_app.domain.parcels import (
    ExtrasChoice,
    NoteChoice,
    ParcelPlan,
    Passed,
    PassedNote,
    PlannedExtra,
    WhyNot,
)
from saleor_loyalty_app.domain.program import MOMENTS as ALL_MOMENTS

PROGRAM = a_program(
    a_tier("gold"),
    extras=[
        {"id": "sweet", "name": {"en": "Caramel", "de": "Karamell"}, "kind": "signature", "cost": "0.2", "shelf": "A1"},
        {"id": "sachet", "name": {"en": "Lavender sachet", "de": "Lavendelsäckchen"}, "kind": "surprise",
         "cost": "1.4", "shelf": "B3"},
        {"id": "incense", "name": {"en": "Incense", "de": "Räucherstäbchen"}, "kind": "surprise", "cost": "1"},
    ],
)  # fmt: skip
SWEET = PlannedExtra(extra_id="sweet", kind="signature", cost_minor=20)
SACHET = PlannedExtra(extra_id="sachet", kind="surprise", cost_minor=140)
NOTE = NoteChoice(
    note_id="nth-1",
    language="en",
    text="Dear Anna,\n\nThis is your seventh order. Thank you for coming back.",
    sign_off="Best regards",
    sender="Mira",
)


def a_plan(extras: ExtrasChoice | None = None, note: NoteChoice | None = None, **more: Any) -> ParcelPlan:
    facts = {"moment": "just_because", "decided_on": date(2026, 11, 3), **more}
    return ParcelPlan(extras=extras or ExtrasChoice(), note=note or NoteChoice(), **facts)


def said(choice: ExtrasChoice, locale: str = "en") -> list[str]:
    return list(extras_sentences(a_plan(choice), PROGRAM, locale))


@pytest.mark.parametrize(
    ("choice", "english", "german"),
    [
        pytest.param(
            ExtrasChoice(chosen=(SWEET,)),
            ["Caramel: the signature extra, always there."],
            ["Karamell: feste Beigabe, immer dabei."],
            id="signature",
        ),
        pytest.param(
            ExtrasChoice(
                chosen=(PlannedExtra(extra_id="sachet", kind="surprise", cost_minor=140, suits=("tea", "home")),),
                chance=0.33,
                drawn=0.1,
            ),
            ["Surprise: chance 1 in 3, drawn.", "Lavender sachet: it suits tea, home, not received before."],
            ["Überraschung: Chance 1 von 3, ausgelost.", "Lavendelsäckchen: passt zu tea, home, noch nie dabei."],
            id="a surprise that suits",
        ),
        pytest.param(
            ExtrasChoice(
                chosen=(
                    PlannedExtra(
                        extra_id="sachet", kind="surprise", cost_minor=140, last_received_on=date(2025, 3, 1)
                    ),
                ),
            ),
            ["Lavender sachet: drawn from what was left, last received on 1 March 2025."],
            ["Lavendelsäckchen: ausgelost unter dem, was in Frage kam, zuletzt am 1. März 2025 dabei."],
            id="a surprise had long ago",
        ),
        pytest.param(
            ExtrasChoice(
                passed=(Passed(extra_id="sachet", why=WhyNot.NOT_DRAWN),),
                no_surprise=WhyNot.NOT_DRAWN,
                chance=0.4,
                drawn=0.5,
            ),
            ["Surprise: chance 40%, not drawn."],
            ["Überraschung: Chance 40 %, nicht ausgelost."],
            id="no luck",
        ),
        pytest.param(
            ExtrasChoice(
                passed=(
                    Passed(extra_id="incense", why=WhyNot.EXCLUDED, detail="fragrance"),
                    Passed(extra_id="sachet", why=WhyNot.BUDGET_MONTH, detail="120"),
                ),
                no_surprise=WhyNot.BUDGET_MONTH,
            ),
            [
                "No surprise: the budget of November is spent.",
                "Not chosen: Incense – excluded by the customer (fragrance).",
                "Not chosen: Lavender sachet – the budget of November has €1.20 left, and it costs more.",
            ],
            [
                "Keine Überraschung: das Budget für November ist aufgebraucht.",
                "Nicht gewählt: Räucherstäbchen – auf Kundenwunsch ausgeschlossen (fragrance).",
                "Nicht gewählt: Lavendelsäckchen – im Budget für November sind noch 1,20\xa0€ übrig, das reicht nicht.",
            ],
            id="a spent budget",
        ),
        pytest.param(
            ExtrasChoice(
                passed=(
                    Passed(extra_id="incense", why=WhyNot.OUT_OF_STOCK),
                    Passed(extra_id="sachet", why=WhyNot.OUT_OF_STOCK),
                ),
                no_surprise=WhyNot.NOTHING_LEFT,
            ),
            ["No surprise: nothing was left to choose from.", "Not chosen: Incense, Lavender sachet – out of stock."],
            ["Keine Überraschung: nichts davon kam in Frage.",
             "Nicht gewählt: Räucherstäbchen, Lavendelsäckchen – nicht mehr vorrätig."],
            id="several for one reason",
        ),
        pytest.param(
            ExtrasChoice(
                passed=(Passed(extra_id="sachet", why=WhyNot.SPACING_ORDERS),), no_surprise=WhyNot.SPACING_ORDERS
            ),
            ["No surprise: the last surprise was too few orders ago."],
            ["Keine Überraschung: seit der letzten kamen noch nicht genug Bestellungen."],
            id="what holds for all is said once",
        ),
    ],
)  # fmt: skip
def test_the_choice_of_extras_in_words(choice: ExtrasChoice, english: list[str], german: list[str]) -> None:
    assert said(choice) == english
    assert said(choice, "de-AT") == german


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0, "0%"),
        (0.05, "1 in 20"),
        (0.15, "15%"),
        (0.333, "1 in 3"),
        (0.5, "1 in 2"),
        (0.125, "1 in 8"),
        (0.8, "80%"),
        (1, "100%"),
    ],
)
def test_chances_in_words(chance: float, words: str) -> None:
    choice = ExtrasChoice(no_surprise=WhyNot.NOT_DRAWN, chance=chance, drawn=0.999999)
    assert said(choice)[0].startswith(f"Surprise: chance {words}, ")


@pytest.mark.parametrize(
    ("choice", "english"),
    [
        pytest.param(NOTE, ["Note: text “nth-1”, in English."], id="chosen"),
        pytest.param(
            NoteChoice(note_id="a", language="de", chance=0.5, drawn=0.2, missing=("usual",)),
            [
                "Note: chance 1 in 2, drawn.",
                "Note: text “a”, in German.",
                "Left out of it, as it is missing: what the customer usually buys.",
            ],
            id="drawn, with a gap",
        ),
        pytest.param(
            NoteChoice(no_note=WhyNot.NOT_DRAWN, chance=0.5, drawn=0.7),
            ["Note: chance 1 in 2, not drawn."],
            id="no luck",
        ),
        pytest.param(
            NoteChoice(
                no_note=WhyNot.NO_TEXT,
                chance=1,
                drawn=0.7,
                passed=(
                    PassedNote(note_id="a", why=WhyNot.NOTE_RECEIVED),
                    PassedNote(note_id="b", why=WhyNot.NOTE_RECEIVED),
                    PassedNote(note_id="c", why=WhyNot.NEEDS_FIELD, detail="name"),
                ),
            ),
            [
                "No note: no text fits that the customer has not had yet.",
                "Text not chosen: “a”, “b” – the customer has had it before.",
                "Text not chosen: “c” – missing for it: a first name that fits.",
            ],
            id="nothing new to say",
        ),
        pytest.param(
            NoteChoice(
                note_id="a",
                language="pt-BR",
                passed=(
                    PassedNote(note_id="b", why=WhyNot.NOT_DRAWN),
                    PassedNote(note_id="c", why=WhyNot.NOT_DRAWN),
                ),
            ),
            ["Note: text “a”, in Brazilian Portuguese.", "Would have fitted too, not drawn: “b”, “c”."],
            id="chance decided among several",
        ),
    ],
)
def test_the_choice_of_a_note_in_words(choice: NoteChoice, english: list[str]) -> None:
    assert list(note_sentences(choice, "en")) == english


def test_the_choice_of_a_note_in_german() -> None:
    choice = NoteChoice(
        note_id="danke-1",
        language="en",
        missing=("usual",),
        passed=(
            PassedNote(note_id="danke-2", why=WhyNot.NOT_DRAWN),
            PassedNote(note_id="danke-3", why=WhyNot.NEEDS_FIELD, detail="name, extra"),
        ),
    )
    assert list(note_sentences(choice, "de")) == [
        "Karte: Text „danke-1“, auf Englisch.",
        "Darin weggelassen, weil es fehlt: was sonst gern gekauft wird.",
        "Hätte auch gepasst, nicht ausgelost: „danke-2“.",
        "Text nicht gewählt: „danke-3“ – dafür fehlt: ein passender Vorname, eine Überraschung.",
    ]


@pytest.mark.parametrize(
    ("moment", "detail", "english", "german"),
    [
        ("nth_order", "7", "Moment: the 7th order.", "Anlass: die 7. Bestellung."),
        ("anniversary", "2", "Moment: 2nd anniversary of the first order.",
         "Anlass: 2. Jahrestag der ersten Bestellung."),
        ("tier_reached", "gold", "Moment: this order reached Gold.",
         "Anlass: Mit dieser Bestellung ist Gold erreicht."),
        ("tier_reached", "gone", "Moment: this order reached gone.",
         "Anlass: Mit dieser Bestellung ist gone erreicht."),
        ("comeback", "200", "Moment: back after 200 days.", "Anlass: nach 200 Tagen wieder da."),
        ("just_because", "", "Moment: none in particular.", "Anlass: kein besonderer."),
    ],
)  # fmt: skip
def test_the_moment_in_words(moment: str, detail: str, english: str, german: str) -> None:
    plan = a_plan(moment=moment, moment_detail=detail)
    assert moment_sentence(plan, PROGRAM, "en") == english
    assert moment_sentence(plan, PROGRAM, "de") == german


def test_the_whole_reasoning_goes_from_the_moment_to_the_note() -> None:
    sentences = reasoning(a_plan(ExtrasChoice(chosen=(SWEET,)), NOTE), PROGRAM, "en")
    assert [sentence.split(":")[0] for sentence in sentences] == ["Moment", "Caramel", "Note"]


def test_an_extra_that_the_program_lost_is_called_by_its_id() -> None:
    choice = ExtrasChoice(chosen=(PlannedExtra(extra_id="candle", kind="surprise", cost_minor=1),))
    assert said(choice) == ["Candle: drawn from what was left, not received before."]


def test_packers_read_one_compact_note() -> None:
    plan = a_plan(ExtrasChoice(chosen=(SWEET, SACHET)), NOTE, services=("pack first", "wrap in tissue"))
    text = packing_note(plan, code="BR-7K2M9Q", tier_name="Gold", program=PROGRAM, locale="en")
    assert text == (
        "Best Regards · BR-7K2M9Q · Gold\n"
        "Add: Caramel (A1); Lavender sachet (B3)\n"
        "Service: pack first; wrap in tissue\n"
        "Note to copy: Dear Anna, This is your seventh order …\n"
        "\n"
        "Dear Anna,\n\nThis is your seventh order. Thank you for coming back.\n"
        "\n"
        "Best regards\n"
        "Mira"
    )


def test_packers_read_it_in_german() -> None:
    plan = a_plan(ExtrasChoice(chosen=(SWEET, PlannedExtra(extra_id="incense", kind="surprise", cost_minor=1))))
    text = packing_note(plan, code="BR-7K2M9Q", tier_name=None, program=PROGRAM, locale="de")
    assert text == "Best Regards · BR-7K2M9Q · ohne Stufe\nBeilegen: Karamell (A1); Räucherstäbchen"


def test_an_empty_parcel_says_so() -> None:
    text = packing_note(a_plan(), code="BR-7K2M9Q", tier_name="Gold", program=PROGRAM, locale="en")
    assert text.splitlines()[1:] == ["Nothing to add this time."]


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("fell_through", ["The order was cancelled or has expired."]),
        ("the customer phoned", ["the customer phoned"]),
        ("", []),
    ],
)
def test_a_cancelled_parcel_is_told_with_its_reason(why: str, reason: list[str]) -> None:
    lines = cancelled_note(code="BR-7K2M9Q", why=why, order_number="12", locale="en").splitlines()
    assert lines[0] == "Best Regards · BR-7K2M9Q · cancelled"
    assert lines[1:-1] == reason
    assert "Order 12" in lines[-1]


def test_both_notes_are_told_apart_by_their_first_line() -> None:
    packing = packing_note(a_plan(), code="BR-7K2M9Q", tier_name=None, program=PROGRAM, locale="en")
    cancelled = cancelled_note(code="BR-7K2M9Q", why="", order_number="1", locale="en")
    assert not cancelled.startswith(packing.splitlines()[0])
    assert not packing.startswith(cancelled.splitlines()[0])


def test_every_reason_and_every_moment_has_words() -> None:
    assert set(WHY_NOT) == set(NO_SURPRISE) == set(WhyNot)
    assert set(MOMENTS) == set(ALL_MOMENTS)


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("why", WhyNot)
def test_every_reason_can_be_said(why: WhyNot, locale: str) -> None:
    detail = "2026-01-02" if why in (WhyNot.PAST_BEST_BEFORE, WhyNot.RECEIVED_LATELY) else "100"
    choice = ExtrasChoice(passed=(Passed(extra_id="sachet", why=why, detail=detail),), no_surprise=why)
    sentences = said(choice, locale)
    assert sentences or why is WhyNot.NOT_DRAWN
    assert not any("%" in sentence or "None" in sentence or "()" in sentence for sentence in sentences)


@pytest.mark.parametrize("why", NoParcel)
def test_every_reason_for_no_parcel_can_cancel_one(why: NoParcel) -> None:
    assert why.value not in cancelled_note(code="BR-1", why=why.value, order_number="1", locale="de")


def messages_of(module: str) -> set[str]:
    source = (files("saleor_loyalty_app") / "domain" / f"{module}.py").read_bytes()
    found = extract("python", BytesIO(source), keywords={"_": None})
    return {message for _line, message, _comments, _context in found if isinstance(message, str)}


def test_every_sentence_has_german_words_with_the_same_places() -> None:
    catalogue = read_po(BytesIO((files("saleor_loyalty_app") / "locale" / "de" / "parcels.po").read_bytes()))
    german = {message.id: message.string for message in catalogue if message.id}
    english = messages_of("parcel_sentences") | messages_of("moments") | messages_of("notes")
    assert set(german) == english
    places = re.compile(r"%\(\w+\)s")
    for sentence, translated in german.items():
        assert translated, sentence
        assert sorted(places.findall(sentence)) == sorted(places.findall(translated))
