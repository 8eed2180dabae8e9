"""The first page of the panel: what needs a person now, and how things stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import why
from saleor_loyalty_app.services.try_again import try_again
from saleor_loyalty_app.store import history, pages, tasks, tiers, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.web.answers import missing, page, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force, program_of_version
from saleor_loyalty_app.web.words import gettext, locale, mark

blueprint = Blueprint("panel", __name__, url_prefix="/panel")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
NEWS_DAYS = 7

ABOUT = {
    "order": mark("Order"),
    "customer": mark("Customer"),
    "erasure": mark("Erasing a customer"),
    "mirror": mark("Telling the shop who is in which tier"),
    "shop": mark("Connection to the shop"),
    "pause": mark("Pause of the app"),
    "removal": mark("Removal of the app"),
    "sweep": mark("Catching up on changes"),
    "deleted": mark("Looking for deleted accounts"),
    "review": mark("Review of tiers"),
    "history": mark("Reading the history"),
}
"""What a piece of work is about, by the first part of its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A piece of work that did not go well, for a line on the page."""

    subject: str
    about: str
    number: str | None
    order_row: int | None
    error: str
    attempts: int
    at: datetime
    again_at: datetime | None


@blueprint.get("/")
@staff_only(any_of=(ORDERS, USERS))
def today() -> ResponseReturnValue:
    """What needs a person now."""
    return _today()


@blueprint.get("/progress")
@staff_only(any_of=(ORDERS, USERS))
def progress() -> ResponseReturnValue:
    """How far the history has been read; this part of the page asks again by itself while it is read."""
    with loyalty().database.read() as db:
        return render_template("panel/progress.html", readings=_readings(db), viewer=g.viewer)


@blueprint.post("/try-again")
@staff_only(ORDERS)
def again() -> ResponseReturnValue:
    """Try failed work again."""
    if not try_again(loyalty(), g.shop, request.form.get("subject", "")[:220]):
        return missing()
    return with_toast(_today(), ("success", gettext("It will be tried again now.")))


@blueprint.post("/tasks/done")
@staff_only(ORDERS)
def task_done() -> ResponseReturnValue:
    """A person has looked after a task."""
    kind, subject = request.form.get("kind", "")[:40], request.form.get("subject", "")[:220]
    with loyalty().database.write() as db:
        tasks.close_task(db, g.shop.id, kind, subject, now=loyalty().now())
    try_again(loyalty(), g.shop, subject)  # what waited for the person, such as confirming the order, goes on
    return with_toast(_today(), ("success", gettext("Done. Thank you.")))


def _today() -> Response:
    with loyalty().database.read() as db:
        program = program_in_force(db)
        values: dict[str, Any] = {"program": program, "readings": _readings(db), "locale_code": locale()}
        if g.viewer.may(ORDERS):
            values.update(_of_orders(db))
        if g.viewer.may(USERS):
            values.update(_of_customers(db, program))
    return page("panel/today.html", "/", **values)


def _of_orders(db: Connection) -> dict[str, Any]:
    shop_id = g.shop.id
    latest = pages.parcel_lines(db, shop_id, limit=6)
    failed, retrying = work.failed(db, shop_id, limit=20), work.retrying(db, shop_id, limit=10)
    return {
        "failures": _troubles(db, failed),
        "retrying": _troubles(db, retrying),
        "tasks": tasks.open_tasks(db, shop_id, limit=20),
        "states": pages.parcels_by_state(db, shop_id),
        "latest": latest,
        "items": pages.items_in(db, shop_id, [line.id for line in latest]),
        "under_way": pages.work_under_way(db, shop_id),
    }


def _of_customers(db: Connection, program: Program) -> dict[str, Any]:
    since = loyalty().now() - timedelta(days=NEWS_DAYS)
    news = []
    for stored in tiers.decisions_since(db, g.shop.id, since, kinds=("entered",), limit=6):
        made_under = program_of_version(db, stored.decision.program_version)
        customer = customer_by_id(db, g.shop.id, stored.customer_id)
        news.append((customer, stored.decision, why(stored.decision, made_under, locale())))
    members = tiers.members_by_tier(db, g.shop.id)
    return {
        "members": members,
        "everyone": sum(members.values()),
        "news": news,
        "in_grace": pages.customers_standing(db, g.shop.id, "grace", limit=5),
        "warned": pages.customers_standing(db, g.shop.id, "warned", limit=5),
        "tiers_high_first": tuple(reversed(program.tiers)),
    }


def _readings(db: Connection) -> list[history.HistoryRead]:
    known = history.history_of(db, g.shop.id)
    return [known[kind] for kind in history.KINDS if kind in known]


def _troubles(db: Connection, rows: Sequence[work.Work]) -> list[Trouble]:
    order_ids = [row.subject.removeprefix("order:") for row in rows if row.subject.startswith("order:")]
    numbers = pages.order_numbers(db, g.shop.id, order_ids)
    found = []
    for row in rows:
        kind, _, id = row.subject.partition(":")
        order_row, number = numbers.get(id, (None, None))
        found.append(
            Trouble(
                subject=row.subject,
                about=gettext(ABOUT.get(kind, kind)),
                number=number,
                order_row=order_row,
                error=row.last_error or "",
                attempts=row.attempts,
                at=row.updated_at,
                again_at=row.due_at,
            )
        )
    return found
