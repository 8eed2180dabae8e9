"""A furnished demo shop with an app of ours installed."""

from collections.abc import Iterator

import pytest
from demo_house import House, furnish
from demo_receiver import Receiver, running_receiver

from saleor_loyalty_app.demo.keys import SigningKeys
from saleor_loyalty_app.demo.running import running_shop


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="session")
def signing_keys() -> SigningKeys:
    """One RSA key for all houses: making one takes longer than most tests."""
    return SigningKeys()


@pytest.fixture
def house(receiver: Receiver, signing_keys: SigningKeys) -> Iterator[House]:
    with running_shop(keys=signing_keys) as demo:
        things = furnish(demo.shop)
        app = demo.shop.apps.install(receiver.manifest_url)
        demo.shop.settle()
        receiver.clear()
        yield House(demo.shop, demo.api_url, receiver, app=app, **things)
