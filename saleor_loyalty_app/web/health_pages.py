"""How the app is: what stands out in words, the connection to the shop, its events, and what is to be done.

The page itself reads our own tables only. The shop is asked by a part of it, so that a dead shop delays nothing else.
"""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template
from flask.typing import ResponseReturnValue

from saleor_loyalty_app import __version__
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import EVENTS
from saleor_loyalty_app.saleor.refusals import permission_name
from saleor_loyalty_app.services.check_health import WITHOUT, app_findings, living_workers, shop_findings
from saleor_loyalty_app.services.look_at_shop import look_for_staff
from saleor_loyalty_app.services.tend_shop import repair_connection
from saleor_loyalty_app.services.try_again import try_all_again
from saleor_loyalty_app.store import queue_state, work
from saleor_loyalty_app.store.shops import shop_by_id
from saleor_loyalty_app.web.answers import Toast, page, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.words import gettext, mark, ngettext, said

blueprint = Blueprint("health_pages", __name__, url_prefix="/panel")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"

EVENT_WORDS = {
    "OrderCreated": mark("Order placed"),
    "OrderUpdated": mark("Order changed"),
    "OrderConfirmed": mark("Order confirmed by the shop"),
    "OrderFullyPaid": mark("Order paid in full"),
    "OrderCancelled": mark("Order cancelled"),
    "OrderExpired": mark("Order expired"),
    "OrderRefunded": mark("Order refunded in part"),
    "OrderFullyRefunded": mark("Order refunded in full"),
    "OrderFulfilled": mark("Order sent"),
    "OrderBulkCreated": mark("Orders imported"),
    "CustomerUpdated": mark("Customer changed"),
    "AccountConfirmed": mark("Account confirmed"),
    "AccountDeleted": mark("Account deleted by the customer"),
    "CustomerDeleted": mark("Customer deleted by staff"),
    "AppDeleted": mark("This app removed"),
    "AppStatusChanged": mark("This app activated or deactivated"),
}
NAME_BY_TYPE = {event.type: event.name for event in EVENTS}


@blueprint.get("/health")
@staff_only(any_of=(ORDERS, USERS))
def show_health() -> ResponseReturnValue:
    """What our own tables say about the app and this shop."""
    return _health_page()


@blueprint.post("/health/connection")
@staff_only(any_of=(ORDERS, USERS))
def ask_shop() -> ResponseReturnValue:
    """Ask the shop how the connection stands; the page loads this part by itself."""
    return _connection()


@blueprint.post("/health/repair")
@staff_only(any_of=(ORDERS, USERS))
def repair() -> ResponseReturnValue:
    """Put right what can be put right in the connection, and say what that was. Safe to send twice."""
    try:
        repaired = repair_connection(loyalty(), g.shop)
    except (TryAgain, HumanMustAct) as trouble:
        return with_toast(_connection(), ("error", said(trouble.saying)))
    with loyalty().database.read() as db:
        g.shop = shop_by_id(db, g.shop.id)
    if not repaired:
        return with_toast(_connection(), ("success", gettext("Checked. Nothing had to be repaired.")))
    words = ngettext("Repaired: %(num)s webhook.", "Repaired: %(num)s webhooks.", repaired) % {"num": repaired}
    return with_toast(_connection(), ("success", words))


@blueprint.post("/health/catch-up")
@staff_only(any_of=(ORDERS, USERS))
def catch_up() -> ResponseReturnValue:
    """Read now what has changed in the shop since the last look, as it is done every night. Safe to send twice."""
    now = loyalty().now()
    with loyalty().database.write() as db:
        work.want(db, g.shop.id, "sweep:", due_at=now, now=now, at_once=True)
    return with_toast(_connection(), ("success", gettext("What has changed in the shop is being read now.")))


@blueprint.post("/health/try-again")
@staff_only(ORDERS)
def try_failed_again() -> ResponseReturnValue:
    """Try everything again that has failed. Safe to send twice."""
    if try_all_again(loyalty(), g.shop):
        return _health_page(toast=("success", gettext("Everything that failed is being tried again now.")))
    return _health_page(toast=("info", gettext("Nothing has failed, so there is nothing to try again.")))


def event_words(name: str) -> str:
    """What an event is called; `name` is ours ("OrderCreated") or Saleor's ("ORDER_CREATED")."""
    known = EVENT_WORDS.get(NAME_BY_TYPE.get(name, name))
    return gettext(known) if known else name


def _health_page(*, toast: Toast | None = None) -> Response:
    app, shop = loyalty(), g.shop
    with app.database.read() as db:
        program_in_force(db)
        events = queue_state.events_of_day(db, shop.id, app.now())
        queue = queue_state.queue_of(db, shop.id)
    findings = sorted([*app_findings(app), *shop_findings(app, shop)], key=lambda one: not one.is_problem)
    return page(
        "panel/health.html",
        "/health",
        toast=toast,
        findings=findings,
        problems=sum(1 for one in findings if one.is_problem),
        events=events,
        event_words=event_words,
        queue=queue,
        workers=living_workers(app),
        app_version=__version__,
        settings=app.settings,
    )


def _connection() -> Response:
    with loyalty().database.read() as db:
        program_in_force(db)
    values: dict[str, Any] = {
        "connection": look_for_staff(loyalty(), g.shop),
        "permission_name": permission_name,
        "without": WITHOUT,
        "event_words": event_words,
        "viewer": g.viewer,
        "shop": g.shop,
    }
    return make_response(render_template("panel/connection.html", **values))
