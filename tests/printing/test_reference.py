"""The comparison with reference pictures itself: it lets smoothing pass, and neither a missing nor another word."""

from pathlib import Path

import pytest
import reference
import typst
from reference import assert_looks_like, page_texts, pages_of, sizes_of, text_of, text_within

LINES = ["Dear Anna,", "this is your seventh order.", "Thank you for coming back!"] * 12


def a_page(*lines: str, dx: float = 0.0) -> bytes:
    shown = "\n".join(f"#place(top, dx: {dx}pt, dy: {at * 20}pt)[{line}]" for at, line in enumerate(lines))
    return typst.compile({"main.typ": f'#set page("a4")\n{shown}'.encode()}, format="pdf")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reference picture of the lines, in folders of the test's own."""
    monkeypatch.setattr(reference, "PICTURES", tmp_path / "pictures")
    monkeypatch.setattr(reference, "FAILED", tmp_path / "failed")
    monkeypatch.setattr(reference, "RENEWED", True)
    assert_looks_like(a_page(*LINES), "lines")
    monkeypatch.setattr(reference, "RENEWED", False)
    return tmp_path


def test_the_same_page_looks_the_same_and_leaves_nothing_behind(folders: Path) -> None:
    assert_looks_like(a_page(*LINES), "lines")
    assert list((folders / "failed").iterdir()) == []
    assert (folders / "pictures" / "lines.png").stat().st_size < 20_000


def test_a_hair_to_the_side_is_no_difference(folders: Path) -> None:
    assert_looks_like(a_page(*LINES, dx=0.4), "lines")


@pytest.mark.parametrize(
    "changed",
    [
        LINES[:-1],
        [*LINES, "one more"],
        ["Dear Bob,", *LINES[1:]],
        [*LINES[:5], "Thank you for going away!", *LINES[6:]],
    ],
    ids=["a line less", "a line more", "another name", "other words"],
)
def test_another_word_is_a_difference_and_is_kept_to_be_looked_at(folders: Path, changed: list[str]) -> None:
    with pytest.raises(AssertionError, match=r"lines looks different"):
        assert_looks_like(a_page(*changed), "lines")
    assert {path.name for path in (folders / "failed").iterdir()} == {"lines-new.png", "lines-difference.png"}


def test_a_picture_that_is_not_there_is_named(folders: Path) -> None:
    with pytest.raises(AssertionError, match="RENEW_PICTURES=1"):
        assert_looks_like(a_page("x"), "none")


def test_text_is_read_back_by_page_and_by_place() -> None:
    pdf = typst.compile({"main.typ": b'#set page("a4")\n#place(top)[above]#place(bottom)[below]\n#pagebreak()\nlast'},
                        format="pdf")  # fmt: skip
    assert pages_of(pdf) == 2
    assert sizes_of(pdf) == [(210, 297), (210, 297)]
    assert page_texts(pdf)[1].strip() == "last"
    assert text_of(pdf).split() == ["above", "below", "last"]
    assert text_within(pdf, page=0, top=0, bottom=421).strip() == "above"
    assert text_within(pdf, page=0, top=421, bottom=842).strip() == "below"
