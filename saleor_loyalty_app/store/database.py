"""One door to the database: SQLite (WAL) in a file, or PostgreSQL. `read()` and `write()` are transactions."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

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
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: all of it or nothing."""
        with self._writer, self.engine.connect().execution_options(writes=True) as connection, connection.begin():
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
            url, pool_size=pool_size, max_overflow=4, pool_pre_ping=True, hide_parameters=True,
            connect_args=REACH_POSTGRES,
        )  # fmt: skip
        event.listen(engine, "connect", _let_go_of_the_lost)
        return engine
    file = make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=QueuePool, pool_size=pool_size, max_overflow=8, hide_parameters=True)
    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _let_go_of_the_lost(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LET_GO_OF_THE_LOST)
    connection.commit()


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
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
