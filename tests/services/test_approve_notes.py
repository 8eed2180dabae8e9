"""Somebody stands for the words on a card; no new plan overwrites them then, and who did it and when is kept."""

from uuid import uuid4

import pytest
from factories import Clock, a_surprise_extra, an_extra, program_toml
from orders_made import Orders
from test_print_batch import COLLEAGUE, STAFF, edit, finish, job_for, state_of

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged
from saleor_loyalty_app.domain.parcels import NoteChoice
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.approve_notes import approve_note, approve_notes, fingerprint, say_copied
from saleor_loyalty_app.services.change_parcel import pack_parcel, skip_parcel
from saleor_loyalty_app.services.erase_person import erase_person
from saleor_loyalty_app.services.personal_data import personal_data
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.services.take_out_pages import take_out
from saleor_loyalty_app.store import pages, parcel_changes, parcel_notes
from saleor_loyalty_app.store.pages import StoredNote
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.print_lists import waiting_notes
from saleor_loyalty_app.store.shops import Shop

NEW_PLAN = NoteChoice(note_id="other", language="en", text="Words of a new plan.", sign_off="Bye", sender="Mira")


@pytest.fixture
def orders(app: App, shop: Shop) -> Orders:
    return Orders(app, shop)


def note_of(app: App, shop: Shop, parcel: Parcel) -> StoredNote:
    with app.database.read() as db:
        found = pages.note_of_parcel(db, shop.id, parcel.id)
    assert found is not None
    return found


def seen(app: App, shop: Shop, parcel: Parcel) -> str:
    return fingerprint(note_of(app, shop, parcel).text)


def plan_anew(app: App, shop: Shop, parcel: Parcel) -> str:
    """What stands on the card after the program chose another note."""
    with app.database.write() as db:
        parcel_notes.keep_choice(
            db, shop.id, parcel.id, customer_id=parcel.customer_id, mode="live", choice=NEW_PLAN, now=app.now()
        )
    return note_of(app, shop, parcel).text


def approved(app: App, shop: Shop, parcel: Parcel) -> None:
    approve_note(app, shop, parcel.id, seen=seen(app, shop, parcel), by=STAFF)


def printed(app: App, shop: Shop, parcel: Parcel) -> None:
    job = finish(app, shop, job_for(app, Orders(app, shop), [parcel]))
    take_out(app, shop, job.code, by=STAFF)


def copied(app: App, shop: Shop, parcel: Parcel) -> None:
    say_copied(app, shop, parcel.id, seen=seen(app, shop, parcel), by=STAFF)


def edited(app: App, shop: Shop, parcel: Parcel) -> None:
    edit(app, shop, parcel, "Words of a person.")


# ---- What a new plan may overwrite


def test_a_draft_follows_a_new_plan(app: App, orders: Orders) -> None:
    assert plan_anew(app, orders.shop, orders.bought()) == NEW_PLAN.text


@pytest.mark.parametrize("step", [edited, approved, printed, copied], ids=lambda step: step.__name__)
def test_words_that_somebody_stands_for_are_never_overwritten(app: App, orders: Orders, step: object) -> None:
    parcel = orders.bought()
    assert callable(step)
    step(app, orders.shop, parcel)
    before = note_of(app, orders.shop, parcel)
    assert plan_anew(app, orders.shop, parcel) == before.text
    assert note_of(app, orders.shop, parcel).state == before.state


def test_a_draft_that_was_taken_back_follows_a_new_plan(app: App, orders: Orders) -> None:
    parcel = orders.bought()
    with app.database.write() as db:
        nothing = NoteChoice()
        parcel_notes.keep_choice(
            db, orders.shop.id, parcel.id, customer_id=parcel.customer_id, mode="live", choice=nothing, now=app.now()
        )
    assert plan_anew(app, orders.shop, parcel) == NEW_PLAN.text


# ---- Step by step, with who and when


def test_a_card_goes_from_draft_to_the_parcel_with_who_and_when(app: App, orders: Orders, clock: Clock) -> None:
    parcel, shop = orders.bought(), orders.shop
    assert state_of(app, shop, parcel) == ("draft", "")
    told = []
    for step in (edited, approved, printed):
        clock.pass_time(minutes=1)
        step(app, shop, parcel)
        told.append(state_of(app, shop, parcel))
    clock.pass_time(minutes=1)
    pack_parcel(app, shop, parcel.id, by=COLLEAGUE, wish=str(uuid4()))
    told.append(state_of(app, shop, parcel))
    assert told == [("edited", STAFF), ("approved", STAFF), ("printed", STAFF), ("packed", COLLEAGUE)]


def test_a_card_that_was_never_made_is_not_said_to_be_in_the_parcel(app: App, orders: Orders) -> None:
    parcel, shop = orders.bought(), orders.shop
    pack_parcel(app, shop, parcel.id, by=COLLEAGUE, wish=str(uuid4()))
    assert state_of(app, shop, parcel) == ("draft", "")


