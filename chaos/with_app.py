"""Scenes about the app's own processes: killed at any moment and at every point of the story; clocks that jump."""

import math
import time

from chaos import points
from chaos.points import POINTS, Point
from chaos.stage import Stage
from chaos.with_shop import FAILING

REACHED_WITHIN_SECONDS = 45
ORDERS_BETWEEN_KILLS = 40


def calm(stage: Stage, orders: int) -> None:
    """Nothing goes wrong: what the others are compared with."""
    stage.buy_many(orders)


def killed_at_random(stage: Stage, orders: int) -> None:
    """kill -9 of web and worker at random moments, again and again."""
    moments = set(stage.dice.sample(range(orders), max(2, orders // ORDERS_BETWEEN_KILLS)))

    def kill_now_and_then(number: int) -> None:
        if number in moments:
            stage.kill(stage.dice.choice(("web", "worker-1")))

    stage.buy_many(orders, every_seconds=0.1, meanwhile=kill_now_and_then)
    stage.said.append(f"{stage.fallen.total()} kills")


def killed_at_every_point(stage: Stage, orders: int) -> None:
    """kill -9 at every named point in turn, from webhook to note."""
    each = max(1, math.ceil(orders / len(POINTS)))
    kills = sum(_kill_at(stage, point, each) for point in stage.dice.sample(POINTS, len(POINTS)))
    stage.said.append(f"{kills} of {len(POINTS)} points")


def killed_at_some_points(stage: Stage, count: int) -> None:
    """The same at so many of the points: the short form."""
    for point in stage.dice.sample(POINTS, count):
        _kill_at(stage, point, 1)


def _kill_at(stage: Stage, point: Point, orders: int) -> bool:
    """Let orders come until a process has died there; return whether it did, which is a fault otherwise."""
    nth = stage.dice.randint(1, 40) if "do_commit" in point.function else 1
    points.arm(stage.folder, point, nth=nth)
    stage.buy_many(orders, every_seconds=0.05)
    ends_at, more_at = time.monotonic() + REACHED_WITHIN_SECONDS, time.monotonic() + 2
    while points.is_armed(stage.folder):
        time.sleep(0.05)
        if time.monotonic() > ends_at:
            points.disarm(stage.folder)
            stage.faults.append(f"nobody came {point.name}")
            return False
        if time.monotonic() > more_at:  # an order of the other channel, or one more commit
            stage.buy_more()
            more_at = time.monotonic() + 1
    return True


def everything_at_once(stage: Stage, orders: int) -> None:
    """A failing shop, deliveries six times and mixed, and killed processes together."""
    stage.misbehave(FAILING)
    killed_at_random(stage, orders)


def clocks_jump(stage: Stage, orders: int) -> None:
    """The clock of the app's machine jumps a day ahead, two hours back from there, and an hour behind the true time;
    the worker is killed in between, so that it finds what it wrote in a future that has not come."""
    jumps = {orders // 5: 24.0, 2 * orders // 5: 22.0, 3 * orders // 5: -1.0, 4 * orders // 5: 0.0}

    def jump(number: int) -> None:
        if number in jumps:
            stage.misbehave(FAILING)
            stage.set_clock(jumps[number])
            time.sleep(1)
            stage.kill("worker-1")

    stage.buy_many(orders, every_seconds=0.05, meanwhile=jump)
    stage.look_hourly("sweep:")
