"""The first page of the panel: what needs a person now, and how things stand."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection

from saleor_loyalty_app.services.try_again import try_again, try_all_again
from saleor_loyalty_app.store import tasks
from saleor_loyalty_app.store.history import READING
from saleor_loyalty_app.store.today import MOST
from saleor_loyalty_app.web.answers import missing, page, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.today import age, is_old, of_customers, of_orders, readings
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("panel", __name__, url_prefix="/panel")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
LONGEST_SUBJECT = 220
ASK_NO_MORE = 286
"""How htmx is told, and so is panel.js, that a part which is fetched again by itself has come to its end."""


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
        part = _part("panel/today_now.html", **_now(db))
    return _unless_shown(part)


@blueprint.get("/progress")
@staff_only(any_of=(ORDERS, USERS))
def progress() -> ResponseReturnValue:
    """How far the history has been read; this part of the page asks again by itself while it is read."""
    with loyalty().database.read() as db:
        program_in_force(db)  # days are written in its zone
        told = readings(db)
    part = _part("panel/progress.html", readings=told, asked_again=True)
    return _unless_shown(part, is_last=not any(reading.state == READING for reading in told))


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
    try_again(loyalty(), g.shop, subject)  # what waited for the person, such as confirming the order, goes on
    return with_toast(_today(), ("success", gettext("Done. Thank you.")))


def _today() -> Response:
    with loyalty().database.read() as db:
        part = _part("panel/today_now.html", **_now(db))
        told = readings(db)
    return page("panel/today.html", "/", now=part, now_mark=_mark(part), readings=told)


def _now(db: Connection) -> dict[str, Any]:
    program = program_in_force(db)
    values: dict[str, Any] = {"program": program, "most": MOST, "age": age, "is_old": is_old}
    if g.viewer.may(ORDERS):
        values.update(of_orders(db, program))
    if g.viewer.may(USERS):
        values.update(of_customers(db))
    return values


def _part(template: str, **values: Any) -> Markup:
    """A part of the page, rendered by itself and escaped already."""
    return Markup(render_template(template, viewer=g.viewer, shop=g.shop, **values))  # noqa: S704 - escaped by Jinja


def _mark(part: str) -> str:
    """What tells one state of a part from another."""
    return sha256(part.encode()).hexdigest()[:16]


def _unless_shown(part: Markup, *, is_last: bool = False) -> Response:
    """The part with its mark; 204 when the asker shows it already, 286 when it need not ask again."""
    known = request.args.get("mark") == _mark(part)
    response = make_response(part, ASK_NO_MORE) if is_last else make_response(*(("", 204) if known else (part, 200)))
    response.headers["Part-Mark"] = _mark(part)
    return response
