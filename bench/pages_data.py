"""A large shop for measuring pages, made by SQL alone from a few parcels that the app itself planned.

Most parcels are packed or shipped, some thousands wait, some were skipped, taken back, or failed; a tenth is left
from rehearsing. Few customers buy much; some names are very common, some are rare.
"""

import sys
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("tests", "tests/web"))

from factories import a_buyer, global_id
from panel_house import House
from sqlalchemy import Connection, Index, text

from saleor_loyalty_app.domain.search_keys import search_key
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customer_sums import renew_all_sums
from saleor_loyalty_app.store.database import Database

SEEDS = 40
"""As it stands in `_lay_seeds`, too."""
THREE_YEARS_SECONDS = 3 * 365 * 86_400
FIRST = """Anna Maria Lena Sophie Emma Jan Paul Felix Leon Jürgen Łucja Mia Noah Ida Émile Nguyễn Wei Ahmed Søren
    Zoë""".split()  # noqa: SIM905
LAST = """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Weiß Nowak Đặng
    Łęcki""".split()  # noqa: SIM905
SYLLABLES = ["ba", "do", "fi", "ga", "he", "ju", "ka", "lo", "mi", "nu", "pe", "ra", "so", "tu", "vi"]
RARE = ("Zoltán", "Xylander")
BIG = ("customers", "orders", "parcels", "parcel_items", "notes", "tier_decisions", "work", "costs")

DIALECTS = {
    "sqlite": {
        "at": "strftime('%Y-%m-%d %H:%M:%S', :now, '-' || ({seconds}) || ' seconds') || '.000000'",
        "month": "strftime('%Y-%m', {at})",
        "day": "date(:now, '+' || ({days}) || ' days')",
    },
    "postgresql": {
        "at": "(CAST(:now AS timestamptz) - ({seconds}) * interval '1 second')",
        "month": "to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM')",
        "day": "(CAST(:now AS date) + CAST({days} AS integer))",
    },
}
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
SHARE = "((CAST({of} AS bigint) * 2654435761 + {salt}) % 4294967296)"
"""A number up to 2^32 that looks like chance, from a row's number."""
TIER = """CASE WHEN {x} < 4294967296 * 0.08 THEN 'gold' WHEN {x} < 4294967296 * 0.2 THEN 'silver'
    WHEN {x} < 4294967296 * 0.4 THEN 'bronze' END"""

CUSTOMERS = """INSERT INTO customers (id, shop_id, user_id, email_key, first_name, first_key, last_name, last_key,
    language, exclusions, preferences, tier, standing, tier_since, next_review_on, keep_version, created_at)
    {numbers}
    SELECT i, :shop, 'VXNlcjo' || i, 'k' || i, f.name, f.key, l.name, l.key, 'DE', '[]', '[]', {tier},
    CASE WHEN {tier} IS NULL OR i % 20 <> 0 THEN 'secure' WHEN i % 500 = 0 THEN 'manual' WHEN i % 60 = 0 THEN 'grace'
    ELSE 'warned' END,
    CASE WHEN {tier} IS NOT NULL THEN {since} END, CASE WHEN {tier} IS NOT NULL THEN {review} END, 1, {since}
    FROM n JOIN names f ON f.kind = 'first' AND f.n = CASE WHEN i % 10000 = 7 THEN -1
        ELSE ({first} / 65536) * ({first} / 65536) / 65536 * :firsts / 65536 END
    JOIN names l ON l.kind = 'last' AND l.n = CASE WHEN i % 10000 = 7 THEN -1
        ELSE ({last} / 65536) * ({last} / 65536) / 65536 * :lasts / 65536 END"""
ORDERS = """INSERT INTO orders (id, shop_id, order_id, number, customer_id, placed_at, updated_at, status, channel,
    currency, money_minor, card_minor, counts, products, no_parcel)
    {numbers}
    SELECT i, :shop, 'T3JkZXI6' || i, CAST(i AS varchar(40)),
    :first_customer + ({owner} / 2048) * ({owner} / 2048) / 4194304 * :customers / 1048576,
    {at}, {at}, 'FULFILLED', {channel}, 'EUR', 500 + (CAST(i AS bigint) * 7919) % 19500, 0, i % 50 <> 0,
    '[["UHJvZHVjdDo3MQ==", "Assam, a strong morning tea", "tea"], ["UHJvZHVjdDo3Mg==", "A tin for it", "tins"]]',
    CASE WHEN i <= :without THEN 'placed_before_install' END FROM n"""
