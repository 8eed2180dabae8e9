"""Each page of the panel, wide and narrow, light and dark, English and German."""

from collections.abc import Callable

import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import expect

from saleor_loyalty_app.web.pages import SHELL_PATHS


def _regular(house: House) -> int:
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "regular")
    return house.known(user).id


PAGES: dict[str, Callable[[House], str]] = {
    "today": lambda _: "/",
    "parcels": lambda _: "/parcels",
    "parcel": lambda house: f"/parcels/{house.parcel(house.fresh[0]).code}",
    "customers": lambda _: "/customers",
    "customer": lambda house: f"/customers/{_regular(house)}",
    "customer-data": lambda house: f"/customers/{_regular(house)}/data",
    "customer-erase": lambda house: f"/customers/{_regular(house)}/erase",
    "costs": lambda _: "/costs",
    "health": lambda _: "/health",
    "program": lambda _: "/program",
    "program-versions": lambda _: "/program/versions",
    "program-mode": lambda _: "/program/mode",
    "program-check": lambda _: "/program/check",
}
ENTRANCES = {"order", "customer", "orders", "today"}
"""Where "more actions" lead, an order without a parcel, and the second address of the first page: see test_moving."""


def test_no_part_of_the_panel_is_forgotten() -> None:
    parts = {address.split("/")[1] for address in SHELL_PATHS} - ENTRANCES
    assert parts == {"", "parcels", "customers", "costs", "health", "program"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_right_everywhere(house: House, window: Window, name: str) -> None:
    """Each width, theme and language; theme and language change under the open page."""
    if name == "program-check":
        begin_a_draft(house, window)
    frame = window.open(house.page(PAGES[name](house)), width=1440)
    assert frame.locator("h1").count() == 1
    window.check(frame, f"{name}-1440-light-en")
    window.resize(390)
    window.check(frame, f"{name}-390-light-en")
    window.wear("dark")
    window.speak("de")
    window.check(frame, f"{name}-390-dark-de")
    window.resize(1440)
    window.keep_picture(f"{name}-1440-dark-de")
    window.resize(1024)
    window.wear("light")
    window.check(frame, f"{name}-1024-light-de")


def begin_a_draft(house: House, window: Window) -> None:
    """The draft that the team shares; one is enough for all tests."""
    frame = window.open(house.page("/program/edit"))
    begin = frame.get_by_role("button", name="Begin a draft from the rules in force")
    if begin.count():
        begin.click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("Draft of the next version")
        window.settled()


def test_each_form_of_the_draft_looks_right(house: House, window: Window) -> None:
    begin_a_draft(house, window)
    window.check(window.frame, "draft-1440-light-en")
    links = window.frame.locator('a[href^="/program/edit/"]').evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    kinds = {address.split("/")[3] if "/new/" not in address else address: address for address in reversed(links)}
    assert {"tiers", "extras", "surprises", "notes"} <= set(kinds)
    window.wear("dark")
    for number, (kind, address) in enumerate(sorted(kinds.items())):
        name = f"draft-{kind.strip('/').replace('program/edit/', '').replace('/', '-')}"
        frame = window.open(house.page(address), width=1440 if number % 2 else 390)
        assert frame.locator("h1").count() == 1, address
        window.check(frame, f"{name}-{1440 if number % 2 else 390}-dark-en")
    window.speak("de")
    window.wear("light")
    for address in (kinds["tiers"], kinds["extras"], kinds["notes"]):
        frame = window.open(house.page(address), width=1024)
        window.check(frame, f"draft-{address.split('/')[3]}-1024-light-de")
