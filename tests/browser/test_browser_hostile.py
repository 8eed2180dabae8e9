"""What people type as their name, and what shops write, is shown and never obeyed."""

import pytest
from browser_house import ENDLESS, HOSTILE, TURNED, House
from browser_window import Window, wide
from playwright.sync_api import Frame, expect

from saleor_loyalty_app.demo.people_records import User


def _person(house: House, name: str) -> User:
    everybody = [person.user for person in house.furnished.people if person.user]
    return next(user for user in everybody if name in (user.first_name, user.last_name))


def test_hostile_names_do_nothing_in_lists(house: House, window: Window) -> None:
    for address in (house.page("/customers"), house.page("/parcels")):
        frame = window.open(address)
        frame.get_by_role("searchbox").fill("Meier")
        frame.get_by_role("searchbox").press("Enter")
        expect(frame.get_by_text(HOSTILE[0]).first).to_be_visible()
        window.settled()
        _nothing_happens(window, frame)


@pytest.mark.parametrize("name", [*HOSTILE, TURNED, ENDLESS], ids=["script", "image", "turned", "endless"])
def test_a_hostile_name_does_nothing(house: House, window: Window, name: str) -> None:
    user = _person(house, name)
    order = next(each for each in reversed(house.saleor.orders.by_key.values()) if each.user is user)
    page = house.page(f"/customers/{house.known(user).id}")
    for address in (page, house.customer_page(user), house.order_page(order)):
        _nothing_happens(window, window.open(address))
    assert window.page.title() != "taken"


def _nothing_happens(window: Window, frame: Frame) -> None:
    for width in (390, 1440):
        window.resize(width)
        assert wide(frame) == []
    assert frame.title() != "taken"
    assert frame.locator("#content script, #content img[src=x]").count() == 0
