"""Two shops in one installation, each with something in every table: what one of them must never see of the other."""

import io
import re
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from factories import OTHER_SHOP_URL, SHOP_URL, Clock, a_buyer, a_row, an_extra, fresh, global_id, jwks, make_settings
from flask import Flask
from panel_house import House, german_and_english
from PIL import Image
from sqlalchemy import Connection, insert, select
from werkzeug.routing import Rule

from saleor_loyalty_app.services import edit_program, take_batch
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import edit_note
from saleor_loyalty_app.services.keep_picture import keep_picture
from saleor_loyalty_app.services.keep_stationery import keep_print_picture
from saleor_loyalty_app.services.open_desk import enter_desk, make_link
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.store import effects, history, inbox, packing_lists, print_jobs, stock, tasks
from saleor_loyalty_app.store import viewers as seen
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.parcel_tables import parcels as parcel_rows
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.web import create_app

STAFF = global_id("User", 21)
NO_SHOPS = {"workers": "processes are of no shop"}


@dataclass
class Furnished(House):
    """A shop with something in every table; each word in it that somebody could read begins with `mark`."""

    app: App
    mark: str
    url: str
    key: str
    app_id: str
    first_number: int
    ending: str = ""
    """What each name of a customer and each note ends with."""
    ids: dict[str, Any] = field(default_factory=dict)
    """What stands in addresses and forms, by its name."""

    def __post_init__(self) -> None:
        extras = [
            an_extra(name={"en": f"{self.mark}-caramel"}),
            an_extra("bookmark", name={"en": f"{self.mark}-mark"}, kind="surprise", cost="0.60", stock=50),
            an_extra("soap", name={"en": f"{self.mark}-soap"}, kind="surprise", cost="0.60", stock=50),
        ]
        surprises = [{"chance": 1.0, "pool": ["bookmark", "soap"]}]
        toml = german_and_english(name=f"{self.mark}-program", extras=extras, surprises=surprises)
        super().__init__(
            self.app,
            saleor_api_url=self.url,
            app_id=self.app_id,
            jwks=jwks(self.key),
            name=f"{self.mark}-shop",
            toml=toml,
        )
        self._numbers = self.first_number - 1
        self._fill()

    def headers(self, *, locale: str = "en", **claims: Any) -> dict[str, str]:
        return super().headers(locale=locale, **{"key": self.key, "app": self.app_id, **claims})

    def desk_headers(self) -> dict[str, str]:
        """What a desk in a tab of its own shows."""
        return {"Desk-Token": str(self.ids["desk_token"])}

    def _fill(self) -> None:
        app, shop, now = self.app, self.shop, self.app.now()
        made = [
            self.bought(total=120, buyer=self._buyer(number))
            for number in range(self.first_number, self.first_number + 3)
        ]
        self._ready(*made)
        batch = take_batch.take_batch(app, shop, packing_lists.DeskFilter(), by=STAFF, size=2)
        edit_note(
            app, shop, made[0].id, by=STAFF, wish=self._wish("edit"), text=f"{self.mark}-words on the card{self.ending}"
        )
        customer = made[0].customer_id
        set_wishes(app, shop, customer, exclusions=[f"{self.mark}-nuts"], preferences=[f"{self.mark}-tea"])
        draft = edit_program.open_draft(app, shop, by=STAFF)
        keep_picture(app, shop, "caramel", a_picture(), by=STAFF)
        keep_print_picture(app, shop, "logo", a_picture(), by=STAFF)
        desk_token = enter_desk(app, make_link(app, shop, by=STAFF, permissions=["MANAGE_ORDERS"]))
        with app.database.write() as db:
            job = print_jobs.add_job(
                db,
                shop.id,
                kind="cards",
                of=[(made[0].id, customer)],
                options={"about": "ready"},
                by=STAFF,
                wish=self._wish("job"),
                now=now,
            )
            job_row = db.scalar(
                select(metadata.tables["print_jobs"].c.id).where(metadata.tables["print_jobs"].c.shop_id == shop.id)
            )
            item = db.scalar(
                select(metadata.tables["parcel_items"].c.id).where(
                    metadata.tables["parcel_items"].c.parcel_id == made[0].id
                )
            )
            self._rows(db, "print_chunks", job_id=job_row, number=0, sealed_pdf=app.vault.seal(b"%PDF"))
            self._rows(db, "promises", parcel_id=made[2].id, customer_id=made[2].customer_id, state="broken", by=STAFF)
            self._rows(db, "variant_moves", parcel_item_id=item, variant_id=f"{self.mark}-variant")
            self._rows(db, "variant_stock", extra_id="soap", variant_id=f"{self.mark}-variant")
            self._rows(db, "warehouses", warehouse_id=f"{self.mark}-place", name=f"{self.mark}-house")
            self._rows(db, "stationery", settings={}, changed_by=STAFF)
            stock.set_count(db, shop.id, "caramel", 30, now=now)
            seen.remember(db, shop.id, STAFF, seen.Surroundings(theme="dark"), now)
            effects.begin_effect(db, shop.id, f"order:{global_id('Order', self.first_number)}", "note:planned", now=now)
            subject = f"order:{global_id('Order', self.first_number)}"
            changed = {"number": str(self.first_number), "before": "1", "after": "2", "currency": "USD"}
            tasks.open_task(db, shop.id, "total_changed", subject, detail=changed, now=now)
            history.start_reading(db, shop.id, "orders", read_from=None, now=now)
            inbox.keep_all(db, [inbox.Arrival(shop.id, f"hash of {self.mark}", "OrderPaid", (subject,), now)])
            task = db.scalar(select(metadata.tables["tasks"].c.id).where(metadata.tables["tasks"].c.shop_id == shop.id))
            desk = db.scalar(
                select(metadata.tables["desk_sessions"].c.id).where(
                    metadata.tables["desk_sessions"].c.shop_id == shop.id
                )
            )
        self.shop = fresh(app, shop)
        self.ids = {
            "code": made[0].code,
            "row": made[0].order_row,
            "surprise": made[0].plan.extras.chosen[-1].extra_id,
            "customer_id": customer,
            "batch": batch.code,
            "job": job.code,
            "item": item,
            "task": task,
            "desk": desk,
            "subject": subject,
            "orderId": global_id("Order", self.first_number),
            "customerId": global_id("User", self.first_number),
            "number": str(self.first_number),
            "parcel_id": made[0].id,
            "desk_token": desk_token,
            "revision": draft.revision,
            "free": made[2].code,
            "job_id": job_row,
            "warehouse": f"{self.mark}-place",
            "user_id": STAFF,
            "batch_id": batch.id,
            "order_row": made[0].order_row,
            "name": f"{self.mark}-First{self.first_number}",
            "wish": self._wish("edit"),
        }

    def _wish(self, what: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self.mark}-{what}"))

    def _buyer(self, number: int) -> Any:
        words = {
            name: f"{self.mark}-{word}{number}{self.ending}"
            for name, word in (("first_name", "First"), ("last_name", "Last"))
        }
        return a_buyer(user_id=global_id("User", number), email=f"{self.mark}.{number}@example.com", **words)

    def _ready(self, *made: Parcel) -> None:
        with self.app.database.write() as db:
            ids = [one.id for one in made]
            db.execute(parcel_rows.update().where(parcel_rows.c.id.in_(ids)).values(ready_at=self.app.now()))

    def _rows(self, db: Connection, _table: str, **values: Any) -> None:
        table = metadata.tables[_table]
        db.execute(insert(table), a_row(table, shop_id=self.shop.id, **values))

    def has_trouble(self) -> None:
        """Something of the shop has failed. Making another shop forgets it."""
        self.failed(str(self.ids["subject"]), f"{self.mark}-trouble")

    # ---- What is there

    def moved_to(self, app: App) -> "Furnished":
        """The same shop in a copy of its database."""
        there = copy(self)
        there.app, there.client = app, create_app(app).test_client()
        return there

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of this shop, by its table."""
        return rows_of(self.app, self.shop.id)

    def words(self) -> list[str]:
        """What of this shop must stand in no answer to another one."""
        known = {
            name: value for name, value in self.ids.items() if name in {"code", "batch", "job", "free", "desk_token"}
        }
        return [f"{self.mark}-", f"{self.mark}.", self.url, *map(str, known.values())]


def rows_of(app: App, shop_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a shop, by its table; the shop itself is one of them."""
    with app.database.read() as db:
        return every_row_in(db, shop_id)


