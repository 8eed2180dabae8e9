"""Moving about: deep links, reloads, the browser's back, and a dashboard that changes under an open page."""

import re

from browser_house import House
from browser_window import Window
from playwright.sync_api import Frame, Locator, expect


def go(window: Window, label: str) -> Frame:
    """Follow a tab of the panel."""
    window.frame.get_by_role("navigation").get_by_role("link", name=label, exact=True).click()
    expect(current_tab(window)).to_have_text(label)
    return window.settled()


def current_tab(window: Window) -> Locator:
    """Which page of the panel is shown."""
    return window.page.frame_locator("iframe.app-frame").locator("nav a[aria-current=page]")


def test_a_deep_link_survives_a_reload(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels"))
    link = frame.locator("tbody tr td:first-child a").first
    number, address = link.inner_text(), link.get_attribute("href")
    link.click()
    window.page.wait_for_url(f"**{address}")
    window.page.reload()
    frame = window.settled()
    assert f"{address}?" in frame.url
    expect(frame.get_by_role("heading", level=1)).to_contain_text(number.strip("#"))


def test_each_press_of_back_goes_one_page_back(house: House, window: Window) -> None:
    window.page.goto(house.dashboard)
    window.open(house.page("/"))
    go(window, "Parcels")
    go(window, "Customers")
    go(window, "Program")
    for label in ("Customers", "Parcels", "Today"):
        window.page.go_back()
        expect(current_tab(window)).to_have_text(label)
    go(window, "Customers")
    window.page.wait_for_url("**/customers")


def test_back_finds_the_deep_link_at_which_the_panel_was_opened(house: House, window: Window) -> None:
    window.open(house.page("/customers/in/gold"))
    go(window, "Program")
    window.page.go_back()
    expect(current_tab(window)).to_have_text("Customers")


def test_theme_and_language_are_followed_without_a_reload(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels"))
    frame.evaluate("document.kept = true")
    window.wear("dark")
    window.speak("de")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Pakete")
    assert frame.evaluate("[document.kept, document.documentElement.dataset.theme]") == [True, "dark"]
    window.speak("en")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Parcels")


def test_more_actions_on_an_order_open_its_parcel(house: House, window: Window) -> None:
    order = house.fresh[1]
    window.page.goto(house.order_page(order))
    window.page.get_by_text("More actions").click()
    window.page.get_by_role("link", name="Parcel of this order").click()
    window.page.wait_for_url(re.compile("/extensions/app/"))
    frame = window.settled()
    expect(frame.get_by_role("heading", level=1)).to_contain_text(order.number)
    # The address keeps the shop's own id, so that a reload finds the page, and "back" leads to the order at once.
    window.page.reload()
    expect(window.settled().get_by_role("heading", level=1)).to_contain_text(order.number)
    go(window, "Costs")
    window.page.wait_for_url("**/costs")
    window.page.go_back()
    window.page.wait_for_url(f"**/parcels/{house.parcel(order).code}")


def test_more_actions_on_a_customer_open_what_is_known_of_them(house: House, window: Window) -> None:
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "occasional")
    window.page.goto(house.customer_page(user))
    window.page.get_by_text("More actions").click()
    window.page.get_by_role("link", name="Loyalty of this customer").click()
    window.page.wait_for_url(re.compile("/customer[?]customerId="))
    expect(window.settled().get_by_role("heading", level=1)).to_contain_text(user.first_name)
    window.page.go_back()
    window.page.wait_for_url(re.compile("/customers/"))


def test_a_click_in_the_panel_leads_to_the_order_in_the_dashboard(house: House, window: Window) -> None:
    order = house.fresh[1]
    frame = window.open(house.page(f"/parcels/{house.parcel(order).code}"))
    frame.locator('[data-dashboard*="/orders/"]').first.click()
    window.page.wait_for_url("**/orders/*")
    expect(window.page.get_by_role("heading", level=1)).to_contain_text(order.number)


def test_only_the_dashboard_can_frame_the_app(house: House, window: Window) -> None:
    window.expect_trouble("frame-ancestors|BLOCKED_BY_RESPONSE")
    window.page.goto(house.page("/parcels").replace("//localhost:", "//127.0.0.1:"))
    window.page.wait_for_function("document.querySelector('iframe.app-frame').src")
    window.page.wait_for_timeout(500)
    assert window.page.frames[1].url.startswith("chrome-error:")
