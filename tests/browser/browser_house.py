"""A furnished shop with its mini dashboard on one site, and the app as real processes on another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint
from processes import Processes, running_app, wait_until
from sqlalchemy import select, update

from saleor_loyalty_app.demo.dashboard import create_dashboard
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people import Furnished, furnish
from saleor_loyalty_app.demo.people_records import App, User
from saleor_loyalty_app.demo.running import running_shop
from saleor_loyalty_app.demo.shop import Shop as Saleor
from saleor_loyalty_app.demo.traffic import Traffic
from saleor_loyalty_app.services.publish_program import switch_mode
from saleor_loyalty_app.store import history, orders, parcels, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import ACTIVE, LIVE, Shop, all_shops
from saleor_loyalty_app.store.tables import customers
from saleor_loyalty_app.store.tables import work as work_rows

NEW_ORDERS = 26
LOOKED_AT = 3
HOSTILE = ("<script>document.title='taken'</script>", '"><img src=x onerror="document.title=\'taken\'">')
TURNED = "\u202eegrahc\u202c"
ENDLESS = "Wolfeschlegelsteinhausenbergerdorff" * 7


@dataclass(slots=True)
class House:
    """Shop, dashboard and app. What a test changes here, it puts back."""

    saleor: Saleor
    processes: Processes
    installed: App
    staff: User
    furnished: Furnished
    traffic: Traffic
    dashboard: str
    fresh: list[Order] = field(default_factory=list)
    """Orders whose parcels are planned. The first ones are only looked at."""
    failing: Order | None = None

    # ---- The app's side

    @property
    def shop(self) -> Shop:
        with self.processes.app.database.read() as db:
            (shop,) = all_shops(db)
        return shop

    def is_quiet(self) -> bool:
        """History is read, and no work waits."""
        with self.processes.app.database.read() as db:
            readings = history.history_of(db, self.shop.id)
            counts = work.counts(db, self.shop.id)
        done = bool(readings) and all(each.state == history.DONE for each in readings.values())
        return done and not counts.get(work.RUNNING) and not counts.get(work.WAITING)

    def parcel(self, order: Order) -> Parcel:
        with self.processes.app.database.read() as db:
            row = orders.order_by_saleor_id(db, self.shop.id, order.id)
            found = parcels.parcel_of_order(db, self.shop.id, row.id) if row else None
        assert found is not None
        return found

    def known(self, user: User) -> Customer:
        """The customer as the app knows them."""
        with self.processes.app.database.read() as db:
            row = db.scalar(select(customers.c.id).where(customers.c.user_id == user.id))
            found = customer_by_id(db, self.shop.id, row)
        assert found is not None
        return found

    # ---- The shop's side

    def install(self) -> None:
        """Install the app, once more or for the first time: its id is another one each time."""
        self.installed = self.saleor.apps.install(f"{self.processes.url}/api/manifest")
        wait_until(lambda: self.shop.state == ACTIVE)
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Wait until history is read and no work waits."""
        wait_until(self.is_quiet)

    def let_fail(self, order: Order) -> None:
        """The work on an order ends with something that needs a person."""
        mine = (work_rows.c.shop_id == self.shop.id, work_rows.c.subject == f"order:{order.id}")
        failed = {"state": work.FAILED, "due_at": None, "last_error": "The shop refused the note."}
        with self.processes.app.database.write() as db:
            assert db.execute(update(work_rows).where(*mine).values(**failed)).rowcount == 1
        self.failing = order

    def fresh_order(self) -> Order:
        """A paid order of somebody with a usual name, whose parcel is planned and which no other test has had."""
        while len(self.fresh) > LOOKED_AT:
            order = self.fresh.pop()
            if self.parcel(order).state == parcels.PLANNED and not _is_odd(order):
                return order
        order = self.traffic.order(next(each for each in self.furnished.people if each.habit == "occasional"))
        self.saleor.settle(30)
        wait_until(lambda: self._has_parcel(order))
        return order

    def order_of(self, user: User) -> Order:
        """A new order of somebody, with its parcel planned."""
        person = next(each for each in self.furnished.people if each.user is user)
        return self.planned([self.traffic.order(person)])[0]

    def planned(self, placed: list[Order]) -> list[Order]:
        """Wait until the app has planned a parcel for each."""
        self.saleor.settle(30)
        wait_until(lambda: all(self._has_parcel(order) for order in placed))
        self.wait_until_quiet()
        return placed

    def _has_parcel(self, order: Order) -> bool:
        with self.processes.app.database.read() as db:
            row = orders.order_by_saleor_id(db, self.shop.id, order.id)
            return row is not None and parcels.parcel_of_order(db, self.shop.id, row.id) is not None

    # ---- Addresses in the dashboard

    def page(self, path: str) -> str:
        """The dashboard's address of a page of the panel."""
        return f"{self.dashboard}/extensions/app/{quote(self.installed.id, safe='')}{path}"

    def order_page(self, order: Order) -> str:
        return f"{self.dashboard}/orders/{quote(order.id, safe='')}"

    def customer_page(self, user: User) -> str:
        return f"{self.dashboard}/customers/{quote(user.id, safe='')}"


@contextmanager
def furnished_house(folder: Path) -> Iterator[House]:
    """Forty people with a past, the app installed and live, new parcels in several states, one thing that failed."""
    made: dict[str, Furnished] = {}

    def fill(saleor: Saleor) -> Blueprint:
        made["it"] = furnish(saleor, seed=1, people=40, days=500)
        _rename_some(made["it"])
        return create_dashboard(saleor, Traffic(saleor, made["it"]), made["it"].admin)

    with running_shop(furnish=fill, seed=1, name="Kontor & Leaf") as demo:
        dashboard = f"http://localhost:{demo.port}"
        with running_app(folder, demo.api_url, dashboards=dashboard, settle=0.2) as processes:
            installed = demo.shop.apps.install(f"{processes.url}/api/manifest")
            processes.start("worker", "worker")
            furnished = made["it"]
            house = House(
                demo.shop, processes, installed, furnished.admin, furnished, Traffic(demo.shop, furnished), dashboard
            )
            house.wait_until_quiet()
            switch_mode(processes.app, house.shop.id, LIVE)
            _let_things_happen(house)
            yield house


def _rename_some(furnished: Furnished) -> None:
    """Names that nobody should have, but that anybody may type."""
    names = [*((name, "Meier") for name in HOSTILE), ("Ana", TURNED), (ENDLESS, ENDLESS)]
    people = [person.user for person in furnished.people if person.user and person.habit == "regular"]
    for user, (first, last) in zip(people, names, strict=False):
        user.first_name, user.last_name = first, last


def _is_odd(order: Order) -> bool:
    return order.user is not None and order.user.first_name in {*HOSTILE, "Ana", ENDLESS}


def _let_things_happen(house: House) -> None:
    people = [person for person in house.furnished.people if person.user and person.user.first_name in HOSTILE]
    endless = [person for person in house.furnished.people if person.user and person.user.first_name == ENDLESS]
    placed = [house.traffic.order(person) for person in [*people, *endless]]
    placed += [house.traffic.order() for _ in range(NEW_ORDERS)]
    house.planned(placed)
    house.saleor.desk.cancel(placed[-1])
    if placed[-2].status == "UNCONFIRMED":
        house.saleor.desk.confirm(placed[-2])
    house.saleor.desk.fulfil(placed[-2])
    house.saleor.settle(30)
    wait_until(lambda: house.parcel(placed[-1]).state == parcels.CANCELLED)
    house.wait_until_quiet()
    house.let_fail(placed[-3])
    house.fresh = placed[4:-3]
