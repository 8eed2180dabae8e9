"""Cards with a personal note: a proof as PNG, a batch as PDF, and what keeps one from being printed.

A batch is set in chunks, so that memory does not grow with it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from saleor_loyalty_app.domain.changing import LONGEST_NOTE
from saleor_loyalty_app.printing.fonts import families, missing_letters, suited_font
from saleor_loyalty_app.printing.typesetting import (
    CannotPrint,
    Look,
    PrintProblem,
    PrintTrouble,
    ask_pages,
    merge,
    set_pages,
    set_picture,
)

CHUNK = 250
"""Cards that are set at once."""
LONGEST_LINE = 200
"""Characters of a sign-off or a sender."""
LONG_WORD = 14
"""Words from this length on may be wider than a line."""
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
REGIONS = {"hant": "TW", "hans": "CN"}
TALL = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1ea0-\u1ef9\u3000-\u9fff\uac00-\ud7af]")
"""Scripts whose letters reach higher or lower than Latin ones."""


@dataclass(frozen=True, slots=True)
class Card:
    """The words of one card. `text` may have several paragraphs, with an empty line between."""

    code: str
    """The parcel's code; names the card when something is wrong, and is not printed."""
    text: str
    sign_off: str = ""
    sender: str = ""
    language: str = "en"


def check_cards(cards: Iterable[Card], look: Look) -> tuple[PrintProblem, ...]:
    """All that keeps these cards from being printed, in their order: no text, letters that no font has, too much text.

    Raises CannotPrint where nothing at all can be printed, since a template or a picture is broken.
    """
    return tuple(problem for chunk in _chunks(iter(cards)) for problem in _sizes(chunk, look)[1])


def cards_pdf(cards: Sequence[Card], look: Look, *, title: str = "") -> bytes:
    """These cards as one PDF, in their order. `title` stands in its properties. Raises CannotPrint.

    At the first chunk with a card that can't be printed it ends; all of the chunk's problems are named.
    """
    pdfs = (_chunk_pdf(chunk, look, title) for chunk in _chunks(iter(cards)))
    return next(pdfs) if len(cards) <= CHUNK else merge(pdfs, title=title, language=_main_language(cards))


def card_png(card: Card, look: Look, *, dpi: int = 110, outside: bool = False) -> bytes:
    """A proof of one card; of a folded card its inside, or its outside if that is wanted. Raises CannotPrint."""
    sizes, problems = _sizes([card], look)
    if problems:
        raise CannotPrint(*problems)
    side = "outside" if outside else "inside"
    return set_picture("card", {"cards": [_card(card, look, set_in=sizes[0], side=side)], "alone": True}, look, dpi=dpi)


def _chunk_pdf(cards: Sequence[Card], look: Look, title: str) -> bytes:
    sizes, problems = _sizes(cards, look)
    if problems:
        raise CannotPrint(*problems)
    set_in = [_card(card, look, set_in=size) for card, size in zip(cards, sizes, strict=True)]
    data = {"cards": set_in, "alone": False, "title": title, "language": _main_language(cards)}
    return set_pages("card", data, look)


def _sizes(cards: Sequence[Card], look: Look) -> tuple[list[float], list[PrintProblem]]:
    """In which size each card can be set, in points, and what keeps some from it (their sizes are 0)."""
    problems = [_before_setting(card, look) for card in cards]
    asked = [_card(card, look, side="inside") for card, problem in zip(cards, problems, strict=True) if not problem]
    answers = ask_pages("card", {"cards": asked, "alone": True}, look, label="size") if asked else []
    # A template of the operator's may have its own way with sizes, and says nothing.
    told = iter(answers if len(answers) == len(asked) else [{"size": one["size"]} for one in asked])
    sizes = [0.0 if problem else next(told)["size"] for problem in problems]
    found = [problem or (None if size else PrintProblem(card.code, PrintTrouble.TOO_LONG))
             for card, problem, size in zip(cards, problems, sizes, strict=True)]  # fmt: skip
    return [size or 0.0 for size in sizes], [problem for problem in found if problem]


def _before_setting(card: Card, look: Look) -> PrintProblem | None:
    if not card.text.strip():
        return PrintProblem(card.code, PrintTrouble.NO_TEXT)
    if len(card.text) > LONGEST_NOTE or max(len(card.sign_off), len(card.sender)) > LONGEST_LINE:
        return PrintProblem(card.code, PrintTrouble.TOO_LONG)
    missing = missing_letters(_all_words(card), look.stationery.font, look.fonts_dir)
    return PrintProblem(card.code, PrintTrouble.MISSING_LETTERS, " ".join(missing)) if missing else None


def _card(card: Card, look: Look, *, set_in: float | None = None, side: str = "both") -> dict[str, Any]:
    """A card as its template takes it; without `set_in` it is only asked in which size it fits."""
    words = _all_words(card)
    font = suited_font(words, look.stationery.font, look.fonts_dir)
    language, region = _language(card.language)
    return {
        "code": card.code,
        "text": _tidy(card.text),
        "sign_off": _tidy(card.sign_off),
        "sender": _tidy(card.sender),
        "long_words": _long_words(words),
        "fonts": families(font, look.fonts_dir, text=words),
        "size": font.size,
        "set_in": set_in,
        "side": side,
        "smallest": font.smallest,
        "leading": 0.85 if TALL.search(words) else 0.62,
        "lang": language,
        "region": region,
        "from_right": _from_right(words, language),
    }


def _tidy(text: str) -> str:
    """The words as they are drawn: letters and marks joined, no control characters, one empty line at most."""
    plain = unicodedata.normalize("NFC", re.sub(r"\r\n?", "\n", text).expandtabs(4))
    kept = "".join(one for one in plain if one == "\n" or unicodedata.category(one) != "Cc")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in kept.split("\n"))).strip()


def _all_words(card: Card) -> str:
    return "\n".join((_tidy(card.text), _tidy(card.sign_off), _tidy(card.sender)))


def _language(tag: str) -> tuple[str, str | None]:
    """Language and region as typst takes them: "zh-Hant" is written as in Taiwan."""
    language, *rest = tag.replace("_", "-").lower().split("-")
    usable = language if re.fullmatch(r"[a-z]{2,3}", language) else "en"
    region = next((REGIONS.get(part, part.upper()) for part in rest if part in REGIONS or len(part) == 2), None)
    return usable, region


def _from_right(words: str, language: str) -> bool:
    """Whether the words run from right to left: as their first letter does; signs alone as their language does."""
    for letter in words:
        if (direction := unicodedata.bidirectional(letter)) in {"L", "R", "AL"}:
            return direction != "L"
    return language in RIGHT_TO_LEFT


def _long_words(words: str) -> list[tuple[str, str]]:
    """Words that may be wider than a line, the longest first, and what they may be broken with: a hyphen or nothing."""
    long = {word for word in words.split() if len(word) >= LONG_WORD and not _has_wide(word)}
    return [(word, "\u00ad" if word.isalpha() else "\u200b") for word in sorted(long, key=lambda one: (-len(one), one))]


def _has_wide(word: str) -> bool:
    """East Asian words have no blanks between them and break between any two letters."""
    return any(unicodedata.east_asian_width(letter) in {"W", "F"} for letter in word)


def _main_language(cards: Sequence[Card]) -> str:
    languages = [_language(card.language)[0] for card in cards]
    return max(languages, key=languages.count, default="en")


def _chunks(cards: Iterator[Card]) -> Iterator[list[Card]]:
    while chunk := list(islice(cards, CHUNK)):
        yield chunk
