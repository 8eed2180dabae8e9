"""What a panel view answers with: a page with its address in the dashboard, or a toast, or both."""

import json
from hashlib import sha256
from typing import Any, Literal

from flask import Response, g, make_response, render_template, request
from markupsafe import Markup

from saleor_loyalty_app.web.words import gettext, locale

Status = Literal["success", "info", "warning", "error"]
Toast = tuple[Status, str]
"""How a dashboard notification looks, and what it says."""
ASK_NO_MORE = 286
"""How htmx is told, and so is panel.js, that a part which is fetched again by itself has come to its end."""


def page(template: str, path: str, *, status: int = 200, toast: Toast | None = None, **values: Any) -> Response:
    """A page of the panel. `path` is where the dashboard finds it again after a reload; it holds no names."""
    body = render_template(template, viewer=g.viewer, shop=g.shop, here=path, **values)
    response = make_response(body, status)
    response.headers["Panel-Path"] = path
    response.headers["Content-Language"] = locale()
    return with_toast(response, toast) if toast else response


def with_toast(response: Response, toast: Toast, **events: str) -> Response:
    """Let the dashboard show a notification beside the answer; `events` are those that parts of the page wait for."""
    status, title = toast
    response.headers["HX-Trigger"] = json.dumps({"toast": {"status": status, "title": title}, **events})
    return response


def missing(path: str = "/") -> Response:
    """Nothing of this shop is there: unknown, another shop's, or gone."""
    return page("panel/missing.html", path, status=404, toast=("warning", gettext("Not found")))


def render_part(template: str, **values: Any) -> Markup:
    """A part of a page that is fetched again by itself, rendered alone and escaped already."""
    return Markup(render_template(template, viewer=g.viewer, shop=g.shop, **values))  # noqa: S704 - escaped by Jinja


def mark_of(part: str) -> str:
    """What tells one state of a part from another."""
    return sha256(part.encode()).hexdigest()[:16]


def unless_shown(part: Markup, *, is_last: bool = False) -> Response:
    """The part with its mark; 204 when the asker shows it already, 286 when it need not ask again."""
    known = request.args.get("mark") == mark_of(part)
    response = make_response(part, ASK_NO_MORE) if is_last else make_response(*(("", 204) if known else (part, 200)))
    response.headers["Part-Mark"] = mark_of(part)
    return response
