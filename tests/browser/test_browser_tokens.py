"""The dashboard's token: it ends and is renewed, is empty, never comes, is no longer good, or allows little."""

import re
from collections.abc import Iterator

import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import Frame, expect
from processes import wait_until

from saleor_loyalty_app.demo.customers import ALL_PERMISSIONS
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT, INACTIVE

SHORT_SECONDS = 3


@pytest.fixture
def short_lived(house: House) -> Iterator[None]:
    before = house.saleor.app_token_seconds
    house.saleor.app_token_seconds = SHORT_SECONDS
    yield
    house.saleor.app_token_seconds = before


@pytest.fixture
def packer(house: House) -> Iterator[None]:
    """Somebody who may manage orders and nothing else looks at the dashboard."""
    house.staff.permission_codes = frozenset({"MANAGE_ORDERS"})
    yield
    house.staff.permission_codes = ALL_PERMISSIONS


@pytest.mark.usefixtures("short_lived")
def test_work_goes_on_after_the_first_token_ended(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels"))
    window.page.wait_for_timeout((SHORT_SECONDS + 1) * 1000)
    frame.get_by_role("link", name="Customers", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Customers")


def test_a_silent_dashboard_is_said_to_be_silent(house: House, window: Window) -> None:
    only_frames = "const frame = document.querySelector('iframe.app-frame'); frame.src = frame.dataset.url;"
    window.page.route("**/dashboard.js", lambda route: route.fulfill(body=only_frames, content_type="text/javascript"))
    window.page.clock.install()
    window.page.goto(house.page("/"))
    window.frame.wait_for_url(f"{house.processes.url}/**", wait_until="load")
    window.page.clock.fast_forward(11_000)
    expect(window.frame.get_by_role("heading", level=1)).to_have_text("The dashboard does not answer")
    expect(window.frame.get_by_role("button", name="Reload")).to_be_visible()


def test_an_empty_token_is_explained(house: House, window: Window) -> None:
    window.expect_trouble("401")
    empty_the_token(window, house.page("/"))
    frame = window.open(house.page("/"))
    window.check(frame, "refused-empty-token")
    assert "permission" in frame.locator("body").inner_text().lower()


def test_the_button_that_reloads_leads_back_to_the_page_as_it_was(house: House, window: Window) -> None:
    window.expect_trouble("401")
    empty_the_token(window, house.page("/customers"))
    window.open(house.page("/customers"))
    window.wear("dark")
    window.speak("de")
    frame = window.frame
    window.renew_token()  # meanwhile there is a token
    frame.get_by_role("button", name="Neu laden").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Kunden")
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"


def empty_the_token(window: Window, address: str) -> None:
    """The dashboard hands out "" instead of a token, as it does when core gives it none."""

    def without_token(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        route.fulfill(response=answer, body=re.sub(r'data-token="[^"]*"', 'data-token=""', answer.text()))  # type: ignore[attr-defined]

    window.page.route(address, without_token)


@pytest.mark.usefixtures("packer")
def test_who_may_only_manage_orders_sees_parcels_and_no_customers(house: House, window: Window) -> None:
    window.expect_trouble("403")
    frame = window.open(house.page("/parcels"))
    tabs = frame.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert "Parcels" in tabs
    assert "Customers" not in tabs
    assert window.page.get_by_role("link", name="Loyalty").count() == 0
    frame = window.open(house.page("/customers"))
    assert "Manage customers" in frame.locator("body").inner_text()
    window.check(frame, "refused-permission")


@pytest.mark.usefixtures("packer")
def test_a_widget_without_a_permission_says_who_can_help(house: House, window: Window) -> None:
    window.expect_trouble("401")
    user = next(each.user for each in house.furnished.people if each.user)
    frame = window.open(house.customer_page(user))
    assert "permission" in frame.locator("body").inner_text().lower()
    window.check(frame, "widget-customer-refused")


@pytest.fixture
def clerk(house: House) -> Iterator[None]:
    """Somebody who may manage customers and nothing else looks at the dashboard."""
    house.staff.permission_codes = frozenset({"MANAGE_USERS"})
    yield
    house.staff.permission_codes = ALL_PERMISSIONS


@pytest.mark.usefixtures("clerk")
def test_who_may_only_manage_customers_sees_customers_and_no_parcels(house: House, window: Window) -> None:
    window.expect_trouble("403")
    frame = window.open(house.page("/"))
    assert frame.get_by_role("navigation").get_by_role("link").all_inner_texts() == ["Today", "Customers", "Health"]
    frame = window.open(house.page("/parcels"))
    assert "Manage orders" in frame.locator("body").inner_text()
    frame.get_by_role("link", name="To the start page of Best Regards").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Today")


@pytest.fixture
def put_back(house: House) -> Iterator[None]:
    """Whatever a test did, the app is installed and active afterwards."""
    yield
    if house.shop.state == INACTIVE:
        house.saleor.apps.activate(house.installed)
        wait_until(lambda: house.shop.state == ACTIVE)
    elif house.shop.state != ACTIVE:
        house.install()


def open_with_something_typed(house: House, window: Window) -> Frame:
    """A customer's page with the reason for a tier by hand begun."""
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "occasional")
    frame = window.open(house.page(f"/customers/{house.known(user).id}"))
    frame.get_by_label("Reason").fill("Precious words")
    return frame


@pytest.mark.usefixtures("put_back")
def test_an_app_switched_off_under_an_open_page_says_so_and_keeps_what_was_typed(house: House, window: Window) -> None:
    window.expect_trouble("401|422")
    frame = open_with_something_typed(house, window)
    house.saleor.apps.deactivate(house.installed)
    wait_until(lambda: house.shop.state == INACTIVE)
    frame.get_by_role("button", name="Set the tier").click()
    expect(frame.get_by_role("alert")).to_contain_text("Best Regards is switched off")
    expect(frame.get_by_role("button", name="Reload")).to_be_focused()
    expect(frame.get_by_label("Reason")).to_have_value("Precious words")
    window.check(frame, "refused-above-1440-light-en")
    frame.get_by_role("button", name="Download as a file").click()
    expect(frame.get_by_role("alert")).to_contain_text("Best Regards is switched off")
    house.saleor.apps.activate(house.installed)
    wait_until(lambda: house.shop.state == ACTIVE)
    frame.get_by_role("button", name="Set the tier").click()
    expect(frame.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("clerk")
def test_a_permission_taken_away_under_an_open_page_keeps_what_was_typed(house: House, window: Window) -> None:
    window.expect_trouble("403")
    frame = open_with_something_typed(house, window)
    house.staff.permission_codes = frozenset()
    window.renew_token()
    with window.page.expect_response("**/tier"):
        frame.get_by_role("button", name="Set the tier").click()
    expect(frame.get_by_role("alert")).to_contain_text("Manage customers")
    expect(frame.get_by_label("Reason")).to_have_value("Precious words")


@pytest.mark.usefixtures("put_back")
def test_an_app_removed_and_installed_again_under_an_open_page(house: House, window: Window) -> None:
    window.expect_trouble("401|404")
    frame = window.open(house.page("/parcels"))
    title = frame.get_by_role("heading", level=1)
    house.saleor.apps.uninstall(house.installed)
    wait_until(lambda: house.shop.state == DORMANT)
    frame.get_by_role("link", name="Customers", exact=True).click()
    expect(title).to_have_text("Best Regards was removed from this shop")
    expect(title).to_be_focused()
    window.check(frame, "refused-removed")
    other = Window(window.page.context.new_page()).watch()
    before = house.installed.id
    house.install()
    assert house.installed.id != before
    frame.get_by_role("button", name="Reload").click()
    expect(title).to_have_text("Best Regards was installed again")
    window.check(frame, "refused-installed-again")
    frame = other.open(house.page("/parcels"))
    expect(frame.locator("tbody tr")).to_have_count(20)
    assert other.unexpected_troubles() == []
