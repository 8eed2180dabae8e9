"""Sends webhooks: late, in no fixed order, five times again on 5xx and silence, never again on 3xx and 4xx."""

import heapq
import itertools
import logging
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import requests

from saleor_loyalty_app.demo.events import Happening, built_late
from saleor_loyalty_app.demo.ids import global_id
from saleor_loyalty_app.demo.payloads import build_body
from saleor_loyalty_app.demo.people_records import Webhook

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

_log = logging.getLogger(__name__)

RETRY_SECONDS = (10, 20, 40, 80, 160)
TIMEOUT_SECONDS = (2.0, 18.0)


@dataclass(slots=True)
class Attempt:
    """One try at a delivery, as the API lists it; a code of None means that no answer came."""

    TYPE: ClassVar[str] = "EventDeliveryAttempt"
    pk: int
    created_at: datetime
    duration: float
    response: str
    response_status_code: int | None
    status: str

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one webhook. The body and its signature are made once and sent alike each time."""

    TYPE: ClassVar[str] = "EventDelivery"
    pk: int
    webhook: Webhook
    happening: Happening
    created_at: datetime
    status: str = "PENDING"
    body: bytes = b""
    signature: str = ""
    tries: list[Attempt] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def event_type(self) -> str:
        """The event, in capitals as the API names it."""
        return self.happening.event

    @property
    def payload(self) -> str:
        """The body as it was or will be sent."""
        return self.body.decode()


class Deliveries:
    """The queue and the threads that work on it. `time_scale` shortens the waits between tries."""

    def __init__(self, shop: "Shop", *, time_scale: float = 1.0, threads: int = 2) -> None:
        """Nothing is sent before `start`."""
        self.failed: deque[Delivery] = deque(maxlen=2000)
        self.sent: deque[Delivery] = deque(maxlen=5000)
        self._shop = shop
        self._time_scale = time_scale
        self._threads = threads
        self._heap: list[tuple[float, int, Delivery]] = []
        self._busy = 0
        self._serial = itertools.count(1)
        self._changed = threading.Condition()
        self._running = False
        self._session = requests.Session()
        self._session.trust_env = False

    def start(self) -> None:
        """Begin to send, in background threads."""
        self._running = True
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"demo-webhooks-{number}", daemon=True).start()

    def stop(self) -> None:
        """Send nothing more; what is queued stays where it is."""
        with self._changed:
            self._running = False
            self._changed.notify_all()
        self._session.close()

    def queue(self, webhook: Webhook, happening: Happening) -> None:
        """Put an event on its way."""
        delivery = Delivery(next(self._serial), webhook, happening, happening.issued_at)
        if not (built_late(happening.event) and self._shop.version_tuple >= (3, 23)):
            self._make_body(delivery)
        self._put(delivery, self._shop.fate.delivery_delay_seconds())

    def send_again(self, delivery: Delivery) -> int | None:
        """Send what arrived long ago once more, as it was; returns the HTTP code, None when no answer came."""
        return self._try(delivery)

    def pending(self, webhook: Webhook | None = None) -> list[Delivery]:
        """What is still to be sent (again), of one webhook or of all."""
        with self._changed:
            return [entry[2] for entry in sorted(self._heap) if webhook in (None, entry[2].webhook)]

    def settle(self, timeout_seconds: float = 10.0) -> None:
        """Wait until everything has been sent or given up; raises TimeoutError when that takes too long."""
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while self._heap or self._busy:
                if not self._changed.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise TimeoutError(f"{len(self._heap) + self._busy} webhooks are still on their way.")

    def _put(self, delivery: Delivery, wait_seconds: float) -> None:
        with self._changed:
            heapq.heappush(self._heap, (time.monotonic() + wait_seconds, next(self._serial), delivery))
            self._changed.notify_all()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            try:
                self._deliver(delivery)
            except Exception:
                _log.exception("The payload of %s could not be made", delivery.event_type)
                self._close(delivery, "FAILED")
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while self._running:
                now = time.monotonic()
                if self._heap and self._heap[0][0] <= now:
                    self._busy += 1
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(self._heap[0][0] - now if self._heap else None)
        return None

    def _make_body(self, delivery: Delivery) -> None:
        if delivery.body:
            return
        with self._shop.lock:
            delivery.body = build_body(self._shop, delivery.webhook, delivery.happening)
            delivery.signature = self._shop.keys.sign_body(delivery.body)

    def _deliver(self, delivery: Delivery) -> None:
        app = delivery.webhook.app
        if not app.is_active and delivery.happening.app is None:
            self._close(delivery, "FAILED")
            return
        self._make_body(delivery)
        code = self._try(delivery)
        if code is not None and 200 <= code < 300:
            self._close(delivery, "SUCCESS")
            for _ in range(self._shop.fate.more_copies()):
                self._try(delivery)
        elif (code is None or code >= 500) and len(delivery.tries) <= len(RETRY_SECONDS):
            self._put(delivery, RETRY_SECONDS[len(delivery.tries) - 1] * self._time_scale)
        else:
            self._close(delivery, "FAILED")

    def _try(self, delivery: Delivery) -> int | None:
        """Send once; returns the HTTP code, or None when no answer came."""
        begun = time.monotonic()
        code: int | None = None
        try:
            answer = self._session.post(
                delivery.webhook.target_url,
                data=delivery.body,
                headers=self._headers(delivery),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            code, text = answer.status_code, answer.text[:1000]
        except requests.RequestException as problem:
            text = str(problem)[:1000]
        status = "SUCCESS" if code is not None and code < 300 else "FAILED"
        delivery.tries.append(
            Attempt(next(self._serial), self._shop.now(), time.monotonic() - begun, text, code, status)
        )
        return code

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        """Saleor's headers. Host comes without its port, as it does while Saleor's address filter is on."""
        event, domain = delivery.happening.event.lower(), self._shop.domain
        return {
            "User-Agent": self._shop.user_agent,
            "Content-Type": "application/json",
            "X-Saleor-Event": event,
            "X-Saleor-Domain": domain,
            "X-Saleor-Signature": delivery.signature,
            "Saleor-Event": event,
            "Saleor-Domain": domain,
            "Saleor-Signature": delivery.signature,
            "Saleor-Api-Url": self._shop.api_url,
            "traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
            "Host": urlsplit(delivery.webhook.target_url).hostname or "",
            **delivery.webhook.custom_headers,
        }

    def _close(self, delivery: Delivery, status: str) -> None:
        delivery.status = status
        (self.sent if status == "SUCCESS" else self.failed).append(delivery)
