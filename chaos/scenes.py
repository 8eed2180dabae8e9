"""What happens to the app in each scene while orders come in. Each ends with everything in order again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos.stage import Stage
from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.store import work

LATE_TWICE_AND_MIXED = Mischief(seed=7, delivery_delay_seconds=(0.0, 2.0), duplicate_rate=0.8, shuffle=True)
FAILING = Mischief(
    seed=11,
    delivery_delay_seconds=(0.0, 0.5),
    duplicate_rate=0.3,
    shuffle=True,
    server_error_rate=0.08,
    too_many_requests_rate=0.05,
    retry_after_seconds=1,
    cut_rate=0.08,
    broken_json_rate=0.05,
    errors_beside_data_rate=0.0,
    stall_rate=0.02,
    stall_seconds=3,
)


def calm(stage: Stage, orders: int) -> None:
    """Nothing goes wrong: what the others are compared with."""
    stage.buy_many(orders)


def deliveries_late_twice_and_mixed(stage: Stage, orders: int) -> None:
    """Webhooks come late, twice and in no order."""
    stage.misbehave(LATE_TWICE_AND_MIXED)
    stage.buy_many(orders)
    stage.demo.shop.settle(60)


def shop_fails(stage: Stage, orders: int) -> None:
    """One request in four fails: 500, 429, cut off, broken JSON, stalled; half of them are carried out all the same."""
    stage.misbehave(FAILING)
    stage.buy_many(orders)
    time.sleep(3)


def processes_killed(stage: Stage, orders: int) -> None:
    """kill -9 of web and worker at random moments, again and again."""
    due = time.monotonic() + 1

    def kill_now_and_then(_number: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            stage.kill(stage.dice.choice(("web", "worker")))
            due = time.monotonic() + stage.dice.uniform(0.8, 2.5)

    stage.buy_many(orders, every_seconds=0.05, meanwhile=kill_now_and_then)


def everything_at_once(stage: Stage, orders: int) -> None:
    """A failing shop, mixed deliveries and killed processes together."""
    stage.misbehave(FAILING)
    processes_killed(stage, orders)


def key_changes(stage: Stage, orders: int) -> None:
    """The shop signs with a new key in mid-stream, twice."""

    def change(number: int) -> None:
        if number in {orders // 3, 2 * orders // 3}:
            stage.demo.shop.new_key()

    stage.buy_many(orders, meanwhile=change)


def deactivated_in_between(stage: Stage, orders: int) -> None:
    """Staff deactivate the app and activate it again: events of the time between never come."""

    def switch(number: int) -> None:
        if number == orders // 3:
            stage.demo.shop.apps.deactivate(stage.installed)
        if number == 2 * orders // 3:
            stage.demo.shop.apps.activate(stage.installed)

    stage.buy_many(orders, meanwhile=switch)


def installed_again(stage: Stage, orders: int) -> None:
    """Staff remove the app in mid-stream and install it again."""

    def again(number: int) -> None:
        if number == orders // 2:
            stage.demo.shop.apps.uninstall(stage.installed)
            time.sleep(1)
            stage.installed = stage.demo.shop.apps.install(f"{stage.app.url}/api/manifest")

    stage.buy_many(orders, meanwhile=again)


def database_away(stage: Stage, orders: int) -> None:
    """PostgreSQL dies and is away for a while, twice; webhooks are answered with 503 and come again."""

    def restart(number: int) -> None:
        if (server := stage.postgres) and number in {orders // 3, 2 * orders // 3}:
            server.stop()
            time.sleep(3)
            server.start()

    stage.buy_many(orders, meanwhile=restart)


def worker_lost(stage: Stage, orders: int) -> None:
    """One of two workers dies for good in mid-stream; the other takes over what it had begun."""

    def lose(number: int) -> None:
        if number == orders // 2:
            stage.app.kill("worker-2")

    stage.buy_many(orders, meanwhile=lose)


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene, what it needs, and how long its end may take."""

    play: Callable[[Stage, int], None]
    needs_postgres: bool = False
    workers: int = 1
    sweeps: bool = False
    """Whether what was lost is brought by the sweep of the night, which the scene then asks for."""

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return self.play.__name__.replace("_", "-")


SCENES = (
    Scene(calm),
    Scene(deliveries_late_twice_and_mixed),
    Scene(shop_fails),
    Scene(processes_killed, sweeps=True),
    Scene(everything_at_once, sweeps=True),
    Scene(key_changes, sweeps=True),
    Scene(deactivated_in_between),
    Scene(installed_again, sweeps=True),
    Scene(database_away, needs_postgres=True, sweeps=True),
    Scene(worker_lost, needs_postgres=True, workers=2),
)


def sweep(stage: Stage) -> None:
    """Ask for what the night does: read what changed and was missed."""
    app = stage.app.app
    with app.database.write() as db:
        work.want(db, stage.shop.id, "sweep:", due_at=app.now(), now=app.now(), at_once=True)
