"""Security headers on every answer: who may frame us, what may be loaded, what is never cached."""

from flask import Flask, Response, request

from saleor_loyalty_app.settings import Settings


def register(web: Flask, settings: Settings) -> None:
    """Set the headers; `frame-ancestors` names the dashboards only, never the shop's API."""
    ancestors = " ".join(settings.dashboard_origins) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )

    @web.after_request
    def _set(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "origin"
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response
