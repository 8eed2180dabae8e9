"""What the last orders would have got under a draft, beside what they got. Nothing is kept.

The same dice are thrown again: each order's own keyed chance, so that only the rules differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.money import convert
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import Means, ParcelPlan, Story, WhyNot
from saleor_loyalty_app.domain.planning import plan_parcel
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_replay import Standing as TierThen
from saleor_loyalty_app.domain.tier_replay import same_tier_rules, standings_along
from saleor_loyalty_app.domain.tiers import Standing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.known_order import known_order
from saleor_loyalty_app.store import orders, parcels, programs
from saleor_loyalty_app.store.customers import Customer, customers_by_ids
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one order gets: extra ids, the note's id, and what it costs in minor units of the draft's currency."""

    extras: tuple[str, ...]
    note_id: str | None
    note_text: str
    cost_minor: int
    no_surprise: WhyNot | None = None
    """Why there is no surprise, None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order under both sets of rules."""

    code: str
    order_row: int
    order_number: str
    customer_id: int
    customer_name: str
    placed_at: datetime
    tier_before: str | None
    tier_after: str | None
    before: Given
    after: Given

    @property
    def changed(self) -> bool:
        """Whether the order would have got something else."""
        before, after = self.before, self.after
        return (before.extras, before.note_id, before.note_text) != (after.extras, after.note_id, after.note_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPreview:
    """The last orders, newest first, and what they sum up to."""

    lines: tuple[OrderLine, ...]
    currency: str
    """Of the costs: the draft's."""
    changed: int
    cost_before_minor: int
    cost_after_minor: int
    pieces_before: dict[str, int]
    pieces_after: dict[str, int]


def preview_orders(app: App, shop: Shop, draft: Program, *, limit: int = 200) -> OrdersPreview:
    """What the last orders that got a parcel would have got under the draft.

    Each order is planned again on what was known then: the customer's story, the order's country and weight, and
    the stock and the budgets of that moment, the latter moved by what the draft gives more or less. So an order does
    not feel what the draft would have given to those before it. The tier is the one that the draft would have led
    to, if its rules for tiers lead elsewhere than those of then; else the tier of then, which a tier by hand always
    keeps as long as the draft has it. What staff changed by hand shows as given, and stays where the draft's rules
    choose just as the rules of then did.
    """
    with app.database.read() as db:
        past = _past(db, shop, limit)
        tiers = _tiers(db, shop, draft, past)
    secret = app.secret(shop)
    lines = tuple(_line(one, draft, tiers[one.parcel.id], secret) for one in past)
    return OrdersPreview(
        lines=lines,
        currency=draft.currency,
        changed=sum(line.changed for line in lines),
        cost_before_minor=sum(line.before.cost_minor for line in lines),
        cost_after_minor=sum(line.after.cost_minor for line in lines),
        pieces_before=dict(Counter(id for line in lines for id in line.before.extras)),
        pieces_after=dict(Counter(id for line in lines for id in line.after.extras)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A parcel with the order, the customer and the rules that it was planned under."""

    parcel: Parcel
    order: Order
    customer: Customer
    program: Program


def _past(db: Connection, shop: Shop, limit: int) -> list[_Past]:
    latest = parcels.latest_parcels(db, shop.id, limit=limit)
    rows = orders.orders_by_rows(db, shop.id, [parcel.order_row for parcel in latest])
    people = {one.id: one for one in customers_by_ids(db, shop.id, list({p.customer_id for p in latest}))}
    rules = {
        version: programs.program_version(db, shop.id, version).program
        for version in {parcel.program_version for parcel in latest}
    }
    return [
        _Past(
            parcel=parcel,
            order=known_order(rows[parcel.order_row], people[parcel.customer_id], parcel.circumstances),
            customer=people[parcel.customer_id],
            program=rules[parcel.program_version],
        )
        for parcel in latest
    ]


def _tiers(db: Connection, shop: Shop, draft: Program, past: list[_Past]) -> dict[int, tuple[str | None, str | None]]:
    """By parcel: the tier under the draft, and the tier that the order would have reached by it."""
    with_other_rules = [one for one in past if not same_tier_rules(one.program, draft)]
    after = _replayed(db, shop, draft, with_other_rules)
    before: dict[int, TierThen | None] = {}
    for version in {one.parcel.program_version for one in with_other_rules}:
        alike = [one for one in with_other_rules if one.parcel.program_version == version]
        before |= _replayed(db, shop, alike[0].program, alike)
    return {one.parcel.id: _tier(one, draft, before.get(one.parcel.id), after.get(one.parcel.id)) for one in past}


def _tier(one: _Past, draft: Program, before: TierThen | None, after: TierThen | None) -> tuple[str | None, str | None]:
    story = one.parcel.story
    by_hand = one.customer.membership.standing is Standing.MANUAL
    leads_elsewhere = after is not None and (before is None or before.tier != after.tier)
    if leads_elsewhere and after is not None and not (by_hand and draft.tier(story.tier)):
        return after.tier, after.reached
    known = draft.tier(story.tier)
    reached = draft.tier(story.tier_reached)
    return (known.id if known else None), (reached.id if reached else None)


def _replayed(db: Connection, shop: Shop, program: Program, past: Iterable[_Past]) -> dict[int, TierThen | None]:
    """How each order's customer would have stood right after it if this program had always held."""
    past = list(past)
    ids = list({one.customer.id for one in past})
    bought = orders.purchases_of(
        db, shop.id, ids, factors=program.factors, gift_cards_count=program.gift_cards_count
    )  # fmt: skip
    along = {id: standings_along(program, bought[id]) for id in ids}
    found: dict[int, TierThen | None] = {}
    for one in past:
        until = [then for then in along[one.customer.id] if then.at <= one.order.placed_at]
        last = until[-1] if until else None
        if last is not None and last.at < one.order.placed_at:
            last = replace(last, reached=None)  # an earlier order led there
        found[one.parcel.id] = last
    return found


def _line(one: _Past, draft: Program, tier: tuple[str | None, str | None], secret: bytes) -> OrderLine:
    parcel, plan = one.parcel, one.parcel.plan
    by_rules = _planned(one, one.program, parcel.story, parcel.means, secret)
    story = replace(parcel.story, tier=tier[0], tier_reached=tier[1])
    by_draft = _planned(one, draft, story, _means(one, draft), secret)
    if _chosen(by_rules) == _chosen(by_draft):
        by_draft = plan
    factor = draft.factors.get(one.program.currency, 0)
    before = _given(plan)
    return OrderLine(
        code=parcel.code,
        order_row=parcel.order_row,
        order_number=one.order.number,
        customer_id=one.customer.id,
        customer_name=one.customer.name,
        placed_at=one.order.placed_at,
        tier_before=parcel.story.tier,
        tier_after=tier[0],
        before=replace(before, cost_minor=convert(before.cost_minor, factor)),
        after=_given(by_draft, costs={extra.id: draft.minor(extra.cost) for extra in draft.extras}),
    )


def _planned(one: _Past, program: Program, story: Story, means: Means, secret: bytes) -> ParcelPlan:
    return plan_parcel(
        program=program,
        version=one.parcel.program_version,
        story=story,
        order=one.order,
        means=means,
        secret=secret,
        today=one.parcel.plan.decided_on,
    )


def _means(one: _Past, draft: Program) -> Means:
    """The stock of that moment, new extras as the draft counts them; the budgets less what was spent by then.

    How much was spent is known only where the rules of then had that budget.
    """
    then, means = one.program, one.parcel.means
    factor = draft.factors.get(then.currency, 0)

    def left(budget: str, left_then: int | None) -> int | None:
        allowed_then, allowed = getattr(then.budget, budget), getattr(draft.budget, budget)
        if allowed is None:
            return None
        known = allowed_then is not None and left_then is not None
        spent = max(0, then.minor(allowed_then) - (left_then or 0)) if known else 0
        return draft.minor(allowed) - convert(spent, factor)

    counted = {extra.id: extra.stock for extra in draft.extras if extra.stock is not None and not then.extra(extra.id)}
    return Means(
        stock={**counted, **means.stock},
        month_left_minor=left("month", means.month_left_minor),
        customer_year_left_minor=left("customer_year", means.customer_year_left_minor),
    )


def _chosen(plan: ParcelPlan) -> tuple[object, ...]:
    return tuple(extra.extra_id for extra in plan.extras.chosen), plan.note.note_id, plan.note.text


def _given(plan: ParcelPlan, *, costs: Mapping[str, int] | None = None) -> Given:
    extras = plan.extras.chosen
    return Given(
        extras=tuple(extra.extra_id for extra in extras),
        note_id=plan.note.note_id,
        note_text=plan.note.text,
        cost_minor=sum((costs or {}).get(extra.extra_id, extra.cost_minor) for extra in extras),
        no_surprise=plan.extras.no_surprise,
    )
