"""Templates, pictures and folders of the operator's; what is broken is named."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from card_things import make_card, make_look, motif
from reference import pages_of, text_of

from saleor_loyalty_app.domain.print_problems import PrintTrouble
from saleor_loyalty_app.printing import typesetting
from saleor_loyalty_app.printing.cards import card_png, cards_pdf, check_cards
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look, merge, set_pages, set_picture

OWN_CARD = """#let data = json("data.json")
#set page(width: 60mm, height: 40mm)
#for card in data.cards [#card.text, says the shop's own template]
"""


def put(folder: Path, name: str, text: str) -> Look:
    (folder / name).write_text(text, encoding="utf-8")
    return Look(templates_dir=folder)


def test_a_template_of_the_operator_goes_before_ours(tmp_path: Path) -> None:
    look = put(tmp_path, "card.typ", OWN_CARD)
    assert check_cards([make_card()], look) == ()
    assert "own template" in text_of(cards_pdf([make_card()], look)).replace("\n", " ")


def test_what_the_operator_does_not_change_stays_ours(tmp_path: Path) -> None:
    look = put(tmp_path, "slip.typ", "nothing of cards")
    assert "Maria" in text_of(cards_pdf([make_card()], look))


def test_a_picture_beside_a_template_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "tree.png").write_bytes(motif())
    look = put(tmp_path, "card.typ", '#image("tree.png", width: 3cm)')
    assert b"/Image" in set_pages("card", {}, look)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("\n\n#nothing-like-that", "card.typ:3:1: unknown variable: nothing-like-that"),
        ("#let x = (", "card.typ:1:9: unclosed delimiter"),
        ('#read("/etc/passwd")', "card.typ:1:6: file not found"),
        ("#while true { }", "card.typ:1:7: condition is always true"),
        ("#let f(x) = f(x)\n#f(1)", "card.typ:1:12: maximum function call depth exceeded"),
    ],
)
def test_a_broken_template_is_named_with_its_place(tmp_path: Path, template: str, said: str) -> None:
    look = put(tmp_path, "card.typ", template)
    for attempt in (lambda: check_cards([make_card()], look), lambda: card_png(make_card(), look)):
        with pytest.raises(CannotPrint) as refused:
            attempt()
        (problem,) = refused.value.problems
        assert problem.why is PrintTrouble.BROKEN_TEMPLATE
        assert said in problem.detail
        assert said in problem.sentence("de")


def test_a_template_can_refuse_with_a_reason(tmp_path: Path) -> None:
    look = put(tmp_path, "card.typ", '#assert(false, message: "cannot-print too_long BR-9")')
    with pytest.raises(CannotPrint) as refused:
        set_pages("card", {}, look)
    assert [(one.code, one.why) for one in refused.value.problems] == [("BR-9", PrintTrouble.TOO_LONG)]


@pytest.mark.parametrize("kind", ["motif", "logo", "signature"])
def test_a_broken_picture_is_named(kind: str) -> None:
    look = Look(**{kind: b"no picture"})  # type: ignore[arg-type]
    with pytest.raises(CannotPrint) as refused:
        cards_pdf([make_card()], look)
    (problem,) = refused.value.problems
    assert (problem.why, problem.detail) == (PrintTrouble.BROKEN_PICTURE, kind)


def test_too_much_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LARGEST_DATA_BYTES", 1_000)
    with pytest.raises(CannotPrint):
        set_pages("card", {"cards": ["x" * 1_000]}, Look())


def test_the_same_pages_are_the_same_picture() -> None:
    assert card_png(make_card(), make_look()) == card_png(make_card(), make_look())


def test_many_threads_set_cards_of_their_own() -> None:
    def words(number: int) -> str:
        return text_of(cards_pdf([make_card(text=f"Number {number}")], make_look(font="noto-sans")))

    with ThreadPoolExecutor(16) as threads:
        for number, read in enumerate(threads.map(words, range(32))):
            assert f"Number {number}\n" in read


def test_several_pdfs_become_one_in_their_order(tmp_path: Path) -> None:
    look = put(tmp_path, "word.typ", '#json("data.json").word')
    pdf = merge([set_pages("word", {"word": word}, look) for word in ("one", "two", "three")], title="Numbers")
    assert pages_of(pdf) == 3
    assert text_of(pdf).split() == ["one", "two", "three"]


def test_a_picture_of_a_page_has_the_wished_resolution(tmp_path: Path) -> None:
    look = put(tmp_path, "word.typ", "#set page(width: 1in, height: 2in)\nx #pagebreak() y")
    png = set_picture("word", {}, look, dpi=50, page=1)
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (50, 100)
