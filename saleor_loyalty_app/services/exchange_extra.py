"""An extra can't go into its parcel: it is taken out with the reason, and the next best one is put in."""

from saleor_loyalty_app.domain.exchanging import plan_without
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.plan_parcel import means_now
from saleor_loyalty_app.store import parcels, stock
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import Shop, lock_shop


def exchange_extra(
    app: App, shop: Shop, parcel: Parcel, item: ParcelItem, *, order: Order, program: Program, why: WhyNot
) -> None:
    """Take one extra out of a planned parcel and put the next best in, with a note that fits; in one transaction."""
    with app.database.write() as db:
        lock_shop(db, shop.id)
        now = app.now()
        parcels.close_item(db, shop.id, item.id, state=parcels.SKIPPED, why=why, now=now)
        stock.return_piece(db, shop.id, item.extra_id, item.id, now=now)
        before = parcels.parcel_of_order(db, shop.id, parcel.order_row) or parcel
        plan = plan_without(
            before.plan,
            item.extra_id,
            why=why,
            program=program,
            version=parcel.program_version,
            story=parcel.story,
            order=order,
            means=means_now(db, shop, program, parcel.customer_id, now),
            secret=app.secret(shop),
        )
        parcels.change_plan(db, shop.id, parcel.id, plan)
        known = {extra.extra_id for extra in before.plan.extras.chosen}
        for extra in plan.extras.chosen:
            if extra.extra_id not in known:
                added = parcels.add_item(
                    db, shop.id, parcel, extra_id=extra.extra_id, kind=extra.kind, cost_minor=extra.cost_minor, now=now
                )
                stock.take_piece(db, shop.id, extra.extra_id, added, now=now)
