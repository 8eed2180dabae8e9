"""An extra that the shop counts: what it says is what planning sees, and what was packed is taken off it once."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from factories import Clock, a_surprise_extra, add_installed_shop, an_extra, fresh, global_id, program_toml
from sqlalchemy import select, update
from wire import Asked, Reply, ShopWire, answer_lost, down, failing, pause_is_over, refusing, timed_out, too_many

from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.back_up import back_up, restore
from saleor_loyalty_app.services.change_parcel import pack_parcel, reopen_parcel, skip_parcel
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.do_work import do_step
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.run_out import run_out
from saleor_loyalty_app.services.tell_stock import tell_stock
from saleor_loyalty_app.services.variant_stock import note_moved, take_shop_at_its_word, want_all_stock
from saleor_loyalty_app.store import effects, orders, parcels, stock, variant_stock, work
from saleor_loyalty_app.store.packing_tables import variant_moves
from saleor_loyalty_app.store.parcel_tables import parcel_items
from saleor_loyalty_app.store.parcels import ParcelItem
from saleor_loyalty_app.store.shops import REHEARSAL, Shop

MUG, HERE, THERE = global_id("ProductVariant", 7), "warehouse-1", "warehouse-2"
SETTLED = 26
"""Seconds after which an interrupted call is over in the shop."""


def counted_there(**packing: Any) -> str:
    mug = a_surprise_extra("mug", stock=None, stock_in="shop", variant=MUG)
    return program_toml(
        extras=[an_extra(), mug], surprises=[{"chance": 1.0, "pool": ["mug"]}],
        packing={"warehouse": HERE, **packing},
    )  # fmt: skip


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    """A shop that counts 20 mugs itself, of which lines of orders wait for 3; it was asked already."""
    wire.stocks[MUG] = {HERE: [20, 3], THERE: [500, 0]}
    shop = add_installed_shop(app, toml=counted_there())
    tell_stock(app, shop, MUG)
    wire.asked.clear()
    return shop


def left(app: App, shop: Shop) -> int | None:
    """What planning sees."""
    with app.database.read() as db:
        return stock.stock_of(db, shop.id).get("mug")


def there(wire: ShopWire) -> int:
    """What the shop counts."""
    return wire.stocks[MUG][HERE][0]


def planned(app: App, shop: Shop, wire: ShopWire, number: int = 1) -> ParcelItem:
    """The mug in the parcel of a new order."""
    reward_order(app, shop, wire.has_order(number, user=None, userEmail=f"guest{number}@example.com"))
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, global_id("Order", number))
        assert row
        parcel = parcels.parcel_of_order(db, shop.id, row.id)
        assert parcel
        return next(item for item in parcels.items_of(db, shop.id, parcel.id) if item.extra_id == "mug")


def move(app: App, shop: Shop, *items: ParcelItem, sign: int = -1) -> None:
    """Items are packed, or back in the plan, as the packing desk does it."""
    state = parcels.PACKED if sign < 0 else parcels.PLANNED
    with app.database.write() as db:
        ids = [item.id for item in items]
        where = (parcel_items.c.shop_id == shop.id, parcel_items.c.id.in_(ids))
        db.execute(update(parcel_items).where(*where).values(state=state))
        note_moved(db, shop, current_program(db, shop), items, sign=sign, now=app.now())


def packed(app: App, shop: Shop, wire: ShopWire, count: int = 1) -> list[ParcelItem]:
    items = [planned(app, shop, wire, number) for number in range(1, count + 1)]
    move(app, shop, *items)
    wire.asked.clear()
    return items


def untold(app: App, shop: Shop) -> int:
    with app.database.read() as db:
        return sum(one.pieces for one in variant_stock.untold(db, shop.id, MUG))


def moves(app: App, shop: Shop) -> list[int]:
    with app.database.read() as db:
        query = select(variant_moves.c.pieces).where(variant_moves.c.shop_id == shop.id).order_by(variant_moves.c.id)
        return list(db.scalars(query))


# ---- What planning sees


def test_what_orders_wait_for_is_not_left_and_other_warehouses_do_not_count(app: App, shop: Shop) -> None:
    assert left(app, shop) == 17


def test_a_planned_parcel_takes_its_piece_at_once_and_the_next_look_says_the_same(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    planned(app, shop, wire)
    assert left(app, shop) == 16
    tell_stock(app, shop, MUG)
    assert (left(app, shop), there(wire)) == (16, 20)


def test_packing_changes_nothing_for_new_parcels_before_and_after_it_is_told(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    packed(app, shop, wire, 2)
    assert left(app, shop) == 15
    tell_stock(app, shop, MUG)
    assert (left(app, shop), there(wire)) == (15, 18)
    tell_stock(app, shop, MUG)
    assert (left(app, shop), there(wire)) == (15, 18)


def test_when_none_is_left_no_more_is_promised(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.stocks[MUG][HERE] = [4, 3]
    tell_stock(app, shop, MUG)
    planned(app, shop, wire)
    with pytest.raises(StopIteration):
        planned(app, shop, wire, 2)


def test_until_the_shop_says_how_many_there_are_none_is_promised(app: App, wire: ShopWire) -> None:
    wire.stocks[MUG] = {HERE: [20, 0]}
    shop = add_installed_shop(app, toml=counted_there())
    assert left(app, shop) == 0
    tell_stock(app, shop, MUG)
    assert left(app, shop) == 20


def test_publishing_asks_the_shop_at_once_and_the_hour_asks_again(app: App, shop: Shop, clock: Clock) -> None:
    text = counted_there(order_note=True)
    publish_program(app, shop.id, toml=text, published_by="x")
    clock.pass_time(hours=1)
    with app.database.read() as db:
        wanted = work.find(db, shop.id, f"stock:{MUG}")
    assert wanted
    assert wanted.due_at == clock.now() - timedelta(hours=1)
    assert left(app, shop) == 17  # nothing about it changed, so what is known holds
    with app.database.write() as db:
        db.exec_driver_sql("DELETE FROM work")
    want_all_stock(app, fresh(app, shop))
    with app.database.read() as db:
        wanted = work.find(db, shop.id, f"stock:{MUG}")
    assert wanted
    assert wanted.due_at == clock.now()


def test_an_extra_that_the_app_counts_again_goes_on_from_where_it_was(app: App, shop: Shop, wire: ShopWire) -> None:
    mug = a_surprise_extra("mug", stock=None, variant=MUG)
    publish_program(app, shop.id, toml=program_toml(extras=[an_extra(), mug], surprises=[]), published_by="x")
    tell_stock(app, fresh(app, shop), MUG)
    assert left(app, shop) == 17
    assert wire.asked == []
    with app.database.read() as db:
        assert variant_stock.readings(db, shop.id) == {}


def test_after_a_packer_found_none_only_a_higher_count_brings_some_back(app: App, shop: Shop, wire: ShopWire) -> None:
    packed(app, shop, wire)
    with app.database.write() as db:
        variant_stock.note_found_empty(db, shop.id, "mug")
    tell_stock(app, shop, MUG)
    assert (there(wire), left(app, shop)) == (19, 0)
    tell_stock(app, shop, MUG)
    assert left(app, shop) == 0, "what we took off ourselves is no new count"
    for quantity, expected in ((17, 0), (17, 0), (18, 15)):
        wire.stocks[MUG][HERE][0] = quantity
        tell_stock(app, shop, MUG)
        assert left(app, shop) == expected


# ---- What the shop is told


def test_everything_that_was_packed_is_told_in_one_request_after_a_minute(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire, 3)
    with app.database.read() as db:
        wanted = work.find(db, shop.id, f"stock:{MUG}")
    assert wanted
    assert wanted.due_at == clock.now() + timedelta(minutes=1)
    tell_stock(app, shop, MUG)
    assert wire.operations() == ["ReadVariantStock", "TellStock"]
    assert there(wire) == 17
    assert untold(app, shop) == 0


def test_telling_again_tells_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    packed(app, shop, wire)
    for _ in range(3):
        tell_stock(app, shop, MUG)
    assert wire.times("TellStock") == 1
    assert there(wire) == 19


def test_what_is_undone_within_the_minute_leaves_no_trace(app: App, shop: Shop, wire: ShopWire) -> None:
    items = packed(app, shop, wire)
    move(app, shop, *items, sign=1)
    tell_stock(app, shop, MUG)
    assert wire.times("TellStock") == 0
    assert (there(wire), untold(app, shop), left(app, shop)) == (20, 0, 16)


def test_what_is_undone_later_is_put_back_where_it_came_from(app: App, shop: Shop, wire: ShopWire) -> None:
    items = packed(app, shop, wire)
    tell_stock(app, shop, MUG)
    publish_program(app, shop.id, toml=counted_there(warehouse=THERE), published_by="x")
    shop = fresh(app, shop)
    move(app, shop, *items, sign=1)
    tell_stock(app, shop, MUG)
    assert (wire.stocks[MUG][HERE][0], wire.stocks[MUG][THERE][0]) == (20, 500)


def test_noting_the_same_twice_changes_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    items = packed(app, shop, wire)
    move(app, shop, *items)
    assert moves(app, shop) == [-1]
    move(app, shop, *items, sign=1)
    move(app, shop, *items, sign=1)
    assert moves(app, shop) == [-1, 1]
    move(app, shop, *items)
    assert moves(app, shop) == [-1, 1, -1]


def test_what_the_app_counts_itself_is_no_business_of_the_shop(app: App, shop: Shop, wire: ShopWire) -> None:
    mug = planned(app, shop, wire)
    with app.database.read() as db:
        caramel = next(item for item in parcels.items_of(db, shop.id, 1) if item.extra_id == "caramel")
    move(app, shop, caramel)
    assert moves(app, shop) == []
    move(app, shop, caramel, mug)
    assert moves(app, shop) == [-1]


def test_a_line_of_the_order_is_counted_by_the_shop_itself(app: App, shop: Shop, wire: ShopWire) -> None:
    item = planned(app, shop, wire)
    subject, effect = f"order:{global_id('Order', 1)}", f"line:{item.id}"
    with app.database.write() as db:
        effects.begin_effect(db, shop.id, subject, effect, now=app.now())
    wire.stocks[MUG][HERE][1] += 1
    tell_stock(app, shop, MUG)
    assert left(app, shop) == 16  # allocated in the shop, so not promised by us as well
    move(app, shop, item)
    assert moves(app, shop) == []
    with app.database.write() as db:
        effects.end_effect(db, shop.id, subject, effect, state=effects.REFUSED, now=app.now(), detail={})
    move(app, shop, item)
    assert moves(app, shop) == [-1]


def test_in_rehearsal_the_stock_is_read_and_nothing_is_told(app: App, shop: Shop, wire: ShopWire) -> None:
    packed(app, shop, wire)
    switch_mode(app, shop.id, REHEARSAL)
    rehearsing = fresh(app, shop)
    rehearsed = planned(app, rehearsing, wire, 2)
    move(app, rehearsing, rehearsed)
    assert moves(app, shop) == [-1]
    tell_stock(app, rehearsing, MUG)
    assert (there(wire), untold(app, shop)) == (20, -1)
    switch_mode(app, shop.id, "live")
    tell_stock(app, fresh(app, shop), MUG)
    assert (there(wire), untold(app, shop)) == (19, 0)


# ---- The packing desk


def parcel_of(app: App, shop: Shop, number: int = 1) -> int:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, global_id("Order", number))
        found = parcels.parcel_of_order(db, shop.id, row.id) if row else None
    assert found
    return found.id


def test_what_is_packed_and_undone_at_the_desk_reaches_the_shop(app: App, shop: Shop, wire: ShopWire) -> None:
    planned(app, shop, wire)
    by = {"by": global_id("User", 21)}
    pack_parcel(app, shop, parcel_of(app, shop), wish=str(uuid4()), **by)
    tell_stock(app, shop, MUG)
    assert (there(wire), left(app, shop)) == (19, 16)
    reopen_parcel(app, shop, parcel_of(app, shop), wish=str(uuid4()), **by)
    tell_stock(app, shop, MUG)
    assert (there(wire), left(app, shop)) == (20, 16)
    skip_parcel(app, shop, parcel_of(app, shop), reason="fragile", wish=str(uuid4()), **by)
    tell_stock(app, shop, MUG)
    assert (there(wire), left(app, shop)) == (20, 17)


def test_what_left_without_a_word_from_the_packer_is_gone_as_well(app: App, shop: Shop, wire: ShopWire) -> None:
    planned(app, shop, wire)
    wire.change_order(global_id("Order", 1), status="FULFILLED")
    reward_order(app, shop, global_id("Order", 1))
    tell_stock(app, shop, MUG)
    assert (there(wire), left(app, shop)) == (19, 16)


def test_what_the_packer_does_not_find_is_promised_no_more(app: App, shop: Shop, wire: ShopWire) -> None:
    planned(app, shop, wire)
    planned(app, shop, wire, 2)
    run_out(app, shop, "mug", by=global_id("User", 21), wish=str(uuid4()), parcel_id=parcel_of(app, shop))
    assert left(app, shop) == 0
    tell_stock(app, shop, MUG)
    assert left(app, shop) == 0
    wire.stocks[MUG][HERE][0] = 23
    tell_stock(app, shop, MUG)
    assert left(app, shop) == 20


# ---- The shop fails, then works


@pytest.mark.parametrize("lost", [answer_lost, down, timed_out], ids=["answer lost", "502", "time-out"])
def test_after_an_unknown_outcome_it_is_looked_at_before_it_is_done(
    app: App, shop: Shop, wire: ShopWire, clock: Clock, lost: Any
) -> None:
    packed(app, shop, wire, 2)
    wire.next_time("TellStock", lost)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    clock.pass_time(seconds=10)
    with pytest.raises(TryAgain) as waiting:
        tell_stock(app, shop, MUG)
    assert waiting.value.wait_seconds == 15
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop), left(app, shop)) == (18, 0, 15)
    assert wire.times("TellStock") == (1 if lost is answer_lost else 2)


def test_a_sale_while_the_answer_was_lost_does_not_hide_that_it_arrived(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", answer_lost)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    wire.stocks[MUG][HERE][0] -= 3
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert there(wire) == 16
    assert wire.times("TellStock") == 1


def test_a_sale_while_it_never_arrived_is_reckoned_with(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", down)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    wire.stocks[MUG][HERE][0] -= 3
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert there(wire) == 16
    assert untold(app, shop) == 0


def only_the_mark(wire: ShopWire, asked: Asked) -> Reply:
    """The shop's process ends between the two mutations of one document."""
    before = {where: [*pieces] for where, pieces in wire.stocks[MUG].items()}
    wire.carry_out(asked)
    wire.stocks[MUG] = before
    return down(wire, asked)


