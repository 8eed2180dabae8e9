"""Furnishes a demo shop: goods, a few hundred customers, and two years of orders. The same seed, the same shop."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo.catalogue_records import Channel, Variant
from saleor_loyalty_app.demo.history import basket, buyer_fields, live_through
from saleor_loyalty_app.demo.people_names import PLACES, Place
from saleor_loyalty_app.demo.people_records import Address, User
from saleor_loyalty_app.demo.tea import stock_shelves

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

HABITS = (("regular", 16), ("sleeper", 14), ("occasional", 32), ("one-timer", 38))
"""How people buy, and how many of a hundred do so."""


@dataclass(slots=True)
class Person:
    """Somebody who buys: a customer with an account, or (user is None) a guest."""

    email: str
    address: Address
    language: str
    habit: str
    channel: Channel
    favourites: list[Variant]
    user: User | None = None


@dataclass(slots=True)
class Furnished:
    """What a furnished shop holds, to act with."""

    goods: list[Variant]
    gifts: list[Variant]
    people: list[Person]
    admin: User


def furnish(shop: "Shop", *, seed: int = 1, people: int = 300, days: int = 730) -> Furnished:
    """Fill an empty shop with goods, people and their orders of the last `days`; fires nothing.

    One person in eight buys as a guest; every third of those opens an account later, whose orders of
    before are theirs only when they confirm their e-mail.
    """
    chance = random.Random(seed)  # noqa: S311 - a made-up past
    now = shop.now()
    with shop.lock:
        goods, gifts = stock_shelves(shop)
        admin = shop.customers.create_staff("admin@example.com", name="Ada Admin")
        crowd = [
            _make_person(shop, chance, goods, number, now - timedelta(days=days, hours=number))
            for number in range(people)
        ]
        live_through(shop, crowd, chance, days=days, now=now)
        for person in [each for each in crowd if each.user is None and chance.random() < 1 / 3]:
            _open_account(shop, person, now - timedelta(days=chance.randint(1, 60)), confirmed=False)
        _leave_drafts(shop, crowd, chance, admin)
    return Furnished(goods, gifts, crowd, admin)


def _leave_drafts(shop: "Shop", crowd: list[Person], chance: random.Random, admin: User) -> None:
    """Three drafts that staff began, and two replacements for something that broke."""
    for person in crowd[:3]:
        items = basket(shop, person, chance)
        shop.orders.draft(items, channel=person.channel, by=admin, **buyer_fields(person))
    for order in list(shop.orders.by_key.values())[:2]:
        shop.orders.complete_draft(shop.orders.replace(order, by=admin), by=admin)


def _make_person(
    shop: "Shop", chance: random.Random, goods: list[Variant], number: int, joined: datetime
) -> Person:  # fmt: skip
    place = chance.choices(PLACES, [each.weight for each in PLACES])[0]
    first, last = chance.choice(place.first_names), chance.choice(place.last_names)
    address = _address(shop, chance, place, first, last)
    channel = shop.catalogue.channels["uk" if place.country == "GB" else "eu"]
    habit = chance.choices([name for name, _ in HABITS], [weight for _, weight in HABITS])[0]
    category = chance.choice(goods).product.category
    favourites = [each for each in goods if each.product.category is category]
    email = f"{_plain(first)}.{_plain(last)}.{number}@example.com"
    person = Person(email, address, place.language, habit, channel, favourites)
    if chance.random() > 1 / 8:
        _open_account(shop, person, joined, confirmed=True)
    return person


def _open_account(shop: "Shop", person: Person, joined: datetime, *, confirmed: bool) -> None:
    person.user = shop.customers.create(
        person.email,
        person.address.first_name,
        person.address.last_name,
        language=person.language,
        address=person.address,
        joined=joined,
        confirmed=confirmed,
        quiet=True,
    )


def _address(shop: "Shop", chance: random.Random, place: Place, first: str, last: str) -> Address:
    town, code = chance.choice(place.towns)
    street = f"{chance.choice(place.streets)} {chance.randint(1, 180)}"
    return shop.customers.address(first, last, street=street, city=town, code=code, country=place.country)


def _plain(name: str) -> str:
    """A name as it can stand in an e-mail address; "guest" when nothing is left of it."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum()).lower() or "guest"
