"""The fonts of the print room: those that a merchant chooses from, those that step in, and which letters they have.

Only the fonts of two folders are used, ours and the operator's, so that a card looks the same on every machine.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import typst
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from saleor_loyalty_app.files import project_path

OURS = "templates/print/fonts"
ROMAN = "Noto Serif", "Noto Sans"
"""The clean fonts: Latin, Cyrillic, Greek, Vietnamese."""
OTHERS = (
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Color Emoji",
    "Noto Sans CJK SC",
    "Noto Sans Symbols2",
)
"""Those that step in for further scripts, in the order in which they are tried."""
Kind = Literal["script", "serif", "sans"]


@dataclass(frozen=True, slots=True)
class PrintFont:
    """A font that can be chosen for cards. Sizes are points on an A6 card."""

    id: str
    family: str
    kind: Kind
    """`script` is shaped like a script and is still a font: it is never called anybody's writing."""
    size: float
    smallest: float
    """Below this it is no pleasure to read any more."""


FONTS: Mapping[str, PrintFont] = {
    font.id: font
    for font in (
        PrintFont("caveat", "Caveat", "script", 20, 14),
        PrintFont("kalam", "Kalam", "script", 15.5, 10.5),
        PrintFont("patrick-hand", "Patrick Hand", "script", 17, 12),
        PrintFont("noto-serif", "Noto Serif", "serif", 14, 9),
        PrintFont("noto-sans", "Noto Sans", "sans", 13.5, 9),
    )
}


def fonts_to_choose(fonts_dir: Path | None = None) -> Mapping[str, PrintFont]:
    """Ours by id, then the families of the operator's folder by ids made of their names ("my-shop-serif")."""
    own = (family for family in _families(fonts_dir) if family not in _families(None))
    return {**FONTS, **{font.id: font for font in (PrintFont(_slug(one), one, "sans", 14, 9) for one in own)}}


def suited_font(text: str, font_id: str, fonts_dir: Path | None = None) -> PrintFont:
    """The font a text is set in: the chosen one where it can, else one of its kind or a clean one that has more of it.

    A text is never patched letter by letter from two alphabets: "Cảm ơn" in Caveat would be half in another font.
    A font that is no longer there is replaced by a clean one.
    """
    choice = fonts_to_choose(fonts_dir)
    chosen = choice.get(font_id, FONTS["noto-serif"])
    clean = FONTS["noto-sans" if chosen.kind == "sans" else "noto-serif"]
    letters = {letter for letter in text if letter.isalpha()}
    same_kind = [font for font in choice.values() if font.kind == chosen.kind and font != chosen]
    candidates = [chosen, *same_kind, clean]
    known = {one for one in letters if any(_has(font, one, fonts_dir) for font in candidates)}
    if len(known) * 2 < len(letters):
        return clean
    return next((font for font in candidates if all(_has(font, one, fonts_dir) for one in known)), clean)


def families(font: PrintFont, fonts_dir: Path | None = None, *, text: str = "") -> tuple[str, ...]:
    """The font and those that step in for letters it lacks, in the order in which they are tried.

    With a text, the font of the script in which most of it is written goes first, so that its marks and figures fit.
    """
    roman = ROMAN if font.kind != "sans" else ROMAN[::-1]
    own = (family for family in _families(fonts_dir) if family not in _families(None))
    chain = tuple(dict.fromkeys((font.family, *roman, *OTHERS, *own)))
    letters = [ord(letter) for letter in text if letter.isalpha()]
    if letters and sum(one in letters_of(font.family, fonts_dir) for one in letters) * 2 < len(letters):
        most = max(chain, key=lambda family: sum(one in letters_of(family, fonts_dir) for one in letters))
        return tuple(dict.fromkeys((most, *chain)))
    return chain


def missing_letters(text: str, font_id: str, fonts_dir: Path | None = None) -> tuple[str, ...]:
    """The letters of a text that none of the fonts has, each once, in their order; with the marks they carry."""
    chain = families(suited_font(text, font_id, fonts_dir), fonts_dir)
    missing = (
        cluster
        for cluster in dict.fromkeys(_clusters(unicodedata.normalize("NFC", text)))
        if not any(all(ord(letter) in letters_of(family, fonts_dir) for letter in cluster) for family in chain)
    )
    return tuple(missing)


@lru_cache(maxsize=256)
def letters_of(family: str, fonts_dir: Path | None = None) -> frozenset[int]:
    """The code points that a family has, read from its files once."""
    paths = {Path(info.path) for info in loaded_fonts(fonts_dir).fonts() if info.family == family and info.path}
    found: set[int] = set()
    for path in paths:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            found.update(font.getBestCmap() or {})
    return frozenset(found)


@lru_cache(maxsize=8)
def loaded_fonts(fonts_dir: Path | None = None) -> typst.Fonts:
    """Our fonts and those of the operator's folder, read once in each process."""
    folders = [project_path(OURS), *([fonts_dir] if fonts_dir else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@lru_cache(maxsize=8)
def _families(fonts_dir: Path | None) -> tuple[str, ...]:
    return tuple(loaded_fonts(fonts_dir).families())


def _has(font: PrintFont, letter: str, fonts_dir: Path | None) -> bool:
    return ord(letter) in letters_of(font.family, fonts_dir)


def _clusters(text: str) -> Iterator[str]:
    """Letters with the marks upon them, without what is never drawn: blanks, joiners, selectors, direction marks.

    Emoji that are joined to one come apart here: where a font has no picture of the family, typst draws its members.
    """
    cluster = ""
    for letter in text:
        category = unicodedata.category(letter)
        if category.startswith("M") and not _is_selector(letter):
            cluster += letter
            continue
        if cluster:
            yield cluster
        cluster = "" if letter.isspace() or category in {"Cc", "Cf"} or _is_selector(letter) else letter
    if cluster:
        yield cluster


def _is_selector(letter: str) -> bool:
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"


def _slug(family: str) -> str:
    plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
