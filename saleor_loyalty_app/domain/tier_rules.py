"""Decides a customer's tier: up at once and as far as it goes, down one step at a time after warning and grace.

One call makes one decision. Ask again with the membership it returns until the answer is None: entering a
tier and being warned about it can fall on the same day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from saleor_loyalty_app.domain.program import Program, Tier
from saleor_loyalty_app.domain.tier_by_hand import hand_ended
from saleor_loyalty_app.domain.tier_keeping import kept_or_missed
from saleor_loyalty_app.domain.tier_measures import Facts, Way, facts_at
from saleor_loyalty_app.domain.tier_steps import decision, member_from_now
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Membership, Purchase, Standing
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
    return decide_on(facts_at(purchases=purchases, programs=programs, version=version, now=now), membership)


def decide_on(facts: Facts, membership: Membership) -> Decision | None:
    """The same on facts that are gathered already: they hold for every decision about one customer at one moment."""
    tier = facts.program.tier(membership.tier)
    if membership.tier is not None and tier is None:
        return _removed(facts, membership)
    if membership.standing is Standing.MANUAL:
        return hand_ended(facts, membership)
    if up := _up(facts, membership):
        return up
    if tier is None:
        return None
    return _taken_back(facts, membership, tier) or kept_or_missed(facts, membership, tier)


def _up(facts: Facts, before: Membership) -> Decision | None:
    met = facts.highest_met()
    if met is None or facts.program.rank(met.id) <= facts.program.rank(before.tier):
        return None
    after = _entry(facts, met, entered_from=before.tier)
    return decision(DecisionKind.ENTERED, facts, before=before, after=after, measured=facts.entering(met))


def _entry(facts: Facts, tier: Tier, *, entered_from: str | None) -> Membership:
    return Membership(
        tier=tier.id,
        since=facts.now,
        keep_version=facts.version,
        entered_with_orders=facts.entering(tier).orders,
        entered_from=entered_from,
    )


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
        after = _entry(facts, met, entered_from=before.entered_from)
    else:
        after = member_from_now(facts, rank, before)
    return decision(DecisionKind.TAKEN_BACK, facts, before=before, after=after, measured=at_entry)


def _removed(facts: Facts, before: Membership) -> Decision:
    """To the next lower tier that is left in the order of the version that had it, or where the rules lead.

    A decision by hand stays one: the rules don't raise then.
    """
    program, frozen = facts.program, before.standing is Standing.MANUAL
    left = [id for id in _lower_tiers(facts, before.tier) if program.tier(id)]
    rank = program.rank(left[-1]) if left else 0
    met = None if frozen else facts.highest_met()
    after = member_from_now(facts, max(rank, program.rank(met.id) if met else 0), before)
    if frozen:
        after = replace(after, standing=Standing.MANUAL, manual_until=before.manual_until)
    return decision(DecisionKind.TIER_REMOVED, facts, before=before, after=after)


def _lower_tiers(facts: Facts, tier_id: str | None) -> list[str]:
    for version in sorted(facts.programs, reverse=True):
        if rank := facts.programs[version].rank(tier_id):
            return [tier.id for tier in facts.programs[version].tiers[: rank - 1]]
    return []
