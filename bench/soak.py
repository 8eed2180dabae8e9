"""A hundred thousand events over some thousands of orders: whether web and worker hold more and more memory."""

import argparse
import statistics
import threading
import time

from bench.databases import DATABASES
from bench.stage import Stage, Wanted, stage

EVENTS_OF_AN_ORDER = 25
STEP_ORDERS = 40
"""Orders whose events are sent at a time."""


def main(arguments: list[str] | None = None) -> None:
    """Measure on each database: memory every few seconds, and how it rises in the second half."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=soak", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=["sqlite"])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=780, help="at most so long")
    options = parser.parse_args(arguments)
    for database in options.database:
        with stage(database) as ready:
            print(f"Soak: {options.events} events, {EVENTS_OF_AN_ORDER} of each order, {database}", flush=True)
            looks: list[tuple[int, dict[str, float]]] = []
            over, sent = threading.Event(), [0]
            watcher = threading.Thread(target=_watch, args=(ready, over, sent, looks), daemon=True)
            watcher.start()
            started = time.monotonic()
            number = 1
            while sent[0] < options.events and time.monotonic() - started < options.seconds:
                orders = [Wanted(0, 0, number + n, events=EVENTS_OF_AN_ORDER) for n in range(STEP_ORDERS)]
                ready.shops.send(ready.app.url, orders)
                number += STEP_ORDERS
                sent[0] += STEP_ORDERS * EVENTS_OF_AN_ORDER
            ready.wait_until_quiet(seconds=600)  # the orders that still wait for their turn
            over.set()
            watcher.join()
            print(f"  {sent[0]} events in {time.monotonic() - started:.0f} s, {len(ready.shops.told)} orders told")
            report(looks)


def report(looks: list[tuple[int, dict[str, float]]]) -> None:
    """A table of ten lines, and MB per 100,000 events over the second half, where caches are full."""
    print(f"  {'events':>8}" + "".join(f"{name + ' MB':>12}" for name in looks[0][1]))
    for events, memory in looks[:: max(1, len(looks) // 10)]:
        print(f"  {events:8}" + "".join(f"{mb:12.1f}" for mb in memory.values()))
    half = looks[len(looks) // 2 :]
    for name in looks[0][1]:
        line = statistics.linear_regression([events for events, _ in half], [memory[name] for _, memory in half])
        print(f"  {name}: {line.slope * 100_000:+.1f} MB per 100,000 events in the second half")


def _watch(ready: Stage, over: threading.Event, sent: list[int], looks: list[tuple[int, dict[str, float]]]) -> None:
    while not over.wait(2):
        looks.append((sent[0], ready.memory()))


if __name__ == "__main__":
    main()
