"""An extra is given to the shop to count: chosen in the forms, published, and the shelf shows what the shop says."""

from collections.abc import Iterator

import pytest
from browser_house import House
from browser_window import Window
from playwright.sync_api import Frame, expect
from processes import wait_until

from saleor_loyalty_app.services.edit_program import discard_draft
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.store import programs, variant_stock


@pytest.fixture
def rules_kept(house: House) -> Iterator[None]:
    """The rules that are in force now are so again afterwards."""
    app, shop = house.processes.app, house.shop
    with app.database.read() as db:
        before = programs.program_version(db, shop.id, shop.program_version or 1).toml
    discard_draft(app, shop)
    yield
    discard_draft(app, shop)
    publish_program(app, shop.id, toml=before, published_by="test")
    house.wait_until_quiet()


def form(house: House, window: Window, part: str) -> Frame:
    frame = window.open(house.page(f"/program/edit/{part}"))
    window.settled()
    return frame


@pytest.mark.usefixtures("rules_kept")
def test_a_merchant_lets_the_shop_count_an_extra(house: House, window: Window) -> None:
    frame = window.open(house.page("/program"))
    frame.get_by_role("button", name="Edit", exact=True).click()
    window.settled()
    frame = form(house, window, "extras/bookmark")
    frame.get_by_label("Search by name or SKU").press_sequentially("gift-card", delay=30)
    card = frame.get_by_label("Hand-printed Tea Card")
    expect(card).to_be_attached()
    card.check()
    frame.get_by_label("The shop, as the stock of the product variant").check()
    frame.get_by_role("button", name="Save in the draft").click()
    window.settled()
    expect(frame.get_by_text("is needed, since the shop counts")).to_be_visible()
    frame = form(house, window, "packing")
    warehouse = frame.get_by_label("Warehouse of the extras that the shop counts")
    expect(warehouse.locator("option")).to_have_text(["None", "Bremen", "Leeds"])
    warehouse.select_option("Bremen")
    frame.get_by_label("A person approves each note before it is printed").check()
    window.keep_picture("program-packing-form")
    frame.get_by_role("button", name="Save in the draft").click()
    window.settled()
    frame.get_by_role("link", name="Check and publish").click()
    window.settled()
    expect(frame.get_by_role("cell", name="Bremen")).to_be_visible()
    frame.get_by_role("button", name="Publish as version").click(timeout=60_000)
    window.settled()
    expect(frame.get_by_text("counted by the shop")).to_be_visible()
    wait_until(lambda: _is_read(house))
    frame.get_by_role("button", name="Edit", exact=True).click()
    window.settled()
    frame = form(house, window, "extras/bookmark")
    expect(frame.locator("#shelf-card")).to_contain_text("pieces are left for new parcels.")
    expect(frame.locator("#shelf-card")).to_contain_text("Bremen")
    expect(frame.get_by_label("Counted on the shelf")).to_have_count(0)
    for width, scheme in ((1024, "light"), (390, "dark")):
        window.wear(scheme)
        window.resize(width)
        frame.locator("#shelf-card").scroll_into_view_if_needed()
        window.keep_picture(f"program-shelf-in-shop-{width}")


def _is_read(house: House) -> bool:
    with house.processes.app.database.read() as db:
        return "bookmark" in variant_stock.readings(db, house.shop.id)
