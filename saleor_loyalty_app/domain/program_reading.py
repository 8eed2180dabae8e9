"""A program's data is looked through as a whole: mistakes in its shape and in its meaning are found together.

What can't be read is set aside, with a harmless value in its place where one is needed, and the rest is checked.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from saleor_loyalty_app.domain.program_checks import program_problems
from saleor_loyalty_app.domain.program_doubts import program_doubts
from saleor_loyalty_app.domain.program_mistakes import mistake
from saleor_loyalty_app.domain.program_places import LISTS, Path
from saleor_loyalty_app.domain.program_problems import Problem

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Program

MOST_ROUNDS = 8
"""Taking a value out can make a field missing, and that a condition empty: so deep are programs nested."""
HARMLESS: dict[str, Any] = {
    "currency": "XXX",
    "sender": {"name": "?"},
    "tiers": [],
    "enter": {"orders": 1, "window": {"kind": "lifetime"}},
    "kind": "surprise",
    "cost": "0",
    "chance": 0,
    "pool": [],
    "text": "?",
}
"""For required fields that can't be read; nothing is said about what stands there."""


def problems_in(
    model: "type[Program]",
    data: Mapping[str, Any],
    *,
    known_channels: Collection[str] | None = None,
    known_variants: Collection[str] | None = None,
    known_warehouses: Collection[str] | None = None,
    today: date | None = None,
) -> list[Problem]:
    """Everything that is wrong with a program's plain data: errors in the order of the file's parts, then warnings.

    `model` is `Program`. Warnings need to know more; what is None is not looked at: `known_channels` are the shop's
    slugs, `known_variants` and `known_warehouses` its variants' and warehouses' ids, `today` is the day in the
    program's zone.
    """
    mistakes, program = _readable(model, data)
    set_aside = [problem.path for problem in mistakes]
    unread = frozenset(str(path[0]) for path in set_aside if len(path) == 1)
    further: list[Problem] = []
    if program is not None:
        further += program_problems(program, unread=unread)
        further += program_doubts(
            program, known_channels=known_channels, known_variants=known_variants,
            known_warehouses=known_warehouses, today=today,
        )  # fmt: skip
    found = mistakes + [problem for problem in further if not any(_touch(problem.path, path) for path in set_aside)]
    placed = [_placed(problem, data) for problem in dict.fromkeys(found)]
    return sorted(placed, key=lambda problem: problem.is_warning)


def _readable(model: "type[Program]", data: Mapping[str, Any]) -> "tuple[list[Problem], Program | None]":
    """The mistakes in the shape, and the program without them; None where too little is left."""
    mistakes: list[Problem] = []
    rest: Any = deepcopy(dict(data))
    for round in range(MOST_ROUNDS):
        try:
            return mistakes, model.model_validate(rest)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
            if round == 0:
                mistakes = [mistake(error, model) for error in errors]
            for path in sorted({error["loc"] for error in errors}, key=_last_first):
                _set_aside(rest, path)
    return mistakes, None


def _last_first(path: Path) -> tuple[Any, ...]:
    """Inner places before outer ones, and later ones of a list before earlier ones, so that indices stay right."""
    return -len(path), [-step if isinstance(step, int) else 0 for step in path]


def _set_aside(data: Any, path: Path) -> None:
    """Take out what can't be read, or put something harmless where something is needed."""
    holder = data
    for step in path[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(holder, list) and isinstance(last, int):
        if len(path) == 2 and path[0] in LISTS:
            holder[last] = {}
        elif last < len(holder):
            del holder[last]
    elif isinstance(holder, dict) and last in holder:
        del holder[last]
    elif isinstance(holder, dict):
        holder[last] = _harmless(data, path)


def _harmless(data: Any, path: Path) -> Any:
    languages = data.get("languages")
    spoken = [one for one in languages if isinstance(one, str)] if isinstance(languages, list) else []
    language = (spoken or ["en"])[0]
    match path:
        case (("tiers" | "extras"), _, "name"):
            return {language: "?"}
        case (*_, "id"):
            return f"unread-{path[1]}"
        case (*_, "language"):
            return language
        case (*_, "name"):
            return "?"
    return HARMLESS.get(str(path[-1]))


def _touch(one: Path, other: Path) -> bool:
    """Whether one place lies within the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _placed(problem: Problem, data: Mapping[str, Any]) -> Problem:
    """The problem with tiers and extras by their ids, and with the name by which the merchant knows a note."""
    if len(problem.path) < 2 or problem.path[0] not in LISTS:
        return problem
    root, index, *fields = problem.path
    parts: Any = data.get(str(root))
    part: Any = parts[index] if isinstance(parts, list) and isinstance(index, int) and index < len(parts) else None
    id = part.get("id") if isinstance(part, dict) else None
    if not isinstance(id, str) or not id:
        return problem
    if root == "notes":
        language = part.get("language")
        return replace(problem, called=f"{id} ({language})" if isinstance(language, str) else id)
    ids = Counter(str(part.get("id")) for part in parts if isinstance(part, dict))
    return replace(problem, path=(root, id, *fields)) if ids[id] == 1 else problem
