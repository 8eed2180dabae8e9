"""Scenes about the shop: slow, down, failing, wanting pauses; deliveries in any order; tokens, keys, permissions."""

import time
from collections.abc import Callable

from chaos.stage import Stage
from saleor_loyalty_app.demo.mischief import CALM, Mischief

FAILING = Mischief(
    seed=11,
    delivery_delay_seconds=(0.0, 0.5),
    duplicate_rate=0.3,
    most_copies=6,
    shuffle=True,
    server_error_rate=0.07,
    too_many_requests_rate=0.02,
    retry_after_seconds=1,
    cut_rate=0.07,
    broken_json_rate=0.05,
    errors_beside_data_rate=0.05,
    stall_rate=0.02,
    stall_seconds=3,
)
SIX_TIMES = Mischief(seed=7, delivery_delay_seconds=(0.0, 3.0), duplicate_rate=0.8, most_copies=6, shuffle=True)
DOWN = Mischief(seed=5, server_error_rate=0.4, cut_rate=0.6)
PAUSE_SECONDS = 6
UNDER_WAY_SECONDS = 1.0
"""Requests that were under way when the shop asked for a pause."""


def six_times_and_mixed(stage: Stage, orders: int) -> None:
    """Each delivery comes up to six times, late and in no order; and hours later some of all come once more."""
    stage.misbehave(SIX_TIMES)
    stage.buy_many(orders)
    stage.come_to_rest(seconds=60 + orders / 2)
    stage.set_clock(hours=5)
    time.sleep(1)
    arrived = list(stage.demo.shop.deliveries.sent)
    again = stage.dice.sample(arrived, min(len(arrived), orders))
    codes = {stage.demo.shop.deliveries.send_again(delivery) for delivery in again for _ in range(3)}
    if codes != {200}:
        stage.faults.append(f"deliveries that came again hours later were answered {codes}")


def orders_gone(stage: Stage, orders: int) -> None:
    """Beside every third order one comes that is gone before its webhooks are made: they say `order: null`."""
    stage.misbehave(Mischief(seed=3, delivery_delay_seconds=(0.3, 0.6)))

    def lose(number: int) -> None:
        if number % 3 == 2:
            stage.buy_more()
            gone = stage.more.pop()
            with stage.demo.shop.lock:
                del stage.demo.shop.orders.by_key[gone.pk]

    stage.buy_many(orders, meanwhile=lose)


def shop_fails(stage: Stage, orders: int) -> None:
    """One request in four fails: 500, 429, cut off, broken JSON, errors beside data, stalled; half of them are carried
    out all the same."""
    stage.misbehave(FAILING)
    stage.buy_many(orders)
    time.sleep(3)
    told = sum(kind is not None for _, _, kind in stage.asked)
    stage.said.append(f"{told} of {len(stage.asked)} requests failed")


def shop_slow(stage: Stage, orders: int) -> None:
    """Each answer takes 15 seconds."""
    stage.misbehave(Mischief(api_delay_seconds=(15, 15)))
    stage.buy_many(orders)
    time.sleep(45)


def shop_down(stage: Stage, orders: int) -> None:
    """The shop's API is down for twenty seconds."""
    _down(stage, orders, seconds=20)


def shop_down_for_ten_minutes(stage: Stage, orders: int) -> None:
    """The shop's API is down for ten minutes."""
    _down(stage, orders, seconds=600)


def _down(stage: Stage, orders: int, *, seconds: float) -> None:
    stage.misbehave(DOWN)
    stage.buy_many(orders)
    time.sleep(seconds)
    stage.misbehave(CALM)
    stage.buy_more()
    # What it waits for is back: the app sees that by itself within the hour, or when somebody looks at Health.
    stage.look_hourly()


def shop_wants_pauses(stage: Stage, orders: int) -> None:
    """The shop answers 429 and how long to wait, again and again; nobody asks before that time."""
    pause = Mischief(seed=9, too_many_requests_rate=0.02, retry_after_seconds=PAUSE_SECONDS)
    stage.misbehave(pause)
    stage.buy_many(orders, every_seconds=0.1)
    time.sleep(PAUSE_SECONDS)
    pauses = [at for at, _, kind in stage.asked if kind == "429"]
    too_soon = sum(
        any(at + UNDER_WAY_SECONDS < later < at + PAUSE_SECONDS for at in pauses) for later, _, _ in stage.asked
    )
    stage.said.append(f"{len(pauses)} pauses")
    if too_soon or not pauses:
        stage.faults.append(f"of {len(pauses)} pauses that the shop asked for, {too_soon} requests kept none")


def token_unknown(stage: Stage, orders: int) -> None:
    """The shop no longer knows the app's token, as when it has expired, and knows it again later."""
    token = stage.installed.token

    def become(value: str) -> Callable[[], None]:
        return lambda: setattr(stage.installed, "token", value)

    _for_a_third(stage, orders, become("0" * 30), become(token))
    stage.look_hourly()


def permission_taken(stage: Stage, orders: int) -> None:
    """Staff take the permission to see orders away, and give it back. No events come meanwhile."""
    apps, before = stage.demo.shop.apps, stage.installed.permission_codes

    def become(codes: frozenset[str]) -> Callable[[], None]:
        return lambda: apps.set_permissions(stage.installed, codes)

    _for_a_third(stage, orders, become(before - {"MANAGE_ORDERS"}), become(before), meanwhile=stage.look_hourly)
    stage.look_hourly()


def shop_changes_version(stage: Stage, orders: int) -> None:
    """The shop is brought up to date in mid-stream, and back again: other fields, other events."""

    def become(version: str) -> Callable[[], None]:
        return lambda: setattr(stage.demo.shop, "version", version)

    _for_a_third(stage, orders, become("3.23.28"), become("3.22.67"), meanwhile=stage.look_hourly)
    stage.look_hourly()


def key_changes(stage: Stage, orders: int) -> None:
    """The shop signs with a new key in mid-stream, twice."""
    _for_a_third(stage, orders, stage.demo.shop.keys.rotate, stage.demo.shop.keys.rotate)


def deactivated_in_between(stage: Stage, orders: int) -> None:
    """Staff deactivate the app and activate it again: events of the time between never come."""
    apps = stage.demo.shop.apps
    _for_a_third(stage, orders, lambda: apps.deactivate(stage.installed), lambda: apps.activate(stage.installed))
    stage.look_hourly()


def installed_again(stage: Stage, orders: int) -> None:
    """Staff remove the app in mid-stream and install it again."""
    apps = stage.demo.shop.apps

    def install() -> None:
        stage.installed = apps.install(f"{stage.app.url}/api/manifest")

    _for_a_third(stage, orders, lambda: apps.uninstall(stage.installed), install)


def _for_a_third(
    stage: Stage,
    orders: int,
    begin: Callable[[], None],
    end: Callable[[], None],
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Let something be otherwise for the second third of the orders."""

    def change(number: int) -> None:
        if number == orders // 3:
            begin()
        if number == orders // 2:
            meanwhile()
        if number == 2 * orders // 3:
            time.sleep(1)
            end()

    stage.buy_many(orders, every_seconds=0.05, meanwhile=change)
