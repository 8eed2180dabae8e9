"""Decides a customer's tier: up at once and as far as it goes, down one step at a time after warning and grace.

One call makes one decision. Ask again with the membership it returns until the answer is None: entering a
tier and being warned about it can fall on the same day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from saleor_loyalty_app.domain.program import Program, Tier
from saleor_loyalty_app.domain.tier_measures import Facts, Keeping, Way, facts_at, same_rules
from saleor_loyalty_app.domain.tier_outlook import is_soon, outlook_on
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Measured, Membership, Purchase, Standing
from saleor_loyalty_app.domain.windows import local_day

TAKEN_BACK_DAYS = 60
"""How long after an entry a fallen-through order undoes it; later, the tier has become the customer's."""


def decide_tier(
    *,
    purchases: Iterable[Purchase],
    membership: Membership,
    programs: Mapping[int, Program],
    version: int,
    now: datetime,
) -> Decision | None:
    """What changes now, or None.

    `purchases` are all that count, in minor units of the currency of `programs[version]`, in any order;
    those after `now` (aware) are ignored. `programs` holds at least `version` and, for members,
    `membership.keep_version`. A member keeps a tier by the current rules or by those of `keep_version`,
    whichever are met, so nobody goes down by a change of rules; with `keep_version` None the current rules
    alone count.
    """
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    tier = facts.program.tier(membership.tier)
    if membership.tier is not None and tier is None:
        return _removed(facts, membership)
    if membership.standing is Standing.MANUAL:
        return _hand_ended(facts, membership)
    if up := _up(facts, membership):
        return up
    if tier is None:
        return None
    return _taken_back(facts, membership, tier) or _kept(facts, membership, tier)


def set_by_hand(
    *,
    tier: str | None,
    by: str,
    reason: str,
    last_day: date | None = None,
    purchases: Iterable[Purchase],
    membership: Membership,
    programs: Mapping[int, Program],
    version: int,
    now: datetime,
) -> Decision:
    """A named person sets the tier (None: no tier) until `last_day` inclusive, or until further notice.

    Nothing moves it before: the rules neither raise nor drop. `by` is a Saleor user id. Raises ValueError
    without a reason, for an unknown tier and for a last day that is over.
    """
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    if not reason.strip():
        raise ValueError("a decision by hand needs a reason")
    if tier is not None and facts.program.tier(tier) is None:
        raise ValueError(f"this program has no tier {tier!r}")
    if last_day is not None and last_day < facts.today:
        raise ValueError("the last day is over")
    after = Membership(
        tier=tier,
        standing=Standing.MANUAL,
        since=membership.since if tier == membership.tier else now,
        manual_until=last_day,
        keep_version=version,
    )
    decision = _decision(DecisionKind.SET_BY_HAND, facts, membership, after)
    return replace(decision, by=by, reason=reason.strip())


def hand_back(
    *,
    by: str,
    reason: str = "",
    purchases: Iterable[Purchase],
    membership: Membership,
    programs: Mapping[int, Program],
    version: int,
    now: datetime,
) -> Decision:
    """A named person ends a decision by hand before its day. Raises ValueError when there is none."""
    if membership.standing is not Standing.MANUAL:
        raise ValueError("the tier is not set by hand")
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    return replace(_rules_again(facts, membership), by=by, reason=reason.strip())


def _hand_ended(facts: Facts, before: Membership) -> Decision | None:
    if before.manual_until is None or facts.today <= before.manual_until:
        return None
    return _rules_again(facts, before)


def _rules_again(facts: Facts, before: Membership) -> Decision:
    after = replace(before, standing=Standing.SECURE, manual_until=None)
    return _decision(DecisionKind.HAND_ENDED, facts, before, after)


def _removed(facts: Facts, before: Membership) -> Decision:
    """To the next lower tier that is left in the order of the version that had it, or where the rules lead."""
    program = facts.program
    left = [id for id in _lower_tiers(facts, before.tier) if program.tier(id)]
    rank = program.rank(left[-1]) if left else 0
    frozen = before.standing is Standing.MANUAL
    if not frozen and (met := facts.highest_met()):
        rank = max(rank, program.rank(met.id))
    after = _member(facts, rank, before)
    if frozen:
        after = replace(after, standing=Standing.MANUAL, manual_until=before.manual_until)
    return _decision(DecisionKind.TIER_REMOVED, facts, before, after)


def _lower_tiers(facts: Facts, tier_id: str | None) -> list[str]:
    for version in sorted(facts.programs, reverse=True):
        if rank := facts.programs[version].rank(tier_id):
            return [tier.id for tier in facts.programs[version].tiers[: rank - 1]]
    return []


def _up(facts: Facts, before: Membership) -> Decision | None:
    met = facts.highest_met()
    if met is None or facts.program.rank(met.id) <= facts.program.rank(before.tier):
        return None
    return _decision(DecisionKind.ENTERED, facts, before, *_entry(facts, met, before.tier))


