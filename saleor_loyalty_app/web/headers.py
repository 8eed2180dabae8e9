"""Security headers on every answer: who may frame us, what may be loaded, what is never cached."""

from flask import Flask, Response, request

from saleor_loyalty_app.settings import Settings


def of_every_answer(settings: Settings) -> dict[str, str]:
    """What every answer says; `frame-ancestors` names the dashboards only, never the shop's API."""
    ancestors = " ".join(settings.dashboard_origins) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )

    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "origin",
        "Cache-Control": "no-store",
    }


def register(web: Flask, settings: Settings) -> None:
    """Set the headers on the pages; what is static may be cached."""
    every, static = of_every_answer(settings), of_every_answer(settings)
    del static["Cache-Control"]

    @web.after_request
    def _set(response: Response) -> Response:
        response.headers.update(static if request.path.startswith("/static/") else every)
        return response
