"""What tests of the store share: a database of the first release, as it is found before an update."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from postgres_server import postgres_server

from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import alembic_config


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as the first release left it."""
    if request.param == "sqlite":
        yield from _of_the_first_release(f"sqlite:///{tmp_path / 'old.sqlite'}")
    else:
        with postgres_server() as url:
            yield from _of_the_first_release(url)


def _of_the_first_release(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.write() as db:
        command.upgrade(alembic_config(db), "0001")
    yield database
    database.close()
