"""Sums of costs: whatever happens to parcels, they are the sums of the extras that stand, and no piece is lost."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from factories import NOW, Clock, a_buyer, a_surprise_extra, add_installed_shop, an_extra, an_order, program_toml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from saleor_loyalty_app.domain.changing import CannotChange, SkipReason
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import (
    add_extra,
    exchange_item,
    pack_parcel,
    reopen_parcel,
    skip_parcel,
    take_out_item,
)
from saleor_loyalty_app.services.decide_tier import current_program, decide_customer_tier, tier_reached
from saleor_loyalty_app.services.plan_parcel import plan_order_parcel
from saleor_loyalty_app.services.take_back_parcel import take_back_parcel
from saleor_loyalty_app.store import costs, orders, parcels, stock
from saleor_loyalty_app.store.costs import Costed
from saleor_loyalty_app.store.customers import customer_by_id, remember_buyer
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.parcel_tables import costs as table
from saleor_loyalty_app.store.parcel_tables import parcel_items
from saleor_loyalty_app.store.parcel_tables import parcels as parcels_table
from saleor_loyalty_app.store.shops import Shop

EXTRAS = [
    an_extra("caramel", stock=6),
    a_surprise_extra("bookmark", stock=3),
    a_surprise_extra("tea", stock=2, cost="0.80"),
    a_surprise_extra("candle", stock=4, cost="3.00"),
    a_surprise_extra("sweet", stock=None, cost="0.10"),
]
START = {"caramel": 6, "bookmark": 3, "tea": 2, "candle": 4}
TOML = program_toml(
    extras=EXTRAS,
    surprises=[{"chance": 0.8, "pool": ["bookmark", "tea", "sweet"]}],
    budget={"month": "12", "customer_year": "9", "by_hand_month": "4"},
    time_zone="Pacific/Auckland",
)
numbers = count(1)


def sums(db: Connection, shop_id: int) -> dict[tuple[Any, ...], tuple[int, int]]:
    """What the table of sums says, without what has become nothing."""
    names = ("mode", "month", "tier", "extra_id", "by_hand", "state")
    rows = db.execute(select(table).where(table.c.shop_id == shop_id)).mappings()
    found = {tuple(row[name] for name in names): (row["pieces"], row["cost_minor"]) for row in rows}
    return {key: both for key, both in found.items() if both != (0, 0)}


def counted(db: Connection, shop_id: int) -> dict[tuple[Any, ...], tuple[int, int]]:
    """The same, from the items themselves."""
    query = (
        select(parcel_items, parcels_table.c.tier)
        .join(parcels_table, parcels_table.c.id == parcel_items.c.parcel_id)
        .where(parcel_items.c.shop_id == shop_id, parcel_items.c.state.in_(parcels.STANDING))
    )
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for row in db.execute(query).mappings():
        key = (row["mode"], row["month"], row["tier"] or "", row["extra_id"], row["by_hand"], row["state"])
        pieces, minor = found.get(key, (0, 0))
        found[key] = (pieces + 1, minor + row["cost_minor"])
    return found


class Shelf:
    """One shop in which things happen to parcels."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.shop: Shop = add_installed_shop(app, toml=TOML, saleor_api_url=f"https://shop{next(numbers)}.example.com/")
        self.known: list[int] = []

    def order(self, which: int, total: int) -> None:
        now = self.app.now()
        made = an_order(next(numbers), placed_at=now, updated_at=now, charged=total, total=total, subtotal=total,
                        subtotal_net=total, buyer=a_buyer(user_id=f"buyer-{which % 2}", email=""))  # fmt: skip
        with self.app.database.write() as db:
            customer = remember_buyer(db, self.shop.id, made.buyer, key=None, now=now)
            row, _ = orders.write_facts(db, self.shop.id, customer.id, made)
            decisions = decide_customer_tier(self.app, db, self.shop, customer, order_row=row.id)
            known = customer_by_id(db, self.shop.id, customer.id) or customer
            parcel = plan_order_parcel(
                self.app, db, self.shop, program=current_program(db, self.shop), version=1, customer=known,
                order=made, row=row, tier_reached=tier_reached(decisions),
            )  # fmt: skip
        self.known.append(parcel.id)

    def happen(self, what: str, which: int, extra: str) -> None:
        if what == "order":
            return self.order(which, 10 * which + 30)
        if what == "month":
            self.clock.pass_time(days=31)
            return None
        if not self.known:
            return None
        parcel_id = self.known[which % len(self.known)]
        with suppress(CannotChange):
            self.change(what, parcel_id, which, extra)
        return None

    def change(self, what: str, parcel_id: int, which: int, extra: str) -> None:
        means: Any = (self.app, self.shop, parcel_id)
        who: Any = {"by": "VXNlcjoyMQ==", "wish": str(uuid4())}
        with self.app.database.read() as db:
            items = parcels.items_of(db, self.shop.id, parcel_id)
            parcel = parcels.parcel_by_id(db, self.shop.id, parcel_id)
        assert parcel
        if what in {"exchange", "take out"} and items:
            item = items[which % len(items)].id
            if what == "exchange":
                exchange_item(*means, item, **who)
            else:
                take_out_item(*means, item, reason=SkipReason.FRAGILE, **who)
        elif what == "add":
            add_extra(*means, extra, **who)
        elif what == "skip":
            skip_parcel(*means, reason=SkipReason.NO_ROOM, **who)
        elif what == "pack":
            pack_parcel(*means, **who)
        elif what == "reopen":
            reopen_parcel(*means, **who)
        elif what in {"fall through", "ship"}:
            with self.app.database.write() as db:
                if what == "ship":
                    parcels.close_parcel(db, self.shop.id, parcel_id, state="shipped", why="x", now=self.app.now())
                else:
                    take_back_parcel(self.app, db, self.shop, parcel, why="fell_through")


