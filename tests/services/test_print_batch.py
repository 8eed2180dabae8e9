"""A print job makes pages in chunks, once, names what is not on them, and stops, goes on and is forgotten as told."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

import pypdfium2
import pytest
from factories import Clock, a_surprise_extra, an_extra, fresh, program_toml
from orders_made import Orders
from sqlalchemy import func, select
from test_do_work import run_due
from wire import ShopWire, down, refusing

from saleor_loyalty_app.domain.print_jobs import NoteState, PrintKind, WhyLeftOut
from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.services import print_batch, typeset_pages
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.approve_notes import approve_note, fingerprint
from saleor_loyalty_app.services.change_parcel import edit_note, exchange_item, skip_parcel
from saleor_loyalty_app.services.erase_person import erase_person
from saleor_loyalty_app.services.keep_house import forget_pages
from saleor_loyalty_app.services.print_batch import MOST, NothingToPrint, TooMany, cancel_job, make_job, typeset_chunk
from saleor_loyalty_app.services.print_checks import check_print
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.services.take_out_pages import NoPages, say_all_copied, take_out, to_be_copied
from saleor_loyalty_app.store import pages, parcel_changes, parcels, print_jobs, work
from saleor_loyalty_app.store.parcel_notes import note_standing
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.print_jobs import PrintJob
from saleor_loyalty_app.store.print_tables import print_chunks, print_items
from saleor_loyalty_app.store.shops import Shop

STAFF, COLLEAGUE = "VXNlcjoyMQ==", "VXNlcjoyMg=="
CARDS, SHEETS = PrintKind.CARDS, PrintKind.COPY_SHEETS


@pytest.fixture
def orders(app: App, shop: Shop) -> Orders:
    return Orders(app, shop)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_batch, "AT_ONCE", 2)


def bought(orders: Orders, count: int, **order: object) -> list[Parcel]:
    """One order each of so many customers."""
    return [orders.bought(number, first_name=f"Name{number}", **order) for number in range(1, count + 1)]


def job_for(app: App, orders: Orders, some: Sequence[Parcel], kind: PrintKind = CARDS, **how: object) -> PrintJob:
    values = {"by": STAFF, "wish": str(uuid4()), **how}
    return make_job(app, orders.shop, kind, [one.id for one in some], **values)


def printed(app: App, orders: Orders, some: Sequence[Parcel], kind: PrintKind = CARDS, **how: object) -> str:
    """The whole text of pages that were made and taken out."""
    job = job_for(app, orders, some, kind, **how)
    finish(app, orders.shop, job)
    return text_of(take_out(app, orders.shop, job.code, by=STAFF).pdf)


def finish(app: App, shop: Shop, job: PrintJob) -> PrintJob:
    while typeset_chunk(app, shop, job.code):
        pass
    return now(app, shop, job)


def now(app: App, shop: Shop, job: PrintJob) -> PrintJob:
    with app.database.read() as db:
        found = print_jobs.job_by_code(db, shop.id, job.code)
    assert found is not None
    return found


def left_out(app: App, shop: Shop, job: PrintJob) -> dict[int, WhyLeftOut]:
    with app.database.read() as db:
        return {one.parcel_id: one.why for one in print_jobs.left_out_of(db, shop.id, job.id)}


def state_of(app: App, shop: Shop, parcel: Parcel) -> tuple[str, str]:
    """How far the note is, and who brought it there."""
    with app.database.read() as db:
        standing = note_standing(db, shop.id, parcel.id)
    assert standing is not None
    return standing.state.value, standing.by


def edit(app: App, shop: Shop, parcel: Parcel, text: str) -> None:
    edit_note(app, shop, parcel.id, text=text, by=STAFF, wish=str(uuid4()))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def page_count(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def must_be_approved(app: App, orders: Orders, **changes: object) -> None:
    toml = program_toml(**changes) + "\n[packing]\napprove_notes = true\n"
    publish_program(app, orders.shop.id, toml=toml, published_by="test")


# ---- From the wish to the pages


def test_the_worker_makes_the_pages_in_chunks_in_the_order_that_was_asked_for(
    app: App, orders: Orders, small_chunks: None
) -> None:
    some = bought(orders, 5)
    job = job_for(app, orders, [some[3], some[0], some[4], some[1], some[2]])
    rounds = 0
    while run_due(app):
        rounds += 1
    done = now(app, orders.shop, job)
    assert (done.state, done.ready, done.total, rounds) == ("done", 5, 5, 3)
    pdf = take_out(app, orders.shop, job.code, by=STAFF).pdf
    assert page_count(pdf) == 5
    text = text_of(pdf)
    assert [name for name in ("Name4", "Name1", "Name5", "Name2", "Name3") if name in text] == sorted(
        (f"Name{n}" for n in range(1, 6)), key=text.index
    )


def test_the_same_wish_sent_twice_is_one_job(app: App, orders: Orders) -> None:
    some, wish = bought(orders, 1), str(uuid4())
    assert job_for(app, orders, some, wish=wish).code == job_for(app, orders, some, wish=wish).code
    with pytest.raises(ValueError, match="badly formed"):
        job_for(app, orders, some, wish="none")


def test_a_worker_that_is_killed_in_the_middle_goes_on_at_the_chunk_that_was_not_kept(
    app: App, orders: Orders, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = bought(orders, 5)
    whole = printed(app, orders, some)
    job = job_for(app, orders, some, again=True)
    assert typeset_chunk(app, orders.shop, job.code)
    made: list[int] = []

    def killed(*_: object, **__: object) -> None:
        made.append(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(print_batch, "make_pages", killed)
        with pytest.raises(KeyboardInterrupt):
            typeset_chunk(app, orders.shop, job.code)
    assert (now(app, orders.shop, job).ready, made) == (2, [1])
    finish(app, orders.shop, job)
    assert text_of(take_out(app, orders.shop, job.code, by=STAFF).pdf) == whole


def test_two_workers_that_make_the_same_chunk_keep_it_once(
    app: App, orders: Orders, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(app, orders, bought(orders, 3))
    make_pages = typeset_pages.make_pages
    overtaken: list[bool] = []

    def slow(*of: object, **how: object) -> typeset_pages.Pages:
        pages = make_pages(*of, **how)  # type: ignore[arg-type]
        if not overtaken:
            overtaken.append(True)
            typeset_chunk(app, orders.shop, job.code)
        return pages

    monkeypatch.setattr(print_batch, "make_pages", slow)
    finish(app, orders.shop, job)
    assert page_count(take_out(app, orders.shop, job.code, by=STAFF).pdf) == 3


def test_a_cancelled_job_stops_between_two_chunks_and_leaves_no_pages(
    app: App, orders: Orders, small_chunks: None
) -> None:
    some = bought(orders, 4)
    job = job_for(app, orders, some)
    assert typeset_chunk(app, orders.shop, job.code)
    assert cancel_job(app, orders.shop, job.code)
    assert not cancel_job(app, orders.shop, job.code)
    assert not typeset_chunk(app, orders.shop, job.code)
    with app.database.read() as db:
        assert db.scalar(select(func.count()).select_from(print_chunks)) == 0
    with pytest.raises(NoPages):
        take_out(app, orders.shop, job.code, by=STAFF)
    assert state_of(app, orders.shop, some[3]) == ("draft", "")


def test_pages_are_sealed_where_they_are_kept(app: App, orders: Orders) -> None:
    job = finish(app, orders.shop, job_for(app, orders, bought(orders, 1)))
    with app.database.read() as db:
        (sealed,) = print_jobs.sealed_chunks(db, orders.shop.id, job.id)
    assert not sealed.startswith(b"%PDF")
    assert app.vault.open(sealed).startswith(b"%PDF")


def test_a_job_has_a_limit_and_never_begins_with_nothing(app: App, orders: Orders) -> None:
    with pytest.raises(TooMany):
        make_job(app, orders.shop, CARDS, list(range(MOST + 1)), by=STAFF, wish=str(uuid4()))
    with pytest.raises(NothingToPrint):
        make_job(app, orders.shop, CARDS, [], by=STAFF, wish=str(uuid4()))


def test_another_shop_can_neither_print_nor_take_out(app: App, orders: Orders) -> None:
    from factories import OTHER_SHOP_URL, add_installed_shop, jwks

    stranger = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks("other"))
    some = bought(orders, 1)
    with pytest.raises(NothingToPrint):
        make_job(app, stranger, CARDS, [some[0].id], by=STAFF, wish=str(uuid4()))
    job = finish(app, orders.shop, job_for(app, orders, some))
    with pytest.raises(LookupError):
        take_out(app, stranger, job.code, by=STAFF)
    assert not cancel_job(app, stranger, job.code)


# ---- What is not on the pages, by name


def test_what_can_not_be_printed_is_named_and_the_others_are_printed(app: App, orders: Orders) -> None:
    some = bought(orders, 7)
    shop = orders.shop
    edit(app, shop, some[1], "Thank you, \U000130ed\U000130ef!")  # Egyptian hieroglyphs
    edit(app, shop, some[2], "Thank you so very much. " * 80)
    skip_parcel(app, shop, some[3].id, reason="no_room", by=STAFF, wish=str(uuid4()))
    erase_person(app, shop, some[4].customer_id, by=STAFF)
    set_wishes(app, shop, some[5].customer_id, exclusions=["no-inserts"], preferences=[])
    with app.database.write() as db:
        parcels.close_parcel(db, shop.id, some[6].id, state="cancelled", why="cancelled", now=app.now())
    expected = {
        some[1].id: WhyLeftOut.MISSING_LETTERS, some[2].id: WhyLeftOut.TOO_LONG, some[3].id: WhyLeftOut.SKIPPED,
        some[4].id: WhyLeftOut.ERASED, some[5].id: WhyLeftOut.NO_INSERTS, some[6].id: WhyLeftOut.CANCELLED,
    }  # fmt: skip
    check = check_print(app, shop, CARDS, [one.id for one in some])
    assert {one.parcel_id: one.why for one in check.left_out} == expected
    assert [one.parcel_id for one in check.fine] == [some[0].id]
    job = finish(app, shop, job_for(app, orders, some))
    assert left_out(app, shop, job) == expected
    pdf = take_out(app, shop, job.code, by=STAFF).pdf
    assert page_count(pdf) == 1
    assert "Name1" in text_of(pdf)


def test_a_card_that_became_too_long_after_the_start_is_left_out_and_named(app: App, orders: Orders) -> None:
    some = bought(orders, 2)
    job = job_for(app, orders, some)
    edit(app, orders.shop, some[0], "So many words. " * 130)
    finish(app, orders.shop, job)
    assert left_out(app, orders.shop, job) == {some[0].id: WhyLeftOut.TOO_LONG}
    assert page_count(take_out(app, orders.shop, job.code, by=STAFF).pdf) == 1


def test_words_that_name_what_is_no_longer_inside_are_not_printed_unless_a_person_approved_them(
    app: App, orders: Orders
) -> None:
    extras = [an_extra(), a_surprise_extra("bookmark", weight=100_000), a_surprise_extra("tea", weight=1)]
    toml = program_toml(
        extras=extras,
        surprises=[{"chance": 1.0, "pool": ["bookmark", "tea"]}],
        notes=[{"id": "a", "language": "en", "text": "Enjoy your {% if extra %}{{ extra }}{% else %}day{% endif %}!"}],
    )
    publish_program(app, orders.shop.id, toml=toml, published_by="test")
    shop = orders.shop
    parcel = orders.bought()
    assert "Enjoy your bookmark" in printed(app, orders, [parcel])
    with app.database.read() as db:
        item = next(i for i in parcels.items_of(db, shop.id, parcel.id) if i.extra_id == "bookmark")
    exchange_item(app, shop, parcel.id, item.id, by=STAFF, wish=str(uuid4()))
    with app.database.read() as db:
        note = pages.note_of_parcel(db, shop.id, parcel.id)
    assert note is not None
    assert note.text == "Enjoy your bookmark!"  # it is on paper: no new plan overwrites it
    edit(app, shop, parcel, "Sorry that the bookmark is out!")
    check = check_print(app, shop, CARDS, [parcel.id])
    assert check.left_out == ()
    other = orders.bought(2)
    with app.database.read() as db:
        item = next(i for i in parcels.items_of(db, shop.id, other.id) if i.extra_id == "bookmark")
        note = pages.note_of_parcel(db, shop.id, other.id)
    assert note is not None
    job_for(app, orders, [other])
    run_due(app)  # approved by rule, and on pages that nobody takes out
    exchange_item(app, shop, other.id, item.id, by=STAFF, wish=str(uuid4()))
    (out,) = check_print(app, shop, CARDS, [other.id]).left_out
    assert (out.why, out.detail) == (WhyLeftOut.NAMES_GONE, "bookmark")


def test_where_a_person_must_approve_nothing_else_is_printed(app: App, orders: Orders) -> None:
    must_be_approved(app, orders)
    some = bought(orders, 2)
    shop = orders.shop
    with app.database.read() as db:
        note = pages.note_of_parcel(db, shop.id, some[0].id)
    assert note is not None
    approve_note(app, shop, some[0].id, seen=fingerprint(note.text), by=STAFF)
    job = finish(app, shop, job_for(app, orders, some))
    assert left_out(app, shop, job) == {some[1].id: WhyLeftOut.NOT_APPROVED}
    assert state_of(app, shop, some[0]) == ("approved", STAFF)


def test_what_was_planned_in_rehearsal_is_not_printed(app: App, orders: Orders) -> None:
    from saleor_loyalty_app.services.publish_program import switch_mode
    from saleor_loyalty_app.store.shops import REHEARSAL

    switch_mode(app, orders.shop.id, REHEARSAL)
    parcel = orders.bought()
    (out,) = check_print(app, fresh(app, orders.shop), CARDS, [parcel.id]).left_out
    assert out.why is WhyLeftOut.REHEARSAL


# ---- Printed, by whom and when


def test_taking_the_pages_out_marks_the_cards_once(app: App, orders: Orders, clock: Clock) -> None:
    some = bought(orders, 3)
    shop = orders.shop
    job = finish(app, shop, job_for(app, orders, some))
    assert state_of(app, shop, some[0]) == ("approved", "rule")
    clock.pass_time(minutes=5)
    taken = take_out(app, shop, job.code, by=STAFF)
    assert taken.name == f"cards-2026-06-15-{job.code}.pdf"
    clock.pass_time(minutes=5)
    assert take_out(app, shop, job.code, by=COLLEAGUE).pdf == taken.pdf
    assert {state_of(app, shop, one) for one in some} == {("printed", STAFF)}
    with app.database.read() as db:
        kinds = [one.kind for one in parcel_changes.changes_of(db, shop.id, some[0].id)]
    assert kinds == ["note_printed", "note_approved"]
    after = now(app, shop, job)
    assert (after.printed_by, after.printed_at) == (STAFF, clock.at - timedelta(minutes=5))


def test_printing_again_is_told_and_only_done_when_asked(app: App, orders: Orders) -> None:
    some = bought(orders, 3)
    printed(app, orders, some[:2])
    check = check_print(app, orders.shop, CARDS, [one.id for one in some])
    (group,) = check.printed
    assert (set(group.parcel_ids), group.state, group.by) == ({some[0].id, some[1].id}, NoteState.PRINTED, STAFF)
    assert [one.parcel_id for one in check.new] == [some[2].id]
    assert job_for(app, orders, some).total == 1
    assert job_for(app, orders, some, again=True).total == 3
    with pytest.raises(NothingToPrint):
        job_for(app, orders, some[:2])


def test_pages_that_a_colleague_made_and_nobody_took_out_are_told_too(app: App, orders: Orders) -> None:
    some = bought(orders, 2)
    job = job_for(app, orders, some[:1], by=COLLEAGUE)
    (group,) = check_print(app, orders.shop, CARDS, [one.id for one in some]).printed
    assert (group.state, group.by, group.job, group.parcel_ids) == ("made", COLLEAGUE, job.code, (some[0].id,))
    cancel_job(app, orders.shop, job.code)
    assert check_print(app, orders.shop, CARDS, [one.id for one in some]).printed == ()


def test_words_that_were_edited_after_they_were_typeset_are_not_marked_as_printed(
    app: App, orders: Orders, clock: Clock
) -> None:
    some = bought(orders, 2)
    shop = orders.shop
    job = finish(app, shop, job_for(app, orders, some))
    clock.pass_time(seconds=30)
    edit(app, shop, some[0], "Other words, Anna.")
    with app.database.read() as db:
        note = pages.note_of_parcel(db, shop.id, some[0].id)
    assert note is not None
    approve_note(app, shop, some[0].id, seen=fingerprint(note.text), by=STAFF)
    take_out(app, shop, job.code, by=STAFF)
    assert state_of(app, shop, some[0]) == ("approved", STAFF)
    assert state_of(app, shop, some[1]) == ("printed", STAFF)


def test_sheets_to_copy_mark_a_card_only_when_a_person_says_so(app: App, orders: Orders) -> None:
    some = bought(orders, 2)
    shop = orders.shop
    job = finish(app, shop, job_for(app, orders, some, SHEETS))
    with pytest.raises(NoPages):
        say_all_copied(app, shop, job.code, by=STAFF)
    text = text_of(take_out(app, shop, job.code, by=STAFF).pdf)
    assert "Name1" in text
    assert state_of(app, shop, some[0]) == ("approved", "rule")
    with app.database.read() as db:
        assert to_be_copied(db, shop, now(app, shop, job)) == 2
    assert say_all_copied(app, shop, job.code, by=COLLEAGUE) == 2
    assert say_all_copied(app, shop, job.code, by=STAFF) == 0
    assert state_of(app, shop, some[1]) == ("copied", COLLEAGUE)


# ---- What the shop is asked for


@pytest.fixture
def shop_orders(orders: Orders, wire: ShopWire) -> Callable[[int], list[Parcel]]:
    def some(count: int) -> list[Parcel]:
        for number in range(1, count + 1):
            wire.has_order(number)
        return bought(orders, count)

    return some


def test_slips_and_labels_ask_the_shop_and_name_what_it_no_longer_has(
    app: App, orders: Orders, wire: ShopWire, shop_orders: Callable[[int], list[Parcel]]
) -> None:
    some = shop_orders(3)
    wire.change_order(next(iter(wire.orders)), shippingAddress=None)
    del wire.orders[list(wire.orders)[1]]
    job = finish(app, orders.shop, job_for(app, orders, some, PrintKind.ADDRESS_LABELS))
    assert left_out(app, orders.shop, job) == {some[0].id: WhyLeftOut.NO_ADDRESS, some[1].id: WhyLeftOut.ORDER_GONE}
    assert "1 Bay" in text_of(take_out(app, orders.shop, job.code, by=STAFF).pdf)
    slips = finish(app, orders.shop, job_for(app, orders, some, PrintKind.SLIPS))
    assert left_out(app, orders.shop, slips) == {some[1].id: WhyLeftOut.ORDER_GONE}
    text = text_of(take_out(app, orders.shop, slips.code, by=STAFF).pdf)
    assert "Apple Juice" in text
    assert "caramel" in text
    assert state_of(app, orders.shop, some[0])[0] == "draft"  # a slip is no card


def test_labels_for_extras_name_each_extra_with_its_order(app: App, orders: Orders) -> None:
    text = printed(app, orders, bought(orders, 2), PrintKind.EXTRA_LABELS)
    assert [text.count(words) for words in ("caramel", "bookmark", "#1", "#2")] == [2, 2, 2, 2]


def test_a_shop_that_does_not_answer_delays_a_job_and_a_refusal_waits_for_a_person(
    app: App, orders: Orders, wire: ShopWire, shop_orders: Callable[[int], list[Parcel]], clock: Clock
) -> None:
    job = job_for(app, orders, shop_orders(1), PrintKind.SLIPS)
    wire.next_time("ReadPackingLists", down, refusing("ReadPackingLists", "no"))
    (ending,) = run_due(app)
    assert ending.error is not None
    assert ending.again_in_seconds is not None
    clock.pass_time(minutes=10)
    run_due(app)
    with app.database.read() as db:
        row = work.find(db, orders.shop.id, f"print:{job.code}")
    assert row is not None
    assert row.state in {work.FAILED, work.WAITING}
    clock.pass_time(hours=2)
    with app.database.write() as db:
        work.want(db, orders.shop.id, f"print:{job.code}", due_at=app.now(), now=app.now(), at_once=True)
    run_due(app)
    assert now(app, orders.shop, job).state == "done"


# ---- Forgotten


def test_pages_go_with_a_person_who_is_erased_and_the_job_says_why(
    app: App, orders: Orders, small_chunks: None
) -> None:
    some = bought(orders, 3)
    done = finish(app, orders.shop, job_for(app, orders, some))
    other = finish(app, orders.shop, job_for(app, orders, some[:1], again=True))
    erase_person(app, orders.shop, some[2].customer_id, by=STAFF)
    gone, kept = now(app, orders.shop, done), now(app, orders.shop, other)
    assert (gone.state, kept.state) == ("cancelled", "done")
    assert "erased" in said(gone.problem, "en")
    with pytest.raises(NoPages):
        take_out(app, orders.shop, done.code, by=STAFF)


def test_a_person_who_is_erased_while_the_pages_are_made_is_not_on_them(
    app: App, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = bought(orders, 2)
    job = job_for(app, orders, some)
    make_pages = typeset_pages.make_pages

    def meanwhile(*of: object, **how: object) -> typeset_pages.Pages:
        made = make_pages(*of, **how)  # type: ignore[arg-type]
        erase_person(app, orders.shop, some[0].customer_id, by=STAFF)
        return made

    monkeypatch.setattr(print_batch, "make_pages", meanwhile)
    assert finish(app, orders.shop, job).state == "cancelled"
    with app.database.read() as db:
        assert db.scalar(select(func.count()).select_from(print_chunks)) == 0


def test_jobs_and_pages_are_gone_after_a_day_and_what_failed_asks_nobody_any_more(
    app: App, orders: Orders, clock: Clock
) -> None:
    some = bought(orders, 1)
    job = finish(app, orders.shop, job_for(app, orders, some))
    failing = job_for(app, orders, some, again=True)
    with app.database.write() as db:
        (row,) = [one for one in work.claim_due(db, app.now(), limit=9) if one.subject.endswith(failing.code)]
        work.end_round(db, orders.shop.id, row.subject, row.round, now=app.now(), error="It did not work.")
    clock.pass_time(hours=23)
    forget_pages(app)
    assert now(app, orders.shop, job).state == "done"
    clock.pass_time(hours=1, minutes=1)
    forget_pages(app)
    with app.database.read() as db:
        assert print_jobs.job_by_code(db, orders.shop.id, job.code) is None
        assert db.scalar(select(func.count()).select_from(print_chunks)) == 0
        assert db.scalar(select(func.count()).select_from(print_items)) == 0
    run_due(app)
    with app.database.read() as db:
        assert work.failed(db, orders.shop.id) == []
