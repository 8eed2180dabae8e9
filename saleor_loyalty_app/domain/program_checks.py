"""What must fit together across the parts of a program; each problem is one sentence with its place."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from babel.numbers import is_currency

from saleor_loyalty_app.domain.money import conversion_factors
from saleor_loyalty_app.domain.note_templates import note_problems

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Condition, Program

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f]")


def program_problems(program: "Program") -> list[str]:
    """Everything that is wrong across parts, or an empty list."""
    return [
        *_repeated_ids(program),
        *_unknown_references(program),
        *_thresholds(program),
        *_languages(program),
        *(f"notes.{note.id}.text: {problem}" for note in program.notes for problem in note_problems(note)),
        *_rates(program),
    ]


def _rates(program: "Program") -> list[str]:
    problems = [f"rates: {code!r} is no currency code" for code in program.rates if not is_currency(code)]
    if program.currency in program.rates:
        problems.append(f"rates.{program.currency}: is the program's own currency and needs no rate")
    known = {code: rate for code, rate in program.rates.items() if is_currency(code)}
    problems += [
        f"rates.{code}: is too small to count with; check which way round it is"
        for code, factor in conversion_factors(program.currency, known).items()
        if factor <= 0
    ]
    return problems


def _repeated_ids(program: "Program") -> list[str]:
    problems = []
    for kind, ids in (
        ("tiers", [tier.id for tier in program.tiers]),
        ("extras", [extra.id for extra in program.extras]),
        ("notes", [f"{note.id} ({note.language})" for note in program.notes]),
    ):
        problems += [f"{kind}: {id!r} is there twice" for id, n in Counter(ids).items() if n > 1]
    return problems


def _unknown_references(program: "Program") -> list[str]:
    tiers, extras = {tier.id for tier in program.tiers}, {extra.id: extra for extra in program.extras}
    problems = []
    for number, surprise in enumerate(program.surprises, 1):
        problems += [f"surprises.{number}.tiers: no tier {id!r}" for id in surprise.tiers if id not in tiers]
        for id in surprise.pool:
            if id not in extras:
                problems.append(f"surprises.{number}.pool: no extra {id!r}")
            elif extras[id].kind != "surprise":
                problems.append(f"surprises.{number}.pool: {id!r} is a signature extra; it is always there")
    for note in program.notes:
        problems += [f"notes.{note.id}.tiers: no tier {id!r}" for id in note.tiers if id not in tiers]
    return problems


def _thresholds(program: "Program") -> list[str]:
    """Keeping a tier must not be harder than entering it, and a higher tier not easier (anchors §9, 9)."""
    problems = []
    for tier in program.tiers:
        if tier.keep is not None and _asks_more(tier.keep, tier.enter):
            problems.append(f"tiers.{tier.id}.keep: asks more than entering; ask the same or less")
    for lower, higher in zip(program.tiers, program.tiers[1:], strict=False):
        if _asks_more(lower.enter, higher.enter) and not _asks_more(higher.enter, lower.enter):
            problems.append(f"tiers.{higher.id}.enter: is easier than {lower.id!r} below it; reorder or raise it")
    return problems


def _asks_more(one: "Condition", other: "Condition") -> bool:
    if one.window != other.window or one.needs != other.needs:
        return False
    spend = one.spend is not None and (other.spend is None or one.spend > other.spend)
    orders = one.orders is not None and (other.orders is None or one.orders > other.orders)
    return spend or orders


def _languages(program: "Program") -> list[str]:
    fallback = program.languages[0]
    problems = []
    for kind, id, words in (
        *(("tiers", tier.id, tier.name) for tier in program.tiers),
        *(("extras", extra.id, extra.name) for extra in program.extras),
    ):
        if fallback not in words:
            problems.append(f"{kind}.{id}.name: give it in {fallback!r}, the first language")
    problems += [
        f"notes.{note.id}: language {note.language!r} is not in `languages`"
        for note in program.notes
        if note.language not in program.languages
    ]
    problems += [
        f"notes.{note.id}.text: has a control character"
        for note in program.notes
        if CONTROL_CHARACTERS.search(note.text)
    ]
    return problems
