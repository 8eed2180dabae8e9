"""Order facts: who, when, how much, which products. Written again whenever the shop says something newer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, and_, bindparam, func, insert, or_, select

from saleor_loyalty_app.domain.money import convert
from saleor_loyalty_app.domain.orders import Order, order_counts, order_worth
from saleor_loyalty_app.domain.tiers import Purchase
from saleor_loyalty_app.store.columns import Id, UtcDateTime
from saleor_loyalty_app.store.customer_sums import renew_sums
from saleor_loyalty_app.store.index_steps import steps
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.rows import change_where, rows_where
from saleor_loyalty_app.store.tables import customers, orders

MOST_PRODUCTS = 100
MOST_CURRENCIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """The facts of one order as they are kept; amounts in minor units of `currency`."""

    id: int
    shop_id: int
    order_id: str
    number: str
    customer_id: int
    placed_at: datetime
    updated_at: datetime
    status: str
    channel: str
    currency: str
    money_minor: int
    card_minor: int
    counts: bool
    products: tuple[tuple[str, str, str | None], ...]
    no_parcel: str | None


_theirs = (orders.c.shop_id == bindparam("the_shop"), orders.c.customer_id.in_(bindparam("whose", expanding=True)))
_until: BindParameter[datetime] = bindparam("until", type_=UtcDateTime())
_earlier = or_(
    orders.c.placed_at < _until, and_(orders.c.placed_at == _until, orders.c.id < bindparam("row", type_=Id))
)
_PURCHASES = (
    select(orders.c.customer_id, orders.c.placed_at, orders.c.currency, orders.c.money_minor, orders.c.card_minor)
    .where(*_theirs, orders.c.counts)
    .order_by(orders.c.customer_id, orders.c.placed_at)
)
_ORDERS_BEFORE = select(func.count(), func.min(orders.c.placed_at), func.max(orders.c.placed_at)).where(
    *_theirs, orders.c.counts, _earlier
)
_NEWEST = (
    select(orders).where(*_theirs).order_by(orders.c.placed_at.desc(), orders.c.id.desc()).limit(bindparam("most"))
)


def order_by_saleor_id(db: Connection, shop_id: int, order_id: str) -> OrderRow | None:
    """The facts of an order by its Saleor id, or None."""
    row = rows_where(db, shop_id, orders, order_id=order_id).first()
    return _order_row(row) if row else None


def order_by_row(db: Connection, shop_id: int, row_id: int) -> OrderRow | None:
    """The facts of an order by our own row id, or None."""
    row = rows_where(db, shop_id, orders, id=row_id).first()
    return _order_row(row) if row else None


def order_by_number(db: Connection, shop_id: int, number: str) -> OrderRow | None:
    """The facts of the newest order with this number, or None."""
    *_, newest = [None, *rows_where(db, shop_id, orders, number=number)]
    return _order_row(newest) if newest else None


def orders_by_rows(db: Connection, shop_id: int, row_ids: Collection[int]) -> dict[int, OrderRow]:
    """The facts of these orders by our own row id."""
    query = select(orders).where(orders.c.shop_id == shop_id, orders.c.id.in_(row_ids))
    return {row["id"]: _order_row(row) for row in db.execute(query).mappings()}


def write_facts(
    db: Connection, shop_id: int, customer_id: int, order: Order, *, sums: bool = True
) -> tuple[OrderRow, bool]:
    """Keep the facts of an order; return them and whether anything that counts for a tier changed.

    The sums kept with the owner, and with the one before, follow at once; who writes many facts renews them in the
    end. An answer that is older than what is kept changes nothing: deliveries and reads overtake one another.
    """
    return write_facts_over(db, shop_id, customer_id, order, known=order_by_saleor_id(db, shop_id, order.id), sums=sums)


def write_facts_over(
    db: Connection, shop_id: int, customer_id: int, order: Order, *, known: OrderRow | None, sums: bool
) -> tuple[OrderRow, bool]:
    """The same where it was read in this transaction what is kept of the order: `known`, None when nothing is."""
    if known and known.updated_at > order.updated_at:
        return known, False
    facts = _facts(customer_id, order)
    if known is None:
        new = {"shop_id": shop_id, "order_id": order.id, **facts}
        row = _order_row(db.execute(insert(orders).returning(orders), new).mappings().one())
    else:
        change_where(db, shop_id, orders, facts, id=known.id)
        row = _order_row(rows_where(db, shop_id, orders, id=known.id).one())
    counts_anew = known is None or _counted(known) != _counted(row)
    if counts_anew and sums:
        renew_sums(db, shop_id, {customer_id, known.customer_id if known else customer_id})
    return row, counts_anew


def owners_of(db: Connection, shop_id: int, order_ids: Collection[str]) -> set[int]:
    """The customers whom these Saleor orders are kept for."""
    query = select(orders.c.customer_id).where(orders.c.shop_id == shop_id, orders.c.order_id.in_(order_ids))
    return set(db.scalars(query))


def orders_of_erased(db: Connection, shop_id: int, order_ids: Collection[str]) -> set[str]:
    """Those of these Saleor orders whose buyer was erased here."""
    query = (
        select(orders.c.order_id)
        .join(customers, and_(customers.c.shop_id == orders.c.shop_id, customers.c.id == orders.c.customer_id))
        .where(orders.c.shop_id == shop_id, orders.c.order_id.in_(order_ids), customers.c.erased_at.is_not(None))
    )
    return set(db.scalars(query))


def set_no_parcel(db: Connection, shop_id: int, row_id: int, reason: str | None) -> None:
    """Keep why an order gets no parcel."""
    change_where(db, shop_id, orders, {"no_parcel": reason}, id=row_id)


def is_decided(db: Connection, shop_id: int, row: OrderRow) -> bool:
    """Whether it was decided what this order gets: a parcel, or a reason for none."""
    planned = select(parcels.c.id).where(parcels.c.shop_id == shop_id, parcels.c.order_row == row.id)
    return row.no_parcel is not None or db.execute(planned).first() is not None


def purchases_of(
    db: Connection,
    shop_id: int,
    customer_ids: Sequence[int],
    *,
    factors: Mapping[str, int],
    gift_cards_count: bool,
) -> dict[int, list[Purchase]]:
    """What each of these customers bought and kept, oldest first, in minor units of the program's currency.

    An order in a currency without a rate counts as an order, with no spend.
    """
    bought: dict[int, list[Purchase]] = {customer_id: [] for customer_id in customer_ids}
    for customer_id, placed_at, currency, money, card in db.execute(_PURCHASES, _of(shop_id, customer_ids)):
        minor = convert(money + (card if gift_cards_count else 0), factors.get(currency, 0))
        bought[customer_id].append(Purchase(placed_at=placed_at, worth_minor=minor))
    return bought


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersBefore:
    """How many counting orders a customer had before one, and when the first and the last of them were placed."""

    number: int
    first_at: datetime | None
    last_at: datetime | None


def orders_before(db: Connection, shop_id: int, customer_id: int, row: OrderRow) -> OrdersBefore:
    """The counting orders placed before this one (by time, then by row)."""
    moment = {"until": row.placed_at, "row": row.id}
    number, first_at, last_at = db.execute(_ORDERS_BEFORE, {**_of(shop_id, [customer_id]), **moment}).one()
    return OrdersBefore(number=int(number), first_at=first_at, last_at=last_at)


def orders_between(db: Connection, shop_id: int, customer_id: int, *, after: datetime, until: datetime) -> int:
    """How many counting orders were placed after one moment and before another."""
    query = select(func.count()).where(
        orders.c.shop_id == shop_id,
        orders.c.customer_id == customer_id,
        orders.c.counts,
        orders.c.placed_at > after,
        orders.c.placed_at < until,
    )
    return int(db.execute(query).scalar_one())


def orders_of(db: Connection, shop_id: int, customer_id: int, *, limit: int = 50) -> list[OrderRow]:
    """A customer's orders, newest first."""
    newest = db.execute(_NEWEST, {**_of(shop_id, [customer_id]), "most": limit}).mappings()
    return [_order_row(row) for row in newest]


