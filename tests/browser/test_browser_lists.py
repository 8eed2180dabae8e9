"""The lists in the framed dashboard: narrowed, searched, sorted, leafed through, found again after a reload."""

from babel.numbers import parse_decimal
from browser_house import House
from browser_window import Window
from playwright.sync_api import Frame, Locator, expect

from saleor_loyalty_app.store import pages, parcels


def pressed(frame: Frame) -> Locator:
    """The state that the list is narrowed to."""
    return frame.locator('.chips button[aria-pressed="true"]')


def names(frame: Frame) -> list[str]:
    """What the rows are about."""
    return frame.locator("tbody tr td:first-child a").all_inner_texts()


def test_a_list_is_leafed_through_there_and_back(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels"))
    first = names(frame)
    assert len(first) == 20
    frame.get_by_role("button", name="Next").click()
    expect(frame.get_by_role("button", name="First page")).to_be_visible()
    window.settled()
    assert names(frame)
    assert not set(names(frame)) & set(first)
    frame.get_by_role("button", name="Back").click()
    expect(frame.get_by_role("button", name="First page")).to_have_count(0)
    window.settled()
    assert names(frame) == first


def test_what_a_list_is_narrowed_to_is_kept_in_the_address_and_what_is_searched_is_not(
    house: House, window: Window
) -> None:
    number = house.fresh[0].number
    frame = window.open(house.page("/parcels"))
    frame.locator('.chips button[value="planned"]').click()
    expect(pressed(frame)).to_contain_text("To pack")
    window.page.wait_for_url("**/parcels/in/planned")
    frame.get_by_label("Search parcels").fill(number)
    frame.get_by_label("Search parcels").press("Enter")
    expect(frame.locator("tbody tr")).to_have_count(1)
    expect(frame.locator("tbody tr")).to_contain_text(f"#{number}")
    expect(pressed(frame)).to_contain_text("To pack")
    assert window.page.url.endswith("/parcels/in/planned")
    window.page.reload()
    frame = window.settled()
    expect(pressed(frame)).to_contain_text("To pack")
    expect(frame.get_by_label("Search parcels")).to_have_value("")
    expect(frame.locator("tbody tr")).to_have_count(20)


def test_back_leads_from_a_narrowed_list_to_the_whole_one(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels"))
    frame.locator('.chips button[value="cancelled"]').click()
    window.page.wait_for_url("**/parcels/in/cancelled")
    expect(frame.locator("tbody tr")).to_have_count(_cancelled(house))
    window.page.go_back()
    expect(pressed(window.frame)).to_have_text("All")
    window.settled()


def test_a_deep_link_with_several_filters_shows_them_and_they_are_cleared_at_once(house: House, window: Window) -> None:
    frame = window.open(house.page("/parcels/in/planned/tier/gold/mode/live"))
    expect(frame.get_by_label("Tier", exact=True)).to_have_value("gold")
    expect(frame.get_by_label("Mode", exact=True)).to_have_value("live")
    assert set(frame.locator('td[data-label="Tier"]').all_inner_texts()) <= {"Gold"}
    frame.get_by_role("link", name="Clear all filters").first.click()
    expect(pressed(frame)).to_have_text("All")
    window.page.wait_for_url("**/parcels")


def test_what_failed_is_found_with_its_reason(house: House, window: Window) -> None:
    assert house.failing is not None
    house.let_fail(house.failing)
    frame = window.open(house.page("/parcels/in/failed"))
    row = frame.locator("tbody tr", has_text=f"#{house.failing.number}")
    expect(row).to_contain_text("The shop refused the note.")


def test_customers_are_sorted_by_a_heading_and_narrowed_by_a_tier(house: House, window: Window) -> None:
    frame = window.open(house.page("/customers"))
    heading = frame.get_by_role("columnheader", name="Value")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    window.settled()
    assert _values(frame) == sorted(_values(frame), reverse=True)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    window.settled()
    assert _values(frame) == sorted(_values(frame))
    frame.locator('.tile[value="gold"]').click()
    expect(frame.locator('.tile[aria-pressed="true"]')).to_contain_text("Gold")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    window.settled()
    assert set(frame.locator('td[data-label="Tier"]').all_inner_texts()) <= {"Gold", "Gold\nIn grace", "Gold\nAt risk"}


def _values(frame: Frame) -> list[object]:
    cells = frame.locator('td[data-label="Value"]').all_inner_texts()
    return [parse_decimal(cell.strip("€\xa0 "), locale="en") for cell in cells]


def test_a_customer_is_searched_by_enter_and_their_name_stands_in_no_address(house: House, window: Window) -> None:
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "occasional")
    frame = window.open(house.page("/customers"))
    frame.get_by_label("Search customers").fill(user.last_name)
    frame.get_by_label("Search customers").press("Enter")
    expect(frame.get_by_role("link", name="Clear all filters").first).to_be_visible()
    expect(frame.locator("tbody tr", has_text=user.full_name).first).to_be_visible()
    assert user.last_name not in window.page.url + window.frame.url


def _cancelled(house: House) -> int:
    with house.processes.app.database.read() as db:
        return pages.parcels_by_state(db, house.shop.id)[parcels.CANCELLED]
