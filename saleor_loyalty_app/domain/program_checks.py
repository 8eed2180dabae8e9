"""What must fit together across the parts of a program. Paths are with indices; `program_reading` puts in the ids.

Doubts about what is allowed, and perhaps not meant, stand in `program_doubts`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from babel.numbers import is_currency

from saleor_loyalty_app.domain.money import conversion_factors
from saleor_loyalty_app.domain.note_templates import note_problems
from saleor_loyalty_app.domain.program_places import Path
from saleor_loyalty_app.domain.program_problems import Problem

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Condition, Extra, Note, Program, Surprise, Tier

    Named = tuple[tuple[str, tuple[Tier | Extra, ...]], ...]

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f]")


def _(words: str) -> str:
    return words


THERE_TWICE = _("'%(id)s' is there twice; each needs an id of its own")
NOTE_TWICE = _("'%(id)s' is there twice in this language; give one of them another id")
NO_TIER = _("there is no tier '%(id)s'")
NO_EXTRA = _("there is no extra '%(id)s'")
IS_SIGNATURE = _("'%(id)s' is a signature extra; it is always there")
KEEP_ASKS_MORE = _("asks more than entering; ask the same or less")
EASIER_THAN_BELOW = _("is easier than '%(id)s' below it; reorder the tiers, or ask more")
NOT_IN_FIRST_LANGUAGE = _("give it in '%(language)s', the first language")
LANGUAGE_NOT_SPOKEN = _("'%(language)s' is not one of the program's languages")
CONTROL_CHARACTER = _("has a control character in it; write it anew")
NO_CURRENCY = _("%(given)s is no currency code; use one like EUR")
OWN_CURRENCY = _("is the program's own currency and needs no rate")
SHOP_COUNTS_VARIANTS = _("is needed, since the shop can only count its own product variants; choose one")
SHOP_COUNTS_WHERE = _("is needed, since the shop counts '%(id)s'; choose the warehouse that it is taken from")
SHOP_COUNTS_ALREADY = _("means nothing here, since the shop counts this extra; leave it out")
COUNTED_TWICE = _("is that of '%(id)s' already, and the shop can't count the same pieces for both; choose another")
RATE_TOO_SMALL = _("is too small to count with; check which way round it is")


def program_problems(program: "Program", *, unread: frozenset[str] = frozenset()) -> list[Problem]:
    """Everything that is wrong across parts, or an empty list.

    `unread` are the top-level fields that could not be read: nothing is said about what may stand in them.
    """
    return [
        *_repeated_ids(program),
        *_unknown_references(program, unread),
        *_thresholds(program),
        *(_languages(program) if "languages" not in unread else ()),
        *_control_characters((), program.model_dump(exclude_defaults=True)),
        *_templates(program),
        *(_rates(program) if "currency" not in unread else ()),
        *_counted_in_shop(program),
    ]


def _repeated_ids(program: "Program") -> Iterator[Problem]:
    named: Named = (("tiers", program.tiers), ("extras", program.extras))
    for kind, parts in named:
        seen: set[str] = set()
        for index, part in enumerate(parts):
            if part.id in seen:
                yield Problem((kind, index, "id"), THERE_TWICE, {"id": part.id})
            seen.add(part.id)
    known: set[tuple[str, str]] = set()
    for index, note in enumerate(program.notes):
        if (note.id, note.language) in known:
            yield Problem(("notes", index, "id"), NOTE_TWICE, {"id": note.id})
        known.add((note.id, note.language))


def _unknown_references(program: "Program", unread: frozenset[str]) -> Iterator[Problem]:
    tiers, extras = {tier.id for tier in program.tiers}, {extra.id: extra for extra in program.extras}
    for_tiers: tuple[tuple[str, tuple[Surprise | Note, ...]], ...] = (
        ("surprises", program.surprises),
        ("notes", program.notes),
    )
    for kind, parts in for_tiers:
        for index, part in enumerate(parts):
            unknown = [id for id in part.tiers if id not in tiers] if "tiers" not in unread else []
            yield from (Problem((kind, index, "tiers"), NO_TIER, {"id": id}) for id in unknown)
    for index, surprise in enumerate(program.surprises):
        for id in surprise.pool:
            if id in extras and extras[id].kind != "surprise":
                yield Problem(("surprises", index, "pool"), IS_SIGNATURE, {"id": id})
            elif id not in extras and "extras" not in unread:
                yield Problem(("surprises", index, "pool"), NO_EXTRA, {"id": id})


def _thresholds(program: "Program") -> Iterator[Problem]:
    """Keeping a tier must not be harder than entering it, and a higher tier not easier (anchors §9, 9)."""
    for index, tier in enumerate(program.tiers):
        if tier.keep is not None and _asks_more(tier.keep, tier.enter):
            yield Problem(("tiers", index, "keep"), KEEP_ASKS_MORE)
    for index, (lower, higher) in enumerate(zip(program.tiers, program.tiers[1:], strict=False), 1):
        if _asks_more(lower.enter, higher.enter) and not _asks_more(higher.enter, lower.enter):
            yield Problem(("tiers", index, "enter"), EASIER_THAN_BELOW, {"id": lower.id})


def _asks_more(one: "Condition", other: "Condition") -> bool:
    if one.window != other.window or one.needs != other.needs:
        return False
    spend = one.spend is not None and (other.spend is None or one.spend > other.spend)
    orders = one.orders is not None and (other.orders is None or one.orders > other.orders)
    return spend or orders


def _languages(program: "Program") -> Iterator[Problem]:
    first = program.languages[0]
    named: Named = (("tiers", program.tiers), ("extras", program.extras))
    for kind, parts in named:
        for index, part in enumerate(parts):
            if first not in part.name:
                yield Problem((kind, index, "name"), NOT_IN_FIRST_LANGUAGE, {"language": first})
    for index, note in enumerate(program.notes):
        if note.language not in program.languages:
            yield Problem(("notes", index, "language"), LANGUAGE_NOT_SPOKEN, {"language": note.language})


def _control_characters(path: Path, value: Any) -> Iterator[Problem]:
    """Texts go to cards, to the shop and into the database: none of them takes these."""
    if isinstance(value, str) and CONTROL_CHARACTERS.search(value):
        yield Problem(path, CONTROL_CHARACTER)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _control_characters((*path, key), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _control_characters((*path, index), inner)


def _templates(program: "Program") -> Iterator[Problem]:
    for index, note in enumerate(program.notes):
        yield from (replace(problem, path=("notes", index, "text")) for problem in note_problems(note))


def _rates(program: "Program") -> Iterator[Problem]:
    for code in program.rates:
        if not is_currency(code):
            yield Problem(("rates", code), NO_CURRENCY, {"given": f"'{code}'"})
    if program.currency in program.rates:
        yield Problem(("rates", program.currency), OWN_CURRENCY)
    known = {code: rate for code, rate in program.rates.items() if is_currency(code)}
    for code, factor in conversion_factors(program.currency, known).items():
        if factor <= 0:
            yield Problem(("rates", code), RATE_TOO_SMALL)


def _counted_in_shop(program: "Program") -> Iterator[Problem]:
    counted = [(index, extra) for index, extra in enumerate(program.extras) if extra.stock_in == "shop"]
    if counted and not program.packing.warehouse:
        yield Problem(("packing", "warehouse"), SHOP_COUNTS_WHERE, {"id": counted[0][1].id})
    seen: dict[str, str] = {}
    for index, extra in counted:
        if not extra.variant:
            yield Problem(("extras", index, "variant"), SHOP_COUNTS_VARIANTS)
        elif extra.variant in seen:
            yield Problem(("extras", index, "variant"), COUNTED_TWICE, {"id": seen[extra.variant]})
        else:
            seen[extra.variant] = extra.id
        if extra.stock is not None:
            yield Problem(("extras", index, "stock"), SHOP_COUNTS_ALREADY)
