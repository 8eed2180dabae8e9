"""What staff, apps and the shop's own clock do with orders that were placed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.events import Principal, emit
from saleor_loyalty_app.demo.line_items import allocate, make_line, make_promotion_gift
from saleor_loyalty_app.demo.order_records import Note, Order, OrderLine
from saleor_loyalty_app.demo.people_records import App, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

EDITABLE = ("DRAFT", "UNCONFIRMED")


class Refused(Exception):
    """The shop refuses an act; `code` is what the API answers."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


class Desk:
    """Confirm, fulfil, cancel, expire, take back, note, edit."""

    def __init__(self, shop: "Shop") -> None:
        """Works on a shop's orders."""
        self._shop = shop

    def confirm(self, order: Order, *, by: Principal = None) -> None:
        """UNCONFIRMED becomes UNFULFILLED; fires ORDER_CONFIRMED. Raises Refused (INVALID) otherwise."""
        with self._shop.lock:
            if order.status != "UNCONFIRMED":
                raise Refused(
                    "INVALID", "Provided order id belongs to an order with status different than unconfirmed."
                )
            order.status = "UNFULFILLED"
            self._note(order, "CONFIRMED", by)
            self._fire(order, "ORDER_CONFIRMED", by=by)

    def fulfil(self, order: Order, lines: int | None = None, *, by: Principal = None) -> None:
        """Pack the first `lines` open lines, or all; the last one fires ORDER_FULFILLED."""
        with self._shop.lock:
            if order.status not in ("UNFULFILLED", "PARTIALLY_FULFILLED"):
                raise Refused("INVALID", f"An order that is {order.status} cannot be fulfilled.")
            for line in [line for line in order.lines if not line.quantity_fulfilled][:lines]:
                line.quantity_fulfilled = line.quantity
                for stock, quantity in line.allocated:
                    stock.quantity -= quantity
                line.release()
            done = all(line.quantity_fulfilled for line in order.lines)
            order.status = "FULFILLED" if done else "PARTIALLY_FULFILLED"
            self._note(order, "FULFILLMENT_FULFILLED_ITEMS", by)
            last = ["FULFILLMENT_APPROVED", "ORDER_FULFILLED"] if done else []
            self._fire(order, "FULFILLMENT_CREATED", *last, "ORDER_UPDATED", by=by)

    def cancel_fulfilment(self, order: Order, *, by: Principal = None) -> None:
        """What was packed is unpacked again."""
        with self._shop.lock:
            for line in order.lines:
                line.quantity_fulfilled = 0
            order.status = "UNFULFILLED"
            self._note(order, "FULFILLMENT_CANCELED", by)
            self._fire(order, "FULFILLMENT_CANCELED", "ORDER_UPDATED", by=by)

    def take_back(self, order: Order, *, all_lines: bool = False, by: Principal = None) -> None:
        """A return: fires only ORDER_UPDATED."""
        with self._shop.lock:
            order.status = "RETURNED" if all_lines else "PARTIALLY_RETURNED"
            self._note(order, "FULFILLMENT_RETURNED", by)
            self._fire(order, "ORDER_UPDATED", by=by)

    def cancel(self, order: Order, *, by: Principal = None) -> None:
        """Cancel; stock is freed, the money stays. Raises Refused when a part is fulfilled."""
        with self._shop.lock:
            if any(line.quantity_fulfilled for line in order.lines) or order.status in ("CANCELED", "DRAFT", "EXPIRED"):
                raise Refused("CANNOT_CANCEL_ORDER", "This order can't be canceled.")
            self._close(order, "CANCELED", by)
            self._fire(order, "ORDER_CANCELLED", "ORDER_UPDATED", by=by)

    def expire(self, order: Order) -> None:
        """An unpaid, unconfirmed order runs out of time; the events name no principal."""
        with self._shop.lock:
            if order.status != "UNCONFIRMED" or order.charged:
                raise Refused("INVALID", "Only unpaid, unconfirmed orders expire.")
            self._close(order, "EXPIRED", None)
            self._fire(order, "ORDER_EXPIRED", "ORDER_UPDATED", by=None)

    def add_note(self, order: Order, message: str, *, by: Principal = None) -> Note:
        """A note that staff see in the order's history; fires ORDER_UPDATED. Raises Refused when it is blank."""
        if not message.strip():
            raise Refused("REQUIRED", "Message can't be empty.")
        with self._shop.lock:
            note = self._note(order, "NOTE_ADDED", by, message=message.strip())
            self._fire(order, "ORDER_UPDATED", by=by)
            return note

    def write_metadata(self, order: Order, items: Mapping[str, str], *, private: bool, by: Principal = None) -> None:
        """Merge keys; fires ORDER_METADATA_UPDATED, or nothing when no value changes."""
        with self._shop.lock:
            target = order.private_metadata if private else order.metadata
            if items.items() <= target.items():
                return
            target.update(items)
            self._shop.orders.touch(order)
            self._fire(order, "ORDER_METADATA_UPDATED", by=by)

    def add_lines(
        self,
        order: Order,
        wanted: list[tuple[Variant, int, Decimal | None, bool]],
        *,
        by: Principal = None,
    ) -> list[OrderLine]:
        """Add lines of (variant, quantity, price or None, force a new line), all or nothing, and price the order anew.

        Without force, a variant that stands in the order once gets its quantity raised and its price
        overwritten, paid or not. Fires ORDER_UPDATED (drafts: DRAFT_ORDER_UPDATED). Raises Refused and
        InsufficientStock.
        """
        with self._shop.lock:
            self._must_be_editable(order)
            pairs = [self._find_or_make(order, *each) for each in wanted]
            fresh = [line for line, is_new in pairs if is_new]
            if order.status != "DRAFT":
                allocate(fresh)
            order.lines.extend(fresh)
            self._edited(order)
            added = tuple((quantity, f"{item.product.name} ({item.sku})") for item, quantity, _, _ in wanted)
            self._note(order, "ADDED_PRODUCTS", by, lines=added)
            self._fire(order, "DRAFT_ORDER_UPDATED" if order.status == "DRAFT" else "ORDER_UPDATED", by=by)
            return [line for line, _ in pairs]

    def delete_line(self, line: OrderLine, *, by: Principal = None) -> None:
        """Take a line out and price the order anew, which need not restore the old total."""
        with self._shop.lock:
            order = line.order
            self._must_be_editable(order)
            line.release()
            order.lines.remove(line)
            self._edited(order)
            self._note(order, "REMOVED_PRODUCTS", by, lines=((line.quantity, line.product_name),))
            self._fire(order, "DRAFT_ORDER_UPDATED" if order.status == "DRAFT" else "ORDER_UPDATED", by=by)

    def _must_be_editable(self, order: Order) -> None:
        if order.status not in EDITABLE:
            raise Refused("NOT_EDITABLE", "Only draft and unconfirmed orders can be edited.")

    def _find_or_make(
        self, order: Order, variant: Variant, quantity: int, price: Decimal | None, force: bool
    ) -> tuple[OrderLine, bool]:
        same = [line for line in order.lines if line.variant is variant]
        if force or len(same) != 1:
            return make_line(order, variant, quantity, price=price), True
        line = same[0]
        line.quantity += quantity
        if price is not None:
            line.base_price = line.undiscounted_price = price
            line.is_price_overridden = True
        return line, False

    def _edited(self, order: Order) -> None:
        """Price anew. What the order shows as balance stays stale until it is read again."""
        order.balance_before_edit = order.charged - (pricing.total(order).gross.amount - order.granted)
        gift = pricing.reprice(order, self._shop.catalogue.promotions, self._shop.now())
        if gift is not None:
            order.lines.append(make_promotion_gift(order, gift, at_checkout=False))

    def _close(self, order: Order, status: str, by: Principal) -> None:
        order.status = status
        for line in order.lines:
            line.release()
        self._note(order, status, by)

    def _note(
        self,
        order: Order,
        kind: str,
        by: Principal,
        message: str | None = None,
        lines: tuple[tuple[int, str], ...] = (),
    ) -> Note:
        user, app = (by if isinstance(by, User) else None), (by if isinstance(by, App) else None)
        return self._shop.orders.note(order, kind, message=message, user=user, app=app, lines=lines)

    def _fire(self, order: Order, *events: str, by: Principal) -> None:
        for event in events:
            emit(self._shop, event, by=by, orders=(order,))
