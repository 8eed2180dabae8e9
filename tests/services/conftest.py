"""A shop on the wire that has installed the app, for every test of a service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from factories import Clock, add_installed_shop, make_settings
from postgres_server import postgres_server
from wire import ShopWire

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import Shop


@pytest.fixture
def wire(mocked: responses.RequestsMock) -> ShopWire:
    wire = ShopWire()
    wire.listen(mocked)
    return wire


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    return add_installed_shop(app)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def busy_app(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[App]:
    """An app on each of the databases, for what several threads do at the same moment."""
    if request.param == "sqlite":
        yield from _an_app(f"sqlite:///{tmp_path / 'busy.sqlite'}", tmp_path, clock)
    else:
        with postgres_server() as url:
            yield from _an_app(url, tmp_path, clock)


def _an_app(url: str, folder: Path, clock: Clock) -> Iterator[App]:
    settings = make_settings(folder, database_url=url)
    app = App(settings=settings, database=Database(url), vault=Vault(settings.secret_keys), now=clock.now)
    migrate(app.database)
    yield app
    app.close()
