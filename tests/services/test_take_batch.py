"""The packing desk: what is ready, and how packers share it without two of them ever having the same parcel."""

import threading

import pytest
from factories import NOW, OTHER_SHOP_URL, Clock, add_installed_shop, global_id
from packing_room import MIRA, TOM, Room, packing_program, refusal
from wire import ShopWire

from saleor_loyalty_app.domain.changing import WhyNotChanged
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import exchange_item, take_out_item
from saleor_loyalty_app.services.take_batch import (
    HELD,
    NothingToPack,
    batch_by_code,
    claim_parcel,
    hold_on,
    release_batch,
    take_batch,
)
from saleor_loyalty_app.store.packing_lists import DeskFilter
from saleor_loyalty_app.store.shops import REHEARSAL


@pytest.fixture
def room(app: App, wire: ShopWire, clock: Clock) -> Room:
    return Room(app, wire, add_installed_shop(app, toml=packing_program()), clock)


def money(**amounts: float) -> dict[str, object]:
    return {name: {"amount": amount} for name, amount in amounts.items()}


# ---- What is ready


def test_a_paid_order_is_ready_since_it_was_looked_at(room: Room) -> None:
    room.order(1, shippingMethodName="DHL", warehouse="Berlin")
    (line,) = room.ready()
    assert (line.order_number, line.name, line.tier, line.ready_at) == ("1", "Anna Nguyen", "silver", NOW)
    assert (line.shipping_method, line.warehouse_id) == ("DHL", global_id("Warehouse", "Berlin"))
    assert (line.held_by, line.held_until) == (None, None)
    room.clock.pass_time(hours=1)
    room.look(1)
    assert room.parcel(1).ready_at == NOW


@pytest.mark.parametrize(
    ("order", "is_ready"),
    [
        ({"chargeStatus": "OVERCHARGED"}, True),
        ({"status": "PARTIALLY_FULFILLED"}, True),
        ({"chargeStatus": "PARTIAL", **money(totalCharged=100, totalRefunded=20)}, True),
        ({"chargeStatus": "NONE", "total": 0, **money(totalCharged=0)}, True),
        ({"chargeStatus": "PARTIAL", **money(totalCharged=60)}, False),
        ({"chargeStatus": "NONE", **money(totalCharged=0)}, False),
        ({"status": "UNCONFIRMED"}, False),
    ],
    ids=["overcharged", "sent in part", "partly refunded", "paid by card", "partly paid", "not paid", "unconfirmed"],
)
def test_only_what_is_paid_and_confirmed_is_ready(
    app: App, wire: ShopWire, clock: Clock, order: dict[str, object], is_ready: bool
) -> None:
    room = Room(app, wire, add_installed_shop(app, toml=packing_program(trigger="placed")), clock)
    parcel = room.order(1, **order)
    assert parcel.state == "planned"
    assert (parcel.ready_at is not None, room.numbers()) == (is_ready, ["1"] if is_ready else [])


def test_what_is_sent_cancelled_or_rehearsed_is_not_ready(room: Room, app: App, wire: ShopWire, clock: Clock) -> None:
    for number, status in enumerate(("FULFILLED", "CANCELED", "EXPIRED"), 1):
        room.order(number)
        room.change(number, status=status)
    assert room.numbers() == []
    assert [room.parcel(number).state for number in (1, 2, 3)] == ["shipped", "cancelled", "cancelled"]
    rehearsing = Room(app, wire, add_installed_shop(app, mode=REHEARSAL, saleor_api_url=OTHER_SHOP_URL), clock)
    assert rehearsing.numbers() == []


def test_an_order_that_loses_and_finds_its_payment_is_ready_anew(room: Room) -> None:
    room.order(1)
    room.change(1, chargeStatus="PARTIAL", **money(totalCharged=60))
    assert (room.parcel(1).ready_at, room.numbers()) == (None, [])
    room.clock.pass_time(hours=1)
    room.change(1, chargeStatus="FULL", **money(totalCharged=120))
    assert room.parcel(1).ready_at == room.clock.at


