"""An order falls through: its parcel is cancelled, the stock of extras and the budget come back."""

from sqlalchemy import Connection

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import parcels, stock
from saleor_loyalty_app.store.shops import Shop, lock_shop


def take_back_parcel(app: App, db: Connection, shop: Shop, parcel: parcels.Parcel, *, why: str) -> bool:
    """Cancel a parcel that is still planned; return whether there was one to cancel.

    What is packed, skipped or shipped stays: it can't be taken out of the customer's hands. The budget comes
    back with the items, because only standing extras are summed.
    """
    lock_shop(db, shop.id)  # staff may be changing it at this moment
    now = app.now()
    planned = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state == parcels.PLANNED]
    if not parcels.close_parcel(db, shop.id, parcel.id, state=parcels.CANCELLED, why=why, now=now):
        return False
    for item in planned:
        stock.return_piece(db, shop.id, item.extra_id, item.id, now=now)
    return True
