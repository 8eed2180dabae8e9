"""Scenes about database and machines: away, locked, full; workers that are lost, stand still, or are cut off."""

import signal
import sqlite3
import time
from collections.abc import Callable, Sequence

from chaos import points
from chaos.places import filled
from chaos.points import WORKER, Point
from chaos.stage import Stage
from saleor_loyalty_app.demo.mischief import CALM, Mischief
from saleor_loyalty_app.demo.order_records import Order

UNHURRIED = Mischief(api_delay_seconds=(0.5, 1.5))
WITHIN_SECONDS = 60
"""What a lost worker had begun is taken over in this time."""
LOCKED_SECONDS = 20
STOP_AT = (
    ("ReadyCall.ask_partly", "TellShop", False),  # written down, not yet sent
    ("ReadyCall.ask_partly", "OrderLinesCreate", False),
    ("take_effect", "note:planned", True),  # in the middle of a transaction
    ("ShopClient._ask", "TellShop", True),  # carried out, not yet written down
)


def database_restarts(stage: Stage, orders: int) -> None:
    """PostgreSQL dies three times and is back some seconds later; webhooks are answered with 503 and come again."""
    _at(stage, orders, 3, lambda: stage.shut_out(3))


def database_away_for_a_minute(stage: Stage, orders: int) -> None:
    """PostgreSQL is gone for a minute. The shop sends again at its own pace."""
    _at(stage, orders, 1, lambda: stage.shut_out(60))


def file_locked(stage: Stage, orders: int) -> None:
    """Another process holds the SQLite file for longer than anybody waits."""
    _at(stage, orders, 1, lambda: hold_file(stage, LOCKED_SECONDS))


def hold_file(stage: Stage, seconds: float) -> None:
    """Keep the file's lock for so long."""
    with sqlite3.connect(stage.folder / "data" / "loyalty.sqlite", timeout=30, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        stage.buy_more()
        time.sleep(seconds)
        other.execute("ROLLBACK")
    other.close()


def disk_full(stage: Stage, orders: int) -> None:
    """No room is left on the disk with the SQLite files for eight seconds, twice; then there is."""
    _at(stage, orders, 2, lambda: fill_disk(stage, 8))


def fill_disk(stage: Stage, seconds: float) -> None:
    """Leave no room for so long, while orders come. What SQLite's log has room for already is still taken in."""
    with filled(stage.folder / "data"):
        refused = _answers(stage, 503)
        for _ in range(100):
            stage.buy_more()
            time.sleep(0.1)
            if _answers(stage, 503) > refused:
                break
        time.sleep(seconds)
        if _answers(stage, 503) == refused:
            stage.faults.append("no delivery was answered with 503 while there was no room")


def disk_of_server_full(stage: Stage, orders: int) -> None:
    """No room is left on PostgreSQL's disk for eight seconds; whatever that does to it, it is started again."""

    def fill() -> None:
        with filled(stage.folder / "data"):
            for _ in range(20):
                stage.buy_more()
            time.sleep(8)
        if stage.postgres and not stage.postgres.is_up():
            stage.said.append("the server fell")
            stage.postgres.start()

    _at(stage, orders, 1, fill)


def one_worker_lost(stage: Stage, orders: int) -> None:
    """One of two workers dies for good in mid-stream; the other takes over what it had begun."""
    _lose(stage, orders, 1)


def two_workers_lost(stage: Stage, orders: int) -> None:
    """Two of four workers die for good, the first of them among these."""
    _lose(stage, orders, 2)


def one_worker_stands_still(stage: Stage, orders: int) -> None:
    """One of two workers stands still (SIGSTOP) until the other has done its work, then goes on where it was: with a
    call just written down, in the middle of a transaction, with an answer not yet kept."""
    for function, detail, after in STOP_AT:
        point = next(one for one in WORKER if (one.function, one.detail, one.after) == (function, detail, after))
        stand_still(stage, point, orders // len(STOP_AT))


def stand_still(stage: Stage, point: Point, orders: int) -> None:
    """Let one worker stop at a point, and go on when its work was taken over."""
    points.arm(stage.folder, point, by=signal.SIGSTOP)
    before = len(stage.placed)
    while points.is_armed(stage.folder):
        stage.buy_many(1, every_seconds=0.1) if len(stage.placed) - before < orders else stage.buy_more()
        time.sleep(0.2)
    (stopped,) = [name for name in stage.app.running if name != "web" and stage.is_stopped(name)]
    stage.buy_many(max(orders - (len(stage.placed) - before), 0), every_seconds=0.05)
    _wait_taken_over(stage, stage.placed[before:])
    stage.app.signal(stopped, signal.SIGCONT)
    time.sleep(3)


def one_of_two_cut_off(stage: Stage, orders: int) -> None:
    """One of two machines loses its network in mid-stream, alive, and gets it back when its work is done elsewhere."""
    _cut_off(stage, orders, ("worker-1",))


def two_of_four_cut_off(stage: Stage, orders: int) -> None:
    """Two of four machines lose their network, one is killed besides."""
    _cut_off(stage, orders, ("worker-1", "worker-3"), killed=("worker-4",))


def _cut_off(stage: Stage, orders: int, names: Sequence[str], *, killed: Sequence[str] = ()) -> None:
    if stage.places is None:
        raise ValueError("the workers share one machine")
    stage.misbehave(UNHURRIED)  # so that everybody is in the middle of something
    stage.buy_many(orders // 2)
    for name in names:
        stage.places.cut_off(name)
    for name in killed:
        stage.kill(name, for_good=True)
    stage.misbehave(CALM)  # what is measured is who takes over, not how slow the shop is
    stage.buy_many(orders - orders // 2)
    _wait_taken_over(stage, stage.placed)
    for name in names:
        stage.places.connect(name)
    time.sleep(40)  # longer than anything may still be on its way


def _lose(stage: Stage, orders: int, count: int) -> None:
    half = orders // 2
    stage.misbehave(UNHURRIED)
    stage.buy_many(half)
    for number in range(count):
        stage.kill(f"worker-{number + 1}", for_good=True)
    stage.misbehave(CALM)  # what is measured is who takes over, not how slow the shop is
    stage.buy_many(orders - half)
    _wait_taken_over(stage, stage.placed)


def _wait_taken_over(stage: Stage, placed: Sequence[Order]) -> None:
    """Wait until all these orders are told, and say how long that took since now."""
    begun = time.monotonic()
    allowed = WITHIN_SECONDS + len(placed) / 20
    while left := stage.untold(placed):
        time.sleep(0.5)
        if time.monotonic() - begun > allowed:
            stage.faults.append(f"{left} orders were not taken over within {allowed:.0f} seconds")
            return
    stage.said.append(f"taken over in {time.monotonic() - begun:.0f} s")


def _answers(stage: Stage, code: int) -> int:
    deliveries = stage.demo.shop.deliveries
    every = [*deliveries.sent, *deliveries.failed, *deliveries.pending()]
    return sum(attempt.response_status_code == code for delivery in every for attempt in list(delivery.tries))


def _at(stage: Stage, orders: int, times: int, trouble: Callable[[], None]) -> None:
    """Let something happen so many times in the course of the orders."""
    moments = {(number + 1) * orders // (times + 1) for number in range(times)}
    stage.buy_many(orders, meanwhile=lambda number: trouble() if number in moments else None)
