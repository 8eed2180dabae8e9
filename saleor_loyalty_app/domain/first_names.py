"""First names fit for a card. They are hostile text: anyone can type anything into a checkout."""

import re
import unicodedata

LONGEST_NAME = 60
PARTICLES = frozenset(
    {"da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "van", "von", "y"}
)
"""Parts of longer names that stay small."""
NO_NAME = re.compile(r"[/\\@<>{}|=]|\w\.\w\w")
"""What stands in addresses and templates, never in a first name."""


def first_name(written: str) -> str | None:
    """A first name fit for a card, or None. It is hostile text: anyone can type anything into a checkout."""
    name = _whole_words(plain(written, len(written)))
    if NO_NAME.search(name) or not any(letter.isalpha() for letter in name):
        return None
    letters = [letter for letter in name if letter.isalpha()]
    is_latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if not is_latin or not (name.islower() or (name.isupper() and len(letters) > 2)):
        return name
    words = name.split()
    small = PARTICLES if len(words) > 1 else ()
    return " ".join(word.lower() if word.lower() in small else _capital(word) for word in words)


def _whole_words(name: str) -> str:
    """As many words as a card has room for, never a part of one; "" when the first alone is longer than that."""
    if len(name) <= LONGEST_NAME:
        return name
    words = name[: LONGEST_NAME + 1].rpartition(" ")[0].split()
    while words and words[-1].lower() in PARTICLES:
        words.pop()
    return " ".join(words)


def _capital(word: str) -> str:
    """ANNA-LENA -> Anna-Lena, o'neil -> O'Neil, mckay -> McKay; a Turkish İ has no dot of its own when small."""
    capital = re.sub(r"[^\W_]+", lambda part: part[0][0].upper() + part[0][1:].lower().replace("i̇", "i"), word)
    return re.sub(r"\bMc(\w)(?=\w)", lambda start: "Mc" + start[1].upper(), capital)


def plain(text: str, longest: int) -> str:
    """On one line, without control characters (joiners stay: Persian and Indic names need them), cut to a length."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c for c in line if c in "\u200c\u200d" or not unicodedata.category(c).startswith("C"))
    return " ".join(kept.split())[:longest].strip()
