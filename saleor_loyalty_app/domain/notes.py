"""The personal words for one order: which text, in which language, filled in for this customer."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from saleor_loyalty_app.domain.chance import fraction
from saleor_loyalty_app.domain.first_names import first_name, plain
from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.moments import moment_reason, ordinal_number, speaks, years_with_us
from saleor_loyalty_app.domain.note_templates import Fields, asked_for, fill
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import NO_INSERTS, ExtrasChoice, NoteChoice, PassedNote, Story, WhyNot
from saleor_loyalty_app.domain.program import Note, Program

LONGEST_PRODUCT = 80


def _(words: str) -> str:
    return words


def choose_note(
    *,
    program: Program,
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
    fields = known_fields(program, story, order, (moment, moment_detail), extras, language=language)
    share = fraction(secret, order.id, str(version), "which-note")
    choice = _pick(program, story, fields, moment, language=language, share=share)
    return replace(choice, chance=chance, drawn=drawn)


def _language_for(program: Program, order: Order) -> str:
    """The language of the order, else of the buyer, else the program's first, in which there are notes."""
    spoken = {note.language: note.language.replace("-", "_").lower() for note in program.notes}
    for wish in (order.language, order.buyer.language, *program.languages):
        code = wish.replace("-", "_").lower()
        base = code.partition("_")[0]
        same = [(known != code, known != base, own) for own, known in spoken.items() if known.partition("_")[0] == base]
        if same:
            return min(same)[2]
    return program.languages[0]


def known_fields(
    program: Program, story: Story, order: Order, why: tuple[str, str], extras: ExtrasChoice, *, language: str
) -> Fields:
    """What is known for a text in a language; `why` is the moment with its detail."""
    moment, moment_detail = why
    tier = program.tier(story.tier)
    tier_name = program.words(tier.name, language) if tier else ""
    surprises = {extra.extra_id for extra in extras.chosen if extra.kind == "surprise"}
    surprise = next((extra for extra in program.extras if extra.id in surprises), None)
    name = first_name(order.buyer.first_name)
    known: Fields = {
        "name": name or "",
        "orders": max(0, story.nth_order),
        "usual": plain(story.usual or "", LONGEST_PRODUCT),
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


def _pick(program: Program, story: Story, fields: Fields, moment: str, *, language: str, share: float) -> NoteChoice:
    """One text of the best group that has any; `share` in [0, 1) says which."""
    ours = sorted((note for note in program.notes if note.language == language), key=lambda note: note.id)
    had = {text for note in ours if note.id in story.notes_received and (text := fill(note.text, fields))}
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
            missing=tuple(sorted(asked_for(note.text) - set(fields))),
            passed=tuple(passed),
        )
    return NoteChoice(language=language, no_note=WhyNot.NO_TEXT, passed=tuple(passed))


def _best_first(notes: list[Note], tier: str | None, moment: str) -> Iterator[list[Note]]:
    """The notes that are for this tier and moment, in groups, those made for just this case first."""
    fitting = [
        note for note in notes
        if (not note.moments or moment in note.moments) and (not note.tiers or tier in note.tiers)
    ]  # fmt: skip

    def is_general(note: Note) -> tuple[bool, bool]:
        return not note.moments, not note.tiers

    for _case, group in groupby(sorted(fitting, key=is_general), key=is_general):
        yield list(group)


def _sort_out(
    group: list[Note], fields: Fields, received: frozenset[str], had: set[str]
) -> tuple[dict[str, str], list[PassedNote]]:
    """The texts by note id that can be filled in and are new to the customer, and the notes that are not."""
    texts, passed = {}, []
    for note in group:
        text = fill(note.text, fields)
        if note.id in received or text in had:
            passed.append(PassedNote(note_id=note.id, why=WhyNot.NOTE_RECEIVED))
        elif text is None:
            unknown = ", ".join(sorted(asked_for(note.text) - set(fields)))
            passed.append(PassedNote(note_id=note.id, why=WhyNot.NEEDS_FIELD, detail=unknown))
        else:
            texts[note.id] = text
    return texts, passed
