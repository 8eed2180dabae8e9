"""A parcel in words for staff: the whole reasoning, and the notes that packers read in the shop admin.

English is the source; the German words stand in `locale/de/parcels.po`. `_` marks a sentence for the catalogue.
"""

from collections.abc import Iterable
from datetime import date

from babel.dates import format_date
from babel.numbers import format_percent

from saleor_loyalty_app.domain.language import language_name, supported, translations
from saleor_loyalty_app.domain.moments import ordinal_number
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcels import (
    ExtrasChoice,
    NoteChoice,
    ParcelPlan,
    Passed,
    PlannedExtra,
    WhyNot,
)
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import DAY_PATTERNS, why_no_parcel

APP_NAME = "Best Regards"
PERCENT_PATTERNS = {"en": "0.#%", "de": "0.# %"}
FIRST_WORDS = 40
"""How many characters of a card are shown on the packing note's line that names it."""


def _(sentence: str) -> str:
    return sentence


MOMENTS = {
    "trouble_solved": _("Moment: something went wrong and was put right."),
    "tier_reached": _("Moment: this order reached %(tier)s."),
    "first_order": _("Moment: the first order."),
    "comeback": _("Moment: back after %(number)s days."),
    "anniversary": _("Moment: %(nth)s anniversary of the first order."),
    "nth_order": _("Moment: the %(nth)s order."),
    "just_because": _("Moment: none in particular."),
}

WHY_NOT = {
    WhyNot.NOT_DRAWN: _("not drawn"),
    WhyNot.NO_RULE: _("the program has no surprise for this tier and moment"),
    WhyNot.SPACING_ORDERS: _("the last surprise was too few orders ago"),
    WhyNot.SPACING_DAYS: _("the last surprise was too few days ago"),
    WhyNot.BUDGET_MONTH: _("the budget of %(month)s has %(amount)s left, and it costs more"),
    WhyNot.BUDGET_CUSTOMER: _("this customer's budget of the year has %(amount)s left, and it costs more"),
    WhyNot.NO_INSERTS: _("the customer wants nothing added"),
    WhyNot.EXCLUDED: _("excluded by the customer (%(detail)s)"),
    WhyNot.COUNTRY: _("may not be sent to this country (%(detail)s)"),
    WhyNot.CHANNEL: _("not for this channel (%(detail)s)"),
    WhyNot.TOO_HEAVY: _("only for orders up to %(detail)s g"),
    WhyNot.PAST_BEST_BEFORE: _("its last day was %(day)s"),
    WhyNot.OUT_OF_STOCK: _("out of stock"),
    WhyNot.RECEIVED_LATELY: _("the customer had it on %(day)s"),
    WhyNot.SAME_AS_LAST: _("it was the last surprise, too"),
    WhyNot.EMPTY_POOL: _("there is nothing to choose from"),
    WhyNot.NOTHING_LEFT: _("nothing was left to choose from"),
    WhyNot.NO_TEXT: _("no text fits that the customer has not had yet"),
    WhyNot.NOTE_RECEIVED: _("the customer has had it before"),
    WhyNot.NEEDS_FIELD: _("missing for it: %(detail)s"),
    WhyNot.BY_HAND: _("taken out by hand"),
}

NO_SURPRISE = {
    **WHY_NOT,
    WhyNot.BUDGET_MONTH: _("the budget of %(month)s is spent"),
    WhyNot.BUDGET_CUSTOMER: _("this customer's budget of the year is spent"),
}

NOTE_FIELDS = {
    "name": _("a first name that fits"),
    "greeting": _("the greeting"),
    "nth": _("which order it is"),
    "orders": _("the number of orders"),
    "usual": _("what the customer usually buys"),
    "reason": _("the moment"),
    "extra": _("a surprise"),
    "tier": _("a tier"),
    "years": _("full years since the first order"),
    "sender": _("the sender"),
}
"""What a text may ask for and not get, by its field."""

TASTE = {True: _("it suits %(suits)s"), False: _("drawn from what was left")}
HAD = {True: _("last received on %(day)s"), False: _("not received before")}


def reasoning(plan: ParcelPlan, program: Program, locale: str) -> tuple[str, ...]:
    """Why this parcel is as it is, sentence by sentence. `program` is the version the plan was made under."""
    return (
        moment_sentence(plan, program, locale),
        *extras_sentences(plan, program, locale),
        *note_sentences(plan.note, locale),
    )


def moment_sentence(plan: ParcelPlan, program: Program, locale: str) -> str:
    """What is special about the order."""
    detail = plan.moment_detail
    tier = program.tier(detail)
    nth = ordinal_number(int(detail), locale) if detail.isdecimal() else ""
    tier_name = program.words(tier.name, locale) if tier else detail
    return _say(locale, MOMENTS[plan.moment], tier=tier_name, number=detail, nth=nth)


