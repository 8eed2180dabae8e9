"""Each page of the panel, wide and narrow, light and dark, English and German."""

import pytest
from browser_house import House
from browser_window import Window

PAGES = {
    "today": "/",
    "parcels": "/parcels",
    "customers": "/customers",
    "program": "/program",
    "program-edit": "/program/edit",
    "program-mode": "/program/mode",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_right_everywhere(house: House, window: Window, name: str) -> None:
    look_everywhere(window, house.page(PAGES[name]), name)


def look_everywhere(window: Window, address: str, name: str) -> None:
    """Each width, theme and language at least twice; theme and language change under the open page."""
    frame = window.open(address, width=1440)
    assert frame.locator("h1").count() == 1
    window.check(frame, f"{name}-1440-light-en")
    window.resize(390)
    window.check(frame, f"{name}-390-light-en")
    window.wear("dark")
    window.check(frame, f"{name}-390-dark-en")
    window.speak("de")
    window.resize(1440)
    window.check(frame, f"{name}-1440-dark-de")
    window.resize(1024)
    window.wear("light")
    window.check(frame, f"{name}-1024-light-de")
