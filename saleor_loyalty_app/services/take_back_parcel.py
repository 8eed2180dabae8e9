"""An order falls through: its parcel is cancelled, the stock of extras and the budget come back."""

from sqlalchemy import Connection

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.close_parcel import close_parcel
from saleor_loyalty_app.store import parcels
from saleor_loyalty_app.store.shops import Shop


def take_back_parcel(app: App, db: Connection, shop: Shop, parcel: parcels.Parcel, *, why: str) -> bool:
    """Cancel a parcel that is still planned; return whether there was one to cancel.

    What is packed, skipped or shipped stays: it can't be taken out of the customer's hands.
    """
    return close_parcel(app, db, shop, parcel, state=parcels.CANCELLED, why=why)
