"""What was decided is told to the shop: a packing note and private metadata, each effect once, whatever happens.

An effect is written down before the call and ended after it. One that was begun and never ended may or may
not have happened: the shop is looked at before anything is done again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.client import Answer, ReadyCall
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.mirror_tiers import (
    Mirror,
    customer_mirror,
    is_mirrored,
    metadata_input,
    mirrored_text,
)
from saleor_loyalty_app.services.one_change import UNDO
from saleor_loyalty_app.services.packing_notes import (
    CANCELLED_NOTE,
    PLANNED_NOTE,
    PackingNote,
    begun_note,
    last_of_ours,
    note_to_tell,
    stands_in,
    told_otherwise,
)
from saleor_loyalty_app.services.parcel_case import parcel_program
from saleor_loyalty_app.services.wait_for_call import sent_within_seconds, wait_for_call
from saleor_loyalty_app.store import effects, orders, parcels, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id, set_mirrored
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import LIVE, Shop

ORDER_MIRROR = "mirror:order"

LATE = timedelta(minutes=1)
"""A note that comes so late may stand already, told by an app that this database does not remember."""
CLOCKS_DIFFER = timedelta(seconds=10)
"""The shop's clock may be ahead of ours by so much, which counts when something happened about when we started."""

MAYBE_UNDER_WAY = Saying("A packing note may still be on its way into the shop. It is looked at again in a moment.")
PARTS = {
    "note": Saying("the packing note"),
    "order": Saying("the details of the parcel at the order"),
    "customer": Saying("the tier at the customer"),
}
"""The mutations of `TellShop`, fit for "The shop refused …"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is still to be told about an order and its customer; parts that are None are not sent."""

    order: OrderRow
    customer: Customer | None
    parcel: Parcel | None = None
    note: PackingNote | None = None
    note_seen: Effect | None = None
    """The note's effect as it was when the note was decided."""
    order_mirror: Mirror | None = None
    customer_mirror: Mirror | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the shop knows it all already."""
        return self.note is None and self.order_mirror is None and self.customer_mirror is None


def tell_shop(app: App, shop: Shop, order_id: str) -> None:
    """Bring the shop up to date about an order's parcel and its customer's tier. In rehearsal nothing is told.

    Two requests at most: one that looks, when the last try ended in the dark or when it may have been told by an app
    that this database does not remember, and one that tells. Raises TryAgain, Denied or HumanMustAct; what was done
    until then is remembered.
    """
    with app.database.read() as db:
        order = orders.order_by_saleor_id(db, shop.id, order_id)
        if shop.mode != LIVE or order is None:
            return
        done = effects.effects_of(db, shop.id, _order_subject(order))
        telling, later = _what_to_tell(db, shop, order, done, now=app.now())
    if begun := begun_note(done):
        _settle(app, shop, order, begun)
        telling, later = _look_again(app, shop, order)
    if later:
        with app.database.write() as db:
            work.want(db, shop.id, _order_subject(order), due_at=later, now=app.now())
    if telling.note and telling.parcel and _may_stand_already(app, telling):
        _look(app, shop, telling.parcel, telling.note, order)
        telling, _ = _look_again(app, shop, order)
    if not telling.is_empty:
        _tell(app, shop, telling)


def _may_stand_already(app: App, telling: Telling) -> bool:
    """Whether a note may have been told before the database was replaced by an older backup: it comes late, or is about
    something from before this process started."""
    if telling.note is None or telling.note_seen is not None:
        return False
    about = {PLANNED_NOTE: telling.order.placed_at, CANCELLED_NOTE: telling.order.updated_at}.get(telling.note.effect)
    return about is not None and about < max(app.now() - LATE, app.started_at + CLOCKS_DIFFER)


def _look(app: App, shop: Shop, parcel: Parcel, note: PackingNote, order: OrderRow) -> None:
    """Keep in mind what stands on the order already: this very note, or another one in its place."""
    standing = last_of_ours(_messages(app, shop, order), parcel)
    if standing is None or (note.effect == CANCELLED_NOTE and standing.strip() != note.message.strip()):
        return
    detail = note.detail if standing.strip() == note.message.strip() else told_otherwise(note)
    subject = _order_subject(order)
    with app.database.write() as db:
        if effects.take_effect(db, shop.id, subject, note.effect, seen=None, now=app.now(), detail=detail):
            _end_note(db, shop, parcel, order, note.effect, detail, now=app.now())


def _messages(app: App, shop: Shop, order: OrderRow) -> list[str]:
    """The notes on an order, oldest first."""
    answer = app.client(shop).ask("ReadOrderNotes", id=order.order_id)
    return [event["message"] or "" for event in (answer["order"] or {}).get("events", [])]


def _look_again(app: App, shop: Shop, order: OrderRow) -> tuple[Telling, datetime | None]:
    with app.database.read() as db:
        done = effects.effects_of(db, shop.id, _order_subject(order))
        return _what_to_tell(db, shop, order, done, now=app.now())


def _what_to_tell(
    db: Connection, shop: Shop, order: OrderRow, done: Sequence[Effect], *, now: datetime
) -> tuple[Telling, datetime | None]:
    """What is to be told now, and when the rest is: a parcel that was just closed may still be opened again."""
    parcel = parcels.parcel_of_order(db, shop.id, order.id)
    program = parcel_program(db, shop, parcel) if parcel else current_program(db, shop)
    customer = customer_by_id(db, shop.id, order.customer_id)
    telling = Telling(order=order, customer=customer, parcel=parcel)
    # The customer's tier is shown as the rules in force call it, as everywhere else; else old orders would rename it.
    in_force = current_program(db, shop)
    if customer and customer.user_id and not is_mirrored(customer, in_force):
        telling = replace(telling, customer_mirror=customer_mirror(customer, in_force))
    if parcel is None or parcel.mode != LIVE:
        return telling, None
    if parcel.state in {parcels.PACKED, parcels.SKIPPED} and parcel.closed_at and now < parcel.closed_at + UNDO:
        return telling, parcel.closed_at + UNDO
    known = {one.effect: one for one in done}
    note = note_to_tell(db, shop, order, parcel, program, done=done, order_note=in_force.packing.order_note)
    if note is None and PLANNED_NOTE not in known and parcel.state == parcels.CANCELLED:
        return telling, None  # it was never told, so there is nothing to take back
    if note:
        telling = replace(telling, note=note, note_seen=known.get(note.effect))
    mirror = _order_mirror(db, shop, parcel)
    if not _stands(known.get(ORDER_MIRROR), mirror):
        telling = replace(telling, order_mirror=mirror)
    return telling, None


def _order_mirror(db: Connection, shop: Shop, parcel: Parcel) -> Mirror:
    items = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state in parcels.STANDING]
    return {
        "best-regards.parcel": parcel.code,
        "best-regards.state": parcel.state,
        "best-regards.tier": parcel.tier or "",
        "best-regards.extras": ", ".join(item.extra_id for item in items),
    }


def _stands(known: Effect | None, mirror: Mirror) -> bool:
    if known is None:
        return not any(mirror.values())  # never told, and there is nothing to say
    return known.state != effects.STARTED and known.detail.get("mirror") == mirror


def _settle(app: App, shop: Shop, order: OrderRow, begun: Effect) -> None:
    """Find out whether a note whose last try ended in the dark stands on the order after all."""
    wait_for_call(app, shop, begun, MAYBE_UNDER_WAY)
    messages = _messages(app, shop, order)
    with app.database.write() as db:
        parcel = parcels.parcel_of_order(db, shop.id, order.id)
        if parcel and stands_in(begun, parcel, parcel_program(db, shop, parcel), messages):
            _end_note(db, shop, parcel, order, begun.effect, begun.detail, now=app.now())
        else:  # it never arrived; whether it is still wanted is another question
            subject = _order_subject(order)
            effects.end_effect(
                db, shop.id, subject, begun.effect, state=effects.REFUSED, now=app.now(), detail={}
            )  # fmt: skip


def _tell(app: App, shop: Shop, telling: Telling) -> None:
    call = app.client(shop).ready(within_seconds=sent_within_seconds(app))
    if note := telling.note:
        with app.database.write() as db:
            ours = effects.take_effect(
                db, shop.id, _order_subject(telling.order), note.effect, seen=telling.note_seen, now=app.now(),
                detail=note.detail,
            )  # fmt: skip
        if not ours:  # this round was taken over while it stood still
            raise TryAgain(MAYBE_UNDER_WAY)
    answer = _send(call, telling)
    refusals: list[HumanMustAct | TryAgain] = []
    with app.database.write() as db:
        now = app.now()
        if telling.note:
            refusals += _note_result(db, shop, telling, answer, now)
        if telling.order_mirror is not None:
            refusals += _order_mirror_result(db, shop, telling, answer, now)
        # A customer who was deleted meanwhile is refused like a missing permission, which `doctor` tells of.
        if telling.customer_mirror is not None and telling.customer and not _refusal(answer, "customer"):
            set_mirrored(db, shop.id, telling.customer.id, mirrored_text(telling.customer_mirror))
    if refusals:
        raise refusals[0]


def _send(call: ReadyCall, telling: Telling) -> Answer:
    return call.ask_partly(
        "TellShop",
        order=telling.order.order_id,
        message=telling.note.message if telling.note else "",
        orderMirror=metadata_input(telling.order_mirror),
        customer=(telling.customer.user_id if telling.customer else None) or "",
        customerMirror=metadata_input(telling.customer_mirror),
        withNote=telling.note is not None,
        withOrder=telling.order_mirror is not None,
        withCustomer=telling.customer_mirror is not None,
    )


def _note_result(
    db: Connection, shop: Shop, telling: Telling, answer: Answer, now: datetime
) -> list[HumanMustAct | TryAgain]:
    refusal = _refusal(answer, "note")
    if refusal:
        return [refusal]  # begun and not ended: the next try looks first
    if telling.note and telling.parcel:
        _end_note(db, shop, telling.parcel, telling.order, telling.note.effect, telling.note.detail, now=now)
    return []


def _end_note(  # noqa: PLR0917
    db: Connection, shop: Shop, parcel: Parcel, order: OrderRow, effect: str, detail: dict[str, Any], *, now: datetime
) -> None:
    effects.end_effect(db, shop.id, _order_subject(order), effect, state=effects.DONE, now=now, detail=detail)
    if effect == PLANNED_NOTE:
        parcels.mark_told(db, shop.id, parcel.id, now)


def _order_mirror_result(
    db: Connection, shop: Shop, telling: Telling, answer: Answer, now: datetime
) -> list[HumanMustAct | TryAgain]:
    refusal = _refusal(answer, "order")
    if isinstance(refusal, (Denied, TryAgain)):
        return [refusal]
    effects.write_effect(
        db, shop.id, _order_subject(telling.order), ORDER_MIRROR,
        state=effects.REFUSED if refusal else effects.DONE, now=now, detail={"mirror": telling.order_mirror},
    )  # fmt: skip
    return []


def _refusal(answer: Answer, field: str) -> HumanMustAct | TryAgain | None:
    """Why one mutation of the document was not carried out, or None when the answer says that it was."""
    return answer.refusal_of(field, PARTS[field])


def _order_subject(order: OrderRow) -> str:
    return f"order:{order.order_id}"
