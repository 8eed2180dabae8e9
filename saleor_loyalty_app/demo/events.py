"""Which events there are, how a subscription names them, and whom they reach."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from saleor_loyalty_app.demo.people_records import App, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

_ORDER_EVENTS = [
    "ORDER_CREATED",
    "ORDER_UPDATED",
    "ORDER_CONFIRMED",
    "ORDER_PAID",
    "ORDER_FULLY_PAID",
    "ORDER_REFUNDED",
    "ORDER_FULLY_REFUNDED",
    "ORDER_FULFILLED",
    "ORDER_CANCELLED",
    "ORDER_EXPIRED",
    "ORDER_METADATA_UPDATED",
    "ORDER_BULK_CREATED",
    "DRAFT_ORDER_CREATED",
    "DRAFT_ORDER_UPDATED",
    "DRAFT_ORDER_DELETED",
    "FULFILLMENT_CREATED",
    "FULFILLMENT_APPROVED",
    "FULFILLMENT_CANCELED",
]
_USER_EVENTS = [
    "CUSTOMER_CREATED",
    "CUSTOMER_UPDATED",
    "CUSTOMER_DELETED",
    "CUSTOMER_METADATA_UPDATED",
    "ACCOUNT_CONFIRMED",
    "ACCOUNT_DELETED",
]
APP_EVENTS = frozenset(("APP_INSTALLED", "APP_UPDATED", "APP_DELETED", "APP_STATUS_CHANGED"))

PERMISSION_OF = dict.fromkeys(_ORDER_EVENTS, "MANAGE_ORDERS") | dict.fromkeys(_USER_EVENTS, "MANAGE_USERS")
"""What an app must hold to hear of an event; without it the event is silently not sent."""

EVENT_NAMES = tuple(PERMISSION_OF) + tuple(sorted(APP_EVENTS))

Principal = App | User | None


def type_name(event: str) -> str:
    """The type under which a subscription selects an event: ORDER_FULLY_PAID becomes OrderFullyPaid."""
    return "".join(word.capitalize() for word in event.split("_"))


def event_of_type(name: str) -> str | None:
    """The event that a subscription means by a type, or None."""
    return next((event for event in EVENT_NAMES if type_name(event) == name), None)


def built_late(event: str) -> bool:
    """Whether 3.23 makes the payload only when it is delivered, so that it shows the order as it is then."""
    return event in _ORDER_EVENTS


@dataclass(slots=True)
class Happening:
    """One event for one app, in the shape that a subscription query selects from.

    Orders are named by key and looked up when the payload is made; users and apps are kept themselves,
    because they can be told of after they are gone.
    """

    event: str
    issued_at: datetime
    issuing_principal: Principal
    order_keys: tuple[str, ...] = ()
    user: User | None = None
    app: App | None = None

    @property
    def type_name(self) -> str:
        """The GraphQL type."""
        return type_name(self.event)


def reaches(event: str, app: App, *, self_told: bool) -> bool:
    """Whether an app is told of an event: it needs the permission and must be active.

    self_told: since 3.23.5 an app hears of its own installation, status and removal, even while inactive;
    before, that takes MANAGE_APPS and an active app.
    """
    if event in APP_EVENTS:
        return self_told or (app.is_active and "MANAGE_APPS" in app.permission_codes)
    return app.is_active and PERMISSION_OF[event] in app.permission_codes


def emit(
    shop: "Shop",
    event: str,
    *,
    by: Principal = None,
    orders: tuple[Any, ...] = (),
    user: User | None = None,
    app: App | None = None,
) -> None:
    """Queue an event for every webhook that is to hear of it; `app` alone is told of its own fate."""
    happening = Happening(event, shop.now(), by, tuple(order.pk for order in orders), user, app)
    for listener in [app] if app is not None else list(shop.apps.installed.values()):
        if not reaches(event, listener, self_told=shop.version_tuple >= (3, 23, 5)):
            continue
        for webhook in listener.webhooks:
            if webhook.is_active and event in webhook.events:
                shop.deliveries.queue(webhook, happening)
