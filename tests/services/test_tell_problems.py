"""What needs a person stands in the dashboard's list of this app's problems, once, and is taken off it when settled."""

from datetime import timedelta

import pytest
from wire import ShopWire, answer_lost, down, refusing

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services import do_work
from saleor_loyalty_app.services.add_order_lines import TOTAL_CHANGED
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import Ending, claim, end_round
from saleor_loyalty_app.services.tell_problems import SUBJECT, tell_problems
from saleor_loyalty_app.store import tasks, work
from saleor_loyalty_app.store.shops import Shop


def fails(app: App, shop: Shop, subject: str, words: str = "The shop refused the packing note.") -> None:
    with app.database.write() as db:
        work.want(db, shop.id, subject, due_at=app.now(), now=app.now(), at_once=True)
    (item,) = [one for one in claim(app, limit=10) if one.subject == subject]
    end_round(app, shop.id, subject, item.round, Ending(error=Saying(words).kept()))


def succeeds(app: App, shop: Shop, subject: str) -> None:
    with app.database.write() as db:
        work.want(db, shop.id, subject, due_at=app.now(), now=app.now(), at_once=True)
    (item,) = [one for one in claim(app, limit=10) if one.subject == subject]
    end_round(app, shop.id, subject, item.round, Ending())


def test_what_failed_is_told_once_and_taken_back_when_it_went_well(app: App, shop: Shop, wire: ShopWire) -> None:
    fails(app, shop, "order:1")
    fails(app, shop, "order:2")
    fails(app, shop, "stock:9", "The shop's stock can't be read.")
    assert tell_problems(app, shop) == 2
    assert wire.problems == {
        "waits-order": "An order needs a person. The shop refused the packing note.",
        "waits-stock": "The stock of an extra that the shop counts needs a person. The shop's stock can't be read.",
    }
    asked = len(wire.asked)
    assert tell_problems(app, shop) == 0
    assert len(wire.asked) == asked
    succeeds(app, shop, "order:1")
    assert tell_problems(app, shop) == 0  # the other order still waits
    succeeds(app, shop, "order:2")
    assert tell_problems(app, shop) == 1
    assert list(wire.problems) == ["waits-stock"]


def test_other_words_take_the_place_of_the_first_ones(app: App, shop: Shop, wire: ShopWire) -> None:
    fails(app, shop, "order:1")
    tell_problems(app, shop)
    fails(app, shop, "order:1", "The order is locked.")
    tell_problems(app, shop)
    assert wire.problems == {"waits-order": "An order needs a person. The order is locked."}
    assert wire.operations()[-3:] == ["Capabilities", "AppProblemDismiss", "AppProblemCreate"]


def test_a_changed_total_is_taken_off_when_staff_looked_after_it(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.problems[f"{TOTAL_CHANGED}-17"] = "told when it was found"
    with app.database.write() as db:
        tasks.open_task(db, shop.id, TOTAL_CHANGED, "order:x", detail={"number": "17"}, now=app.now())
    tell_problems(app, shop)
    assert list(wire.problems) == [f"{TOTAL_CHANGED}-17"]
    with app.database.write() as db:
        tasks.close_task(db, shop.id, TOTAL_CHANGED, "order:x", now=app.now())
    tell_problems(app, shop)
    assert wire.problems == {}


def test_a_shop_without_such_a_list_is_not_asked_for_it(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.lists_problems = False
    fails(app, shop, "order:1")
    assert tell_problems(app, shop) == 0
    assert wire.operations() == ["Capabilities"]


@pytest.mark.parametrize("fault", [answer_lost, down])
def test_trouble_on_the_way_leads_to_one_entry_all_the_same(
    app: App, shop: Shop, wire: ShopWire, fault: object
) -> None:
    fails(app, shop, "order:1")
    wire.next_time("AppProblemCreate", fault)  # type: ignore[arg-type]
    with pytest.raises(TryAgain):
        tell_problems(app, shop)
    tell_problems(app, shop)
    assert list(wire.problems) == ["waits-order"]


def test_a_failing_round_asks_for_it_once_and_its_own_failure_does_not(app: App, shop: Shop, wire: ShopWire) -> None:
    fails(app, shop, "order:1")
    with app.database.read() as db:
        item = work.find(db, shop.id, SUBJECT)
    assert item is not None
    assert item.due_at == app.now() + timedelta(seconds=30)
    fails(app, shop, SUBJECT, "The shop refused it.")
    with app.database.read() as db:
        after = work.find(db, shop.id, SUBJECT)
    assert after is not None
    assert after.state == work.FAILED
    wire.next_time("AppProblemCreate", refusing("appProblemCreate"))
    with pytest.raises(HumanMustAct):
        tell_problems(app, shop)
    assert wire.problems == {}


def test_the_list_is_looked_after_soon_when_a_round_fails_and_when_it_goes_well_again(
    app: App, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks_for_it(trouble: HumanMustAct | None) -> bool:
        """Whether a round about an order that ends so asks for the list."""

        def tell(*_given: object) -> None:
            if trouble:
                raise trouble

        monkeypatch.setitem(do_work.REACTIONS, "order", {"tell": tell})
        with app.database.write() as db:
            work.want(db, shop.id, "order:1", due_at=app.now(), now=app.now(), at_once=True)
        (item,) = claim(app, limit=10)
        do_work.do_round(app, shop.id, item.subject, item.round)
        with app.database.read() as db:
            asked = work.find(db, shop.id, SUBJECT)
        if asked is None or asked.due_at is None:
            return False
        succeeds(app, shop, SUBJECT)
        return True

    locked = HumanMustAct(Saying("The order is locked."))
    assert [asks_for_it(trouble) for trouble in (None, locked, locked, None, None)] == [False, True, True, True, False]
