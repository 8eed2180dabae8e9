"""An extra has run out, whatever was counted: its stock is 0, and the parcels that wait for it are planned anew.

A few dozen at once, so that the packer sees what it comes to; the others in rounds of their own.
"""

from collections import Counter
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged, plan_stripped
from saleor_loyalty_app.domain.parcels import WhyNot
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.exchange_extra import put_next_in, take_out
from saleor_loyalty_app.services.keep_promises import LINE_RAN_OUT
from saleor_loyalty_app.services.one_change import QUIET, UNDO, Detail, tidy_wish
from saleor_loyalty_app.services.parcel_case import case_of_parcel, means_without, next_best, parcel_program
from saleor_loyalty_app.store import batches, missing_extras, parcel_changes, parcels, tasks, variant_stock, work
from saleor_loyalty_app.store.parcel_changes import RAN_OUT
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop, lock_shop

AT_ONCE = 50
"""Parcels that are planned anew while the packer waits for the answer."""
CHUNK, CHUNKS_PER_ROUND = 25, 20
"""Parcels in one transaction, and transactions in one round."""
NAMED = 20
"""Orders that are named in a task; how many there are is said besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RanOut:
    """What it comes to that an extra has run out, as far as it was seen to at once."""

    waiting: int
    """Parcels that waited for it, all in all."""
    planned_anew: int
    """Those that got something else."""
    left_without: int
    """Those that go without. The rest of those waiting follow within minutes."""
    in_orders: tuple[str, ...] = ()
    """Numbers of orders in which it stands as a line of its own: these are left to a person."""

    @property
    def to_come(self) -> int:
        """Those that are still to be planned anew."""
        return self.waiting - self.planned_anew - self.left_without


def run_out(app: App, shop: Shop, extra_id: str, *, by: str, wish: str, parcel_id: int) -> RanOut:
    """Mark an extra as out of stock, once by wish, found so while packing this parcel; plan anew what waits for it.

    The parcel itself and its batch come first. A surprise is exchanged for the next best, anything else goes without.
    What stands in an order as a line is left alone, and becomes a task. Raises LookupError for a parcel that is not
    this shop's, and CannotChange.
    """
    key = tidy_wish(wish)
    with app.database.write() as db:
        lock_shop(db, shop.id)
        if done := parcel_changes.change_by_wish(db, shop.id, key):
            if (done.parcel_id, done.kind, done.detail["out"]) != (parcel_id, RAN_OUT, extra_id):
                raise CannotChange(WhyNotChanged.NO_WISH)
            return _ran_out(db, shop, done.detail)
        parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
        if parcel is None:
            raise LookupError("no such parcel")
        if parcel_program(db, shop, parcel).extra(extra_id) is None:
            raise CannotChange(WhyNotChanged.NO_SUCH_EXTRA)
        missing_extras.mark_missing(db, shop.id, extra_id, by=by, now=app.now())
        variant_stock.note_found_empty(db, shop.id, extra_id)
        waiting = missing_extras.count_waiting(db, shop.id, extra_id)
        first = _first_ones(db, shop, parcel, extra_id)
        done_at_once = {
            at: _replan(app, db, shop, at, item_id, by=by, is_kept=at != parcel_id) for item_id, at in first
        }
        outcome = Counter("in" in detail for detail in done_at_once.values())
        sums = {"waiting": waiting, "planned_anew": outcome[True], "left_without": outcome[False]}
        if waiting > len(done_at_once):
            work.want(db, shop.id, f"extra:{extra_id}", due_at=app.now(), now=app.now(), at_once=True)
        _name_lines(app, db, shop, extra_id)
        detail = {"out": extra_id, **done_at_once.get(parcel_id, {}), **sums}
        parcel_changes.add_change(db, shop.id, parcel, by=by, kind=RAN_OUT, detail=detail, wish=key, now=app.now())
        return _ran_out(db, shop, detail)


def replan_waiting(app: App, shop: Shop, extra_id: str) -> bool:
    """Plan some more of the parcels anew that wait for an extra which ran out; return whether there are more."""
    for _ in range(CHUNKS_PER_ROUND):
        with app.database.write() as db:
            lock_shop(db, shop.id)
            by = missing_extras.marked_by(db, shop.id, extra_id)
            chunk = missing_extras.waiting_items(db, shop.id, extra_id, limit=CHUNK)
            for item_id, parcel_id in chunk:
                _replan(app, db, shop, parcel_id, item_id, by=by)
        if len(chunk) < CHUNK:
            return False
    return True


def _first_ones(db: Connection, shop: Shop, parcel: Parcel, extra_id: str) -> list[tuple[int, int]]:
    """What is planned anew at once: this parcel, the rest of its batch, then those that wait longest."""
    mine = [parcel.id]
    if parcel.batch_id is not None:
        mine += batches.batch_by_id(db, shop.id, parcel.batch_id).waiting_ids
    first = missing_extras.waiting_items(db, shop.id, extra_id, limit=len(mine), in_parcels=mine)
    oldest = missing_extras.waiting_items(db, shop.id, extra_id, limit=AT_ONCE)
    return list(dict.fromkeys([*first, *oldest]))[: max(AT_ONCE, len(first))]


def _replan(
    app: App, db: Connection, shop: Shop, parcel_id: int, item_id: int, *, by: str, is_kept: bool = True
) -> Detail:
    """Take an extra out of one parcel and put the next best in; return what was done, which is kept as a change.

    That of the parcel in which it was found is not: it is kept with the wish, and with what it comes to.
    """
    parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
    if parcel is None:
        raise LookupError("no such parcel")
    case, now = case_of_parcel(app, db, shop, parcel), app.now()
    item = next(one for one in case.items if one.id == item_id)
    best = next_best(case, item)
    take_out(app, db, shop, item, why=WhyNot.OUT_OF_STOCK)
    if item.by_hand or case.customer.erased_at:
        best = None
        plan = plan_stripped(parcel.plan, item.extra_id, WhyNot.OUT_OF_STOCK)
        parcels.change_plan(db, shop.id, parcel, plan, now=now)
    else:
        put_next_in(
            app, db, shop, parcel, item, order=case.order, program=case.made_under, story=case.story,
            means=means_without(case, item), why=WhyNot.OUT_OF_STOCK, wanted=best.extra_id if best else "",
        )  # fmt: skip
    parcels.add_revision(db, shop.id, parcel_id)
    quiet = UNDO if parcel.batch_id is not None else QUIET
    work.want(db, shop.id, f"order:{case.row.order_id}", due_at=now + quiet, now=now)
    done: Detail = {"out": item.extra_id, "item": item_id} | ({"in": best.extra_id} if best else {})
    if is_kept:
        wish = str(uuid5(NAMESPACE_OID, f"{shop.id}/ran_out/{item_id}"))  # an item runs out once
        parcel_changes.add_change(db, shop.id, parcel, by=by, kind=RAN_OUT, detail=done, wish=wish, now=now)
    return done


def _name_lines(app: App, db: Connection, shop: Shop, extra_id: str) -> None:
    """Orders in which the extra stands as a line are for a person: only the shop's staff can change them."""
    numbers = missing_extras.orders_with_lines(db, shop.id, extra_id)
    if numbers:
        detail = {"extra": extra_id, "orders": len(numbers), "numbers": numbers[:NAMED]}
        tasks.open_task(db, shop.id, LINE_RAN_OUT, f"extra:{extra_id}", detail=detail, now=app.now())


def _ran_out(db: Connection, shop: Shop, detail: Detail) -> RanOut:
    return RanOut(
        waiting=detail["waiting"], planned_anew=detail["planned_anew"], left_without=detail["left_without"],
        in_orders=tuple(missing_extras.orders_with_lines(db, shop.id, detail["out"])),
    )  # fmt: skip
