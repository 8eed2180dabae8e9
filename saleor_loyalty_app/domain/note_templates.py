"""Templates of notes: merchants' words with plain fields, `if` and a few filters, in Jinja's sandbox.

Programs are checked with `note_problems`, so this module must not import `program` itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from jinja2 import Template, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from saleor_loyalty_app.domain.moments import speaks
from saleor_loyalty_app.domain.program_problems import Problem

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Note

Fields = dict[str, str | int]
"""What is known for a text, by field; what is not known is not there."""

SAMPLE: Fields = {
    "name": "Anna",
    "greeting": "Dear Anna,",
    "nth": "7th",
    "orders": 7,
    "usual": "Assam tea",
    "reason": "because it is your seventh order",
    "extra": "Lavender sachet",
    "tier": "Gold",
    "years": 2,
    "sender": "Mira",
}
"""Every field a text may use, with what it looks like."""

OPENED, SAID, CLOSED, UNKNOWN = "\ue000", "\ue001", "\ue002", "\ue003"
"""Marks around what a field gave, from the characters that nobody writes."""
FILTERS = ("capitalize", "default", "lower", "trim", "upper")
LONGEST_TEXT = 2_000
PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test,
)  # fmt: skip
"""What a template may be made of: nothing in here can repeat, call, assign or reach into an object."""


def _(words: str) -> str:
    return words


CANT_BE_READ = _("line %(line)s can't be read; look whether each {{ has its }} and each if its endif")
TOO_DEEP = _("is nested too deeply; keep it simple")
CANT_BE_FILLED = _("can't be filled in, stays empty or gets longer than %(longest)s characters")
EXTRA_NEEDS_IF = _("most parcels have no surprise; put {{ extra }} between {% if extra %} and {% endif %}")
WRITE_THEM_OUT = _("{{ greeting }}, {{ nth }}, {{ reason }} are known in German and English only; write them out")
NOT_POSSIBLE = _("line %(line)s: '%(name)s' is not possible in a note; use fields in {{ }} and if only")
NO_FIELD = _("line %(line)s: there is no field '%(name)s'; there are %(known)s")
NO_FILTER = _("line %(line)s: there is no filter '%(name)s'; there are %(known)s")
NO_TEST = _("line %(line)s: there is no test '%(name)s'; there is `is defined`")


def note_problems(note: "Note") -> list[Problem]:
    """What is wrong with a note's template, with no place; empty when it can be used."""
    return template_problems(note.text, note.language)


def template_problems(text: str, language: str) -> list[Problem]:
    """The same for a text that is not a note yet."""
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as broken:
        return [Problem((), CANT_BE_READ, {"line": broken.lineno})]
    except RecursionError:
        return [Problem((), TOO_DEEP)]
    if foreign := [*_foreign_parts(tree)]:
        return foreign
    if fill(text, SAMPLE) is None:
        return [Problem((), CANT_BE_FILLED, {"longest": LONGEST_TEXT})]
    problems = []
    if fill(text, _without("extra")) is None:
        problems.append(Problem((), EXTRA_NEEDS_IF))
    if not speaks(language) and fill(text, _without("greeting", "nth", "reason")) is None:
        problems.append(Problem((), WRITE_THEM_OUT))
    return problems


class _Unknown(Undefined):
    """A field that is not known: false in an `if`, and an error where it should be written."""

    __slots__ = ()

    def __str__(self) -> str:
        raise UndefinedError(f"{self._undefined_name} is not known")


class _Marked(Undefined):
    """A field that is not known: false in an `if`, and a mark where it should be written."""

    __slots__ = ()

    def __str__(self) -> str:
        return UNKNOWN


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Without escaping, since notes are plain text; pages and prints escape them for themselves."""
    return _plain_environment(_Unknown)


@cache
def _marking_environment() -> ImmutableSandboxedEnvironment:
    return _plain_environment(_Marked)


def _plain_environment(undefined: type[Undefined]) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=False, undefined=undefined)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    # Jinja's own would make all other letters small: "Zur wiedergutmachung".
    environment.filters["capitalize"] = lambda words: str(words)[:1].upper() + str(words)[1:]
    return environment


@lru_cache(maxsize=2_000)
def _compiled(text: str) -> Template:
    return _environment().from_string(_without_tag_lines(text))


def _without_tag_lines(text: str) -> str:
    """A line that holds nothing but tags leaves no empty line behind."""
    return re.sub(r"(?m)^[ \t]*((?:\{%[^\n]*?%\}[ \t]*)+)\n", r"\1", text)


@lru_cache(maxsize=2_000)
def asked_for(text: str) -> frozenset[str]:
    """The fields a text names."""
    return frozenset(meta.find_undeclared_variables(_environment().parse(text)))


def fill(text: str, fields: Fields) -> str | None:
    """The text with its fields, or None when one that it needs is not known or nothing usable comes out."""
    try:
        filled = _compiled(text).render(fields)
    except Exception:  # a template is a stranger's program: whatever it raises, it can't be used
        return None
    tidy = _tidy(filled)
    return tidy if 0 < len(tidy) <= LONGEST_TEXT else None


def _tidy(filled: str) -> str:
    lines = (re.sub(r"[ \t]{2,}", " ", line).strip() for line in filled.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a filled text: the merchant's own words, or what a field gave; one that is missing says its name."""

    text: str
    field: str | None = None
    is_missing: bool = False


def fill_in_pieces(text: str, fields: Fields) -> tuple[Piece, ...] | None:
    """The text as `fill` would give it, in pieces, with each unknown field in its place; None if it can't be used."""
    clean = re.sub(f"[{OPENED}{SAID}{CLOSED}{UNKNOWN}]", "", text)
    try:
        tree = _marking_environment().parse(_without_tag_lines(clean))
        if any(_foreign_parts(tree)):
            return None
        for output in tree.find_all(nodes.Output):
            output.nodes = [marked for node in output.nodes for marked in _marked(node)]
        filled = _marking_environment().from_string(tree).render(fields)
    except Exception:  # as in `fill`
        return None
    pieces = re.split(f"{OPENED}([^{SAID}]*){SAID}([^{CLOSED}]*){CLOSED}", _tidy(filled))
    found = []
    for own, field, value in zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True):
        missing = UNKNOWN in value
        found += [Piece(text=own), Piece(text=field if missing else value, field=field, is_missing=missing)]
    return tuple(piece for piece in found if piece.text)


def _marked(node: nodes.Expr) -> list[nodes.Expr]:
    """An expression between marks that say its field."""
    if isinstance(node, nodes.TemplateData):
        return [node]
    name = node.name if isinstance(node, nodes.Name) else ", ".join(found.name for found in node.find_all(nodes.Name))
    return [nodes.TemplateData(f"{OPENED}{name}{SAID}"), node, nodes.TemplateData(CLOSED)]


def _without(*unknown: str) -> Fields:
    return {field: value for field, value in SAMPLE.items() if field not in unknown}


def _foreign_parts(tree: nodes.Template) -> Iterator[Problem]:
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        words, name, known = NOT_POSSIBLE, type(node).__name__.lower(), ""
        if isinstance(node, nodes.Name) and node.name not in SAMPLE:
            words, name, known = NO_FIELD, node.name, ", ".join(SAMPLE)
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            words, name, known = NO_FILTER, node.name, ", ".join(FILTERS)
        elif isinstance(node, nodes.Test) and node.name != "defined":
            words, name = NO_TEST, node.name
        elif isinstance(node, PARTS):
            waiting.extend(node.iter_child_nodes())
            continue
        yield Problem((), words, {"line": node.lineno, "name": name, "known": known})
