"""A named person sets a customer's tier, or hands it back to the rules. Each is a decision that is only added."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from saleor_loyalty_app.domain.tier_by_hand import hand_back, set_by_hand
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Membership, Standing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import decide_customer_tier
from saleor_loyalty_app.services.look_ahead import Case, case_of
from saleor_loyalty_app.store import tiers, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.shops import LIVE, Shop


def set_tier_by_hand(
    app: App, shop: Shop, customer_id: int, *, tier: str | None, by: str, reason: str, last_day: date | None
) -> bool:
    """Set a tier (None: no tier) until a day, inclusive, or until further notice; return whether anything changed.

    `by` is a Saleor user id. The same wish sent twice is one decision. Raises ValueError as
    `domain.tier_by_hand.set_by_hand`, LookupError for a customer that is not this shop's.
    """

    def decide(case: Case, last_reason: str | None) -> Decision | None:
        if last_reason == reason.strip() and _stands(case.membership, tier, last_day):
            return None
        return set_by_hand(
            tier=tier, by=by, reason=reason, last_day=last_day, purchases=case.purchases, membership=case.membership,
            programs=case.programs, version=case.version, now=case.now,
        )  # fmt: skip

    return _decide(app, shop, customer_id, decide)


def hand_tier_back(app: App, shop: Shop, customer_id: int, *, by: str, reason: str = "") -> bool:
    """End a decision by hand before its day; the rules decide again at once. Return whether there was one.

    Raises LookupError for a customer that is not this shop's.
    """

    def decide(case: Case, _last_reason: str | None) -> Decision | None:
        if case.membership.standing is not Standing.MANUAL:
            return None
        return hand_back(
            by=by, reason=reason, purchases=case.purchases, membership=case.membership, programs=case.programs,
            version=case.version, now=case.now,
        )  # fmt: skip

    return _decide(app, shop, customer_id, decide)


def _decide(app: App, shop: Shop, customer_id: int, decide: Callable[[Case, str | None], Decision | None]) -> bool:
    with app.database.write() as db:
        customer = customer_by_id(db, shop.id, customer_id)
        if customer is None or customer.merged_into or customer.erased_at:
            raise LookupError("no such customer")
        decision = decide(case_of(app, db, shop, customer), _last_reason(db, shop, customer_id))
        if decision is None:
            return False
        tiers.add_decision(db, shop.id, customer.id, decision, order_row=None)
        if after := customer_by_id(db, shop.id, customer.id):
            decide_customer_tier(app, db, shop, after)
        if customer.user_id and shop.mode == LIVE:
            now = app.now()
            work.want(db, shop.id, "mirror:", due_at=now, now=now)
    return True


def _last_reason(db: Connection, shop: Shop, customer_id: int) -> str | None:
    """The reason of the newest decision, when that was made by hand."""
    newest = next(iter(tiers.decisions_of(db, shop.id, customer_id, limit=1)), None)
    by_hand = newest is not None and newest.decision.kind is DecisionKind.SET_BY_HAND
    return newest.decision.reason if newest and by_hand else None


def _stands(membership: Membership, tier: str | None, last_day: date | None) -> bool:
    asked = (tier, Standing.MANUAL, last_day)
    return (membership.tier, membership.standing, membership.manual_until) == asked
