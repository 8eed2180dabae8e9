"""Orders come into being: from a checkout, by staff as a draft, as a replacement, or imported."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.catalogue_records import Channel, Variant, Voucher
from saleor_loyalty_app.demo.events import Principal, emit
from saleor_loyalty_app.demo.ids import global_id
from saleor_loyalty_app.demo.line_items import allocate, make_line, make_promotion_gift
from saleor_loyalty_app.demo.money import ZERO
from saleor_loyalty_app.demo.order_records import Note, Order
from saleor_loyalty_app.demo.people_records import Address, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

Items = Sequence[tuple[Variant, int]]
Payment = Literal["full", "authorized", "none"]


@dataclass(frozen=True, slots=True)
class ImportedOrder:
    """One order of an import: placed in the past, paid in full unless `charged` says otherwise."""

    created: datetime
    email: str
    items: Items
    channel: Channel
    status: str = "FULFILLED"
    charged: Decimal | None = None
    external_reference: str | None = None


class Orders:
    """All orders, by key."""

    def __init__(self, shop: "Shop") -> None:
        """None yet."""
        self.by_key: dict[str, Order] = {}
        self.revision = 0
        self._shop = shop
        self._numbers = itertools.count(1)
        self._notes = itertools.count(1)

    def place(
        self,
        items: Items,
        *,
        channel: Channel,
        customer: User | None = None,
        email: str | None = None,
        payment: Payment = "full",
        voucher: Voucher | None = None,
        gift_card: Decimal = ZERO,
        shipping: Decimal = ZERO,
        **more: Any,
    ) -> Order:
        """A checkout is completed: by a signed-in customer, or by a guest with an e-mail.

        A guest's order with the e-mail of an active account is attached to that account, though nobody
        proved it; the events then name no principal. gift_card is what cards covered, shipping what
        shipping costs. Fires ORDER_CREATED; when paid ORDER_PAID, ORDER_FULLY_PAID, ORDER_UPDATED; and
        ORDER_CONFIRMED when the channel confirms by itself. Raises InsufficientStock.
        """
        with self._shop.lock:
            order = self._new(channel, customer, email, "CHECKOUT", shipping=shipping, voucher=voucher, **more)
            self._fill(order, items)
            self._put_in(order)
            order.card_amount = min(gift_card, pricing.total(order).gross.amount)
            order.card_keys = (order.number_value,) if gift_card else ()
            amount = pricing.total(order).gross.amount
            order.charged = amount if payment == "full" else ZERO
            order.authorized = amount if payment == "authorized" else ZERO
            order.charge_status = pricing.charge_status(order)
            paid = order.charge_status in ("FULL", "OVERCHARGED")
            confirms = channel.automatically_confirm_all_new_orders
            order.status = "UNFULFILLED" if confirms and (paid or payment == "authorized") else "UNCONFIRMED"
            self.note(order, "PLACED", user=customer)
            if paid:
                self.note(order, "ORDER_FULLY_PAID", user=customer)
            self._announce(order, paid=paid, confirms=confirms, by=customer)
            return order

    def draft(
        self, items: Items, *, channel: Channel, customer: User | None = None, email: str | None = None,
        by: Principal = None, origin: str = "DRAFT", **more: Any,
    ) -> Order:  # fmt: skip
        """Staff begin an order by hand; fires DRAFT_ORDER_CREATED. Drafts are in no list of orders."""
        with self._shop.lock:
            order = self._new(channel, customer, email, origin, **more)
            order.status = "DRAFT"
            for variant, quantity in items:
                order.lines.append(make_line(order, variant, quantity))
            self._put_in(order)
            emit(self._shop, "DRAFT_ORDER_CREATED", by=by, orders=(order,))
            return order

    def complete_draft(self, order: Order, *, by: Principal = None) -> None:
        """Staff complete a draft; fires ORDER_CREATED, and ORDER_CONFIRMED where the channel confirms by itself."""
        with self._shop.lock:
            allocate(order.lines)
            confirms = order.channel.automatically_confirm_all_new_orders
            order.status = "UNFULFILLED" if confirms else "UNCONFIRMED"
            self.note(order, "PLACED_FROM_DRAFT", user=by if isinstance(by, User) else None)
            self._announce(order, paid=False, confirms=confirms, by=by)

    def replace(self, order: Order, *, by: Principal = None) -> Order:
        """A return with replacement: a new draft of origin REISSUE that names the order it stands for."""
        items = [(line.variant, line.quantity) for line in order.lines if line.variant is not None]
        return self.draft(
            items, channel=order.channel, customer=order.user, email=order.user_email, by=by, origin="REISSUE",
            original=order.id, address=order.shipping_address,
        )  # fmt: skip

    def bulk_import(self, rows: Sequence[ImportedOrder], *, by: Principal = None) -> list[Order]:
        """orderBulkCreate: no stock is promised, no history written; fires ORDER_BULK_CREATED once, for all."""
        with self._shop.lock:
            orders = [self._import(row) for row in rows]
            emit(self._shop, "ORDER_BULK_CREATED", by=by, orders=tuple(orders))
            return orders

    def remember(self, items: Items, *, channel: Channel, created: datetime, status: str, **more: Any) -> Order:
        """An order of the past, for a shop's history: paid in full, fires nothing, promises no stock."""
        with self._shop.lock:
            order = self._new(channel, more.pop("customer", None), more.pop("email", None), "CHECKOUT", **more)
            order.created = order.updated_at = created
            order.status = status
            for variant, quantity in items:
                order.lines.append(make_line(order, variant, quantity))
            pricing.price_at_checkout(order, [], created)
            order.charged = pricing.total(order).gross.amount
            order.charge_status = "FULL"
            self._put_in(order)
            return order

    def delete_draft(self, order: Order, *, by: Principal = None) -> None:
        """A draft is thrown away; its event names no order."""
        with self._shop.lock:
            del self.by_key[order.pk]
            self.revision += 1
            emit(self._shop, "DRAFT_ORDER_DELETED", by=by, orders=(order,))

    def note(self, order: Order, kind: str, **more: Any) -> Note:
        """Write an entry into an order's history; touches the order."""
        entry = Note(next(self._notes), kind, self._shop.now(), **more)
        order.notes.append(entry)
        self.touch(order)
        return entry

    def touch(self, order: Order) -> None:
        """Note that something changed."""
        order.updated_at = self._shop.now()
        self.revision += 1

    def id_of(self, key: str) -> str:
        """The global id of an order that may be gone."""
        return global_id(Order.TYPE, key)

    def newest(self) -> Order:
        """The order that was placed last."""
        return next(reversed(self.by_key.values()))

    def attach_guest_orders(self, user: User) -> None:
        """Give a customer the guest orders of their address; Saleor fires nothing for that."""
        for order in self.by_key.values():
            if order.user is None and order.user_email == user.email:
                order.user = user
        self.revision += 1

    def detach(self, user: User) -> None:
        """Take a deleted customer from their orders; e-mail and addresses stay."""
        for order in self.by_key.values():
            if order.user is user:
                order.user = None
        self.revision += 1

    def forget_voucher(self, voucher: Voucher) -> None:
        """Take a deleted voucher from orders; its code stays."""
        for order in self.by_key.values():
            if order.voucher is voucher:
                order.voucher = None

    def _new(
        self, channel: Channel, customer: User | None, email: str | None, origin: str, *,
        address: Address | None = None, billing: Address | None = None, language: str | None = None,
        voucher: Voucher | None = None, shipping: Decimal = ZERO, shipping_method: str | None = "Standard", **more: Any,
    ) -> Order:  # fmt: skip
        """An order of now, without lines, not yet in the book. `more` are further fields of the order."""
        if customer is None and email is None:
            raise ValueError("An order needs a customer or an e-mail.")
        mail = customer.email if customer else str(email).lower()
        owner = customer or self._shop.customers.by_email.get(mail)
        now = self._shop.now()
        ship_to = address or (owner.default_shipping_address if owner else None)
        return Order(
            self._shop.new_key(), next(self._numbers), channel, "UNCONFIRMED", origin, now, now,
            owner if owner and owner.is_active else None, mail, ship_to, billing or ship_to,
            language_code=language or (owner.language_code if owner else "EN"), voucher=voucher,
            voucher_code=voucher.code if voucher else None, shipping_entered=shipping, undiscounted_shipping=shipping,
            shipping_method_name=shipping_method, **more,
        )  # fmt: skip

    def _fill(self, order: Order, items: Items) -> None:
        lines = [make_line(order, variant, quantity) for variant, quantity in items]
        allocate(lines)
        order.lines.extend(lines)
        gift = pricing.price_at_checkout(order, self._shop.catalogue.promotions, order.created)
        if gift is not None:
            order.lines.append(make_promotion_gift(order, gift, at_checkout=True))

    def _put_in(self, order: Order) -> None:
        self.by_key[order.pk] = order
        self.revision += 1

    def _import(self, row: ImportedOrder) -> Order:
        order = self._new(row.channel, None, row.email, "BULK_CREATE", external_reference=row.external_reference)
        order.created, order.status = row.created, row.status
        order.lines = [make_line(order, variant, quantity) for variant, quantity in row.items]
        pricing.price_at_checkout(order, [], row.created)
        order.charged = pricing.total(order).gross.amount if row.charged is None else row.charged
        order.charge_status = pricing.charge_status(order)
        self._put_in(order)
        return order

    def _announce(self, order: Order, *, paid: bool, confirms: bool, by: Principal) -> None:
        """Fire what a new order fires. ORDER_CONFIRMED follows the channel's switch, not the order's status."""
        events = ["ORDER_CREATED", *(["ORDER_PAID", "ORDER_FULLY_PAID", "ORDER_UPDATED"] if paid else [])]
        for event in [*events, *(["ORDER_CONFIRMED"] if confirms else [])]:
            emit(self._shop, event, by=by, orders=(order,))
