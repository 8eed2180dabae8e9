"""What the first page shows: gathered from the store, with the words for it. No routes; see `panel.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import why
from saleor_loyalty_app.domain.tiers import Membership, Standing
from saleor_loyalty_app.saleor.events import REQUIRED_PERMISSIONS
from saleor_loyalty_app.saleor.refusals import permission_name
from saleor_loyalty_app.services.first_steps import first_steps
from saleor_loyalty_app.services.keep_promises import LINE_RAN_OUT, PROMISE_BROKEN, SKIPPED_TWICE
from saleor_loyalty_app.store import history, pages, tasks, tiers, today, work, workers
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.packing_lists import DeskFilter, count_ready
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL
from saleor_loyalty_app.web.means import loyalty, program_of_version
from saleor_loyalty_app.web.words import gettext, locale, mark

DESK_TASKS = (PROMISE_BROKEN, SKIPPED_TWICE, LINE_RAN_OUT)
"""Kinds of tasks that come from the packing desk, and have a section of their own."""
NEWS_DAYS = 7
ROWS = 5
WAITS_LONG = timedelta(days=2)
STANDS_STILL = timedelta(minutes=10)
"""A reading of the history that has not moved for so long has some trouble."""
WORKER_IS_AWAY = timedelta(minutes=2)

ABOUT = {
    "order": mark("Order"),
    "customer": mark("Customer"),
    "erasure": mark("Erasing a customer"),
    "unmirror": mark("Taking an erased customer's tier off the shop"),
    "mirror": mark("Telling the shop who is in which tier"),
    "extra": mark("Planning anew what waits for an extra that ran out"),
    "stock": mark("Stock of an extra that the shop counts"),
    "shop": mark("Connection to the shop"),
    "permission": mark("Looking for a permission that was taken away"),
    "pause": mark("Pause of the app"),
    "removal": mark("Removal of the app"),
    "sweep": mark("Catching up on changes"),
    "deleted": mark("Looking for deleted accounts"),
    "print": mark("Pages of the print room"),
    "review": mark("Review of tiers"),
    "history": mark("Reading the history"),
    "problems": mark("The list of problems in the dashboard"),
}
"""What a piece of work is about, by the first part of its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Pieces of work of one kind that have the same trouble, for one line of the page."""

    about: str
    error: str
    subjects: tuple[str, ...]
    orders: tuple[tuple[int, str], ...]
    """Our row and the number of each order among them that is known."""
    attempts: int
    at: datetime
    again_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far the history of one kind was read, and what hinders it."""

    kind: str
    state: str
    read: int
    total: int | None
    trouble: str
    """What is wrong, as it was kept; "" for nothing."""
    again_at: datetime | None
    """When it goes on by itself after trouble."""
    still_since: datetime | None
    """Since when it has not moved, when that is too long."""


def of_orders(db: Connection, program: Program) -> dict[str, Any]:
    """What staff who see orders are shown: trouble, tasks, parcels that wait, and the first steps."""
    shop_id = g.shop.id
    waiting = today.planned_parcels(db, shop_id, mode=LIVE, limit=ROWS)
    rehearses = g.shop.mode != LIVE
    rehearsed = today.planned_parcels(db, shop_id, mode=REHEARSAL, newest_first=True, limit=ROWS) if rehearses else []
    opened = tasks.open_tasks(db, shop_id, limit=20, but=DESK_TASKS)
    return {
        **of_desk(db),
        "failures": _troubles(db, work.failed(db, shop_id, limit=50)),
        "failures_in_all": today.count_failed(db, shop_id),
        "retrying": _troubles(db, work.retrying(db, shop_id, limit=50)),
        "tasks": opened,
        "task_orders": _orders_of(db, [task.subject for task in opened]),
        "worker_away": _worker_is_away(db),
        "missing_permissions": [
            permission_name(code) for code in REQUIRED_PERMISSIONS if code not in g.shop.permissions
        ],
        "waiting": waiting,
        "waiting_in_all": today.count_planned(db, shop_id, mode=LIVE),
        "rehearsed": rehearsed,
        "items": pages.items_in(db, shop_id, [parcel.id for parcel in (*waiting, *rehearsed)]),
        "steps": first_steps(db, g.shop, program),
    }


