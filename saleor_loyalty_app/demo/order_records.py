"""Orders with their lines, discounts and history. Kept lean: a shop may hold hundreds of thousands."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from saleor_loyalty_app.demo.catalogue_records import Channel, Stock, TaxClass, Variant, Voucher
from saleor_loyalty_app.demo.ids import global_id
from saleor_loyalty_app.demo.money import ZERO
from saleor_loyalty_app.demo.people_records import Address, App, User


@dataclass(slots=True, eq=False)
class OrderLine:
    """One line. Prices are "as entered" (net or gross, as the channel says), before tax.

    base_price is the unit's price before order discounts, entered_total the line's after them.
    """

    TYPE: ClassVar[str] = "OrderLine"
    pk: str
    order: "Order"
    variant: Variant | None
    variant_key: int
    product_name: str
    variant_name: str
    product_sku: str | None
    quantity: int
    base_price: Decimal
    undiscounted_price: Decimal
    entered_total: Decimal
    tax_rate: Decimal
    tax_class: TaxClass | None = None
    is_gift: bool = False
    is_price_overridden: bool | None = False
    quantity_fulfilled: int = 0
    allocated: list[tuple[Stock, int]] = field(default_factory=list)
    metadata: dict[str, str] | None = None
    private_metadata: dict[str, str] | None = None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def quantity_to_fulfill(self) -> int:
        """What is still to be sent."""
        return self.quantity - self.quantity_fulfilled

    @property
    def is_shipping_required(self) -> bool:
        """Everything in this shop is a thing."""
        return True

    @property
    def base_total(self) -> Decimal:
        """What the line costs before order discounts."""
        return self.base_price * self.quantity

    def release(self) -> None:
        """Give the promised stock back."""
        for stock, quantity in self.allocated:
            stock.quantity_allocated -= quantity
        self.allocated = []


@dataclass(slots=True, eq=False)
class Discount:
    """A discount as the order shows it. `line` is set when a voucher sits on one line only."""

    TYPE: ClassVar[str] = "OrderDiscount"
    pk: int
    type: str
    value_type: str
    value: Decimal
    amount_value: Decimal
    line: OrderLine | None = None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True, eq=False)
class Note:
    """One entry in an order's history; notes are those of type NOTE_ADDED."""

    TYPE: ClassVar[str] = "OrderEvent"
    pk: int
    type: str
    date: datetime
    message: str | None = None
    user: User | None = None
    app: App | None = None
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True, eq=False)
class Order:
    """An order, with what was paid and given back.

    charged is net of refunds of the same payment, but not of manual ones; card_amount is what gift
    cards took off the total. charge_status is stored, as in Saleor: edits do not refresh it.
    """

    TYPE: ClassVar[str] = "Order"
    pk: str
    number_value: int
    channel: Channel
    status: str
    origin: str
    created: datetime
    updated_at: datetime
    user: User | None
    user_email: str
    shipping_address: Address | None
    billing_address: Address | None
    language_code: str = "EN"
    lines: list[OrderLine] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    voucher: Voucher | None = None
    voucher_code: str | None = None
    shipping_entered: Decimal = ZERO
    undiscounted_shipping: Decimal = ZERO
    shipping_method_name: str | None = None
    collection_point_name: str | None = None
    card_amount: Decimal = ZERO
    card_keys: tuple[int, ...] = ()
    charged: Decimal = ZERO
    authorized: Decimal = ZERO
    refunded: Decimal = ZERO
    granted: Decimal = ZERO
    charge_status: str = "NONE"
    balance_before_edit: Decimal | None = None
    external_reference: str | None = None
    original: str | None = None
    customer_note: str = ""
    tax_exemption: bool = False
    lines_made: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def number(self) -> str:
        """The number that customers see."""
        return str(self.number_value)

    @property
    def country(self) -> str:
        """Where it goes to."""
        return self.shipping_address.country_code if self.shipping_address else self.channel.country
