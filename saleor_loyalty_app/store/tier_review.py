"""The nightly review, done in the database: which customers could move to another tier or standing now.

Finds everybody for whom `domain.tier_rules.decide_tier` decides something, and few besides. Each statement
reads a slice of the customers, so memory stays flat and nothing runs long.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, select

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_measures import facts_at
from saleor_loyalty_app.store.columns import Id
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.programs import program_version
from saleor_loyalty_app.store.tables import customers, shops
from saleor_loyalty_app.store.tier_review_sql import Counts, could_move

SLICE = 20_000
"""Customers looked at by one statement."""
PAGE = 1_000
"""Customers handed over at a time."""


def candidates(database: Database, shop_id: int, *, now: datetime) -> Iterator[list[int]]:
    """Ids of customers whose tier could change now under the shop's current program, ascending, in pages.

    Raises sqlalchemy.exc.NoResultFound when a program version is missing.
    """
    with database.read() as db:
        version = db.execute(select(shops.c.program_version).where(shops.c.id == shop_id)).scalar_one() or 1
        versions = {version, *kept_by(db, shop_id)}
        programs = {number: program_version(db, shop_id, number).program for number in versions}
    yield from candidates_under(database, shop_id, programs=programs, version=version, now=now)


def candidates_under(
    database: Database, shop_id: int, *, programs: Mapping[int, Program], version: int, now: datetime
) -> Iterator[list[int]]:
    """The same under any program, published or not: `version` names it in `programs`.

    `programs` also holds the versions by which members keep their tiers, see `kept_by`.
    """
    query = _query(shop_id, programs, version=version, now=now)
    after: int | None = 0
    while after is not None:
        with database.read() as db:
            upto = _end_of_slice(db, shop_id, after)
            found = [] if upto is None else list(db.scalars(query, {"after": after, "upto": upto}))
        yield from (found[start : start + PAGE] for start in range(0, len(found), PAGE))
        after = upto


def kept_by(db: Connection, shop_id: int) -> set[int]:
    """The program versions by which members keep their tiers."""
    version = customers.c.keep_version
    return set(db.scalars(select(version).where(customers.c.shop_id == shop_id, version.is_not(None)).distinct()))


def _query(shop_id: int, programs: Mapping[int, Program], *, version: int, now: datetime) -> Select[int]:
    facts = facts_at(purchases=(), programs=programs, version=version, now=now)
    counts = Counts(facts)
    moves = could_move(facts, counts)
    after, upto = bindparam("after", type_=Id), bindparam("upto", type_=Id)
    totals = counts.of_customers(shop_id, after=after, upto=upto)
    return (
        select(customers.c.id)
        .outerjoin(totals, totals.c.customer_id == customers.c.id)
        .where(customers.c.shop_id == shop_id, customers.c.id > after, customers.c.id <= upto)
        .where(customers.c.merged_into.is_(None), moves)
        .order_by(customers.c.id)
    )


def _end_of_slice(db: Connection, shop_id: int, after: int) -> int | None:
    """The last id of the next customers; None when there are no more."""
    ids = select(customers.c.id).where(customers.c.shop_id == shop_id, customers.c.id > after)
    next_ids = ids.order_by(customers.c.id).limit(SLICE).subquery()
    return db.execute(select(func.max(next_ids.c.id))).scalar_one_or_none()
