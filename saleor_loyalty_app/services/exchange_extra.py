"""An extra can't go into its parcel: it is taken out with the reason, and the next best one is put in."""

from dataclasses import replace

from sqlalchemy import Connection

from saleor_loyalty_app.domain.exchanging import plan_without
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import Means, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.plan_parcel import means_now, month_of
from saleor_loyalty_app.store import earlier_parcels, pages, parcel_notes, parcels, stock
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import LIVE, Shop, lock_shop


def exchange_extra(
    app: App, shop: Shop, parcel: Parcel, item: ParcelItem, *, order: Order, program: Program, why: WhyNot
) -> None:
    """Take one extra out of a planned parcel and put the next best in, with a note that fits; in one transaction.

    An extra that staff took out meanwhile is left alone.
    """
    with app.database.write() as db:
        lock_shop(db, shop.id)
        before = parcels.parcel_by_id(db, shop.id, parcel.id) or parcel
        if all(extra.extra_id != item.extra_id for extra in before.plan.extras.chosen):
            return
        take_out(app, db, shop, item, why=why)
        means = means_now(db, shop, program, before.customer_id, app.now(), mode=before.mode)
        given = earlier_parcels.given_to(
            db, shop.id, before.customer_id, mode=before.mode, but_parcel=before.id
        )  # fmt: skip
        put_next_in(
            app, db, shop, before, item, order=order, program=program, story=replace(before.story, given=given),
            means=means, why=why,
        )  # fmt: skip


def take_out(app: App, db: Connection, shop: Shop, item: ParcelItem, *, why: str) -> None:
    """End one extra of a parcel; its piece goes back to the stock, its cost to the budgets."""
    parcels.close_item(db, shop.id, item.id, state=parcels.SKIPPED, why=why, now=app.now())
    stock.return_piece(db, shop.id, item.extra_id, item.id, now=app.now())


def put_in(
    app: App, db: Connection, shop: Shop, parcel: Parcel, extra: PlannedExtra, *, program: Program
) -> int:  # fmt: skip
    """Put an extra into a planned parcel; stock and budget are taken along. Return the item's row."""
    now = app.now()
    item_id = parcels.add_item(
        db, shop.id, parcel, extra_id=extra.extra_id, kind=extra.kind, cost_minor=extra.cost_minor,
        by_hand=extra.by_hand, month=month_of(now, program), now=now,
    )  # fmt: skip
    if parcel.mode == LIVE:
        stock.take_piece(db, shop.id, extra.extra_id, item_id, now=now)
    return item_id


def put_next_in(
    app: App,
    db: Connection,
    shop: Shop,
    parcel: Parcel,
    gone: ParcelItem,
    *,
    order: Order,
    program: Program,
    story: Story,
    means: Means,
    why: WhyNot,
    wanted: str | None = None,
) -> PlannedExtra | None:
    """Plan anew without an extra that was taken out, and put in what comes instead; return it, or None.

    `means` and `story.given` are as they stand without it. Words on the card that
    somebody stands for stay, in the plan as well.
    """
    plan = plan_without(
        parcel.plan, gone.extra_id, why=why, program=program, version=parcel.program_version, story=story, order=order,
        means=means, secret=app.secret(shop), today=local_day(app.now(), program.zone), wanted=wanted,
    )  # fmt: skip
    note = pages.note_of_parcel(db, shop.id, parcel.id)
    if note and note.state not in parcel_notes.FREE:
        plan = replace(plan, note=parcel.plan.note)
    parcels.change_plan(db, shop.id, parcel, plan, now=app.now())
    known = {extra.extra_id for extra in parcel.plan.extras.chosen}
    new = next((extra for extra in plan.extras.chosen if extra.extra_id not in known), None)
    if new:
        put_in(app, db, shop, parcel, new, program=program)
    return new
