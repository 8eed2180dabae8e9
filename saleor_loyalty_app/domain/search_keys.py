"""Names as they are searched for: small letters without accents. Pure; the same for what is kept and what is typed."""

import unicodedata
from collections.abc import Mapping

LONGEST_KEY = 120
LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŋ": "n", "ə": "e"}
    | dict.fromkeys("'’‘ʼ`´", "")
)
"""What Unicode does not take apart into a letter and an accent; apostrophes go, so that O'Hara is "ohara"."""
FIRST_ACCENT, LAST_ACCENT = "\u0300", "\u036f"
LAST_LETTER = "\U0010ffff"


def search_key(name: str) -> str:
    """A name as it is compared: "Łęcka-Weiß" -> "lecka weiss". What is no letter or digit counts as one space.

    Each beginning of a name has a key that begins the name's key, so that an index finds it.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).casefold().translate(LETTERS)
    bare = "".join(letter for letter in plain if not FIRST_ACCENT <= letter <= LAST_ACCENT)
    letters = "".join(letter if _is_written(letter) else " " for letter in unicodedata.normalize("NFC", bare))
    return " ".join(letters.split())[:LONGEST_KEY].rstrip()


def keys_of(person: Mapping[str, object]) -> dict[str, str]:
    """What the names among these values are searched by."""
    parts = [part for part in ("first", "last") if f"{part}_name" in person]
    return {f"{part}_key": search_key(str(person[f"{part}_name"])) for part in parts}


def key_span(beginning: str) -> tuple[str, str]:
    """From (inclusive) and to (exclusive) of all keys that begin so, compared by code points."""
    return beginning, beginning + LAST_LETTER


def _is_written(letter: str) -> bool:
    """Letters, digits and the marks that some scripts write vowels with."""
    return unicodedata.category(letter)[0] in "LNM"
