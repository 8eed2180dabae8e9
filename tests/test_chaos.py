"""The short forms of `make chaos`: real processes against a shop that misbehaves, and the judge afterwards.

The judge itself is tested on a stage that has come to rest: whatever is doctored there, it must name.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, update

from chaos import places, with_app, with_machines
from chaos.judge import Undisturbed, decisions, judge
from chaos.points import WORKER
from chaos.set_up import stage
from chaos.stage import PIECES, Setting, Stage
from saleor_loyalty_app.store import orders, parcels, stock, work
from saleor_loyalty_app.store.parcel_tables import costs
from saleor_loyalty_app.store.tables import inbox
from saleor_loyalty_app.store.tables import work as work_rows

pytestmark = pytest.mark.crash

ORDERS = 16
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def calm() -> Undisturbed:
    with stage(Setting(), seed=1) as here:
        with_app.calm(here, ORDERS)
        here.come_to_rest(seconds=PATIENCE_SECONDS)
        assert judge(here) == []
        return decisions(here)


@pytest.fixture(scope="module")
def embedded() -> Iterator[Stage]:
    """A stage on SQLite, for one scene after another; the orders of later scenes are more than a calm run has."""
    with stage(Setting(retry_scale=0.2), seed=1) as here:
        yield here


def test_nothing_is_lost_or_double_when_the_shop_fails_and_processes_are_killed(
    embedded: Stage, calm: Undisturbed
) -> None:
    with_app.everything_at_once(embedded, ORDERS)
    embedded.come_to_rest(seconds=PATIENCE_SECONDS)
    assert judge(embedded, calm) == []
    assert embedded.fallen, "nobody was killed"


def test_a_process_that_is_killed_at_a_named_point_loses_nothing(embedded: Stage) -> None:
    with_app.killed_at_some_points(embedded, 4)
    embedded.come_to_rest(seconds=PATIENCE_SECONDS)
    assert judge(embedded) == []


def test_a_file_that_somebody_else_holds_is_waited_for(embedded: Stage) -> None:
    with_machines.hold_file(embedded, 16)
    embedded.come_to_rest(seconds=PATIENCE_SECONDS)
    assert judge(embedded) == []


def test_a_full_disk_is_survived() -> None:
    if why_not := places.missing(disk=True):
        pytest.skip(why_not)
    with stage(Setting(disk_megabytes=24, retry_scale=0.2), seed=2) as here:
        here.buy_many(3)
        with_machines.fill_disk(here, 3)
        here.come_to_rest(seconds=PATIENCE_SECONDS)
        assert judge(here) == []


@pytest.mark.postgres
def test_the_work_of_a_worker_that_stands_still_is_taken_over_once_and_a_server_may_be_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(with_machines, "WITHIN_SECONDS", 180)  # other tests run beside this one: once counts, not when
    between = next(one for one in WORKER if one.function == "ReadyCall.ask_partly" and one.detail == "TellShop")
    with stage(Setting(postgres=True, workers=2, retry_scale=0.2), seed=3) as here:
        here.buy_many(4)
        with_machines.stand_still(here, between, 4)
        here.shut_out(3)
        here.come_to_rest(seconds=PATIENCE_SECONDS)
        assert judge(here) == []


# ---- The judge


def _first(here: Stage, db: Connection, *, channel: str = "lines") -> tuple[int, int]:
    """A shop's id and the row of a parcel that was told in a channel."""
    order = next(one for one in here.placed if one.status == "UNFULFILLED" and one.channel.slug == channel)
    row = orders.order_by_saleor_id(db, here.shop.id, order.id)
    parcel = parcels.parcel_of_order(db, here.shop.id, row.id) if row else None
    assert parcel
    return here.shop.id, parcel.id


def _note_taken(here: Stage) -> Callable[[], None]:
    order = next(one for one in here.placed if one.notes and one.status == "UNFULFILLED")
    notes, order.notes = order.notes, []
    return lambda: setattr(order, "notes", notes)


def _note_doubled(here: Stage) -> Callable[[], None]:
    order = next(one for one in here.placed if any(note.type == "NOTE_ADDED" for note in one.notes))
    notes, order.notes = order.notes, [*order.notes, *order.notes]
    return lambda: setattr(order, "notes", notes)