def in_one_line(plan: ParcelPlan, program: Program, locale: str) -> str:
    """The moment, and how it came to a surprise or to none."""
    surprise = (*_no_surprise(plan, program, locale), *_surprise_drawn(plan.extras, locale))
    return " ".join((moment_sentence(plan, program, locale), *surprise[:1]))


def extras_sentences(plan: ParcelPlan, program: Program, locale: str) -> tuple[str, ...]:
    """Each extra that was chosen, the draw, why there is no surprise, and each extra that was passed over."""
    choice = plan.extras
    by_hand = [extra for extra in choice.chosen if extra.by_hand]
    signatures = [extra for extra in choice.chosen if extra.kind == "signature" and not extra.by_hand]
    surprises = [extra for extra in choice.chosen if extra.kind != "signature" and not extra.by_hand]
    # What holds for the whole surprise is said once, not again for each extra of its pool.
    passed = [one for one in choice.passed if one.detail or one.why is not choice.no_surprise]
    return (
        *(_chosen(extra, program, locale) for extra in signatures),
        *_surprise_drawn(choice, locale),
        *(_chosen(extra, program, locale) for extra in surprises),
        *_no_surprise(plan, program, locale),
        *(_chosen(extra, program, locale) for extra in by_hand),
        *_passed_over(passed, plan.decided_on, program, locale),
    )


def note_sentences(choice: NoteChoice, locale: str) -> tuple[str, ...]:
    """The draw, the note that was chosen or why there is none, and the notes that were passed over."""
    sentences = []
    if choice.chance is not None and choice.chance < 1:
        sentences += _draw(_("Note: %(chance)s, drawn."), _("Note: %(chance)s, not drawn."), choice, locale)
    if choice.note_id:
        language = language_name(choice.language, locale)
        sentences.append(
            _say(locale, _("Note: text “%(note)s”, in %(language)s."), note=choice.note_id, language=language)
        )
    if choice.missing:
        left_out = _("Left out of it, as it is missing: %(fields)s.")
        sentences.append(_say(locale, left_out, fields=_in_words(choice.missing, locale)))
    if choice.no_note and choice.no_note is not WhyNot.NOT_DRAWN:
        sentences.append(_say(locale, _("No note: %(why)s."), why=_say(locale, WHY_NOT[choice.no_note])))
    passed: dict[tuple[WhyNot, str], list[str]] = {}
    for one in choice.passed:
        passed.setdefault((one.why, one.detail), []).append(_say(locale, _("“%(note)s”"), note=one.note_id))
    for (why, detail), notes in passed.items():
        if why is WhyNot.NOT_DRAWN:
            sentences.append(_say(locale, _("Would have fitted too, not drawn: %(notes)s."), notes=", ".join(notes)))
            continue
        reason = _say(locale, WHY_NOT[why], detail=_in_words(detail.split(", "), locale))
        not_chosen = _("Text not chosen: %(notes)s – %(why)s.")
        sentences.append(_say(locale, not_chosen, notes=", ".join(notes), why=reason))
    return tuple(sentences)


def packing_note(plan: ParcelPlan, *, code: str, tier_name: str | None, program: Program, locale: str) -> str:
    """The one note on an order that packers read in the shop admin: short lines first, then the card's whole text.

    Its first line holds the parcel's code and differs from that of `cancelled_note`, so that it is found again.
    """
    extras, note = plan.extras.chosen, plan.note
    lines = [note_head(code, tier_name or _say(locale, _("no tier")))]
    if extras:
        names = "; ".join(_with_shelf(extra, program, locale) for extra in extras)
        lines.append(_say(locale, _("Add: %(extras)s"), extras=names))
    if plan.services:
        lines.append(_say(locale, _("Service: %(services)s"), services="; ".join(plan.services)))
    if note.text:
        lines.append(_say(locale, _("Note to copy: %(words)s"), words=_first_words(note.text)))
        lines += ["", note.text, "", note.sign_off, note.sender]
    if len(lines) == 1:
        lines.append(_say(locale, _("Nothing to add this time.")))
    return "\n".join(lines)


def cancelled_note(*, code: str, why: str, order_number: str, locale: str) -> str:
    """The note on an order whose parcel is taken back. `why` is a NoParcel value, or a reason in words."""
    reason = why_no_parcel(NoParcel(why), locale) if why in set(NoParcel) else why
    put_back = _("Order %(number)s gets no extras and no note; please put back what is already laid out.")
    lines = (note_head(code, _say(locale, _("cancelled"))), reason, _say(locale, put_back, number=order_number))
    return "\n".join(line for line in lines if line)


