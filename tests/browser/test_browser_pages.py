"""Each page of the panel, wide and narrow, light and dark, English and German."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import Frame, expect

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
    "desk": lambda _: "/desk",
    "print": lambda _: "/print",
    "print-approve": lambda _: "/print/approve",
    "print-look": lambda _: "/print/look",
    "program": lambda _: "/program",
    "program-versions": lambda _: "/program/versions",
    "program-mode": lambda _: "/program/mode",
    "program-check": lambda _: "/program/check",
}
ENTRANCES = {"order", "customer", "orders"}
"""Where "more actions" lead, and an order without a parcel: see test_browser_moving."""


def test_no_part_of_the_panel_is_forgotten() -> None:
    parts = {address.split("/")[1] for address in SHELL_PATHS} - ENTRANCES
    assert parts == {"", "costs", "customers", "desk", "health", "parcels", "print", "program"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_right_everywhere(house: House, window: Window, name: str) -> None:
    """Each width, theme and language; theme and language change under the open page."""
    if name == "program-check":
        begin_a_draft(house, window)
    frame = window.open(house.page(PAGES[name](house)), width=1440)
    window.check(frame, f"{name}-1440-light-en")
    window.resize(390)
    window.look(frame, f"{name}-390-light-en")
    window.wear("dark")
    window.speak("de")
    window.check(frame, f"{name}-390-dark-de")
    window.resize(1024)
    window.look(frame, f"{name}-1024-dark-de")
    window.resize(1440)
    window.keep_picture(f"{name}-1440-dark-de")


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
    forms = _forms_of_the_draft(window.frame)
    assert {"tiers", "extras", "surprises", "notes"} <= set(forms)
    for number, (name, address) in enumerate(forms.items()):
        with _opened(window, address) as frame:
            # Each is seen both ways; what the one ends with, the next begins with.
            for width, theme, language in ((1440, "light", "en"), (390, "dark", "de"))[:: -1 if number % 2 else 1]:
                window.resize(width)
                window.wear(theme)
                window.speak(language)
                window.check(frame, f"draft-{name}-{width}-{theme}-{language}")
            window.resize(1024)
            window.look(frame, f"draft-{name}-1024-{theme}-{language}")


def _forms_of_the_draft(frame: Frame) -> dict[str, str]:
    """One form of each kind by its name: an extra that is there, a new one, the sender, and so on."""
    links = frame.locator('main a[href^="/program/edit/"]').evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    names = {link: link.removeprefix("/program/edit/").split("/") for link in links}
    return {"-".join(("new", parts[1]) if parts[0] == "new" else parts[:1]): link for link, parts in names.items()}


@contextmanager
def _opened(window: Window, address: str) -> Iterator[Frame]:
    """A form, come to from the draft and left by its trail."""
    frame = window.frame
    frame.locator(f'a[href="{address}"]').first.click()
    expect(frame.locator(f'main form[hx-post^="/panel{address}"]').first).to_be_attached()
    yield window.settled()
    frame.locator('main a[href="/program/edit"]').first.click()
    expect(frame.locator(f'a[href="{address}"]').first).to_be_attached()
    window.settled()
