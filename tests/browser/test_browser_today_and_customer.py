"""What the panel's script does on the first page and on a customer's: once, nothing lost, nothing moved under hands."""

import json
import re
from pathlib import Path

import pytest
from browser_house import HOSTILE, House
from browser_window import Window
from playwright.sync_api import Route, expect
from processes import wait_until

from saleor_loyalty_app.demo.people_records import User

SLOW_MILLISECONDS = 600


@pytest.fixture
def regular(house: House) -> User:
    """Somebody with a long story and a plain name."""
    users = [person.user for person in house.furnished.people if person.user and person.habit == "regular"]
    return next(user for user in users if user.first_name not in HOSTILE and len(user.first_name) < 30)


def customer_page(house: House, user: User) -> str:
    return house.page(f"/customers/{house.known(user).id}")


def test_everything_about_a_customer_is_downloaded(house: House, window: Window, regular: User) -> None:
    frame = window.open(customer_page(house, regular))
    with window.page.expect_download() as waiting:
        frame.get_by_role("button", name="Download as a file").click()
    download = waiting.value
    assert re.fullmatch(r"best-regards-customer-\d+\.json", download.suggested_filename)
    assert json.loads(Path(download.path()).read_text())["person"]["first_name"] == regular.first_name


def test_what_was_typed_is_not_lost_by_a_click_elsewhere(house: House, window: Window, regular: User) -> None:
    frame = window.open(customer_page(house, regular))
    frame.get_by_label("Reason").fill("Helped us at the fair")
    frame.get_by_role("link", name="Parcels", exact=True).click()
    asked = frame.get_by_role("dialog", name="You have typed something")
    expect(asked).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(frame.get_by_label("Reason")).to_have_value("Helped us at the fair")
    frame.get_by_role("link", name="Parcels", exact=True).click()
    frame.get_by_role("button", name="Leave without saving").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Parcels")


def test_a_form_is_sent_once_however_often_its_button_is_pressed(house: House, window: Window, regular: User) -> None:
    frame = window.open(customer_page(house, regular))
    sent: list[str] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.url)
        window.page.wait_for_timeout(SLOW_MILLISECONDS)
        route.continue_()

    window.page.route("**/trouble", slowly)
    button = frame.get_by_role("button", name="It was put right")
    button.dblclick()
    expect(button).to_be_disabled()
    frame.get_by_role("button", name="Take the mark back").click()
    expect(frame.get_by_role("button", name="It was put right")).to_be_visible()
    assert len(sent) == 2


def test_a_page_that_takes_long_shows_its_bones_and_a_failure_gives_the_page_back(house: House, window: Window) -> None:
    window.expect_trouble("ERR_FAILED|htmx")
    frame = window.open(house.page("/"))

    def slowly_not(route: Route) -> None:
        window.page.wait_for_timeout(SLOW_MILLISECONDS)
        route.abort()

    window.page.route("**/panel/customers", slowly_not)
    frame.get_by_role("link", name="Customers", exact=True).click()
    expect(frame.locator("#content.loading > .bones")).to_be_visible()
    expect(frame.get_by_role("heading", level=1, name="Today")).to_be_visible()
    expect(frame.locator(".bones")).to_have_count(0)
    expect(window.toast("can't be reached")).to_be_visible()


def test_the_first_page_follows_what_happens_but_not_under_a_hand(house: House, window: Window) -> None:
    frame = window.open(house.page("/"))
    frame.evaluate("document.querySelector('#now').dataset.every = '1'")
    waiting = frame.locator("#waiting .badge")
    first = waiting.inner_text()
    buyer = next(person.user for person in house.furnished.people if person.user and person.habit == "regular")
    house.order_of(buyer)
    expect(waiting).not_to_have_text(first)
    second = waiting.inner_text()
    frame.get_by_role("link", name="Show all").focus()
    house.order_of(buyer)
    window.page.wait_for_timeout(2_500)
    expect(waiting).to_have_text(second)
    expect(frame.get_by_role("link", name="Show all")).to_be_focused()
    frame.locator("h1").focus()
    expect(waiting).not_to_have_text(second)


def test_older_parts_of_a_story_are_added_below(house: House, window: Window, regular: User) -> None:
    frame = window.open(customer_page(house, regular))
    shown = frame.locator(".story > li")
    before = shown.count()
    frame.get_by_role("button", name="Older").click()
    expect(shown.nth(before)).to_be_visible()
    frame.wait_for_function("() => document.activeElement.closest('.story') !== null")


def test_a_session_that_ended_takes_away_nothing_that_was_typed(house: House, window: Window, regular: User) -> None:
    window.expect_trouble("401")
    frame = window.open(customer_page(house, regular))
    frame.get_by_label("Reason").fill("Precious words")
    window.page.route("**/tier", lambda route: route.fulfill(status=401, body="<main></main>"))
    frame.get_by_role("button", name="Set the tier").click()
    expect(frame.get_by_role("alert")).to_contain_text("has not renewed your session")
    expect(frame.get_by_role("button", name="Reload")).to_be_focused()
    expect(frame.get_by_label("Reason")).to_have_value("Precious words")


def test_a_person_is_erased_here_and_the_tier_is_taken_off_the_shop(house: House, window: Window) -> None:
    user = next(
        person.user
        for person in reversed(house.furnished.people)  # other tests take the first who fits
        if person.user
        and person.user.private_metadata.get("best-regards.tier")
        and person.user.first_name not in HOSTILE
    )
    address = customer_page(house, user)
    frame = window.open(address)
    frame.get_by_role("link", name="Erase …").click()
    window.check(frame, "customer-erase-1440-light-en")
    frame.get_by_role("button", name="Yes, erase for good").click()
    expect(frame.get_by_text("Erased by you.")).to_be_visible()
    assert user.first_name not in frame.locator("body").inner_text()
    wait_until(lambda: user.private_metadata.get("best-regards.tier") == "")
