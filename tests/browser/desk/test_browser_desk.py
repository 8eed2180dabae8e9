"""The packing desk in the framed dashboard: a batch by button, key and scanner, without network, and what ran out."""

from collections.abc import Callable

from browser_house import House
from browser_window import MOMENT_MILLISECONDS, PATIENCE_MILLISECONDS, Window
from playwright.sync_api import Frame, Page, Route, expect
from sqlalchemy import func, select

from saleor_loyalty_app.store import parcels
from saleor_loyalty_app.store.parcel_tables import parcel_changes
from saleor_loyalty_app.store.parcels import Parcel

SHOWN = "article[data-code]:not([hidden])"
ACTS = "**/panel/desk/*/parcels/**"
NO_NETWORK = "Failed to load resource|request:"


def take(house: House, window: Window, *, size: int = 5, width: int = 1024) -> Frame:
    """The page of a new batch."""
    frame = window.open(house.page("/desk"), width=width)
    frame.get_by_role("button", name=f"Take the next {size}", exact=True).click()
    expect(frame.locator(SHOWN)).to_be_visible()
    expect(frame.locator(f"{SHOWN} .desk-items")).to_be_visible()
    return window.settled()


def shown(house: House, frame: Frame) -> Parcel:
    """The parcel that the page shows, as the app knows it."""
    return known(house, frame.locator(SHOWN).get_attribute("data-code") or "")


def known(house: House, code: str) -> Parcel:
    with house.processes.app.database.read() as db:
        found = parcels.parcel_by_code(db, house.shop.id, code)
    assert found is not None
    return found


