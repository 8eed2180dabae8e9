"""An order is looked at: re-read from the shop, its facts kept, the tier decided, the parcel planned or taken back.

This is the story's middle. It may run any number of times for the same order: what stands already stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from saleor_loyalty_app.domain.orders import (
    ALREADY_SENT,
    Buyer,
    Order,
    fell_through,
    may_be_packed,
    why_no_parcel,
)
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.payloads import read_order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.close_parcel import close_parcel
from saleor_loyalty_app.services.decide_tier import current_program, decide_customer_tier, program_of, tier_reached
from saleor_loyalty_app.services.plan_parcel import plan_order_parcel
from saleor_loyalty_app.services.take_back_parcel import take_back_parcel
from saleor_loyalty_app.store import orders, packing_lists, parcels, work
from saleor_loyalty_app.store.customer_sums import renew_sums
from saleor_loyalty_app.store.customers import Customer, customer_by_id, email_key, lock_customer, remember_buyer
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import LIVE, Shop
from saleor_loyalty_app.store.warehouses import remember_warehouse

LONGEST_METHOD = 255
NOBODY = Buyer(user_id=None, email="")


def reward_order(app: App, shop: Shop, order_id: str) -> None:
    """Look at an order and decide everything about it, in one transaction. An order that is gone is left alone.

    Raises TryAgain, Denied or HumanMustAct when the shop can't be asked.
    """
    order = ask_order(app.client(shop), order_id)
    if order is None:
        return
    with app.database.write() as db:
        row, customer = keep_facts(app, db, shop, order)
        decisions = decide_customer_tier(app, db, shop, customer, order_row=row.id)
        if decisions:
            customer = customer_by_id(db, shop.id, customer.id) or customer
        parcel = parcels.parcel_of_order(db, shop.id, row.id)
        if parcel is None:
            parcel = _plan(app, db, shop, customer=customer, order=order, row=row, reached=tier_reached(decisions))
            planned = parcel is not None
        else:
            planned = parcel.state == parcels.PLANNED and not _close(app, db, shop, parcel, order)
        if parcel and planned:
            _keep_for_desk(app, db, shop, order, parcel)


def ask_order(client: ShopClient, order_id: str) -> Order | None:
    """Read an order from the shop. An order without an origin (made by scripts) is null with an error if asked for
    it (verified.md §9), so it is then read without."""
    answer = client.ask_partly("ReadOrder", id=order_id)
    if any(error.code != "PermissionDenied" and not error.may_pass for error in answer.errors):
        page = client.ask("ReadOrders", first=1, after=None, where={"ids": [order_id]}, sortBy=None)
        return next((read_order(edge["node"]) for edge in page["orders"]["edges"]), None)
    answer.raise_errors("ReadOrder")
    return read_order(answer.data["order"]) if answer.data["order"] else None


def keep_page(app: App, db: Connection, shop: Shop, page: Sequence[Order]) -> list[OrderRow]:
    """Keep what many orders say, and only then take the sums of everybody concerned, once."""
    owners = orders.owners_of(db, shop.id, [order.id for order in page])
    rows = [keep_facts(app, db, shop, order, sums=False)[0] for order in page]
    renew_sums(db, shop.id, owners | {row.customer_id for row in rows})
    return rows


def keep_facts(app: App, db: Connection, shop: Shop, order: Order, *, sums: bool = True) -> tuple[OrderRow, Customer]:
    """Keep what an order says: its facts, and who bought. A person who was erased is not remembered again."""
    known = orders.order_by_saleor_id(db, shop.id, order.id)
    owner = customer_by_id(db, shop.id, known.customer_id) if known else None
    nameless = order.anonymized or not (order.buyer.user_id or order.buyer.email)
    if owner and (owner.erased_at or nameless):
        customer = owner  # nobody new: a nameless buyer would be another one at each look
    else:
        buyer = NOBODY if order.anonymized else order.buyer
        key = email_key(app.secret(shop), buyer.email)
        customer = remember_buyer(db, shop.id, buyer, key=key, now=app.now())
        if sums:  # two orders of one customer follow one another, so that the second one knows of the first
            customer = lock_customer(db, shop.id, customer.id) or customer
    row, _ = orders.write_facts_over(db, shop.id, customer.id, order, known=known, sums=sums)
    if row.customer_id != customer.id:  # a newer answer is kept already, and it names the owner
        customer = customer_by_id(db, shop.id, row.customer_id) or customer
    if order.anonymized and customer.user_id is None:
        erase_customer(db, shop.id, customer.id, now=app.now())
    return row, customer


def want_if_undecided(app: App, db: Connection, shop: Shop, row: OrderRow) -> bool:
    """Ask for a round for an order whose facts came another way than by its own events; return whether it is wanted.

    Its events may never come: they are not sent while a permission is missing, or were given up meanwhile.
    """
    if row.placed_at < shop.installed_at or orders.is_decided(db, shop.id, row):
        return False
    work.want(db, shop.id, f"order:{row.order_id}", due_at=app.now(), now=app.now())
    return True


def _close(app: App, db: Connection, shop: Shop, parcel: Parcel, order: Order) -> bool:
    """End a planned parcel whose order fell through, or left without a word; return whether it did."""
    if lost := fell_through(order, trigger=program_of(db, shop, parcel.program_version).trigger):
        take_back_parcel(app, db, shop, parcel, why=lost)
        return True
    if order.status in ALREADY_SENT:
        close_parcel(app, db, shop, parcel, state=parcels.SHIPPED, why="not_confirmed")
        return True
    return False


def _keep_for_desk(app: App, db: Connection, shop: Shop, order: Order, parcel: Parcel) -> None:
    """Keep with a planned parcel what the packing desk goes by: whether it is ready, how it is sent, from where."""
    is_ready = parcel.mode == LIVE and may_be_packed(order)
    packing_lists.keep_ready(
        db, shop.id, parcel.id,
        ready_at=(parcel.ready_at or app.now()) if is_ready else None,
        # An order that had to be read without them still has those that were known.
        shipping_method=order.shipping_method[:LONGEST_METHOD] or parcel.shipping_method,
        warehouse_id=order.warehouse_id or parcel.warehouse_id,
    )  # fmt: skip
    remember_warehouse(db, shop.id, order.warehouse_id, order.warehouse_name)


def _plan(
    app: App, db: Connection, shop: Shop, *, customer: Customer, order: Order, row: OrderRow, reached: str | None
) -> Parcel | None:
    program = current_program(db, shop)
    # Of a person who was erased no new word is written, whatever the order still says.
    order = replace(order, anonymized=order.anonymized or customer.erased_at is not None)
    reason = why_no_parcel(order, installed_at=shop.installed_at, trigger=program.trigger)
    if reason != row.no_parcel:
        orders.set_no_parcel(db, shop.id, row.id, reason)
    if reason is not None:
        return None
    return plan_order_parcel(
        app, db, shop, program=program, version=shop.program_version or 1, customer=customer, order=order, row=row,
        tier_reached=reached,
    )  # fmt: skip
