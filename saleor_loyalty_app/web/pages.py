"""Pages that anybody may see: the empty shell of the panel, and what the app is, stores and offers as help.

The shell holds no data and no words of a shop: a script in it does the handshake with the dashboard and loads
everything with the token it gets there.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app import __version__
from saleor_loyalty_app.web.means import loyalty

blueprint = Blueprint("pages", __name__)

THEMES = ("light", "dark")


@blueprint.get("/")
@blueprint.get("/parcels")
@blueprint.get("/parcels/<_code>")
@blueprint.get("/orders/<int:_row>")
@blueprint.get("/order")
@blueprint.get("/customers")
@blueprint.get("/customers/<int:_row>")
@blueprint.get("/customer")
@blueprint.get("/program")
@blueprint.get("/program/edit")
@blueprint.get("/program/mode")
@blueprint.get("/program/versions/<int:_row>")
def shell(_code: str = "", _row: int = 0) -> ResponseReturnValue:
    """The panel without anything in it, the same at each of its addresses, so that deep links survive a reload."""
    theme = request.args.get("theme", "")
    return render_template("panel/shell.html", theme=theme if theme in THEMES else "")


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is stored about people, for how long, and who can erase it."""
    return render_template("pages/privacy.html", settings=loyalty().settings)


@blueprint.get("/about")
def about() -> ResponseReturnValue:
    """What the app is for."""
    return render_template("pages/about.html", version=__version__)


@blueprint.get("/support")
def support() -> ResponseReturnValue:
    """How to get help, and what to look at first."""
    return render_template("pages/support.html", version=__version__)
