"""The app's means, handed to every service: settings, database, vault, clock, and one client per shop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import Shop

LONG_AGO = datetime.min.replace(tzinfo=UTC)
REMOVED = Saying("The app was removed from this shop. Install it again to go on.")


def utc_now() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, eq=False)
class App:
    """What services work with. `now` is the only clock they look at.

    `started_at` is when this process began to: what happened before may be missing in a database that was restored.
    """

    settings: Settings
    database: Database
    vault: Vault
    now: Callable[[], datetime] = utc_now
    started_at: datetime = LONG_AGO
    _clients: dict[int, tuple[bytes, ShopClient]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, shop: Shop) -> ShopClient:
        """The session with a shop. Raises HumanMustAct when the shop has removed the app."""
        if shop.sealed_token is None:
            raise HumanMustAct(REMOVED)
        with self._lock:
            known = self._clients.get(shop.id)
            if known and known[0] == shop.sealed_token:
                return known[1]
            client = ShopClient(
                shop.saleor_api_url,
                self.vault.open(shop.sealed_token).decode(),
                requests_per_minute=self.settings.requests_per_minute,
            )
            self._clients[shop.id] = (shop.sealed_token, client)
            return client

    def secret(self, shop: Shop) -> bytes:
        """The shop's own secret for keyed hashes."""
        return self.vault.open(shop.sealed_secret)

    def close(self) -> None:
        """Close all sessions and the database."""
        with self._lock:
            for _, client in self._clients.values():
                client.close()
            self._clients.clear()
        self.database.close()


def open_app(settings: Settings) -> App:
    """The app's means from its settings."""
    return App(
        settings=settings,
        database=Database(settings.app_database_url),
        vault=Vault(settings.secret_keys),
        started_at=utc_now(),
    )
