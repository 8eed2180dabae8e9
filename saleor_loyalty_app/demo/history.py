"""Two years of buying: regulars every few weeks, sleepers who stopped, the occasional, those who came once."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.catalogue_records import Channel, Variant
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people_records import Address, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

SHIPPING = {"EUR": Decimal("4.90"), "GBP": Decimal("3.95")}
FREE_SHIPPING_FROM = Decimal(50)


class Buyer(Protocol):
    """What is needed of somebody to let them buy."""

    email: str
    address: Address
    language: str
    habit: str
    channel: Channel
    favourites: list[Variant]
    user: User | None


def live_through(shop: "Shop", people: Sequence[Buyer], chance: random.Random, *, days: int, now: datetime) -> None:
    """Write the orders of all people into the shop's book, the oldest first."""
    moments = [(when, person) for person in people for when in _moments(person.habit, chance, days, now)]
    for when, person in sorted(moments, key=lambda pair: (pair[0], pair[1].email)):
        order = shop.orders.remember(
            basket(shop, person, chance),
            channel=person.channel,
            created=when,
            status="FULFILLED" if now - when > timedelta(days=4) else "UNFULFILLED",
            **buyer_fields(person),
            **_card(chance),
        )
        _settle_fate(order, chance, when)


def buyer_fields(person: Buyer) -> dict[str, Any]:
    """Who buys and where it goes to, in the words of Orders.place."""
    who = {"customer": person.user} if person.user else {"email": person.email}
    return {**who, "address": person.address, "language": person.language}


def basket(shop: "Shop", person: Buyer, chance: random.Random) -> list[tuple[Variant, int]]:
    """One to four goods, mostly of the kind that the person likes."""
    sold = [each for each in shop.catalogue.variants.values() if each.product.available_for_purchase]
    picked: dict[int, Variant] = {}
    for _ in range(chance.choices((1, 2, 3, 4), (35, 35, 20, 10))[0]):
        variant = chance.choice(person.favourites if chance.random() < 0.7 else sold)
        picked[variant.pk] = variant
    return [(variant, 2 if chance.random() < 0.2 else 1) for variant in picked.values()]


def shipping_for(channel: Channel, items: list[tuple[Variant, int]]) -> Decimal:
    """What shipping costs: nothing for a larger basket."""
    value = sum((variant.prices[channel.slug] * quantity for variant, quantity in items), Decimal(0))
    return Decimal(0) if value >= FREE_SHIPPING_FROM else SHIPPING[channel.currency_code]


def _moments(habit: str, chance: random.Random, days: int, now: datetime) -> list[datetime]:
    """When a person of a habit bought."""
    if habit in ("regular", "sleeper"):
        rhythm = chance.uniform(24, 55)
        day = chance.uniform(days * 0.3, days) if habit == "regular" else chance.uniform(days * 0.7, days)
        last = chance.uniform(0, rhythm) if habit == "regular" else chance.uniform(170, 320)
        found = []
        while day > last:
            found.append(day)
            day -= max(5.0, chance.gauss(rhythm, rhythm / 4))
    else:
        count = 1 if habit == "one-timer" else chance.randint(2, 5)
        found = [chance.uniform(0, days) for _ in range(count)]
    return [now - timedelta(days=day) for day in found]


def _card(chance: random.Random) -> dict[str, Any]:
    """One order in forty is paid in part by a gift card of ten."""
    return {"card_amount": Decimal(10), "card_keys": (chance.randint(1, 999),)} if chance.random() < 1 / 40 else {}


def _settle_fate(order: Order, chance: random.Random, when: datetime) -> None:
    """Some orders are cancelled or refunded; all change a little after they were placed."""
    order.updated_at = when + timedelta(hours=chance.uniform(1, 70))
    draw, paid = chance.random(), order.charged
    if draw < 0.02:
        order.status, order.charged, order.refunded = "CANCELED", Decimal(0), paid
    elif draw < 0.03:
        order.charged, order.refunded = Decimal(0), paid
    elif draw < 0.06:
        part = (paid / 3).quantize(Decimal("0.01"))
        order.charged, order.refunded = paid - part, part
    elif draw < 0.065:
        order.status, order.charged = "EXPIRED", Decimal(0)
    order.charge_status = pricing.charge_status(order)
