"""The connections of the durable engine itself to its tables: a file of its own, or the app's PostgreSQL."""

import time
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

from saleor_loyalty_app.store.database import make_engine, set_pragmas


def engine_connections(url: str, *, pool_size: int) -> Engine:
    """What the engine is given to work with. On SQLite it opens its transactions by itself, so it gets plain
    connections that take the write lock at once (design §4, guard rail 2)."""
    if make_url(url).get_backend_name() != "sqlite":
        return make_engine(url, pool_size=pool_size)
    engine = create_engine(url, pool_size=pool_size, connect_args={"isolation_level": "IMMEDIATE"})
    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "connect", _spare_the_disk)
    event.listen(engine, "connect", _add_unixepoch)
    return engine


def _spare_the_disk(connection: Any, _record: object) -> None:
    # What a power cut takes from this file is found again: our own table says which rounds were begun, and a round
    # that has ended is left alone. A killed process loses nothing.
    connection.execute("PRAGMA synchronous = NORMAL")


def _add_unixepoch(connection: Any, _record: object) -> None:
    # SQLite before 3.42 knows no unixepoch('subsec'), which the engine's tables use as a default (guard rail 1).
    connection.create_function("unixepoch", 1, lambda _modifier: time.time())
