"""What a panel view answers with: a page with its address in the dashboard, or a toast, or both."""

import json
from typing import Any, Literal

from flask import Response, g, make_response, render_template

from saleor_loyalty_app.web.words import gettext, locale

Status = Literal["success", "info", "warning", "error"]
Toast = tuple[Status, str]
"""How a dashboard notification looks, and what it says."""


def page(template: str, path: str, *, status: int = 200, toast: Toast | None = None, **values: Any) -> Response:
    """A page of the panel. `path` is where the dashboard finds it again after a reload; it holds no names."""
    body = render_template(template, viewer=g.viewer, shop=g.shop, here=path, **values)
    response = make_response(body, status)
    response.headers["Panel-Path"] = path
    response.headers["Content-Language"] = locale()
    return with_toast(response, toast) if toast else response


def with_toast(response: Response, toast: Toast) -> Response:
    """Let the dashboard show a notification beside the answer."""
    status, title = toast
    response.headers["HX-Trigger"] = json.dumps({"toast": {"status": status, "title": title}})
    return response


def missing(path: str = "/") -> Response:
    """Nothing of this shop is there: unknown, another shop's, or gone."""
    return page("panel/missing.html", path, status=404, toast=("warning", gettext("Not found")))
