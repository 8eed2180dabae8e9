"""`make bench`: all measurements, or those named: webhooks, orders, review, pages, cards.

`make bench ARGS="pages --folder /var/tmp/bench"` gives one of the last three its own arguments, see its --help.
"""

import sys

from bench import cards, orders, pages, review, webhooks

MEASUREMENTS = {"webhooks": webhooks.main, "orders": orders.main}
LARGE = {"review": review.main, "pages": pages.main, "cards": cards.main}
"""These take longer, and arguments."""


def main(arguments: list[str]) -> None:
    """Run the measurements one after the other; each ends by itself."""
    if arguments[:1] and arguments[0] in LARGE:
        LARGE[arguments[0]](arguments[1:])
        return
    for name in arguments or MEASUREMENTS:
        MEASUREMENTS[name]()
        print()
    for measure in LARGE.values() if not arguments else ():
        measure([])


if __name__ == "__main__":
    main(sys.argv[1:])
