"""Promises: services that were not kept, and extras left out twice in a row, become tasks for a person.

The functions about a parcel are called in the transaction in which it is closed or opened again.
"""

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import SkipReason
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.parcel_case import ParcelCase
from saleor_loyalty_app.store import orders, parcels, promises, tasks
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.personal_data import person_subject
from saleor_loyalty_app.store.shops import LIVE, Shop, lock_shop

PROMISE_BROKEN, SKIPPED_TWICE, LINE_RAN_OUT = "promise_broken", "skipped_twice", "line_ran_out"
"""Kinds of tasks. Details: promise_broken {parcel, number, services, by}; skipped_twice {parcels, numbers, extras},
the earlier parcel first; line_ran_out {extra, orders, numbers}. Parcels are named by their codes, extras by ids."""
OF_PACKERS = frozenset(SkipReason) - {SkipReason.CUSTOMER_ASKED}
"""Reasons why an extra was left out although the customer would have liked it."""


def say_promises(
    app: App, db: Connection, shop: Shop, case: ParcelCase, kept: frozenset[int] | None, *, by: str
) -> list[str]:
    """Keep what became of a parcel's services: those at the positions `kept` were done (None: all), the rest broken.

    Return the services that were not done, in their own words.
    """
    services, parcel = case.parcel.plan.services, case.parcel
    done = frozenset(range(len(services))) if kept is None else kept
    states = {position: promises.DONE if position in done else promises.BROKEN for position in range(len(services))}
    promises.write_promises(db, shop.id, parcel, states, by=by, now=app.now())
    broken = [service for position, service in enumerate(services) if position not in done]
    if broken and parcel.mode == LIVE:
        detail = {"parcel": parcel.code, "number": case.row.number, "services": broken, "by": by}
        tasks.open_task(db, shop.id, PROMISE_BROKEN, _order_subject(case), detail=detail, now=app.now())
    return broken


def say_left_out(app: App, db: Connection, shop: Shop, case: ParcelCase) -> None:
    """Ask for a person when something was left out of this parcel, which is closed now, and of the one before it."""
    if case.parcel.mode != LIVE or not (now_out := _left_out(db, shop, case.parcel)):
        return
    before = _parcel_before(db, shop, case.parcel)
    if before is None or not (then_out := _left_out(db, shop, before)):
        return
    order = orders.order_by_row(db, shop.id, before.order_row)
    detail = {
        "parcels": [before.code, case.parcel.code],
        "numbers": [order.number if order else "", case.row.number],
        "extras": list(dict.fromkeys((*then_out, *now_out))),
    }
    subject = person_subject(case.parcel.customer_id)
    tasks.open_task(db, shop.id, SKIPPED_TWICE, subject, detail=detail, now=app.now())


def open_again(app: App, db: Connection, shop: Shop, case: ParcelCase) -> None:
    """A parcel was opened again: its services are promised as before, and the tasks that came of it are withdrawn."""
    promises.forget_promises(db, shop.id, case.parcel.id)
    tasks.close_task(db, shop.id, PROMISE_BROKEN, _order_subject(case), now=app.now())
    subject = person_subject(case.parcel.customer_id)
    known = tasks.task_about(db, shop.id, SKIPPED_TWICE, subject)
    if known and case.parcel.code in known.detail["parcels"]:
        tasks.close_task(db, shop.id, SKIPPED_TWICE, subject, now=app.now())


def settle_task(app: App, shop: Shop, task_id: int, *, by: str, words: str = "") -> None:
    """A person has looked after a task, and may say how. Twice is as good as once.

    Raises LookupError for a task that is not this shop's.
    """
    with app.database.write() as db:
        lock_shop(db, shop.id)
        tasks.settle(db, shop.id, task_id, by=by, words=words, now=app.now())


def _left_out(db: Connection, shop: Shop, parcel: Parcel) -> list[str]:
    """The extras that packers left out of a closed parcel, with nothing in their place."""
    items = parcels.items_of(db, shop.id, parcel.id)
    inside = [item for item in items if item.state in parcels.STANDING]

    def made_up_for(item: ParcelItem) -> bool:
        instead = item.kind == "surprise" and any(one.kind == item.kind and one.id > item.id for one in inside)
        return instead or item.extra_id in {one.extra_id for one in inside}

    out = [item for item in items if item.state == parcels.SKIPPED and item.reason in OF_PACKERS]
    return [item.extra_id for item in out if not made_up_for(item)]


def _parcel_before(db: Connection, shop: Shop, parcel: Parcel) -> Parcel | None:
    """The customer's parcel before this one that went on its way; what was cancelled never did."""
    for known in parcels.parcels_of(db, shop.id, parcel.customer_id):
        earlier = (known.planned_at, known.id) < (parcel.planned_at, parcel.id)
        if earlier and known.mode == parcel.mode and known.state not in {parcels.CANCELLED, parcels.PLANNED}:
            return known
    return None


def _order_subject(case: ParcelCase) -> str:
    return f"order:{case.row.order_id}"
