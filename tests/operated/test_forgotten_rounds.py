"""The engine's own records of finished rounds go a day later; those of rounds under way stay."""

import threading
from collections import Counter

import pytest
from dbos import DBOS
from factories import Clock, add_installed_shop
from processes import in_a_thread_of_its_own, wait_until

from saleor_loyalty_app import engine
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import do_round
from saleor_loyalty_app.store import work

NIGHT, DAY = "2026-06-15T03:00:00+00:00", "2026-06-15T15:00:00+00:00"
FINISHED = [f"print:{number}" for number in range(3)]
UNDER_WAY = "print:long"
A_DAY_AND_MORE = 25 * 3600


@in_a_thread_of_its_own
def test_the_records_of_finished_rounds_go_a_day_later_and_no_others(
    each_app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def wait_and_do(app: App, shop_id: int, subject: str, round: int) -> None:
        if subject == UNDER_WAY:
            go_on.wait(60)
        do_round(app, shop_id, subject, round)

    monkeypatch.setattr(engine, "do_round", wait_and_do)
    with engine.running_engine(each_app) as worker:
        shop = add_installed_shop(each_app)  # now, so that nothing else is to be done for it
        with each_app.database.write() as db:
            for subject in (*FINISHED, UNDER_WAY):
                work.want(db, shop.id, subject, due_at=clock.now(), now=clock.now())
        assert worker.turn()
        wait_until(lambda: _records() == {"SUCCESS": 3, "PENDING": 1})
        engine._hourly(NIGHT)
        assert _records() == {"SUCCESS": 3, "PENDING": 1}, "they are not a day old"
        monkeypatch.setattr(engine, "FINISHED_KEPT_SECONDS", engine.FINISHED_KEPT_SECONDS - A_DAY_AND_MORE)
        engine._hourly(DAY)
        assert _records() == {"SUCCESS": 3, "PENDING": 1}, "it is done at night"
        engine._hourly(NIGHT)
        assert _records() == {"PENDING": 1}
        go_on.set()
        wait_until(lambda: _records() == {"SUCCESS": 1})
        engine._hourly(NIGHT)
        assert _records() == {}


def _records() -> Counter[str]:
    """How many rounds the engine knows of, by what became of them."""
    return Counter(workflow.status for workflow in DBOS.list_workflows() if workflow.name == "round")
