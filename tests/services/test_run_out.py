"""An extra has run out although some were counted: none is given away any more, and who waits for it gets another."""

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import NOW, OTHER_SHOP_URL, Clock, a_surprise_extra, add_installed_shop, an_extra, global_id
from packing_room import MIRA, TOM, Room, packing_program, refusal
from sqlalchemy import select
from wire import ShopWire

from saleor_loyalty_app.domain.change_sentences import what_changed
from saleor_loyalty_app.domain.changing import WhyNotChanged
from saleor_loyalty_app.services import run_out as service
from saleor_loyalty_app.services.add_order_lines import add_order_lines
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import add_extra, edit_note
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.do_work import do_step
from saleor_loyalty_app.services.run_out import RanOut, replan_waiting
from saleor_loyalty_app.store import pages, parcel_changes
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.parcel_tables import stock_movements
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL


@pytest.fixture
def room(app: App, wire: ShopWire, clock: Clock) -> Room:
    return a_room(app, wire, clock)


def a_room(app: App, wire: ShopWire, clock: Clock, *, mode: str = LIVE, **program: object) -> Room:
    return Room(app, wire, add_installed_shop(app, toml=packing_program(**program), mode=mode), clock)


def movements(room: Room, extra_id: str) -> list[tuple[str, int]]:
    query = select(stock_movements.c.why, stock_movements.c.pieces).where(stock_movements.c.extra_id == extra_id)
    with room.app.database.read() as db:
        return [(why, pieces) for why, pieces in db.execute(query.order_by(stock_movements.c.id))]


def note(room: Room, number: int) -> str:
    with room.app.database.read() as db:
        found = pages.note_of_parcel(db, room.shop.id, room.parcel(number).id)
    return found.text if found else ""


def test_every_parcel_that_waits_gets_the_next_best_and_the_count_is_nothing(room: Room) -> None:
    for number in (1, 2, 3):
        room.order(number)
    room.pack(3)
    assert room.run_out("bookmark", 1) == RanOut(waiting=2, planned_anew=2, left_without=0)
    assert [room.inside(number) for number in (1, 2, 3)] == [
        ["caramel", "tea"],
        ["caramel", "tea"],
        ["caramel", "bookmark"],
    ]
    assert (room.stock("bookmark"), room.stock("tea")) == (0, 8)
    assert movements(room, "bookmark")[-3:] == [("missing", -7), ("missing", 0), ("missing", 0)]
    room.order(4)
    assert room.inside(4) == ["caramel", "tea"]


def test_a_signature_is_left_out(room: Room) -> None:
    room.order(1)
    room.order(2)
    assert room.run_out("caramel", 1) == RanOut(waiting=2, planned_anew=0, left_without=2)
    assert [room.inside(number) for number in (1, 2)] == [["bookmark"], ["bookmark"]]


def test_when_nothing_else_fits_the_parcel_goes_without(room: Room) -> None:
    room.order(1)
    room.count("tea", 1)
    room.count("soap", 0)
    room.order(2)
    assert room.run_out("bookmark", 2) == RanOut(waiting=2, planned_anew=1, left_without=1)
    assert (room.inside(1), room.inside(2)) == (["caramel"], ["caramel", "tea"])
    assert room.stock("tea") == 0


def test_an_extra_that_was_never_counted_is_counted_from_now_on(app: App, wire: ShopWire, clock: Clock) -> None:
    extras = [an_extra("caramel", stock=None), a_surprise_extra("bookmark", stock=None)]
    surprises = [{"chance": 1.0, "pool": ["bookmark"]}]
    room = a_room(app, wire, clock, extras=extras, surprises=surprises)
    room.order(1)
    assert room.run_out("bookmark", 1).left_without == 1
    assert (room.stock("bookmark"), room.stock("caramel")) == (0, None)
    room.count("bookmark", 5)
    room.order(2)
    assert (room.inside(2), room.stock("bookmark")) == (["caramel", "bookmark"], 4)


