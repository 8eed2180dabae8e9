"""New databases of both kinds, as an installation has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from postgres_server import running_postgres

DATABASES = ("sqlite", "postgresql")


@contextmanager
def database_of(kind: str) -> Iterator[str]:
    """The address of a new database; "" for SQLite in the data folder. PostgreSQL waits for its disk, as in life."""
    if kind == "sqlite":
        yield ""
        return
    with running_postgres(durable=True) as server:
        yield server.url
