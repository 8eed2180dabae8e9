"""A furnished demo shop with an app of ours installed, for the tests of this folder."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
from demo_receiver import Receiver

from saleor_loyalty_app.demo.catalogue_records import Channel, Variant
from saleor_loyalty_app.demo.people_records import App, User
from saleor_loyalty_app.demo.shop import Shop


@dataclass
class House:
    """A shop, its goods and people, and the app that listens."""

    shop: Shop
    api_url: str
    receiver: Receiver
    channel: Channel
    careful: Channel
    tee: Variant
    shirt: Variant
    gift: Variant
    untracked: Variant
    sold_out: Variant
    unpublished: Variant
    unlisted: Variant
    melissa: User
    admin: User
    app: App

    def ask(self, query: Any, variables: Any = None, *, token: str | None = "") -> requests.Response:
        """Ask the API, as the app unless a token (or None) is given."""
        bearer = self.app.token if token == "" else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return requests.post(
            self.api_url, json={"query": query, "variables": variables or {}}, headers=headers, timeout=10
        )

    def data(self, query: str, variables: Any = None, *, token: str | None = "") -> Any:
        answer = self.ask(query, variables, token=token).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def place(self, *, paid: bool = True, careful: bool = True, **more: Any) -> Any:
        """An order of 65.00, by default in the channel that does not confirm by itself."""
        items = more.pop("items", [(self.tee, 1), (self.shirt, 1)])
        settings = {"customer": self.melissa} if "email" not in more else {}
        return self.shop.orders.place(
            items,
            channel=self.careful if careful else self.channel,
            payment="full" if paid else "none",
            **settings,
            **more,
        )

    def arrived(self) -> list[str]:
        """What was sent since the last time, sorted."""
        self.shop.settle()
        names = sorted(self.receiver.events)
        self.receiver.clear()
        return names


def furnish(shop: Shop) -> dict[str, Any]:
    listed = {"default-channel": Decimal("20.00"), "careful": Decimal("20.00")}
    channels = {
        "channel": shop.catalogue.add_channel("default-channel", "USD", "US"),
        "careful": shop.catalogue.add_channel("careful", "USD", "US", confirms_orders=False),
    }
    add = shop.catalogue.add_product
    goods = {
        "tee": add("Monospace Tee", listed, sku="328223580", category=shop.catalogue.add_category("shirts")),
        "shirt": add("Blue Polygon Shirt", dict.fromkeys(listed, Decimal("45.00")), sku="218223580", weight_kg=0.4),
        "gift": add("Lab Gift Mug", listed, sku="LAB-GIFTONLY", stock=5, gift_only=True),
        "untracked": add("Lab Gift not tracked", listed, sku="LAB-NOTRACK", stock=None),
        "sold_out": add("Sold out", listed, sku="LAB-OUT", stock=0),
        "unpublished": add("Unpublished", listed, sku="LAB-UNPUB", published=False),
        "unlisted": add("Unlisted", {}, sku="LAB-UNLISTED"),
    }
    address = shop.customers.address(
        "Melissa", "Sanders", street="1 Bay", city="SAN FRANCISCO", code="94102", country="US"
    )
    melissa = shop.customers.create("melissa.sanders@example.com", "Melissa", "Sanders", address=address, quiet=True)
    admin = shop.customers.create_staff("admin@example.com")
    return {**channels, **goods, "melissa": melissa, "admin": admin}
