"""What the panel last said of a viewer's dashboard: its theme, its language, its address. For the widgets.

Widgets are opened without any of it (dashboard-facts.md), and a third party's frame has neither cookies nor
storage it can count on. So this process remembers it, for as long as it runs; without it a widget follows the
browser's own theme and language and shows no link.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

from flask import current_app, g, request

THEMES = ("light", "dark")
MOST_VIEWERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where and how a viewer sees us; empty where nothing is known."""

    theme: str = ""
    locale: str = ""
    dashboard: str = ""


class Memory:
    """The surroundings of the latest viewers, by shop and user."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, str], Surroundings] = OrderedDict()
        self._lock = Lock()

    def keep(self, shop_id: int, user_id: str, seen: Surroundings) -> None:
        """Remember the newest; of too many viewers the one not seen for longest is forgotten."""
        with self._lock:
            self._known[shop_id, user_id] = seen
            self._known.move_to_end((shop_id, user_id))
            if len(self._known) > MOST_VIEWERS:
                self._known.popitem(last=False)

    def of(self, shop_id: int, user_id: str) -> Surroundings:
        """What is known of a viewer."""
        return self._known.get((shop_id, user_id), Surroundings())


def note_surroundings(dashboard_origins: tuple[str, ...]) -> None:
    """Keep what a request of the panel says; called when the viewer is known.

    Only a dashboard that may frame us is remembered, since links are made of it.
    """
    memory: Memory = current_app.extensions["remembered"]
    if "Theme" in request.headers:
        theme, dashboard = request.headers["Theme"], request.headers.get("Dashboard", "")
        seen = Surroundings(
            theme=theme if theme in THEMES else "",
            locale=request.headers.get("Locale", "")[:20],
            dashboard=dashboard if _is_a_dashboard(dashboard, dashboard_origins) else "",
        )
        memory.keep(g.shop.id, g.viewer.user_id, seen)
    g.surroundings = memory.of(g.shop.id, g.viewer.user_id)


def surroundings() -> Surroundings:
    """What is known of this request's viewer."""
    found: Surroundings = g.get("surroundings", Surroundings())
    return found


def _is_a_dashboard(address: str, origins: tuple[str, ...]) -> bool:
    """One of the configured origins, with nothing but a plain path behind it."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    plain = re.fullmatch(r"[\w/-]{0,100}", parts.path) is not None
    return origin in origins and plain and address == origin + parts.path