def test_becoming_ready_wakes_nothing(room: Room) -> None:
    room.order(1)
    assert room.work(f"order:{global_id('Order', 1)}") is None


def test_a_rehearsed_parcel_is_never_ready(app: App, wire: ShopWire, clock: Clock) -> None:
    room = Room(app, wire, add_installed_shop(app, toml=packing_program(), mode=REHEARSAL), clock)
    assert room.order(1).ready_at is None


# ---- Batches


def test_a_packer_gets_the_next_parcels_and_a_colleague_those_after_them(room: Room) -> None:
    for number in range(1, 6):
        room.order(number)
        room.clock.pass_time(minutes=1)
    mine, theirs = room.take(MIRA, size=2), room.take(TOM, size=2)
    assert (room.orders_in(mine), room.orders_in(theirs)) == (["1", "2"], ["3", "4"])
    assert [line.held_by for line in room.ready()] == [MIRA, MIRA, TOM, TOM, None]
    assert (mine.by, mine.taken_at, mine.ended_at) == (MIRA, room.clock.at, None)


def test_a_batch_is_narrowed_and_ordered_as_wished(room: Room) -> None:
    for number, (method, warehouse) in enumerate(
        (("Post", "Berlin"), ("DHL", "Berlin"), ("Post", "Köln"), ("DHL", "Berlin")), 1
    ):
        room.order(number, shippingMethodName=method, warehouse=warehouse)
        room.clock.pass_time(minutes=1)
    berlin = global_id("Warehouse", "Berlin")
    assert room.numbers(DeskFilter(shipping_method="Post")) == ["1", "3"]
    assert room.numbers(DeskFilter(channel="elsewhere")) == []
    wanted = DeskFilter(warehouse=berlin, channel="default-channel", order="shipping_method")
    batch = room.take(wanted=wanted)
    assert room.orders_in(batch) == ["2", "4", "1"]
    assert DeskFilter(**batch.narrowed) == wanted


def test_who_has_a_batch_gets_it_again_until_it_is_released(room: Room) -> None:
    for number in range(1, 5):
        room.order(number)
    first = room.take(size=2)
    assert room.take(size=4).code == first.code
    released = release_batch(room.app, room.shop, first.code, by=MIRA)
    assert (released.ended_at, released.waiting_ids) == (NOW, ())
    assert release_batch(room.app, room.shop, first.code, by=MIRA) == released
    assert {line.held_by for line in room.ready()} == {None}
    second = room.take(size=4)
    assert (second.code != first.code, len(second.waiting_ids)) == (True, 4)


def test_a_batch_is_over_when_all_of_it_is_done(room: Room) -> None:
    for number in range(1, 4):
        room.order(number)
    batch = room.take(size=2)
    room.pack(1, batch=batch.code)
    room.skip(2, batch=batch.code)
    done = batch_by_code(room.app, room.shop, batch.code)
    assert (done.ended_at, done.waiting_ids, len(done.parcel_ids)) == (NOW, (), 2)
    assert room.orders_in(room.take()) == ["3"]


def test_what_leaves_a_batch_by_itself_does_not_keep_it_open(room: Room) -> None:
    for number in (1, 2, 3):
        room.order(number)
    batch = room.take(size=2)
    room.change(1, status="CANCELED")
    room.change(2, status="FULFILLED")
    assert batch_by_code(room.app, room.shop, batch.code).ended_at is not None
    other = room.take(TOM)
    room.change(3, chargeStatus="PARTIAL", **money(totalCharged=1))
    room.order(4)
    assert room.orders_in(room.take(TOM)) == ["4"]
    assert batch_by_code(room.app, room.shop, other.code).ended_at is not None


def test_after_a_silence_the_parcels_are_free_and_each_one_packed_begins_it_anew(room: Room) -> None:
    for number in (1, 2, 3):
        room.order(number)
    batch = room.take(MIRA)
    room.clock.at += HELD / 2
    room.pack(1, batch=batch.code)
    room.clock.at += HELD / 2
    with pytest.raises(NothingToPack):
        room.take(TOM)
    room.clock.at += HELD / 2
    theirs = room.take(TOM, size=1)
    assert room.orders_in(theirs) == ["2"]
    assert refusal(lambda: room.pack(2, batch=batch.code)).why is WhyNotChanged.HELD
    room.pack(3, batch=batch.code)
    assert batch_by_code(room.app, room.shop, batch.code).ended_at is not None


