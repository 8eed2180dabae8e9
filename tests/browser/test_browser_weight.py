"""How much the first page weighs on its way to the browser."""

from urllib.parse import urlsplit

from browser_house import House
from browser_window import Window
from playwright.sync_api import Request

MOST_BYTES = 100_000
FONTS = ".woff2"


def test_the_first_page_weighs_less_than_a_hundred_kilobytes_with_all_it_needs(house: House, window: Window) -> None:
    """Shell, styles, scripts and page, as they come over the wire. Letters come after, when the page can be read."""
    finished: list[Request] = []

    def note(request: Request) -> None:
        finished.append(request)

    window.page.on("requestfinished", note)
    window.open(house.page("/"))
    weights: dict[str, int] = {}
    for request in finished:
        path = urlsplit(request.url).path
        if request.url.startswith(house.processes.url) and not path.endswith(FONTS):
            weights[path] = max(weights.get(path, 0), request.sizes()["responseBodySize"])
    assert {"/", "/panel/", "/static/panel.css", "/static/panel.js", "/static/htmx.js"} <= set(weights)
    assert sum(weights.values()) < MOST_BYTES, weights
    assert weights["/static/htmx.js"] < 20_000, "it does not come compressed"