CHANNEL = "CASE WHEN i % 100 < 70 THEN 'de' WHEN i % 100 < 92 THEN 'at' ELSE 'wholesale' END"
PARCELS = """INSERT INTO parcels (id, shop_id, code, order_row, customer_id, mode, state, moment, tier, program_version,
    plan, story, means, channel, planned_at)
    SELECT o.id, :shop, 'BR-' || o.id, o.id, o.customer_id,
    CASE WHEN o.id < :live_from THEN 'rehearsal' ELSE 'live' END,
    CASE WHEN o.id > :waiting_from AND o.id % 4 = 0 THEN 'planned' WHEN o.id % 50 = 1 THEN 'cancelled'
    WHEN o.id % 97 = 0 THEN 'skipped' WHEN o.id % 5 < 2 THEN 'shipped' ELSE 'packed' END,
    s.moment, {tier}, 1, s.plan, s.story, s.means, o.channel, o.placed_at
    FROM orders o JOIN seeds s ON s.n = o.id % :seeds WHERE o.shop_id = :shop AND o.id > :without"""
ITEMS = """INSERT INTO parcel_items (shop_id, parcel_id, customer_id, mode, extra_id, kind, cost_minor, state, month,
    planned_at, changed_at)
    SELECT :shop, p.id, p.customer_id, p.mode, s.extra_id, s.kind, s.cost_minor, p.state, {month}, p.planned_at,
    p.planned_at FROM parcels p JOIN seed_items s ON s.n = p.id % :seeds WHERE p.shop_id = :shop AND p.id > :without"""
NOTES = """INSERT INTO notes (shop_id, parcel_id, customer_id, mode, note_id, language, text, sign_off, sender, state,
    at) SELECT :shop, p.id, p.customer_id, p.mode, s.note_id, s.language, s.text, s.sign_off, s.sender, 'draft',
    p.planned_at FROM parcels p JOIN seed_notes s ON s.n = p.id % :seeds WHERE p.shop_id = :shop AND p.id > :without"""
COSTS = """INSERT INTO costs (shop_id, mode, month, tier, extra_id, by_hand, state, pieces, cost_minor)
    SELECT :shop, i.mode, i.month, coalesce(p.tier, ''), i.extra_id, 0, i.state, count(*), sum(i.cost_minor)
    FROM parcel_items i JOIN parcels p ON p.id = i.parcel_id WHERE i.shop_id = :shop
    AND i.state IN ('planned', 'packed', 'shipped') GROUP BY 2, 3, 4, 5, 7"""
DECISIONS = """INSERT INTO tier_decisions (shop_id, customer_id, at, kind, from_tier, to_tier, program_version, record)
    {numbers}
    SELECT :shop, c.id, {at}, 'entered', NULL, c.tier, 1, d.record
    FROM n JOIN customers c ON c.id = :first_customer + {which} * :customers / 4294967296 AND c.tier IS NOT NULL
    JOIN seed_decisions d ON d.tier = c.tier"""
FAILED = """INSERT INTO work (shop_id, subject, round, state, attempts, last_error, updated_at)
    SELECT :shop, 'order:' || order_id, 3, CASE WHEN id % 3 = 0 THEN 'failed' ELSE 'done' END, 2,
    CASE WHEN id % 3 = 0 THEN 'The shop refused the note.' END, placed_at FROM orders WHERE id > :failed_from"""


def fill(app: App, *, customers: int, parcels: int, orders: int) -> int:
    """Build the shop; return its id. What there are more orders than parcels was bought before the install."""
    house = _seeded(app)
    without = orders - parcels
    numbers = {
        "shop": house.shop.id, "seeds": SEEDS, "first_customer": 1000, "customers": customers, "firsts": len(_first()),
        "lasts": len(_last()), "without": without + 1000, "live_from": 1000 + without + parcels // 10,
        "waiting_from": 1000 + without + parcels - 20_000, "failed_from": 1000 + without + parcels - 1_500,
    }  # fmt: skip
    indexes = _drop_indexes(app.database)
    with app.database.write() as db:
        _lay_seeds(db, house.shop.id)
        _run(app, db, CUSTOMERS, numbers, first=1000, last=999 + customers)
        _run(app, db, ORDERS, numbers, first=1001, last=1000 + without + parcels)
        for statement in (PARCELS, ITEMS, NOTES, "DELETE FROM costs", COSTS, FAILED):
            _run(app, db, statement, numbers)
        _run(app, db, DECISIONS, numbers, first=1, last=customers * 2)
        for name in ("names", "seeds", "seed_items", "seed_notes", "seed_decisions"):
            db.execute(text(f"DROP TABLE {name}"))
    with app.database.write() as db:
        for index in indexes:
            index.create(db)
    tidy(app.database)
    renew_all_sums(app.database, house.shop.id)
    tidy(app.database)
    return house.shop.id


