"""What is written down as begun reaches the shop at once or never, over real connections."""

from collections.abc import Iterator

import pytest

from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.saleor import connections
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import TryAgain


@pytest.fixture
def demo() -> Iterator[DemoShop]:
    with running_shop() as demo:
        yield demo


def test_a_process_that_stood_still_on_the_last_inch_sends_nothing(
    demo: DemoShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ShopClient(demo.api_url, "T0kenOfTheAppInTheShopOfTests0")
    client.ask_partly("AppAlive")
    late = client.ready(within_seconds=5)
    in_time = client.ready(within_seconds=5)
    now = connections.time_that_passed()
    monkeypatch.setattr(connections, "time_that_passed", lambda: now + 60)  # by the time the bytes would go out
    with pytest.raises(TryAgain, match="stood still"):
        late.ask_partly("AppAlive")
    monkeypatch.undo()
    in_time.ask_partly("AppAlive")
    assert demo.shop.calls["AppAlive"] == 2
    client.close()
