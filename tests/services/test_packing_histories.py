"""Over any history of packing, the sums that are kept are those that the rows come to, and nobody gets a thing twice.

Each history is made of random steps by two packers on a database of its own; after every step everything is counted
anew from the rows, in the simplest way.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import responses
from factories import Clock, a_surprise_extra, add_installed_shop, an_extra, make_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from packing_room import MIRA, TOM, Room, packing_program
from sqlalchemy import Connection, Table, select
from wire import ShopWire

from saleor_loyalty_app.domain.changing import CannotChange, SkipReason
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import add_extra, exchange_item, take_out_item
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.plan_parcel import means_now
from saleor_loyalty_app.services.run_out import replan_waiting
from saleor_loyalty_app.services.take_batch import NothingToPack, claim_parcel, release_batch
from saleor_loyalty_app.store import earlier_parcels, parcels
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.packing_tables import packing_batches, promises, variant_moves
from saleor_loyalty_app.store.parcel_tables import costs, extra_stock, parcel_items, stock_movements
from saleor_loyalty_app.store.parcel_tables import parcels as parcel_rows
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import LIVE
from saleor_loyalty_app.store.tables import tasks

COOL_DOWN_DAYS = 20
PACKERS = (MIRA, TOM)
REASONS = [reason for reason in SkipReason if reason is not SkipReason.OTHER]
EXTRAS = ("caramel", "bookmark", "tea", "soap", "pin")
KEPT = (costs, extra_stock, packing_batches, parcel_items, parcel_rows, promises, stock_movements, tasks, variant_moves)
PROGRAM = packing_program(
    extras=[
        an_extra("caramel", stock=6),
        a_surprise_extra("bookmark", stock=3, again_after_days=COOL_DOWN_DAYS, suits=["juices"]),
        a_surprise_extra("tea", stock=2, again_after_days=COOL_DOWN_DAYS, cost="1.10"),
        a_surprise_extra("soap", stock=None, again_after_days=COOL_DOWN_DAYS, stock_in="shop"),
        a_surprise_extra("pin", stock=4, again_after_days=COOL_DOWN_DAYS, cost="0"),
    ],
    surprises=[{"chance": 1.0, "pool": ["bookmark", "tea", "soap", "pin"]}],
    budget={"month": "5.00", "customer_year": "4.00", "by_hand_month": "2.00"},
    packing={"warehouse": "V2FyZWhvdXNlOjE="},
)

OFTEN = ("pack", "skip", "exchange", "take_out", "add", "undo", "run_out", "batch", "repeat")
SELDOM = ("claim", "release", "cancel", "ship", "count", "days", "rounds")
number = st.integers(0, 11)
steps = st.one_of(
    *[st.tuples(st.just("order"), st.integers(0, 2), st.integers(0, 12))] * 4,
    *(st.tuples(st.just(kind), number, number) for kind in (*OFTEN, *OFTEN, *SELDOM)),
)


@dataclass
class History:
    """What is done in one packing room, step by step; a refused step must leave everything as it was."""

    room: Room
    orders: int = 0
    done: list[Callable[[], object]] = field(default_factory=list)

    def take(self, kind: str, one: int, other: int) -> None:
        before = self.rows()
        try:
            getattr(self, kind)(one, other)
        except (CannotChange, NothingToPack):
            assert kind != "repeat"
            assert self.rows() == before

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.room.app.database.read() as db:
            return {table.name: [tuple(row) for row in db.execute(select(table))] for table in KEPT}

    # ---- Steps; numbers stand for whatever there is

    def order(self, customer: int, days: int) -> None:
        self.room.clock.pass_time(days=days)
        self.orders += 1
        self.room.order(self.orders, customer=customer + 1)

    def pack(self, one: int, other: int) -> None:
        at, by, where = self._number(one), self._by(other), self._at(other)
        kept = None if other % 2 else frozenset({other % 3})
        self._once(lambda wish: self.room.pack(at, by=by, wish=wish, kept=kept, **where))

    def skip(self, one: int, other: int) -> None:
        at, by, where = self._number(one), self._by(other), self._at(other)
        reason = REASONS[other % len(REASONS)]
        self._once(lambda wish: self.room.skip(at, reason, by=by, wish=wish, **where))

    def exchange(self, one: int, other: int) -> None:
        self._change(exchange_item, one, other)

    def take_out(self, one: int, other: int) -> None:
        self._change(take_out_item, one, other, reason=REASONS[other % len(REASONS)])

    def add(self, one: int, other: int) -> None:
        at, extra = self._number(one), EXTRAS[other % len(EXTRAS)]
        self._once(lambda wish: self.room.do(add_extra, at, extra, by=self._by(other), wish=wish))

    def undo(self, one: int, other: int) -> None:
        at, by, where = self._number(one), self._by(other), self._at(other)
        self._once(lambda wish: self.room.undo(at, by=by, wish=wish, **where))

    def run_out(self, one: int, other: int) -> None:
        at, extra = self._number(one), EXTRAS[other % len(EXTRAS)]
        self._once(lambda wish: self.room.run_out(extra, at, by=self._by(other), wish=wish))

    def rounds(self, _one: int, other: int) -> None:
        replan_waiting(self.room.app, self.room.shop, EXTRAS[other % len(EXTRAS)])

    def batch(self, one: int, other: int) -> None:
        self.room.take(self._by(other), size=one % 3 + 1)

    def claim(self, one: int, other: int) -> None:
        parcel = self.room.parcel(self._number(one)).id
        claim_parcel(self.room.app, self.room.shop, "", parcel, by=self._by(other))

    def release(self, _one: int, other: int) -> None:
        if code := self._at(other).get("batch"):
            release_batch(self.room.app, self.room.shop, code, by=self._by(other))

    def cancel(self, one: int, _other: int) -> None:
        self.room.change(self._number(one), status="CANCELED")

    def ship(self, one: int, _other: int) -> None:
        self.room.change(self._number(one), status="FULFILLED")

    def count(self, one: int, other: int) -> None:
        self.room.count(EXTRAS[other % len(EXTRAS)], one % 5)

    def days(self, one: int, _other: int) -> None:
        self.room.clock.pass_time(days=one)

    def repeat(self, one: int, _other: int) -> None:
        """A wish that was fulfilled is sent once more."""
        if self.done:
            before = self.rows()
            self.done[one % len(self.done)]()
            assert self.rows() == before

    # ---- Whom and what they are about

    def _once(self, call: Callable[[str], object]) -> None:
        wish = str(UUID(int=len(self.done) + 1))
        call(wish)
        self.done.append(lambda: call(wish))

    def _change(self, change: Callable[..., Any], one: int, other: int, **more: Any) -> None:
        at = self._number(one)
        items = self.room.items(at)
        if items:
            item = items[other % len(items)].id
            by, where = self._by(other), self._at(other)
            self._once(lambda wish: self.room.do(change, at, item, by=by, wish=wish, **where, **more))

    def _number(self, one: int) -> int:
        return one % self.orders + 1

    def _by(self, other: int) -> str:
        return PACKERS[other % 2]

    def _at(self, other: int) -> dict[str, str]:
        """At the desk, in the packer's newest batch; every third time on the order's page."""
        mine = [row[2] for row in self.rows()["packing_batches"] if row[3] == self._by(other)]
        return {"batch": mine[-1]} if mine and other % 3 else {}


# ---- Counted anew


def check(room: Room) -> None:
    with room.app.database.read() as db:
        items = _all(db, parcel_items)
        boxes = {row["id"]: row for row in _all(db, parcel_rows)}
        check_states(db, room, items, boxes)
        check_stock(db, items)
        check_costs(db, room, items, boxes)
        check_received(db, room, items)
        check_desk(db, boxes)


def check_states(db: Connection, room: Room, items: list[Any], boxes: dict[int, Any]) -> None:
    for item in items:
        assert item["state"] in {boxes[item["parcel_id"]]["state"], "skipped"}
    for box in boxes.values():
        parcel = parcels.parcel_by_id(db, room.shop.id, box["id"])
        inside = Counter(i["extra_id"] for i in items if i["parcel_id"] == box["id"] and i["state"] in parcels.STANDING)
        if parcel and parcel.state in parcels.STANDING:
            assert Counter(extra.extra_id for extra in parcel.plan.extras.chosen) == inside
        assert max(inside.values(), default=1) == 1


def check_stock(db: Connection, items: list[Any]) -> None:
    moved = _all(db, stock_movements)
    for row in _all(db, extra_stock):
        assert row["pieces"] == sum(one["pieces"] for one in moved if one["extra_id"] == row["extra_id"])
        assert row["pieces"] >= 0
    taken = Counter(row["parcel_item_id"] for row in _all(db, variant_moves) for _ in range(-row["pieces"]))
    taken.subtract(row["parcel_item_id"] for row in _all(db, variant_moves) for _ in range(row["pieces"]))
    for item in items:
        why = {one["why"] for one in moved if one["parcel_item_id"] == item["id"]}
        is_back = item["state"] not in parcels.STANDING and "missing" not in why
        assert why - {"missing"} == {"planned"} | ({"returned"} if is_back else set())
        is_gone = item["extra_id"] == "soap" and item["state"] in {"packed", "shipped"}
        assert taken[item["id"]] == int(is_gone)


def check_costs(db: Connection, room: Room, items: list[Any], boxes: dict[int, Any]) -> None:
    standing = [item for item in items if item["state"] in parcels.STANDING]
    pieces, minor = Counter[Any](), Counter[Any]()
    for item in standing:
        tier = boxes[item["parcel_id"]]["tier"] or ""
        key = (item["mode"], item["month"], tier, item["extra_id"], item["by_hand"], item["state"])
        pieces[key] += 1
        minor[key] += item["cost_minor"]
    kept = {
        (row["mode"], row["month"], row["tier"], row["extra_id"], row["by_hand"], row["state"]): row
        for row in _all(db, costs)
        if row["pieces"] or row["cost_minor"]
    }
    assert {key: (row["pieces"], row["cost_minor"]) for key, row in kept.items()} == {
        key: (pieces[key], minor[key]) for key in pieces
    }
    month = f"{room.clock.at:%Y-%m}"
    for customer in {item["customer_id"] for item in items}:
        means = means_now(db, room.shop, current_program(db, room.shop), customer, room.clock.at)
        assert means.month_left_minor == 500 - sum(item["cost_minor"] for item in standing if item["month"] == month)
        of_customer = [item for item in standing if item["customer_id"] == customer]
        of_year = [item["cost_minor"] for item in of_customer if item["planned_at"].year == room.clock.at.year]
        assert means.customer_year_left_minor == 400 - sum(of_year)
        # Signatures may overdraw a budget; what was chosen or added never does, which the last one put in shows.
        assert sum(item["cost_minor"] for item in of_customer if item["by_hand"]) <= 400
    by_hand = [item["cost_minor"] for item in standing if item["by_hand"] and item["month"] == month]
    assert sum(by_hand) <= 200


def check_received(db: Connection, room: Room, items: list[Any]) -> None:
    standing = [item for item in items if item["state"] in parcels.STANDING]
    for customer in {item["customer_id"] for item in items}:
        given = earlier_parcels.given_to(db, room.shop.id, customer, mode=LIVE)
        mine = sorted((i["planned_at"], i["id"], i["extra_id"]) for i in standing if i["customer_id"] == customer)
        assert [(one.at, one.extra_id) for one in given] == [(at, extra) for at, _, extra in mine]
    surprises = [item for item in standing if item["kind"] == "surprise"]
    for later in surprises:
        for earlier in surprises:
            same = later["customer_id"] == earlier["customer_id"] and later["extra_id"] == earlier["extra_id"]
            if same and earlier["id"] < later["id"] and not later["by_hand"]:
                apart = later["planned_at"].date() - earlier["planned_at"].date()
                assert apart >= timedelta(days=COOL_DOWN_DAYS)


def check_desk(db: Connection, boxes: dict[int, Any]) -> None:
    batches = {row["id"]: row for row in _all(db, packing_batches)}
    for box in boxes.values():
        if box["held_until"] is not None:
            assert box["state"] == "planned"
            assert batches[box["batch_id"]]["ended_at"] is None
    said = {row["parcel_id"] for row in _all(db, promises)}
    assert said <= {box["id"] for box in boxes.values() if box["state"] == "packed"}
    broken = {row["parcel_id"] for row in _all(db, promises) if row["state"] == "broken"}
    open_about = {
        row["detail"]["parcel"] for row in _all(db, tasks) if row["kind"] == "promise_broken" and not row["closed_at"]
    }
    assert open_about == {boxes[parcel]["code"] for parcel in broken}


def _all(db: Connection, table: Table) -> list[Any]:
    return list(db.execute(select(table).order_by(*table.primary_key.columns)).mappings())


# ---- Histories


@contextmanager
def a_room(file: Path) -> Iterator[Room]:
    """A packing room over an empty database of its own."""
    with TemporaryDirectory() as folder, responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        config, clock, wire = make_settings(Path(folder)), Clock(), ShopWire()
        shutil.copy(file, Path(folder) / "loyalty.sqlite")
        app = App(
            settings=config, database=Database(config.app_database_url), vault=Vault(config.secret_keys), now=clock.now
        )  # fmt: skip
        wire.listen(mocked)
        try:
            yield Room(app, wire, add_installed_shop(app, toml=PROGRAM), clock)
        finally:
            app.close()


@given(history=st.lists(steps, min_size=15, max_size=30))
@settings(
    max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sums_and_promises_hold_over_any_history(migrated_file: Path, history: list[tuple[str, int, int]]) -> None:
    with a_room(migrated_file) as room:
        made = History(room)
        room.count("soap", 4)  # as the shop would say it
        for customer in (0, 1, 0):
            made.order(customer, 4)
        for step in history:
            made.take(*step)
            check(room)
