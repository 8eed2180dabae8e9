"""What was decided is told to the shop, each effect once, whatever happens on the way."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, add_installed_shop, fresh, global_id
from wire import ShopWire, answer_lost, down, failing, refusing, timed_out, too_many

from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import switch_mode
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import effects, orders, parcels
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import REHEARSAL, Shop

LATER = (NOW + timedelta(minutes=5)).isoformat()
SETTLED = 26
"""Seconds after which an interrupted call is over in the shop."""


def look_and_tell(app: App, shop: Shop, order_id: str) -> None:
    reward_order(app, shop, order_id)
    tell_shop(app, shop, order_id)


def the_parcel(app: App, shop: Shop, order_id: str) -> Parcel:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
        parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
    assert parcel
    return parcel


def state_of(app: App, shop: Shop, order_id: str, effect: str) -> str | None:
    with app.database.read() as db:
        found = effects.find_effect(db, shop.id, f"order:{order_id}", effect)
    return found.state if found else None


def test_an_ordinary_order_takes_two_requests(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=120)
    look_and_tell(app, shop, order_id)
    assert wire.operations() == ["ReadOrder", "TellShop"]


def test_the_note_names_the_app_the_parcel_the_tier_and_what_to_add(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=120)
    look_and_tell(app, shop, order_id)
    (note,) = wire.notes[order_id]
    parcel = the_parcel(app, shop, order_id)
    first, *rest = note.splitlines()
    assert first == f"Best Regards · {parcel.code} · Silver"
    assert rest[0] == "Add: caramel; bookmark"
    assert note.endswith("Mira")
    assert parcel.told_at == NOW


def test_private_metadata_mirrors_parcel_and_tier_for_staff(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=120)
    look_and_tell(app, shop, order_id)
    assert wire.metadata[order_id] == {
        "best-regards.parcel": the_parcel(app, shop, order_id).code,
        "best-regards.state": "planned",
        "best-regards.tier": "silver",
        "best-regards.extras": "caramel, bookmark",
    }
    assert wire.metadata[global_id("User", 1)] == {
        "best-regards.tier": "Silver",
        "best-regards.since": "2026-06-15",
    }


def test_only_private_metadata_and_notes_are_written(app: App, shop: Shop, wire: ShopWire) -> None:
    """A silent extra is never visible to the customer before the parcel is opened (design §5.1)."""
    look_and_tell(app, shop, wire.has_order())
    document = wire.asked[-1].query
    assert "updatePrivateMetadata" in document
    assert "updateMetadata" not in document


def test_telling_again_tells_nothing(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    order_id = wire.has_order(total=120)
    look_and_tell(app, shop, order_id)
    for _ in range(3):
        clock.pass_time(minutes=10)
        look_and_tell(app, shop, order_id)
    assert wire.times("TellShop") == 1
    assert len(wire.notes[order_id]) == 1


def test_the_customer_is_mirrored_only_when_the_tier_changed(app: App, shop: Shop, wire: ShopWire) -> None:
    for number, total in ((1, 40), (2, 70), (3, 20)):
        look_and_tell(app, shop, wire.has_order(number, total=total))
    told = [asked.variables["withCustomer"] for asked in wire.asked if asked.operation == "TellShop"]
    assert told == [False, True, False]


def test_a_guest_has_no_private_metadata(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=120, user=None)
    look_and_tell(app, shop, order_id)
    assert wire.asked[-1].variables["withCustomer"] is False
    assert len(wire.notes[order_id]) == 1


def test_in_rehearsal_nothing_is_told(app: App, wire: ShopWire) -> None:
    shop = add_installed_shop(app, mode=REHEARSAL)
    look_and_tell(app, shop, wire.has_order(total=120))
    assert wire.operations() == ["ReadOrder"]


def test_a_parcel_of_the_rehearsal_is_not_told_after_going_live(app: App, wire: ShopWire) -> None:
    rehearsing = add_installed_shop(app, mode=REHEARSAL)
    order_id = wire.has_order()
    reward_order(app, rehearsing, order_id)
    switch_mode(app, rehearsing.id, "live")
    tell_shop(app, fresh(app, rehearsing), order_id)
    assert wire.notes[order_id] == []


def test_an_order_without_a_parcel_and_an_unknown_order_are_told_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    look_and_tell(app, shop, wire.has_order(chargeStatus="NONE", totalCharged={"amount": 0}))
    tell_shop(app, shop, global_id("Order", 404))
    assert wire.operations() == ["ReadOrder"]


# ---- The shop fails, then works


@pytest.mark.parametrize("lost", [answer_lost, down, timed_out], ids=["answer lost", "502", "time-out"])
def test_a_try_that_ended_in_the_dark_is_not_repeated_before_it_has_settled(
    app: App, shop: Shop, wire: ShopWire, clock: Clock, lost: Any
) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", lost)
    with pytest.raises(TryAgain) as dark:
        look_and_tell(app, shop, order_id)
    assert dark.value.outcome_unknown
    clock.pass_time(seconds=10)
    with pytest.raises(TryAgain) as waiting:
        tell_shop(app, shop, order_id)
    assert waiting.value.wait_seconds == 15
    assert wire.times("TellShop") == 1
    assert wire.times("ReadOrderNotes") == 0


def test_a_note_whose_answer_was_lost_is_found_and_not_written_twice(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order(total=120)
    wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1
    assert state_of(app, shop, order_id, "note:planned") == "done"
    assert the_parcel(app, shop, order_id).told_at == clock.now()
    assert wire.operations() == ["ReadOrder", "TellShop", "ReadOrderNotes", "TellShop"]
    assert wire.asked[-1].variables["withNote"] is False  # the mirrors are written again: that does no harm
    tell_shop(app, shop, order_id)
    assert wire.times("TellShop") == 2


def test_a_note_that_never_arrived_is_written_after_a_look(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    order_id = wire.has_order()
    wire.notes[order_id] = ["A note of the staff about something else", "Best Regards · BR-OTHER · Silver"]
    wire.next_time("TellShop", down)
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 3
    assert wire.operations() == ["ReadOrder", "TellShop", "ReadOrderNotes", "TellShop"]


def test_answers_may_be_lost_again_and_again_and_one_note_stands(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", down, answer_lost)
    wire.next_time("ReadOrderNotes", down)
    for _ in range(6):
        try:
            look_and_tell(app, shop, order_id)
        except TryAgain:
            clock.pass_time(seconds=SETTLED)
    assert len(wire.notes[order_id]) == 1
    assert state_of(app, shop, order_id, "note:planned") == "done"


def test_the_order_was_deleted_while_the_answer_was_lost(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", answer_lost, refusing("note", "NOT_FOUND", "Couldn't resolve to a node"))
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    del wire.orders[order_id]
    clock.pass_time(seconds=SETTLED)
    with pytest.raises(HumanMustAct, match="refused the packing note"):
        tell_shop(app, shop, order_id)


# ---- Whoever stands still is overtaken: stopped, swapped out, or cut off from database and shop


def test_a_round_that_was_overtaken_while_it_stood_still_tells_nothing_a_second_time(
    app: App, shop: Shop, wire: ShopWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)

    def stand_still(app: App) -> float:
        monkeypatch.undo()
        tell_shop(app, shop, order_id)  # another worker does it meanwhile
        return 5

    monkeypatch.setattr("saleor_loyalty_app.services.tell_shop.sent_within_seconds", stand_still)
    with pytest.raises(TryAgain):
        tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1
    assert state_of(app, shop, order_id, "note:planned") == "done"


def test_a_call_that_was_written_down_goes_out_at_once_or_not_at_all(
    app: App, shop: Shop, wire: ShopWire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    passed = [0.0]
    monkeypatch.setattr("saleor_loyalty_app.saleor.client.time_that_passed", lambda: passed[0])

    def stand_still(*arguments: Any, **named: Any) -> bool:
        passed[0] += 6
        return take_effect(*arguments, **named)

    take_effect = effects.take_effect
    monkeypatch.setattr("saleor_loyalty_app.services.tell_shop.effects.take_effect", stand_still)
    with pytest.raises(TryAgain, match="stood still"):
        tell_shop(app, shop, order_id)
    assert wire.notes[order_id] == []
    monkeypatch.setattr("saleor_loyalty_app.services.tell_shop.effects.take_effect", take_effect)
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1


def test_a_pause_that_the_shop_asks_for_is_kept_by_the_other_orders_too(app: App, shop: Shop, wire: ShopWire) -> None:
    first, second = wire.has_order(1), wire.has_order(2)
    wire.next_time("ReadOrder", too_many("7"))
    for order_id in (first, second):
        with pytest.raises(TryAgain, match="asks for a pause") as pause:
            reward_order(app, shop, order_id)
        assert pause.value.wait_seconds == pytest.approx(7, abs=1)
    assert wire.times("ReadOrder") == 1


def test_a_clock_that_was_put_back_makes_nobody_wait_for_hours(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        tell_shop(app, shop, order_id)
    clock.pass_time(seconds=-3600)
    with pytest.raises(TryAgain) as soon:
        tell_shop(app, shop, order_id)
    assert soon.value.wait_seconds == 25
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1


# ---- Three mutations in one document, without a transaction around them


def test_a_refused_note_leaves_the_mirrors_told_and_is_tried_again_after_a_look(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order(total=120)
    wire.next_time("TellShop", refusing("note", message="Message can't be empty."))
    with pytest.raises(HumanMustAct, match=r"refused the packing note.* Message can't be empty"):
        look_and_tell(app, shop, order_id)
    assert wire.metadata[order_id]["best-regards.state"] == "planned"
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert wire.asked[-1].variables["withOrder"] is False
    assert len(wire.notes[order_id]) == 1


def test_a_note_that_failed_at_the_shop_is_told_to_a_human(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.next_time("TellShop", failing("note", "InternalServerError"))
    with pytest.raises(HumanMustAct, match=r"refused the packing note.* Internal Server Error"):
        look_and_tell(app, shop, wire.has_order())


def test_a_shop_whose_own_database_is_away_is_asked_again(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    order_id = wire.has_order()
    wire.next_time("ReadOrder", failing("order", "OperationalError"))
    with pytest.raises(TryAgain):
        reward_order(app, shop, order_id)
    assert wire.operations() == ["ReadOrder"], "what the list says of an order is less"
    wire.next_time("TellShop", failing("note", "OperationalError"))
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1


NAMED = {"note": "the packing note", "order": "the details of the parcel"}


@pytest.mark.parametrize("field", NAMED)
def test_a_permission_that_is_missing_ends_with_words_for_a_human_and_heals(
    app: App, shop: Shop, wire: ShopWire, clock: Clock, field: str
) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", failing(field, "PermissionDenied", message="you need MANAGE_ORDERS"))
    with pytest.raises(Denied, match=f"refused {NAMED[field]}.*: Best Regards lacks the permission “Manage orders”"):
        look_and_tell(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1
    assert wire.metadata[order_id]["best-regards.state"] == "planned"


def test_a_token_that_is_no_longer_known_writes_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    wire.alive = False
    with pytest.raises(Denied):
        tell_shop(app, shop, order_id)
    assert wire.notes[order_id] == []
    assert state_of(app, shop, order_id, "note:planned") != "done"
    assert state_of(app, shop, order_id, "mirror:order") != "done"


@pytest.mark.parametrize(
    "answer",
    ['{"data": null, "errors": [{"message": "Something odd"}]}', '{"data": {}}', '{"data": {"note": null}}'],
    ids=["an error without a place", "nothing", "null"],
)
def test_a_note_that_the_answer_does_not_confirm_is_not_taken_for_told(
    app: App, shop: Shop, wire: ShopWire, answer: str
) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", lambda _wire, _asked: (200, {}, answer))
    with pytest.raises(HumanMustAct):
        look_and_tell(app, shop, order_id)
    assert state_of(app, shop, order_id, "note:planned") == "started"


def test_an_order_mirror_that_is_refused_is_not_tried_for_ever(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", refusing("order", "NOT_FOUND"))
    look_and_tell(app, shop, order_id)
    assert state_of(app, shop, order_id, "mirror:order") == "refused"
    tell_shop(app, shop, order_id)
    assert wire.times("TellShop") == 1


def test_a_customer_deleted_meanwhile_does_not_hold_up_the_note(app: App, shop: Shop, wire: ShopWire) -> None:
    """Saleor refuses metadata of a missing user like a missing permission (recording 10-12)."""
    order_id = wire.has_order(total=120)
    wire.next_time("TellShop", failing("customer", "PermissionDenied"))
    look_and_tell(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1
    tell_shop(app, shop, order_id)
    assert len(wire.notes[order_id]) == 1
    assert wire.asked[-1].variables["withCustomer"] is True  # not told yet, should it have been a permission


# ---- Taken back


def test_a_parcel_cancelled_after_it_was_told_gets_one_more_note(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order()
    look_and_tell(app, shop, order_id)
    wire.change_order(order_id, status="CANCELED", updatedAt=LATER)
    for _ in range(3):
        clock.pass_time(minutes=1)
        look_and_tell(app, shop, order_id)
    code = the_parcel(app, shop, order_id).code
    planned, cancelled = wire.notes[order_id]
    assert planned.splitlines()[0] == f"Best Regards · {code} · no tier"
    assert cancelled.splitlines()[0] == f"Best Regards · {code} · cancelled"
    assert wire.metadata[order_id]["best-regards.state"] == "cancelled"
    assert wire.metadata[order_id]["best-regards.extras"] == ""
    assert wire.times("TellShop") == 2


def test_a_parcel_cancelled_before_it_was_told_is_never_mentioned(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    wire.change_order(order_id, status="CANCELED", updatedAt=LATER)
    look_and_tell(app, shop, order_id)
    assert wire.notes[order_id] == []
    assert wire.metadata[order_id] == {}
    assert wire.times("TellShop") == 0


def test_a_cancelled_note_whose_answer_was_lost_is_found_and_not_written_twice(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order()
    look_and_tell(app, shop, order_id)
    wire.change_order(order_id, status="CANCELED", updatedAt=LATER)
    wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    clock.pass_time(seconds=SETTLED)
    look_and_tell(app, shop, order_id)
    assert len(wire.notes[order_id]) == 2
    assert state_of(app, shop, order_id, "note:cancelled") == "done"


def test_an_order_cancelled_while_the_first_note_is_in_the_dark_says_so_in_any_case(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    order_id = wire.has_order()
    wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        look_and_tell(app, shop, order_id)
    wire.change_order(order_id, status="CANCELED", updatedAt=LATER)
    clock.pass_time(seconds=SETTLED)
    look_and_tell(app, shop, order_id)
    assert [note.splitlines()[0].rpartition(" · ")[2] for note in wire.notes[order_id]] == ["no tier", "cancelled"]


def test_two_shops_with_the_same_order_id_are_told_apart(app: App, shop: Shop, wire: ShopWire) -> None:
    other = add_installed_shop(app, saleor_api_url="https://other.example.com/graphql/")
    order_id = wire.has_order()
    look_and_tell(app, shop, order_id)
    assert state_of(app, other, order_id, "note:planned") is None
