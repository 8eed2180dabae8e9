"""What tests of running the app share: the wire of the services' tests, and one PostgreSQL server per process."""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from factories import Clock, make_settings
from postgres_server import postgres_server
from sqlalchemy import create_engine, text

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.secrets import Vault

for room in ("services", "web"):
    sys.path.append(str(Path(__file__).parents[1] / room))

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server for all tests here."""
    with postgres_server() as url:
        yield url


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """The address of a database of its own, with nothing in it."""
    name = f"of_{next(_NUMBERS)}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgres.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'loyalty.sqlite'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def each_app(empty_database: str, tmp_path: Path, clock: Clock) -> Iterator[App]:
    """The app's means over an empty database, of each kind in turn."""
    settings = make_settings(tmp_path, database_url=empty_database)
    app = App(settings, Database(settings.app_database_url), Vault(settings.secret_keys), now=clock.now)
    migrate(app.database)
    yield app
    app.close()
