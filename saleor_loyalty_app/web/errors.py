"""Errors answered in one place: a clear sentence, never a stack trace; our own trouble is a 5xx."""

import structlog
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

log = structlog.get_logger()


def register(web: Flask) -> None:
    """Answer what no view has answered."""
    web.register_error_handler(HTTPException, _http)
    web.register_error_handler(SQLAlchemyError, _database)
    web.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> ResponseReturnValue:
    return {"error": {"code": error.name, "message": error.description}}, error.code or 500


def _database(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("database_trouble", kind=type(error).__name__)
    return {"error": {"code": "Unavailable", "message": "The app's database does not answer; try again soon."}}, 503


def _unexpected(_error: Exception) -> ResponseReturnValue:
    log.exception("unexpected_trouble")
    return {"error": {"code": "Unexpected", "message": "Something went wrong in the app; its log says more."}}, 500
