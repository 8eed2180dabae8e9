"""What a customer bought in all, kept with the customer so that lists can be sorted by it: orders, value, last order.

The facts of orders say what is true; sums are always taken from them anew, never added to, so a repeat is harmless.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy import update as update_rows

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.store.columns import Id
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.programs import program_in_force
from saleor_loyalty_app.store.tables import customers, orders
from saleor_loyalty_app.store.tier_review_sql import worth_minor

SLICE = 2_000
"""Customers looked at by one statement."""
AT_ONCE = 200
"""Customers written in one transaction: webhooks wait for the writer of an embedded database."""
Whose = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Which customers are meant, said of a column that holds their ids."""


def renew_sums(db: Connection, shop_id: int, customer_ids: Collection[int]) -> int:
    """Take the sums of these customers anew, by the program in force; return how many had changed."""
    program = _program(db, shop_id)
    among = _stale_among(tuple(program.factors.items()), program.gift_cards_count) if program else _stale_among()
    stale = db.execute(among, {"the_shop": shop_id, "whose": list(customer_ids)}).mappings().all()
    _write(db, shop_id, stale)
    return len(stale)


def renew_all_sums(database: Database, shop_id: int) -> int:
    """Take the sums of all customers anew, in slices: a new program may count otherwise. Return how many changed."""
    with database.read() as db:
        program = _program(db, shop_id)
    renewed, after = 0, 0
    while True:
        with database.read() as db:
            upto = _end_of_slice(db, shop_id, after)
            if upto is None:
                return renewed
            factors, cards = (program.factors, program.gift_cards_count) if program else ({}, False)
            between = _stale(factors, _between(after, upto), gift_cards_count=cards)
            found = db.execute(between, {"the_shop": shop_id}).mappings()
            stale = [int(row["id"]) for row in found]
        for start in range(0, len(stale), AT_ONCE):
            with database.write() as db:
                # Anew: an order may have come meanwhile.
                renewed += renew_sums(db, shop_id, stale[start : start + AT_ONCE])
        after = upto


@lru_cache(maxsize=256)
def _stale_among(
    factors: tuple[tuple[str, int], ...] = (), gift_cards_count: bool = False
) -> Select[tuple[object, ...]]:
    """The same for customers that are named; kept, as each order asks for it."""
    whose: BindParameter[int] = bindparam("whose", expanding=True)
    return _stale(dict(factors), lambda id: id.in_(whose), gift_cards_count=gift_cards_count)


def _stale(factors: Mapping[str, int], whose: Whose, *, gift_cards_count: bool) -> Select[tuple[object, ...]]:
    """The customers whose sums are not what their orders say, with what they should be."""
    worth = worth_minor(factors, gift_cards_count=gift_cards_count) if factors else cast(0, BigInteger)
    the_shop = bindparam("the_shop", type_=Id)
    bought = (
        select(
            orders.c.customer_id,
            func.count().label("number"),
            cast(func.sum(worth), BigInteger).label("value"),
            func.max(orders.c.placed_at).label("last_at"),
        )
        .where(orders.c.shop_id == the_shop, orders.c.counts, whose(orders.c.customer_id))
        .group_by(orders.c.customer_id)
        .subquery("bought")
    )
    number, value = func.coalesce(bought.c.number, 0), func.coalesce(bought.c.value, 0)
    known = (customers.c.orders_counted, customers.c.value_minor, customers.c.last_order_at)
    differs = [
        here.is_distinct_from(there) for here, there in zip(known, (number, value, bought.c.last_at), strict=True)
    ]
    return (
        select(customers.c.id, number.label("number"), value.label("value"), bought.c.last_at)
        .outerjoin(bought, bought.c.customer_id == customers.c.id)
        .where(customers.c.shop_id == the_shop, whose(customers.c.id), differs[0] | differs[1] | differs[2])
        .order_by(customers.c.id)
    )


_WRITE = (
    update_rows(customers)
    .where(customers.c.shop_id == bindparam("the_shop"), customers.c.id == bindparam("customer"))
    .values(orders_counted=bindparam("number"), value_minor=bindparam("value"), last_order_at=bindparam("last_at"))
)


def _write(db: Connection, shop_id: int, stale: Collection[RowMapping]) -> None:
    if not stale:
        return
    rows = [{name: row[name] for name in ("number", "value", "last_at")} | {"customer": row["id"]} for row in stale]
    db.execute(_WRITE, [{"the_shop": shop_id, **row} for row in rows])


def _between(after: int, upto: int) -> Whose:
    return lambda id: (id > after) & (id <= upto)


def _end_of_slice(db: Connection, shop_id: int, after: int) -> int | None:
    ids = select(customers.c.id).where(customers.c.shop_id == shop_id, customers.c.id > after)
    following = ids.order_by(customers.c.id).limit(SLICE).subquery()
    return db.execute(select(func.max(following.c.id))).scalar_one_or_none()


def _program(db: Connection, shop_id: int) -> Program | None:
    """None when the shop has no rules yet: then an order counts, but nobody knows for how much."""
    in_force = program_in_force(db, shop_id)
    return in_force.program if in_force else None
