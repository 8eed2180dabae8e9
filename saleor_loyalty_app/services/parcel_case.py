"""Everything that a change of one parcel by hand rests on, as it stands at this moment; and what may be put in."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged, why_not_added, with_extras_of
from saleor_loyalty_app.domain.exchanging import exchangeable
from saleor_loyalty_app.domain.extras import obstacle
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import NO_INSERTS, Means, Passed, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Extra, Program
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program, program_of
from saleor_loyalty_app.services.known_order import known_order
from saleor_loyalty_app.services.plan_parcel import means_now, month_of
from saleor_loyalty_app.store import costs, earlier_parcels, orders, parcels
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelCase:
    """One parcel with its surroundings. Budgets are those of the rules in force; the customer's wishes, and what other
    parcels hold for them (`story.given`), are those of today."""

    parcel: Parcel
    items: tuple[ParcelItem, ...]
    row: OrderRow
    order: Order
    customer: Customer
    made_under: Program
    """The rules it was planned by, and the extras that came with later ones."""
    in_force: Program
    story: Story
    means: Means
    by_hand_left_minor: int | None
    """What staff may still put in by hand this month; None without a limit of its own."""
    today: date
    month: str

    @property
    def inside(self) -> tuple[ParcelItem, ...]:
        """The extras that are in it, or will be."""
        return tuple(item for item in self.items if item.state in parcels.STANDING)


def case_of_parcel(app: App, db: Connection, shop: Shop, parcel: Parcel) -> ParcelCase:
    """The case of a parcel now. Raises LookupError when its order or customer is gone."""
    row = orders.order_by_row(db, shop.id, parcel.order_row)
    customer = customer_by_id(db, shop.id, parcel.customer_id)
    if row is None or customer is None:
        raise LookupError("the parcel has lost its order")
    now, in_force = app.now(), current_program(db, shop)
    month = month_of(now, in_force)
    return ParcelCase(
        parcel=parcel,
        items=tuple(parcels.items_of(db, shop.id, parcel.id)),
        row=row,
        order=known_order(row, customer, parcel.circumstances),
        customer=customer,
        made_under=parcel_program(db, shop, parcel),
        in_force=in_force,
        story=replace(
            parcel.story,
            given=earlier_parcels.given_to(db, shop.id, customer.id, mode=parcel.mode, but_parcel=parcel.id),
            exclusions=frozenset(customer.exclusions),
            preferences=frozenset(customer.preferences),
        ),
        means=means_now(db, shop, in_force, customer.id, now, mode=parcel.mode),
        by_hand_left_minor=_by_hand_left(db, shop, in_force, parcel.mode, month),
        today=local_day(now, in_force.zone),
        month=month,
    )


def parcel_program(db: Connection, shop: Shop, parcel: Parcel) -> Program:
    """The rules a parcel was planned by, with the extras of later rules that staff may have put in."""
    return with_extras_of(program_of(db, shop, parcel.program_version), current_program(db, shop))


def exchanges_for(case: ParcelCase, item: ParcelItem) -> tuple[PlannedExtra, ...]:
    """What an extra can be exchanged for, the best first; nothing for a signature or what staff put in."""
    if item.kind != "surprise" or item.by_hand or item.state != parcels.PLANNED:
        return ()
    inside = {one.extra_id for one in case.inside}
    found = exchangeable(
        case.parcel.plan, story=case.story, program=case.made_under, means=means_without(case, item), today=case.today
    )  # fmt: skip
    return tuple(one for one in found if one.extra_id not in inside and _obstacle(case, one.extra_id) is None)


def next_best(case: ParcelCase, item: ParcelItem) -> PlannedExtra | None:
    """The best that an extra can be exchanged for, leaving out what staff took out of this parcel before."""
    rejected = {one.extra_id for one in case.parcel.plan.extras.passed if one.why is WhyNot.BY_HAND}
    return next((one for one in exchanges_for(case, item) if one.extra_id not in rejected), None)


def means_without(case: ParcelCase, item: ParcelItem) -> Means:
    """The means as if one extra were not in the parcel. Stock is as it stands: the extra itself is not wanted."""
    means, year = case.means, case.month[:4]
    in_month, in_year = item.month == case.month, item.month.startswith(year)
    month_left, year_left = means.month_left_minor, means.customer_year_left_minor
    return replace(
        means,
        month_left_minor=None if month_left is None else month_left + item.cost_minor * in_month,
        customer_year_left_minor=None if year_left is None else year_left + item.cost_minor * in_year,
    )


def additions(case: ParcelCase) -> tuple[tuple[Extra, CannotChange | None], ...]:
    """Each extra of the rules in force that is not in the parcel, with what keeps it out, by the order of the rules."""
    inside = {item.extra_id for item in case.inside}
    return tuple((extra, why_not(case, extra)) for extra in case.in_force.extras if extra.id not in inside)


def why_not(case: ParcelCase, extra: Extra) -> CannotChange | None:
    """What keeps staff from putting an extra in, or None."""
    if case.customer.erased_at:
        return CannotChange(WhyNotChanged.ERASED)
    return why_not_added(
        extra,
        program=case.in_force,
        story=case.story,
        order=case.order,
        means=case.means,
        by_hand_left_minor=case.by_hand_left_minor,
        today=case.today,
    )


def why_no_words(case: ParcelCase) -> CannotChange | None:
    """Why nobody may write on the card of this parcel, or None."""
    if case.customer.erased_at:
        return CannotChange(WhyNotChanged.ERASED)
    unwanted = NO_INSERTS in {word.strip().casefold() for word in case.story.exclusions}
    return CannotChange(WhyNotChanged.NO_INSERTS) if unwanted else None


def unwanted_inside(case: ParcelCase) -> dict[int, CannotChange]:
    """What is in the parcel although its customer does not want it, by row: the wish may have come later."""
    found = {item.id: _obstacle(case, item.extra_id) for item in case.inside}
    stops = {WhyNot.NO_INSERTS: WhyNotChanged.NO_INSERTS, WhyNot.EXCLUDED: WhyNotChanged.EXCLUDED}
    return {
        item_id: CannotChange(stops[one.why], extra_id=one.extra_id, detail=one.detail)
        for item_id, one in found.items()
        if one is not None and one.why in stops
    }


def _obstacle(case: ParcelCase, extra_id: str) -> Passed | None:
    """What keeps an extra of the rules out now, whoever wishes it."""
    extra = case.made_under.extra(extra_id)
    if extra is None:
        return None
    return obstacle(
        extra, program=case.made_under, story=case.story, order=case.order, means=case.means, today=case.today
    )


def _by_hand_left(db: Connection, shop: Shop, program: Program, mode: str, month: str) -> int | None:
    if program.budget.by_hand_month is None:
        return None
    spent = costs.spent_in_month(db, shop.id, mode=mode, month=month, by_hand=True)
    return program.minor(program.budget.by_hand_month) - spent
