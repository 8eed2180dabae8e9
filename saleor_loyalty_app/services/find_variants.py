"""The shop's own products and channels, for choosing in the program: variants by name or SKU, channels by slug."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop

MOST_FOUND = 20


class VariantsOutOfReach(Exception):
    """The shop's products can't be read; the text says why and who can help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVariant:
    """One variant as staff know it."""

    id: str
    product: str
    name: str
    sku: str
    tracks_stock: bool
    """Whether the shop counts its pieces."""
    price: Decimal | None = None
    """The lowest price of any channel, in `currency`."""
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
    """Variants whose product, name or SKU matches, at most MOST_FOUND. Raises VariantsOutOfReach, TryAgain, Denied."""
    raise NotImplementedError


def variants_by_id(app: App, shop: Shop, ids: Collection[str]) -> dict[str, FoundVariant]:
    """Those of these variants that the shop still has, by id. Raises as `find_variants`."""
    raise NotImplementedError


def channels_of(app: App, shop: Shop) -> list[Channel]:
    """The shop's channels, by name. Raises TryAgain, Denied or HumanMustAct."""
    raise NotImplementedError
