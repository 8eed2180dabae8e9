"""The widgets on the dashboard's order and customer pages: posted frames without a bridge."""

import io
import re
from collections import Counter

import pytest
from browser_house import House
from browser_window import Window, violations, wide
from PIL import Image
from playwright.sync_api import Frame, expect
from processes import wait_until

from saleor_loyalty_app.store import parcels

Colour = tuple[int, int, int]


def ground_of_widget(window: Window) -> Colour:
    """The colour that most of the widget's frame shows."""
    picture = window.page.locator("iframe.app-frame").first.screenshot()
    return _most(picture)


def ground_of_dashboard(window: Window) -> Colour:
    """The colour of the dashboard around it."""
    return _most(window.page.locator("aside .widget h2").first.screenshot())


def _most(picture: bytes) -> Colour:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    colour, _ = Counter(image.get_flattened_data()).most_common(1)[0]
    assert isinstance(colour, tuple)
    return colour


def fits_its_content(window: Window, frame: Frame) -> bool:
    """The frame is as high as what it holds, neither cut nor followed by a void."""
    height = window.page.locator("iframe.app-frame").first.evaluate("frame => frame.getBoundingClientRect().height")
    content = frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    return abs(float(height) - float(content)) <= 1


def await_fit(window: Window, frame: Frame) -> None:
    wait_until(lambda: bool(window.page.wait_for_timeout(50)) or fits_its_content(window, frame), seconds=5)


@pytest.mark.parametrize("kind", ["order", "customer"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_widget_looks_right_at_each_width(house: House, window: Window, kind: str, theme: str) -> None:
    address = _address(house, kind)
    window.page.goto(house.dashboard)
    window.wear_before(theme)
    frame = window.open(address)
    for width, room in ((1440, 344), (1024, 205), (390, 309)):
        window.resize(width)
        frame.wait_for_function("room => innerWidth === room", arg=room)
        element = window.page.locator("iframe.app-frame").first
        expect(element).to_have_attribute("style", re.compile("height"))  # though it may not be in sight
        element.scroll_into_view_if_needed()
        await_fit(window, frame)
        window.look(frame, f"widget-{kind}-{width}-{theme}")
        assert ground_of_widget(window) == ground_of_dashboard(window)
    assert violations(frame) == []


def _address(house: House, kind: str) -> str:
    order = house.fresh[0]
    assert order.user is not None or kind == "order"
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "regular")
    return house.order_page(order) if kind == "order" else house.customer_page(user)


@pytest.mark.parametrize(("system", "theme"), [("light", "dark"), ("dark", "light")])
def test_no_box_of_another_colour_when_the_dashboard_is_not_as_the_system(
    house: House, window: Window, system: str, theme: str
) -> None:
    window.page.emulate_media(color_scheme=system)  # type: ignore[arg-type]
    window.open(house.page("/"))
    window.wear(theme)
    window.frame.get_by_role("link", name="Parcels", exact=True).click()  # what the panel says is remembered
    window.settled()
    for kind in ("order", "customer"):
        frame = window.open(_address(house, kind))
        await_fit(window, frame)
        wait_until(lambda: ground_of_widget(window) == ground_of_dashboard(window), seconds=5)
        assert violations(frame) == []


def test_extras_are_exchanged_in_the_widget(house: House, window: Window) -> None:
    order = next(each for each in house.fresh if _can_exchange(house, window, each))
    frame = window.frame
    before = frame.locator(".goods").inner_text()
    button = frame.locator('[id^="exchange-"]').first
    button.focus()
    window.page.keyboard.press("Enter")
    expect(frame.locator(".goods")).not_to_have_text(before)
    expect(frame.locator("#said")).not_to_be_empty()
    await_fit(window, frame)
    assert frame.evaluate("document.activeElement !== document.body"), "the focus is lost"
    assert house.parcel(order).state == parcels.PLANNED


def _can_exchange(house: House, window: Window, each: object) -> bool:
    frame = window.open(house.order_page(each))  # type: ignore[arg-type]
    return frame.locator('[id^="exchange-"]').count() > 0


def test_a_note_is_edited_a_parcel_packed_and_unpacked_by_keyboard_alone(house: House, window: Window) -> None:
    order = house.fresh_order()
    frame = window.open(house.order_page(order))
    frame.locator("#edit").focus()
    window.page.keyboard.press("Enter")
    frame.locator("#note-text").focus()
    window.page.keyboard.press("Control+A")
    window.page.keyboard.type('Hello <b>you</b> "><img src=x onerror=x>')
    await_fit(window, frame)
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    expect(frame.locator(".words")).to_contain_text("Hello <b>you</b>")
    frame.get_by_role("button", name="Mark as packed").focus()
    window.page.keyboard.press("Enter")
    expect(frame.locator(".badges")).to_contain_text("Packed")
    assert house.parcel(order).state == parcels.PACKED
    frame.get_by_role("button", name="Undo").press("Enter")
    expect(frame.locator(".badges")).to_contain_text("To pack")
    assert wide(frame) == []
    await_fit(window, frame)


def test_a_parcel_is_skipped_with_a_reason(house: House, window: Window) -> None:
    window.expect_trouble("422")
    order = house.fresh_order()
    frame = window.open(house.order_page(order), width=390)
    frame.locator("#skip").click()
    frame.locator("#skip-now").click()
    expect(frame.locator("#skip-words-problem, .problem").first).to_contain_text("choose a reason")
    frame.locator("#skip-reason").select_option("no_room")
    frame.locator("#skip-now").click()
    expect(frame.locator(".badges")).to_contain_text("Skipped")
    assert house.parcel(order).state == parcels.SKIPPED
    await_fit(window, frame)
    assert violations(frame) == []


def test_the_widgets_token_is_renewed_while_the_page_stays_open(house: House, window: Window) -> None:
    house.saleor.app_token_seconds = 4
    try:
        order = house.fresh_order()
        frame = window.open(house.order_page(order))
        window.page.wait_for_timeout(5_000)
        frame.get_by_role("button", name="Mark as packed").click()
        expect(frame.locator(".badges")).to_contain_text("Packed")
    finally:
        house.saleor.app_token_seconds = 300
