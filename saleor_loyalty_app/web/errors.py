"""Errors answered in one place: a clear sentence, never a stack trace; our own trouble is a 5xx."""

import structlog
from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.web.answers import with_toast
from saleor_loyalty_app.web.pages import shell
from saleor_loyalty_app.web.words import gettext

log = structlog.get_logger()


def register(web: Flask) -> None:
    """Answer what no view has answered."""
    web.register_error_handler(HTTPException, _http)
    web.register_error_handler(SQLAlchemyError, _database)
    web.register_error_handler(TimeoutError, _database)
    web.register_error_handler(TryAgain, _shop)
    web.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> ResponseReturnValue:
    if _is_seen_by_staff() and (error.code or 500) < 500:
        return _shown("missing" if error.code == 404 else "trouble", error.code or 400)
    if error.code == 404 and "text/html" in request.headers.get("Accept", ""):
        return shell(), 404  # a mistyped address of the panel: the page inside says that nothing is here
    return {"error": {"code": error.name, "message": error.description}}, error.code or 500


def _database(error: SQLAlchemyError | TimeoutError) -> ResponseReturnValue:
    # What the database itself says may repeat personal data; a mistake of ours in asking it does not.
    log.error("database_trouble", kind=type(error).__name__, exc_info=not isinstance(error, DBAPIError))
    if _is_seen_by_staff():
        return _shown("trouble", 503)
    return {"error": {"code": "Unavailable", "message": "The app's database does not answer; try again soon."}}, 503


def _shop(error: TryAgain) -> ResponseReturnValue:
    log.warning("shop_trouble", reason=str(error))
    if _is_seen_by_staff():
        return _shown("trouble", 503)
    return {"error": {"code": "Unavailable", "message": "The shop does not answer; try again soon."}}, 503


def _unexpected(_error: Exception) -> ResponseReturnValue:
    log.exception("unexpected_trouble")
    if _is_seen_by_staff():
        return _shown("trouble", 500)
    return {"error": {"code": "Unexpected", "message": "Something went wrong in the app; its log says more."}}, 500


def _is_seen_by_staff() -> bool:
    return request.path.startswith(("/panel/", "/widgets/"))


def _shown(what: str, status: int) -> ResponseReturnValue:
    folder = "widgets" if request.path.startswith("/widgets/") else "panel"
    response = make_response(render_template(f"{folder}/{what}.html"), status)
    return with_toast(response, ("error", gettext("That did not work.")))
