"""A customer's tier is decided anew: after an order, at night, or when the rules have changed."""

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_rules import decide_tier
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import orders, programs, tiers
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.store.shops import Shop

MOST_STEPS = 8
"""One call of the domain makes one decision; entering and being warned, say, can fall on the same day."""


def current_program(db: Connection, shop: Shop) -> Program:
    """The rules that are in force. Every shop has had some since its install."""
    return programs.program_version(db, shop.id, _version(shop)).program


def decide_customer_tier(
    app: App, db: Connection, shop: Shop, customer: Customer, *, order_row: int | None = None
) -> list[Decision]:
    """Decide and keep what changes for a customer now, usually nothing. Decisions in the order they were made."""
    version = _version(shop)
    membership = customer.membership
    versions = {version, membership.keep_version or version}
    known = {number: programs.program_version(db, shop.id, number).program for number in versions}
    purchases = orders.purchases_of(
        db,
        shop.id,
        customer.id,
        factors=known[version].factors,
        gift_cards_count=known[version].gift_cards_count,
    )
    decisions: list[Decision] = []
    while len(decisions) < MOST_STEPS:
        decided = decide_tier(
            purchases=purchases, membership=membership, programs=known, version=version, now=app.now()
        )
        if decided is None:
            break
        decisions.append(decided)
        membership = decided.membership
    tiers.add_decisions(db, shop.id, [(customer.id, decided, order_row) for decided in decisions])
    return decisions


def tier_reached(decisions: list[Decision]) -> str | None:
    """The tier these decisions led up to, if they did."""
    return next((d.to_tier for d in reversed(decisions) if d.kind is DecisionKind.ENTERED), None)


def _version(shop: Shop) -> int:
    return shop.program_version or 1
