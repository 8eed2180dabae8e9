"""Brings a database's tables up to date; safe to call from every process that starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from saleor_loyalty_app.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_235_908_113  # any number of our own


def migrate(database: Database) -> None:
    """Run the migrations that are missing. Processes that start together wait for one another."""
    with database.write() as db:
        if not database.is_sqlite:
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(alembic_config(db), "head")


def alembic_config(connection: Connection) -> Config:
    """How the migrations are run on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
