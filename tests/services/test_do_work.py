"""What came becomes work, and each round of work ends well, again later, or with words for a human."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, TOKEN, Clock, fresh, global_id
from sqlalchemy.exc import OperationalError
from wire import Asked, Reply, ShopWire, answer_lost, denied, down, refusing, timed_out, too_many

from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.saleor.events import EVENTS
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import (
    FIRST_WAIT_SECONDS,
    GIVE_UP_AFTER,
    REACTIONS,
    Ending,
    claim,
    do_step,
    end_round,
    take_in,
)
from saleor_loyalty_app.store import history, inbox, work
from saleor_loyalty_app.store.shops import Shop, change_shop

ORDER = global_id("Order", 1)
SUBJECT = f"order:{ORDER}"


def order_is_due(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        work.want(db, shop.id, SUBJECT, due_at=app.now(), now=app.now())


def came(app: App, shop: Shop, *subjects: str, at: Any = None, body: str = "h") -> None:
    with app.database.write() as db:
        inbox.keep_all(db, [inbox.Arrival(shop.id, body, "OrderUpdated", subjects, at or app.now())])


def look(app: App, shop: Shop, subject: str = SUBJECT) -> work.Work:
    with app.database.read() as db:
        found = work.find(db, shop.id, subject)
    assert found
    return found


def run_round(app: App, item: work.Work) -> Ending:
    """A round as the engine runs it: its steps in order until one does not end well, then the ending."""
    ending = Ending()
    for step in REACTIONS[item.subject.partition(":")[0]]:
        ending = do_step(app, item.shop_id, item.subject, step)
        if not ending.is_done:
            break
    end_round(app, item.shop_id, item.subject, item.round, ending)
    return ending


def run_due(app: App) -> list[Ending]:
    take_in(app)
    return [run_round(app, item) for item in claim(app, limit=100)]


# ---- From the inbox to a round


def test_events_of_one_order_become_one_round_a_moment_later(app: App, shop: Shop, clock: Clock) -> None:
    for number in range(5):
        came(app, shop, SUBJECT, body=f"h{number}")
    assert take_in(app) == 5
    assert take_in(app) == 0
    assert claim(app, limit=10) == []
    clock.pass_time(seconds=0.5)
    (item,) = claim(app, limit=10)
    assert (item.subject, item.round) == (SUBJECT, 1)
    assert item.workflow_id == f"{shop.id}/{SUBJECT}/1/{clock.now().timestamp():.6f}"
    assert claim(app, limit=10) == []


def test_an_order_goes_the_whole_way(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    wire.has_order(1, total=120)
    came(app, shop, SUBJECT)
    assert run_due(app) == []
    clock.pass_time(seconds=1)
    assert run_due(app) == [Ending()]
    assert look(app, shop).state == "done"
    assert len(wire.notes[ORDER]) == 1


def test_an_event_during_a_round_leads_to_another_one(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    wire.has_order(1)
    came(app, shop, SUBJECT)
    take_in(app)
    clock.pass_time(seconds=1)
    (item,) = claim(app, limit=10)
    came(app, shop, SUBJECT, body="during")
    take_in(app)
    assert claim(app, limit=10) == []
    run_round(app, item)
    assert look(app, shop).state == "waiting"
    clock.pass_time(seconds=1)
    (second,) = claim(app, limit=10)
    assert second.round == 2
    assert run_round(app, second) == Ending()
    assert len(wire.notes[ORDER]) == 1


def test_every_subject_that_events_lead_to_has_a_reaction() -> None:
    assert {event.about for event in EVENTS} | {"pause"} <= REACTIONS.keys()


# ---- How a step ends


AGAIN_LATER: dict[str, tuple[Any, str]] = {
    "502": (down, "HTTP 502"),
    "time-out": (timed_out, "could not be reached"),
    "429": (too_many("120"), "HTTP 429"),
}


@pytest.mark.parametrize(("trouble", "words"), AGAIN_LATER.values(), ids=AGAIN_LATER)
def test_what_may_pass_is_tried_again_later(app: App, shop: Shop, wire: ShopWire, trouble: Any, words: str) -> None:
    wire.has_order(1)
    wire.next_time("ReadOrder", trouble)
    ending = do_step(app, shop.id, SUBJECT, "reward")
    assert words in said(ending.error, "en")
    assert not ending.is_done
    least = 120 if trouble is AGAIN_LATER["429"][0] else FIRST_WAIT_SECONDS
    assert least <= (ending.again_in_seconds or 0) <= least * 1.2


def test_the_waits_grow_and_one_day_it_is_given_up(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    wire.has_order(1)
    wire.next_time("ReadOrder", *[down] * (GIVE_UP_AFTER + 1))
    order_is_due(app, shop)
    waits = []
    for _ in range(GIVE_UP_AFTER):
        (ending,) = run_due(app)
        waits.append(ending.again_in_seconds or 0)
        clock.pass_time(seconds=waits[-1])
    (last,) = run_due(app)
    assert waits[0] < waits[3] < waits[6]
    assert max(waits) <= 3600 * 1.2
    assert timedelta(days=1) < timedelta(seconds=sum(waits)) < timedelta(days=2)
    assert (last.again_in_seconds, look(app, shop).state) == (None, "failed")
    assert f"tried {GIVE_UP_AFTER} times" in said(look(app, shop).last_error, "en")


def test_a_round_that_works_again_forgets_the_failed_tries(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    wire.has_order(1)
    wire.next_time("ReadOrder", down, down)
    order_is_due(app, shop)
    for attempts in (1, 2, 0):
        run_due(app)
        assert look(app, shop).attempts == attempts
        clock.pass_time(minutes=1)
    assert (look(app, shop).state, look(app, shop).last_error) == ("done", None)


def test_a_refusal_waits_for_a_human_and_wakes_on_a_new_event(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    wire.next_time("TellShop", refusing("note", message="Message is too long."))
    came(app, shop, SUBJECT)
    clock.pass_time(seconds=1)
    take_in(app)
    clock.pass_time(seconds=1)
    run_due(app)
    failed = look(app, shop)
    assert (failed.state, failed.due_at) == ("failed", None)
    assert said(failed.last_error, "en").endswith("The shop says: Message is too long.")
    assert said(failed.last_error, "de").startswith("Der Shop hat den Packhinweis abgelehnt.")
    clock.pass_time(hours=1)
    assert run_due(app) == [Ending()]  # the dashboard is told of it
    assert list(wire.problems) == ["waits-order"]
    assert run_due(app) == []
    came(app, shop, SUBJECT, body="new")
    take_in(app)
    clock.pass_time(seconds=1)
    assert run_due(app) == [Ending()]
    assert len(wire.notes[ORDER]) == 1


def test_a_missing_permission_is_said_with_what_to_do(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_order(1)
    wire.next_time("ReadOrder", denied)
    wire.permissions = ("MANAGE_USERS",)
    ending = do_step(app, shop.id, SUBJECT, "reward")
    assert ending.again_in_seconds is None
    assert said(ending.error, "en") == (
        "The shop refused reading the order: Best Regards lacks the permission “Manage orders”. Give it back in the "
        "dashboard under Extensions, then try again."
    )
    assert fresh(app, shop).state == "active"


def test_a_permission_that_is_back_by_the_time_we_ask_needs_nobody(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    order_is_due(app, shop)
    wire.next_time("ReadOrder", denied)
    (ending,) = run_due(app)
    assert (ending.again_in_seconds or 0) > 0
    clock.pass_time(seconds=10)
    assert run_due(app) == [Ending(), Ending()]  # the order, and what else changed meanwhile
    assert len(wire.notes[ORDER]) == 1


def test_a_permission_that_was_taken_away_is_looked_for_at_once_and_then_ever_more_seldom(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    order_is_due(app, shop)
    wire.next_time("ReadOrder", denied)
    wire.permissions = ("MANAGE_USERS",)
    (ending,) = run_due(app)
    assert ending.again_in_seconds is None
    clock.pass_time(seconds=40)
    assert run_due(app) == [Ending()]  # the dashboard is told
    clock.pass_time(seconds=30)
    waits = []
    for _ in range(8):
        (ending,) = run_due(app)
        assert "lacks the permission “Manage orders”" in said(ending.error, "en")
        waits.append(ending.again_in_seconds or 0)
        clock.pass_time(seconds=waits[-1] + 1)
    assert min(waits) >= 60
    assert 600 < max(waits) == waits[-1] < 3600
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_USERS")
    assert run_due(app) == [Ending()]
    assert wire.notes[ORDER] == []
    while run_due(app):
        pass
    assert len(wire.notes[ORDER]) == 1
    with app.database.read() as db:
        assert work.counts(db, shop.id) == {work.DONE: 4}  # the order, the look, the sweep, the list of problems


def test_what_changed_while_a_permission_was_away_for_a_moment_is_read(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    order_is_due(app, shop)
    wire.next_time("ReadOrder", denied)
    run_due(app)
    with app.database.read() as db:
        assert work.find(db, shop.id, "sweep:") is not None


def test_a_refusal_that_the_shop_never_explains_is_for_a_person(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    order_is_due(app, shop)
    wire.next_time("ReadOrder", denied, denied, denied, denied)
    for _ in range(4):
        run_due(app)
        clock.pass_time(minutes=2)
    with app.database.read() as db:
        (failed,) = work.failed(db, shop.id)
    assert failed.subject == SUBJECT
    assert "may not do that at the moment" in said(failed.last_error, "en")


def test_an_app_that_was_switched_off_waits_and_goes_on_when_it_is_back(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    wire.alive = False
    order_is_due(app, shop)
    (ending,) = run_due(app)
    assert ending.again_in_seconds == 0
    assert fresh(app, shop).state == "silent"
    clock.pass_time(hours=1)
    assert run_due(app) == []  # while it is away only the look whether it is back is done

    wire.alive = True
    with app.database.write() as db:
        work.want(db, shop.id, "shop:", due_at=clock.now(), now=clock.now())
    run_due(app)
    assert fresh(app, shop).state == "active"
    run_due(app)
    assert len(wire.notes[ORDER]) == 1


def test_a_round_that_meets_a_new_installation_goes_on_with_its_token(app: App, shop: Shop, wire: ShopWire) -> None:
    def installed_again(wire: ShopWire, asked: Asked) -> Reply:
        with app.database.write() as db:
            change_shop(db, shop.id, sealed_token=app.vault.seal(TOKEN.encode()))
        return denied(wire, asked)

    wire.has_order(1)
    wire.next_time("ReadOrder", installed_again)
    assert do_step(app, shop.id, SUBJECT, "reward") == Ending(again_in_seconds=0)
    assert do_step(app, shop.id, SUBJECT, "reward") == Ending()


def test_when_the_shop_cannot_even_be_asked_about_us_it_is_tried_again(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_order(1)
    wire.next_time("ReadOrder", denied)
    wire.next_time("AppAlive", down)
    ending = do_step(app, shop.id, SUBJECT, "reward")
    assert (ending.again_in_seconds or 0) > 0
    assert fresh(app, shop).state == "active"


def test_trouble_with_the_database_is_tried_again_and_a_bug_is_not(
    app: App, shop: Shop, wire: ShopWire, monkeypatch: pytest.MonkeyPatch, log_lines: list[str]
) -> None:
    def broken(error: Exception) -> Callable[..., None]:
        def step(*_: Any) -> None:
            raise error

        return step

    monkeypatch.setitem(REACTIONS["order"], "reward", broken(OperationalError("x", None, Exception("locked"))))  # type: ignore[arg-type]
    ending = do_step(app, shop.id, SUBJECT, "reward")
    assert (ending.again_in_seconds or 0) > 0
    assert said(ending.error, "en").startswith("The app's own database had trouble (OperationalError).")
    monkeypatch.setitem(REACTIONS["order"], "reward", broken(KeyError("Anna Nguyen")))  # type: ignore[arg-type]
    ending = do_step(app, shop.id, SUBJECT, "reward")
    assert not ending.is_done
    assert ending.again_in_seconds is None
    assert said(ending.error, "en").startswith("Something in the app itself went wrong (KeyError).")
    assert "Anna" not in (ending.error or "")


def test_work_of_a_dormant_shop_is_left_alone(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    with app.database.write() as db:
        for subject in (SUBJECT, "shop:", "removal:"):
            work.want(db, shop.id, subject, due_at=clock.now(), now=clock.now())
        change_shop(db, shop.id, state="dormant", sealed_token=None)
    assert claim(app, limit=10) == []


def test_a_step_about_a_shop_that_was_erased_ends(app: App, wire: ShopWire) -> None:
    assert not do_step(app, 404, SUBJECT, "reward").is_done


# ---- Crashes: between the steps, and between an act and its mark


def test_a_step_may_run_again_after_a_crash(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_order(1, total=120)
    for step in ("reward", "reward", "add_lines", "tell", "tell", "confirm", "reward", "tell"):
        assert do_step(app, shop.id, SUBJECT, step).is_done
    assert len(wire.notes[ORDER]) == 1
    assert wire.times("TellShop") == 1


def test_a_lost_answer_is_looked_for_when_the_round_comes_again(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    wire.has_order(1)
    wire.next_time("TellShop", answer_lost)
    order_is_due(app, shop)
    for _ in range(4):
        run_due(app)
        clock.pass_time(seconds=60)
    assert look(app, shop).state == "done"
    assert len(wire.notes[ORDER]) == 1


def test_an_end_that_is_written_twice_counts_once(app: App, shop: Shop, clock: Clock) -> None:
    with app.database.write() as db:
        work.want(db, shop.id, SUBJECT, due_at=NOW, now=NOW)
    (item,) = claim(app, limit=1)
    end_round(app, shop.id, SUBJECT, item.round, Ending(again_in_seconds=60, error="x"))
    end_round(app, shop.id, SUBJECT, item.round, Ending(again_in_seconds=60, error="x"))
    assert (look(app, shop).round, look(app, shop).attempts) == (2, 1)


# ---- Long work goes on in the next round


def test_the_history_goes_on_in_the_next_round(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    wire.largest_page = 1
    for number in range(1, 16):
        wire.has_order(number)
    with app.database.write() as db:
        for kind in history.KINDS:
            history.start_reading(db, shop.id, kind, read_from=None, now=NOW)
        work.want(db, shop.id, "history:", due_at=NOW, now=NOW)
    assert run_due(app) == [Ending(again_in_seconds=0)]
    (ending,) = [run_round(app, item) for item in claim(app, limit=1)]
    assert ending == Ending()
    with app.database.read() as db:
        assert {kind: r.state for kind, r in history.history_of(db, shop.id).items()} == {
            "orders": "done", "customers": "done"
        }  # fmt: skip


OTHER_ROUNDS = {
    "customer": f"customer:{global_id('User', 1)}",
    "erasure": f"erasure:{global_id('User', 1)}",
    "mirror": "mirror:",
    "unmirror": f"unmirror:{global_id('User', 1)}",
    "shop": "shop:",
    "stock": f"stock:{global_id('ProductVariant', 1)}",
    "permission": "permission:MANAGE_ORDERS",
    "pause": "pause:",
    "removal": "removal:",
    "sweep": "sweep:",
    "review": "review:",
    "deleted": "deleted:",
    "extra": "extra:bookmark",
    "print": "print:GONE",
    "problems": "problems:",
}


@pytest.mark.parametrize("subject", OTHER_ROUNDS.values(), ids=OTHER_ROUNDS)
def test_every_other_kind_of_round_ends_well_twice(app: App, shop: Shop, wire: ShopWire, subject: str) -> None:
    wire.has_order(1, total=120)
    wire.has_user(1)
    about = subject.partition(":")[0]
    for _ in range(2):
        for step in REACTIONS[about]:
            assert do_step(app, shop.id, subject, step) == Ending()
    assert OTHER_ROUNDS.keys() | {"order", "history"} == REACTIONS.keys()


def test_the_log_of_a_round_names_nobody(app: App, shop: Shop, wire: ShopWire, log_lines: list[str]) -> None:
    wire.has_order(1, total=120)
    wire.next_time("TellShop", refusing("note"))
    with app.database.write() as db:
        work.want(db, shop.id, SUBJECT, due_at=NOW, now=NOW)
    run_due(app)
    assert log_lines
    text = "\n".join(log_lines)
    assert [word for word in ("Anna", "Nguyen", "example.com", ORDER, global_id("User", 1)) if word in text] == []