@pytest.mark.parametrize("made", [printed, copied], ids=lambda step: step.__name__)
def test_editing_a_card_that_was_made_takes_it_back_and_says_that_it_must_be_made_again(
    app: App, orders: Orders, clock: Clock, made: object
) -> None:
    parcel, shop = orders.bought(), orders.shop
    assert callable(made)
    made(app, shop, parcel)
    clock.pass_time(minutes=1)
    edited(app, shop, parcel)
    assert state_of(app, shop, parcel) == ("edited", STAFF)
    with app.database.read() as db:
        change = parcel_changes.last_change(db, shop.id, parcel.id, kind=parcel_changes.NOTE_EDITED)
    assert change is not None
    assert change.detail["was"] == made.__name__


def test_approving_twice_is_approving_once(app: App, orders: Orders) -> None:
    parcel, shop = orders.bought(), orders.shop
    mark = seen(app, shop, parcel)
    for who in (STAFF, STAFF, COLLEAGUE):
        approve_note(app, shop, parcel.id, seen=mark, by=who)
    with app.database.read() as db:
        kinds = [(one.kind, one.by) for one in parcel_changes.changes_of(db, shop.id, parcel.id)]
    assert kinds == [("note_approved", STAFF)]


def test_saying_twice_that_a_card_was_copied_is_saying_it_once(app: App, orders: Orders) -> None:
    parcel, shop = orders.bought(), orders.shop
    mark = seen(app, shop, parcel)
    for who in (STAFF, COLLEAGUE):
        say_copied(app, shop, parcel.id, seen=mark, by=who)
    assert state_of(app, shop, parcel) == ("copied", STAFF)


def test_words_that_were_changed_since_they_were_shown_are_not_approved_unseen(app: App, orders: Orders) -> None:
    parcel, shop = orders.bought(), orders.shop
    mark = seen(app, shop, parcel)
    plan_anew(app, shop, parcel)
    with pytest.raises(CannotChange) as refused:
        approve_note(app, shop, parcel.id, seen=mark, by=STAFF)
    assert refused.value.why is WhyNotChanged.STALE
    assert state_of(app, shop, parcel)[0] == "draft"


def test_nobody_stands_for_a_card_that_nobody_gets(app: App, orders: Orders) -> None:
    skipped, erased, unwanted = (orders.bought(number) for number in (1, 2, 3))
    shop = orders.shop
    marks = {one.id: seen(app, shop, one) for one in (skipped, erased, unwanted)}
    skip_parcel(app, shop, skipped.id, reason="no_room", by=STAFF, wish=str(uuid4()))
    set_wishes(app, shop, unwanted.customer_id, exclusions=["no-inserts"], preferences=[])
    for parcel, why in ((skipped, WhyNotChanged.SKIPPED), (unwanted, WhyNotChanged.NO_INSERTS)):
        with pytest.raises(CannotChange) as refused:
            approve_note(app, shop, parcel.id, seen=marks[parcel.id], by=STAFF)
        assert refused.value.why is why
    erase_person(app, shop, erased.customer_id, by=STAFF)
    with pytest.raises(LookupError):
        approve_note(app, shop, erased.id, seen=marks[erased.id], by=STAFF)


# ---- Many at once


def test_many_cards_are_approved_at_once_each_once_and_those_that_changed_are_named(app: App, orders: Orders) -> None:
    some = [orders.bought(number) for number in (1, 2, 3)]
    shop = orders.shop
    shown = [(one.id, seen(app, shop, one)) for one in some]
    plan_anew(app, shop, some[1])
    done = approve_notes(app, shop, shown, by=STAFF)
    assert (done.approved, [one.parcel_id for one in done.changed]) == (2, [some[1].id])
    assert approve_notes(app, shop, shown, by=COLLEAGUE).approved == 0
    assert state_of(app, shop, some[0]) == ("approved", STAFF)
    with app.database.read() as db:
        assert [one.parcel_id for one in waiting_notes(db, shop.id, limit=9)] == [some[1].id]


# ---- What is kept of it about a person


def test_what_became_of_a_card_is_in_the_export_and_loses_its_words_with_the_person(app: App, orders: Orders) -> None:
    extras = [an_extra(), a_surprise_extra()]
    publish_program(app, orders.shop.id, toml=program_toml(extras=extras), published_by="test")
    parcel, shop = orders.bought(), orders.shop
    edited(app, shop, parcel)
    printed(app, shop, parcel)
    data = personal_data(app, shop, parcel.customer_id)
    assert data is not None
    (shown,) = data["parcels"]
    assert [one["what"] for one in shown["changes_by_staff"]] == ["note_edited", "note_approved", "note_printed"]
    assert len(data["pages_printed"]) == 1
    erase_person(app, shop, parcel.customer_id, by=STAFF)
    data = personal_data(app, shop, parcel.customer_id)
    assert data is not None
    assert "Words of a person." not in str(data)