def test_what_was_reserved_never_comes_back(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.run_out("caramel", 1)
    for number in (1, 2):
        room.skip(number)
    assert room.stock("caramel") == 0


def test_it_happens_once_by_wish_and_says_the_same_again(room: Room) -> None:
    room.order(1)
    room.order(2)
    wish = str(uuid4())
    first = room.run_out("bookmark", 1, wish=wish)
    room.count("bookmark", 5)
    assert room.run_out("bookmark", 1, wish=wish) == first
    assert (room.stock("bookmark"), room.inside(1)) == (5, ["caramel", "tea"])
    for call in (
        lambda: room.run_out("tea", 1, wish=wish),
        lambda: room.run_out("bookmark", 2, wish=wish),
        lambda: room.run_out("tea", 1, wish="no wish"),
    ):
        assert refusal(call).why is WhyNotChanged.NO_WISH


def test_it_may_be_found_again_with_nothing_left_to_do(room: Room) -> None:
    room.order(1)
    room.run_out("bookmark", 1)
    assert room.run_out("bookmark", 1) == RanOut(waiting=0, planned_anew=0, left_without=0)
    assert room.stock("bookmark") == 0


def test_who_found_it_is_kept_with_each_parcel_and_said_in_words(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.run_out("bookmark", 1, by=TOM)
    room.run_out("caramel", 1, by=TOM)
    with room.app.database.read() as db:
        program = current_program(db, room.shop)
        lines = {
            number: [
                (one.by, what_changed(one.kind, one.detail, program, "en"))
                for one in parcel_changes.changes_of(db, room.shop.id, room.parcel(number).id)
            ]
            for number in (1, 2)
        }
    said = [
        (TOM, "took out caramel, because it is out of stock"),
        (TOM, "put in tea, because bookmark is out of stock"),
    ]
    assert lines == {1: said, 2: said}
    assert [room.parcel(number).revision for number in (1, 2)] == [2, 2]


def test_the_shop_is_told_of_every_parcel_that_changed(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.tell(2)
    room.run_out("bookmark", 1)
    assert room.work(f"order:{global_id('Order', 2)}")
    room.clock.pass_time(minutes=1)
    assert "Add: caramel; tea" in room.tell(2)[-1]


def test_what_staff_wrote_and_what_they_added_is_respected(room: Room) -> None:
    room.order(1)
    room.do(edit_note, 1, text="My own words.")
    room.order(2, customer=1)
    assert room.inside(2) == ["caramel", "tea"]
    room.do(add_extra, 2, "bookmark")
    assert room.run_out("bookmark", 1) == RanOut(waiting=2, planned_anew=1, left_without=1)
    assert note(room, 1) == "My own words."
    assert room.inside(2) == ["caramel", "tea"]


def test_nothing_new_is_chosen_or_written_for_a_person_who_was_erased(room: Room) -> None:
    room.order(1)
    with room.app.database.write() as db:
        erase_customer(db, room.shop.id, room.parcel(1).customer_id, now=NOW)
    assert room.run_out("bookmark", 1).left_without == 1
    assert (room.inside(1), note(room, 1)) == (["caramel"], "")


def test_in_rehearsal_parcels_wait_for_nothing(app: App, wire: ShopWire, clock: Clock) -> None:
    room = a_room(app, wire, clock, mode=REHEARSAL)
    room.order(1)
    assert room.run_out("bookmark", 1) == RanOut(waiting=0, planned_anew=0, left_without=0)


def test_an_unknown_extra_and_another_shops_parcel_are_refused(room: Room, app: App) -> None:
    room.order(1)
    assert refusal(lambda: room.run_out("nothing", 1)).why is WhyNotChanged.NO_SUCH_EXTRA
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with pytest.raises(LookupError):
        service.run_out(app, other, "bookmark", by=MIRA, wish=str(uuid4()), parcel_id=room.parcel(1).id)


def test_what_stands_in_an_order_as_a_line_is_left_and_named(app: App, wire: ShopWire, clock: Clock) -> None:
    room = a_room(app, wire, clock, delivery={"default-channel": {"by": "order_line"}})
    room.order(1, status="UNCONFIRMED")
    add_order_lines(app, room.shop, global_id("Order", 1))
    room.order(2)
    ran_out = room.run_out("bookmark", 2)
    assert ran_out == RanOut(waiting=1, planned_anew=1, left_without=0, in_orders=("1",))
    assert (room.inside(1), room.inside(2)) == (["caramel", "bookmark"], ["caramel", "tea"])
    assert room.tasks() == [("line_ran_out", {"extra": "bookmark", "orders": 1, "numbers": ["1"]})]


# ---- More than fit into one answer


def test_this_parcel_and_its_batch_come_first_and_the_others_in_rounds(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    monkeypatch.setattr(service, "CHUNK", 2)
    monkeypatch.setattr(service, "CHUNKS_PER_ROUND", 1)
    room.count("bookmark", 100)
    room.count("tea", 100)
    for number in range(1, 10):
        room.order(number)
        room.clock.at += timedelta(minutes=1)
    room.take(TOM, size=6)
    room.take(MIRA, size=3)
    ran_out = room.run_out("bookmark", 8)
    assert (ran_out, ran_out.to_come) == (RanOut(waiting=9, planned_anew=3, left_without=0), 6)
    assert [number for number in range(1, 10) if "tea" in room.inside(number)] == [7, 8, 9]
    assert room.work("extra:bookmark")
    rounds = 0
    while do_step(room.app, room.shop.id, "extra:bookmark", "replan").again_in_seconds == 0:
        rounds += 1
    assert rounds == 3
    assert {tuple(room.inside(number)) for number in range(1, 10)} == {("caramel", "tea")}
    assert (room.stock("bookmark"), room.stock("tea")) == (0, 91)
    assert replan_waiting(room.app, room.shop, "bookmark") is False


def test_what_falls_through_before_its_round_gives_nothing_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 1)
    room.order(1)
    room.order(2)
    assert room.run_out("bookmark", 1).to_come == 1
    room.change(2, status="CANCELED")
    replan_waiting(room.app, room.shop, "bookmark")
    assert (room.parcel(2).state, room.stock("bookmark")) == ("cancelled", 0)


def test_a_packer_does_not_confirm_what_was_planned_anew_unseen(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.take(MIRA, size=1)
    theirs = room.take(TOM, size=1)
    seen = room.parcel(2).revision
    room.run_out("bookmark", 1)
    refused = refusal(lambda: room.pack(2, by=TOM, batch=theirs.code, revision=seen))
    assert refused.why is WhyNotChanged.STALE
