"""The print room as staff use it: from the choice to the file on the computer; a proof that follows each change."""

from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from browser_house import House
from browser_window import Window
from PIL import Image
from playwright.sync_api import Frame, expect

from saleor_loyalty_app.store.parcel_notes import note_standing


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf.read_bytes())
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def downloaded(window: Window, frame: Frame, folder: Path) -> Path:
    """What the button saves on the computer, out of the dashboard's frame."""
    with window.page.expect_download() as waiting:
        frame.get_by_role("button", name="Download the PDF").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def look_through(window: Window, frame: Frame, code: str, kind: str) -> None:
    frame.get_by_role("radio", name=kind, exact=True).check()
    frame.get_by_role("radio", name="One order or parcel").check()
    frame.get_by_label("Order number or parcel code").fill(code)
    frame.get_by_role("button", name="Look through them").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(kind)
    window.settled()


@pytest.mark.parametrize(("width", "theme"), [(1024, "light"), (390, "dark")], ids=["tablet", "phone"])
def test_a_card_is_printed_from_the_dashboard(
    house: House, window: Window, tmp_path: Path, width: int, theme: str
) -> None:
    parcel = house.parcel(house.fresh_order())
    frame = window.open(house.page("/print"), width=width)
    window.wear(theme)
    window.check(frame, f"print-room-{width}-{theme}")
    look_through(window, frame, parcel.code, "Cards")
    window.check(frame, f"print-check-{width}-{theme}")
    frame.get_by_role("button", name="Make the page").click()
    # The part is fetched again by itself until the worker is done.
    expect(frame.get_by_role("button", name="Download the PDF")).to_be_visible()
    window.check(frame, f"print-job-{width}-{theme}")
    file = downloaded(window, frame, tmp_path)
    assert file.name.startswith("cards-")
    assert file.suffix == ".pdf"
    with house.processes.app.database.read() as db:
        standing = note_standing(db, house.shop.id, parcel.id)
    assert standing is not None
    assert (standing.state, standing.by) == ("printed", house.staff.id)
    assert parcel.plan.note.sender in text_of(file)
    expect(frame.get_by_text("The cards count as printed since then.")).to_be_visible()
    window.check(frame, f"print-taken-{width}-{theme}")
    frame = window.open(house.page(f"/parcels/{parcel.code}"), width=width)
    expect(frame.locator("#note .badge")).to_have_text("Printed")
    window.look(frame, f"print-parcel-{width}-{theme}")
    frame.get_by_role("link", name="Print this card").click()
    look_through(window, window.settled(), parcel.code, "Cards")
    expect(frame.get_by_text("1 of these 1 was printed on")).to_be_visible()
    expect(frame.get_by_role("button", name="Print it again")).to_be_visible()
    window.check(frame, f"print-again-{width}-{theme}")


def test_a_sheet_to_copy_by_hand_is_the_first_choice_and_waits_for_a_word(
    house: House, window: Window, tmp_path: Path
) -> None:
    parcel = house.parcel(house.fresh_order())
    frame = window.open(house.page(f"/print/in/parcel/{parcel.code}"), width=1024)
    expect(frame.get_by_role("radio", name="Sheets to copy by hand")).to_be_checked()
    frame.get_by_role("button", name="Look through them").click()
    frame.get_by_role("button", name="Make the page").click()
    expect(frame.get_by_role("button", name="Download the PDF")).to_be_visible()
    assert downloaded(window, frame, tmp_path).name.startswith("to-copy-")
    frame.get_by_role("button", name="The card is written by hand").click()
    expect(frame.get_by_text("All cards are written by hand.")).to_be_visible()


def test_cards_are_read_and_approved_one_by_one(house: House, window: Window) -> None:
    frame = window.open(house.page("/print/approve"), width=1024)
    window.check(frame, "print-approve-1024")
    texts = frame.locator("li .words bdi")
    assert texts.evaluate_all("all => all.every((one) => getComputedStyle(one).maxHeight === 'none')")
    before = frame.locator("li .words").count()
    frame.locator("li").first.get_by_role("button", name="Approve the card").click()
    expect(frame.locator("li .words")).to_have_count(before - 1)


@pytest.mark.parametrize(("width", "theme"), [(1024, "dark"), (390, "light")], ids=["tablet", "phone"])
def test_a_proof_follows_each_change_of_the_stationery(house: House, window: Window, width: int, theme: str) -> None:
    frame = window.open(house.page("/print/look"), width=width)
    window.wear(theme)
    proof = frame.locator("#proof img")
    expect(proof).to_have_count(1)
    expect(frame.locator("#font-samples img")).to_have_count(5)
    window.check(frame, f"stationery-{width}-{theme}")
    before = proof.get_attribute("src")
    frame.get_by_label("Kalam").check()
    expect(proof).not_to_have_attribute("src", before or "")
    frame.get_by_label("Colour of the ground").fill("#fdf3e0")
    frame.locator("#f-card_format").select_option("folded")
    expect(proof).to_have_count(2)
    window.look(frame, f"stationery-folded-{width}-{theme}")
    written = BytesIO()
    Image.new("RGB", (1200, 800), "#7aa7c7").save(written, "PNG")
    seen = proof.first.get_attribute("src")  # the outside, where the motif is
    frame.locator("#motif-file").set_input_files(
        {"name": "motif.png", "mimeType": "image/png", "buffer": written.getvalue()}
    )
    frame.locator("#picture-motif").get_by_role("button", name="Save the picture").click()
    expect(frame.get_by_alt_text("The motif of the cards")).to_be_visible()
    expect(proof.first).not_to_have_attribute("src", seen or "")
    window.keep_picture(f"stationery-motif-{width}-{theme}")
    frame.locator("#picture-motif").get_by_role("button", name="Remove the picture").click()
    expect(frame.get_by_alt_text("The motif of the cards")).to_have_count(0)
