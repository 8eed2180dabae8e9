"""Tier decisions, the way ahead and missing parcels in words for staff: plain, kind, in English and German.

English is the source; the German words stand in `locale/de/tiers.po`. `_` marks a sentence for the catalogue.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from saleor_loyalty_app.domain.language import supported, translations
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Measured, Membership, Outlook, Standing
from saleor_loyalty_app.domain.windows import local_day

DAY_PATTERNS = {"en": "d MMMM y", "de": "d. MMMM y"}
"""The day before the month in both, so that no date can be misread."""


def _(sentence: str) -> str:
    return sentence


TO_A_TIER = {
    DecisionKind.ENTERED: _("%(tier)s since %(date)s: %(counted)s %(window)s; it takes %(needed)s."),
    DecisionKind.WARNED: _("%(tier)s is safe until %(date)s; %(missing)s more and it stays."),
    DecisionKind.GRACE: _(
        "%(tier)s stays until %(date)s for now: %(counted)s %(window)s; keeping it takes %(needed)s."
    ),
    DecisionKind.SECURED: _("%(tier)s is safe again: %(counted)s %(window)s; keeping it takes %(needed)s."),
    DecisionKind.RENEWED: _("%(tier)s earned again under the new rules: %(counted)s %(window)s; it takes %(needed)s."),
    DecisionKind.DROPPED: _(
        "%(tier)s instead of %(from)s since %(date)s: %(counted)s %(window)s; keeping %(from)s takes %(needed)s."
    ),
    DecisionKind.SET_BY_HAND: _("%(tier)s until %(date)s, decided by hand: %(reason)s"),
    DecisionKind.HAND_ENDED: _(
        "The decision by hand for %(tier)s ended on %(date)s; from here on the rules decide again."
    ),
    DecisionKind.TIER_REMOVED: _("%(from)s is no longer part of the program; %(tier)s since %(date)s."),
    DecisionKind.TAKEN_BACK: _("Back to %(tier)s: an order that led to %(from)s fell through."),
}

TO_NO_TIER = {
    DecisionKind.DROPPED: _("No longer %(from)s since %(date)s: %(counted)s %(window)s; keeping it takes %(needed)s."),
    DecisionKind.TIER_REMOVED: _("%(from)s is no longer part of the program."),
    DecisionKind.TAKEN_BACK: _("%(from)s taken back: an order that led to it fell through."),
}

BY_HAND_WITHOUT_END = _("%(tier)s until further notice, decided by hand: %(reason)s")

NO_PARCEL = {
    NoParcel.PLACED_BEFORE_INSTALL: _("Placed before the app was installed."),
    NoParcel.NOT_TRIGGERED: _("Not paid in full yet."),
    NoParcel.FELL_THROUGH: _("The order was cancelled or has expired."),
    NoParcel.FULLY_REFUNDED: _("The order was refunded in full."),
    NoParcel.PAYMENT_LOST: _("The payment was taken back."),
    NoParcel.ALREADY_SENT: _("The parcel is already on its way."),
    NoParcel.NOTHING_TO_SHIP: _("Nothing in this order is shipped."),
    NoParcel.DRAFT: _("The order is still a draft."),
    NoParcel.REISSUE: _("The order replaces an earlier one."),
    NoParcel.BULK_IMPORT: _("The order came in by an import."),
    NoParcel.OWN_ORDER: _("The order was made by this app itself."),
    NoParcel.STAFF_ORDER: _("Ordered by the shop's own staff."),
    NoParcel.ANONYMIZED: _("The customer's data were erased."),
}


def why(decision: Decision, program: Program, locale: str) -> str:
    """One sentence that says what was decided and why; `program` is the version the decision was made under."""
    voice = _Voice(program, supported(locale))
    return voice.say(_sentence_for(decision), **voice.names(decision), **voice.counts(decision.measured))


def progress(outlook: Outlook, program: Program, locale: str) -> tuple[str, ...]:
    """What lies ahead, in none to two sentences: how long the tier stays, and what is missing to the next."""
    voice = _Voice(program, supported(locale))
    return tuple(sentence for sentence in (_keeps(outlook, voice), _reaches(outlook, voice)) if sentence)


def why_no_parcel(reason: NoParcel, locale: str) -> str:
    """Why an order gets no parcel."""
    return translations(locale).gettext(NO_PARCEL[reason])


def _sentence_for(decision: Decision) -> str:
    if decision.kind is DecisionKind.SET_BY_HAND and decision.membership.manual_until is None:
        return BY_HAND_WITHOUT_END
    if decision.to_tier is None and decision.kind in TO_NO_TIER:
        return TO_NO_TIER[decision.kind]
    return TO_A_TIER[decision.kind]


def _last_day(decision: Decision, program: Program) -> date:
    """The day that a decision speaks of: the last safe one, or else the one on which it was made."""
    if decision.kind is DecisionKind.WARNED and decision.foreseen_on:
        return decision.foreseen_on - timedelta(days=1)
    until = decision.membership.grace_until or decision.membership.manual_until
    return until or local_day(decision.at, program.zone)


def _keeps(outlook: Outlook, voice: "_Voice") -> str | None:
    membership, measured = outlook.membership, outlook.to_keep
    tier, counts = voice.tier(membership.tier), voice.counts(measured)
    if membership.standing is Standing.MANUAL:
        return _set_by_hand(membership, voice)
    if outlook.foreseen_on:
        last_day, counts = voice.day(outlook.foreseen_on - timedelta(days=1)), voice.counts(outlook.on_foreseen)
        return voice.say(TO_A_TIER[DecisionKind.WARNED], tier=tier, date=last_day, **counts)
    if measured and measured.met:
        return voice.say(_("%(tier)s is safe."), tier=tier)
    if measured and membership.grace_until:
        sentence = _("%(tier)s stays until %(date)s; %(missing)s more and it is safe.")
        return voice.say(sentence, tier=tier, date=voice.day(membership.grace_until), **counts)
    return None


def _set_by_hand(membership: Membership, voice: "_Voice") -> str:
    tier, until = voice.tier(membership.tier), membership.manual_until
    if until is None:
        return voice.say(_("%(tier)s until further notice, decided by hand."), tier=tier)
    return voice.say(_("%(tier)s until %(date)s, decided by hand."), tier=tier, date=voice.day(until))


def _reaches(outlook: Outlook, voice: "_Voice") -> str | None:
    if outlook.to_next is None or outlook.to_next.met:
        return None
    tier = voice.tier(outlook.next_tier)
    return voice.say(_("%(missing)s to %(tier)s"), tier=tier, **voice.counts(outlook.to_next))


@dataclass(frozen=True, slots=True)
class _Voice:
    """Says numbers, days and names of a program in one of the app's languages."""

    program: Program
    language: str

    def say(self, sentence: str, **values: str) -> str:
        return translations(self.language).gettext(sentence) % values

    def names(self, decision: Decision) -> dict[str, str]:
        return {
            "from": self.tier(decision.from_tier),
            "tier": self.tier(decision.to_tier),
            "date": self.day(_last_day(decision, self.program)),
            "reason": decision.reason,
        }

    def counts(self, measured: Measured | None) -> dict[str, str]:
        """What was counted, over which time, what is asked and what is missing."""
        if measured is None:
            return {}
        spend_asked, orders_asked = measured.spend_needed_minor, measured.orders_needed
        return {
            "counted": self.amount(
                None if spend_asked is None else measured.spend_minor,
                None if orders_asked is None else measured.orders,
                needs="all",
            ),
            "needed": self.amount(spend_asked, orders_asked, needs=measured.needs),
            "missing": self.amount(
                measured.spend_missing_minor or None, measured.orders_missing or None, needs=measured.needs
            ),
            "window": self.window(measured),
        }

    def amount(self, spend_minor: int | None, orders: int | None, *, needs: str) -> str:
        parts = []
        if spend_minor is not None:
            parts.append(money_text(spend_minor, self.program.currency, self.language))
        if orders is not None:
            words = translations(self.language).ngettext("%(number)d order", "%(number)d orders", orders)
            parts.append(words % {"number": orders})
        if len(parts) < 2:
            return "".join(parts)
        both = _("%(one)s and %(other)s") if needs == "all" else _("%(one)s or %(other)s")
        return self.say(both, one=parts[0], other=parts[1])

    def window(self, measured: Measured) -> str:
        if measured.window_kind == "lifetime":
            return self.say(_("in all"))
        if measured.window_kind == "calendar_year":
            return self.say(_("in %(year)s"), year=str(measured.window_to.year))
        days = measured.window_days or 0
        if days in (365, 366):
            return self.say(_("in twelve months"))
        words = translations(self.language).ngettext("in %(number)d day", "in %(number)d days", days)
        return words % {"number": days}

    def day(self, day: date) -> str:
        return format_date(day, DAY_PATTERNS[self.language], locale=self.language)

    def tier(self, tier_id: str | None) -> str:
        """The tier's name; a tier that the program no longer has is called by its id."""
        if tier_id is None:
            return self.say(_("No tier"))
        tier = self.program.tier(tier_id)
        return self.program.words(tier.name, self.language) if tier else tier_id.replace("-", " ").capitalize()