def every_row_in(db: Connection, shop_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """The same within a transaction."""
    return {
        table.name: sorted((tuple(row) for row in db.execute(select(table).where(owner == shop_id))), key=repr)
        for table in metadata.sorted_tables
        if table.name not in NO_SHOPS
        for owner in [table.c.id if table.name == "shops" else table.c.shop_id]
    }


def a_picture(kind: str = "PNG", size: tuple[int, int] = (20, 20)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind)
    return written.getvalue()


def first_shop(app: App) -> Furnished:
    return Furnished(app, "Ours", SHOP_URL, "shop", "QXBwOjg=", 1)


def second_shop(app: App) -> Furnished:
    return Furnished(app, "Theirs", OTHER_SHOP_URL, "other", "QXBwOjk=", 501)


def make_app(folder: Path, database_url: str = "") -> App:
    settings = make_settings(folder, **({"database_url": database_url} if database_url else {}))
    vault = Vault(settings.secret_keys)
    return App(settings=settings, database=Database(settings.app_database_url), vault=vault, now=Clock().now)


@dataclass
class Made:
    """A database with two furnished shops, which tests work on copies of."""

    file: Path
    ours: Furnished
    theirs: Furnished


# ---- Every route


def address_of(rule: Rule, ids: dict[str, Any]) -> str:
    """The address of a route with the ids of a shop in it."""
    if rule.rule.startswith("/panel/desk/<code>"):
        ids = {**ids, "code": ids["batch"]}
    elif rule.rule.startswith("/panel/print/jobs/<code>"):
        ids = {**ids, "code": ids["job"]}
    elif "/proof/<kind>/" in rule.rule:
        ids = {**ids, "kind": "cards"}
    elif "/pictures/<kind>" in rule.rule:
        ids = {**ids, "kind": "logo"}
    elif rule.rule.endswith("/edit/<kind>"):
        ids = {**ids, "kind": "budget"}
    elif "/edit/<kind>" in rule.rule or "/new/<kind>" in rule.rule:
        ids = {**ids, "kind": "extras", "code": "caramel"}
    known = {
        "extra_id": "caramel",
        "version": 1,
        "month": "2026-06",
        "mode": "live",
        "rest": f"_/tier/gold/{ids['name']}",
        "which": f"batch/{ids['batch']}",
        "narrowed": f"warehouse/{ids['warehouse']}",
        **ids,
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found.group(1).lstrip("_")]), rule.rule)


