"""A parcel is planned for an order: what is known of the customer is gathered, the domain decides, the plan is kept."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcel_codes import parcel_codes
from saleor_loyalty_app.domain.parcels import Given, Means, Story
from saleor_loyalty_app.domain.planning import plan_parcel
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import first_instant, local_day
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.known_order import circumstances_of
from saleor_loyalty_app.store import costs, earlier_parcels, orders, parcels, stock
from saleor_loyalty_app.store.customers import Customer, set_trouble_solved
from saleor_loyalty_app.store.orders import OrderRow, OrdersBefore
from saleor_loyalty_app.store.shops import LIVE, Shop, lock_shop

ORDERS_LOOKED_AT = 20
"""How many of the latest orders say what a customer usually buys."""


def plan_order_parcel(
    app: App,
    db: Connection,
    shop: Shop,
    *,
    program: Program,
    version: int,
    customer: Customer,
    order: Order,
    row: OrderRow,
    tier_reached: str | None,
) -> parcels.Parcel:
    """Plan and keep the parcel of an order that gets one. Stock and budget are taken in the same transaction.

    For its sums of stock and budget the shop is locked: all orders of a shop wait for one another from there on, so
    what can be looked up before is looked up before.
    """
    codes = parcel_codes(app.secret(shop), order.id)
    code = next(one for one in codes if parcels.parcel_by_code(db, shop.id, one) is None)
    latest = [known for known in orders.orders_of(db, shop.id, customer.id) if known.id != row.id]
    before = orders.orders_before(db, shop.id, customer.id, row)
    lock_shop(db, shop.id)
    now = app.now()
    story = _story(db, shop, customer, row, latest=latest, before=before, tier_reached=tier_reached)
    means = means_now(db, shop, program, customer.id, now)
    plan = plan_parcel(
        program=program,
        version=version,
        story=story,
        order=order,
        means=means,
        secret=app.secret(shop),
        today=local_day(now, program.zone),
    )
    parcel, items = parcels.add_parcel(
        db, shop.id, code=code, order_row=row.id, customer_id=customer.id, mode=shop.mode, program_version=version,
        plan=plan, story=story, means=means, channel=order.channel, circumstances=circumstances_of(order),
        month=month_of(now, program), now=now,
    )  # fmt: skip
    if shop.mode == LIVE:
        for extra_id, item_id in items.items():
            if extra_id in means.stock:
                stock.take_piece(db, shop.id, extra_id, item_id, now=now)
    if customer.trouble_solved:
        set_trouble_solved(db, shop.id, customer.id, solved=False)
    return parcel


def _story(
    db: Connection,
    shop: Shop,
    customer: Customer,
    row: OrderRow,
    *,
    latest: list[OrderRow],
    before: OrdersBefore,
    tier_reached: str | None,
) -> Story:
    given = earlier_parcels.given_to(db, shop.id, customer.id, mode=shop.mode)
    bought = [known for known in latest if known.counts][:ORDERS_LOOKED_AT]
    return Story(
        nth_order=before.number + 1,
        first_order_at=before.first_at,
        previous_order_at=before.last_at,
        tier=customer.membership.tier,
        tier_reached=tier_reached,
        trouble_solved=customer.trouble_solved,
        usual=_usual(bought),
        bought_categories=frozenset(category for known in bought for _, _, category in known.products if category),
        preferences=frozenset(customer.preferences),
        exclusions=frozenset(customer.exclusions),
        given=given,
        notes_received=earlier_parcels.notes_received(db, shop.id, customer.id, mode=shop.mode),
        orders_since_surprise=_orders_since_surprise(db, shop, customer.id, given, row),
    )


def _usual(bought: list[OrderRow]) -> str | None:
    """The product that stands in most of the orders, at least two; by its newest name."""
    times = Counter(product_id for known in bought for product_id in {product[0] for product in known.products})
    if not times or times.most_common(1)[0][1] < 2:
        return None
    favourite = max(times, key=lambda product_id: (times[product_id], product_id))
    return next(name for known in bought for product_id, name, _ in known.products if product_id == favourite)


def _orders_since_surprise(
    db: Connection, shop: Shop, customer_id: int, given: tuple[Given, ...], row: OrderRow
) -> int | None:
    if not any(extra.kind == "surprise" for extra in given):
        return None
    last = earlier_parcels.last_surprise_order(db, shop.id, customer_id, mode=shop.mode)
    if last is None:
        return None
    return orders.orders_between(db, shop.id, customer_id, after=last, until=row.placed_at) + 1


def month_of(moment: datetime, program: Program) -> str:
    """The calendar month of a moment in the program's zone, whose budget bears what is planned then: "2026-11"."""
    return f"{local_day(moment, program.zone):%Y-%m}"


def means_now(
    db: Connection, shop: Shop, program: Program, customer_id: int, now: datetime, *, mode: str | None = None
) -> Means:
    """What the shop can give at this moment: stock, and what is left of the budgets in the program's zone.

    `mode` is that of the parcel, when it is not the shop's of today.
    """
    mode = mode or shop.mode
    year_from = first_instant(local_day(now, program.zone).replace(month=1, day=1), program.zone)
    month, year = program.budget.month, program.budget.customer_year
    month_left = year_left = None
    if month is not None:
        spent_in_month = costs.spent_in_month(db, shop.id, mode=mode, month=month_of(now, program))
        month_left = program.minor(month) - spent_in_month
    if year is not None:
        year_left = program.minor(year) - parcels.spent_on(db, shop.id, customer_id, mode=mode, since=year_from)
    return Means(
        stock=stock.stock_of(db, shop.id), month_left_minor=month_left, customer_year_left_minor=year_left
    )  # fmt: skip
