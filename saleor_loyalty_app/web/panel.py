"""The first page of the panel: what needs a person now, and how things stand."""

from typing import Any

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import LONGEST_WORDS
from saleor_loyalty_app.services.keep_promises import settle_task
from saleor_loyalty_app.services.try_again import try_again, try_all_again
from saleor_loyalty_app.store import tasks, work
from saleor_loyalty_app.store.history import READING
from saleor_loyalty_app.store.today import MOST
from saleor_loyalty_app.web.answers import mark_of, missing, page, render_part, unless_shown, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.plain_text import row_id
from saleor_loyalty_app.web.today import age, is_old, of_customers, of_orders, readings
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("panel", __name__, url_prefix="/panel")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
LONGEST_SUBJECT = 220


@blueprint.get("/")
@staff_only(any_of=(ORDERS, USERS))
def today() -> ResponseReturnValue:
    """What needs a person now."""
    return _today()


@blueprint.get("/now")
@staff_only(any_of=(ORDERS, USERS))
def now() -> ResponseReturnValue:
    """What may have changed on the page meanwhile; 204 when it looks the same as what the asker shows."""
    with loyalty().database.read() as db:
        part = render_part("panel/today_now.html", **_now(db))
    return unless_shown(part)


@blueprint.get("/progress")
@staff_only(any_of=(ORDERS, USERS))
def progress() -> ResponseReturnValue:
    """How far the history has been read; this part of the page asks again by itself while it is read."""
    with loyalty().database.read() as db:
        program_in_force(db)  # days are written in its zone
        told = readings(db)
    part = render_part("panel/progress.html", readings=told, asked_again=True)
    return unless_shown(part, is_last=not any(reading.state == READING for reading in told))


@blueprint.post("/try-again")
@staff_only(ORDERS)
def again() -> ResponseReturnValue:
    """Try failed work again: the named subjects, or all that failed."""
    subjects = [subject[:LONGEST_SUBJECT] for subject in request.form.getlist("subject")[:100]]
    if request.form.get("all"):
        try_all_again(loyalty(), g.shop)
    elif not try_again(loyalty(), g.shop, *subjects):
        return missing()
    return with_toast(_today(), ("success", gettext("It will be tried again now.")))


@blueprint.post("/tasks/done")
@staff_only(ORDERS)
def task_done() -> ResponseReturnValue:
    """A person has looked after a task."""
    kind, subject = request.form.get("kind", "")[:40], request.form.get("subject", "")[:LONGEST_SUBJECT]
    with loyalty().database.write() as db:
        tasks.close_task(db, g.shop.id, kind, subject, now=loyalty().now())
        work.want(db, g.shop.id, "problems:", due_at=loyalty().now(), now=loyalty().now())
    try_again(loyalty(), g.shop, subject)  # what waited for the person, such as confirming the order, goes on
    return with_toast(_today(), ("success", gettext("Done. Thank you.")))


@blueprint.post("/tasks/settle")
@staff_only(ORDERS)
def settle() -> ResponseReturnValue:
    """A person has looked after what the packing desk left to be made good, and may say how."""
    words = " ".join(request.form.get("words", "").split())[:LONGEST_WORDS]
    try:
        settle_task(loyalty(), g.shop, request.form.get("task", 0, type=row_id), by=g.viewer.user_id, words=words)
    except LookupError:
        return missing()
    return with_toast(_today(), ("success", gettext("Done. Thank you.")))


def _today() -> Response:
    with loyalty().database.read() as db:
        part = render_part("panel/today_now.html", **_now(db))
        told = readings(db)
    return page("panel/today.html", "/", now=part, now_mark=mark_of(part), readings=told)


def _now(db: Connection) -> dict[str, Any]:
    program = program_in_force(db)
    values: dict[str, Any] = {"program": program, "most": MOST, "age": age, "is_old": is_old}
    if g.viewer.may(ORDERS):
        values.update(of_orders(db, program))
    if g.viewer.may(USERS):
        values.update(of_customers(db))
    return values