def tidy(database: Database) -> None:
    """What PostgreSQL does by itself in the long run. SQLite gets no statistics, as in a shop's own file."""
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")


def _seeded(app: App) -> House:
    """A shop with the program that every shop starts with, and some parcels of the app's own planning."""
    house = House(app, toml=package_text("starter_program.toml"))
    for number in range(SEEDS):
        buyer = a_buyer(user_id=global_id("User", f"s{number}"), email=f"s{number}@example.com")
        house.bought(total=40 * (number + 1), buyer=buyer, currency="EUR", channel="de", days_ago=1)
    return house


def _lay_seeds(db: Connection, shop_id: int) -> None:
    copied = {
        "seeds": "SELECT id % 40 AS n, moment, plan, story, means FROM parcels",
        "seed_items": "SELECT parcel_id % 40 AS n, extra_id, kind, cost_minor FROM parcel_items",
        "seed_notes": "SELECT parcel_id % 40 AS n, note_id, language, text, sign_off, sender FROM notes",
        "seed_decisions": "SELECT tier, record FROM (SELECT to_tier AS tier, record, row_number() OVER"
        " (PARTITION BY to_tier ORDER BY id) AS nth FROM tier_decisions WHERE kind = 'entered') AS d WHERE nth = 1",
    }
    for name, query in copied.items():
        db.execute(text(f"CREATE TABLE {name} AS {query}"))
    db.execute(text("CREATE TABLE names (kind varchar(5), n bigint, name varchar(80), key varchar(80))"))
    for kind, names, rare in (("first", _first(), RARE[0]), ("last", _last(), RARE[1])):
        rows = [
            {"kind": kind, "n": n, "name": name, "key": search_key(name)} for n, name in [*enumerate(names), (-1, rare)]
        ]
        db.execute(text("INSERT INTO names VALUES (:kind, :n, :name, :key)"), rows)


def _run(app: App, db: Connection, statement: str, numbers: dict[str, int], *, first: int = 0, last: int = 0) -> None:
    dialect = DIALECTS[db.dialect.name]
    x = SHARE.format(of="o.id" if statement is PARCELS else "i", salt=17)
    seconds = f"(({last} - i) * {max(1, THREE_YEARS_SECONDS // max(1, last))})"
    at = dialect["at"].format(seconds=seconds)
    written = statement.format(
        numbers=NUMBERS,
        tier=TIER.format(x=x),
        since=dialect["at"].format(seconds="i % 90000000"),
        review=dialect["day"].format(days="i % 365"),
        first=SHARE.format(of="i", salt=3),
        last=SHARE.format(of="i * 31", salt=1_000_003),
        owner=SHARE.format(of="i", salt=99),
        which=SHARE.format(of="i", salt=5),
        at=at,
        channel=CHANNEL,
        month=dialect["month"].format(at="p.planned_at"),
    )
    now = app.now().strftime("%Y-%m-%d %H:%M:%S" + ("" if db.dialect.name == "sqlite" else "+00"))
    asked = {**numbers, "now": now, "first": first, "last": last}
    clause = text(written)
    db.execute(clause, {name: asked[name] for name in clause.compile().params})


def _drop_indexes(database: Database) -> list[Index]:
    """Rows are laid much faster without them."""
    indexes = [index for name in BIG for index in metadata.tables[name].indexes if not index.unique]
    with database.write() as db:
        for index in indexes:
            index.drop(db)
    return indexes


def _first() -> list[str]:
    return FIRST + [f"{a.capitalize()}{b}{c}" for a in SYLLABLES for b in SYLLABLES[:5] for c in "nrl"]


def _last() -> list[str]:
    return LAST + [f"{a.capitalize()}{b}{c}mann" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES[:4]]
