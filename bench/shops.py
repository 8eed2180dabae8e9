"""A hundred shops in one installation, one of which floods it: how long the others' orders take, with and without."""

import argparse

from bench.databases import DATABASES
from bench.orders import in_words, percentile
from bench.stage import Wanted, stage

FLOODING = 0


def main(arguments: list[str] | None = None) -> None:
    """Measure a calm time and a flooded one on each database, and print both and their ratio."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=shops", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--shops", type=int, default=100)
    parser.add_argument("--rate", type=float, default=3, help="orders a second of the calm shops together")
    parser.add_argument("--seconds", type=float, default=40, help="for so long, each time")
    parser.add_argument("--flood", type=int, default=2000, help="orders of the flooding shop, all at the beginning")
    options = parser.parse_args(arguments)
    for database in options.database:
        print(f"Shops: {options.shops}, one worker, {database}", flush=True)
        with stage(database, shops=options.shops) as ready:
            first_of_each = [Wanted(0, shop, 1 + shop) for shop in range(options.shops)]
            ready.shops.send(ready.app.url, first_of_each)  # a worker's first look at a shop takes longer
            ready.latencies(first_of_each)
            ready.wait_until_quiet()
            slowest = []
            for name, flood, first in (("calm", 0, 1_000), ("flood", options.flood, 1_000_000)):
                calm = [
                    Wanted(number / options.rate, 1 + number % (options.shops - 1), first + number)
                    for number in range(int(options.rate * options.seconds))
                ]
                flooding = [Wanted(0, FLOODING, first + number, events=1) for number in range(flood)]
                ready.shops.send(ready.app.url, sorted([*flooding, *calm], key=lambda wanted: wanted.at))
                latencies = ready.latencies(calm)
                left = sum(wanted.order_id not in ready.shops.told for wanted in flooding)
                slowest.append(percentile(latencies, 99))
                print(f"  {name:6} the others: {in_words(latencies)}; {left} of the flood still wait", flush=True)
            print(f"  p99 of the others: {slowest[1] / slowest[0]:.2f} times that of the calm time", flush=True)


if __name__ == "__main__":
    main()