WHATS = ("order", "exchange", "take out", "add", "skip", "pack", "reopen", "fall through", "ship", "month")
happenings = st.lists(
    st.tuples(st.sampled_from((*WHATS, "order", "add")), st.integers(0, 8), st.sampled_from([e["id"] for e in EXTRAS])),
    min_size=3,
    max_size=25,
)


@given(happenings)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sums_are_those_of_what_stands_and_no_piece_is_lost(
    app: App, clock: Clock, story: list[tuple[str, int, str]]
) -> None:
    clock.at = NOW
    shelf = Shelf(app, clock)
    shelf.order(0, 120)
    for what, which, extra in story:
        shelf.happen(what, which, extra)
    with app.database.read() as db:
        standing = counted(db, shelf.shop.id)
        assert sums(db, shelf.shop.id) == standing
        pieces: Counter[str] = Counter()
        by_hand: Counter[str] = Counter()
        for (_mode, month, _tier, extra, hand, _state), (number, minor) in standing.items():
            pieces[extra] += number
            by_hand[month] += minor * hand
        assert stock.stock_of(db, shelf.shop.id) == {extra: START[extra] - pieces[extra] for extra in START}
        assert all(spent <= 400 for spent in by_hand.values())
        for month in {key[1] for key in standing}:
            both = [minor for key, (_, minor) in standing.items() if key[1] == month]
            assert costs.spent_in_month(db, shelf.shop.id, mode="live", month=month) == sum(both)


def test_a_month_is_that_of_the_programs_zone(app: App, clock: Clock) -> None:
    clock.at = NOW.replace(month=6, day=30, hour=20)  # July in Auckland
    shelf = Shelf(app, clock)
    shelf.order(0, 50)
    with app.database.read() as db:
        assert {key[1] for key in sums(db, shelf.shop.id)} == {"2026-07"}


def test_sums_of_shops_and_modes_are_kept_apart(app: App, clock: Clock) -> None:
    mine, other = Shelf(app, clock), Shelf(app, clock)
    item = Costed(mode="live", month="2026-06", tier="", extra_id="tea", by_hand=1, state="planned", cost_minor=80)
    with app.database.write() as db:
        costs.count(db, mine.shop.id, come=[item, item])
        costs.count(db, mine.shop.id, gone=[item])
    with app.database.read() as db:
        assert costs.spent_in_month(db, mine.shop.id, mode="live", month="2026-06", by_hand=True) == 80
        assert costs.spent_in_month(db, mine.shop.id, mode="rehearsal", month="2026-06") == 0
        assert costs.spent_in_month(db, other.shop.id, mode="live", month="2026-06") == 0


# ---- What was there before there were sums


def test_the_sums_of_before_are_filled_in(old_database: Database) -> None:
    with old_database.write() as db:
        add = {name: text(statement) for name, statement in OLD_ROWS.items()}
        db.execute(add["shop"], {"now": NOW.isoformat(" "), "none": b""})
        db.execute(add["customer"], {"now": NOW.isoformat(" ")})
        for number, tier in ((1, "gold"), (2, None)):
            db.execute(add["order"], {"id": number, "now": NOW.isoformat(" ")})
            db.execute(add["parcel"], {"id": number, "tier": tier, "now": NOW.isoformat(" ")})
        for parcel, extra, state, days in ((1, "tea", "planned", 0), (1, "tea", "planned", 1), (1, "tea", "skipped", 0),
                                           (2, "tea", "packed", 0), (2, "soap", "planned", 30)):  # fmt: skip
            at = (NOW - timedelta(days=days)).isoformat(" ")
            db.execute(add["item"], {"parcel": parcel, "extra": extra, "state": state, "now": at})
    migrate(old_database)
    with old_database.read() as db:
        assert sums(db, 1) == counted(db, 1) == {
            ("live", "2026-06", "gold", "tea", 0, "planned"): (2, 120),
            ("live", "2026-06", "", "tea", 0, "packed"): (1, 60),
            ("live", "2026-05", "", "soap", 0, "planned"): (1, 60),
        }  # fmt: skip


OLD_ROWS = {
    "shop": "INSERT INTO shops (id, saleor_api_url, state, app_id, sealed_secret, saleor_version, permissions, jwks,"
    " mode, installed_at) VALUES (1, 'https://x', 'active', '', :none, '3.23', '[]', '{}', 'live', :now)",
    "customer": "INSERT INTO customers (id, shop_id, exclusions, preferences, created_at)"
    " VALUES (1, 1, '[]', '[]', :now)",
    "order": "INSERT INTO orders (id, shop_id, order_id, number, customer_id, placed_at, updated_at, status, channel,"
    " currency, money_minor, card_minor, counts, products) VALUES (:id, 1, cast(:id AS text), '1', 1, :now, :now, 'x',"
    " 'web', 'USD', 1, 0, true, '[]')",
    "parcel": "INSERT INTO parcels (id, shop_id, code, order_row, customer_id, mode, state, moment, tier,"
    " program_version, plan, story, means, planned_at) VALUES (:id, 1, cast(:id AS text), :id, 1, 'live', 'planned',"
    " 'x', :tier, 1, '{}', '{}', '{}', :now)",
    "item": "INSERT INTO parcel_items (shop_id, parcel_id, customer_id, mode, extra_id, kind, cost_minor, state,"
    " planned_at, changed_at) VALUES (1, :parcel, 1, 'live', :extra, 'surprise', 60, :state, :now, :now)",
}
