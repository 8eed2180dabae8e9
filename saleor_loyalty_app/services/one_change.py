"""One change of a parcel by hand, carried out once, with who and when; and the reasons why it can't be made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged
from saleor_loyalty_app.services.add_order_lines import line_stands
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.parcel_case import ParcelCase, case_of_parcel
from saleor_loyalty_app.services.take_batch import CLOSED, begin_in_batch, keep_in_batch
from saleor_loyalty_app.store import parcel_changes, parcels, work
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import ParcelItem
from saleor_loyalty_app.store.shops import Shop, lock_shop

Detail = dict[str, Any]
QUIET = timedelta(seconds=10)
"""How long the shop is told nothing after a change, so that several in a row make one note."""
UNDO = timedelta(seconds=60)
"""How long "packed" and "skipped" can be undone without a trace in the shop; changes at the desk wait as long."""
ENDING = {parcel_changes.PACKED, parcel_changes.SKIPPED, parcel_changes.REOPENED}


def carry_out(
    app: App,
    shop: Shop,
    parcel_id: int,
    kind: str,
    change: Callable[[Connection, ParcelCase], Detail],
    *,
    by: str,
    wish: str,
    batch: str | None = None,
    revision: int | None = None,
) -> Changed:
    """Carry out one change, once, and let the shop be told.

    `batch` is the code of the batch that a packer works in: what somebody else packs is refused then. `revision` is
    that of the parcel as it was shown: when somebody changed it since, it is refused.
    """
    key = tidy_wish(wish)
    with app.database.write() as db:
        lock_shop(db, shop.id)  # two that send the same wish wait for each other here
        if done := parcel_changes.change_by_wish(db, shop.id, key):
            if (done.parcel_id, done.kind) != (parcel_id, kind):
                raise CannotChange(WhyNotChanged.NO_WISH)
            return done
        parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
        if parcel is None:
            raise LookupError("no such parcel")
        mine = begin_in_batch(app, db, shop, parcel, batch, by=by) if batch else None
        case, now = case_of_parcel(app, db, shop, parcel), app.now()
        if revision is not None and revision != parcel.revision:
            refuse_unless_planned(case)
            raise CannotChange(WhyNotChanged.STALE)
        detail = change(db, case) | ({"batch": mine.code} if mine else {})
        parcels.add_revision(db, shop.id, parcel_id)
        if mine:
            keep_in_batch(app, db, shop, parcel_id, mine, opened=kind == parcel_changes.REOPENED)
        quiet = UNDO if mine or kind in ENDING else QUIET
        work.want(db, shop.id, f"order:{case.row.order_id}", due_at=now + quiet, now=now, at_once=True)
        return parcel_changes.add_change(
            db, shop.id, parcel, by=by, kind=kind, detail=detail, wish=key, now=now
        )  # fmt: skip


def tidy_wish(wish: str) -> str:
    """A wish as a UUID is written. Raises CannotChange for anything else."""
    try:
        return str(UUID(wish))
    except ValueError as unusable:
        raise CannotChange(WhyNotChanged.NO_WISH) from unusable


def refuse_unless_planned(case: ParcelCase) -> None:
    """Raise CannotChange for a parcel that is closed."""
    if case.parcel.state != parcels.PLANNED:
        raise CannotChange(CLOSED[case.parcel.state])


def refuse_if_erased(case: ParcelCase) -> None:
    """Raise CannotChange where the customer was erased."""
    if case.customer.erased_at:
        raise CannotChange(WhyNotChanged.ERASED)


def refuse_if_line_stands(db: Connection, shop: Shop, case: ParcelCase, item: ParcelItem) -> None:
    """Raise CannotChange for an extra that stands in the order as a line."""
    if line_stands(db, shop, case.row, item):
        raise CannotChange(WhyNotChanged.LINE_STANDS, extra_id=item.extra_id)


def changeable_item(db: Connection, shop: Shop, case: ParcelCase, item_id: int) -> ParcelItem:
    """An extra that may be exchanged or taken out. Raises CannotChange, and LookupError for what was never in."""
    refuse_unless_planned(case)
    item = next((one for one in case.items if one.id == item_id), None)
    if item is None:
        raise LookupError("no such extra in this parcel")
    if item.state != parcels.PLANNED:
        raise CannotChange(WhyNotChanged.NO_SUCH_ITEM, extra_id=item.extra_id)
    refuse_if_line_stands(db, shop, case, item)
    return item
