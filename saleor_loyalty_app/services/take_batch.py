"""Packers share the work: each takes a batch of parcels, and has them for themselves until it is done or too old.

`by` is a Saleor user id. Codes of batches that are not this shop's raise LookupError.
"""

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import batches, packing_lists, parcels
from saleor_loyalty_app.store.batches import Batch
from saleor_loyalty_app.store.packing_lists import DeskFilter
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop, lock_shop

HELD = timedelta(minutes=45)
"""How long a packer has a batch without a word; each parcel that is confirmed begins this time anew."""
MOST_AT_ONCE = 100
CLOSED = {
    parcels.PACKED: WhyNotChanged.PACKED,
    parcels.SHIPPED: WhyNotChanged.SHIPPED,
    parcels.SKIPPED: WhyNotChanged.SKIPPED,
    parcels.CANCELLED: WhyNotChanged.FELL_THROUGH,
}
"""Why a parcel in one of these states can't be changed or packed."""


class NothingToPack(Exception):
    """No parcel that fits is ready and free."""


def take_batch(app: App, shop: Shop, wanted: DeskFilter, *, by: str, size: int = 25) -> Batch:
    """Give a packer the next parcels that fit, at most `size`. Who has an open batch gets that one again.

    Raises NothingToPack.
    """
    with app.database.write() as db:
        lock_shop(db, shop.id)
        now = app.now()
        if mine := _open_batch(app, db, shop, by):
            return mine
        limit = max(1, min(size, MOST_AT_ONCE))
        ids = packing_lists.free_parcels(db, shop.id, wanted, now=now, limit=limit)
        if not ids:
            raise NothingToPack
        return batches.add_batch(
            db, shop.id, by=by, narrowed=asdict(wanted), parcel_ids=ids, now=now, until=now + HELD
        )  # fmt: skip


def claim_parcel(app: App, shop: Shop, batch_code: str, parcel_id: int, *, by: str) -> Batch:
    """Put one more parcel into a batch, one that was scanned out of turn; without a code, into a batch of its own.

    Raises LookupError, or CannotChange: somebody else has it, it is not paid, or it is closed.
    """
    with app.database.write() as db:
        lock_shop(db, shop.id)
        parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
        if parcel is None:
            raise LookupError("no such parcel")
        mine = _mine(db, shop, batch_code, by) if batch_code else _open_batch(app, db, shop, by)
        if parcel.state != parcels.PLANNED:
            raise CannotChange(CLOSED[parcel.state])
        _check_free(app, db, shop, parcel, mine)
        return _put_in(app, db, shop, parcel, mine, by=by)


def hold_on(app: App, shop: Shop, code: str, *, by: str) -> Batch:
    """The packer is still there: what is left of the batch stays theirs. What a colleague took meanwhile does not."""
    with app.database.write() as db:
        lock_shop(db, shop.id)
        mine = _mine(db, shop, code, by)
        batches.renew(db, shop.id, mine.id, until=app.now() + HELD)
        return mine


def release_batch(app: App, shop: Shop, code: str, *, by: str) -> Batch:  # noqa: ARG001
    """Give back what is left of a batch; colleagues may, for one who went home. Twice is as good as once."""
    with app.database.write() as db:
        lock_shop(db, shop.id)
        batch = batches.batch_by_code(db, shop.id, code)
        if batch.ended_at is None:
            batches.release(db, shop.id, batch.id, now=app.now())
        return batches.batch_by_id(db, shop.id, batch.id)


def batch_by_code(app: App, shop: Shop, code: str) -> Batch:
    """A batch as it stands now. Raises LookupError."""
    with app.database.read() as db:
        return batches.batch_by_code(db, shop.id, code)


def begin_in_batch(app: App, db: Connection, shop: Shop, parcel: Parcel, code: str, *, by: str) -> Batch:
    """Before a change: the parcel is in the batch that its packer works in, if that still goes on. The shop is locked.

    Raises LookupError, and CannotChange when somebody else packs the parcel, or it is not ready.
    """
    mine = _mine(db, shop, code, by)
    _check_free(app, db, shop, parcel, mine)
    if mine.ended_at is None:
        batches.hold(db, shop.id, mine.id, [parcel.id], now=app.now(), until=app.now() + HELD)
    return mine


def keep_in_batch(app: App, db: Connection, shop: Shop, parcel_id: int, mine: Batch, *, opened: bool) -> None:
    """After a change: what is left of a packer's batch stays theirs, and a parcel that was opened again is theirs, too.

    A batch in which nothing is left is ended.
    """
    now = app.now()
    parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
    if opened and parcel and parcel.state == parcels.PLANNED and parcel.ready_at:
        _put_in(app, db, shop, parcel, mine, by=mine.by)
    batches.renew(db, shop.id, mine.id, until=now + HELD)
    batches.end_if_done(db, shop.id, mine.id, now=now)


def _put_in(app: App, db: Connection, shop: Shop, parcel: Parcel, mine: Batch | None, *, by: str) -> Batch:
    """Put a parcel into a batch; when that one is over, into the packer's open one, else it goes on."""
    now = app.now()
    until = now + HELD
    target = mine if mine and mine.ended_at is None else batches.open_batch(db, shop.id, by) or mine
    if target is None:
        return batches.add_batch(
            db, shop.id, by=by, narrowed=asdict(DeskFilter()), parcel_ids=[parcel.id], now=now, until=until
        )  # fmt: skip
    if target.ended_at is not None:
        batches.open_again(db, shop.id, target.id)
    batches.hold(db, shop.id, target.id, [parcel.id], now=now, until=until)
    batches.renew(db, shop.id, target.id, until=until)
    return batches.batch_by_id(db, shop.id, target.id)


def _open_batch(app: App, db: Connection, shop: Shop, by: str) -> Batch | None:
    """What a packer still has to pack, held anew; None when there is nothing left of it."""
    mine = batches.open_batch(db, shop.id, by)
    if mine is None:
        return None
    if not mine.waiting_ids:
        batches.end_if_done(db, shop.id, mine.id, now=app.now())
        return None
    batches.renew(db, shop.id, mine.id, until=app.now() + HELD)
    return mine


def _mine(db: Connection, shop: Shop, code: str, by: str) -> Batch:
    batch = batches.batch_by_code(db, shop.id, code)
    if batch.by != by:
        raise CannotChange(WhyNotChanged.HELD, detail=batch.by)
    return batch


def _check_free(app: App, db: Connection, shop: Shop, parcel: Parcel, mine: Batch | None) -> None:
    holder = batches.holder(db, shop.id, parcel, now=app.now())
    if holder and (mine is None or holder.id != mine.id):
        raise CannotChange(WhyNotChanged.HELD, detail=holder.by)
    if parcel.state == parcels.PLANNED and parcel.ready_at is None:
        raise CannotChange(WhyNotChanged.NOT_READY)
