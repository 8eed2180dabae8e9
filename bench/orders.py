"""How long an order takes from its acknowledgement to the note in the shop, and how many a worker carries.

Orders come by the clock, ten a second for a minute, whether the app keeps up or not; then many at once.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from bench.databases import DATABASES
from bench.stage import API_SECONDS, Stage, Wanted, stage


def main(arguments: list[str] | None = None) -> None:
    """Measure on each database and print."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=orders", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--rate", type=float, default=10, help="orders a second")
    parser.add_argument("--seconds", type=float, default=60, help="for so long")
    parser.add_argument("--at-once", type=int, default=500, help="orders that come all at once afterwards")
    options = parser.parse_args(arguments)
    for database in options.database:
        print(f"Orders: one worker, {database}, a shop that answers in {API_SECONDS * 1000:.0f} ms", flush=True)
        with stage(database) as ready:
            by_the_clock(ready, rate=options.rate, seconds=options.seconds)
            if options.at_once:
                at_once(ready, options.at_once)


def by_the_clock(ready: Stage, *, rate: float, seconds: float) -> None:
    """Orders at a steady rate: latencies, requests and computing time of each."""
    orders = [Wanted(number / rate, 0, 1 + number) for number in range(int(rate * seconds))]
    before, asked, size = ready.cpu(), ready.shops.calls.total(), ready.size()
    ready.shops.send(ready.app.url, orders)
    latencies = ready.latencies(orders)
    ready.wait_until_quiet()
    took = {name: (cpu - before[name]) / len(orders) * 1000 for name, cpu in ready.cpu().items()}
    print(f"  {rate:g} orders/s for {seconds:g} s, from acknowledged to note: {in_words(latencies)}")
    print(f"    {(ready.shops.calls.total() - asked) / len(orders):.2f} requests to the shop per order")
    print(f"    {(ready.size() - size) / len(orders) / 1024:.1f} KB of database per order, with its five events")
    print("    computing per order: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in took.items()), flush=True)


def at_once(ready: Stage, number: int) -> None:
    """Many orders at the same moment: how many a second are carried off."""
    orders = [Wanted(0, 0, 1_000_000 + n) for n in range(number)]
    started = time.monotonic()
    ready.shops.send(ready.app.url, orders)
    ready.latencies(orders)
    rate = number / (max(ready.shops.told.values()) - started)
    print(f"  {number} orders at once: {rate:.1f} orders/s", flush=True)


def percentile(values: Sequence[float], rank: int) -> float:
    """What so many of a hundred values stay below."""
    return statistics.quantiles(values, n=100)[rank - 1]


def in_words(seconds: Sequence[float]) -> str:
    """The middle of some times, what 99 of 100 stay below, and the longest."""
    p50, p99 = percentile(seconds, 50), percentile(seconds, 99)
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, most {max(seconds):.2f} s"


if __name__ == "__main__":
    main()