def test_a_sign_of_life_keeps_a_batch(room: Room) -> None:
    room.order(1)
    batch = room.take(MIRA)
    room.clock.at += HELD / 2
    hold_on(room.app, room.shop, batch.code, by=MIRA)
    room.clock.at += HELD / 2
    with pytest.raises(NothingToPack):
        room.take(TOM)
    assert refusal(lambda: hold_on(room.app, room.shop, batch.code, by=TOM)).why is WhyNotChanged.HELD


def test_nothing_ready_is_said_so(room: Room) -> None:
    with pytest.raises(NothingToPack):
        room.take()


def test_a_batch_of_another_shop_is_not_found(room: Room, app: App) -> None:
    room.order(1)
    code = room.take().code
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    for call in (
        lambda: batch_by_code(app, other, code),
        lambda: hold_on(app, other, code, by=MIRA),
        lambda: release_batch(app, other, code, by=MIRA),
        lambda: claim_parcel(app, other, "", room.parcel(1).id, by=MIRA),
    ):
        with pytest.raises(LookupError):
            call()


# ---- What somebody else packs


def test_what_a_colleague_packs_is_refused_at_the_desk_and_says_who(room: Room) -> None:
    room.order(1)
    room.order(2)
    mine, theirs = room.take(MIRA, size=1), room.take(TOM, size=1)
    item = room.item("bookmark", 1)
    for change in (
        lambda: room.pack(1, by=TOM, batch=theirs.code),
        lambda: room.skip(1, by=TOM, batch=theirs.code),
        lambda: room.do(exchange_item, 1, item, by=TOM, batch=theirs.code),
        lambda: room.do(take_out_item, 1, item, reason="fragile", by=TOM, batch=theirs.code),
        lambda: room.pack(1, by=TOM, batch=mine.code),
        lambda: claim_parcel(room.app, room.shop, theirs.code, room.parcel(1).id, by=TOM),
    ):
        refused = refusal(change)
        assert (refused.why, refused.detail) == (WhyNotChanged.HELD, MIRA)
    room.pack(1, by=TOM)  # from the order's page, where nobody works in a batch
    assert room.parcel(1).state == "packed"


def test_a_parcel_scanned_out_of_turn_comes_into_the_batch(room: Room) -> None:
    for number in (1, 2, 3):
        room.order(number)
    batch = room.take(size=1)
    more = claim_parcel(room.app, room.shop, batch.code, room.parcel(3).id, by=MIRA)
    assert (more.code, room.orders_in(more)) == (batch.code, ["1", "3"])
    assert claim_parcel(room.app, room.shop, batch.code, room.parcel(3).id, by=MIRA) == more
    alone = claim_parcel(room.app, room.shop, "", room.parcel(2).id, by=TOM)
    assert (alone.by, room.orders_in(alone)) == (TOM, ["2"])


def test_what_is_packed_or_not_paid_is_not_claimed(room: Room) -> None:
    room.order(1)
    room.order(2)
    room.order(3)
    batch = room.take(size=1)
    room.pack(2)
    room.change(3, chargeStatus="PARTIAL", **money(totalCharged=1))
    for number, why in ((2, WhyNotChanged.PACKED), (3, WhyNotChanged.NOT_READY)):
        parcel = room.parcel(number).id
        assert refusal(lambda id=parcel: claim_parcel(room.app, room.shop, batch.code, id, by=MIRA)).why is why


def test_an_order_whose_money_went_away_is_not_packed_at_the_desk(room: Room) -> None:
    room.order(1)
    batch = room.take()
    room.change(1, chargeStatus="PARTIAL", **money(totalCharged=1))
    assert refusal(lambda: room.pack(1, batch=batch.code)).why is WhyNotChanged.NOT_READY


