"""What the tests of hostile requests share: two furnished shops, and a wire on which they only show their keys."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from factories import jwks

sys.path.append(str(Path(__file__).parents[1] / "web"))  # the house of the tests of pages

from two_shops import Furnished, Made, first_shop, make_app, second_shop

from saleor_loyalty_app.services.app import App


@pytest.fixture(scope="session")
def made(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("two-shops")
    shutil.copy(migrated_file, folder / "loyalty.sqlite")
    app = make_app(folder)
    ours, theirs = first_shop(app), second_shop(app)
    ours.has_trouble()
    theirs.has_trouble()
    with app.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    app.close()
    return Made(folder / "loyalty.sqlite", ours, theirs)


@pytest.fixture
def app(made: Made, tmp_path: Path) -> Iterator[App]:
    """The app's means over a copy of the database with both shops."""
    shutil.copy(made.file, tmp_path / "loyalty.sqlite")
    app = make_app(tmp_path)
    yield app
    app.close()


@pytest.fixture
def empty_app(migrated_file: Path, tmp_path: Path) -> Iterator[App]:
    """The app's means over an empty database."""
    shutil.copy(migrated_file, tmp_path / "loyalty.sqlite")
    app = make_app(tmp_path)
    yield app
    app.close()


@pytest.fixture
def wire(mocked: responses.RequestsMock) -> responses.RequestsMock:
    """Both shops show their keys and answer nothing else."""
    for host, key in (("shop", "shop"), ("other", "other")):
        mocked.add(responses.GET, f"https://{host}.example.com/.well-known/jwks.json", json=jwks(key))
    mocked.add(responses.POST, re.compile("https?://.*"), status=503)
    return mocked


@pytest.fixture
def ours(app: App, made: Made, wire: responses.RequestsMock) -> Furnished:
    return made.ours.moved_to(app)


@pytest.fixture
def theirs(app: App, made: Made, wire: responses.RequestsMock) -> Furnished:
    return made.theirs.moved_to(app)
