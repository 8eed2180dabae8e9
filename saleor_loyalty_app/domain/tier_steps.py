"""What every tier decision is made of: the membership after it, and the record that explains it."""

from dataclasses import replace

from saleor_loyalty_app.domain.tier_measures import Facts, Keeping
from saleor_loyalty_app.domain.tier_outlook import outlook_on
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Measured, Membership


def decision(
    kind: DecisionKind,
    facts: Facts,
    *,
    before: Membership,
    after: Membership,
    measured: Measured | None = None,
    keeping: Keeping | None = None,
) -> Decision:
    """The record of one step; `keeping` spares counting again when it is known for `after`."""
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


def member_from_now(facts: Facts, rank: int, before: Membership) -> Membership:
    """A member of the tier of this rank from now on, kept by the same rules as before; rank 0 is no tier."""
    if rank == 0:
        return Membership(since=facts.now)
    tier = facts.program.tiers[rank - 1].id
    return with_keep_version(facts, Membership(tier=tier, since=facts.now, keep_version=before.keep_version))


def with_keep_version(facts: Facts, membership: Membership) -> Membership:
    """Whoever was judged by the current rules alone keeps by these when there are newer ones."""
    if membership.tier is None or facts.rules_of(membership.keep_version, membership.tier):
        return membership
    return replace(membership, keep_version=facts.version)
