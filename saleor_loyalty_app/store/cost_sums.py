"""What the costs page reads: sums of standing extras by month, by tier and by extra. A few rows at any size."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from saleor_loyalty_app.store.parcel_tables import costs

RESERVED_STATE = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSum:
    """What some extras cost, in minor units of the program's currency, and how many pieces they are."""

    spent_minor: int = 0
    """In parcels that are packed or on their way."""
    reserved_minor: int = 0
    """In parcels that are still to be packed."""
    pieces: int = 0

    @property
    def used_minor(self) -> int:
        """What the budget bears: spent and reserved."""
        return self.spent_minor + self.reserved_minor

    def __add__(self, other: "CostSum") -> "CostSum":
        return CostSum(
            spent_minor=self.spent_minor + other.spent_minor,
            reserved_minor=self.reserved_minor + other.reserved_minor,
            pieces=self.pieces + other.pieces,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCosts:
    """The costs of one month: of all extras, and of those among them that staff added of their own accord."""

    all: CostSum = CostSum()
    by_hand: CostSum = CostSum()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one extra cost in one tier ("" for none) in one month."""

    tier: str
    extra_id: str
    sum: CostSum


def first_months(db: Connection, shop_id: int) -> dict[str, str]:
    """The first month ("2026-11") with any cost, by mode; a mode without any is not there."""
    query = (
        select(costs.c.mode, func.min(costs.c.month))
        .where(costs.c.shop_id == shop_id, costs.c.pieces > 0)
        .group_by(costs.c.mode)
    )
    return {mode: month for mode, month in db.execute(query)}  # noqa: C416


def by_month(db: Connection, shop_id: int, *, mode: str, first: str, last: str) -> dict[str, MonthCosts]:
    """The costs of the months from first to last; a month without any is not there."""
    query = (
        select(costs.c.month, costs.c.by_hand, costs.c.state, func.sum(costs.c.pieces), func.sum(costs.c.cost_minor))
        .where(costs.c.shop_id == shop_id, costs.c.mode == mode, costs.c.month.between(first, last))
        .group_by(costs.c.month, costs.c.by_hand, costs.c.state)
    )
    found: dict[str, MonthCosts] = defaultdict(MonthCosts)
    for month, by_hand, state, pieces, minor in db.execute(query):
        known, more = found[month], _sum(state, int(pieces), int(minor))
        found[month] = MonthCosts(all=known.all + more, by_hand=known.by_hand + more if by_hand else known.by_hand)
    return dict(found)


def lines_of_month(db: Connection, shop_id: int, *, mode: str, month: str) -> list[CostLine]:
    """What each extra cost in each tier in one month; combinations without a piece are left out."""
    query = (
        select(costs.c.tier, costs.c.extra_id, costs.c.state, func.sum(costs.c.pieces), func.sum(costs.c.cost_minor))
        .where(costs.c.shop_id == shop_id, costs.c.mode == mode, costs.c.month == month)
        .group_by(costs.c.tier, costs.c.extra_id, costs.c.state)
        .order_by(costs.c.tier, costs.c.extra_id)
    )
    found: dict[tuple[str, str], CostSum] = defaultdict(CostSum)
    for tier, extra_id, state, pieces, minor in db.execute(query):
        found[tier, extra_id] += _sum(state, int(pieces), int(minor))
    return [CostLine(tier=tier, extra_id=extra_id, sum=one) for (tier, extra_id), one in found.items() if one.pieces]


def _sum(state: str, pieces: int, minor: int) -> CostSum:
    if state == RESERVED_STATE:
        return CostSum(reserved_minor=minor, pieces=pieces)
    return CostSum(spent_minor=minor, pieces=pieces)
