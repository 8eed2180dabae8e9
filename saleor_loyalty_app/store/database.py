"""One door to the database: SQLite (WAL) in a file, or PostgreSQL. `read()` and `write()` are transactions."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Transaction, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

BUSY_TIMEOUT_MS = 15_000
REACH_POSTGRES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that is cut off is given up after some 25 seconds; the system's own limits are hours."""
LET_GO_OF_THE_LOST = """
SELECT set_config('idle_in_transaction_session_timeout', '30s', false), set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false),
       set_config('tcp_user_timeout', '20000', false)
"""
"""The other way round: the server gives up a client that is cut off or stands still in the middle of a transaction,
whose locks would keep everybody else waiting."""
ASKED_AFTER_SECONDS = 1.0
"""A connection to PostgreSQL that nobody used for so long is asked whether its server is still there."""


_found_by: WeakKeyDictionary[Transaction, dict[Any, Any]] = WeakKeyDictionary()


def found_by(db: Connection) -> dict[Any, Any]:
    """What this very transaction has found out, for who would ask the same again a moment later; it goes with it."""
    transaction = db.get_transaction()
    return {} if transaction is None else _found_by.setdefault(transaction, {})


class Database:
    """An engine with its transactions. SQLite has one writer at a time: writers of this process queue here."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.engine = make_engine(url, pool_size=pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writer: AbstractContextManager[Any] = threading.RLock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; many at a time."""
        with self.engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                # Each statement of a transaction sees what was committed before it there; where nothing is written,
                # its beginning and its end would be two more questions to the server, and nothing else.
                _commit_each_statement(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: all of it or nothing."""
        immediate = {"begin": "BEGIN IMMEDIATE"}
        with self._writer, self.engine.connect().execution_options(**immediate) as connection, connection.begin():
            yield connection

    @contextmanager
    def write_at_once(self) -> Iterator[Connection]:
        """For one statement, which is a transaction by itself: nothing is spent on its beginning and its end."""
        with self._writer, self.engine.connect().execution_options(begin=None) as connection, connection.begin():
            if not self.is_sqlite:
                _commit_each_statement(connection)
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def make_engine(url: str, *, pool_size: int = 8) -> Engine:
    """An engine with this app's settings: WAL, full sync and immediate write transactions on SQLite.

    Errors name no parameters: they would carry people's names into the log.
    """
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=4, pool_use_lifo=True, hide_parameters=True,
            connect_args=REACH_POSTGRES,
        )  # fmt: skip
        event.listen(engine, "connect", _let_go_of_the_lost)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _make_ready)
        return engine
    file = make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=QueuePool, pool_size=pool_size, max_overflow=8, hide_parameters=True)
    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _commit_each_statement(connection: Connection) -> None:
    cast(Any, connection.connection.dbapi_connection).autocommit = True


def _let_go_of_the_lost(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LET_GO_OF_THE_LOST)
    connection.commit()


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _make_ready(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    # Asked before each transaction, it would be one more question to the server in every one of them.
    if time.monotonic() - record.info.get("used_at", time.monotonic()) > ASKED_AFTER_SECONDS:
        connection.autocommit = True
        try:
            connection.execute("")
        except connection.Error as gone:
            raise InvalidatePoolError from gone  # all connections of before are opened anew
    connection.autocommit = False


def set_pragmas(connection: Any, _record: object) -> None:
    """How every SQLite connection of this app is set up."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged webhook survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    if begin := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(begin)
