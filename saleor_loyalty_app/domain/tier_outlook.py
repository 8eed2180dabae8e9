"""What lies ahead of a customer without a decision: the way up, the way to keep, and when to look again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from saleor_loyalty_app.domain.program import Program, Tier
from saleor_loyalty_app.domain.tier_measures import Facts, Keeping, facts_at
from saleor_loyalty_app.domain.tiers import Membership, Outlook, Purchase, Standing


def outlook(
    *,
    purchases: Iterable[Purchase],
    membership: Membership,
    programs: Mapping[int, Program],
    version: int,
    now: datetime,
) -> Outlook:
    """What a widget shows at any moment; the same arguments as `tier_rules.decide_tier`."""
    facts = facts_at(purchases=purchases, programs=programs, version=version, now=now)
    return outlook_on(facts, membership)


def outlook_on(facts: Facts, membership: Membership, keeping: Keeping | None = None) -> Outlook:
    """The outlook on facts already gathered, and on what was already found out about keeping the tier."""
    program, tier = facts.program, facts.program.tier(membership.tier)
    rank = program.rank(membership.tier)
    above = program.tiers[rank] if rank < len(program.tiers) else None
    if tier is not None and keeping is None:
        keeping = facts.keeping(membership, tier)
    return Outlook(
        membership=membership,
        next_tier=above.id if above else None,
        to_next=facts.entering(above) if above else None,
        to_keep=keeping.open if keeping else None,
        foreseen_on=keeping.foreseen_on if keeping else None,
        on_foreseen=keeping.on_foreseen if keeping else None,
        next_review_on=_next_review_on(facts, membership, tier, keeping),
    )


def is_soon(facts: Facts, keeping: Keeping, tier: Tier) -> bool:
    """Whether the tier will be missed so soon that the shop is told."""
    return keeping.foreseen_on is not None and keeping.foreseen_on <= facts.today + timedelta(days=tier.warn_days)


def _next_review_on(facts: Facts, membership: Membership, tier: Tier | None, keeping: Keeping | None) -> date | None:
    if membership.standing is Standing.MANUAL:
        last_day = membership.manual_until
        return None if last_day is None else max(facts.today, last_day + timedelta(days=1))
    if tier is None or keeping is None:
        return None
    if not keeping.measured.met:
        return _next_step_down_on(facts, membership, tier)
    expected = Standing.WARNED if is_soon(facts, keeping, tier) else Standing.SECURE
    if membership.standing is not expected:
        return facts.today
    if keeping.foreseen_on is None or expected is Standing.WARNED or tier.warn_days == 0:
        return keeping.foreseen_on
    return keeping.foreseen_on - timedelta(days=tier.warn_days)


def _next_step_down_on(facts: Facts, membership: Membership, tier: Tier) -> date:
    """The day grace is over; today when it should have begun, tomorrow when the tier is new and has no grace."""
    if membership.standing is Standing.GRACE and membership.grace_until is not None:
        return max(facts.today, membership.grace_until + timedelta(days=1))
    lasts_today = facts.began_today(membership) and facts.grace_days(membership, tier) == 0
    return facts.today + timedelta(days=1) if lasts_today else facts.today
