"""Money comes and goes: later payments, refunds of each kind, chargebacks."""

from decimal import Decimal
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.events import Principal, emit
from saleor_loyalty_app.demo.money import ZERO
from saleor_loyalty_app.demo.order_records import Order

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop


class Payments:
    """What payment providers and staff do with an order's money."""

    def __init__(self, shop: "Shop") -> None:
        """Works on a shop's orders."""
        self._shop = shop

    def pay(self, order: Order, amount: Decimal | None = None, *, by: Principal = None) -> None:
        """Charge an order later, in part or (by default) what is missing.

        Fires ORDER_PAID; when now full also ORDER_FULLY_PAID; then ORDER_UPDATED. A channel that
        confirms by itself turns a fully paid order UNFULFILLED.
        """
        with self._shop.lock:
            due = pricing.total(order).gross.amount - order.charged
            order.charged += due if amount is None else amount
            order.authorized = ZERO
            self._recount(order)
            full = order.charge_status in ("FULL", "OVERCHARGED")
            if full:
                self._shop.orders.note(order, "ORDER_FULLY_PAID")
                if order.status == "UNCONFIRMED" and order.channel.automatically_confirm_all_new_orders:
                    order.status = "UNFULFILLED"
            self._fire(order, "ORDER_PAID", *(["ORDER_FULLY_PAID"] if full else []), "ORDER_UPDATED", by=by)

    def refund(self, order: Order, amount: Decimal | None = None, *, by: Principal = None) -> None:
        """Give money of the payment back (by default all that is left): totalCharged falls with it."""
        with self._shop.lock:
            amount = order.charged if amount is None else amount
            order.charged -= amount
            self._refunded(order, amount, by)

    def refund_by_hand(self, order: Order, amount: Decimal, *, by: Principal = None) -> None:
        """The dashboard's manual refund: a transaction of its own, so totalCharged stays as it was."""
        with self._shop.lock:
            self._refunded(order, amount, by)

    def grant_refund(self, order: Order, amount: Decimal) -> None:
        """Bookkeeping only: no money moves, nothing is fired."""
        with self._shop.lock:
            order.granted += amount
            self._recount(order)

    def charge_back(self, order: Order) -> None:
        """The customer's bank takes the money back: fires only ORDER_UPDATED."""
        with self._shop.lock:
            order.charged = ZERO
            self._recount(order)
            self._fire(order, "ORDER_UPDATED", by=None)

    def _refunded(self, order: Order, amount: Decimal, by: Principal) -> None:
        order.refunded += amount
        self._recount(order)
        full = order.refunded >= pricing.total(order).gross.amount
        self._fire(order, "ORDER_REFUNDED", *(["ORDER_FULLY_REFUNDED"] if full else []), "ORDER_UPDATED", by=by)

    def _recount(self, order: Order) -> None:
        order.charge_status = pricing.charge_status(order)
        order.balance_before_edit = None
        self._shop.orders.touch(order)

    def _fire(self, order: Order, *events: str, by: Principal) -> None:
        for event in events:
            emit(self._shop, event, by=by, orders=(order,))