def _of(shop_id: int, customer_ids: Collection[int]) -> dict[str, Any]:
    return {"the_shop": shop_id, "whose": list(customer_ids)}


def currencies_of(db: Connection, shop_id: int) -> set[str]:
    """The currencies a shop's orders are in."""
    return set(steps(db, shop_id, orders.c.currency, limit=MOST_CURRENCIES))


def _facts(customer_id: int, order: Order) -> dict[str, Any]:
    worth = order_worth(order)
    bought = [line for line in order.lines if line.product_id and not line.is_gift]
    return {
        "customer_id": customer_id,
        "number": order.number,
        "placed_at": order.placed_at,
        "updated_at": order.updated_at,
        "status": order.status,
        "channel": order.channel,
        "currency": order.currency,
        "money_minor": worth.money_minor,
        "card_minor": worth.card_minor,
        "counts": order_counts(order),
        "products": [[line.product_id, line.product_name, line.category] for line in bought[:MOST_PRODUCTS]],
    }


def _counted(row: OrderRow) -> tuple[object, ...]:
    return row.customer_id, row.placed_at, row.money_minor, row.card_minor, row.currency, row.counts


def _order_row(row: RowMapping) -> OrderRow:
    return OrderRow(**{**row, "products": tuple((p[0], p[1], p[2]) for p in row["products"])})
