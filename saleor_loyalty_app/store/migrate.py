"""Brings a database's tables up to date; safe to call from every process that starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from saleor_loyalty_app.store.database import BUSY_TIMEOUT_MS, Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_235_908_113  # any number of our own
PATIENCE_MS = 3_600_000
"""How long a process waits on SQLite for another one that is migrating; large tables take minutes."""
NO_LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
"""PostgreSQL's limits for sessions, which are not meant for migrations."""


class NewerDatabase(Exception):
    """The tables are of a newer version of the app than this one, which must not touch them."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database was brought up to date by a newer version of Best Regards (its tables are at {revision}, "
            f"this version knows {newest_revision()}). Start the newer version again, or restore the backup from "
            "before the update."
        )


def migrate(database: Database) -> None:
    """Run the migrations that are missing. Processes that start together wait for one another.

    All of them or none: what breaks off leaves the tables as they were. Raises NewerDatabase.
    """
    with database.read() as db:
        if _refuse_newer(revision_of(db)) == newest_revision():
            return
    with _alone(database) as db:
        _refuse_newer(revision_of(db))
        command.upgrade(alembic_config(db), "head")


def revision_of(db: Connection) -> str | None:
    """The migration that the tables are at; None for an empty database."""
    return MigrationContext.configure(db).get_current_revision()


@cache
def newest_revision() -> str:
    """The migration that this version of the app works with."""
    return str(_scripts().get_current_head())


def alembic_config(connection: Connection | None) -> Config:
    """How the migrations are run on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config(None))


def _refuse_newer(revision: str | None) -> str | None:
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise NewerDatabase(revision)
    return revision


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A transaction that writes, after every other process's migration."""
    with database.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as db:
        if database.is_sqlite:
            _wait_for_writers(db, PATIENCE_MS)
        try:
            with db.begin():
                if not database.is_sqlite:
                    for limit in NO_LIMITS:
                        db.execute(text(f"SET LOCAL {limit} = 0"))
                    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield db
        finally:
            if database.is_sqlite:
                _wait_for_writers(db, BUSY_TIMEOUT_MS)


def _wait_for_writers(db: Connection, milliseconds: int) -> None:
    # On the driver's connection, because here no transaction may begin yet.
    driver = db.connection.driver_connection
    assert driver is not None  # noqa: S101 - the type says it might be
    driver.execute(f"PRAGMA busy_timeout = {milliseconds}")
