"""Stationery: defaults that can be used, and what is wrong in the merchant's words."""

import pytest
from babel.messages.pofile import read_po

from saleor_loyalty_app.domain import print_problems, stationery
from saleor_loyalty_app.domain.print_problems import PrintProblem, PrintTrouble
from saleor_loyalty_app.domain.stationery import Stationery, StationeryProblem, read_stationery
from saleor_loyalty_app.files import project_path


def test_the_defaults_can_be_used_as_they_are() -> None:
    assert read_stationery({}) == Stationery()
    assert read_stationery(Stationery().model_dump(mode="json")) == Stationery()


@pytest.mark.parametrize(
    ("field", "value", "english", "german"),
    [
        ("card_format", "a3", "choose one", "Bitte wählen"),
        ("orientation", "", "choose one", "Bitte wählen"),
        ("font", "../../etc", "choose again", "wählen Sie noch einmal"),
        ("ink", "red", "six digits", "sechs Ziffern"),
        ("accent", 5, "six digits", "sechs Ziffern"),
        ("motif_shows", 101, "at most 100", "höchstens 100"),
        ("motif_shows", -1, "at least 0", "mindestens 0"),
        ("copy_size", "large", "whole number", "ganze Zahl"),
        ("copy_size", 8, "at least 12", "mindestens 12"),
        ("answer_url", "http://example.com", "https://", "https://"),
        ("answer_url", "javascript:alert(1)", "https://", "https://"),
        ("answer_url", "https://example.com/ a", "https://", "https://"),
        ("answer_url", "https://example.com/{id}", "{code}", "{code}"),
        ("return_address", ["x"] * 9, "at most 8 lines", "höchstens 8 Zeilen"),
        ("return_address", ["x" * 81], "at most 80", "höchstens 80"),
        ("label_sheet", "", "choose again", "wählen Sie noch einmal"),
        ("nothing", 1, "can't be used", "nicht verwenden"),
    ],
)
def test_a_mistake_is_said_at_its_field_in_both_languages(field: str, value: object, english: str, german: str) -> None:
    with pytest.raises(StationeryProblem) as refused:
        read_stationery({field: value})
    (problem,) = refused.value.problems
    assert problem.field == field
    assert english in problem.said("en")
    assert german in problem.said("de")


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(StationeryProblem) as refused:
        read_stationery({"ink": "x", "paper": "y", "copy_size": 1})
    assert [problem.field for problem in refused.value.problems] == ["ink", "paper", "copy_size"]


def test_colours_and_addresses_are_taken_as_people_write_them() -> None:
    read = read_stationery({"ink": " #ABCDEF ", "answer_url": "https://example.com/a?c={code}"})
    assert (read.ink, read.answer_url) == ("#abcdef", "https://example.com/a?c={code}")


def test_every_word_is_there_in_german_and_no_more() -> None:
    with project_path("saleor_loyalty_app/locale/de/print.po").open("rb") as opened:
        german = {message.id for message in read_po(opened) if message.id and message.string}
    with project_path("saleor_loyalty_app/locale/de/slips.po").open("rb") as opened:
        elsewhere = {message.id for message in read_po(opened) if message.id}
    said = {*print_problems.SENTENCES.values(), *print_problems.PICTURES.values(),
            *stationery.WORDS.values(), stationery.OTHERWISE}  # fmt: skip
    assert german == said - elsewhere


@pytest.mark.parametrize("why", PrintTrouble)
def test_a_print_problem_names_the_card_and_keeps_its_detail(why: PrintTrouble) -> None:
    problem = PrintProblem("BR-7K2Q", why, "motif")
    assert problem.sentence("en").startswith("BR-7K2Q: ")
    assert problem.said("de") != problem.said("en")
    if "%(detail)s" in print_problems.SENTENCES[why]:
        assert "motif" in problem.said("en").lower()
