"""The program that every shop starts with can be read, speaks both languages, and promises nothing it can't keep."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import BaseModel
from test_orders import an_order

from saleor_loyalty_app.domain import program
from saleor_loyalty_app.domain.note_templates import SAMPLE
from saleor_loyalty_app.domain.notes import choose_note
from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.domain.parcels import ExtrasChoice, NoteChoice, PlannedExtra, Story
from saleor_loyalty_app.domain.program import MOMENTS, Note, Program, read_program

TEXT = (files("saleor_loyalty_app") / "starter_program.toml").read_text("utf-8")
STARTER = read_program(TEXT)
SIX = ("first_order", "nth_order", "anniversary", "tier_reached", "comeback", "trouble_solved")
DETAILS = {"tier_reached": "silver", "nth_order": "7", "anniversary": "2", "comeback": "200"}
TEA = ExtrasChoice(chosen=(PlannedExtra(extra_id="tea-sample", kind="surprise", cost_minor=80),))


def test_it_has_what_a_house_needs() -> None:
    assert (STARTER.currency, STARTER.time_zone, STARTER.languages) == ("EUR", "Europe/Berlin", ("de", "en"))
    assert len(STARTER.tiers) == 3
    assert [extra.kind for extra in STARTER.extras].count("signature") == 1
    assert [extra.kind for extra in STARTER.extras].count("surprise") == 4
    assert STARTER.budget.month
    assert STARTER.budget.customer_year


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("moment", SIX)
def test_each_special_moment_has_two_texts_in_each_language(moment: str, language: str) -> None:
    assert len([n for n in STARTER.notes if n.language == language and moment in n.moments]) >= 2


def test_both_languages_have_the_same_texts() -> None:
    by_language = {
        language: [(note.id, note.moments, note.tiers) for note in STARTER.notes if note.language == language]
        for language in STARTER.languages
    }
    assert by_language["de"] == by_language["en"]
    assert len(by_language["de"]) >= 12


def test_everything_has_a_name_in_both_languages() -> None:
    named = [part.name for part in (*STARTER.tiers, *STARTER.extras)]
    named += [service for tier in STARTER.tiers for service in tier.services]
    assert all(set(words) >= {"de", "en"} for words in [*named, STARTER.sender.sign_off])


def test_what_can_be_counted_is_counted_and_shelved() -> None:
    assert all(extra.stock and extra.shelf and extra.cost > 0 for extra in STARTER.extras)
    assert all(extra.again_after_days >= 90 for extra in STARTER.extras if extra.kind == "surprise")


def test_no_text_promises_a_discount_or_claims_to_be_written_by_hand() -> None:
    forbidden = re.compile(
        r"rabatt|gutschein|prozent|discount|voucher|coupon|% off|hand(geschrieben|written)|von hand|by hand",
        re.IGNORECASE,
    )
    assert [note.id for note in STARTER.notes if forbidden.search(note.text)] == []


def card(note: Note, moment: str, *, name: str, usual: str | None, extras: ExtrasChoice) -> NoteChoice:
    alone = STARTER.model_copy(update={"notes": (note,), "note_chance": 1.0})
    return choose_note(
        program=alone,
        version=1,
        story=Story(
            nth_order=1 if moment == "first_order" else 7,
            first_order_at=None,
            previous_order_at=None,
            tier=note.tiers[0] if note.tiers else "silver",
            usual=usual,
        ),
        order=an_order(buyer=Buyer(user_id=None, email="a@example.com", first_name=name)),
        moment=moment,
        moment_detail=DETAILS.get(moment, ""),
        extras=extras,
        secret=b"x" * 32,
    )


@pytest.mark.parametrize("usual", [None, "Assam Hari"], ids=["no usual", "usual"])
@pytest.mark.parametrize("name", ["", "Anna"], ids=["nameless", "Anna"])
@pytest.mark.parametrize("note", STARTER.notes, ids=lambda note: f"{note.id}-{note.language}")
def test_each_text_reads_well_with_and_without_what_may_be_missing(note: Note, name: str, usual: str | None) -> None:
    for moment in note.moments:
        for extras in (ExtrasChoice(), TEA):
            text = card(note, moment, name=name, usual=usual, extras=extras).text
            assert text
            assert len(text) <= 450, "short enough to be copied by hand"
            assert not re.search(r" [.,;:]|[{}%]|\.\.|  |\n\n\n|None", text)
            assert text.splitlines()[0] in {"Hallo,", "Hello,", "Hallo Anna,", "Dear Anna,"}
            opening = text.split("\n\n", 1)[1][0]
            assert opening.isdigit() or opening.islower() == (note.language == "de"), "after the greeting's comma"


def test_every_moment_leads_to_a_note() -> None:
    assert {moment for note in STARTER.notes for moment in note.moments} == set(MOMENTS)


MANUAL = Path(__file__).parents[2] / "docs" / "program.md"


def parts_of(part: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {
        model
        for field in part.model_fields.values()
        for model in re.findall(r"domain\.program\.(\w+)", str(field.annotation))
    }
    found = {getattr(program, name) for name in inner}
    return {part}.union(*(parts_of(one) for one in found)) if found else {part}


def test_the_manual_names_every_field_and_every_moment() -> None:
    manual = MANUAL.read_text("utf-8")
    fields = {field for part in parts_of(Program) for field in part.model_fields}
    fields -= {"tiers", "extras", "surprises", "notes", "sender", "moments", "budget", "delivery", "packing"}
    assert {"chance", "grace_days", "variant", "spend", "confirm_order"} <= fields
    assert [name for name in sorted({*fields, *MOMENTS, *SAMPLE}) if f"`{name}`" not in manual] == []
    headings = [
        "[sender]",
        "[[tiers]]",
        "[[extras]]",
        "[[surprises]]",
        "[[notes]]",
        "[moments]",
        "[budget]",
        "[delivery.",
        "[packing]",
    ]
    assert [heading for heading in headings if f"`{heading}" not in manual] == []


def test_the_manuals_examples_are_a_program() -> None:
    smallest, *more = re.findall(r"```toml\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert read_program(smallest).name == "Our regulars"
    others = "".join(f'[[extras]]\nid = "{id}"\nname = {{ de = "x" }}\nkind = "surprise"\ncost = 1\n' for id in
                     ("tea-sample", "bookmark"))  # fmt: skip
    gold = '[[tiers]]\nid = "gold"\nname = { de = "Gold" }\nenter = { spend = "900", orders = 12, needs = "any" }\n'
    start = 'name = "All of it"\ncurrency = "EUR"\nlanguages = ["de", "en"]\n'
    assert read_program(start + "\n".join(more) + gold + others).delivery_for("default-channel").confirm_order
