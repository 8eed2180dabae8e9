"""A webhook enters: verify the signature, check who it is from and for, keep it. Nothing else happens here."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

import structlog

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.saleor.keys import NO_KEYS, fetch_jwks, find_key
from saleor_loyalty_app.saleor.payloads import Delivery, NotAnEvent, read_delivery
from saleor_loyalty_app.saleor.signature import signature_fits, signing_key_id
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_deliveries import Keeper
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.shops import DORMANT, Shop, change_shop, shop_by_url

log = structlog.get_logger()

KEYS_ARE_FRESH_SECONDS = 5
"""A shop's keys are fetched at most this often, however many unknown key ids arrive."""
SHOP_IS_FRESH_SECONDS = 5
FETCHES_AT_ONCE = 4
"""A shop that is slow to show its keys holds one of these threads, and nothing else."""


class Refused(Exception):
    """A delivery that is not accepted; `reason` is for log and counter and holds nothing from the request.

    With the status 503 the shop brings it again, with any other it does not.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an accepted delivery."""

    event: str
    outcome: str
    """"kept", "own" (caused by this app) or "unused". A repeated delivery is kept once."""


class Doorkeeper:
    """Knows the shops of this process for a few seconds, so that an acknowledgement costs one insert."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._shops: dict[str, tuple[float, Shop]] = {}
        self._looks: dict[int, tuple[float, bool]] = {}
        """By shop: when its keys were last asked for, and whether they came."""
        self._looking = threading.Lock()
        self._fetching = ThreadPoolExecutor(FETCHES_AT_ONCE, "keys")
        self._keeper = Keeper(app)

    async def receive(self, *, saleor_api_url: str, signature: str, raw_body: bytes) -> Kept:
        """Verify and keep one delivery. Raises Refused, or TryAgain when the shop's keys can't be had now.

        What may wait for the database or for the shop is done in a thread.
        """
        shop = self._known(saleor_api_url)
        if shop is None:
            shop = await asyncio.to_thread(self._look_up, saleor_api_url)
        shop = await self._verified(shop, signature, raw_body)
        try:
            delivery = read_delivery(raw_body)
        except NotAnEvent as wrong:
            raise Refused(400, "not_an_event") from wrong
        if delivery.recipient != shop.app_id:
            # After a re-install the id is new; a process that has not noticed yet looks again.
            shop = await asyncio.to_thread(self._look_up, saleor_api_url)
            if delivery.recipient != shop.app_id:
                raise Refused(401, "for_another_app")
        return Kept(delivery.name, await self._keep(shop, delivery, raw_body))

    async def _keep(self, shop: Shop, delivery: Delivery, raw_body: bytes) -> str:
        if delivery.event is None or not delivery.subjects:
            return "unused"
        if delivery.caused_by_app == shop.app_id:
            return "own"
        arrival = inbox.Arrival(
            shop_id=shop.id,
            body_hash=inbox.body_hash(shop.saleor_api_url, raw_body),
            event=delivery.name,
            subjects=delivery.subjects,
            at=self._app.now(),
        )
        await self._keeper.keep(arrival)
        return "kept"

    def _known(self, saleor_api_url: str) -> Shop | None:
        known = self._shops.get(saleor_api_url)
        return known[1] if known and time.monotonic() - known[0] < SHOP_IS_FRESH_SECONDS else None

    def _look_up(self, saleor_api_url: str) -> Shop:
        with self._app.database.read() as db:
            shop = shop_by_url(db, saleor_api_url)
        if shop is None or shop.state == DORMANT or not self._app.settings.allows(saleor_api_url):
            self._shops.pop(saleor_api_url, None)
            raise Refused(401, "unknown_shop")
        self._shops[saleor_api_url] = (time.monotonic(), shop)
        return shop

    async def _verified(self, shop: Shop, signature: str, raw_body: bytes) -> Shop:
        kid = signing_key_id(signature)
        if kid is None:
            raise Refused(401, "no_signature" if not signature else "wrong_signature")
        key = find_key(shop.jwks, kid)
        if key is None:
            loop, context = asyncio.get_running_loop(), copy_context()
            shop = await loop.run_in_executor(self._fetching, context.run, self.with_fresh_keys, shop)
            key = find_key(shop.jwks, kid)
        if key is None:
            # A shop may sign with a new key before it shows it here: its keys were looked at a moment ago, or one of
            # its servers still shows the old ones. A refusal would lose the delivery; so the shop brings it again.
            raise Refused(503, "unknown_key")
        if not signature_fits(signature, raw_body, key):
            raise Refused(401, "wrong_signature")
        return shop

    def with_fresh_keys(self, shop: Shop) -> Shop:
        """The shop with its keys fetched again, at most every few seconds. Raises TryAgain.

        No thread waits for the fetch of another: a flood of unknown keys must not hold them all while a shop is slow.
        """
        with self._looking:
            looked_at, came = self._looks.get(shop.id, (float("-inf"), False))
            if time.monotonic() - looked_at < KEYS_ARE_FRESH_SECONDS:
                if not came:
                    raise TryAgain(NO_KEYS)
                return self._known(shop.saleor_api_url) or self._look_up(shop.saleor_api_url)
            self._looks[shop.id] = (time.monotonic(), False)
        jwks = fetch_jwks(shop.saleor_api_url)
        log.info("keys_fetched", shop=shop.id)
        if jwks != shop.jwks:
            with self._app.database.write() as db:
                change_shop(db, shop.id, jwks=jwks)
        fresh = self._look_up(shop.saleor_api_url)
        self._looks[shop.id] = (time.monotonic(), True)
        return fresh
