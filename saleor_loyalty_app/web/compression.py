"""Answers go out compressed where the browser takes it: pages, styles and scripts become a third as large.

Nothing secret stands beside anything that a stranger chooses in these answers, so compressing them tells nobody
anything. Static files are compressed once and kept.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

SMALLEST = 800
KINDS = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")


def register(web: Flask) -> None:
    """Compress what is worth it."""

    @web.after_request
    def _compress(response: Response) -> Response:
        if not _is_worth_it(response):
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip"):
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) < SMALLEST:
            return response
        static = request.path.startswith("/static/")
        response.set_data(_squeezed(body) if static else gzip.compress(body, compresslevel=5))
        response.headers["Content-Encoding"] = "gzip"
        if tag := response.get_etag()[0]:
            response.set_etag(tag, weak=True)  # the same content in another form
        return response


def _is_worth_it(response: Response) -> bool:
    return response.mimetype in KINDS and response.status_code != 304 and "Content-Encoding" not in response.headers


@lru_cache(maxsize=32)
def _squeezed(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=9, mtime=0)
