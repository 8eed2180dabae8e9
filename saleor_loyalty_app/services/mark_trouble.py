"""Something went wrong for a customer and was put right: staff say so, and the next parcel shows it."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import customers
from saleor_loyalty_app.store.shops import Shop


def mark_trouble_solved(app: App, shop: Shop, customer_id: int, *, solved: bool) -> None:
    """Mark it, or take the mark back; the next planned parcel uses it up (moment `trouble_solved`). Safe to repeat.

    Raises LookupError for a customer that is not this shop's, or whose data were erased.
    """
    with app.database.write() as db:
        customer = customers.customer_by_id(db, shop.id, customer_id)
        if customer is None or customer.merged_into or customer.erased_at:
            raise LookupError("no such customer")
        customers.set_trouble_solved(db, shop.id, customer_id, solved=solved)