def note_head(code: str, word: str) -> str:
    """The first line of a note on an order, by which it is found again."""
    return f"{APP_NAME} · {code} · {word}"


def _chosen(extra: PlannedExtra, program: Program, locale: str) -> str:
    name = extra_name(extra.extra_id, program, locale)
    name = name[:1].upper() + name[1:]
    if extra.by_hand:
        return _say(locale, _("%(extra)s: added by hand."), extra=name)
    if extra.kind == "signature":
        return _say(locale, _("%(extra)s: the signature extra, always there."), extra=name)
    taste = _say(locale, TASTE[bool(extra.suits)], suits=", ".join(extra.suits))
    had = _say(locale, HAD[extra.last_received_on is not None], day=_day(extra.last_received_on, locale))
    return _say(locale, _("%(extra)s: %(taste)s, %(had)s."), extra=name, taste=taste, had=had)


def _surprise_drawn(choice: ExtrasChoice, locale: str) -> list[str]:
    return _draw(_("Surprise: %(chance)s, drawn."), _("Surprise: %(chance)s, not drawn."), choice, locale)


def _draw(hit: str, missed: str, choice: ExtrasChoice | NoteChoice, locale: str) -> list[str]:
    if choice.chance is None or choice.drawn is None:
        return []
    return [_say(locale, hit if choice.drawn < choice.chance else missed, chance=_chance(choice.chance, locale))]


def _chance(chance: float, locale: str) -> str:
    """0.33 -> "chance 1 in 3", 0.4 -> "chance 40%"."""
    one_in = round(1 / chance) if chance else 0
    if 2 <= one_in <= 20 and abs(1 / one_in - chance) < 0.005:
        return _say(locale, _("chance 1 in %(number)s"), number=str(one_in))
    language = supported(locale)
    percent = format_percent(chance, PERCENT_PATTERNS[language], locale=language)
    return _say(locale, _("chance %(percent)s"), percent=percent)


def _no_surprise(plan: ParcelPlan, program: Program, locale: str) -> list[str]:
    why = plan.extras.no_surprise
    if why is None or why is WhyNot.NOT_DRAWN:
        return []
    words = _words(NO_SURPRISE[why], Passed(extra_id="", why=why), plan.decided_on, program, locale)
    return [_say(locale, _("No surprise: %(why)s."), why=words)]


def _passed_over(passed: Iterable[Passed], decided_on: date, program: Program, locale: str) -> list[str]:
    names: dict[str, list[str]] = {}
    for one in passed:
        why = _words(WHY_NOT[one.why], one, decided_on, program, locale)
        names.setdefault(why, []).append(extra_name(one.extra_id, program, locale))
    return [
        _say(locale, _("Not chosen: %(extras)s – %(why)s."), extras=", ".join(extras), why=why)
        for why, extras in names.items()
    ]


def _words(sentence: str, passed: Passed, decided_on: date, program: Program, locale: str) -> str:
    """A reason with the day, the sum or the word that it turned on."""
    detail, language = passed.detail, supported(locale)
    has_day = passed.why in (WhyNot.PAST_BEST_BEFORE, WhyNot.RECEIVED_LATELY)
    return _say(
        locale,
        sentence,
        detail=detail or "?",
        day=_day(date.fromisoformat(detail), locale) if has_day and detail else "",
        amount=money_text(int(detail), program.currency, language) if detail.isdecimal() else "",
        month=format_date(decided_on, "LLLL", locale=language),
    )


def _with_shelf(extra: PlannedExtra, program: Program, locale: str) -> str:
    name, known = extra_name(extra.extra_id, program, locale), program.extra(extra.extra_id)
    return f"{name} ({known.shelf})" if known and known.shelf else name


def extra_name(extra_id: str, program: Program, locale: str) -> str:
    """The extra's name; one that the program no longer has is called by its id."""
    extra = program.extra(extra_id)
    return program.words(extra.name, locale) if extra else extra_id


def _in_words(fields: Iterable[str], locale: str) -> str:
    """Fields of a note's text as people call them."""
    return ", ".join(_say(locale, NOTE_FIELDS[one]) if one in NOTE_FIELDS else one for one in fields)


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= FIRST_WORDS else line[:FIRST_WORDS].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + " …"


def day_text(iso_day: str, locale: str) -> str:
    """A day that was kept as "2026-11-22", as people write it."""
    return _day(date.fromisoformat(iso_day), locale) if iso_day else ""


def _day(day: date | None, locale: str) -> str:
    return format_date(day, DAY_PATTERNS[supported(locale)], locale=supported(locale)) if day else ""


def _say(locale: str, sentence: str, **values: str) -> str:
    return translations(locale).gettext(sentence) % values
