"""The shop is asked how its connection to the app stands: permissions, webhooks, deliveries that failed.

Looking changes nothing in the shop; `services/tend_shop.py` puts right what can be put right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import OPTIONAL_PERMISSIONS, REQUIRED_PERMISSIONS
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.tend_shop import GOOD, WebhookState, compare_webhooks, is_alive, knows_later_events
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.shops import ACTIVE, Shop

NOT_KNOWN = Saying(
    "The shop does not know the app's token: the app was deactivated or removed there. Activate it under Extensions "
    "or install it again."
)
DELIVERIES_PER_WEBHOOK = 5
DELIVERIES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDelivery:
    """One event that Saleor could not deliver and has given up."""

    event_type: str
    """Saleor's name: "ORDER_CREATED"."""
    at: datetime
    status: int | None
    """What the app's server answered last; None when no answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What the shop says about itself and the app. With `trouble` nothing else is known."""

    trouble: Saying | None = None
    shop_name: str = ""
    saleor_version: str = ""
    permissions: frozenset[str] = frozenset()
    webhooks: tuple[WebhookState, ...] = ()
    failed_deliveries: tuple[FailedDelivery, ...] = ()
    """The newest ones; Saleor keeps them for about two weeks."""
    deliveries_trouble: Saying | None = None
    """Why the failed deliveries are not known."""

    @property
    def missing_required(self) -> tuple[str, ...]:
        """Codes of permissions without which the app does not work."""
        return tuple(code for code in REQUIRED_PERMISSIONS if code not in self.permissions)

    @property
    def missing_optional(self) -> tuple[str, ...]:
        """Codes of permissions without which something is left out."""
        return tuple(code for code in OPTIONAL_PERMISSIONS if code not in self.permissions)

    @property
    def wrong_webhooks(self) -> tuple[WebhookState, ...]:
        """Webhooks that are not as they should be."""
        return tuple(one for one in self.webhooks if one.state != GOOD)


def look_at_shop(app: App, shop: Shop) -> Connection:
    """Ask the shop. Trouble is a part of the answer, never an exception."""
    try:
        client = app.client(shop)
        if not is_alive(client):
            return Connection(trouble=NOT_KNOWN)
        answer = client.ask("ShopAndApp")
        later = knows_later_events(client)
        deliveries, trouble = _deliveries(client)
    except (TryAgain, HumanMustAct) as failed:
        return Connection(trouble=failed.saying)
    return Connection(
        shop_name=answer["shop"]["name"] or "",
        saleor_version=answer["shop"]["version"],
        permissions=frozenset(permission["code"] for permission in answer["app"]["permissions"]),
        webhooks=compare_webhooks(answer["app"]["webhooks"], later=later, public_url=app.settings.public_url),
        failed_deliveries=deliveries,
        deliveries_trouble=trouble,
    )


def look_for_staff(app: App, shop: Shop) -> Connection:
    """The same at a person's wish: when it is better than what was known, what waited for that goes on at once."""
    connection = look_at_shop(app, shop)
    if connection.trouble is None and (shop.state != ACTIVE or connection.permissions - shop.permissions):
        now = app.now()
        with app.database.write() as db:
            work.want(db, shop.id, "shop:", due_at=now, now=now, at_once=True)
    return connection


def _deliveries(client: ShopClient) -> tuple[tuple[FailedDelivery, ...], Saying | None]:
    try:
        answer = client.ask("AppDeliveries", first=DELIVERIES_PER_WEBHOOK)
    except (TryAgain, HumanMustAct) as failed:
        return (), failed.saying
    found = sorted(_read(answer["app"]), key=lambda one: one.at, reverse=True)
    return tuple(found[:DELIVERIES_SHOWN]), None


def _read(app: dict[str, Any]) -> Iterator[FailedDelivery]:
    for webhook in app["webhooks"]:
        for edge in (webhook["eventDeliveries"] or {"edges": []})["edges"]:
            node = edge["node"]
            attempts = (node["attempts"] or {"edges": []})["edges"]
            yield FailedDelivery(
                event_type=node["eventType"],
                at=datetime.fromisoformat(node["createdAt"]),
                status=attempts[0]["node"]["responseStatusCode"] if attempts else None,
            )
