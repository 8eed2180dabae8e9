"""Staff at work in the panel: by keyboard, with notifications, with files to take along."""

import json
import tomllib
from pathlib import Path

from browser_house import House
from browser_window import Window
from playwright.sync_api import expect

from saleor_loyalty_app.store import history, parcels


def focus_is_seen(window: Window) -> bool:
    """What has the focus wears an outline."""
    return bool(
        window.frame.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2 || "
                              "getComputedStyle(document.activeElement).outlineStyle === 'auto'")
    )  # fmt: skip


def tab_to(window: Window, selector: str, *, most: int = 60) -> None:
    """Press Tab until something that fits has the focus, and see that it shows at each step."""
    for _ in range(most):
        window.page.keyboard.press("Tab")
        assert focus_is_seen(window), window.frame.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if window.frame.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_from_a_filter_to_an_exchange_by_keyboard_alone(house: House, window: Window) -> None:
    order = next(each for each in house.fresh if len(_surprises(house, each)) > 0)
    parcel = house.parcel(order)
    frame = window.open(house.page("/parcels"))
    frame.locator("h1").focus()
    tab_to(window, '.chips button[value="planned"]')
    window.page.keyboard.press("Enter")
    expect(frame.locator('.chips button[aria-pressed="true"]')).to_contain_text("To pack")
    window.settled()
    frame.locator("input[type=search]").focus()
    window.page.keyboard.type(order.number)
    window.page.keyboard.press("Enter")
    expect(frame.locator("table tbody tr")).to_have_count(1)
    window.settled()
    tab_to(window, f'a[href$="{parcel.code}"]')
    window.page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", level=1)).to_contain_text(order.number)
    window.settled()
    tab_to(window, "summary[aria-label^=Exchange]")
    window.page.keyboard.press("Enter")
    tab_to(window, "details[open] button[type=submit]", most=5)
    before = _surprises(house, order)
    window.page.keyboard.press("Enter")
    expect(window.toast("")).to_have_count(1)
    window.settled()
    assert _surprises(house, order) != before
    assert frame.evaluate("document.activeElement !== document.body"), "the focus is lost"


def _surprises(house: House, order: object) -> list[str]:
    with house.processes.app.database.read() as db:
        items = parcels.items_of(db, house.shop.id, house.parcel(order).id)  # type: ignore[arg-type]
    return [each.extra_id for each in items if each.kind == "surprise" and each.state == parcels.PLANNED]


def test_what_was_done_is_told_by_the_dashboards_notifications(house: House, window: Window) -> None:
    frame = window.open(house.page(f"/parcels/{house.parcel(house.fresh[0]).code}"))
    frame.get_by_role("button", name="Check again").click()
    expect(window.toast("The order is being checked again.")).to_be_visible()
    expect(frame.locator("#spoken")).to_have_text("The order is being checked again.")


def test_everything_kept_about_a_person_can_be_taken_along(house: House, window: Window) -> None:
    user = next(each.user for each in house.furnished.people if each.user and each.habit == "regular")
    frame = window.open(house.page(f"/customers/{house.known(user).id}/data"))
    with window.page.expect_download() as download:
        frame.get_by_role("button", name="Download as a file").click()
    assert download.value.suggested_filename.endswith(".json")
    assert user.last_name in json.dumps(json.loads(Path(download.value.path()).read_text()), ensure_ascii=False)


def test_the_program_can_be_taken_along(house: House, window: Window) -> None:
    frame = window.open(house.page("/program/versions/1"))
    with window.page.expect_download() as download:
        frame.get_by_role("button", name="Export as a file").click()
    assert download.value.suggested_filename.endswith(".toml")
    assert "tiers" in tomllib.loads(Path(download.value.path()).read_text())


def test_the_bar_moves_while_the_history_is_read(house: House, window: Window) -> None:
    def set_reading(**values: object) -> None:
        with house.processes.app.database.write() as db:
            history.change_reading(db, house.shop.id, "orders", **values)

    with house.processes.app.database.read() as db:
        before = history.history_of(db, house.shop.id)["orders"]
    try:
        set_reading(state=history.READING, read=10, total=100)
        frame = window.open(house.page("/"))
        bar = frame.locator('progress[aria-label="Orders"]')
        expect(bar).to_have_attribute("value", "10")
        window.keep_picture("today-reading-1440-light-en")
        set_reading(read=60)
        expect(bar).to_have_attribute("value", "60", timeout=15_000)
        assert window.frame.evaluate("document.activeElement.tagName") in ("H1", "BODY")
    finally:
        set_reading(state=before.state, read=before.read, total=before.total)
