"""How pages, review and size grow with the number of customers: a table, and docs/pictures/growth.svg.

Each shop has five orders for each customer and one parcel for each; all pages are asked for as often.
"""

import argparse
import logging
import math
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog
from factories import NOW, make_settings

from bench.databases import DATABASES, database_of
from bench.pages import Visitor, timed
from bench.pages_data import fill, tidy  # which finds the tests' own modules
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.secrets import Vault

PAGES = {"Today": "Today", "Parcels": "Parcels", "Customers": "Customers", "Order widget": "Order widget"}
SIZES = (10_000, 100_000, 1_000_000)
PICTURE = Path(__file__).parents[1] / "docs/pictures/growth.svg"
LINE_HEIGHT = 14
SIZE_ASKED = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def main(arguments: list[str] | None = None) -> None:
    """Build a shop of each size on each database, measure, print; draw what SQLite needs."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=growth", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--customers", nargs="+", type=int, default=SIZES)
    parser.add_argument("--draw", action="store_true", help="write docs/pictures/growth.svg")
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for database in options.database:
        print(
            f"Growth: {database}; pages in ms (median), review in s, bytes of database per order, "
            "memory of this process at most",
            flush=True,
        )
        found: dict[str, list[float]] = {}
        for customers in options.customers:
            figures = _measure(database, customers)
            line = ", ".join(f"{name} {figure:.1f}" for name, figure in figures.items())
            print(f"  {customers:>9,} customers: {line}", flush=True)
            for name, figure in figures.items():
                found.setdefault(name, []).append(figure)
        if options.draw and database == "sqlite":
            PICTURE.write_text(picture(options.customers, found))


def _measure(kind: str, customers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, database_of(kind) as given:
        url = given or f"sqlite:///{folder}/growth.sqlite"
        settings = make_settings(Path(folder), database_url=url)
        app = App(settings, Database(url), Vault(settings.secret_keys), now=lambda: NOW)
        migrate(app.database)
        orders = customers * 5
        fill(app, customers=customers, parcels=customers, orders=orders)
        visitor = Visitor(app)
        figures = {}
        for name, ask in visitor.pages():
            label = next((label for label, start in PAGES.items() if name.startswith(start)), None)
            if label and label not in figures:
                wall, _, answer = timed(ask)
                assert answer.status_code == 200, (name, answer.status_code)
                figures[label] = statistics.median(wall)
        review_tiers(app, visitor.shop)
        tidy(app.database)
        tomorrow = replace(app, now=lambda: NOW + timedelta(days=1))
        started = time.perf_counter()
        review_tiers(tomorrow, visitor.shop)
        figures["Nightly review"] = time.perf_counter() - started
        with app.database.read() as db:
            figures["Bytes per order"] = db.exec_driver_sql(SIZE_ASKED[kind]).scalar_one() / orders
        figures["Peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        app.close()
        return figures


def picture(sizes: Sequence[int], found: dict[str, list[float]]) -> str:
    """Milliseconds by number of customers, both axes by powers of ten; readable on light and on dark."""
    lines = {
        name: [ms * (1000 if name == "Nightly review" else 1) for ms in figures] for name, figures in found.items()
    }
    for other in ("Bytes per order", "Peak MB"):
        lines.pop(other, None)
    highest = max(map(max, lines.values()))
    decades = len(str(int(highest)))
    left, top, width, height = 60, 20, 420, 240
    across = width / max(1, len(sizes) - 1)
    rows = []
    for n in range(decades + 1):
        y = f"{top + height * n / decades:.0f}"
        rows.append(f'<line x1="{left}" x2="{left + width}" y1="{y}" y2="{y}" class="grid"/>')
        rows.append(f'<text x="{left - 8}" y="{y}" dy="4" text-anchor="end">{10 ** (decades - n):,}</text>')
    for n, size in enumerate(sizes):
        rows.append(f'<text x="{left + n * across:.0f}" y="{top + height + 20}" text-anchor="middle">{size:,}</text>')
    heights = {name: [top + height * (1 - _log(ms) / decades) for ms in figures] for name, figures in lines.items()}
    free = 0.0  # from here on down there is room for a name
    for number, (name, ys) in enumerate(sorted(heights.items(), key=lambda line: line[1][-1])):
        track = " ".join(f"{left + n * across:.0f},{y:.0f}" for n, y in enumerate(ys))
        rows.append(f'<polyline points="{track}" class="c{number}"/>')
        beside = max(ys[-1] + 4, free)
        rows.append(f'<text x="{left + width + 8}" y="{beside:.0f}" class="t{number}">{name}</text>')
        free = beside + LINE_HEIGHT
    rows.append(f'<text x="{left - 8}" y="{top - 8}" text-anchor="end">ms</text>')
    rows.append(f'<text x="{left + width + 40}" y="{top + height + 20}">customers</text>')
    colours = ("#2f7d5b", "#b5651d", "#5b6fb5", "#a04a7a", "#7a7a2a")
    style = "text{font:12px system-ui,sans-serif;fill:#6b7280}.grid{stroke:#9ca3af;stroke-opacity:.35}"
    style += "polyline{fill:none;stroke-width:2}"
    style += "".join(f".c{n}{{stroke:{colour}}}.t{n}{{fill:{colour}}}" for n, colour in enumerate(colours))
    said = "; ".join(f"{name}: " + ", ".join(f"{ms:.0f} ms" for ms in figures) for name, figures in lines.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 300" role="img"><title>Milliseconds by number of '
        f"customers ({', '.join(f'{size:,}' for size in sizes)}). {said}</title><style>{style}</style>"
        + "".join(rows)
        + "</svg>\n"
    )


def _log(ms: float) -> float:
    return math.log10(max(ms, 1))


if __name__ == "__main__":
    main()
