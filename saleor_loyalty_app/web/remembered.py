"""What the panel last said of a viewer's dashboard: its theme, its language, its address. For the widgets.

Widgets are opened without any of it (dashboard-facts.md), and a third party's frame has neither cookies nor
storage it can count on. So it is kept for each viewer; it is written when it changes, or once a day.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, g, request

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.viewers import Surroundings, dashboard_at, remember, seen_by

THEMES = ("light", "dark")
LONGEST_LOCALE = 20
WRITTEN_ANEW_AFTER = timedelta(days=1)
SALEORS_OWN_PATH = "/dashboard"
"""Where Saleor mounts a dashboard that shares the API's origin."""


def look_around() -> None:
    """Find what is known of this request's viewer, and keep what the panel says of it now, if that is news."""
    app = _app()
    with app.database.read() as db:
        known, written_at = seen_by(db, g.shop.id, g.viewer.user_id)
    g.surroundings = known
    if "Theme" not in request.headers:
        return
    now = app.now()
    g.surroundings = _said_by_panel(known)
    if g.surroundings != known or written_at is None or now - written_at > WRITTEN_ANEW_AFTER:
        with app.database.write() as db:
            remember(db, g.shop.id, g.viewer.user_id, g.surroundings, now)


def surroundings() -> Surroundings:
    """What is known of this request's viewer."""
    found: Surroundings = g.get("surroundings", Surroundings())
    return found


def dashboard() -> str:
    """The configured dashboard that a widget stands in, to make links of; "" where none is known.

    The browser names the origin. The path below which the dashboard is mounted is what the panel said of it,
    to this viewer or to another of the shop.
    """
    said, known = request.headers.get("Dashboard", ""), surroundings().dashboard
    if is_dashboard(said):
        return said
    origin = _origin_of(request.headers.get("Origin") or request.headers.get("Referer", ""))
    if not is_dashboard(origin):
        return known if is_dashboard(known) else ""
    if known == origin or known.startswith(f"{origin}/"):
        return known
    with _app().database.read() as db:
        seen = dashboard_at(db, g.shop.id, origin)
    shares_origin = origin == _origin_of(g.shop.saleor_api_url)
    return seen or (origin + SALEORS_OWN_PATH if shares_origin else origin)


def is_dashboard(address: str) -> bool:
    """Whether it is one of the configured origins, with nothing but a plain path behind it."""
    origin = _origin_of(address)
    path = address.removeprefix(origin)
    return origin in _app().settings.dashboard_origins and re.fullmatch(r"(/[\w-]{1,40}){0,4}", path) is not None


def _said_by_panel(known: Surroundings) -> Surroundings:
    theme, address = request.headers["Theme"], request.headers.get("Dashboard", "").rstrip("/")
    return Surroundings(
        theme=theme if theme in THEMES else known.theme,
        locale=request.headers.get("Locale", "")[:LONGEST_LOCALE] or known.locale,
        dashboard=address if is_dashboard(address) else known.dashboard,
    )


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _app() -> App:
    found: App = current_app.extensions["loyalty"]
    return found
