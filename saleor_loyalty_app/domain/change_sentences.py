"""Changes of parcels by hand in words for staff: what was done, and why something can't be.

English is the source; the German words stand in `locale/de/changes.po`. `_` marks a sentence for the catalogue.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from saleor_loyalty_app.domain.changing import CannotChange, SkipReason, WhyNotChanged
from saleor_loyalty_app.domain.language import supported, translations
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import WHY_NOT, day_text, extra_name
from saleor_loyalty_app.domain.parcels import WhyNot
from saleor_loyalty_app.domain.print_jobs import ON_PAPER
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import why_no_parcel


def _(sentence: str) -> str:
    return sentence


WHY_NOT_CHANGED = {
    WhyNotChanged.FELL_THROUGH: _("The order fell through, so this parcel stays cancelled."),
    WhyNotChanged.PACKED: _("This parcel is packed. Undo that first, then it can be changed."),
    WhyNotChanged.SHIPPED: _("This parcel is already on its way."),
    WhyNotChanged.SKIPPED: _("This parcel was skipped. Undo that first, then it can be changed."),
    WhyNotChanged.NOT_CLOSED: _("This parcel is open already; there is nothing to undo."),
    WhyNotChanged.ERASED: _("The customer's data were erased. Nothing new is chosen or written for this person."),
    WhyNotChanged.STALE: _("Somebody else changed this parcel meanwhile. Please look at it again."),
    WhyNotChanged.HELD: _("A colleague is packing this parcel at the moment. Please take the next one."),
    WhyNotChanged.NOT_READY: _("This order is not paid or not confirmed, so its parcel is not to be packed yet."),
    WhyNotChanged.NO_WISH: _("This form is out of date. Please try once more."),
    WhyNotChanged.NO_SUCH_EXTRA: _("The program has no such extra. Please choose again."),
    WhyNotChanged.NO_SUCH_ITEM: _("%(extra)s is no longer in this parcel."),
    WhyNotChanged.ALREADY_IN: _("%(extra)s is in this parcel already."),
    WhyNotChanged.NOT_IN_POOL: _("%(extra)s is not one of those that fit here. You can add it by hand instead."),
    WhyNotChanged.NOTHING_TO_EXCHANGE: _(
        "There is nothing left to exchange %(extra)s for. You can take it out, or add another extra."
    ),
    WhyNotChanged.LINE_STANDS: _(
        "%(extra)s stands in the order as a line of its own, so it stays. Pack the parcel with it."
    ),
    WhyNotChanged.NO_INSERTS: _("The customer wants nothing added, neither extras nor a note."),
    WhyNotChanged.EXCLUDED: _("%(extra)s stays out: the customer excluded it (%(detail)s)."),
    WhyNotChanged.COUNTRY: _("%(extra)s may not be sent to %(country)s."),
    WhyNotChanged.CHANNEL: _("%(extra)s is not for this channel (%(detail)s)."),
    WhyNotChanged.TOO_HEAVY: _("%(extra)s is only for orders up to %(detail)s g."),
    WhyNotChanged.PAST_BEST_BEFORE: _("%(extra)s should not go out any more: its last day was %(day)s."),
    WhyNotChanged.OUT_OF_STOCK: _("%(extra)s is out of stock."),
    WhyNotChanged.RECEIVED_LATELY: _("%(extra)s was in another parcel of this customer lately."),
    WhyNotChanged.BUDGET_BY_HAND: _(
        "%(extra)s costs more than what is left this month for adding by hand: %(amount)s."
    ),
    WhyNotChanged.BUDGET_MONTH: _("%(extra)s costs more than what is left of the month's budget: %(amount)s."),
    WhyNotChanged.BUDGET_CUSTOMER: _(
        "%(extra)s costs more than what is left of this customer's budget of the year: %(amount)s."
    ),
    WhyNotChanged.NO_TEXT: _("Write a few words, or leave the note as it is."),
    WhyNotChanged.TEXT_TOO_LONG: _("Please use at most %(detail)s characters."),
    WhyNotChanged.SAME_TEXT: _("The note reads like this already."),
    WhyNotChanged.NO_REASON: _("Please choose a reason."),
    WhyNotChanged.NO_WORDS: _("Say in a few words why, so that colleagues understand it later."),
}
UNKNOWN_COUNTRY = _("a country that is not known")

SKIP_REASONS = {
    SkipReason.OUT_OF_STOCK: _("out of stock"),
    SkipReason.NO_ROOM: _("no room in the parcel"),
    SkipReason.FRAGILE: _("too fragile for this parcel"),
    SkipReason.LOOKED_WRONG: _("looked wrong"),
    SkipReason.CUSTOMER_ASKED: _("the customer asked for it"),
    SkipReason.OTHER: _("another reason"),
}

CHANGES = {
    "exchanged": _("exchanged %(out)s for %(in)s"),
    "added": _("added %(in)s by hand"),
    "taken_out": _("took out %(out)s: %(why)s"),
    "note_edited": _("edited the note"),
    "note_approved": _("approved the note"),
    "note_printed": _("took out the printed card"),
    "note_copied": _("wrote the card by hand"),
    "skipped": _("skipped: %(why)s"),
    "packed": _("packed"),
    "reopened": _("opened again"),
    "ran_out": _("found %(out)s out of stock"),
}
RAN_OUT_INSTEAD = _("put in %(in)s, because %(out)s is out of stock")
RAN_OUT_WITHOUT = _("took out %(out)s, because it is out of stock")
PACKED_WITHOUT = _("packed; not done: %(services)s")
TAKEN_APART = _("put the extras back on the shelf, because the order fell through")
NOTE_WRITTEN = _("wrote a note")
NOTE_OUTDATED = _("edited the note, so the card must be printed or written once more")
REOPENED_WITHOUT = _("opened again, without %(extras)s")
SKIPPED_LINE = _("Please add nothing to this order; put back what is already laid out. Reason: %(why)s.")
CLOSED_AT_DESK = {
    "packed": _("In the parcel: %(extras)s."),
    "skipped": _("Nothing was added to this order. Reason: %(why)s."),
}
PACKED_NOTHING = _("Packed, without extras.")
NOT_DONE = _("Not done: %(services)s.")
CLOSED_WORD = {"packed": _("packed"), "skipped": _("skipped")}
CHANGED_WORD = _("changed (%(number)s)")
CHANGED_LINE = _("This replaces what was noted before.")


def why_not_changed(trouble: CannotChange, program: Program, locale: str) -> str:
    """Why a change was refused, in one or two sentences with what can be done."""
    detail, language = trouble.detail, supported(locale)
    sentence = WHY_NOT_CHANGED[trouble.why]
    return _say(
        locale,
        sentence,
        # At the beginning of a sentence a name has a capital letter, within one it stands as it is.
        extra=_name_for(sentence, trouble.extra_id, program, locale),
        detail=detail or "?",
        country=detail or _say(locale, UNKNOWN_COUNTRY),
        day=day_text(detail, locale) if trouble.why is WhyNotChanged.PAST_BEST_BEFORE else "",
        amount=money_text(int(detail), program.currency, language) if detail.isdecimal() else "",
    )


def what_changed(kind: str, detail: Mapping[str, Any], program: Program, locale: str) -> str:
    """A change as part of a line with who and when: "exchanged lavender sachet for bookmark"."""
    sentence = CHANGES.get(kind, kind)
    left_out = detail.get("left_out") or {}
    if kind == "note_edited" and not detail.get("before"):
        sentence = NOTE_WRITTEN
    elif kind == "note_edited" and detail.get("was") in ON_PAPER:
        sentence = NOTE_OUTDATED
    elif kind == "ran_out" and "item" in detail:
        sentence = RAN_OUT_INSTEAD if "in" in detail else RAN_OUT_WITHOUT
    elif detail.get("lost"):
        sentence = TAKEN_APART
    if broken := detail.get("broken"):
        return _say(locale, PACKED_WITHOUT, services="; ".join(broken))
    if left_out:
        return _say(locale, REOPENED_WITHOUT, extras=_names(left_out, program, locale))
    return _say(
        locale,
        sentence,
        **{name: extra_name(detail[name], program, locale) for name in ("in", "out") if name in detail},
        why=reason_text(detail.get("reason", ""), detail.get("words", ""), locale),
    )


def reason_text(reason: str, words: str, locale: str) -> str:
    """Why something was skipped or taken out: the reason, and staff's own words where there are any."""
    if reason == SkipReason.OTHER and words:
        return words
    known = _say(locale, SKIP_REASONS[SkipReason(reason)]) if reason in set(SkipReason) else reason
    return f"{known} ({words})" if words else known


