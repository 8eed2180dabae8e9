"""`make bench`: all measurements one after the other, or one: webhooks, orders, shops, soak, review, growth, pages,
cards.

`make bench ARGS="orders --database sqlite"` gives one of them its own arguments, see `ARGS="orders --help"`.
`make bench ARGS=quick` runs a short form of all that go through the app's own processes.
"""

import sys

from bench import cards, growth, orders, pages, review, shops, soak, webhooks

MEASUREMENTS = {
    "webhooks": webhooks.main,
    "orders": orders.main,
    "shops": shops.main,
    "soak": soak.main,
    "review": review.main,
    "growth": growth.main,
    "pages": pages.main,
    "cards": cards.main,
}
QUICK = {
    "webhooks": ["--processes", "1", "--requests", "1000", "--rounds", "1"],
    "orders": ["--seconds", "15", "--at-once", "150"],
    "shops": ["--shops", "20", "--seconds", "15", "--flood", "300"],
    "soak": ["--events", "5000"],
    "review": ["--customers", "10000"],
}


def main(arguments: list[str]) -> None:
    """Run what is asked for; each measurement ends by itself."""
    if arguments and arguments[0] in MEASUREMENTS:
        MEASUREMENTS[arguments[0]](arguments[1:])
        return
    if arguments not in ([], ["quick"]):
        sys.exit(f"There is no measurement {arguments[0]!r}; there are {', '.join(MEASUREMENTS)}, and quick.")
    for name, options in (QUICK if arguments else {name: list[str]() for name in MEASUREMENTS}).items():
        MEASUREMENTS[name](options)
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
