"""A backup of the embedded database while the app works, and its way back. PostgreSQL has its own programs for both.

Only the app's own tables are kept: the engine's file says what was being done at a moment, and is made anew.
"""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, select

from saleor_loyalty_app.running import nothing_runs
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import workers
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.sealed import sealed_columns

BESIDE = ("", "-wal", "-shm")
"""A SQLite database is these files together: the file itself, and what was written last."""


class CannotBackUp(Exception):
    """Why there is no backup, or why one was not restored, and what to do, in words."""


def back_up(app: App, folder: Path) -> Path:
    """Write a backup of the embedded database into a folder; return the new file. The app may go on meanwhile.

    Raises CannotBackUp. Nothing is left behind when it breaks off.
    """
    source = _embedded(app, "pg_dump --format=custom --file=loyalty.dump …")
    if not source.exists():
        raise CannotBackUp(f"There is no database at {source} yet.")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"loyalty-{_stamp(app.now())}.sqlite"
    part = target.with_suffix(".part")
    try:
        _copy(source, part)
        if problem := _problem_of(part):
            raise CannotBackUp(f"The copy is not sound ({problem}). Nothing was kept; is the disk all right?")
        part.rename(target)
    except (OSError, sqlite3.Error) as trouble:
        raise CannotBackUp(f"The backup could not be written: {trouble}") from trouble
    finally:
        part.unlink(missing_ok=True)
    return target


def restore(app: App, backup: Path) -> Path | None:
    """Put a backup in the place of the embedded database; return where the one of before lies now, if there was one.

    Raises CannotBackUp, Runs, NewerDatabase or UnreadableSecret; then everything is as it was.
    """
    target = _embedded(app, "pg_restore --clean --dbname=… loyalty.dump")
    with nothing_runs(app.settings.data_dir):
        if problem := _problem_of(backup):
            raise CannotBackUp(f"{backup} is no sound backup ({problem}).")
        made = target.with_suffix(".restored")
        try:
            _copy(backup, made)
            _make_ready(app, made)
            aside = _put_aside(target, _stamp(app.now()))
            made.rename(target)
        finally:
            for end in BESIDE:
                Path(f"{made}{end}").unlink(missing_ok=True)
        engine = Path(make_url(app.settings.engine_database_url).database or "")
        for end in BESIDE:
            Path(f"{engine}{end}").unlink(missing_ok=True)
    return aside


def _embedded(app: App, instead: str) -> Path:
    url = make_url(app.settings.app_database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise CannotBackUp(f"The app uses PostgreSQL, which has its own program for this: {instead}")
    return Path(url.database)


def _copy(source: Path, target: Path) -> None:
    """The database as it stands at one moment, whoever writes meanwhile; readable for its owner only."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file alone, which every program can read and copy
    os.fsync(handle)
    os.close(handle)


def _problem_of(file: Path) -> str:
    """What is wrong with a file that should be this app's database; "" when nothing is."""
    if not file.is_file():
        return "there is no such file"
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            found = str(db.execute("PRAGMA integrity_check").fetchone()[0])
            if found != "ok":
                return found.partition("\n")[0]
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'tier_decisions'").fetchone():
                return "it holds none of the app's tables"
    except sqlite3.Error as trouble:
        return str(trouble)
    return ""


def _make_ready(app: App, file: Path) -> None:
    """Bring its tables up to date and try the keys on its secrets, before it takes the place of anything."""
    database = Database(f"sqlite:///{file}")
    try:
        migrate(database)
        with database.write() as db:
            for name in workers.seen(db):
                workers.drop_lease(db, name)
            for table, column in sealed_columns():
                for sealed in db.scalars(select(column).where(column.is_not(None)).select_from(table)):
                    app.vault.open(sealed)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def _put_aside(target: Path, stamp: str) -> Path | None:
    if not target.exists():
        return None
    aside = target.with_name(f"{target.stem}-before-{stamp}.sqlite")
    for end in BESIDE:
        if (part := Path(f"{target}{end}")).exists():
            part.rename(f"{aside}{end}")
    return aside


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"
