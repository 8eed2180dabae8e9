"""Tier decisions: only ever added. The newest one is where a customer stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, insert, select

from saleor_loyalty_app.domain.tiers import Decision
from saleor_loyalty_app.store.customers import set_memberships
from saleor_loyalty_app.store.tables import customers, tier_decisions

_decisions = TypeAdapter(Decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision with the row of the order that led to it, if one did."""

    id: int
    customer_id: int
    order_row: int | None
    decision: Decision


def add_decision(db: Connection, shop_id: int, customer_id: int, decision: Decision, *, order_row: int | None) -> None:
    """Write a decision and, in the same transaction, where the customer stands after it."""
    add_decisions(db, shop_id, [(customer_id, decision, order_row)])


def add_decisions(db: Connection, shop_id: int, decided: list[tuple[int, Decision, int | None]]) -> None:
    """Write many decisions at once, oldest first: (customer id, decision, order row or None)."""
    if not decided:
        return
    db.execute(
        insert(tier_decisions),
        [
            {
                "shop_id": shop_id,
                "customer_id": customer_id,
                "order_row": order_row,
                "at": decision.at,
                "kind": decision.kind,
                "from_tier": decision.from_tier,
                "to_tier": decision.to_tier,
                "program_version": decision.program_version,
                "record": _decisions.dump_python(decision, mode="json"),
            }
            for customer_id, decision, order_row in decided
        ],
    )
    newest = {customer_id: decision for customer_id, decision, _ in decided}
    set_memberships(db, shop_id, [(id, one.membership, one.next_review_on) for id, one in newest.items()])


def decisions_of(db: Connection, shop_id: int, customer_id: int, *, limit: int = 50) -> list[StoredDecision]:
    """A customer's decisions, newest first."""
    query = (
        select(tier_decisions)
        .where(tier_decisions.c.shop_id == shop_id, tier_decisions.c.customer_id == customer_id)
        .order_by(tier_decisions.c.id.desc())
        .limit(limit)
    )
    return [stored_decision(row) for row in db.execute(query).mappings()]


def decisions_since(
    db: Connection, shop_id: int, since: datetime, *, kinds: tuple[str, ...], limit: int = 50
) -> list[StoredDecision]:
    """Decisions of some kinds in a shop, newest first."""
    query = (
        select(tier_decisions)
        .where(tier_decisions.c.shop_id == shop_id, tier_decisions.c.at >= since, tier_decisions.c.kind.in_(kinds))
        .order_by(tier_decisions.c.at.desc(), tier_decisions.c.id.desc())
        .limit(limit)
    )
    return [stored_decision(row) for row in db.execute(query).mappings()]


def members_by_tier(db: Connection, shop_id: int) -> dict[str | None, int]:
    """How many customers stand in each tier (None: in none)."""
    query = (
        select(customers.c.tier, func.count())
        .where(customers.c.shop_id == shop_id, customers.c.merged_into.is_(None))
        .group_by(customers.c.tier)
    )
    return {tier: int(count) for tier, count in db.execute(query)}


def members_with_account(db: Connection, shop_id: int) -> int:
    """How many customers with an account in the shop have a tier: those of whom it is told there, when live."""
    query = select(func.count()).where(
        customers.c.shop_id == shop_id,
        customers.c.merged_into.is_(None),
        customers.c.user_id.is_not(None),
        customers.c.tier.is_not(None),
    )
    return int(db.execute(query).scalar_one())


def stored_decision(row: Any) -> StoredDecision:
    """A decision from a row that has all columns of the table."""
    return StoredDecision(
        id=row["id"],
        customer_id=row["customer_id"],
        order_row=row["order_row"],
        decision=_decisions.validate_python(row["record"]),
    )
