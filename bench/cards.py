"""How long a batch of cards takes, how much memory, and how large the PDF is: `python -m bench cards --help`.

Every text is different, since typst remembers what it has set before. What is measured runs in a process of its own, so
that its memory is its own; cards that are set one by one are measured in the same run, to compare with.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.cards import Card, card_png, cards_pdf
from saleor_loyalty_app.printing.typesetting import Look

WORDS = [
    "danke",
    "schön",
    "Bestellung",
    "Lavendel",
    "Assam",
    "Tee",
    "genießen",
    "Ruhe",
    "Freude",
    "Paket",
    "herzlich",
    "Überraschung",
    "wieder",
    "einmal",
    "Morgen",
    "Abend",
    "klein",
    "besonders",
    "gern",
    "für",
    "Sie",
    "und",
    "die",
    "ganze",
    "Familie",
    "im",
    "Herbst",
    "am",
    "Fenster",
]
WORDS_EACH = 40
ONE_BY_ONE = 50


def main(arguments: list[str] | None = None) -> None:
    """Print a line for each font and number of cards."""
    options = _options(arguments)
    if options.measure:
        print(json.dumps(measure(options.cards[0], options.font[0])))
        return
    for font in options.font:
        for count in options.cards:
            command = [sys.executable, "-m", "bench", "cards", "--measure", "--cards", str(count), "--font", font]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
            measured = json.loads(done.stdout.splitlines()[-1])
            print(
                "{count:,} cards in {font}: {seconds:.1f} s, {each_ms:.1f} ms each, {ratio:.2f} of one by one; "
                "peak {peak_mb:.0f} MB ({before_mb:.0f} MB before), PDF {pdf_kb:,.0f} kB; "
                "first proof {first_ms:.0f} ms, next {next_ms:.0f} ms".format(count=count, font=font, **measured),
                flush=True,
            )


def measure(count: int, font: str) -> dict[str, float]:
    """One batch; before it a first proof, a second one, and some cards one by one."""
    look = Look(Stationery(font=font))
    before = _peak_mb()
    first, second = _seconds(lambda: card_png(_card(-1), look)), _seconds(lambda: card_png(_card(-2), look))
    alone = _seconds(lambda: [cards_pdf([_card(count + number)], look) for number in range(ONE_BY_ONE)]) / ONE_BY_ONE
    started = time.perf_counter()
    pdf = cards_pdf([_card(number) for number in range(count)], look)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "each_ms": seconds / count * 1000,
        "ratio": seconds / count / alone,
        "peak_mb": _peak_mb(),
        "before_mb": before,
        "pdf_kb": len(pdf) / 1000,
        "first_ms": first * 1000,
        "next_ms": second * 1000,
    }


def _card(number: int) -> Card:
    chance = random.Random(number)  # noqa: S311
    text = " ".join(chance.choice(WORDS) for _ in range(WORDS_EACH))
    return Card(f"BR-{number}", f"Liebe Kundin {number},\n\n{text}.", "Herzliche Grüße", "Maria", "de")


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench cards", description=__doc__)
    parser.add_argument("--cards", type=int, nargs="+", default=[1_000], help="10000 takes some minutes")
    parser.add_argument("--font", nargs="+", default=["caveat", "noto-serif"])
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)
