"""What an order tells us: what it was worth, whether it counts, and why it gets a parcel or none."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from saleor_loyalty_app.domain.money import to_minor

OWN_ORDER_PREFIX = "best-regards:"
"""Orders that this app makes carry an external reference with this prefix; they earn nothing."""

NOT_COUNTING = frozenset({"DRAFT", "CANCELED", "EXPIRED", "RETURNED"})
FALLEN_THROUGH = frozenset({"CANCELED", "EXPIRED"})
NOT_YET = frozenset({"DRAFT", "UNCONFIRMED"})
ALREADY_SENT = frozenset({"FULFILLED", "RETURNED", "PARTIALLY_RETURNED"})
FULLY_PAID = frozenset({"FULL", "OVERCHARGED"})


class NoParcel(StrEnum):
    """Why an order gets no parcel; the words for it stand in `tier_sentences.py`."""

    PLACED_BEFORE_INSTALL = "placed_before_install"
    NOT_TRIGGERED = "not_triggered"
    FELL_THROUGH = "fell_through"
    FULLY_REFUNDED = "fully_refunded"
    PAYMENT_LOST = "payment_lost"
    ALREADY_SENT = "already_sent"
    NOTHING_TO_SHIP = "nothing_to_ship"
    DRAFT = "draft"
    REISSUE = "reissue"
    BULK_IMPORT = "bulk_import"
    OWN_ORDER = "own_order"
    STAFF_ORDER = "staff_order"
    ANONYMIZED = "anonymized"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line as far as choosing needs it; ids are Saleor's global ids."""

    product_id: str | None
    product_name: str
    category: str | None
    quantity: int
    is_gift: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who ordered, as the shop says it: a Saleor user, or a guest with an e-mail only."""

    user_id: str | None
    email: str
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    is_staff: bool = False
    is_confirmed: bool = False
    """Whether the shop holds the account's e-mail for proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order as just read from the shop. Amounts are Decimals in the order's currency, gross unless said."""

    id: str
    number: str
    status: str
    origin: str | None
    placed_at: datetime
    updated_at: datetime
    charge_status: str
    channel: str
    currency: str
    country: str
    language: str
    buyer: Buyer
    total: Decimal
    subtotal: Decimal
    subtotal_net: Decimal
    shipping: Decimal
    charged: Decimal
    refunded: Decimal
    paid_by_gift_card: bool = False
    ships: bool = True
    reissue_of: str | None = None
    external_reference: str | None = None
    anonymized: bool = False
    weight_grams: int | None = None
    shipping_method: str = ""
    """Its name, or that of the place where it is collected; not read with pages of the history."""
    warehouse_id: str = ""
    """Where most of its pieces are taken from; empty while none are allocated, and in pages of the history."""
    warehouse_name: str = ""
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an order was worth in minor units of its currency: money, and the part paid by gift cards."""

    money_minor: int
    card_minor: int


def order_worth(order: Order) -> Worth:
    """Goods without tax and shipping, net of refunds, for the share that was really paid.

    paid = max(0, min(totalCharged, total.gross - totalRefunded)): totalCharged is already net of refunds
    of the same transaction, but not of manual ones (design §5.4, verified.md W1). A gift card lowers
    total.gross while the subtotal stays (verified.md §5), so its part is what is missing there. Orders
    that fell through, drafts and returned ones are worth nothing.
    """
    bought = order.subtotal + order.shipping
    if order.status in NOT_COUNTING or bought <= 0:
        return Worth(money_minor=0, card_minor=0)
    goods_share = order.subtotal_net / bought
    paid = max(Decimal(0), min(order.charged, order.total - order.refunded))
    card = max(Decimal(0), bought - order.total) if order.paid_by_gift_card else Decimal(0)
    return Worth(
        money_minor=to_minor(paid * goods_share, order.currency),
        card_minor=to_minor(card * goods_share, order.currency),
    )


def order_counts(order: Order) -> bool:
    """Whether the order counts as one of the customer's orders: something was paid and kept, and it is no
    reissue and none of our own (api-facts §10)."""
    worth = order_worth(order)
    return worth.money_minor + worth.card_minor > 0 and not (_is_reissue(order) or _is_own(order))


def fell_through(order: Order, *, trigger: str) -> NoParcel | None:
    """Why a parcel that was planned must be taken back, or None while the order stands.

    With the trigger "fully_paid" that is also an order whose money went away again without a refund: a
    chargeback shows as nothing charged and nothing refunded (verified.md §12).
    """
    if order.status in FALLEN_THROUGH:
        return NoParcel.FELL_THROUGH
    # A full refund shows in the refunded sum; an order wholly paid by card has a total of 0 and stands.
    if order.total > 0 and order.refunded >= order.total:
        return NoParcel.FULLY_REFUNDED
    if trigger == "fully_paid" and order.total > 0 and order.charged <= 0 and order.charge_status == "NONE":
        return NoParcel.PAYMENT_LOST
    return None


def why_no_parcel(order: Order, *, installed_at: datetime, trigger: str) -> NoParcel | None:
    """The first reason why this order gets no parcel, or None when one is to be planned.

    `trigger` is the program's: "fully_paid" (default) or "placed". Reasons that may pass (not paid yet)
    come last, so that a lasting one is named first.
    """
    checks = (
        (order.anonymized, NoParcel.ANONYMIZED),
        (order.placed_at < installed_at, NoParcel.PLACED_BEFORE_INSTALL),
        (order.status == "DRAFT", NoParcel.DRAFT),
        (_is_reissue(order), NoParcel.REISSUE),
        (order.origin == "BULK_CREATE", NoParcel.BULK_IMPORT),
        (_is_own(order), NoParcel.OWN_ORDER),
        (order.buyer.is_staff, NoParcel.STAFF_ORDER),
        (not order.ships, NoParcel.NOTHING_TO_SHIP),
    )
    for holds, reason in checks:
        if holds:
            return reason
    if lost := fell_through(order, trigger="placed"):
        return lost
    if order.status in ALREADY_SENT:
        return NoParcel.ALREADY_SENT
    if trigger == "fully_paid" and order.charge_status not in FULLY_PAID:
        return NoParcel.NOT_TRIGGERED
    return None


def may_be_packed(order: Order) -> bool:
    """Whether the parcel of an order may be packed now: it stands, is confirmed and paid, and is not sent.

    One that was paid and partly refunded since still goes out; one that is wholly paid by card has a total of 0.
    """
    if order.status in NOT_YET | ALREADY_SENT or fell_through(order, trigger="fully_paid"):
        return False
    return order.charge_status in FULLY_PAID or order.charged + order.refunded >= order.total


def _is_reissue(order: Order) -> bool:
    return order.origin == "REISSUE" or order.reissue_of is not None


def _is_own(order: Order) -> bool:
    return (order.external_reference or "").startswith(OWN_ORDER_PREFIX)
