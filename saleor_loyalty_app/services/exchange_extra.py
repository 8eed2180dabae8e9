"""An extra can't go into its parcel: it is taken out with the reason, and the next best one is chosen."""

from dataclasses import replace

from sqlalchemy import Connection

from saleor_loyalty_app.domain.next_best import next_best_extra
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.plan_parcel import means_now
from saleor_loyalty_app.store import parcels, stock
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import Shop


def exchange_extra(
    app: App, db: Connection, shop: Shop, parcel: Parcel, item: ParcelItem, *, program: Program, why: str
) -> str | None:
    """Take one extra out and put the next best surprise in; return its id, or None when nothing is left.

    A signature extra is not replaced: there is nothing like it.
    """
    now = app.now()
    parcels.close_item(db, shop.id, item.id, state=parcels.SKIPPED, why=why, now=now)
    stock.return_piece(db, shop.id, item.extra_id, item.id, now=now)
    tried = [known.extra_id for known in parcels.items_of(db, shop.id, parcel.id)]
    means = means_now(db, shop, program, parcel.customer_id, now)
    means = replace(means, stock={**means.stock, **dict.fromkeys(tried, 0)})
    chosen = next_best_extra(parcel.plan.extras, program=program, means=means) if item.kind == "surprise" else None
    if chosen is None:
        return None
    added = parcels.add_item(
        db, shop.id, parcel, extra_id=chosen.extra_id, kind=chosen.kind, cost_minor=chosen.cost_minor, now=now
    )
    stock.take_piece(db, shop.id, chosen.extra_id, added, now=now)
    return chosen.extra_id
