"""A shop with orders to pack and people who pack them, for tests of the packing desk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from factories import Clock, a_surprise_extra, an_extra, fresh, global_id, order_node, program_toml, user_node
from wire import ShopWire

from saleor_loyalty_app.domain.changing import CannotChange
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import pack_parcel, reopen_parcel, skip_parcel
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.run_out import RanOut, run_out
from saleor_loyalty_app.services.take_batch import take_batch
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import orders, packing_lists, parcels, stock, tasks, work
from saleor_loyalty_app.store.batches import Batch
from saleor_loyalty_app.store.packing_lists import DeskFilter, DeskLine
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import Shop

MIRA, TOM = "VXNlcjoyMQ==", "VXNlcjoyMg=="
ANYTHING = DeskFilter()
SERVICES = ("ship express", "wrap as a gift")


def packing_program(**changes: Any) -> str:
    """Silver from 100, with two services; a caramel always, and as a surprise a bookmark, else tea, else soap."""
    values: dict[str, Any] = {
        "tiers": [{"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "100"},
                   "services": [{"en": service} for service in SERVICES]}],
        "extras": [
            an_extra("caramel"),
            a_surprise_extra("bookmark", suits=["juices"]),
            a_surprise_extra("tea", weight=1_000_000),
            a_surprise_extra("soap", weight=1),
        ],
        "surprises": [{"chance": 1.0, "pool": ["bookmark", "tea", "soap"]}],
    }  # fmt: skip
    return program_toml(**{**values, **changes})


@dataclass
class Room:
    """One shop's packing room; orders are known by their numbers."""

    app: App
    wire: ShopWire
    of_shop: Shop
    clock: Clock
    wishes: list[str] = field(default_factory=list)

    @property
    def shop(self) -> Shop:
        return fresh(self.app, self.of_shop)

    # ---- Orders

    def order(self, number: int = 1, *, customer: int | None = None, warehouse: str = "", **changes: Any) -> Parcel:
        """An order that came and was looked at, of a customer of its own unless said; its parcel."""
        number_of = customer or number
        buyer = {"user": user_node(number_of), "userEmail": f"anna.{number_of}@example.com"}
        at = self.clock.at.isoformat()
        allocations = [{"quantity": 1, "warehouse": {"id": global_id("Warehouse", warehouse), "name": warehouse}}]
        lines = [{**line, "allocations": allocations if warehouse else []} for line in order_node()["lines"]]
        values = {"total": 120, "created": at, "updatedAt": at, "lines": lines, **buyer}
        self.wire.has_order(number, **{**values, **changes})
        self.look(number)
        return self.parcel(number)

    def change(self, number: int = 1, **changes: Any) -> None:
        """Something changes about an order, and it is looked at."""
        at = self.clock.pass_time(seconds=1).isoformat()
        self.wire.change_order(global_id("Order", number), updatedAt=at, **changes)
        self.look(number)

    def look(self, number: int = 1) -> None:
        reward_order(self.app, self.shop, global_id("Order", number))

    def tell(self, number: int = 1) -> list[str]:
        """Tell the shop, and return all notes of the order."""
        tell_shop(self.app, self.shop, global_id("Order", number))
        return self.wire.notes[global_id("Order", number)]

    def told(self, number: int = 1) -> dict[str, str]:
        return self.wire.metadata[global_id("Order", number)]

    # ---- What is kept

    def parcel(self, number: int = 1) -> Parcel:
        with self.app.database.read() as db:
            row = orders.order_by_saleor_id(db, self.shop.id, global_id("Order", number))
            found = parcels.parcel_of_order(db, self.shop.id, row.id) if row else None
        assert found
        return found

    def items(self, number: int = 1) -> list[ParcelItem]:
        with self.app.database.read() as db:
            return parcels.items_of(db, self.shop.id, self.parcel(number).id)

    def inside(self, number: int = 1) -> list[str]:
        return [item.extra_id for item in self.items(number) if item.state in parcels.STANDING]

    def item(self, extra_id: str, number: int = 1) -> int:
        return next(item.id for item in reversed(self.items(number)) if item.extra_id == extra_id)

    def stock(self, extra_id: str) -> int | None:
        with self.app.database.read() as db:
            return stock.stock_of(db, self.shop.id).get(extra_id)

    def count(self, extra_id: str, pieces: int) -> None:
        with self.app.database.write() as db:
            stock.set_count(db, self.shop.id, extra_id, pieces, now=self.clock.at)

    def tasks(self) -> list[tuple[str, dict[str, Any]]]:
        with self.app.database.read() as db:
            return [(task.kind, task.detail) for task in tasks.open_tasks(db, self.shop.id)]

    def work(self, subject: str) -> work.Work | None:
        with self.app.database.read() as db:
            return work.find(db, self.shop.id, subject)

    # ---- The desk

    def ready(self, wanted: DeskFilter = ANYTHING, *, limit: int = 100) -> list[DeskLine]:
        with self.app.database.read() as db:
            return packing_lists.desk_page(db, self.shop.id, wanted, now=self.clock.at, limit=limit).lines

    def numbers(self, wanted: DeskFilter = ANYTHING) -> list[str]:
        return [line.order_number for line in self.ready(wanted)]

    def take(self, by: str = MIRA, *, wanted: DeskFilter = ANYTHING, size: int = 25) -> Batch:
        return take_batch(self.app, self.shop, wanted, by=by, size=size)

    def orders_in(self, batch: Batch) -> list[str]:
        """The order numbers of what is still to be packed of a batch, in its order."""
        with self.app.database.read() as db:
            lines = packing_lists.desk_lines(db, self.shop.id, list(batch.waiting_ids), now=self.clock.at)
        return [line.order_number for line in lines]

    def do(
        self, change: Callable[..., Changed], number: int = 1, *args: Any, by: str = MIRA, wish: str = "", **more: Any
    ) -> Changed:
        return change(self.app, self.shop, self.parcel(number).id, *args, by=by, wish=wish or str(uuid4()), **more)

    def pack(self, number: int = 1, **more: Any) -> Changed:
        return self.do(pack_parcel, number, **more)

    def skip(self, number: int = 1, reason: str = "no_room", **more: Any) -> Changed:
        return self.do(skip_parcel, number, reason=reason, **more)

    def undo(self, number: int = 1, **more: Any) -> Changed:
        return self.do(reopen_parcel, number, **more)

    def run_out(self, extra_id: str, number: int = 1, *, by: str = MIRA, wish: str = "") -> RanOut:
        parcel_id = self.parcel(number).id
        return run_out(self.app, self.shop, extra_id, by=by, wish=wish or str(uuid4()), parcel_id=parcel_id)


def refusal(call: Callable[[], object]) -> CannotChange:
    """How a call is refused."""
    with pytest.raises(CannotChange) as refused:
        call()
    return refused.value


def later(moment: datetime, **amount: float) -> datetime:
    return Clock(moment).pass_time(**amount)
