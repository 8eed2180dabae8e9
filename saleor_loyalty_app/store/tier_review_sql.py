"""The tier rules as SQL, for the nightly review: the same windows, thresholds and rounding as in the domain.

What differs from `domain.tier_rules` may only ever let a customer through who then turns out not to move.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Subquery,
    and_,
    case,
    column,
    false,
    func,
    not_,
    or_,
    select,
)

from saleor_loyalty_app.domain.money import RATE_UNIT
from saleor_loyalty_app.domain.program import Tier
from saleor_loyalty_app.domain.tier_measures import Facts, Way, same_rules
from saleor_loyalty_app.domain.tier_rules import TAKEN_BACK_DAYS
from saleor_loyalty_app.domain.tiers import Membership, Standing
from saleor_loyalty_app.domain.windows import first_instant, window_span
from saleor_loyalty_app.store.tables import customers, orders

Sql = ColumnElement[bool]
Span = tuple[datetime | None, datetime | None]
"""From (inclusive) and to (exclusive), in UTC; None is open. Nothing after the moment of review counts."""


class Counts:
    """Spend and number of orders in every span of time that some condition asks about, each counted once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._spans: dict[Span, int] = {}

    def met(self, way: Way, day: date) -> Sql:
        """Whether a condition is met on a day if nothing is bought until then."""
        condition, number = way.condition, self._number_of(way, day)
        asked = []
        if condition.spend is not None:
            asked.append(_or_zero(f"spend_{number}") >= self._facts.program.minor(condition.spend))
        if condition.orders is not None:
            asked.append(_or_zero(f"orders_{number}") >= condition.orders)
        return and_(*asked) if condition.needs == "all" else or_(*asked)

    def of_customers(self, shop_id: int, *, after: BindParameter[int], upto: BindParameter[int]) -> Subquery:
        """The counts of the customers in a slice of ids; whoever bought nothing is not in it."""
        program = self._facts.program
        worth = worth_minor(program.factors, gift_cards_count=program.gift_cards_count)
        counted = []
        for (start, end), number in self._spans.items():
            inside = [*([orders.c.placed_at >= start] if start else []), *([orders.c.placed_at < end] if end else [])]
            within = and_(*inside) if inside else orders.c.counts
            counted.append(func.sum(worth).filter(within).label(f"spend_{number}"))
            counted.append(func.count().filter(within).label(f"orders_{number}"))
        return (
            select(orders.c.customer_id, *counted)
            .where(orders.c.shop_id == shop_id, orders.c.counts, orders.c.placed_at <= self._facts.now)
            .where(orders.c.customer_id > after, orders.c.customer_id <= upto)
            .group_by(orders.c.customer_id)
            .subquery("totals")
        )

    def _number_of(self, way: Way, day: date) -> int:
        zone = self._facts.program.zone
        first, last = window_span(way.condition.window, day, years_back=way.years_back)
        start = None if first is None else first_instant(first, zone)
        end = None if last >= self._facts.today else first_instant(last + timedelta(days=1), zone)
        return self._spans.setdefault((start, end), len(self._spans))


def could_move(facts: Facts, counts: Counts) -> Sql:
    """Everybody for whom `decide_tier` decides something, seen from the columns of `customers`."""
    tier, standing = customers.c.tier, customers.c.standing
    tiers, ruled = facts.program.tiers, standing != Standing.MANUAL
    return or_(
        and_(tier.is_not(None), tier.not_in([each.id for each in tiers])),
        and_(standing == Standing.MANUAL, customers.c.manual_until < facts.today),
        and_(ruled, tier.is_(None), _enters(facts, counts, tiers)),
        and_(ruled, or_(false(), *(_member_moves(facts, counts, each) for each in tiers))),
    )


def _member_moves(facts: Facts, counts: Counts, tier: Tier) -> Sql:
    standing, today = customers.c.standing, facts.today
    kept = _kept(facts, counts, tier, today)
    kept_on = _kept(facts, counts, tier, today + timedelta(days=tier.warn_days))
    grace_over = or_(customers.c.grace_until.is_(None), customers.c.grace_until < today)
    above = facts.program.tiers[facts.program.rank(tier.id) :]
    return and_(
        customers.c.tier == tier.id,
        or_(
            and_(standing == Standing.SECURE, not_(and_(kept, kept_on))),
            and_(standing == Standing.WARNED, or_(not_(kept), kept_on)),
            and_(standing == Standing.GRACE, or_(kept, grace_over)),
            _enters(facts, counts, above),
            _could_be_taken_back(facts, counts, tier),
            _renews(facts, counts, tier),
        ),
    )


def _enters(facts: Facts, counts: Counts, tiers: Iterable[Tier]) -> Sql:
    return or_(false(), *(counts.met(Way(tier.enter), facts.today) for tier in tiers))


def _kept(facts: Facts, counts: Counts, tier: Tier, day: date) -> Sql:
    """By the current rules, or by those of the version under which the tier was earned."""
    ways = facts.ways_to_keep(Membership(tier=tier.id), tier)
    kept = [counts.met(way, day) for way in ways]
    for more_ways, versions in _older_ways(facts, tier, ways).items():
        by_older = or_(*(counts.met(way, day) for way in more_ways))
        kept.append(and_(_keeps_by(versions), by_older))
    return or_(*kept)


def _older_ways(facts: Facts, tier: Tier, ways: tuple[Way, ...]) -> dict[tuple[Way, ...], list[int]]:
    """What keeps a tier besides the current ways, and under which versions."""
    older = defaultdict(list)
    for version in sorted(facts.programs):
        all_ways = facts.ways_to_keep(Membership(tier=tier.id, keep_version=version), tier)
        if more := tuple(way for way in all_ways if way not in ways):
            older[more].append(version)
    return older


def _could_be_taken_back(facts: Facts, counts: Counts, tier: Tier) -> Sql:
    """Let in lately by orders, and would not be let in today; the domain sees whether an order fell through."""
    lately = first_instant(facts.today - timedelta(days=TAKEN_BACK_DAYS), facts.program.zone)
    return and_(
        customers.c.entered_with_orders.is_not(None),
        customers.c.tier_since >= lately,
        not_(counts.met(Way(tier.enter), facts.today)),
    )


def _renews(facts: Facts, counts: Counts, tier: Tier) -> Sql:
    """Earned again under the current rules by whoever keeps the tier by older ones."""
    older = []
    for version in sorted(facts.programs):
        rules = facts.rules_of(version, tier.id)
        if rules is not None and not same_rules(rules, tier):
            older.append(version)
    return and_(_keeps_by(older), counts.met(Way(tier.enter), facts.today))


def _keeps_by(versions: list[int]) -> Sql:
    """Whether a member keeps the tier by one of these versions; a plain no, never NULL, for current rules only."""
    return func.coalesce(customers.c.keep_version, 0).in_(versions)


def _or_zero(name: str) -> ColumnElement[int]:
    return func.coalesce(column(name, BigInteger), 0)


def worth_minor(factors: Mapping[str, int], *, gift_cards_count: bool) -> ColumnElement[int]:
    """What an order counts in the program's minor units; the same whole numbers as `money.convert`. `factors` are the
    program's."""
    amount: ColumnElement[int] = orders.c.money_minor
    if gift_cards_count:
        amount = amount + orders.c.card_minor
    converted = {
        currency: amount if factor == RATE_UNIT else (amount * factor + RATE_UNIT // 2) // RATE_UNIT
        for currency, factor in factors.items()
    }
    return case(converted, value=orders.c.currency, else_=0)
