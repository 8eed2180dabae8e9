"""What standing extras cost, summed by mode, month, tier, extra, hand and state: kept as the items change."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Insert, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from saleor_loyalty_app.store.parcel_tables import costs
from saleor_loyalty_app.store.shops import lock_shop

STANDING = ("planned", "packed", "shipped")
"""States of an item whose cost counts; items that were skipped or cancelled cost nothing."""


Key = tuple[str, str, str, str, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costed:
    """One item as far as its cost is summed. `month` is "2026-11", `tier` that of its parcel, "" for none."""

    mode: str
    month: str
    tier: str
    extra_id: str
    by_hand: int
    state: str
    cost_minor: int


def count(db: Connection, shop_id: int, *, gone: Iterable[Costed] = (), come: Iterable[Costed] = ()) -> None:
    """Take items out of the sums and put items in; those that don't stand are no part of them.

    Locks the shop, so that two transactions never wait for one another's sums.
    """
    pieces: Counter[Key] = Counter()
    minor: Counter[Key] = Counter()
    for sign, items in ((-1, gone), (1, come)):
        for item in items:
            if item.state in STANDING:
                key = (item.mode, item.month, item.tier, item.extra_id, item.by_hand, item.state)
                pieces[key] += sign
                minor[key] += sign * item.cost_minor
    moved = [key for key in pieces if pieces[key] or minor[key]]
    if moved:
        lock_shop(db, shop_id)
    for key in moved:
        names = ("mode", "month", "tier", "extra_id", "by_hand", "state")
        _add(db, shop_id, dict(zip(names, key, strict=True)), pieces=pieces[key], cost_minor=minor[key])


_SPENT_IN_MONTH = select(func.coalesce(func.sum(costs.c.cost_minor), 0)).where(
    costs.c.shop_id == bindparam("the_shop"),
    costs.c.mode == bindparam("the_mode"),
    costs.c.month == bindparam("the_month"),
    costs.c.by_hand >= bindparam("least"),
)


def spent_in_month(db: Connection, shop_id: int, *, mode: str, month: str, by_hand: bool = False) -> int:
    """What the standing extras of a month ("2026-11") cost, in minor units; on wish only those added by hand."""
    which = {"the_shop": shop_id, "the_mode": mode, "the_month": month, "least": int(by_hand)}
    return int(db.execute(_SPENT_IN_MONTH, which).scalar_one())


def _add(db: Connection, shop_id: int, key: Mapping[str, object], *, pieces: int, cost_minor: int) -> None:
    sums = {"pieces": pieces, "cost_minor": cost_minor}
    db.execute(_adding(db.dialect.name), {"shop_id": shop_id, **key, **sums})


@cache
def _adding(dialect: str) -> Insert:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(costs)
    return statement.on_conflict_do_update(
        index_elements=["shop_id", "mode", "month", "tier", "extra_id", "by_hand", "state"],
        set_={name: costs.c[name] + statement.excluded[name] for name in ("pieces", "cost_minor")},
    )
