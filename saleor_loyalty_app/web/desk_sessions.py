"""The packing desk in a tab of its own: the link to it, the tab's shell, who has one open, and how each ends.

The link's code stands behind the "#" of an address, so that no server and no log ever sees it there.
"""

from base64 import b64encode

import structlog
from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.printing.barcodes import qr_svg
from saleor_loyalty_app.saleor.tokens import BadToken
from saleor_loyalty_app.services.open_desk import LINK_GOOD, enter_desk, make_link
from saleor_loyalty_app.store import desk_sessions
from saleor_loyalty_app.store.desk_sessions import DeskSession
from saleor_loyalty_app.web.answers import with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("desk_sessions", __name__)

log = structlog.get_logger()
ORDERS = "MANAGE_ORDERS"
ROW_DIGITS = 18


@blueprint.get("/desk/tab")
def tab() -> ResponseReturnValue:
    """The tab without anything in it: its script exchanges the code behind the "#" and fetches the desk."""
    return render_template("panel/desk_tab.html")


@blueprint.post("/panel/desks/enter")
def enter() -> ResponseReturnValue:
    """The tab's token for the one-time code of its link."""
    try:
        return {"token": enter_desk(loyalty(), request.form.get("code", ""))}
    except BadToken as refused:
        log.info("desk_refused", reason=str(refused))
        return {"error": {"code": "BAD_CODE", "message": "This link was used already, or is too old."}}, 401


@blueprint.post("/panel/desks/link")
@staff_only(ORDERS)
def link() -> ResponseReturnValue:
    """A link to a new tab, as words and as a picture that a tablet can read."""
    code = make_link(loyalty(), g.shop, by=g.viewer.user_id, permissions=g.viewer.permissions)
    address = f"{loyalty().settings.public_url}/desk/tab#{code}"
    return _part(address=address, picture=svg_uri(qr_svg(address)), minutes=int(LINK_GOOD.total_seconds() // 60))


@blueprint.post("/panel/desks/end")
@staff_only(ORDERS)
def end() -> ResponseReturnValue:
    """End one tab, or all of them: anybody who packs may, since ending does no harm and a lost tablet is urgent."""
    number = request.form.get("desk", "")
    with loyalty().database.write() as db:
        if request.form.get("all"):
            desk_sessions.end_all(db, g.shop.id, now=loyalty().now())
        elif number.isascii() and number.isdigit() and len(number) <= ROW_DIGITS:
            desk_sessions.end_session(db, g.shop.id, int(number), now=loyalty().now())
    return with_toast(_part(), ("success", gettext("Ended. What that tab still shows can't be used any more.")))


@blueprint.post("/panel/desks/leave")
@staff_only(ORDERS, desk=True)
def leave() -> ResponseReturnValue:
    """End the tab that asks."""
    if "desk" in g:
        with loyalty().database.write() as db:
            desk_sessions.end_session(db, g.shop.id, g.desk.id, now=loyalty().now())
    return "", 204


def open_desks(db: Connection) -> list[DeskSession]:
    """The tabs that are open in the viewer's shop."""
    return desk_sessions.open_sessions(db, g.shop.id, now=loyalty().now())


def svg_uri(svg: str) -> str:
    """A drawing as an image's address: what came from elsewhere can do nothing in it."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _part(**values: object) -> Response:
    with loyalty().database.read() as db:
        program_in_force(db)  # days are written in its zone
        desks = open_desks(db)
    return make_response(render_template("panel/desk_tabs.html", desks=desks, viewer=g.viewer, shop=g.shop, **values))
