"""What the rules say of packing and of extras that the shop counts: mistakes, doubts, differences, and the text."""

from typing import Any

import pytest
from factories import a_surprise_extra, an_extra, program_toml

from saleor_loyalty_app.domain.program import Program, program_data, read_program
from saleor_loyalty_app.domain.program_differences import differences
from saleor_loyalty_app.domain.program_problems import ProgramProblem
from saleor_loyalty_app.domain.program_reading import problems_in
from saleor_loyalty_app.domain.program_text import remove_from, set_fields

HERE = {"warehouse": "warehouse-1"}


def in_shop(id: str = "mug", **changes: Any) -> dict[str, Any]:
    return a_surprise_extra(id, **{"stock": None, "stock_in": "shop", "variant": f"variant-{id}", **changes})


def rules(*extras: dict[str, Any], packing: dict[str, Any] | None = None) -> str:
    pool = [extra["id"] for extra in extras]
    return program_toml(
        extras=[an_extra(), *extras], surprises=[{"chance": 1.0, "pool": pool}],
        **({} if packing is None else {"packing": packing}),
    )  # fmt: skip


def problems(toml: str) -> list[str]:
    with pytest.raises(ProgramProblem) as raised:
        read_program(toml)
    return [problem.sentence("en") for problem in raised.value.problems]


def test_an_extra_that_the_shop_counts_is_a_program_with_variant_and_warehouse() -> None:
    program = read_program(rules(in_shop(), packing=HERE))
    assert (program.extras[1].stock_in, program.packing.warehouse) == ("shop", "warehouse-1")
    plain = read_program(program_toml())
    assert (plain.packing.order_note, plain.packing.warehouse, plain.packing.approve_notes) == (False, None, False)


@pytest.mark.parametrize(
    ("toml", "mistake"),
    [
        pytest.param(
            rules(in_shop(variant=None), packing=HERE),
            "Extra 'mug', variant: is needed, since the shop can only count its own product variants; choose one",
            id="no variant",
        ),
        pytest.param(
            rules(in_shop()),
            "Packing, warehouse: is needed, since the shop counts 'mug'; choose the warehouse that it is taken from",
            id="no packing",
        ),
        pytest.param(
            rules(in_shop(), packing={"warehouse": " "}),
            "Packing, warehouse: is needed, since the shop counts 'mug'; choose the warehouse that it is taken from",
            id="an empty warehouse",
        ),
        pytest.param(
            rules(in_shop(stock=5), packing=HERE),
            "Extra 'mug', stock: means nothing here, since the shop counts this extra; leave it out",
            id="counted by both",
        ),
        pytest.param(
            rules(in_shop(), in_shop("cup", variant="variant-mug"), packing=HERE),
            "Extra 'cup', variant: is that of 'mug' already, and the shop can't count the same pieces for both; choose "
            "another",
            id="the same variant",
        ),
        pytest.param(
            rules(in_shop(stock_in="me"), packing=HERE),
            "Extra 'mug', counted by: can't be 'me'; choose one of these: app, shop",
            id="nobody known",
        ),
        pytest.param(
            program_toml(packing={"order_notes": True}),
            "Packing, order_notes: there is no such field; did you mean 'order_note'?",
            id="no such field",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(toml: str, mistake: str) -> None:
    assert problems(toml) == [mistake]


def test_an_unreadable_warehouse_is_one_mistake_and_not_two() -> None:
    assert problems(rules(in_shop(), packing={"warehouse": 5})) == ["Packing, warehouse: must be a text"]


def test_a_warehouse_that_the_shop_does_not_have_is_a_doubt() -> None:
    data = program_data(rules(in_shop(), packing=HERE))
    assert problems_in(Program, data) == problems_in(Program, data, known_warehouses=["warehouse-1"]) == []
    (doubt,) = problems_in(Program, data, known_warehouses=["other"])
    assert doubt.is_warning
    assert doubt.sentence("de") == "Packen, Lager: der Shop hat kein Lager mit dieser ID mehr; wählen Sie neu"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", [
            ("Extra 'mug', stock", "10", "nothing"),
            ("Extra 'mug', counted by", "this app", "the shop, as stock of the variant"),
            ("Packing, note at the order", "no", "yes"),
            ("Packing, warehouse", "nothing", "Bremen"),
            ("Packing, notes approved by a person", "no", "yes"),
        ]),
        ("de", [
            ("Beigabe „mug“, Bestand", "10", "nichts"),
            ("Beigabe „mug“, gezählt von", "dieser App", "dem Shop, als Bestand der Variante"),
            ("Packen, Notiz an der Bestellung", "nein", "ja"),
            ("Packen, Lager", "nichts", "Bremen"),
            ("Packen, Karten von einem Menschen freigegeben", "nein", "ja"),
        ]),
    ],
)  # fmt: skip
def test_what_differs_is_said_with_the_warehouse_by_name(locale: str, expected: list[Any]) -> None:
    before = read_program(rules(a_surprise_extra("mug", stock=10)))
    after = read_program(rules(in_shop(), packing={"order_note": True, "approve_notes": True, **HERE}))
    found = differences(before, after, locale, warehouses={"warehouse-1": "Bremen"})
    assert [(one.what, one.before, one.after) for one in found] == expected


def test_a_warehouse_without_a_known_name_goes_by_its_id() -> None:
    before, after = read_program(rules(in_shop(), packing=HERE)), read_program(rules(in_shop(), packing={
        "warehouse": "warehouse-2"}))  # fmt: skip
    assert [(one.before, one.after) for one in differences(before, after, "en")] == [("warehouse-1", "warehouse-2")]


# ---- The text

TEXT = '# Ours\nname = "A" # why\n\n[packing] # at the table\n# the one by the river\nwarehouse = "w1"\n'


def test_a_field_is_set_and_the_comments_stay() -> None:
    assert set_fields(TEXT, ("packing",), {"order_note": True, "warehouse": "w2", "approve_notes": False}) == (
        '# Ours\nname = "A" # why\n\n[packing] # at the table\n# the one by the river\nwarehouse = "w2"\n'
        "order_note = true\n"
    )


def test_what_is_said_already_changes_no_letter() -> None:
    assert set_fields(TEXT, ("packing",), {"order_note": False, "warehouse": "w1", "approve_notes": False}) == TEXT
    bare = 'name = "A"\n'
    assert set_fields(bare, ("packing",), {"order_note": False, "warehouse": None, "approve_notes": False}) == bare


def test_a_first_word_begins_the_part_and_the_last_can_be_taken_out() -> None:
    begun = set_fields('name = "A"\n', ("packing",), {"approve_notes": True})
    assert begun == 'name = "A"\n\n[packing]\napprove_notes = true\n'
    assert program_data(remove_from(begun, ("packing",))) == {"name": "A"}
