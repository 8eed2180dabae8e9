"""The packing desk in a tab of its own, beside a colleague at the dashboard: in by a code, out in each way."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_house import House
from browser_window import AXE, PICTURES, Window
from playwright.sync_api import Browser, Page, expect

from saleor_loyalty_app.services.open_desk import make_link

COLLEAGUE = "VXNlcjo5OTk="
SHOWN = "article[data-code]:not([hidden])"


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Page]:
    """A device of its own; what it writes to its console fails the test."""
    context = browser.new_context(
        locale="en-US", reduced_motion="reduce", viewport={"width": 1024, "height": 768}, has_touch=True
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [each for each in troubles if not re.search("401|422", each)] == []


def look(page: Page, name: str) -> None:
    """Nothing wider than the screen, nothing serious for axe; a picture is kept."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    page.evaluate(Axe().axe_script)
    assert page.evaluate(AXE) == [], name


def open_desk(house: House, page: Page, *, by: str = COLLEAGUE) -> str:
    """Open a desk by a new link; return the link."""
    code = make_link(house.processes.app, house.shop, by=by, permissions={"MANAGE_ORDERS", "MANAGE_USERS"})
    address = f"{house.processes.url}/desk/tab#{code}"
    page.goto(address)
    expect(page.get_by_role("heading", name="Packing desk")).to_be_visible()
    return address


def test_a_link_from_the_dashboard_opens_the_desk_once_and_survives_a_reload(
    house: House, window: Window, tablet: Page
) -> None:
    frame = window.open(house.page("/desk"), width=1024)
    frame.get_by_role("button", name="Open in a tab of its own or on another device").click()
    link = frame.locator(".desk-link a")
    expect(link).to_be_visible()
    address = link.get_attribute("href") or ""
    with window.page.context.expect_page() as opened:
        frame.get_by_role("button", name="Open here").click()
    expect(opened.value.get_by_role("heading", name="Packing desk")).to_be_visible()
    opened.value.close()
    frame.get_by_role("button", name="Open in a tab of its own or on another device").click()
    expect(link).not_to_have_attribute("href", address)
    address = link.get_attribute("href") or ""
    assert not urlsplit(address).query
    assert urlsplit(address).fragment
    expect(frame.get_by_alt_text("The link as a QR code")).to_be_visible()
    window.check(frame, "desk-link-1024")
    tablet.goto(address)
    expect(tablet.get_by_role("heading", name="Packing desk")).to_be_visible()
    assert "#" not in tablet.url
    expect(tablet.get_by_role("link", name="Customers")).to_have_count(0)
    look(tablet, "desk-tab-1024")
    tablet.get_by_role("button", name="Take the next 5", exact=True).tap()
    expect(tablet.locator(SHOWN)).to_be_visible()
    look(tablet, "desk-tab-batch-1024")
    tablet.get_by_role("button", name="Fill the screen").tap()
    tablet.wait_for_function("document.fullscreenElement !== null")
    code = tablet.locator(SHOWN).get_attribute("data-code") or ""
    tablet.reload()
    expect(tablet.locator(SHOWN)).to_have_attribute("data-code", code)
    again = tablet.context.new_page()
    again.goto(address)
    expect(again.get_by_role("heading", name="This link can't be used any more")).to_be_visible()
    assert again.evaluate("sessionStorage.getItem('best-regards-desk-token')") is None


def test_two_packers_at_once_never_see_the_same_parcel(house: House, window: Window, tablet: Page) -> None:
    frame = window.open(house.page("/desk"), width=1024)
    open_desk(house, tablet)
    frame.get_by_role("button", name="Take the next 5", exact=True).click()
    expect(frame.locator(SHOWN)).to_be_visible()
    tablet.get_by_role("button", name="Take the next 5", exact=True).tap()
    expect(tablet.locator(SHOWN)).to_be_visible()
    codes = [{each.get_attribute("data-code") for each in page.locator("article").all()} for page in (frame, tablet)]
    assert len(codes[0]) == len(codes[1]) == 5
    assert not codes[0] & codes[1]
    tablet.keyboard.type(frame.locator(SHOWN).get_attribute("data-code") or "")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("[data-said]")).to_contain_text("A colleague is packing this parcel")
    frame = window.open(house.page("/desk"), width=1024)
    expect(frame.get_by_text("staff member 999").first).to_be_visible()
    window.check(frame, "desk-two-packers-1024")


def test_a_desk_ends_by_its_own_button_and_from_the_dashboard(house: House, window: Window, tablet: Page) -> None:
    open_desk(house, tablet)
    tablet.get_by_role("button", name="Take the next 5", exact=True).tap()
    expect(tablet.locator(SHOWN)).to_be_visible()
    frame = window.open(house.page("/desk"), width=1024)
    frame.get_by_role("button", name="End", exact=True).click()
    expect(frame.get_by_role("button", name="End", exact=True)).to_have_count(0)
    tablet.locator("[data-pack]").tap()
    if tablet.get_by_role("button", name="Yes, all done").is_visible():
        tablet.get_by_role("button", name="Yes, all done").tap()
    expect(tablet.locator("[data-outbox]")).to_contain_text("1 kept. This desk has ended")
    look(tablet, "desk-tab-ended-1024")
    open_desk(house, tablet)  # what was kept is sent by the same packer's next desk
    tablet.wait_for_function("() => Object.keys(localStorage).every((key) => !key.includes('desk:'))")
    expect(tablet.locator("[data-outbox]")).to_be_hidden()
    tablet.get_by_role("button", name="End this desk").tap()
    expect(tablet.get_by_role("heading", name="This desk has ended")).to_be_visible()
    tablet.reload()
    expect(tablet.get_by_role("heading", name="This link can't be used any more")).to_be_visible()
