"""A program's text is edited part by part: it says what was meant, and the merchant's comments stay."""

import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from factories import program_toml
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_loyalty_app.domain.program import ProgramProblem, read_program
from saleor_loyalty_app.domain.program_text import NoSuchPart, add_to, move_within, remove_from, set_fields
from saleor_loyalty_app.domain.toml_blocks import join_blocks, split_blocks

STARTER = (files("saleor_loyalty_app") / "starter_program.toml").read_text("utf-8")
ONE_LINE = program_toml()
"""A program whose parts are lists on one line each."""
WITH_INNER_HEADINGS = """
name = "x"
currency = "EUR"
sender.name = "Mira"   # a dotted key

[[tiers]]   # the first
id = "one"
[tiers.name]
en = "One"
[tiers.enter]
orders = 3   # three is enough

[[extras]]
id = "a"
kind = "signature"
name = { en = "A" }
cost = 1

[delivery."a channel"]
by = "note"
"""
TEXTS = {"starter": STARTER, "one line": ONE_LINE, "inner headings": WITH_INNER_HEADINGS}


def lines_that_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize("toml", TEXTS.values(), ids=TEXTS)
def test_blocks_are_the_whole_text(toml: str) -> None:
    assert join_blocks(split_blocks(toml)) == toml


def test_only_the_lines_that_were_meant_change() -> None:
    changed = set_fields(STARTER, ("extras", "tea-sample"), {"weight": 3, "cost": "0.80", "shelf": None})
    assert lines_that_changed(STARTER, changed) == (
        ['shelf = "B1"', "weight = 12                     # drawn a little more often than the others"],
        ["weight = 3                     # drawn a little more often than the others"],
    )


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ((), {"name": "Regulars of the house", "note_chance": 1.0, "languages": ("de", "en")}),
        (("sender",), {"name": "Mira"}),
        (("extras", "tea-sample"), {"cost": "0.8", "weight": 12, "channels": [], "variant": None, "stock": 120}),
        (("tiers", "gold"), {"grace_days": 90, "enter": {"spend": "900.00", "orders": 12, "needs": "any"}}),
        (("notes", 0), {"id": "welcome-1"}),
        (("moments",), {"comeback_days": 180}),
        (("delivery", "default-channel"), {"by": "note", "confirm_order": False}),
    ],
    ids=str,
)
def test_what_is_the_same_already_changes_nothing(path: Any, values: dict[str, Any]) -> None:
    assert set_fields(STARTER, path, values) == STARTER


def test_a_new_group_stands_at_the_end_and_goes_without_a_trace() -> None:
    added = set_fields(STARTER, ("delivery", "default-channel"), {"by": "order_line"})
    assert added == STARTER.rstrip("\n") + '\n\n[delivery.default-channel]\nby = "order_line"\n'
    assert remove_from(added, ("delivery", "default-channel")) == STARTER


def test_a_new_id_takes_its_references_along() -> None:
    changed = read_program(set_fields(STARTER, ("tiers", "gold"), {"id": "golden"}))
    assert all("gold" not in rule.tiers for rule in changed.surprises)
    assert any("golden" in rule.tiers for rule in changed.surprises)
    assert any("golden" in note.tiers for note in changed.notes)
    changed = read_program(set_fields(STARTER, ("extras", "bookmark"), {"id": "marker"}))
    assert any("marker" in rule.pool for rule in changed.surprises)


def test_an_id_that_another_has_takes_no_references() -> None:
    with pytest.raises(ProgramProblem) as refused:
        read_program(set_fields(STARTER, ("extras", "bookmark"), {"id": "art-card"}))
    assert {str(problem.path[0]) for problem in refused.value.problems} == {"extras", "surprises"}


def test_what_is_removed_leaves_its_references_as_problems() -> None:
    with pytest.raises(ProgramProblem, match="there is no extra 'bookmark'"):
        read_program(remove_from(STARTER, ("extras", "bookmark")))


def test_section_comments_stay_when_their_first_part_goes() -> None:
    for kind, heading in (("tiers", "# ---- Tiers"), ("extras", "# ---- Extras"), ("surprises", "# ---- When a")):
        toml = STARTER
        while tomllib.loads(toml).get(kind):
            toml = remove_from(toml, (kind, 0))
        assert heading in toml
        assert re.findall(r"(?m)^# ----.*", toml) == re.findall(r"(?m)^# ----.*", STARTER)


def test_a_comment_right_above_goes_along() -> None:
    toml = STARTER.replace('[[extras]]\nid = "bookmark"', '# from the printer\n[[extras]]\nid = "bookmark"')
    first = move_within(toml, ("extras", "bookmark"), -5)
    assert first.index("# from the printer\n[[extras]]") < first.index('id = "caramel"')
    assert "# from the printer" not in remove_from(toml, ("extras", "bookmark"))


def test_parts_move_among_their_like_as_far_as_there_is_room() -> None:
    def order(toml: str) -> list[str]:
        return [tier["id"] for tier in tomllib.loads(toml)["tiers"]]

    assert order(move_within(STARTER, ("tiers", "gold"), -1)) == ["bronze", "gold", "silver"]
    assert order(move_within(STARTER, ("tiers", "gold"), -9)) == ["gold", "bronze", "silver"]
    assert move_within(STARTER, ("tiers", "gold"), 1) == STARTER
    assert move_within(move_within(STARTER, ("surprises", 0), 1), ("surprises", 1), -1) == STARTER