def becomes(house: House, window: Window, parcel: Parcel, state: str) -> None:
    """Wait for a state of a parcel; meanwhile the window's requests go on, which are looked at here."""
    for _ in range(2 * PATIENCE_MILLISECONDS // MOMENT_MILLISECONDS):
        if known(house, parcel.code).state == state:
            return
        window.page.wait_for_timeout(MOMENT_MILLISECONDS)
    assert known(house, parcel.code).state == state


def changes(house: House, parcel: Parcel) -> int:
    """How often something was done to a parcel by hand."""
    query = select(func.count()).where(
        parcel_changes.c.shop_id == house.shop.id, parcel_changes.c.parcel_id == parcel.id
    )
    with house.processes.app.database.read() as db:
        return int(db.execute(query).scalar_one())


def scan(page: Page, text: str) -> None:
    """What a scanner types, as fast as it does."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def confirm(frame: Frame, how: Callable[[], None]) -> None:
    """Confirm the parcel that is shown, and say that what was promised was done; the next one is shown afterwards."""
    code = frame.locator(SHOWN).get_attribute("data-code") or ""
    has_services = frame.locator(f"{SHOWN} [data-service]").count()
    how()
    if has_services:
        expect(frame.get_by_role("button", name="Yes, all done")).to_be_focused()
        frame.page.keyboard.press("Enter")
    expect(frame.locator(SHOWN)).not_to_have_attribute("data-code", code)


def pack(frame: Frame) -> None:
    """Confirm by the button."""
    confirm(frame, frame.locator("[data-pack]").click)


def number(frame: Frame, at: int) -> str:
    return frame.locator("article[data-code]").nth(at).get_attribute("data-number") or ""


def test_the_desk_and_a_batch_are_fit_for_a_tablet_and_a_phone(house: House, window: Window) -> None:
    frame = window.open(house.page("/desk"), width=1024)
    window.check(frame, "desk-1024-light")
    window.resize(390)
    window.check(frame, "desk-390-light")
    frame = take(house, window)
    window.check(frame, "desk-batch-1024-light")
    small = frame.locator("#desk").evaluate(
        """desk => [...desk.querySelectorAll('button, summary, label.tick, a.back')]
          .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
          .map((each) => each.outerHTML.slice(0, 90))"""
    )
    assert small == []
    frame.get_by_text("Not this …").first.click()
    window.wear("dark")
    window.check(frame, "desk-batch-1024-dark")
    window.resize(390)
    window.check(frame, "desk-batch-390-dark")
    address = window.page.url
    window.open(address, width=390)
    expect(window.frame.locator(SHOWN)).to_be_visible()
    assert window.page.url == address


def test_a_batch_is_packed_with_nothing_but_keys_and_undone_within_a_minute(house: House, window: Window) -> None:
    frame = take(house, window)
    keys, said = window.page.keyboard, frame.locator("[data-said]")
    first = shown(house, frame)
    frame.locator(f"{SHOWN} h2").focus()
    confirm(frame, lambda: keys.press("Enter"))
    expect(said).to_contain_text("packed. You can undo this for a minute.")
    expect(frame.locator("[data-undo-last]")).to_be_visible()
    second = shown(house, frame)
    assert second.code != first.code
    becomes(house, window, first, parcels.PACKED)
    keys.press("Control+z")
    expect(frame.locator(SHOWN)).to_have_attribute("data-code", first.code)
    expect(frame.locator("[data-undo-last]")).to_be_hidden()
    becomes(house, window, first, parcels.PLANNED)
    keys.press("ArrowRight")
    expect(frame.locator(SHOWN)).to_have_attribute("data-code", second.code)
    keys.press("Shift+Enter")
    expect(frame.get_by_role("button", name="out of stock", exact=True)).to_be_focused()
    field = frame.locator(f"{SHOWN} [data-words]")
    field.fill("the box was wet")
    keys.press("Enter")
    assert known(house, second.code).state == parcels.PLANNED, "Enter in a field confirms nothing"
    keys.press("Tab")
    keys.press("Enter")
    becomes(house, window, second, parcels.SKIPPED)
    frame.locator(f'[data-jump="{second.code}"]').click()
    expect(frame.locator(f"{SHOWN} .desk-done")).to_contain_text("Skipped: the box was wet.")
    window.keep_picture("desk-skipped-1024")
    frame.locator(f"{SHOWN} [data-undo-button]").click()
    becomes(house, window, second, parcels.PLANNED)


def test_a_scanner_confirms_jumps_and_asks_about_what_is_not_here(house: House, window: Window) -> None:
    window.expect_trouble("404|422")
    frame = take(house, window)
    said = frame.locator("[data-said]")
    first = shown(house, frame)
    scan(window.page, number(frame, 1))
    expect(frame.locator(f"{SHOWN} h2")).to_have_text(f"#{number(frame, 1)}")
    assert known(house, first.code).state == parcels.PLANNED
    scan(window.page, first.code.lower().replace("-", "ß"))  # Caps Lock, and a German keyboard
    expect(frame.locator(SHOWN)).to_have_attribute("data-code", first.code)
    frame.locator("[data-pack]").focus()
    confirm(frame, lambda: scan(window.page, f"]C1{first.code}"))
    expect(said).to_contain_text("packed.")
    becomes(house, window, first, parcels.PACKED)
    scan(window.page, f"#{number(frame, 0)}")
    expect(said).to_contain_text("is closed already")
    scan(window.page, "4711471")
    expect(said).to_contain_text("No parcel has the code or order number 4711471.")
    inside = {code.get_attribute("data-code") for code in frame.locator("article").all()}
    others = [house.parcel(order) for order in house.fresh]
    free = next(each for each in others if each.ready_at and each.code not in inside)
    scan(window.page, free.code)
    expect(said).to_contain_text("is now in your batch")
    expect(frame.locator(SHOWN)).to_have_attribute("data-code", free.code)
    expect(frame.locator(f"{SHOWN} .desk-items")).to_be_visible()
    frame.locator(f"{SHOWN} .desk-skip summary").click()
    field = frame.locator(f"{SHOWN} [data-words]")
    field.press_sequentially(free.code)
    field.press("Enter")
    expect(field).to_have_value(free.code)
    assert known(house, free.code).state == parcels.PLANNED, "what is typed in a field is no scan"


def test_what_is_pressed_without_network_is_kept_through_a_reload_and_done_once(house: House, window: Window) -> None:
    window.expect_trouble(NO_NETWORK)
    frame = take(house, window)
    outbox = frame.locator("[data-outbox]")
    window.page.route(ACTS, lambda route: route.abort())
    first = shown(house, frame)
    confirm(frame, lambda: scan(window.page, first.code))
    second = shown(house, frame)
    before = [changes(house, one) for one in (first, second)]
    pack(frame)
    expect(outbox).to_contain_text("2 kept, sent when the network is back")
    window.check(frame, "desk-no-network-1024")
    kept = frame.evaluate("JSON.stringify(localStorage)")
    assert known(house, first.code).state == parcels.PLANNED
    assert first.code in kept
    assert "Meier" not in kept
    window.page.reload()
    frame = window.settled()
    outbox = frame.locator("[data-outbox]")
    expect(outbox).to_contain_text("2 kept")
    expect(frame.locator(f'[data-jump="{first.code}"]')).to_have_attribute("data-state", "packed")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    window.page.unroute(ACTS)
    window.page.route(ACTS, lose_the_answer, times=1)
    expect(outbox).to_be_hidden()
    becomes(house, window, second, parcels.PACKED)
    assert known(house, first.code).state == parcels.PACKED
    assert [changes(house, one) for one in (first, second)] == [count + 1 for count in before]
    assert [key for key in frame.evaluate("Object.keys(localStorage)") if "desk:" in key] == []


NOTHING_IS_STORED = """
const refuse = () => { throw new DOMException('The request was denied.', 'SecurityError'); };
Object.defineProperty(window, 'localStorage', { get: refuse });
const locks = { query: async () => refuse(), request: async () => refuse() };
Object.defineProperty(navigator, 'locks', { get: () => locks });
"""


def test_a_browser_that_stores_nothing_in_frames_packs_all_the_same(house: House, window: Window) -> None:
    take(house, window)
    window.page.add_init_script(f"if (self !== top) {{ {NOTHING_IS_STORED} }}")
    window.page.reload(wait_until="load")
    frame = window.settled()
    parcel = shown(house, frame)
    confirm(frame, lambda: frame.locator("[data-pack]").click())
    becomes(house, window, parcel, parcels.PACKED)


def test_what_is_refused_later_is_shown_until_it_was_read(house: House, window: Window) -> None:
    window.expect_trouble(f"{NO_NETWORK}|422")
    frame = take(house, window)
    window.page.route(ACTS, lambda route: route.abort())
    parcel = shown(house, frame)
    pack(frame)
    expect(frame.locator("[data-outbox]")).to_contain_text("1 kept")
    order = next(each for each in house.saleor.orders.by_key.values() if each.number == number(frame, 0))
    house.saleor.desk.cancel(order)
    house.saleor.settle(30)
    becomes(house, window, parcel, parcels.CANCELLED)
    window.page.unroute(ACTS)
    frame.evaluate("dispatchEvent(new Event('online'))")
    refusal = frame.locator(".desk-outbox li")
    expect(refusal).to_contain_text("The order fell through")
    window.page.reload()
    frame = window.settled()
    refusal = frame.locator(".desk-outbox li")
    expect(refusal).to_contain_text("The order fell through")
    window.check(frame, "desk-refused-1024")
    refusal.get_by_role("button", name="Understood").click()
    expect(refusal).to_have_count(0)


def test_an_extra_that_ran_out_leaves_the_whole_batch(house: House, window: Window) -> None:
    frame = take(house, window, size=10)
    extra = frame.locator(f"{SHOWN} [data-act='run-out']").first.get_attribute("data-extra")
    with_it = frame.locator(f"article:has([data-act='run-out'][data-extra='{extra}'])")
    assert with_it.count() > 1
    frame.get_by_text("Not this …").first.click()
    frame.locator(f"{SHOWN} [data-act='run-out'][data-extra='{extra}']").click()
    expect(frame.locator("[data-said]")).to_contain_text("is marked as out of stock.")
    expect(frame.locator("[data-said]")).to_contain_text("waited for it")
    expect(with_it).to_have_count(0)
    window.check(frame, "desk-run-out-1024")
