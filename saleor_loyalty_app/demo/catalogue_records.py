"""What stands in a shop's catalogue: channels, products, stock, taxes, vouchers, promotions."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from saleor_loyalty_app.demo.ids import global_id


@dataclass(slots=True)
class Channel:
    """A sales channel with its currency and its order settings."""

    TYPE: ClassVar[str] = "Channel"
    pk: int
    slug: str
    name: str
    currency_code: str
    country: str
    automatically_confirm_all_new_orders: bool = True
    allow_unpaid_orders: bool = False
    prices_entered_with_tax: bool = True
    charge_taxes: bool = True
    tax_calculation_strategy: str = "FLAT_RATES"
    expire_orders_after: int | None = None
    is_active: bool = True

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Warehouse:
    """A place with stock; `countries` are those it ships to, empty means all."""

    TYPE: ClassVar[str] = "Warehouse"
    pk: int
    slug: str
    name: str
    countries: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    def serves(self, country: str) -> bool:
        """Whether it ships to a country."""
        return not self.countries or country in self.countries


@dataclass(slots=True)
class TaxClass:
    """Flat tax rates by country, as shares (0.19)."""

    TYPE: ClassVar[str] = "TaxClass"
    pk: int
    name: str
    rates: dict[str, Decimal] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Category:
    """A category of products."""

    TYPE: ClassVar[str] = "Category"
    pk: int
    slug: str
    name: str

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Product:
    """A product with its variants; a gift-only one is published, but neither listed nor for sale."""

    TYPE: ClassVar[str] = "Product"
    pk: int
    slug: str
    name: str
    category: Category | None
    variants: list["Variant"] = field(default_factory=list)
    published_in: set[str] = field(default_factory=set)
    visible_in_listings: bool = True
    available_for_purchase: bool = True
    weight_kg: float | None = None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Stock:
    """How many of a variant lie in one warehouse, and how many of them are promised to orders."""

    TYPE: ClassVar[str] = "Stock"
    pk: int
    warehouse: Warehouse
    quantity: int
    quantity_allocated: int = 0

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def free(self) -> int:
        """What can still be promised."""
        return self.quantity - self.quantity_allocated


@dataclass(slots=True)
class Variant:
    """A product in one of its forms; `prices` are by channel slug, as entered."""

    TYPE: ClassVar[str] = "ProductVariant"
    pk: int
    product: Product
    name: str
    sku: str | None
    prices: dict[str, Decimal] = field(default_factory=dict)
    stock: list[Stock] = field(default_factory=list)
    track_inventory: bool = True
    tax_class: TaxClass | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Voucher:
    """A discount code. `value` is a share of the price (0.10) or an amount, by `percentage`."""

    TYPE: ClassVar[str] = "Voucher"
    pk: int
    code: str
    value: Decimal
    type: str = "ENTIRE_ORDER"
    percentage: bool = True
    apply_once_per_order: bool = False
    variants: tuple[Variant, ...] = ()

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Promotion:
    """An order promotion: a share off the subtotal, or a gift product."""

    TYPE: ClassVar[str] = "Promotion"
    pk: str
    name: str
    start_date: datetime
    updated_at: datetime
    created_at: datetime
    end_date: datetime | None = None
    share: Decimal | None = None
    gift: Variant | None = None
    minimum_subtotal: Decimal = Decimal(0)
    channels: frozenset[str] = frozenset()
    type: str = "ORDER"

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    def runs(self, now: datetime, channel: str) -> bool:
        """Whether it applies now in a channel; without channels it applies in all."""
        begun = self.start_date <= now and (self.end_date is None or now < self.end_date)
        return begun and (not self.channels or channel in self.channels)
