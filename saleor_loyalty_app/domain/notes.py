"""The personal words for one order: which text, in which language, filled in for this customer.

Texts are merchants' templates and names are strangers' words: only plain fields, `if` and a few filters, in
Jinja's sandbox. Programs are checked with `note_problems`, so this module must not import `program` itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Template, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from saleor_loyalty_app.domain.chance import fraction
from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.moments import moment_reason, ordinal_number, speaks, years_with_us
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import NO_INSERTS, ExtrasChoice, NoteChoice, PassedNote, Story, WhyNot

if TYPE_CHECKING:
    from saleor_loyalty_app.domain.program import Note, Program

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

FILTERS = ("capitalize", "default", "lower", "trim", "upper")
LONGEST_TEXT = 2_000
LONGEST_NAME, LONGEST_PRODUCT = 60, 80
PARTICLES = frozenset(
    {"da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "van", "von", "y"}
)
"""Parts of longer names that stay small."""
NO_NAME = re.compile(r"[/\\@<>{}|=]|\w\.\w\w")
"""What stands in addresses and templates, never in a first name."""
PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test,
)  # fmt: skip
"""What a template may be made of: nothing in here can repeat, call, assign or reach into an object."""


def _(words: str) -> str:
    return words


def choose_note(
    *,
    program: "Program",
    version: int,
    story: Story,
    order: Order,
    moment: str,
    moment_detail: str,
    extras: ExtrasChoice,
    secret: bytes,
) -> NoteChoice:
    """Choose and fill in the note for an order, by a draw of its own: note and extra are separate arms (design §6).

    Best are texts for this moment, then those for any; within these, texts for this tier. A text that the
    customer had before, or that reads the same, is never taken again.
    """
    language = _language_for(program, order)
    if NO_INSERTS in {word.strip().casefold() for word in story.exclusions}:
        return NoteChoice(language=language, no_note=WhyNot.NO_INSERTS)
    drawn, chance = fraction(secret, order.id, str(version), "note"), program.note_chance
    if drawn >= chance:
        return NoteChoice(language=language, no_note=WhyNot.NOT_DRAWN, chance=chance, drawn=drawn)
    fields = _fields(program, story, order, (moment, moment_detail), extras, language=language)
    share = fraction(secret, order.id, str(version), "which-note")
    choice = _pick(program, story, fields, moment, language=language, share=share)
    return replace(choice, chance=chance, drawn=drawn)


def note_problems(note: "Note") -> list[str]:
    """What is wrong with a note's template, in the merchant's words; empty when it can be used."""
    try:
        tree = _environment().parse(note.text)
    except TemplateSyntaxError as broken:
        return [f"line {broken.lineno}: {broken.message}"]
    except RecursionError:
        return ["is nested too deeply; keep it simple"]
    if foreign := [*_foreign_parts(tree)]:
        return foreign
    if _fill(note.text, SAMPLE) is None:
        return [f"can't be filled in, stays empty or gets longer than {LONGEST_TEXT} characters"]
    problems = []
    if _fill(note.text, _without("extra")) is None:
        problems.append("most parcels have no surprise; put {{ extra }} between {% if extra %} and {% endif %}")
    if not speaks(note.language) and _fill(note.text, _without("greeting", "nth", "reason")) is None:
        problems.append("{{ greeting }}, {{ nth }}, {{ reason }} are known in German and English only; write them out")
    return problems


def first_name(written: str) -> str | None:
    """A first name fit for a card, or None. It is hostile text: anyone can type anything into a checkout."""
    name = _plain(written, LONGEST_NAME)
    if NO_NAME.search(name) or not any(letter.isalpha() for letter in name):
        return None
    letters = [letter for letter in name if letter.isalpha()]
    is_latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if not is_latin or not (name.islower() or (name.isupper() and len(letters) > 2)):
        return name
    words = name.split()
    small = PARTICLES if len(words) > 1 else ()
    return " ".join(word.lower() if word.lower() in small else _capital(word) for word in words)


def _capital(word: str) -> str:
    """ANNA-LENA -> Anna-Lena, o'neil -> O'Neil, mckay -> McKay; a Turkish İ has no dot of its own when small."""
    capital = re.sub(r"[^\W_]+", lambda part: part[0][0].upper() + part[0][1:].lower().replace("i̇", "i"), word)
    return re.sub(r"\bMc(\w)(?=\w)", lambda start: "Mc" + start[1].upper(), capital)


def _plain(text: str, longest: int) -> str:
    """On one line, without control characters (joiners stay: Persian and Indic names need them), cut to a length."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c for c in line if c in "\u200c\u200d" or not unicodedata.category(c).startswith("C"))
    return " ".join(kept.split())[:longest].strip()


def _language_for(program: "Program", order: Order) -> str:
    """The language of the order, else of the buyer, else the program's first, in which there are notes."""
    spoken = {note.language: note.language.replace("-", "_").lower() for note in program.notes}
    for wish in (order.language, order.buyer.language, *program.languages):
        code = wish.replace("-", "_").lower()
        base = code.partition("_")[0]
        same = [(known != code, known != base, own) for own, known in spoken.items() if known.partition("_")[0] == base]
        if same:
            return min(same)[2]
    return program.languages[0]