def test_the_last_tier_can_go_and_come_back() -> None:
    toml = STARTER
    for tier in ("gold", "silver", "bronze"):
        toml = remove_from(toml, ("tiers", tier))
    assert tomllib.loads(toml)["tiers"] == []
    again = add_to(toml, "tiers", {"id": "one", "name": {"de": "Eins"}, "enter": {"orders": 2}})
    assert [tier["id"] for tier in tomllib.loads(again)["tiers"]] == ["one"]


@pytest.mark.parametrize(
    "text",
    ['Hi\n"you"', "a\\b\n", '\n"""\n', "\x01\n", '"""""\n"', "{{ name }}\n\tx \\", "ü\u2028\n\x7f", "# no\n# note"],
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    changed = set_fields(STARTER, ("notes", 1), {"text": text})
    assert tomllib.loads(changed)["notes"][1]["text"] == text
    assert "# ---- Tiers" in changed


@pytest.mark.parametrize(
    "path",
    [
        ("extras", "nothing"),
        ("notes", 99),
        ("notes", "thanks-1"),
        ("colours",),
        ("tiers", "gold", "enter"),
        ("tiers", -1),
    ],
    ids=str,
)
def test_what_is_not_there_is_said(path: Any) -> None:
    for edit in (lambda: set_fields(STARTER, path, {"id": "x"}), lambda: remove_from(STARTER, path),
                 lambda: move_within(STARTER, path, 1)):  # fmt: skip
        with pytest.raises(NoSuchPart):
            edit()


def test_a_text_that_is_no_toml_is_not_edited() -> None:
    with pytest.raises(ProgramProblem):
        set_fields("name = ", (), {"name": "x"})


# ---- Any edits, in any order

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
VALUES = {
    "tiers": st.fixed_dictionaries(
        {}, optional={"id": st.sampled_from(["gold", "a", "b"]), "name": st.dictionaries(WORDS, WORDS, max_size=2),
                      "enter": st.fixed_dictionaries({"spend": st.decimals(0, 999, places=2)}),
                      "keep": st.none(), "grace_days": st.integers(31, 99)},
    ),
    "extras": st.fixed_dictionaries(
        {}, optional={"id": st.sampled_from(["bookmark", "c", "d"]), "cost": st.decimals(0, 9, places=2),
                      "suits": st.lists(WORDS, max_size=3), "best_before": st.none() | st.dates(), "shelf": WORDS},
    ),
    "surprises": st.fixed_dictionaries(
        {}, optional={"chance": st.floats(0, 1), "pool": st.lists(st.sampled_from(["bookmark", "c"]), max_size=2)},
    ),
    "notes": st.fixed_dictionaries({}, optional={"text": WORDS.map(lambda text: text + "\n"), "language": WORDS}),
}  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_edits_leave_a_text_that_says_just_what_was_meant(data: st.DataObject) -> None:
    """A plain copy of the data, edited beside it, is the model."""
    toml = TEXTS[data.draw(st.sampled_from([*TEXTS]))]
    comments = set(re.findall(r"(?m)^# .*", toml))
    for _ in range(data.draw(st.integers(1, 6))):
        model = tomllib.loads(toml)
        kind = data.draw(st.sampled_from([*VALUES]))
        parts = model.setdefault(kind, [])
        act = data.draw(st.sampled_from(["set", "add", "remove", "move"] if parts else ["add"]))
        index = data.draw(st.integers(0, len(parts) - 1)) if parts else 0
        values = data.draw(VALUES[kind])
        if act == "add":
            toml = add_to(toml, kind, values)
            parts.append({key: value for key, value in values.items() if value is not None})
        elif act == "remove":
            toml = remove_from(toml, (kind, index))
            del parts[index]
        elif act == "move":
            by = data.draw(st.integers(-2, 2))
            toml = move_within(toml, (kind, index), by)
            parts.insert(min(max(0, index + by), len(parts) - 1), parts.pop(index))
        else:
            toml = set_fields(toml, (kind, index), values)
            parts[index] = meant({**parts[index], **values})
        if act != "set" or "id" not in values:
            assert bare(tomllib.loads(toml)) == bare(model)
        else:
            assert meant(tomllib.loads(toml)[kind][index]) == meant(parts[index])
        assert set_fields(toml, (), {"name": tomllib.loads(toml)["name"]}) == toml
    assert comments <= set(re.findall(r"(?m)^# .*", toml))


def meant(value: Any) -> Any:
    """Data as far as they mean something: amounts as text, nothing for None and for what is the default anyway."""
    if isinstance(value, dict):
        defaults = {"needs": "all", "window": {"kind": "rolling", "days": 365}}
        said = {key: each for key, each in value.items() if each is not None and defaults.get(key) != each}
        return {key: meant(each) for key, each in said.items() if each not in ([], "")}
    if isinstance(value, list):
        return [meant(each) for each in value]
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def bare(data: dict[str, Any]) -> dict[str, Any]:
    return {key: meant(value) for key, value in data.items() if value not in ([], {})}
