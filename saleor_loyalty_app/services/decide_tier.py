"""Tiers are decided anew: a customer's after an order, a whole page of customers' at night or when rules change."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_measures import facts_at
from saleor_loyalty_app.domain.tier_rules import decide_on
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Purchase
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import orders, programs, tiers
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.store.shops import Shop

MOST_STEPS = 8
"""One call of the domain makes one decision; entering and being warned, say, can fall on the same day."""


def program_of(db: Connection, shop: Shop, version: int) -> Program:
    """The rules of one version."""
    return programs.program_version(db, shop.id, version).program


def current_program(db: Connection, shop: Shop) -> Program:
    """The rules that are in force. Every shop has had some since its install."""
    return program_of(db, shop, current_version(shop))


def current_version(shop: Shop) -> int:
    """The number of the version that is in force."""
    return shop.program_version or 1


def decide_customer_tier(
    app: App, db: Connection, shop: Shop, customer: Customer, *, order_row: int | None = None
) -> list[Decision]:
    """Decide and keep what changes for a customer now, usually nothing. Decisions in the order they were made."""
    decided = decide_tiers(app, db, shop, [customer])[customer.id]
    tiers.add_decisions(db, shop.id, [(customer.id, decision, order_row) for decision in decided])
    return decided


def decide_page(app: App, db: Connection, shop: Shop, page: list[Customer]) -> int:
    """Decide and keep what changes for a page of customers; return how many decisions were made."""
    decided = decide_tiers(app, db, shop, page)
    rows: list[tuple[int, Decision, int | None]] = [
        (customer_id, decision, None) for customer_id, decisions in decided.items() for decision in decisions
    ]
    tiers.add_decisions(db, shop.id, rows)
    return len(rows)


def decide_tiers(app: App, db: Connection, shop: Shop, page: list[Customer]) -> dict[int, list[Decision]]:
    """What would change for each of these customers now; nothing is kept."""
    known = programs_for(db, shop, page)
    program = known[current_version(shop)]
    bought = orders.purchases_of(
        db, shop.id, [customer.id for customer in page], factors=program.factors,
        gift_cards_count=program.gift_cards_count,
    )  # fmt: skip
    return {customer.id: _decisions(app, shop, customer, bought[customer.id], known) for customer in page}


def _decisions(
    app: App, shop: Shop, customer: Customer, bought: Iterable[Purchase], known: Mapping[int, Program]
) -> list[Decision]:
    facts = facts_at(purchases=bought, programs=known, version=current_version(shop), now=app.now())
    membership = customer.membership
    decisions: list[Decision] = []
    while len(decisions) < MOST_STEPS:
        decided = decide_on(facts, membership)
        if decided is None:
            break
        decisions.append(decided)
        membership = decided.membership
    return decisions


def programs_for(db: Connection, shop: Shop, page: list[Customer]) -> dict[int, Program]:
    """The current rules and those by which these members keep their tiers; all of them when a tier is gone."""
    version = current_version(shop)
    program = program_of(db, shop, version)
    if any(customer.membership.tier and not program.tier(customer.membership.tier) for customer in page):
        return {known.version: known.program for known in programs.all_versions(db, shop.id)}
    versions = {customer.membership.keep_version or version for customer in page} | {version}
    return {number: program_of(db, shop, number) for number in versions}


def tier_reached(decisions: list[Decision]) -> str | None:
    """The tier these decisions led up to, if they did."""
    return next((d.to_tier for d in reversed(decisions) if d.kind is DecisionKind.ENTERED), None)
