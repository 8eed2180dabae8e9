"""A round whose end the engine could not write down, since the database was away, is done again by the same worker."""

import threading
from typing import Any

import pytest
from dbos import DBOS
from factories import add_installed_shop
from processes import in_a_thread_of_its_own, wait_until
from sqlalchemy.exc import OperationalError

from saleor_loyalty_app import engine
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import do_round
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.shops import Shop


@in_a_thread_of_its_own
def test_a_round_whose_end_was_not_written_down_is_done_again(each_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = OperationalError("UPDATE", {}, Exception("no such socket"))
    tries: list[str] = []

    def do(app: App, shop_id: int, subject: str, round: int) -> None:
        tries.append(subject)
        if len(tries) == 1:
            raise gone
        do_round(app, shop_id, subject, round)

    def refuse(*_given: Any, **_named: Any) -> None:
        raise gone

    monkeypatch.setattr(engine, "do_round", do)
    monkeypatch.setattr(engine, "STUCK_SECONDS", 0)
    with engine.running_engine(each_app) as worker:
        shop = shop_that_prints(each_app)
        worker._next_watch = float("inf")
        with monkeypatch.context() as away:
            away.setattr("dbos._sys_db.SystemDatabase.update_workflow_outcome", refuse)
            assert worker.turn()
            wait_until(lambda: not sum(worker._busy.values()))
        assert statuses() == ["PENDING"]
        assert state(each_app, shop.id) == "running"
        worker._watch()
        wait_until(lambda: state(each_app, shop.id) == "done")
        assert tries == ["print:1", "print:1"]
        wait_until(lambda: statuses() == ["SUCCESS"])


@in_a_thread_of_its_own
def test_a_round_that_still_runs_here_is_left_alone_however_long_it_takes(
    each_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    tries: list[str] = []

    def wait_and_do(app: App, shop_id: int, subject: str, round: int) -> None:
        tries.append(subject)
        go_on.wait(60)
        do_round(app, shop_id, subject, round)

    monkeypatch.setattr(engine, "do_round", wait_and_do)
    monkeypatch.setattr(engine, "STUCK_SECONDS", 0)
    with engine.running_engine(each_app) as worker:
        shop = shop_that_prints(each_app)
        assert worker.turn()
        wait_until(lambda: bool(tries))
        worker._watch()
        assert statuses() == ["PENDING"]
        go_on.set()
        wait_until(lambda: state(each_app, shop.id) == "done")
        assert tries == ["print:1"]


@in_a_thread_of_its_own
def test_a_round_that_waits_for_a_thread_is_started_once(each_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the machine stands still between its claim and its start."""
    started: list[Any] = []
    monkeypatch.setattr(engine, "STUCK_SECONDS", 0)
    with engine.running_engine(each_app) as worker:
        shop_that_prints(each_app)
        monkeypatch.setattr(worker._pool, "submit", lambda *given: started.append(given))
        assert worker.turn()
        worker._watch()
        assert len(started) == 1


def shop_that_prints(app: App) -> Shop:
    """Installed now, so that nothing else is to be done for it."""
    shop = add_installed_shop(app)
    with app.database.write() as db:
        work.want(db, shop.id, "print:1", due_at=app.now(), now=app.now())
    return shop


def state(app: App, shop_id: int) -> str:
    with app.database.read() as db:
        found = work.find(db, shop_id, "print:1")
    assert found
    return found.state


def statuses() -> list[str]:
    return [workflow.status for workflow in DBOS.list_workflows() if workflow.name == "round"]