def test_what_was_pressed_before_the_batch_was_taken_away_is_done_if_nobody_else_has_it(room: Room) -> None:
    room.order(1)
    room.order(2)
    batch = room.take(MIRA)
    release_batch(room.app, room.shop, batch.code, by=TOM)
    room.pack(1, batch=batch.code)
    room.take(TOM)
    assert refusal(lambda: room.pack(2, batch=batch.code)).detail == TOM
    assert (room.parcel(1).state, room.parcel(2).state) == ("packed", "planned")


def test_what_was_changed_since_it_was_shown_is_not_packed_unseen(room: Room) -> None:
    room.order(1)
    seen = room.parcel(1).revision
    room.do(exchange_item, 1, room.item("bookmark"), by=TOM)
    assert refusal(lambda: room.pack(1, revision=seen)).why is WhyNotChanged.STALE
    room.pack(1, revision=seen + 1)
    assert refusal(lambda: room.pack(1, revision=seen)).why is WhyNotChanged.PACKED


# ---- Undone


def test_what_is_undone_is_the_packers_again_although_the_batch_was_over(room: Room) -> None:
    room.order(1)
    batch = room.take()
    room.pack(1, batch=batch.code)
    assert batch_by_code(room.app, room.shop, batch.code).ended_at is not None
    room.undo(1, batch=batch.code)
    again = batch_by_code(room.app, room.shop, batch.code)
    assert (again.ended_at, room.orders_in(again)) == (None, ["1"])
    with pytest.raises(NothingToPack):
        room.take(TOM)


def test_what_is_undone_comes_into_the_batch_that_was_taken_since(room: Room) -> None:
    room.order(1)
    room.order(2)
    first = room.take(size=1)
    room.pack(1, batch=first.code)
    second = room.take()
    room.undo(1, batch=first.code)
    assert room.orders_in(batch_by_code(room.app, room.shop, second.code)) == ["1", "2"]
    assert batch_by_code(room.app, room.shop, first.code).ended_at is not None


def test_what_was_undone_on_the_orders_page_is_not_held_for_a_batch_that_is_over(room: Room) -> None:
    room.order(1)
    room.order(2)
    batch = room.take(size=1)
    room.pack(1, batch=batch.code)
    room.undo(1)
    room.pack(2, batch=batch.code)
    assert room.orders_in(room.take(TOM)) == ["1"]


# ---- Two at once, on both databases


def test_packers_who_ask_at_the_same_moment_never_get_the_same_parcel(
    busy_app: App, wire: ShopWire, clock: Clock
) -> None:
    room = Room(busy_app, wire, add_installed_shop(busy_app, toml=packing_program()), clock)
    for number in range(1, 25):
        room.order(number)
    shop, taken, start = room.shop, {}, threading.Barrier(8)

    def ask(by: str) -> None:
        start.wait()
        taken[by] = take_batch(busy_app, shop, DeskFilter(), by=by, size=3).waiting_ids

    packers = [threading.Thread(target=ask, args=(f"packer {number}",)) for number in range(8)]
    for packer in packers:
        packer.start()
    for packer in packers:
        packer.join()
    everything = [parcel for batch in taken.values() for parcel in batch]
    assert (len(taken), len(everything), len(set(everything))) == (8, 24, 24)


def test_a_parcel_that_two_scan_at_the_same_moment_goes_to_one_of_them(
    busy_app: App, wire: ShopWire, clock: Clock
) -> None:
    room = Room(busy_app, wire, add_installed_shop(busy_app, toml=packing_program()), clock)
    parcel = room.order(1).id
    shop, got, refused, start = room.shop, [], [], threading.Barrier(4)

    def scan(by: str) -> None:
        start.wait()
        try:
            got.append(claim_parcel(busy_app, shop, "", parcel, by=by).by)
        except Exception as trouble:  # looked at below
            refused.append(trouble)

    packers = [threading.Thread(target=scan, args=(f"packer {number}",)) for number in range(4)]
    for packer in packers:
        packer.start()
    for packer in packers:
        packer.join()
    assert len(got) == 1
    assert [(one.why, one.detail) for one in refused] == [(WhyNotChanged.HELD, got[0])] * 3