def test_a_mark_without_a_changed_stock_is_not_taken_for_told(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", only_the_mark)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (19, 0)


def test_answers_may_be_lost_again_and_again_and_it_is_done_once(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire, 3)
    wire.next_time("TellStock", down, timed_out, answer_lost)
    wire.next_time("ReadVariantStock", down)
    for _ in range(9):
        try:
            tell_stock(app, shop, MUG)
        except TryAgain:
            clock.pass_time(seconds=SETTLED)
    assert (there(wire), untold(app, shop)) == (17, 0)


def test_a_pause_that_the_shop_asks_for_changes_nothing(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", too_many("30"))
    with pytest.raises(TryAgain) as pause:
        tell_stock(app, shop, MUG)
    assert pause.value.wait_seconds == 30
    clock.pass_time(seconds=30)
    pause_is_over(app, shop)
    tell_stock(app, shop, MUG)
    assert there(wire) == 19


def test_a_round_that_was_overtaken_while_it_stood_still_takes_nothing_a_second_time(
    app: App, shop: Shop, wire: ShopWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(app, shop, wire)

    def stand_still(app: App) -> float:
        monkeypatch.undo()
        tell_stock(app, shop, MUG)  # another worker does it meanwhile
        return 5

    monkeypatch.setattr("saleor_loyalty_app.services.tell_stock.sent_within_seconds", stand_still)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    assert there(wire) == 19
    assert wire.times("TellStock") == 1


def test_a_crash_between_act_and_mark_does_not_take_the_pieces_twice(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire, 2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(variant_stock, "mark_told", ends_the_process)
        with pytest.raises(SystemExit):
            tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (18, -2)
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop), left(app, shop)) == (18, 0, 15)
    assert wire.times("TellStock") == 1


def ends_the_process(*_: Any, **__: Any) -> None:
    """The worker ends when the shop has answered, before anything is written down."""
    raise SystemExit


def test_what_is_packed_while_the_outcome_is_unknown_is_told_after_it(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", answer_lost)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    move(app, shop, planned(app, shop, wire, 9))
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (18, 0)
    assert wire.times("TellStock") == 2


# ---- The shop refuses


def test_without_the_permission_nothing_is_lost_and_it_goes_on_when_it_is_given_back(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    packed(app, shop, wire, 2)
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_USERS")
    subject = f"stock:{MUG}"
    ending = do_step(app, shop.id, subject, "tell")
    assert ending.again_in_seconds is None
    assert said(ending.error, "en") == (
        "The shop refused the change of an extra's stock: Best Regards lacks the permission “Manage products”. Give it "
        "back in the dashboard under Extensions, then try again."
    )
    assert (there(wire), untold(app, shop), left(app, shop)) == (20, -2, 15)
    with app.database.write() as db:  # as a round that failed stands there
        work.want(db, shop.id, subject, due_at=app.now(), now=app.now())
        found = work.find(db, shop.id, subject)
        assert found
        work.end_round(db, shop.id, subject, found.round, now=app.now(), error=ending.error)
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_PRODUCTS", "MANAGE_USERS")
    assert do_step(app, shop.id, "shop:", "tend").is_done
    with app.database.read() as db:
        woken = work.find(db, shop.id, subject)
    assert woken
    assert woken.state == work.WAITING
    assert do_step(app, shop.id, subject, "tell").is_done
    assert (there(wire), untold(app, shop)) == (18, 0)


def test_the_permission_that_is_lost_while_the_outcome_is_unknown_is_named(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", answer_lost)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_USERS")
    clock.pass_time(seconds=SETTLED)
    with pytest.raises(Denied, match="lacks the permission “Manage products”"):
        tell_stock(app, shop, MUG)
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_PRODUCTS", "MANAGE_USERS")
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (19, 0)


def test_a_variant_that_is_gone_is_a_trouble_with_words_and_none_is_promised(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    packed(app, shop, wire)
    del wire.stocks[MUG]
    with pytest.raises(HumanMustAct, match="variant of “mug” is gone from the shop"):
        tell_stock(app, shop, MUG)
    assert (left(app, shop), untold(app, shop)) == (0, -1)
    assert wire.times("TellStock") == 0


def test_a_warehouse_that_does_not_stock_it_is_never_given_a_number(app: App, shop: Shop, wire: ShopWire) -> None:
    """The shop would make a stock out of nothing."""
    packed(app, shop, wire)
    del wire.stocks[MUG][HERE]
    with pytest.raises(HumanMustAct, match="“mug” has no stock in the warehouse"):
        tell_stock(app, shop, MUG)
    assert (left(app, shop), untold(app, shop)) == (0, -1)
    assert wire.stocks[MUG] == {THERE: [500, 0]}


def test_a_number_below_nothing_is_never_written_and_staff_can_say_that_it_is_right(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    packed(app, shop, wire, 3)
    wire.stocks[MUG][HERE] = [2, 0]
    with pytest.raises(HumanMustAct, match=r"3 packed pieces of “mug” can't be taken off .* it counts only 2"):
        tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (2, -3)
    wire.stocks[MUG][HERE] = [5, 0]  # counted after the packing
    take_shop_at_its_word(app, shop, "mug")
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop), left(app, shop)) == (5, 0, 5)


def test_the_shops_word_is_not_taken_while_a_change_may_be_on_its_way(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", answer_lost)
    with pytest.raises(TryAgain):
        tell_stock(app, shop, MUG)
    assert not take_shop_at_its_word(app, shop, "mug")
    assert untold(app, shop) == -1
    clock.pass_time(seconds=SETTLED)
    assert take_shop_at_its_word(app, shop, "mug")
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (19, 0)
    assert not take_shop_at_its_word(app, shop, "no such extra")


@pytest.mark.parametrize("told_before", [True, False])
def test_after_a_restore_nothing_is_taken_a_second_time_without_a_person(
    app: App, shop: Shop, wire: ShopWire, tmp_path: Path, told_before: bool
) -> None:
    """The backup knows of no packing of the second mug; the shop's mark says that something was taken since."""
    first = planned(app, shop, wire)
    if told_before:
        move(app, shop, first)
        tell_stock(app, shop, MUG)
    second = planned(app, shop, wire, 2)
    backup = back_up(app, tmp_path)
    move(app, shop, second)
    tell_stock(app, shop, MUG)
    counted = there(wire)
    app.database.close()
    restore(app, backup)
    move(app, shop, second)
    for _ in range(2):
        with pytest.raises(HumanMustAct, match=r"“mug” were taken off .* no longer knows which"):
            tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (counted, -1)
    assert take_shop_at_its_word(app, shop, "mug")
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (counted, 0)
    move(app, shop, planned(app, shop, wire, 3))
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (counted - 1, 0)


def test_a_mark_that_an_earlier_change_left_is_remembered_while_the_next_one_does_not_arrive(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    tell_stock(app, shop, MUG)
    move(app, shop, planned(app, shop, wire, 2))
    for _ in range(2):
        wire.next_time("TellStock", down)
        with pytest.raises(TryAgain):
            tell_stock(app, shop, MUG)
        clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (18, 0)


def test_the_mark_of_an_installation_whose_data_are_gone_stops_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.metadata[MUG]["best-regards.stock"] = "5f5e100-0a1b2c3d"
    packed(app, shop, wire)
    tell_stock(app, shop, MUG)
    assert (there(wire), untold(app, shop)) == (19, 0)


def test_the_shops_own_reason_is_passed_on_and_it_is_tried_again_at_once(app: App, shop: Shop, wire: ShopWire) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", refusing("stock", "NOT_FOUND", "No such warehouse"))
    with pytest.raises(HumanMustAct, match=r"refused the change of an extra's stock.* No such warehouse"):
        tell_stock(app, shop, MUG)
    tell_stock(app, shop, MUG)
    assert there(wire) == 19


def test_an_error_inside_the_shop_is_looked_at_before_it_is_tried_again(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", failing("stock", "DatabaseError"))
    with pytest.raises(TryAgain, match="an error of its own"):
        tell_stock(app, shop, MUG)
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert there(wire) == 19
    assert wire.asked[-3].variables["mark"] is True


def test_an_answer_that_says_nothing_is_not_taken_for_told(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    packed(app, shop, wire)
    wire.next_time("TellStock", lambda _wire, _asked: (200, {}, json.dumps({"data": {}})))
    with pytest.raises(HumanMustAct):
        tell_stock(app, shop, MUG)
    assert untold(app, shop) == -1
    clock.pass_time(seconds=SETTLED)
    tell_stock(app, shop, MUG)
    assert there(wire) == 19


# ---- Nobody else's


def test_another_shops_moves_and_stock_are_left_alone(app: App, shop: Shop, wire: ShopWire) -> None:
    packed(app, shop, wire)
    other = replace(shop, id=shop.id + 1)
    with app.database.read() as db:
        assert variant_stock.untold(db, other.id, MUG) == []
        assert variant_stock.readings(db, other.id) == {}
        assert variant_stock.variants_with_untold(db, other.id) == set()
        assert variant_stock.promised(db, other.id, "mug") == 0
