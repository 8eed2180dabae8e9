"""How long the nightly review of a large shop takes, and how much memory: `make bench ARGS="review --help"`.

Fills a database with customers and five orders each, by SQL alone, and reviews them twice: on the first night
(nobody has a tier yet) and on an ordinary one (everybody stands where the rules put them).
"""

import argparse
import contextlib
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import text

from bench.databases import DATABASES, database_of
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customer_sums import renew_all_sums
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.programs import add_version
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import all_shops, change_shop

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)
ORDERS_EACH = 5
TWO_YEARS_SECONDS = 2 * 365 * 86_400

PROGRAM = """
name = "Bench"
currency = "EUR"
rates = { USD = "0.92" }
sender = { name = "Maria" }
""" + "".join(
    f"""
[[tiers]]
id = "{id}"
name = {{ en = "{id}" }}
enter = {{ spend = "{spend}" }}
keep = {{ spend = "{spend * 8 // 10}" }}
"""
    for id, spend in (("bronze", 200), ("silver", 500), ("gold", 1000))
)

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
PLACED = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', :now, '-' || {seconds} || ' seconds') || '.000000'",
    "postgresql": "CAST(:now AS timestamptz) - {seconds} * interval '1 second'",
}
SHOP = """INSERT INTO shops (id, saleor_api_url, state, app_id, sealed_secret, saleor_version, permissions, jwks, mode,
    installed_at, name) VALUES (1, 'https://bench', 'active', '', '', '3.23', '[]', '{}', 'live', :now, '')"""
CUSTOMERS = """INSERT INTO customers (id, shop_id, user_id, email_key, first_name, last_name, language, exclusions,
    preferences, standing, created_at)
    {numbers} SELECT i, 1, 'VXNlcjo' || i, 'k' || i, 'First name', 'Last name', 'de', '[]', '[]', 'secure',
    CAST(:now AS {time}) FROM n"""
ORDERS = """INSERT INTO orders (id, shop_id, order_id, number, customer_id, placed_at, updated_at, status, channel,
    currency, money_minor, card_minor, counts, products)
    {numbers} SELECT i, 1, 'T3JkZXI6' || i, CAST(i AS varchar(40)),
    1 + ((CAST(i AS bigint) * 2654435761) % 4294967296) * :customers / 4294967296,
    {placed}, {placed}, 'FULFILLED', 'default-channel', CASE WHEN i % 10 = 0 THEN 'USD' ELSE 'EUR' END,
    500 + (CAST(i AS bigint) * 7919) % 19500, CASE WHEN i % 20 = 0 THEN 1000 ELSE 0 END, i % 50 <> 0,
    '[["UHJvZHVjdDo3MQ==", "Assam, a strong morning tea", "tea"], ["UHJvZHVjdDo3Mg==", "A tin for it", "tins"]]'
    FROM n"""


def main(arguments: list[str] | None = None) -> None:
    """Fill, review twice, print a line for each."""
    options = _options(arguments)
    if options.measure:
        print(json.dumps(review(options.url, options.day)))
        return
    for kind in options.database:
        for count in options.customers:
            with (
                tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder,
                contextlib.nullcontext(options.url) if options.url else database_of(kind) as given,
            ):
                url = given or f"sqlite:///{Path(folder) / f'{count}.sqlite'}"
                print(f"Review: {count:,} customers, {count * ORDERS_EACH:,} orders, {kind}", flush=True)
                started = time.perf_counter()
                database = fill(url, count)
                print(f"  filled in {time.perf_counter() - started:.1f} s", flush=True)
                report("first night", url, day=0)
                tidy(database)
                report("ordinary night", url, day=1)
                database.close()


def fill(url: str, count: int) -> Database:
    """A shop with this many customers, their orders strewn over two years in the order of time."""
    database = Database(url)
    metadata.drop_all(database.engine)
    with database.write() as db:
        db.execute(text("DROP TABLE IF EXISTS alembic_version"))
    migrate(database)
    dialect = database.engine.dialect.name
    total = count * ORDERS_EACH
    seconds = f"(({total} - i) * {TWO_YEARS_SECONDS // total if total < TWO_YEARS_SECONDS else 1})"
    placed = PLACED[dialect].format(seconds=seconds)
    now = NOW.strftime("%Y-%m-%d %H:%M:%S" + (".000000" if dialect == "sqlite" else "+00"))
    timestamp = "text" if dialect == "sqlite" else "timestamptz"
    with database.write() as db:
        db.execute(text(SHOP), {"now": now})
        version = add_version(db, 1, toml=PROGRAM, published_by="bench", now=NOW)
        change_shop(db, 1, program_version=version)
        db.execute(text(CUSTOMERS.format(numbers=NUMBERS, time=timestamp)), {"count": count, "now": now})
        orders = ORDERS.format(numbers=NUMBERS, placed=placed)
        db.execute(text(orders), {"count": total, "customers": count, "now": now})
    tidy(database)
    renew_all_sums(database, 1)  # which the app writes together with each order
    tidy(database)
    return database


def tidy(database: Database) -> None:
    """What PostgreSQL does by itself in the long run. SQLite gets no statistics, as in a shop's own file."""
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")


def report(name: str, url: str, *, day: int) -> None:
    """Review in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.review", "--measure", "--url", url, "--day", str(day)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603
    measured = json.loads(done.stdout.splitlines()[-1])
    print("  {name}: {seconds:.1f} s, {made:,} decisions, peak {peak_mb:.0f} MB".format(name=name, **measured))


def review(url: str, day: int) -> dict[str, float]:
    """Seconds, decisions made and peak memory of one review: found, decided and kept."""
    logging.disable()
    key = Fernet.generate_key().decode()
    settings = load_settings(_env_file=None, database_url=url, secret_key=key)
    app = App(settings, Database(url), Vault((key,)), now=lambda: NOW + timedelta(days=day))
    with app.database.read() as db:
        (shop,) = all_shops(db)
    started = time.perf_counter()
    made = review_tiers(app, shop)
    seconds = time.perf_counter() - started
    app.close()
    return {"seconds": seconds, "made": made, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--url", help="a database to use instead of a new one; ALL ITS TABLES ARE DROPPED")
    parser.add_argument("--folder", default=os.environ.get("TMPDIR"), help="where SQLite files go")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--day", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
