"""`make bench`: all measurements, or those named: webhooks, orders, review. ARGS="review --customers 1000000" works."""

import sys

from bench import orders, review, webhooks

MEASUREMENTS = {"webhooks": webhooks.main, "orders": orders.main}


def main(arguments: list[str]) -> None:
    """Run the measurements one after the other; each ends by itself."""
    if arguments[:1] == ["review"]:
        review.main(arguments[1:])
        return
    for name in arguments or MEASUREMENTS:
        MEASUREMENTS[name]()
        print()
    if not arguments:
        review.main([])


if __name__ == "__main__":
    main(sys.argv[1:])
