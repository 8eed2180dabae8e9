"""A shop on the wire that has installed the app, for every test of a service."""

import pytest
import responses
from factories import add_installed_shop
from wire import ShopWire

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop


@pytest.fixture
def wire(mocked: responses.RequestsMock) -> ShopWire:
    wire = ShopWire()
    wire.listen(mocked)
    return wire


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    return add_installed_shop(app)
