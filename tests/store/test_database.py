"""The database remembers exactly what it is told: migrations, times, transactions, erasure, scoping by shop."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from factories import NOW, OTHER_SHOP_URL, a_buyer, a_row, add_installed_shop, an_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import effects, erase, history, orders, tasks, work, workers
from saleor_loyalty_app.store.customers import remember_buyer
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import metadata
from saleor_loyalty_app.store.tables import workers as worker_rows


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


# ---- Migrations


def test_the_migrations_make_the_tables_as_they_are_described(database: Database) -> None:
    with database.write() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(app: App, shop: Shop, database: Database) -> None:
    before = inspect(database.engine).get_table_names()
    migrate(database)
    assert inspect(database.engine).get_table_names() == before
    with database.read() as db:
        assert db.execute(select(metadata.tables["shops"])).first()


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url, errors = f"sqlite:///{tmp_path / 'fresh.sqlite'}", []

    def start() -> None:
        database = Database(url)
        try:
            migrate(database)
        except Exception as error:
            errors.append(error)
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


# ---- Times


ZONES = {
    "UTC": NOW,
    "behind": NOW.astimezone(timezone(timedelta(hours=-7))),
    "ahead": NOW.astimezone(timezone(timedelta(hours=5, minutes=45))),
}


@pytest.mark.parametrize("moment", ZONES.values(), ids=ZONES)
def test_a_time_comes_back_in_utc(database: Database, moment: datetime) -> None:
    with database.write() as db:
        workers.renew_lease(db, "x", moment)
        assert workers.seen(db)["x"] == NOW
        assert workers.seen(db)["x"].utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with database.write() as db, pytest.raises(StatementError, match="without a zone"):
        workers.renew_lease(db, "x", datetime(2026, 1, 1))  # noqa: DTZ001


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones()))  # noqa: DTZ001
def test_any_time_survives_to_the_microsecond(database: Database, moment: datetime) -> None:
    with database.write() as db:
        workers.renew_lease(db, "x", moment)
        assert workers.seen(db)["x"] == moment.astimezone(UTC)


def test_times_are_compared_as_times(database: Database) -> None:
    early, late = NOW, NOW + timedelta(microseconds=1)
    with database.write() as db:
        workers.renew_lease(db, "early", early.astimezone(timezone(timedelta(hours=9))))
        workers.renew_lease(db, "late", late)
        assert [name for name, seen in workers.seen(db).items() if seen < late] == ["early"]


# ---- Transactions


def test_a_transaction_that_breaks_off_leaves_nothing(database: Database) -> None:
    def breaks_off() -> None:
        with database.write() as db:
            workers.renew_lease(db, "x", NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks_off()
    with database.read() as db:
        assert workers.seen(db) == {}


def test_writers_of_one_process_queue_and_lose_nothing(database: Database) -> None:
    def write(name: str) -> None:
        with database.write() as db:
            workers.renew_lease(db, name, NOW)

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as db:
        assert len(workers.seen(db)) == 16


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    with database.write() as writing:
        workers.renew_lease(writing, "x", NOW)
        with database.read() as reading:
            assert workers.seen(reading) == {}


def test_an_acknowledged_write_survives_a_power_cut(database: Database) -> None:
    with database.read() as db:
        assert db.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert db.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert db.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_row_of_no_shop_is_refused(database: Database) -> None:
    orphan = a_row(metadata.tables["tasks"], shop_id=404)
    with pytest.raises(IntegrityError), database.write() as db:
        db.execute(insert(metadata.tables["tasks"]), orphan)


# ---- Everything of one shop goes


def filled(app: App, shop: Shop) -> None:
    """Put something about a shop into most tables."""
    with app.database.write() as db:
        customer = remember_buyer(db, shop.id, a_buyer(), key=f"key of {shop.id}", now=NOW)
        merged = remember_buyer(db, shop.id, a_buyer(user_id="other"), key="x", now=NOW)
        db.execute(
            metadata.tables["customers"].update().where(metadata.tables["customers"].c.id == merged.id)
            .values(merged_into=customer.id)
        )  # fmt: skip
        row, _ = orders.write_facts(db, shop.id, customer.id, an_order())
        owned = {"shop_id": shop.id, "customer_id": customer.id}
        parcel_id = db.execute(
            insert(metadata.tables["parcels"]).values(**a_row(metadata.tables["parcels"], **owned, order_row=row.id))
            .returning(metadata.tables["parcels"].c.id)
        ).scalar_one()  # fmt: skip
        for name in ("parcel_items", "notes", "parcel_changes", "promises"):
            table = metadata.tables[name]
            db.execute(insert(table), a_row(table, **owned, parcel_id=parcel_id))
        items, moves = metadata.tables["parcel_items"], metadata.tables["variant_moves"]
        item_id = db.scalar(select(items.c.id).where(items.c.shop_id == shop.id))
        db.execute(insert(moves), a_row(moves, shop_id=shop.id, parcel_item_id=item_id))
        jobs = metadata.tables["print_jobs"]
        job_id = db.scalar(insert(jobs).values(**a_row(jobs, shop_id=shop.id)).returning(jobs.c.id))
        for name, key in (
            ("print_items", {**owned, "parcel_id": parcel_id, "position": 0}),
            ("print_chunks", {"number": 0}),
        ):
            table = metadata.tables[name]
            db.execute(insert(table), a_row(table, **{"shop_id": shop.id, "job_id": job_id, **key}))
        decisions = metadata.tables["tier_decisions"]
        db.execute(insert(decisions), a_row(decisions, **owned, order_row=row.id))
        effects.begin_effect(db, shop.id, "order:1", "note:planned", now=NOW)
        tasks.open_task(db, shop.id, "x", "order:1", detail={}, now=NOW)
        history.start_reading(db, shop.id, "orders", read_from=None, now=NOW)
        work.want(db, shop.id, "order:1", due_at=NOW, now=NOW)
        for name in ("inbox", "program_drafts", "packing_batches", "desk_sessions"):
            table = metadata.tables[name]
            db.execute(insert(table), a_row(table, shop_id=shop.id))
        keys: dict[str, dict[str, Any]] = {
            "costs": {"mode": "live", "month": "2026-06", "tier": "", "extra_id": "x", "by_hand": 0, "state": "packed"},
            "extra_pictures": {"extra_id": "x"},
            "viewers": {"user_id": "x"},
            "warehouses": {"warehouse_id": "x"},
            "stationery": {},
            "stationery_pictures": {"kind": "logo"},
            "variant_stock": {"extra_id": "x"},
        }
        for name, key in keys.items():
            table = metadata.tables[name]
            db.execute(insert(table), a_row(table, shop_id=shop.id, **key))


def counts(app: App, shop_id: int) -> dict[str, int]:
    with app.database.read() as db:
        return {
            table.name: len(db.execute(select(table).where(table.c.shop_id == shop_id)).all())
            for table in metadata.sorted_tables
            if "shop_id" in table.c
        }


def test_erasing_a_shop_empties_every_table_of_it_and_of_no_other(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    for one in (shop, other):
        filled(app, one)
    assert [name for name, count in counts(app, shop.id).items() if not count] == []
    before = counts(app, other.id)
    with app.database.write() as db:
        erase.erase_shop(db, shop.id)
    assert set(counts(app, shop.id).values()) == {0}
    assert counts(app, other.id) == before


def test_every_table_but_the_workers_belongs_to_a_shop() -> None:
    without = {table.name for table in metadata.sorted_tables if "shop_id" not in table.c}
    assert without == {"shops", worker_rows.name}


# ---- The file


def test_a_broken_file_is_an_error_of_the_database(tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite"
    file.write_bytes(b"this is no database" * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(Exception, match="not a database") as error, database.read() as db:
        workers.seen(db)
    assert isinstance(error.value.__cause__, sqlite3.DatabaseError) or isinstance(error.value, sqlite3.DatabaseError)
    database.close()


def test_a_database_error_names_no_parameters(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as raised, database.read() as db:
        db.execute(text("SELECT :name FROM nowhere"), {"name": "Anna Schmidt"})
    assert "Anna" not in str(raised.value)
