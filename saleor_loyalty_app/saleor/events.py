"""What we react to, in one table. Manifest, webhooks, permissions and the work that follows are derived from it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of delivery: its `__typename`, what it is about, and since when an app gets it."""

    name: str
    about: str
    """What work it leads to: "order", "customer", "erasure", "shop" or "removal"."""
    everywhere: bool = True
    """In the manifest; otherwise registered after the install, where the shop knows it (3.23.5 and later)."""

    @property
    def type(self) -> str:
        """Saleor's enum value: OrderFullyPaid -> ORDER_FULLY_PAID."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).upper()


EVENTS = (
    Event("OrderCreated", "order"),
    Event("OrderUpdated", "order"),
    Event("OrderConfirmed", "order"),
    Event("OrderFullyPaid", "order"),
    Event("OrderCancelled", "order"),
    Event("OrderExpired", "order"),
    Event("OrderRefunded", "order"),
    Event("OrderFullyRefunded", "order"),
    Event("OrderFulfilled", "order"),
    Event("OrderBulkCreated", "order"),
    Event("CustomerUpdated", "customer"),
    Event("AccountConfirmed", "customer"),
    Event("AccountDeleted", "erasure"),
    Event("CustomerDeleted", "erasure", everywhere=False),
    Event("AppDeleted", "removal", everywhere=False),
    Event("AppStatusChanged", "shop", everywhere=False),
)

BY_NAME = {event.name: event for event in EVENTS}

REQUIRED_PERMISSIONS = ("MANAGE_ORDERS", "MANAGE_USERS")
OPTIONAL_PERMISSIONS = {
    "MANAGE_DISCOUNTS": "reading running promotions before an extra is added as an order line",
    "MANAGE_PRODUCTS": "keeping the stock of extras that are variants of the shop",
}
"""Asked for up front, because Saleor does not let an app ask later; without one, only what is named here is missing."""


def permissions() -> list[str]:
    """All permissions the manifest asks for, the required ones first."""
    return [*REQUIRED_PERMISSIONS, *OPTIONAL_PERMISSIONS]
