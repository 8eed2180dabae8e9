"""What people type as their name, and what shops write, is shown and never obeyed."""

import pytest
from browser_house import ENDLESS, HOSTILE, TURNED, House
from browser_window import Window, wide

from saleor_loyalty_app.demo.people_records import User


def _person(house: House, name: str) -> User:
    everybody = [person.user for person in house.furnished.people if person.user]
    return next(user for user in everybody if name in (user.first_name, user.last_name))


@pytest.mark.parametrize("name", [*HOSTILE, TURNED, ENDLESS], ids=["script", "image", "turned", "endless"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_hostile_name_does_nothing(house: House, window: Window, name: str, width: int) -> None:
    user = _person(house, name)
    order = next(each for each in reversed(house.saleor.orders.by_key.values()) if each.user is user)
    for address in (house.page("/customers"), house.page(f"/customers/{house.known(user).id}"), house.page("/parcels"),
                    house.customer_page(user), house.order_page(order)):  # fmt: skip
        frame = window.open(address, width=width)
        assert wide(frame) == []
        assert frame.title() != "taken"
        assert frame.locator("#content script, #content img[src=x]").count() == 0
    assert window.page.title() != "taken"
