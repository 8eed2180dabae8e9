"""What extras cost, month by month, and what is put right where something failed."""

from browser_house import House
from browser_window import Window
from playwright.sync_api import expect


def test_costs_are_walked_through_month_by_month(house: House, window: Window) -> None:
    frame = window.open(house.page("/costs"))
    shown = window.page.frame_locator("iframe.app-frame").locator(".stepper strong")
    this_month = shown.inner_text()
    frame.locator(".columns-chart a").nth(-2).click()
    expect(shown).not_to_have_text(this_month)
    window.page.wait_for_url("**/costs/*/live")
    window.page.reload()
    frame = window.settled()
    expect(shown).not_to_have_text(this_month)
    frame.get_by_role("link", name="The month after").click()
    expect(shown).to_have_text(this_month)
    frame.get_by_role("link", name="Rehearsal", exact=True).click()
    expect(frame.get_by_text("These are costs of the rehearsal")).to_be_visible()


def test_what_failed_is_tried_again_at_the_press_of_a_button(house: House, window: Window) -> None:
    assert house.failing is not None
    try:
        frame = window.open(house.page("/health"))
        expect(frame.locator(".is-problem").first).to_be_visible()
        expect(frame.locator("#connection .badge")).to_have_text("Good")
        frame.get_by_role("button", name="Try all again").click()
        expect(frame.get_by_role("button", name="Try all again")).to_have_count(0)
    finally:
        house.wait_until_quiet()
        house.let_fail(house.failing)
