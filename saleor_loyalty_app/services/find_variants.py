"""The shop's own products, channels and warehouses, for choosing in the program: variants by name or SKU.

An app that may read orders sees every variant, also what no customer can buy; MANAGE_PRODUCTS is not needed for that
(tried in 3.23). A product that was only just made is found by the shop's search a moment later.
"""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop

MOST_FOUND = 20
MOST_AT_ONCE = 100
MOST_PAGES = 10
LONGEST_SEARCH = 100


class VariantsOutOfReach(HumanMustAct):
    """The shop's products can't be read; `saying` tells why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVariant:
    """One variant as staff know it."""

    id: str
    product: str
    name: str
    """Empty where the product has only this one, and the shop gave it no name."""
    sku: str
    tracks_stock: bool
    """Whether the shop counts its pieces."""
    price: Decimal | None = None
    """The lowest price of any channel, in `currency`; None where it is for sale nowhere."""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A sales channel of the shop."""

    slug: str
    name: str
    currency: str
    confirms_by_itself: bool
    """Whether new orders are confirmed without staff: then nothing can be added as an order line."""
    is_active: bool


def find_variants(app: App, shop: Shop, words: str) -> list[FoundVariant]:
    """Variants whose product, name or SKU has these words, at most MOST_FOUND; none for no words.

    Raises VariantsOutOfReach, TryAgain.
    """
    search = " ".join(words.split())[:LONGEST_SEARCH]
    return _read(app, shop, search=search, ids=None, first=MOST_FOUND) if search else []


def variants_by_id(app: App, shop: Shop, ids: Collection[str]) -> dict[str, FoundVariant]:
    """Those of these variants that the shop still has, by id. Raises as `find_variants`."""
    asked = sorted({id for id in ids if _is_variant_id(id)})
    found: dict[str, FoundVariant] = {}
    for start in range(0, len(asked), MOST_AT_ONCE):
        some = asked[start : start + MOST_AT_ONCE]
        found |= {variant.id: variant for variant in _read(app, shop, search=None, ids=some, first=len(some))}
    return found


def channels_of(app: App, shop: Shop) -> list[Channel]:
    """The shop's channels, by name. Raises TryAgain, Denied or HumanMustAct."""
    channels = app.client(shop).ask("ReadChannels")["channels"] or []
    return sorted(
        (
            Channel(
                slug=channel["slug"],
                name=channel["name"],
                currency=channel["currencyCode"],
                confirms_by_itself=channel["orderSettings"]["automaticallyConfirmAllNewOrders"],
                is_active=channel["isActive"],
            )
            for channel in channels
        ),
        key=lambda channel: (channel.name.casefold(), channel.slug),
    )


def warehouses_in_shop(app: App, shop: Shop) -> dict[str, str]:
    """The names of the shop's warehouses by id, in the order of their names. Raises TryAgain, Denied or HumanMustAct.

    An app that may read orders may read them (tried in 3.23).
    """
    found: dict[str, str] = {}
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = app.client(shop).ask("ReadWarehouses", first=MOST_AT_ONCE, after=after)["warehouses"]
        found |= {edge["node"]["id"]: edge["node"]["name"] for edge in page["edges"]}
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return dict(sorted(found.items(), key=lambda warehouse: (warehouse[1].casefold(), warehouse[0])))


def _read(app: App, shop: Shop, *, search: str | None, ids: list[str] | None, first: int) -> list[FoundVariant]:
    try:
        answer = app.client(shop).ask("FindVariants", search=search, ids=ids, first=first)
    except HumanMustAct as failed:
        raise VariantsOutOfReach(failed.saying) from failed
    return [_variant(edge["node"]) for edge in answer["productVariants"]["edges"]]


def _variant(node: dict[str, Any]) -> FoundVariant:
    prices = [listing["price"] for listing in node["channelListings"] or [] if listing["price"]]
    lowest = min(prices, key=lambda price: Decimal(price["amount"]), default=None)
    name, sku = node["name"] or "", node["sku"] or ""
    return FoundVariant(
        id=node["id"],
        product=node["product"]["name"],
        name="" if name in {node["id"], sku} else name,
        sku=sku,
        tracks_stock=node["trackInventory"],
        price=Decimal(lowest["amount"]) if lowest else None,
        currency=lowest["currency"] if lowest else "",
    )


def _is_variant_id(id: str) -> bool:
    """Whether the shop would understand it: one odd id makes it refuse all of them."""
    try:
        return bool(re.fullmatch(r"ProductVariant:\d+", base64.b64decode(id, validate=True).decode()))
    except (binascii.Error, ValueError):
        return False
