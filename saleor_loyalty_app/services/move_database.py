"""The whole app moves from one database into another, usually from SQLite to PostgreSQL: all of it or nothing."""

from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from saleor_loyalty_app.running import nothing_runs
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import copy_all, workers
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate

STILL_RUNS = timedelta(minutes=1)
"""A worker that was heard of within this time is taken to run."""


class CannotMove(Exception):
    """Why nothing was moved, and what to do, in words."""


def move_database(app: App, target_url: str) -> dict[str, int]:
    """Copy every row into the empty database at `target_url` and compare each; return how many rows by table.

    Work that was under way goes on there: the first worker that starts finds it. The engine's own tables are not
    moved; it makes new ones. Raises CannotMove or Runs; the target then holds empty tables and nothing else, so that
    it can be tried again. What is said names places, never what stands there.
    """
    target = Database(target_url)
    try:
        with nothing_runs(app.settings.data_dir), app.database.read() as source:
            alive = [name for name, seen in workers.seen(source).items() if app.now() - seen < STILL_RUNS]
            if alive:
                raise CannotMove("The app still runs. Stop every process of it, wait a minute and try again.")
            migrate(target)
            with target.write() as db:
                if filled := copy_all.tables_filled(db):
                    raise CannotMove(f"The new database is not empty ({', '.join(filled)}). Give an empty one.")
                copied = copy_all.copy_rows(source, db)
                if different := copy_all.tables_that_differ(source, db):
                    raise CannotMove(f"What arrived is not what was sent ({', '.join(different)}). Nothing was kept.")
        return copied
    except copy_all.RowRefused as row:
        value = f"the value of {row.column}" if row.column else "it"
        raise CannotMove(
            f"The new database does not take a row of {row.table} ({row.where}): {value} can't be kept there. "
            "Nothing was moved. Put this row right in the old database, then try again."
        ) from None
    except SQLAlchemyError as trouble:
        first_line = str(trouble).partition("\n")[0]
        raise CannotMove(f"The new database can't be used: {first_line}") from trouble
    finally:
        target.close()