def _entry(facts: Facts, tier: Tier, entered_from: str | None) -> tuple[Membership, Measured]:
    measured = facts.entering(tier)
    entered = Membership(
        tier=tier.id,
        since=facts.now,
        keep_version=facts.version,
        entered_with_orders=measured.orders,
        entered_from=entered_from,
    )
    return entered, measured


def _taken_back(facts: Facts, before: Membership, tier: Tier) -> Decision | None:
    """When an order that led to the tier fell through: back to where the customer came from, or the rules lead.

    A partial refund leaves the number of orders as it was, so it does not count as fallen through.
    """
    if before.since is None or before.entered_with_orders is None:
        return None
    entered_on = local_day(before.since, facts.program.zone)
    if (facts.today - entered_on).days > TAKEN_BACK_DAYS:
        return None
    rules = facts.rules_of(before.keep_version, tier.id) or tier
    at_entry = facts.measured(Way(rules.enter), entered_on, until=before.since)
    if at_entry.met or at_entry.orders >= before.entered_with_orders or facts.entering(tier).met:
        return None
    rank, met = facts.program.rank(before.entered_from), facts.highest_met()
    if met is not None and facts.program.rank(met.id) > rank:
        after, _ = _entry(facts, met, before.entered_from)
    else:
        after = _member(facts, rank, before)
    return _decision(DecisionKind.TAKEN_BACK, facts, before, after, at_entry)


def _kept(facts: Facts, before: Membership, tier: Tier) -> Decision | None:
    """Whether the tier is kept: warned, in grace, dropped, safe again, or earned anew under newer rules."""
    renewed = _renewed(facts, before, tier)
    keeping = facts.keeping(renewed, tier)
    if not keeping.measured.met:
        return _missed(facts, before, tier, keeping.measured)
    if is_soon(facts, keeping, tier):
        kind, standing, turned_on = DecisionKind.WARNED, Standing.WARNED, keeping.on_foreseen
    else:
        kind, standing, turned_on = DecisionKind.SECURED, Standing.SECURE, keeping.measured
    if standing is before.standing:
        if renewed == before:
            return None
        kind, turned_on = DecisionKind.RENEWED, facts.entering(tier)
    after = replace(_settled(facts, renewed), standing=standing, grace_until=None)
    return _decision(kind, facts, before, after, turned_on, keeping)


def _renewed(facts: Facts, before: Membership, tier: Tier) -> Membership:
    """Earned again under newer rules, the tier is kept by them from now on."""
    earned = facts.rules_of(before.keep_version, tier.id)
    if earned is None or same_rules(earned, tier) or not facts.entering(tier).met:
        return before
    return replace(before, keep_version=facts.version, entered_with_orders=None, entered_from=None)


def _missed(facts: Facts, before: Membership, tier: Tier, measured: Measured) -> Decision | None:
    """Grace first; when it is over, one step down. A tier lasts at least for the day on which it began."""
    if before.standing is Standing.GRACE and before.grace_until is not None:
        if facts.today <= before.grace_until:
            return None
        return _dropped(facts, before, measured)
    earned = facts.rules_of(before.keep_version, tier.id) or tier
    grace_days = max(tier.grace_days, earned.grace_days)
    if grace_days == 0:
        new_today = before.since is not None and local_day(before.since, facts.program.zone) >= facts.today
        return None if new_today else _dropped(facts, before, measured)
    until = facts.today + timedelta(days=grace_days)
    after = replace(_settled(facts, before), standing=Standing.GRACE, grace_until=until)
    return _decision(DecisionKind.GRACE, facts, before, after, measured)


def _dropped(facts: Facts, before: Membership, measured: Measured) -> Decision:
    after = _member(facts, facts.program.rank(before.tier) - 1, before)
    return _decision(DecisionKind.DROPPED, facts, before, after, measured)


def _member(facts: Facts, rank: int, before: Membership) -> Membership:
    """A member of the tier of this rank from now on, by the same rules as before; rank 0 is no tier."""
    if rank == 0:
        return Membership(since=facts.now)
    tier = facts.program.tiers[rank - 1].id
    return _settled(facts, Membership(tier=tier, since=facts.now, keep_version=before.keep_version))


def _settled(facts: Facts, membership: Membership) -> Membership:
    """Whoever was judged by the current rules alone keeps by them when there are newer ones."""
    return membership if membership.keep_version is not None else replace(membership, keep_version=facts.version)


def _decision(
    kind: DecisionKind,
    facts: Facts,
    before: Membership,
    after: Membership,
    measured: Measured | None = None,
    keeping: Keeping | None = None,
) -> Decision:
    outlook = outlook_on(facts, after, keeping)
    return Decision(
        kind=kind,
        from_tier=before.tier,
        to_tier=after.tier,
        at=facts.now,
        program_version=facts.version,
        membership=after,
        measured=measured,
        to_next=outlook.to_next,
        to_keep=outlook.to_keep,
        foreseen_on=outlook.foreseen_on,
        next_review_on=outlook.next_review_on,
    )
