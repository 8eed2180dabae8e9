"""A parcel ends or begins anew: packed, shipped, skipped, cancelled; with its extras, their stock and its batch."""

from sqlalchemy import Connection

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.variant_stock import note_moved
from saleor_loyalty_app.store import batches, parcels, stock
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop, lock_shop

GONE = (parcels.PACKED, parcels.SHIPPED)
"""States in which the extras have left the shelf for good."""


def close_parcel(app: App, db: Connection, shop: Shop, parcel: Parcel, *, state: str, why: str) -> bool:
    """End a parcel that is still planned, with the reason; return whether it was.

    What is packed or shipped leaves the shop's stock, where the shop counts it; what is not goes back to our own.
    The budget comes back by itself, because only standing extras are summed.
    """
    lock_shop(db, shop.id)  # staff may be changing it at this moment
    now = app.now()
    planned = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state == parcels.PLANNED]
    if not parcels.close_parcel(db, shop.id, parcel.id, state=state, why=why, now=now):
        return False
    if state in GONE:
        note_moved(db, shop, current_program(db, shop), planned, sign=-1, now=now)
    else:
        for item in planned:
            stock.return_piece(db, shop.id, item.extra_id, item.id, now=now)
    if parcel.batch_id is not None:
        batches.end_if_done(db, shop.id, parcel.batch_id, now=now)
    return True


def open_parcel(app: App, db: Connection, shop: Shop, parcel: Parcel) -> None:
    """Let a closed parcel be planned again, with the extras that were packed; those skipped stay out."""
    now = app.now()
    packed = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state in GONE]
    parcels.open_parcel(db, shop.id, parcel.id, [item.id for item in packed], now=now)
    note_moved(db, shop, current_program(db, shop), packed, sign=1, now=now)