def guarded_rules(web: Flask) -> list[tuple[Rule, str]]:
    """Each route that asks who is there, with each of its methods."""
    return [
        (rule, method)
        for rule in web.url_map.iter_rules()
        if getattr(web.view_functions[rule.endpoint], "needs_permissions", ())
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def form_with(ids: dict[str, Any], wish: str = "") -> dict[str, Any]:
    """Every field that any form has, filled with what a shop knows its things by."""
    return {
        **{name: str(value) for name, value in ids.items()},
        "wish": wish or str(uuid4()),
        "id": "caramel",
        "extra": "caramel",
        "text": "Hello",
        "words": "because",
        "reason": "no_room",
        "which": "parcel",
        "parcel": ids["code"],
        "chosen": f"parcel/{ids['code']}",
        "kind": "cards",
        "scanned": ids["free"],
        "seen": ids["code"],
        "only": ids["code"],
        "order": ids["number"],
        "search": ids["name"],
        "base": "1",
        "version": "1",
        "pieces": "5",
        "size": "5",
        "tier": "gold",
        "until": "2099-01-01",
        "toml": "x = 1",
        "sure": "yes",
        "mode": "live",
        "to": "1",
        "was": "x",
        "exclusion": "nuts",
        "like": "tea",
        "solved": "on",
        "drop": "",
        "forget": "",
    }
