"""Each request has a reference that all its log lines carry: that of the proxy before us, or one of our own."""

import re
import secrets

import structlog
from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
SANE = re.compile(r"[0-9A-Za-z_-]{8,64}")


def begin(given: str) -> str:
    """The reference of a request that begins, given by a proxy or not; its log lines carry it from here on."""
    reference = given if SANE.fullmatch(given) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=reference)
    return reference


def register(web: Flask) -> None:
    """Bind the reference before anything is done, and say it in the answer."""

    @web.before_request
    def _bind() -> None:
        g.reference = begin(request.headers.get(HEADER, ""))

    @web.after_request
    def _say(response: Response) -> Response:
        response.headers[HEADER] = g.reference
        return response
