"""The program edited in the browser: as a draft by forms, tried on real orders, checked, published, taken along."""

import io
from pathlib import Path

from browser_house import House
from browser_window import Window
from PIL import Image
from playwright.sync_api import Frame, expect


def begin(house: House, window: Window) -> Frame:
    """A fresh draft."""
    frame = window.open(house.page("/program"))
    button = frame.get_by_role("button", name="Edit", exact=True)
    if button.count():
        button.click()
    else:
        frame.get_by_role("link", name="Go on with the draft").click()
    window.settled()
    expect(frame.locator("h1")).to_have_text("Draft of the next version")
    return frame


def discard(window: Window, frame: Frame) -> None:
    frame.get_by_text("Discard the draft").click()
    frame.get_by_role("button", name="Yes, discard it").click()
    window.settled()
    expect(frame.get_by_role("button", name="Edit", exact=True)).to_be_visible()


def test_a_part_is_changed_by_its_form_and_says_what_is_wrong(house: House, window: Window) -> None:
    frame = begin(house, window)
    frame.get_by_role("link", name="bookmark", exact=True).click()
    window.settled()
    expect(frame.locator("h1")).to_have_text("Extra bookmark")
    expect(frame.locator('[name="channels"]').first).to_be_attached()
    frame.get_by_label("Cost of one piece").fill("a lot")
    frame.get_by_role("button", name="Save in the draft").click()
    expect(window.toast("needs you")).to_be_visible()
    window.settled()
    expect(frame.get_by_label("Cost of one piece")).to_be_focused()
    expect(frame.locator("#f-cost-problem")).to_be_visible()
    frame.get_by_label("Cost of one piece").fill("0.75")
    frame.get_by_label("Search by name or SKU").press_sequentially("te", delay=30)
    first = frame.locator('#variants input[name="variant"]').nth(1)
    expect(first).to_be_attached()
    first.focus()
    window.page.keyboard.press("Space")
    expect(first).to_be_checked()
    window.keep_picture("program-extra-form")
    frame.get_by_role("button", name="Save in the draft").click()
    window.settled()
    expect(frame.locator("h1")).to_have_text("Draft of the next version")
    window.page.go_back()
    window.settled()
    expect(frame.locator("h1")).to_have_text("Extra bookmark")
    frame = window.open(house.page("/program/edit"))
    discard(window, frame)


def test_a_note_is_seen_while_it_is_written(house: House, window: Window) -> None:
    frame = begin(house, window)
    frame.locator('a[hx-get="/panel/program/edit/notes/~1"]').click()
    window.settled()
    expect(frame.locator("#note-preview .words").first).to_be_visible()
    assert frame.locator("#note-preview .preview").count() == 2
    frame.locator("#f-text").fill("Servus ")
    frame.get_by_role("button", name="{{ name }}").click()
    expect(frame.locator("#f-text")).to_have_value("Servus {{ name }}")
    expect(frame.locator("#note-preview .words").first).to_contain_text("Servus")
    window.keep_picture("program-note-form")
    frame.get_by_role("button", name="Save in the draft").click()
    window.settled()
    discard(window, window.open(house.page("/program/edit")))


def test_a_picture_is_kept_at_once(house: House, window: Window) -> None:
    frame = begin(house, window)
    frame.get_by_role("link", name="bookmark", exact=True).click()
    window.settled()
    photo = io.BytesIO()
    Image.new("RGB", (600, 400), "teal").save(photo, "JPEG")
    frame.get_by_label("Photo from your computer or phone").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    frame.get_by_role("button", name="Save the picture").click()
    expect(frame.get_by_alt_text("The picture of this extra")).to_be_visible()
    frame.get_by_role("button", name="Remove the picture").click()
    expect(frame.get_by_alt_text("The picture of this extra")).to_have_count(0)
    discard(window, window.open(house.page("/program/edit")))


def test_a_draft_is_checked_published_and_taken_back(house: House, window: Window, tmp_path: Path) -> None:
    frame = begin(house, window)
    frame.get_by_role("link", name="Budgets").click()
    window.settled()
    before = frame.get_by_label("All extras of a calendar month").input_value()
    frame.get_by_label("All extras of a calendar month").fill("321.50")
    frame.get_by_role("button", name="Save in the draft").click()
    window.settled()
    frame.get_by_role("link", name="Check and publish").click()
    window.settled()
    expect(frame.get_by_role("button", name="Publish as version")).to_be_visible(timeout=60_000)
    expect(frame.locator("main")).to_contain_text("321.50")
    window.keep_picture("program-check")
    frame.get_by_role("button", name="Publish as version").click()
    expect(window.toast("is in force")).to_be_visible()
    window.settled()
    expect(frame.locator("main")).to_contain_text("€321.50")
    frame.get_by_role("link", name="Version 1", exact=True).click()
    window.settled()
    with window.page.expect_download() as download:
        frame.get_by_role("button", name="Export as a file").click()
    assert download.value.suggested_filename == "program-version-1.toml"
    frame.get_by_role("button", name="Take as the draft").click()
    window.settled()
    frame.get_by_role("link", name="Check and publish").click()
    frame.get_by_role("button", name="Publish as version").click(timeout=60_000)
    expect(window.toast("is in force")).to_be_visible()
    assert before
