"""What is allowed in a program and perhaps not meant: warnings, which do not stand in the way of publishing."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING

from saleor_loyalty_app.domain.program_places import Path
from saleor_loyalty_app.domain.program_problems import Problem

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Program, Surprise


def _(words: str) -> str:
    return words


PAST_ITS_DAY = _("%(day)s is past, so this extra no longer goes into parcels")
NO_CHANNEL = _("the shop has no channel '%(slug)s'; check how it is written")
NO_VARIANT = _("the shop has no product variant with this id any more; choose one anew")
NO_WAREHOUSE = _("the shop has no warehouse with this id any more; choose one anew")
NEEDS_A_VARIANT = _("is needed for an order line; without one, a packing note tells what to pack")
NEVER_REACHED = _("is never used, since rule %(number)s before it fits first; put this one before it")
IN_NO_POOL = _("stands in no surprise rule, so it is never drawn")
BY_HAND_OVER_MONTH = _("is more than the whole budget of a month")


def program_doubts(
    program: "Program",
    *,
    known_channels: Collection[str] | None = None,
    known_variants: Collection[str] | None = None,
    known_warehouses: Collection[str] | None = None,
    today: date | None = None,
) -> list[Problem]:
    """Everything that looks like a slip; what is None is not looked at. See `program_reading.problems_in`."""
    return [
        *(_past_days(program, today) if today else ()),
        *(_unknown_channels(program, known_channels) if known_channels is not None else ()),
        *(_unknown_variants(program, known_variants) if known_variants is not None else ()),
        *(_unknown_warehouse(program, known_warehouses) if known_warehouses is not None else ()),
        *_missing_variants(program),
        *_idle_rules(program),
        *_idle_extras(program),
        *_budgets(program),
    ]


def _doubt(path: Path, words: str, **values: object) -> Problem:
    return Problem(path, words, values, is_warning=True)


def _past_days(program: "Program", today: date) -> Iterator[Problem]:
    for index, extra in enumerate(program.extras):
        if extra.best_before is not None and extra.best_before < today:
            yield _doubt(("extras", index, "best_before"), PAST_ITS_DAY, day=extra.best_before.isoformat())


def _unknown_channels(program: "Program", known: Collection[str]) -> Iterator[Problem]:
    for index, extra in enumerate(program.extras):
        for slug in extra.channels:
            if slug not in known:
                yield _doubt(("extras", index, "channels"), NO_CHANNEL, slug=slug)
    for slug in program.delivery:
        if slug not in known:
            yield _doubt(("delivery", slug), NO_CHANNEL, slug=slug)


def _unknown_variants(program: "Program", known: Collection[str]) -> Iterator[Problem]:
    for index, extra in enumerate(program.extras):
        if extra.variant and extra.variant not in known:
            yield _doubt(("extras", index, "variant"), NO_VARIANT)


def _unknown_warehouse(program: "Program", known: Collection[str]) -> Iterator[Problem]:
    if program.packing.warehouse and program.packing.warehouse not in known:
        yield _doubt(("packing", "warehouse"), NO_WAREHOUSE)


def _missing_variants(program: "Program") -> Iterator[Problem]:
    by_line = {slug for slug, delivery in program.delivery.items() if delivery.by == "order_line"}
    for index, extra in enumerate(program.extras):
        goes_there = not extra.channels or by_line & set(extra.channels)
        if by_line and extra.kind == "surprise" and goes_there and not extra.variant:
            yield _doubt(("extras", index, "variant"), NEEDS_A_VARIANT)


def _idle_rules(program: "Program") -> Iterator[Problem]:
    for index, rule in enumerate(program.surprises):
        first = next((n for n, other in enumerate(program.surprises[:index], 1) if _covers(other, rule)), None)
        if first is not None:
            yield _doubt(("surprises", index), NEVER_REACHED, number=first)


def _covers(one: "Surprise", other: "Surprise") -> bool:
    """Whether one rule fits wherever the other does."""
    tiers = not one.tiers or (bool(other.tiers) and set(other.tiers) <= set(one.tiers))
    return tiers and (not one.moments or (bool(other.moments) and set(other.moments) <= set(one.moments)))


def _idle_extras(program: "Program") -> Iterator[Problem]:
    drawn = {id for rule in program.surprises for id in rule.pool}
    for index, extra in enumerate(program.extras):
        if extra.kind == "surprise" and extra.id not in drawn:
            yield _doubt(("extras", index), IN_NO_POOL)


def _budgets(program: "Program") -> Iterator[Problem]:
    by_hand, month = program.budget.by_hand_month, program.budget.month
    if by_hand is not None and month is not None and by_hand > month:
        yield _doubt(("budget", "by_hand_month"), BY_HAND_OVER_MONTH)
