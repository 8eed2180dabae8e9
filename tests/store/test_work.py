"""Rounds of work: a subject is looked at once at a time, and no wish is lost, whatever comes in between."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import NOW, OTHER_SHOP_URL, add_installed_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.shops import Shop, change_shop
from saleor_loyalty_app.store.tables import work as work_rows
from saleor_loyalty_app.store.work import Work

SUBJECT = "order:T3JkZXI6MQ=="
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def want(app: App, shop: Shop, subject: str = SUBJECT, *, due: datetime = NOW) -> None:
    with app.database.write() as db:
        work.want(db, shop.id, subject, due_at=due, now=NOW)


def claim(app: App, *, now: datetime = NOW, limit: int = 10) -> list[Work]:
    with app.database.write() as db:
        return work.claim_due(db, now, limit=limit)


def end(app: App, item: Work, **how: Any) -> None:
    with app.database.write() as db:
        work.end_round(db, item.shop_id, item.subject, item.round, now=NOW, **how)


def look(app: App, shop: Shop, subject: str = SUBJECT) -> Work:
    with app.database.read() as db:
        found = work.find(db, shop.id, subject)
    assert found
    return found


def test_several_wishes_are_one_at_the_earliest_time(app: App, shop: Shop) -> None:
    for minutes in (5, 2, 9):
        want(app, shop, due=NOW + minutes * MINUTE)
    assert look(app, shop).due_at == NOW + 2 * MINUTE
    assert claim(app, now=NOW + MINUTE) == []
    assert len(claim(app, now=NOW + 2 * MINUTE)) == 1


def test_a_round_is_claimed_once(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    assert (item.state, item.round, item.due_at, item.started_at) == ("running", 1, None, NOW)
    assert claim(app) == []


def test_a_round_is_claimed_once_by_many_workers_at_once(app: App, shop: Shop) -> None:
    for number in range(20):
        want(app, shop, f"order:{number}")
    claimed: list[Work] = []
    threads = [threading.Thread(target=lambda: claimed.extend(claim(app, limit=7))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(item.subject for item in claimed) == sorted(f"order:{number}" for number in range(20))


def test_the_oldest_wishes_come_first(app: App, shop: Shop) -> None:
    for number in (3, 1, 2):
        want(app, shop, f"order:{number}", due=NOW - number * MINUTE)
    assert [item.subject for item in claim(app, limit=2)] == ["order:3", "order:2"]
    assert [item.subject for item in claim(app)] == ["order:1"]


def test_a_wish_during_a_round_leads_to_the_next_one(app: App, shop: Shop) -> None:
    want(app, shop)
    (first,) = claim(app)
    want(app, shop)
    assert claim(app) == []
    assert look(app, shop).state == "running"
    end(app, first)
    (second,) = claim(app)
    assert (first.round, second.round) == (1, 2)
    assert first.workflow_id != second.workflow_id
    end(app, second)
    assert look(app, shop).state == "done"
    assert claim(app) == []


def test_a_second_end_of_a_round_changes_nothing(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item)
    after = look(app, shop)
    for how in ({}, {"error": "x"}, {"again_in": MINUTE, "error": "x"}):
        end(app, item, **how)
        assert look(app, shop) == after


def test_the_end_of_an_old_round_does_not_end_the_next_one(app: App, shop: Shop) -> None:
    want(app, shop)
    (first,) = claim(app)
    want(app, shop)
    end(app, first)
    claim(app)
    end(app, first, error="late")
    assert look(app, shop).state == "running"


def test_a_round_that_is_to_be_tried_again_is_due_then(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item, again_in=5 * MINUTE, error="The shop could not be reached.")
    found = look(app, shop)
    assert (found.state, found.due_at, found.attempts) == ("waiting", NOW + 5 * MINUTE, 1)
    assert claim(app, now=NOW + 4 * MINUTE) == []
    (again,) = claim(app, now=NOW + 5 * MINUTE)
    assert again.round == 2


def test_a_new_event_does_not_shorten_a_wait_that_the_shop_may_have_asked_for(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item, again_in=60 * MINUTE, error="x")
    want(app, shop, due=NOW + MINUTE)
    assert claim(app, now=NOW + MINUTE) == []
    assert len(claim(app, now=NOW + 60 * MINUTE)) == 1


def test_a_person_who_says_try_again_does_not_wait(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item, again_in=60 * MINUTE, error="x")
    with app.database.write() as db:
        work.want(db, shop.id, item.subject, due_at=NOW, now=NOW, at_once=True)
    assert len(claim(app)) == 1


def test_a_failed_subject_sleeps_until_something_new_comes(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item, error="Give the app its permissions back.")
    assert look(app, shop).state == "failed"
    assert claim(app, now=NOW + timedelta(days=30)) == []
    want(app, shop)
    (again,) = claim(app)
    end(app, again)
    assert (look(app, shop).state, look(app, shop).last_error, look(app, shop).attempts) == ("done", None, 0)


def test_a_wish_during_a_round_that_fails_is_not_lost(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    want(app, shop)
    end(app, item, error="x")
    assert look(app, shop).state == "waiting"
    assert len(claim(app)) == 1


def test_attempts_are_counted_until_a_round_ends_well(app: App, shop: Shop) -> None:
    seen = []
    want(app, shop)
    for error in ("a", "b", "c", None, "d"):
        (item,) = claim(app)
        end(app, item, again_in=timedelta(0), error=error)
        seen.append(look(app, shop).attempts)
    assert seen == [1, 2, 3, 0, 1]


STATES = {"active": ["order:1", "pause:", "removal:", "shop:"], "inactive": ["pause:", "removal:", "shop:"],
          "silent": ["pause:", "removal:", "shop:"], "dormant": []}  # fmt: skip


@pytest.mark.parametrize(("state", "subjects"), STATES.items(), ids=STATES)
def test_of_a_shop_that_is_away_only_its_connection_is_looked_at(
    app: App, shop: Shop, state: str, subjects: list[str]
) -> None:
    for subject in ("order:1", "shop:", "pause:", "removal:"):
        want(app, shop, subject)
    with app.database.write() as db:
        change_shop(db, shop.id, state=state)
    assert sorted(item.subject for item in claim(app)) == subjects


def test_shops_do_not_meet(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    want(app, shop)
    want(app, other)
    first, second = claim(app)
    end(app, first, error="x")
    assert {look(app, one).state for one in (shop, other)} == {"failed", "running"}
    with app.database.read() as db:
        assert [item.shop_id for item in work.failed(db, first.shop_id)] == [first.shop_id]
        assert work.failed(db, second.shop_id) == []
    assert first.workflow_id != second.workflow_id


def test_what_failed_and_what_is_tried_again_is_listed(app: App, shop: Shop) -> None:
    for subject in ("order:1", "order:2", "order:3"):
        want(app, shop, subject)
    one, two, three = claim(app)
    end(app, one, error="x")
    end(app, two, again_in=MINUTE, error="y")
    end(app, three)
    with app.database.read() as db:
        assert [item.subject for item in work.failed(db, shop.id)] == ["order:1"]
        assert [item.subject for item in work.retrying(db, shop.id)] == ["order:2"]
        assert work.counts(db, shop.id) == {"failed": 1, "waiting": 1, "done": 1}
        assert (work.attempts(db, shop.id, "order:2"), work.attempts(db, shop.id, "order:404")) == (1, 0)


def test_rounds_that_have_not_ended_are_found(app: App, shop: Shop) -> None:
    want(app, shop)
    want(app, shop, "order:2", due=NOW + MINUTE)
    (item,) = claim(app)
    with app.database.read() as db:
        assert work.running(db) == [item]


def test_what_was_put_off_before_the_clock_was_put_back_does_not_wait_for_that_time_again(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    end(app, item, again_in=MINUTE, error="x")
    with app.database.write() as db:
        assert work.catch_up_with_clock(db, NOW - 5 * MINUTE) == 0, "clocks of machines may differ by so much"
        assert work.catch_up_with_clock(db, NOW - 60 * MINUTE) == 1
        assert [found.subject for found in work.claim_due(db, NOW - 60 * MINUTE, limit=9)] == [item.subject]


def test_only_what_is_done_is_forgotten(app: App, shop: Shop) -> None:
    for subject in ("order:1", "order:2", "order:3", "order:4"):
        want(app, shop, subject)
    one, two, three, _ = claim(app)
    end(app, one)
    end(app, two, error="x")
    end(app, three, again_in=MINUTE, error="x")
    with app.database.write() as db:
        assert work.forget_before(db, shop.id, NOW) == 0
        assert work.forget_before(db, shop.id, NOW + MINUTE) == 1
        assert work.find(db, shop.id, "order:1") is None


STEPS = st.lists(st.sampled_from(["want", "claim", "end", "again", "fail", "end twice"]), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_wish_is_lost_and_no_round_runs_twice(app: App, shop: Shop, database: Database, steps: list[str]) -> None:
    """Whatever the order: after the last wish a round begins, and there is one at a time."""
    with database.write() as db:
        db.execute(delete(work_rows))
        wished, running, rounds = _play(db, shop, steps)
    assert len(rounds) == len(set(rounds))
    with database.write() as db:
        left = work.claim_due(db, NOW, limit=10)
    assert len(left) == (1 if wished and running is None else 0)


def _play(db: Connection, shop: Shop, steps: list[str]) -> tuple[bool, Work | None, list[str]]:
    """Whether a wish is still open, the round that runs, and all rounds that were begun."""
    wished, running, last, rounds = False, None, None, []
    for step in steps:
        if step == "want":
            work.want(db, shop.id, SUBJECT, due_at=NOW, now=NOW)
            wished = True
        elif step == "claim":
            claimed = work.claim_due(db, NOW, limit=10)
            assert len(claimed) == (1 if wished and running is None else 0)
            if claimed:
                running = last = claimed[0]
                rounds.append(running.workflow_id)
                wished = False
        elif step == "end twice" and last:
            if running is None:
                work.end_round(db, shop.id, SUBJECT, last.round, now=NOW)
        elif running:
            how: dict[str, Any] = {"end": {}, "again": {"again_in": timedelta(0), "error": "x"},
                                   "fail": {"error": "x"}}.get(step, {})  # fmt: skip
            work.end_round(db, shop.id, SUBJECT, running.round, now=NOW, **how)
            wished, running = wished or step == "again", None
    return wished, running, rounds


def flood(app: App, shop: Shop, number: int) -> None:
    with app.database.write() as db:
        work.want_all(db, [(shop.id, f"order:flood-{n}", NOW - MINUTE) for n in range(number)], now=NOW)


def test_a_shop_with_a_flood_does_not_keep_another_one_waiting(app: App, shop: Shop) -> None:
    others = [add_installed_shop(app, saleor_api_url=f"https://{n}.example.com/graphql/") for n in range(3)]
    flood(app, shop, 1000)
    for other in others:
        want(app, other, "order:1")
    claimed = claim(app, limit=8)
    assert {item.shop_id for item in claimed} == {shop.id, *(other.id for other in others)}


def test_places_go_round_among_the_shops(app: App, shop: Shop) -> None:
    shops = [shop, *(add_installed_shop(app, saleor_api_url=f"https://{n}.example.com/graphql/") for n in range(3))]
    for one in shops:
        flood(app, one, 5)
    served, last = [], 0
    for _ in range(4):
        with app.database.write() as db:
            (item,) = work.claim_due(db, NOW, limit=1, after=last)
        served.append(last := item.shop_id)
    assert sorted(served) == sorted(one.id for one in shops)


def test_a_shop_has_no_more_rounds_at_once_than_it_may(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    flood(app, shop, 10)
    flood(app, other, 1)
    with app.database.write() as db:
        claimed = work.claim_due(db, NOW, limit=8, limit_per_shop=4, busy={shop.id: 3})
        assert Counter(item.shop_id for item in claimed) == {shop.id: 1, other.id: 1}
        assert work.claim_due(db, NOW, limit=8, limit_per_shop=4, busy={shop.id: 4}) == []


def test_a_round_that_has_ended_is_known(app: App, shop: Shop) -> None:
    want(app, shop)
    (item,) = claim(app)
    with app.database.read() as db:
        assert work.running_round(db, shop.id, item.subject, item.round)
        assert not work.running_round(db, shop.id, item.subject, item.round + 1)
    end(app, item)
    with app.database.read() as db:
        assert not work.running_round(db, shop.id, item.subject, item.round)
