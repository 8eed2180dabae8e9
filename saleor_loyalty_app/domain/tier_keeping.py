"""Whether a member keeps the tier: warned, in grace, one step down, safe again, or earned anew."""

from dataclasses import replace
from datetime import timedelta

from saleor_loyalty_app.domain.program import Tier
from saleor_loyalty_app.domain.tier_measures import Facts, same_rules
from saleor_loyalty_app.domain.tier_outlook import is_soon
from saleor_loyalty_app.domain.tier_steps import decision, member_from_now, with_keep_version
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Measured, Membership, Standing


def kept_or_missed(facts: Facts, before: Membership, tier: Tier) -> Decision | None:
    """What changes for a member whom no rule raises today, or None."""
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
    after = replace(with_keep_version(facts, renewed), standing=standing, grace_until=None)
    return decision(kind, facts, before=before, after=after, measured=turned_on, keeping=keeping)


def _renewed(facts: Facts, before: Membership, tier: Tier) -> Membership:
    """Earned again under newer rules, the tier is kept by them from now on."""
    earned = facts.rules_of(before.keep_version, tier.id)
    if earned is None or same_rules(earned, tier) or not facts.entering(tier).met:
        return before
    return replace(before, keep_version=facts.version, entered_with_orders=None, entered_from=None)


def _missed(facts: Facts, before: Membership, tier: Tier, measured: Measured) -> Decision | None:
    """Grace first; when it is over, one step down. A tier lasts at least for the day on which it began."""
    if before.standing is Standing.GRACE and before.grace_until is not None:
        return _dropped(facts, before, measured) if facts.today > before.grace_until else None
    grace_days = facts.grace_days(before, tier)
    if grace_days == 0:
        return None if facts.began_today(before) else _dropped(facts, before, measured)
    until = facts.today + timedelta(days=grace_days)
    after = replace(with_keep_version(facts, before), standing=Standing.GRACE, grace_until=until)
    return decision(DecisionKind.GRACE, facts, before=before, after=after, measured=measured)


def _dropped(facts: Facts, before: Membership, measured: Measured) -> Decision:
    after = member_from_now(facts, facts.program.rank(before.tier) - 1, before)
    return decision(DecisionKind.DROPPED, facts, before=before, after=after, measured=measured)