def _fields(
    program: "Program", story: Story, order: Order, why: tuple[str, str], extras: ExtrasChoice, *, language: str
) -> Fields:
    """What is known for a text; `why` is the moment with its detail."""
    moment, moment_detail = why
    tier = program.tier(story.tier)
    tier_name = program.words(tier.name, language) if tier else ""
    surprises = {extra.extra_id for extra in extras.chosen if extra.kind == "surprise"}
    surprise = next((extra for extra in program.extras if extra.id in surprises), None)
    name = first_name(order.buyer.first_name)
    known: Fields = {
        "name": name or "",
        "orders": max(0, story.nth_order),
        "usual": _plain(story.usual or "", LONGEST_PRODUCT),
        "extra": program.words(surprise.name, language) if surprise else "",
        "tier": tier_name,
        "years": int(moment_detail) if moment == "anniversary" else years_with_us(story, program, order.placed_at),
        "sender": program.sender.name,
    }
    if speaks(language):
        known["greeting"] = _greeting(name, language)
        known["nth"] = ordinal_number(story.nth_order, language) if story.nth_order > 0 else ""
        known["reason"] = moment_reason(moment, moment_detail, tier_name=tier_name, language=language)
    return {field: value for field, value in known.items() if value}


def _greeting(name: str | None, language: str) -> str:
    words = translations(language)
    return words.gettext(_("Dear %(name)s,")) % {"name": name} if name else words.gettext(_("Hello,"))


def _pick(program: "Program", story: Story, fields: Fields, moment: str, *, language: str, share: float) -> NoteChoice:
    """One text of the best group that has any; `share` in [0, 1) says which."""
    ours = sorted((note for note in program.notes if note.language == language), key=lambda note: note.id)
    had = {text for note in ours if note.id in story.notes_received and (text := _fill(note.text, fields))}
    passed: list[PassedNote] = []
    for group in _best_first(ours, story.tier, moment):
        texts, unfit = _sort_out(group, fields, story.notes_received, had)
        passed += unfit
        if not texts:
            continue
        note = [note for note in group if note.id in texts][int(share * len(texts))]
        passed += [PassedNote(note_id=id, why=WhyNot.NOT_DRAWN) for id in texts if id != note.id]
        return NoteChoice(
            note_id=note.id,
            language=language,
            text=texts[note.id],
            sign_off=program.words(program.sender.sign_off, language),
            sender=program.sender.name,
            missing=tuple(sorted(_asked_for(note.text) - set(fields))),
            passed=tuple(passed),
        )
    return NoteChoice(language=language, no_note=WhyNot.NO_TEXT, passed=tuple(passed))


def _best_first(notes: list["Note"], tier: str | None, moment: str) -> Iterator[list["Note"]]:
    """The notes that are for this tier and moment, in groups, those made for just this case first."""
    fitting = [
        note for note in notes
        if (not note.moments or moment in note.moments) and (not note.tiers or tier in note.tiers)
    ]  # fmt: skip

    def is_general(note: "Note") -> tuple[bool, bool]:
        return not note.moments, not note.tiers

    for _case, group in groupby(sorted(fitting, key=is_general), key=is_general):
        yield list(group)


def _sort_out(
    group: list["Note"], fields: Fields, received: frozenset[str], had: set[str]
) -> tuple[dict[str, str], list[PassedNote]]:
    """The texts by note id that can be filled in and are new to the customer, and the notes that are not."""
    texts, passed = {}, []
    for note in group:
        text = _fill(note.text, fields)
        if note.id in received or text in had:
            passed.append(PassedNote(note_id=note.id, why=WhyNot.NOTE_RECEIVED))
        elif text is None:
            unknown = ", ".join(sorted(_asked_for(note.text) - set(fields)))
            passed.append(PassedNote(note_id=note.id, why=WhyNot.NEEDS_FIELD, detail=unknown))
        else:
            texts[note.id] = text
    return texts, passed


class _Unknown(Undefined):
    """A field that is not known: false in an `if`, and an error where it should be written."""

    __slots__ = ()

    def __str__(self) -> str:
        raise UndefinedError(f"{self._undefined_name} is not known")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Without escaping, since notes are plain text; pages and prints escape them for themselves."""
    environment = ImmutableSandboxedEnvironment(autoescape=False, undefined=_Unknown)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    # Jinja's own would make all other letters small: "Zur wiedergutmachung".
    environment.filters["capitalize"] = lambda words: str(words)[:1].upper() + str(words)[1:]
    return environment


@lru_cache(maxsize=2_000)
def _compiled(text: str) -> Template:
    # A line that holds nothing but tags leaves no empty line behind.
    return _environment().from_string(re.sub(r"(?m)^[ \t]*((?:\{%[^\n]*?%\}[ \t]*)+)\n", r"\1", text))


@lru_cache(maxsize=2_000)
def _asked_for(text: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(_environment().parse(text)))


def _fill(text: str, fields: Fields) -> str | None:
    """The text with its fields, or None when one that it needs is not known or nothing usable comes out."""
    try:
        filled = _compiled(text).render(fields)
    except Exception:  # a template is a stranger's program: whatever it raises, it can't be used
        return None
    lines = (re.sub(r"[ \t]{2,}", " ", line).strip() for line in filled.splitlines())
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return tidy if 0 < len(tidy) <= LONGEST_TEXT else None


def _without(*unknown: str) -> Fields:
    return {field: value for field, value in SAMPLE.items() if field not in unknown}


def _foreign_parts(tree: nodes.Template) -> Iterator[str]:
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Name) and node.name not in SAMPLE:
            yield f"line {node.lineno}: no field {node.name!r}; there are {', '.join(SAMPLE)}"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"line {node.lineno}: no filter {node.name!r}; there are {', '.join(FILTERS)}"
        elif isinstance(node, nodes.Test) and node.name != "defined":
            yield f"line {node.lineno}: no test {node.name!r}; there is `is defined`"
        elif not isinstance(node, PARTS):
            what = type(node).__name__.lower()
            yield f"line {node.lineno}: {what!r} is not possible in a note; use {{{{ fields }}}} and {{% if %}} only"
        else:
            waiting.extend(node.iter_child_nodes())
