"""Words as they are set on slips, labels and sheets: drawn whole, or named before anything is printed."""

import re
import unicodedata
from collections.abc import Iterable

from saleor_loyalty_app.printing.fonts import missing_letters
from saleor_loyalty_app.printing.typesetting import Look, PrintProblem, PrintTrouble

CLEAN_FONT = "noto-sans"


def plain(text: str) -> str:
    """The words with letters and marks joined, without control characters, at most one empty line in a row."""
    lines = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text).expandtabs(4)).split("\n")
    kept = ("".join(one for one in line if unicodedata.category(one) != "Cc").rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def plain_line(text: str) -> str:
    """The same as one line."""
    return " ".join(plain(text).split())


def missing_in(code: str, words: Iterable[str], look: Look) -> tuple[PrintProblem, ...]:
    """What keeps words from being printed: the letters that no font has. `code` names whose words they are."""
    missing = missing_letters(plain("\n".join(words)), CLEAN_FONT, look.fonts_dir)
    return (PrintProblem(code, PrintTrouble.MISSING_LETTERS, " ".join(missing)),) if missing else ()


def typst_language(code: str) -> str:
    """The shop's code of a language as typst takes it: "PT_BR" is "pt"; English for what is none."""
    language = code.replace("_", "-").partition("-")[0].lower()
    return language if re.fullmatch(r"[a-z]{2,3}", language) else "en"
