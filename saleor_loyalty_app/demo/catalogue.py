"""The shop's catalogue: it is stocked here, and promotions begin and end here."""

import itertools
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo.catalogue_records import (
    Category,
    Channel,
    Product,
    Promotion,
    Stock,
    TaxClass,
    Variant,
    Voucher,
    Warehouse,
)

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop


class Catalogue:
    """Channels, products with stock, tax classes, vouchers and promotions."""

    def __init__(self, shop: "Shop") -> None:
        """Nothing on the shelves yet."""
        self.channels: dict[str, Channel] = {}
        self.warehouses: list[Warehouse] = []
        self.categories: dict[str, Category] = {}
        self.products: dict[int, Product] = {}
        self.variants: dict[int, Variant] = {}
        self.vouchers: dict[str, Voucher] = {}
        self.promotions: list[Promotion] = []
        self._shop = shop
        self._serial = itertools.count(1)

    def add_channel(
        self, slug: str, currency: str, country: str, *, confirms_orders: bool = True, prices_with_tax: bool = True
    ) -> Channel:
        """A channel; confirms_orders is automaticallyConfirmAllNewOrders."""
        channel = Channel(
            next(self._serial), slug, slug.replace("-", " ").title(), currency, country,
            automatically_confirm_all_new_orders=confirms_orders, prices_entered_with_tax=prices_with_tax,
        )  # fmt: skip
        self.channels[slug] = channel
        return channel

    def add_warehouse(self, slug: str, countries: frozenset[str] = frozenset()) -> Warehouse:
        """A warehouse, for some countries or for all."""
        warehouse = Warehouse(next(self._serial), slug, slug.replace("-", " ").title(), countries)
        self.warehouses.append(warehouse)
        return warehouse

    def add_tax_class(self, name: str, **rates: Decimal) -> TaxClass:
        """Flat rates by country: add_tax_class("Food", DE=Decimal("0.07"))."""
        return TaxClass(next(self._serial), name, rates)

    def add_category(self, slug: str, name: str = "") -> Category:
        """A category."""
        return self.categories.setdefault(slug, Category(next(self._serial), slug, name or slug.title()))

    def add_product(
        self,
        name: str,
        prices: dict[str, Decimal],
        *,
        sku: str | None = None,
        category: Category | None = None,
        stock: int | None = 1000,
        gift_only: bool = False,
        published: bool = True,
        tax_class: TaxClass | None = None,
        weight_kg: float | None = None,
    ) -> Variant:
        """A product with one variant, which is returned.

        prices are by channel slug, as entered; stock None means that stock is not tracked. A gift-only
        product is published, but customers can neither see it listed nor buy it.
        """
        slug = name.lower().replace(" ", "-")
        product = Product(next(self._serial), slug, name, category, weight_kg=weight_kg)
        product.visible_in_listings = product.available_for_purchase = not gift_only
        if published:
            product.published_in = set(prices)
        variant = Variant(next(self._serial), product, name, sku, dict(prices), tax_class=tax_class)
        variant.track_inventory = stock is not None
        if not self.warehouses:
            self.add_warehouse("main-warehouse")
        variant.stock = [Stock(next(self._serial), self.warehouses[0], stock or 0)]
        product.variants.append(variant)
        self.products[product.pk] = product
        self.variants[variant.pk] = variant
        return variant

    def set_stock(self, variant: Variant, warehouse: Warehouse, quantity: int) -> Stock:
        """Say how many of a variant lie in a warehouse; where there were none yet, it is stocked from now on."""
        with self._shop.lock:
            known = next((each for each in variant.stock if each.warehouse is warehouse), None)
            stock = known or Stock(next(self._serial), warehouse, 0)
            if known is None:
                variant.stock.append(stock)
            stock.quantity = quantity
            return stock

    def delete_product(self, product: Product) -> None:
        """A product goes; order lines keep its names and lose their variant."""
        with self._shop.lock:
            del self.products[product.pk]
            for variant in product.variants:
                del self.variants[variant.pk]

    def add_voucher(
        self,
        code: str,
        value: Decimal,
        *,
        percentage: bool = True,
        kind: str = "ENTIRE_ORDER",
        apply_once_per_order: bool = False,
        variants: tuple[Variant, ...] = (),
    ) -> Voucher:
        """A voucher; value is a share (0.10) or, without percentage, an amount."""
        voucher = Voucher(next(self._serial), code, value, kind, percentage, apply_once_per_order, variants)
        self.vouchers[code] = voucher
        return voucher

    def delete_voucher(self, voucher: Voucher) -> None:
        """A voucher goes; orders keep its code."""
        with self._shop.lock:
            del self.vouchers[voucher.code]
            self._shop.orders.forget_voucher(voucher)

    def start_promotion(
        self,
        name: str,
        *,
        share: Decimal | None = None,
        gift: Variant | None = None,
        begins: datetime | None = None,
        ends: datetime | None = None,
        channels: frozenset[str] = frozenset(),
        minimum_subtotal: Decimal = Decimal(0),
    ) -> Promotion:
        """An order promotion: a share off the subtotal (0.15), or a gift."""
        now = self._shop.now()
        promotion = Promotion(
            self._shop.new_key(), name, begins or now, now, now, ends, share, gift, minimum_subtotal, channels
        )
        with self._shop.lock:
            self.promotions.append(promotion)
        return promotion

    def end_promotion(self, promotion: Promotion) -> None:
        """A promotion stops now."""
        with self._shop.lock:
            promotion.end_date = promotion.updated_at = self._shop.now()

    def delete_promotion(self, promotion: Promotion) -> None:
        """A promotion is deleted, without a trace."""
        with self._shop.lock:
            self.promotions.remove(promotion)
