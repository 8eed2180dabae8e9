"""What the first page asks: how much waits, and the first few of it. Counts stop at `MOST`, so that none is slow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, select

from saleor_loyalty_app.store.customers import Customer, read_customer
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.parcels import PLANNED
from saleor_loyalty_app.store.tables import customers, orders, tier_decisions, work
from saleor_loyalty_app.store.work import FAILED

MOST = 1000
"""A count of this many means: this many, or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParcel:
    """A parcel that nobody has packed yet, as a line shows it."""

    id: int
    code: str
    tier: str | None
    planned_at: datetime
    order_number: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


def planned_parcels(
    db: Connection, shop_id: int, *, mode: str, newest_first: bool = False, limit: int
) -> list[PlannedParcel]:
    """The parcels of one mode that are planned and no more: those that wait longest first, or the newest first.

    What was rehearsed is never packed, so the two modes are never mixed.
    """
    query = (
        select(
            parcels.c.id,
            parcels.c.code,
            parcels.c.tier,
            parcels.c.planned_at,
            orders.c.number.label("order_number"),
            customers.c.first_name,
            customers.c.last_name,
        )
        .join(orders, orders.c.id == parcels.c.order_row)
        .join(customers, customers.c.id == parcels.c.customer_id)
        .where(parcels.c.shop_id == shop_id, parcels.c.mode == mode, parcels.c.state == PLANNED)
        .order_by(parcels.c.id.desc() if newest_first else parcels.c.id)
        .limit(limit)
    )
    return [PlannedParcel(**row) for row in db.execute(query).mappings()]


def count_planned(db: Connection, shop_id: int, *, mode: str) -> int:
    """How many parcels of one mode are planned and no more."""
    waiting = (parcels.c.shop_id == shop_id, parcels.c.mode == mode, parcels.c.state == PLANNED)
    return _count(db, select(parcels.c.id).where(*waiting))


def count_failed(db: Connection, shop_id: int) -> int:
    """How many pieces of work wait for a human."""
    return _count(db, select(work.c.subject).where(work.c.shop_id == shop_id, work.c.state == FAILED))


def count_standing(db: Connection, shop_id: int, standing: str) -> int:
    """How many customers stand so in their tier ("warned", "grace")."""
    so = (customers.c.shop_id == shop_id, customers.c.standing == standing, customers.c.merged_into.is_(None))
    return _count(db, select(customers.c.id).where(*so))


def count_decided(db: Connection, shop_id: int, since: datetime, *, kind: str) -> int:
    """How many decisions of a kind were made since a moment."""
    made = (tier_decisions.c.shop_id == shop_id, tier_decisions.c.at >= since, tier_decisions.c.kind == kind)
    return _count(db, select(tier_decisions.c.id).where(*made))


def has_parcels(db: Connection, shop_id: int, *, mode: str | None = None) -> bool:
    """Whether any order ever got a parcel, of one mode or of any."""
    query = select(parcels.c.id).where(parcels.c.shop_id == shop_id).limit(1)
    return db.execute(query.where(parcels.c.mode == mode) if mode else query).first() is not None


def customers_standing(db: Connection, shop_id: int, standing: str, *, limit: int) -> list[Customer]:
    """Customers who stand so in their tier ("warned", "grace"), those reviewed soonest first."""
    query = (
        select(customers)
        .where(customers.c.shop_id == shop_id, customers.c.standing == standing, customers.c.merged_into.is_(None))
        .order_by(customers.c.next_review_on, customers.c.id)
        .limit(limit)
    )
    return [read_customer(row) for row in db.execute(query).mappings()]


def order_numbers(db: Connection, shop_id: int, order_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """Our row and the number of each of these Saleor orders that we know."""
    query = select(orders.c.order_id, orders.c.id, orders.c.number).where(
        orders.c.shop_id == shop_id, orders.c.order_id.in_(order_ids)
    )
    return {order_id: (int(row), number) for order_id, row, number in db.execute(query)}


def _count(db: Connection, query: Select[tuple[object]]) -> int:
    return int(db.execute(select(func.count()).select_from(query.limit(MOST).subquery())).scalar_one())
