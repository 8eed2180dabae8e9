"""Which letters are there, which font a text is set in, and that each font has its licence."""

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image

from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.printing.fonts import (
    FONTS,
    OURS,
    families,
    fonts_to_choose,
    letters_of,
    loaded_fonts,
    missing_letters,
    suited_font,
)
from saleor_loyalty_app.printing.typesetting import Look, set_picture

FOLDER = project_path(OURS)
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".ttf", ".otf"})


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize(
    "text",
    [
        "Žluťoučký kůň, Łódź, Ærø, ğışİ, ț", "Привіт, їжак, ґанок, Ёж", "Ελλάδα, ΰ ϊ", "ẵ ễ ợ Đ",
        "شكراً پچگژ ٹڈے", "שָׁלוֹם",
        "क्षत्रिय ॐ ।", "谢谢 感謝 ありがとう ガ 감사합니다 뷁", "🎉 👩‍👩‍👧‍👦 👍🏽 🇩🇪 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ ☺︎", "✓ ♡ ★ → … „“ € ₴ ₹ ½ ×",
        "a\u0301 n\u0308 \u00ad\u200b\u200d\u200e\u2060\ufeff\t\r\n",
    ],
)  # fmt: skip
def test_every_promised_script_is_there_whatever_font_is_chosen(font: str, text: str) -> None:
    assert missing_letters(text, font) == ()


def test_missing_letters_are_named_once_in_their_order_with_their_marks() -> None:
    assert missing_letters("ทาง Tea ทาง ที่ \ue000", "caveat") == ("ท", "า", "ง", "ที่", "\ue000")


@pytest.mark.parametrize(
    ("text", "font", "suited"),
    [
        ("Grüße", "caveat", "caveat"),
        ("Привет", "caveat", "caveat"),
        ("Привет", "kalam", "caveat"),
        ("Cảm ơn bạn", "caveat", "patrick-hand"),
        ("धन्यवाद", "caveat", "kalam"),
        ("Ευχαριστώ", "caveat", "noto-serif"),
        ("Ευχαριστώ", "noto-sans", "noto-sans"),
        ("ありがとう", "caveat", "noto-serif"),
        ("Danke 🎉", "caveat", "caveat"),
        ("Danke, 李", "caveat", "caveat"),
        ("", "kalam", "kalam"),
        ("Hi", "a-font-that-is-gone", "noto-serif"),
    ],
)
def test_a_text_is_set_in_one_font_that_has_its_alphabet(text: str, font: str, suited: str) -> None:
    assert suited_font(text, font).id == suited


def test_the_script_of_most_letters_goes_first() -> None:
    assert families(FONTS["noto-serif"], text="ありがとう Kim")[0] == "Noto Sans CJK SC"
    assert families(FONTS["noto-serif"], text="شكراً")[0] == "Noto Naskh Arabic"
    assert families(FONTS["caveat"], text="Danke")[:2] == ("Caveat", "Noto Serif")


def test_fonts_of_the_operator_can_be_chosen_and_step_in(tmp_path: Path) -> None:
    font = TTFont(FOLDER / "PatrickHand-Regular.ttf")
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = "Our Own"
    (table,) = {id(one.cmap): one for one in font["cmap"].tables if one.isUnicode()}.values() or [None]
    table.cmap[0xE000] = table.cmap[ord("A")]
    font.save(tmp_path / "own.ttf")
    assert fonts_to_choose(tmp_path)["our-own"].family == "Our Own"
    assert missing_letters("\ue000", "caveat", tmp_path) == ()
    assert missing_letters("\ue000", "caveat") == ("\ue000",)


def test_each_family_is_one_whole_file() -> None:
    """typst takes one of several files of a family and silently misses the letters of the others."""
    faces = [(font.family, font.weight, font.style) for font in loaded_fonts().fonts()]
    assert len(faces) == len(set(faces)) == len(FILES)
    assert {font.family for font in FONTS.values()} <= {family for family, _, _ in faces}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_font_is_named_in_the_papers_with_an_open_licence(path: Path) -> None:
    assert path.name in (FOLDER / "README.md").read_text(encoding="utf-8")
    stem = path.name.partition("-")[0]
    licences = {file.stem: file.read_text(encoding="utf-8") for file in (FOLDER / "licences").iterdir()}
    own = [name for name in licences if name != "Noto" and stem.startswith(name)]
    licence = licences[own[0] if own else "Noto"]
    assert own or path.name in licence
    assert "SIL Open Font License" in licence
    assert "PERMISSION & CONDITIONS" in licence
    assert "Reserved Font Name" not in licence.partition("This Font Software is licensed")[0]


def test_the_fonts_are_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in FILES) < 25_000_000


def test_no_font_of_the_machine_is_used() -> None:
    assert {Path(font.path).parent for font in loaded_fonts().fonts() if font.path} == {FOLDER}


def test_letters_that_a_font_names_are_drawn_by_typst(tmp_path: Path) -> None:
    """A table of letters that is too long loses its last ones, and they come out blank without a word."""
    letters = sorted(letters_of("Noto Sans CJK SC") - {0x3000, 0x302B, 0x3164, 0xFFA0})
    shown = [chr(one) for one in letters if one >= 0x2E80][::73]
    rows = ["".join(shown[start : start + 20]) for start in range(0, len(shown), 20)]
    (tmp_path / "card.typ").write_text(
        '#set page(width: 202pt, height: auto, margin: 0pt)\n#set text(font: "Noto Sans CJK SC", size: 10pt)\n'
        '#grid(columns: (10pt,) * 20, rows: 10pt, align: center + horizon, ..json("data.json").rows.join().clusters())',
        encoding="utf-8",
    )
    png = set_picture("card", {"rows": rows}, Look(templates_dir=tmp_path), dpi=144)
    with Image.open(io.BytesIO(png)) as picture:
        grey = picture.convert("L")
    places = [(number % 20 * 20, number // 20 * 20) for number in range(len(shown))]
    drawn = [grey.crop((x, y, x + 20, y + 20)).getextrema()[0] for x, y in places]
    assert [letter for letter, darkest in zip(shown, drawn, strict=True) if int(str(darkest)) > 200] == []