def why_gone(reason: str, locale: str) -> str:
    """Why an extra is no longer in a parcel, as its row says it: by a person, by the program, or with the order."""
    if reason in set(NoParcel):
        return why_no_parcel(NoParcel(reason), locale)
    if reason in set(SkipReason):
        return reason_text(reason, "", locale)
    return _say(locale, WHY_NOT[WhyNot(reason)]) if reason in (WhyNot.BY_HAND, WhyNot.OUT_OF_STOCK) else ""


def changed_word(times: int, locale: str) -> str:
    """What the first line of a further note on an order ends with; `times` counts these notes."""
    return _say(locale, CHANGED_WORD, number=str(times))


def changed_line(locale: str) -> str:
    """The second line of a further note on an order."""
    return _say(locale, CHANGED_LINE)


def skipped_line(reason: str, words: str, locale: str) -> str:
    """What packers read on an order whose parcel was skipped."""
    return _say(locale, SKIPPED_LINE, why=reason_text(reason, words, locale))


def packed_line(extra_ids: Iterable[str], not_done: Iterable[str], program: Program, locale: str) -> str:
    """What an order's note says of a parcel that is packed: what is in it, and which promises were not kept."""
    names, services = _names(extra_ids, program, locale), "; ".join(not_done)
    packed = _say(locale, CLOSED_AT_DESK["packed"], extras=names) if names else _say(locale, PACKED_NOTHING)
    return "\n".join((packed, _say(locale, NOT_DONE, services=services)) if services else (packed,))


def left_out_line(reason: str, words: str, locale: str) -> str:
    """What an order's note says of a parcel that a packer let go without extras."""
    return _say(locale, CLOSED_AT_DESK["skipped"], why=reason_text(reason, words, locale))


def closed_word(state: str, times: int, locale: str) -> str:
    """What the first line of such a note ends with; `times` counts the notes after the first one."""
    word = _say(locale, CLOSED_WORD[state])
    return f"{word} ({times})" if times > 1 else word


def _names(extra_ids: Iterable[str], program: Program, locale: str) -> str:
    return ", ".join(extra_name(one, program, locale) for one in extra_ids)


def _name_for(sentence: str, extra_id: str, program: Program, locale: str) -> str:
    name = extra_name(extra_id, program, locale) if extra_id else ""
    begins = translations(locale).gettext(sentence).startswith("%(extra)s")
    return name[:1].upper() + name[1:] if begins else name


def _say(locale: str, sentence: str, **values: str) -> str:
    return translations(locale).gettext(sentence) % values
