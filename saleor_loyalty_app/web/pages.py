"""Pages that anybody may see: the empty shell of the panel, and what the app is, stores and offers as help.

The shell holds no data and no words of a shop: a script in it does the handshake with the dashboard and loads
everything with the token it gets there.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app import __version__
from saleor_loyalty_app.services.keep_house import VIEWERS_KEPT
from saleor_loyalty_app.web.means import loyalty

blueprint = Blueprint("pages", __name__)

THEMES = ("light", "dark")


SHELL_PATHS = (
    "/",
    "/parcels",
    "/parcels/<_code>",
    "/parcels/in/<path:_code>",
    "/orders/<int:_row>",
    "/order",
    "/customers",
    "/customers/<int:_row>",
    "/customers/<int:_row>/data",
    "/customers/<int:_row>/erase",
    "/customers/in/<path:_code>",
    "/customer",
    "/desk",
    "/desk/<_code>",
    "/desk/in/<path:_code>",
    "/costs",
    "/costs/<_code>",
    "/costs/<_code>/live",
    "/costs/<_code>/rehearsal",
    "/print",
    "/print/in/<path:_code>",
    "/print/jobs/<_code>",
    "/print/approve",
    "/print/look",
    "/health",
    "/program",
    "/program/edit",
    "/program/edit/<_code>",
    "/program/edit/<_part>/<_code>",
    "/program/check",
    "/program/versions",
    "/program/mode",
    "/program/versions/<int:_row>",
)
"""Where the panel can be entered. Each is also found below /again: panel.js needs a second address of it."""


def shell(_code: str = "", _row: int = 0, _part: str = "") -> str:
    """The panel without anything in it, the same at each of its addresses, so that deep links survive a reload."""
    theme = request.args.get("theme", "")
    return render_template("panel/shell.html", theme=theme if theme in THEMES else "")


for _path in SHELL_PATHS:
    blueprint.add_url_rule(f"{_path.rstrip('/')}/", view_func=shell, strict_slashes=False)
    blueprint.add_url_rule(f"/again{_path.rstrip('/')}/", view_func=shell, strict_slashes=False)


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is stored about people, for how long, and who can erase it."""
    return render_template("pages/privacy.html", settings=loyalty().settings, keep_viewers_days=VIEWERS_KEPT.days)


@blueprint.get("/about")
def about() -> ResponseReturnValue:
    """What the app is for."""
    return render_template("pages/about.html", version=__version__)


@blueprint.get("/support")
def support() -> ResponseReturnValue:
    """How to get help, and what to look at first."""
    return render_template("pages/support.html", version=__version__)