def of_desk(db: Connection) -> dict[str, Any]:
    """What the packing desk has left for others to do, and how much waits there."""
    return {
        "desk_tasks": tasks.open_tasks(db, g.shop.id, limit=20, kinds=DESK_TASKS),
        "desk_ready": count_ready(db, g.shop.id, DeskFilter(), now=loyalty().now()),
    }


def of_customers(db: Connection) -> dict[str, Any]:
    """What staff who see customers are shown: who is new in a tier, and who may lose one."""
    since = loyalty().now() - timedelta(days=NEWS_DAYS)
    news = []
    for stored in tiers.decisions_since(db, g.shop.id, since, kinds=("entered",), limit=ROWS):
        made_under = program_of_version(db, stored.decision.program_version)
        customer = customer_by_id(db, g.shop.id, stored.customer_id)
        news.append((customer, stored.decision, why(stored.decision, made_under, locale())))
    careful = [
        (customer, safe_until(customer.membership, customer.next_review_on))
        for standing in (Standing.GRACE, Standing.WARNED)
        for customer in today.customers_standing(db, g.shop.id, standing, limit=ROWS)
    ]
    return {
        "news": news,
        "news_in_all": today.count_decided(db, g.shop.id, since, kind="entered"),
        "careful": careful,
        "careful_in_all": sum(
            today.count_standing(db, g.shop.id, standing) for standing in (Standing.GRACE, Standing.WARNED)
        ),
    }


def readings(db: Connection) -> list[Reading]:
    """How far the history was read; empty for a shop whose history was never read."""
    known = history.history_of(db, g.shop.id)
    row = work.find(db, g.shop.id, "history:")
    return [_reading(known[kind], row) for kind in history.KINDS if kind in known]


def safe_until(membership: Membership, next_review_on: date | None) -> date | None:
    """The last day on which a member who is warned or in grace keeps the tier for certain."""
    if membership.standing is Standing.GRACE:
        return membership.grace_until
    return next_review_on - timedelta(days=1) if next_review_on else None


def age(at: datetime) -> str:
    """How long ago a moment was: "3 days ago"."""
    passed = min(at - loyalty().now(), timedelta())
    if passed > timedelta(minutes=-1):
        return gettext("just now")
    return format_timedelta(passed, granularity="minute", add_direction=True, locale=locale())


def is_old(at: datetime) -> bool:
    """Whether a parcel that was planned then waits too long."""
    return loyalty().now() - at >= WAITS_LONG


def _reading(reading: history.HistoryRead, row: work.Work | None) -> Reading:
    under_way = reading.state == history.READING
    failing = under_way and row is not None and row.last_error is not None
    still = under_way and not failing and loyalty().now() - reading.updated_at > STANDS_STILL
    return Reading(
        kind=reading.kind,
        state=reading.state,
        read=reading.read,
        total=reading.total,
        trouble=(row.last_error or "") if row and failing else "",
        again_at=row.due_at if row and failing and row.state != work.FAILED else None,
        still_since=reading.updated_at if still else None,
    )


def _worker_is_away(db: Connection) -> bool:
    now = loyalty().now()
    return not any(now - seen < WORKER_IS_AWAY for seen in workers.seen(db).values())


def _troubles(db: Connection, rows: Sequence[work.Work]) -> list[Trouble]:
    """Rows that are about the same kind of thing and have the same error become one line, the newest first."""
    known = _orders_of(db, [row.subject for row in rows])
    alike: dict[tuple[str, str], list[work.Work]] = {}
    for row in rows:
        alike.setdefault((row.subject.partition(":")[0], row.last_error or ""), []).append(row)
    return [
        Trouble(
            about=gettext(ABOUT.get(kind, kind)),
            error=error,
            subjects=tuple(row.subject for row in members),
            orders=tuple(known[row.subject] for row in members if row.subject in known),
            attempts=max(row.attempts for row in members),
            at=min(row.updated_at for row in members),
            again_at=min((row.due_at for row in members if row.due_at), default=None),
        )
        for (kind, error), members in alike.items()
    ]


def _orders_of(db: Connection, subjects: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Our row and the number of the order that a subject is about, by subject."""
    order_ids = {subject: subject.removeprefix("order:") for subject in subjects if subject.startswith("order:")}
    known = today.order_numbers(db, g.shop.id, set(order_ids.values()))
    return {subject: known[order_id] for subject, order_id in order_ids.items() if order_id in known}
