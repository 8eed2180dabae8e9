"""Text with a zero byte is refused before anything is looked up by it: nobody types one, and PostgreSQL keeps none.

So is a part of a form that has no name, which no browser sends and nothing here could ask for.
"""

from collections.abc import Iterable

from flask import Flask, Request, abort, request

ZERO = "\x00"


class PlainRequest(Request):
    """A request whose form is looked through when it is read: not before, since a view may allow larger ones."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        _refuse_odd(self.form.items(multi=True))


def register(web: Flask) -> None:
    """Refuse a zero byte in the address, the query and the form of a request."""
    web.request_class = PlainRequest

    @web.before_request
    def _look_through() -> None:
        _refuse_odd([("", request.path), *request.args.items(multi=True)])


def _refuse_odd(pairs: Iterable[tuple[str | None, str]]) -> None:
    if any(name is None or ZERO in name or ZERO in value for name, value in pairs):
        abort(400)


def row_id(text: str) -> int:
    """A row's number out of a form, for `type=`. Raises ValueError for what no database counts to."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError("no row has such a number")
    return number
