"""Tiers that a named person sets: nothing moves them until their day is over or somebody hands them back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_measures import Facts, facts_at
from saleor_loyalty_app.domain.tier_steps import decision
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Membership, Purchase, Standing


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
    """Set a tier (None: no tier) until `last_day` inclusive, or until further notice.

    The rules neither raise nor drop until then. `by` is a Saleor user id; the rest as in
    `tier_rules.decide_tier`. Raises ValueError without a person or a reason, for an unknown tier and for a
    last day that is over.
    """
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    if not by or not reason.strip():
        raise ValueError("a decision by hand needs a person and a reason")
    if tier is not None and facts.program.tier(tier) is None:
        raise ValueError(f"this program has no tier {tier!r}")
    if last_day is not None and last_day < facts.today:
        raise ValueError(f"{last_day} is over")
    after = Membership(
        tier=tier,
        standing=Standing.MANUAL,
        since=membership.since if tier == membership.tier else now,
        manual_until=last_day,
        keep_version=version,
    )
    made = decision(DecisionKind.SET_BY_HAND, facts, before=membership, after=after)
    return replace(made, by=by, reason=reason.strip())


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
    """End a decision by hand before its day. Raises ValueError when the tier is not set by hand."""
    if membership.standing is not Standing.MANUAL:
        raise ValueError("the tier is not set by hand")
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    return replace(_rules_decide_again(facts, membership), by=by, reason=reason.strip())


def hand_ended(facts: Facts, before: Membership) -> Decision | None:
    """The end of a decision by hand after its last day; the rules decide from there, with grace."""
    if before.manual_until is None or facts.today <= before.manual_until:
        return None
    return _rules_decide_again(facts, before)


def _rules_decide_again(facts: Facts, before: Membership) -> Decision:
    after = replace(before, standing=Standing.SECURE, manual_until=None)
    return decision(DecisionKind.HAND_ENDED, facts, before=before, after=after)