def _line_doubled(here: Stage) -> Callable[[], None]:
    order, free = next(
        (one, line) for one in here.placed for line in one.lines if line.product_name == "Sweet"
    )  # fmt: skip
    order.lines.append(replace(free))
    return lambda: order.lines.pop() and None


def _order_left_unconfirmed(here: Stage) -> Callable[[], None]:
    order = next(one for one in here.placed if one.status == "UNFULFILLED")
    order.status = "UNCONFIRMED"
    return lambda: setattr(order, "status", "UNFULFILLED")


def _delivery_forgotten(here: Stage) -> Callable[[], None]:
    return _in_database(here, lambda db: db.execute(delete(inbox)))


def _delivery_not_taken_in(here: Stage) -> Callable[[], None]:
    return _in_database(here, lambda db: db.execute(update(inbox).values(taken_at=None)))


def _work_forgotten(here: Stage) -> Callable[[], None]:
    return _in_database(here, lambda db: db.execute(delete(work_rows)))


def _work_failed(here: Stage) -> Callable[[], None]:
    return _in_database(here, lambda db: db.execute(update(work_rows).values(state=work.FAILED, last_error="no")))


def _stock_off_by_one(here: Stage) -> Callable[[], None]:
    def doctor(db: Connection) -> None:
        stock.set_count(db, here.shop.id, "sweet", PIECES, now=here.app.app.now(), why="count")

    return _in_database(here, doctor)


def _cost_twice(here: Stage) -> Callable[[], None]:
    return _in_database(here, lambda db: db.execute(update(costs).values(cost_minor=costs.c.cost_minor * 2)))


def _in_database(here: Stage, doctor: Callable[[Connection], object]) -> Callable[[], None]:
    """Doctor the database in a transaction that is left open and taken back; the judge reads in it."""
    database = here.app.app.database
    transaction = database.write()
    db = transaction.__enter__()
    doctor(db)
    read = database.read

    class Inside:
        def __enter__(self) -> Connection:
            return db

        def __exit__(self, *_: object) -> None:
            return None

    database.read = Inside  # type: ignore[method-assign, assignment]

    def undo() -> None:
        database.read = read  # type: ignore[method-assign]
        db.rollback()
        transaction.__exit__(None, None, None)

    return undo


@pytest.mark.parametrize(
    ("doctor", "named"),
    [
        (_note_taken, "carries 0 notes"),
        (_note_doubled, "carries the same note twice"),
        (_line_doubled, "has the same free line twice"),
        (_order_left_unconfirmed, "is UNCONFIRMED"),
        (_delivery_forgotten, "was acknowledged and is not kept"),
        (_delivery_not_taken_in, "was never taken in"),
        (_work_forgotten, "its work is missing"),
        (_work_failed, "waits for a person: no"),
        (_stock_off_by_one, "sweet: 100000 pieces are left"),
        (_cost_twice, "the sums of costs are"),
    ],
)
def test_the_judge_names_what_was_doctored(
    embedded: Stage, doctor: Callable[[Stage], Callable[[], None]], named: str
) -> None:
    undo = doctor(embedded)
    try:
        assert any(named in fault for fault in judge(embedded))
    finally:
        undo()


def test_the_judge_names_a_decision_that_differs_from_an_undisturbed_one(embedded: Stage, calm: Undisturbed) -> None:
    number, decided = next(iter(calm.decided.items()))
    other = replace(calm, decided={number: replace(decided, rests_on=decisions(embedded).decided[number].rests_on,
                                                   chosen=("gold",))})  # fmt: skip
    assert any(f"order no. {number} got" in fault for fault in judge(embedded, other))


def test_the_judge_names_an_order_that_was_never_looked_at(embedded: Stage) -> None:
    ghost = replace(embedded.placed[0], pk="00000000-0000-4000-8000-000000000000")
    embedded.placed.append(ghost)
    assert any("has no parcel" in fault for fault in judge(embedded))
    embedded.placed.pop()
    assert judge(embedded) == [], "all that was doctored is undone"
