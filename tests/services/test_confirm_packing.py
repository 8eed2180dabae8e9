"""What is packed, skipped and promised: once, undone for a minute without a trace, told as the merchant wishes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import NOW, Clock, add_installed_shop, global_id
from packing_room import MIRA, SERVICES, TOM, Room, packing_program, refusal
from sqlalchemy import select
from wire import ShopWire

from saleor_loyalty_app.domain.changing import WhyNotChanged
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import (
    add_extra,
    exchange_item,
    pack_parcel,
    reopen_parcel,
    take_out_item,
)
from saleor_loyalty_app.services.keep_promises import settle_task
from saleor_loyalty_app.services.one_change import UNDO
from saleor_loyalty_app.store import cost_sums, earlier_parcels, packing_lists, promises, tasks
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL
from saleor_loyalty_app.store.tables import tasks as task_rows


@pytest.fixture
def room(app: App, wire: ShopWire, clock: Clock) -> Room:
    return a_room(app, wire, clock)


def a_room(app: App, wire: ShopWire, clock: Clock, *, mode: str = LIVE, **program: object) -> Room:
    return Room(app, wire, add_installed_shop(app, toml=packing_program(**program), mode=mode), clock)


def asked(room: Room, operation: str = "TellShop") -> int:
    return sum(one.operation == operation for one in room.wire.asked)


def heads(notes: list[str]) -> list[str]:
    return [note.splitlines()[0].rpartition(" · ")[2] for note in notes]


# ---- Told after a minute


@pytest.mark.parametrize("closed", ["pack", "skip"])
def test_what_is_undone_within_a_minute_leaves_no_trace_in_the_shop(room: Room, closed: str) -> None:
    room.order(1)
    room.tell()
    told, before = asked(room), room.told().copy()
    batch = room.take()
    getattr(room, closed)(1, batch=batch.code)
    room.clock.pass_time(seconds=30)
    room.look(1)  # an event comes in between
    room.tell()
    room.undo(1, batch=batch.code)
    room.clock.pass_time(hours=1)
    room.tell()
    assert (asked(room), room.told()) == (told, before)
    assert room.inside() == ["caramel", "bookmark"]
    assert (room.stock("caramel"), room.stock("bookmark")) == (99, 9)


def test_after_a_minute_the_shop_is_told_even_if_an_event_came_in_between(room: Room) -> None:
    room.order(1)
    room.tell()
    room.pack(1)
    work = room.work(f"order:{global_id('Order', 1)}")
    assert work
    assert work.due_at == NOW + UNDO
    room.clock.pass_time(seconds=30)
    room.tell()
    assert room.told()["best-regards.state"] == "planned"
    again = room.work(f"order:{global_id('Order', 1)}")
    assert again
    assert again.due_at == NOW + UNDO
    room.clock.at = NOW + UNDO
    room.tell()
    assert room.told()["best-regards.state"] == "packed"


def test_the_first_packing_note_goes_at_once(room: Room) -> None:
    room.order(1)
    assert len(room.tell()) == 1


def test_at_the_desk_the_metadata_say_what_was_done_and_no_note_is_left(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.tell(1)
    room.tell(2)
    batch = room.take()
    room.do(exchange_item, 1, room.item("bookmark", 1), batch=batch.code)
    room.pack(1, batch=batch.code)
    room.skip(2, batch=batch.code)
    room.clock.at += UNDO
    assert (len(room.tell(1)), len(room.tell(2))) == (1, 1)
    assert (room.told(1)["best-regards.state"], room.told(1)["best-regards.extras"]) == ("packed", "caramel, tea")
    assert (room.told(2)["best-regards.state"], room.told(2)["best-regards.extras"]) == ("skipped", "")


def test_on_wish_a_note_says_what_was_done(app: App, wire: ShopWire, clock: Clock) -> None:
    room = a_room(app, wire, clock, packing={"order_note": True})
    room.order(1)
    room.order(2)
    room.tell(1)
    room.tell(2)
    batch = room.take()
    room.pack(1, batch=batch.code, kept=frozenset({0}))
    room.skip(2, reason="fragile", batch=batch.code)
    room.clock.at += UNDO
    packed, skipped = room.tell(1), room.tell(2)
    assert (heads(packed), heads(skipped)) == (["Silver", "packed"], ["Silver", "skipped"])
    assert packed[-1].splitlines()[1:] == ["In the parcel: caramel, bookmark.", f"Not done: {SERVICES[1]}."]
    assert skipped[-1].splitlines()[1:] == ["Nothing was added to this order. Reason: too fragile for this parcel."]
    assert len(room.tell(1)) == 2
    room.undo(1)
    room.clock.at += UNDO
    room.tell(1)
    room.pack(1)
    room.clock.at += UNDO
    assert heads(room.tell(1)) == ["Silver", "packed", "changed (2)", "packed (3)"]


def test_who_skips_from_the_orders_page_still_tells_the_packers(room: Room) -> None:
    room.order(1)
    room.tell()
    room.skip(1, reason="looked_wrong")
    room.clock.at += UNDO
    assert "Please add nothing to this order" in room.tell()[-1]


# ---- Sent by itself


def test_an_order_that_was_sent_unconfirmed_is_closed_so_and_shown(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.order(3)
    room.pack(3)
    room.change(1, status="FULFILLED")
    at = room.clock.at
    room.change(2, status="FULFILLED")
    room.change(3, status="FULFILLED")
    with room.app.database.read() as db:
        found = packing_lists.shipped_unconfirmed(db, room.shop.id, since=NOW, limit=10)
        later = packing_lists.shipped_unconfirmed(db, room.shop.id, since=at + timedelta(seconds=1), limit=10)
    assert [(line.order_number, line.closed_at) for line in found] == [("2", at + timedelta(seconds=1)), ("1", at)]
    assert [line.order_number for line in later] == ["2"]
    assert (room.parcel(1).state, room.parcel(1).closed_why) == ("shipped", "not_confirmed")
    assert refusal(lambda: room.pack(1)).why is WhyNotChanged.SHIPPED


def test_what_was_packed_for_an_order_that_falls_through_is_put_back(room: Room) -> None:
    room.order(1)
    room.tell()
    room.pack(1)
    room.clock.at += UNDO
    room.tell()
    room.change(1, status="CANCELED")
    assert (room.parcel(1).state, room.stock("bookmark"), sums(room)) == ("packed", 9, (80, 0))
    assert room.undo(1).detail == {"was": "packed", "left_out": {}, "lost": True}
    assert (room.parcel(1).state, room.stock("bookmark"), sums(room)) == ("cancelled", 10, (0, 0))
    assert heads(room.tell()) == ["Silver", "cancelled"]
    assert room.told()["best-regards.state"] == "cancelled"


# ---- What it costs, and what was received


def sums(room: Room) -> tuple[int, int]:
    with room.app.database.read() as db:
        months = cost_sums.by_month(db, room.shop.id, mode=LIVE, first="2026-01", last="2026-12")
    known = months.get("2026-06", cost_sums.MonthCosts()).all
    return known.spent_minor, known.reserved_minor


def test_what_is_planned_is_reserved_and_only_what_is_packed_is_spent(room: Room) -> None:
    room.order(1)
    room.order(2)
    assert sums(room) == (0, 160)
    room.pack(1)
    assert sums(room) == (80, 80)
    room.skip(2)
    assert sums(room) == (80, 0)
    room.undo(1)
    assert sums(room) == (0, 80)


def test_what_was_skipped_was_never_received(room: Room) -> None:
    room.order(1, customer=7)
    room.skip(1)
    room.clock.pass_time(days=1)
    room.order(2, customer=7)
    assert room.inside(2) == ["caramel", "bookmark"]
    assert room.parcel(2).plan.note.note_id == "thanks"
    room.clock.pass_time(days=1)
    room.order(3, customer=7)  # while the second one waits to be packed
    assert room.inside(3) == ["caramel", "tea"]


def test_nothing_is_exchanged_for_what_another_parcel_of_the_customer_holds(room: Room) -> None:
    room.order(1, customer=7)
    room.clock.pass_time(days=1)
    room.order(2, customer=7)
    assert (room.inside(1), room.inside(2)) == (["caramel", "bookmark"], ["caramel", "tea"])
    room.do(exchange_item, 1, room.item("bookmark", 1))
    assert room.inside(1) == ["caramel", "soap"]


def test_what_a_later_parcel_holds_is_not_put_back_when_skipping_is_undone(room: Room) -> None:
    room.order(1, customer=7)
    room.skip(1)
    room.clock.pass_time(days=1)
    room.order(2, customer=7)
    change = room.undo(1)
    assert change.detail["left_out"] == {"bookmark": "received_lately"}
    assert (room.inside(1), room.inside(2)) == (["caramel"], ["caramel", "bookmark"])


def test_what_staff_put_in_by_hand_comes_back_although_it_was_given_lately(room: Room) -> None:
    room.order(1, customer=7)
    room.order(2, customer=7)
    room.do(add_extra, 2, "bookmark")
    room.skip(2)
    assert room.undo(2).detail["left_out"] == {}


# ---- Promises


def kept(room: Room, number: int = 1) -> dict[int, str]:
    with room.app.database.read() as db:
        return promises.promises_of(db, room.shop.id, room.parcel(number).id)


def test_a_promise_that_was_not_kept_is_a_task(room: Room) -> None:
    room.order(1)
    change = room.pack(1, kept=frozenset({1}))
    assert (kept(room), change.detail["broken"]) == ({0: "broken", 1: "done"}, [SERVICES[0]])
    detail = {"parcel": room.parcel().code, "number": "1", "services": [SERVICES[0]], "by": MIRA}
    assert room.tasks() == [("promise_broken", detail)]


def test_without_a_word_all_promises_were_kept(room: Room) -> None:
    room.order(1)
    assert "broken" not in room.pack(1).detail
    assert (kept(room), room.tasks()) == ({0: "done", 1: "done"}, [])


def test_undoing_makes_a_promise_again_and_withdraws_the_task(room: Room) -> None:
    room.order(1)
    room.pack(1, kept=frozenset())
    room.undo(1)
    assert (kept(room), room.tasks()) == ({}, [])
    room.pack(1, kept=frozenset({0, 1, 99}))
    assert (kept(room), room.tasks()) == ({0: "done", 1: "done"}, [])


def test_a_rehearsed_promise_is_nobodys_task(app: App, wire: ShopWire, clock: Clock) -> None:
    room = a_room(app, wire, clock, mode=REHEARSAL)
    room.order(1)
    room.pack(1, kept=frozenset())
    assert room.tasks() == []


def two_parcels(room: Room) -> None:
    room.order(1, customer=7)
    room.clock.pass_time(days=1)
    room.order(2, customer=7)


def test_an_extra_left_out_twice_in_a_row_is_a_task(room: Room) -> None:
    two_parcels(room)
    room.do(take_out_item, 1, room.item("bookmark", 1), reason="out_of_stock")
    room.pack(1)
    assert room.tasks() == []
    room.skip(2)
    codes = [room.parcel(1).code, room.parcel(2).code]
    detail = {"parcels": codes, "numbers": ["1", "2"], "extras": ["bookmark", "caramel", "tea"]}
    assert room.tasks() == [("skipped_twice", detail)]
    room.undo(2)
    assert room.tasks() == []
    room.pack(2)
    assert room.tasks() == []


@pytest.mark.parametrize("second", ["customer asked", "exchanged", "another customer", "packed in between"])
def test_it_is_no_task_when_the_customer_wished_it_or_got_something_else(room: Room, second: str) -> None:
    room.order(1, customer=7)
    room.skip(1)
    if second == "packed in between":
        room.order(3, customer=7)
        room.pack(3)
    room.order(2, customer=8 if second == "another customer" else 7)
    if second == "exchanged":
        room.do(exchange_item, 2, room.item("bookmark", 2))
        room.pack(2)
    else:
        room.skip(2, reason="customer_asked" if second == "customer asked" else "no_room")
    assert room.tasks() == []


def test_what_ran_out_and_was_replaced_was_not_left_out(room: Room) -> None:
    two_parcels(room)
    room.skip(1)
    room.run_out("tea", 2)
    room.pack(2)
    assert room.inside(2) == ["caramel", "soap"]
    assert room.tasks() == []


# ---- Tasks are looked after


def task_id(room: Room) -> int:
    with room.app.database.read() as db:
        return tasks.open_tasks(db, room.shop.id)[0].id


def test_a_task_is_settled_once_with_who_and_how(room: Room) -> None:
    room.order(1)
    room.pack(1, kept=frozenset())
    id = task_id(room)
    settle_task(room.app, room.shop, id, by=MIRA, words="called Anna")
    settle_task(room.app, room.shop, id, by=TOM, words="me too")
    assert room.tasks() == []
    assert settled(room)["settled_by"] == MIRA
    with pytest.raises(LookupError):
        settle_task(room.app, room.shop, 999, by=MIRA)


def test_what_was_said_about_a_person_is_forgotten_with_the_person(room: Room) -> None:
    room.order(1)
    room.pack(1, kept=frozenset())
    settle_task(room.app, room.shop, task_id(room), by=MIRA, words="called Anna")
    assert settled(room)["words"] == "called Anna"
    with room.app.database.write() as db:
        erase_customer(db, room.shop.id, room.parcel().customer_id, now=NOW)
    assert (settled(room)["words"], settled(room)["services"]) == ("", list(SERVICES))


def settled(room: Room) -> dict[str, object]:
    with room.app.database.read() as db:
        return dict(db.execute(select(task_rows.c.detail)).scalar_one())


# ---- Once


def test_the_same_wish_of_a_batch_is_done_once(room: Room) -> None:
    room.order(1)
    batch, wish = room.take(), str(uuid4())
    first = room.do(pack_parcel, 1, wish=wish, batch=batch.code, kept=frozenset({0}))
    assert room.do(pack_parcel, 1, wish=wish, batch=batch.code, kept=frozenset({0})) == first
    room.do(reopen_parcel, 1, batch=batch.code)
    assert room.do(pack_parcel, 1, wish=wish, batch=batch.code) == first
    assert room.parcel().state == "planned"
    assert first.detail["batch"] == batch.code


def customer_of(room: Room, number: int) -> Customer | None:
    with room.app.database.read() as db:
        return customer_by_id(db, room.shop.id, room.parcel(number).customer_id)


def test_the_note_of_a_skipped_parcel_was_not_received(room: Room) -> None:
    room.order(1, customer=7)
    room.skip(1)
    customer = customer_of(room, 1)
    assert customer
    with room.app.database.read() as db:
        assert earlier_parcels.notes_received(db, room.shop.id, customer.id, mode=LIVE) == frozenset()
    room.undo(1)
    with room.app.database.read() as db:
        assert earlier_parcels.notes_received(db, room.shop.id, customer.id, mode=LIVE) == {"thanks"}
