"""One parcel in the framed dashboard, changed in each of the ways that staff have."""

from browser_house import LOOKED_AT, House
from browser_window import Window, violations
from playwright.sync_api import Frame, expect

from saleor_loyalty_app.store import parcels


def parcel_with(selector: str, house: House, window: Window) -> tuple[Frame, parcels.Parcel]:
    """The page of a parcel that has something and that no other test gets, and the parcel."""
    for order in reversed(house.fresh[LOOKED_AT:]):
        parcel = house.parcel(order)
        frame = window.open(house.page(f"/parcels/{parcel.code}"))
        if frame.locator(selector).count():
            house.fresh.remove(order)
            return frame, parcel
    raise AssertionError(f"no parcel with {selector}")


def test_a_note_that_is_too_long_is_kept_in_the_form_with_the_reason(house: House, window: Window) -> None:
    window.expect_trouble("422")
    frame, _ = parcel_with("#text-field", house, window)
    frame.locator("details:has(#text-field) > summary").click()
    field = frame.get_by_label("Words of the note")
    field.fill("a" * 2_500)
    frame.get_by_role("button", name="Save the note").click()
    expect(frame.locator("#text-problem")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("a" * 2_500)
    assert violations(frame) == []
    field.fill("Thank you for the <b>second</b> order!")
    frame.get_by_role("button", name="Save the note").click()
    expect(frame.locator(".words")).to_contain_text("Thank you for the <b>second</b> order!")
    expect(frame.locator(".words b")).to_have_count(0)


def test_an_extra_is_taken_out_with_a_reason_and_another_put_in(house: House, window: Window) -> None:
    window.expect_trouble("422")
    frame, parcel = parcel_with("summary[aria-label^='Take out']", house, window)
    frame.locator("summary[aria-label^='Take out']").first.click()
    form = frame.locator("details[open]")
    form.get_by_role("button", name="Take it out").click()
    reason = form.get_by_label("Why is it taken out?")
    expect(reason).to_be_focused()
    assert reason.get_attribute("aria-invalid") == "true"
    reason.select_option(index=1)
    form.get_by_role("button", name="Take it out").click()
    expect(frame.get_by_text("no longer in it")).to_be_visible()
    window.settled()
    frame.get_by_text("Add an extra by hand").click()
    frame.get_by_label("Extra", exact=True).select_option(index=1)
    frame.get_by_role("button", name="Add", exact=True).click()
    expect(frame.locator("small", has_text="Added by hand")).to_be_visible()
    with house.processes.app.database.read() as db:
        items = parcels.items_of(db, house.shop.id, parcel.id)
    assert [each.state for each in items if each.by_hand] == [parcels.PLANNED]


def test_a_parcel_is_packed_and_skipped_and_each_is_taken_back(house: House, window: Window) -> None:
    window.expect_trouble("422")
    frame, _ = parcel_with('form[hx-post$="/pack"]', house, window)
    state = frame.locator(".head .badge").first
    frame.get_by_role("button", name="Mark as packed").click()
    expect(state).to_have_text("Packed")
    frame.get_by_role("button", name="Undo").click()
    expect(state).to_have_text("To pack")
    frame.get_by_text("Skip this parcel …").click()
    frame.get_by_role("button", name="Skip this parcel").click()
    expect(frame.get_by_label("Why does this parcel get nothing?")).to_be_focused()
    frame.get_by_label("Why does this parcel get nothing?").select_option(index=1)
    frame.get_by_role("button", name="Skip this parcel").click()
    expect(state).to_have_text("Skipped")
    expect(frame.get_by_text("This parcel was skipped.")).to_be_visible()
    frame.get_by_role("button", name="Undo").click()
    expect(state).to_have_text("To pack")
