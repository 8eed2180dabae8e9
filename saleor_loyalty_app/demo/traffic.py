"""Lets things happen in a furnished shop: people buy, some change their minds."""

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from saleor_loyalty_app.demo.history import basket, buyer_fields, shipping_for
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people import Furnished, Person

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

WORDS = {
    "DE": (
        "Bitte beim Nachbarn abgeben, ich bin tagsüber nicht da.",
        "Das ist ein Geschenk, bitte keine Rechnung beilegen.",
        "Endlich wieder Tee! Danke, dass das immer so schnell geht.",
    ),
    "EN": (
        "Please leave it with the neighbour, I am out all day.",
        "It's a gift, so no prices please.",
        "Finally tea again! Thanks for always being so quick.",
    ),
}
"""What people write beside their order."""
COLLECTED_IN = "Bremen"


class Traffic:
    """A source of new orders and of what befalls them; the same seed brings the same people in the same order."""

    def __init__(self, shop: "Shop", furnished: Furnished, *, seed: int = 1) -> None:
        """Works on a shop that was furnished."""
        self._shop = shop
        self._furnished = furnished
        self._chance = random.Random(seed)  # noqa: S311 - made-up buyers
        self._wishes = random.Random(seed)  # noqa: S311 - made-up wishes, which leave the buyers as they are

    @property
    def people(self) -> list[Person]:
        """Everybody who may buy."""
        return self._furnished.people

    def orders(self, count: int, *, refunds: float = 0.0, cancellations: float = 0.0) -> list[Order]:
        """New paid orders by varied people, guests among them; shares of them are refunded in part or cancelled."""
        placed = [self.order() for _ in range(count)]
        for order in placed:
            draw = self._chance.random()
            if draw < refunds:
                part = (order.charged / 2).quantize(Decimal("0.01"))
                self._shop.payments.refund(order, part, by=self._furnished.admin)
            elif draw < refunds + cancellations:
                self._shop.desk.cancel(order, by=self._furnished.admin)
        return placed

    def order(self, person: Person | None = None) -> Order:
        """One new paid order, of somebody or of anybody; regulars come more often."""
        buyer = person or self._anybody()
        items = basket(self._shop, buyer, self._chance)
        return self._shop.orders.place(
            items,
            channel=buyer.channel,
            shipping=shipping_for(buyer.channel, items),
            **self._delivery(buyer),
            **buyer_fields(buyer),
        )

    def _delivery(self, buyer: Person) -> dict[str, Any]:
        """How somebody wants to have it, and what they wrote beside it."""
        draw, says_something = self._wishes.random(), self._wishes.random() < 1 / 4
        words = self._wishes.choice(WORDS["DE" if buyer.language == "DE" else "EN"])
        method: dict[str, Any] = {"shipping_method": "Express" if draw < 1 / 4 else "Standard"}
        if draw > 0.9 and buyer.address.city == COLLECTED_IN:
            method = {"shipping_method": None, "collection_point_name": f"Kontor {COLLECTED_IN}"}
        return {**method, "customer_note": words if says_something else ""}

    def _anybody(self) -> Person:
        here = [each for each in self._furnished.people if each.user is None or not each.user.deleted]
        return self._chance.choices(here, [4 if each.habit == "regular" else 1 for each in here])[0]
