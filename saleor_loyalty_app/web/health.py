"""Whether the app is alive and ready; for load balancers and monitors, without any data."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from saleor_loyalty_app.web.means import loyalty

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers too; a database error is answered as 503 elsewhere."""
    with loyalty().database.read() as db:
        db.execute(text("SELECT 1"))
    return {"status": "ok"}
