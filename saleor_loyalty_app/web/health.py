"""Whether the app is alive and ready; for load balancers and monitors, without any data."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.store.migrate import newest_revision, revision_of
from saleor_loyalty_app.web.means import loyalty

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers too, and its tables are those that this version works with.

    An error of the database is answered as 503 elsewhere.
    """
    with loyalty().database.read() as db:
        if revision_of(db) != newest_revision():
            return {"status": "the tables are of another version of the app"}, 503
    return {"status": "ok"}
