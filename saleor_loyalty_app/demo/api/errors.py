"""Errors as the API shows them."""

import json
import traceback
from typing import Any

import jwt
from graphql import GraphQLError
from graphql.language import get_location

from saleor_loyalty_app.demo.ids import WrongId


class PermissionDenied(Exception):
    """The caller may not do or see this; an unknown token is answered the same way."""

    def __init__(self, *needed: str) -> None:
        """Name what would do; without names the text is the general one."""
        names = ", ".join(needed)
        general = "You do not have permission to perform this action"
        super().__init__(
            f"To access this path, you need one of the following permissions: {names}" if names else general
        )


class InvalidTokenError(Exception):
    """A well-signed token that is of no use here."""


class WrongEnumValue(Exception):
    """A value that the schema's enum does not have; shown without a location, as graphql-core 2 does."""


class BadRequest(Exception):
    """The whole request is refused with HTTP 400 and without data."""

    def __init__(self, message: str, *, code: str = "GraphQLError", position: tuple[int, int] | None = None) -> None:
        """position is (line, column), where the refusal has a place."""
        super().__init__(message)
        self.code = code
        self.position = position


_SHOWN = (PermissionDenied, InvalidTokenError, WrongEnumValue, WrongId, GraphQLError, jwt.PyJWTError)


def shown(error: GraphQLError, *, debug: bool) -> dict[str, Any]:
    """One entry of `errors`. The text of an unexpected exception is hidden unless in debug."""
    cause = error.original_error or error
    expected = isinstance(cause, _SHOWN)
    entry: dict[str, Any] = {"message": error.message if expected or debug else "Internal Server Error"}
    if error.nodes and not isinstance(cause, WrongEnumValue):
        places = [get_location(node.loc.source, node.loc.start) for node in error.nodes[:1] if node.loc]
        entry["locations"] = [{"line": place.line, "column": place.column} for place in places]
    if error.path:
        entry["path"] = list(error.path)
    exception: dict[str, Any] = {"code": _code(cause)}
    if debug:
        exception["stacktrace"] = traceback.format_exception(cause)
    entry["extensions"] = {"exception": exception}
    return entry


def refusal(problem: BadRequest) -> dict[str, Any]:
    """The same for a refused request."""
    entry: dict[str, Any] = {"message": str(problem)}
    if problem.position:
        line, column = problem.position
        entry["locations"] = [{"line": line, "column": column}]
    return entry | {"extensions": {"exception": {"code": problem.code}}}


def as_saleor_says(message: str) -> str:
    """A validation message of graphql-core 3 in the quotes of graphql-core 2."""
    return message.replace("'", '"')


def quoted(value: object) -> str:
    """A value as graphql-core 2 prints it in messages."""
    return json.dumps(value, sort_keys=True)


def _code(cause: Exception) -> str:
    if isinstance(cause, (WrongId, WrongEnumValue)):
        return "GraphQLError"
    return type(cause).__name__
