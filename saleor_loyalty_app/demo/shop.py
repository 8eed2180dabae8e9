"""The demo shop's state, and everything that can happen in it. All of it is in memory, behind one lock.

Each method does what the matching act in Saleor does, and fires the same webhooks.
"""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from saleor_loyalty_app.demo.apps import Apps
from saleor_loyalty_app.demo.catalogue import Catalogue
from saleor_loyalty_app.demo.customers import Customers
from saleor_loyalty_app.demo.deliveries import Deliveries
from saleor_loyalty_app.demo.desk import Desk
from saleor_loyalty_app.demo.keys import SigningKeys
from saleor_loyalty_app.demo.mischief import CALM, Fate, Mischief
from saleor_loyalty_app.demo.orders import Orders
from saleor_loyalty_app.demo.payments import Payments
from saleor_loyalty_app.demo.tokens import ACCESS_SECONDS


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class Shop:
    """One Saleor, as far as the app can see it.

    Its parts: `catalogue` (channels, products, vouchers, promotions), `customers`, `orders`
    (how they come), `payments` (money), `desk` (what is done with orders), `apps`, `deliveries` (webhooks on
    their way), `keys`, and `fate` (what goes wrong).
    """

    def __init__(
        self,
        *,
        api_url: str = "http://127.0.0.1:8010/graphql/",
        name: str = "Saleor e-commerce",
        version: str = "3.23.28",
        mischief: Mischief = CALM,
        time_scale: float = 1.0,
        delivery_threads: int = 2,
        orders_without_origin: bool = False,
        debug: bool = False,
        legacy_update_webhooks: bool = True,
        app_token_seconds: int = ACCESS_SECONDS,
        seed: int | None = None,
        keys: SigningKeys | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """An empty shop.

        time_scale shortens the waits between tries of a webhook (0.001: ten seconds become ten
        milliseconds). orders_without_origin makes a list that asks for `origin` fail as a whole.
        debug shows the text of unexpected errors, as Saleor's DEBUG does. legacy_update_webhooks makes
        a user's new metadata fire CUSTOMER_UPDATED as well. app_token_seconds is how long the tokens live that
        the dashboard hands to apps. seed makes the keys of orders the same each
        time; keys spares making an RSA key.
        """
        self.api_url = api_url
        self.name = name
        self.version = version
        self.orders_without_origin = orders_without_origin
        self.debug = debug
        self.legacy_update_webhooks = legacy_update_webhooks
        self.app_token_seconds = app_token_seconds
        self.now = clock
        self.lock = threading.RLock()
        self._keys = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - keys for play
        self.calls: Counter[str] = Counter()
        self.sorted_lists: dict[str, tuple[str, list[Any]]] = {}
        self.keys = keys or SigningKeys()
        self.fate = Fate(mischief)
        self.catalogue = Catalogue(self)
        self.customers = Customers(self)
        self.orders = Orders(self)
        self.payments = Payments(self)
        self.desk = Desk(self)
        self.apps = Apps(self)
        self.deliveries = Deliveries(self, time_scale=time_scale, threads=delivery_threads)

    def new_key(self) -> str:
        """A fresh UUID, drawn from the seed when there is one."""
        return str(uuid.UUID(int=self._keys.getrandbits(128), version=4))

    @property
    def version_tuple(self) -> tuple[int, ...]:
        """The version as numbers, to compare with."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def schema_version(self) -> str:
        """What Saleor puts into the header Saleor-Schema-Version: major and minor only."""
        return ".".join(self.version.split(".")[:2])

    @property
    def user_agent(self) -> str:
        """What every request of the shop calls itself."""
        return f"Saleor/{self.schema_version}"

    @property
    def domain(self) -> str:
        """Host and port of the API, as in the header Saleor-Domain."""
        return urlsplit(self.api_url).netloc

    def settle(self, timeout_seconds: float = 10.0) -> None:
        """Wait until every webhook has arrived or has been given up."""
        self.deliveries.settle(timeout_seconds)

    def operation_count(self, names: Sequence[str]) -> int:
        """How often operations of these names were asked of the API."""
        return sum(self.calls[name] for name in names)
