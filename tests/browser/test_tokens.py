"""The dashboard's token: it ends and is renewed, is empty, never comes, is no longer good, or allows little."""

import re
from collections.abc import Iterator

import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import expect
from processes import wait_until

from saleor_loyalty_app.demo.customers import ALL_PERMISSIONS
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT

SHORT_SECONDS = 6


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
def reinstalled(house: House) -> Iterator[None]:
    """Whatever a test did, the app is installed afterwards."""
    yield
    if house.shop.state != ACTIVE:
        house.install()


@pytest.mark.usefixtures("reinstalled")
def test_an_app_that_was_removed_and_installed_again(house: House, window: Window) -> None:
    window.expect_trouble("401|404")
    frame = window.open(house.page("/parcels"))
    house.saleor.apps.uninstall(house.installed)
    wait_until(lambda: house.shop.state == DORMANT)
    frame.get_by_role("link", name="Customers", exact=True).click()
    expect(frame.get_by_role("alert")).to_contain_text("reload")
    window.keep_picture("refused-uninstalled")
    before = house.installed.id
    house.install()
    assert house.installed.id != before
    frame = window.open(house.page("/parcels"))
    expect(frame.get_by_role("heading", level=1)).to_have_text("Parcels")
    assert house.fresh[0].number in frame.locator("table").inner_text()
