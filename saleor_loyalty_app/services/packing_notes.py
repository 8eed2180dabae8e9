"""Which note an order is still to get: the first one, one that replaces it after a change, or that all is taken back.

A note in the shop can't be changed so that the older words vanish (verified.md §3: both stay visible), so a change
is a further note. What was told is known by the notes' effects: each keeps the parcel's revision, its first line and
a digest of what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import (
    changed_line,
    changed_word,
    closed_word,
    left_out_line,
    packed_line,
    skipped_line,
)
from saleor_loyalty_app.domain.parcel_sentences import cancelled_note, note_head, packing_note
from saleor_loyalty_app.domain.parcels import ParcelPlan
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.store import effects, pages, parcel_changes, parcel_notes, parcels
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop

NOTE = "note:"
PLANNED_NOTE, CANCELLED_NOTE = "note:planned", "note:cancelled"
CHANGED_NOTE = "note:changed:"
"""Followed by its number: the first note after the packing note is "note:changed:1"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingNote:
    """One note that is to be written on an order, with what is remembered of it."""

    effect: str
    message: str
    detail: dict[str, Any]


def note_to_tell(
    db: Connection,
    shop: Shop,
    order: OrderRow,
    parcel: Parcel,
    program: Program,
    *,
    done: Sequence[Effect],
    order_note: bool,
) -> PackingNote | None:
    """The note an order lacks, or None. `program` holds every extra of the parcel, `done` is all that was done about
    the order, oldest first.

    What was done at the packing desk leaves a note only with `order_note`; who skips a parcel before it comes there
    tells the packers so in any case.
    """
    known = [one for one in done if one.effect.startswith(NOTE) and one.state == effects.DONE]
    if parcel.state == parcels.CANCELLED:
        return _taken_back(parcel, program, known, number=order.number)
    closing = _closing(db, shop, parcel)
    if closing and "batch" in closing.detail and not order_note:
        return None
    body = _body(db, shop, parcel, program, closing if order_note else None)
    digest = blake2b(body.encode(), digest_size=16).hexdigest()
    if not known:
        untold = parcel.state == parcels.SKIPPED  # then nobody has laid out anything yet
        return None if untold else _note(PLANNED_NOTE, [_head(parcel, program), body], parcel, digest)
    told = known[-1].detail
    if parcel.revision <= told.get("revision", 0) or told.get("digest") == digest:
        return None
    times = sum(one.effect.startswith(CHANGED_NOTE) for one in known) + 1
    locale = program.languages[0]
    lines = [note_head(parcel.code, changed_word(times, locale)), changed_line(locale), body]
    if closing and order_note:
        lines = [note_head(parcel.code, closed_word(parcel.state, times, locale)), body]
    return _note(f"{CHANGED_NOTE}{times}", lines, parcel, digest)


def begun_note(done: Sequence[Effect]) -> Effect | None:
    """The note whose last try ended in the dark, or None; there is never more than one."""
    return next((one for one in done if one.effect.startswith(NOTE) and one.state == effects.STARTED), None)


def stands_in(begun: Effect, parcel: Parcel, program: Program, messages: list[str]) -> bool:
    """Whether a note that was begun is among these of its order: its first line is like no other's."""
    head = begun.detail.get("head") or _head(parcel, program)
    return any(message.partition("\n")[0] == head for message in messages)


def last_of_ours(messages: Sequence[str], parcel: Parcel) -> str | None:
    """The newest note about a parcel among those of its order, oldest first; None when there is none."""
    head = note_head(parcel.code, "")
    return next((message for message in reversed(messages) if message.startswith(head)), None)


def told_otherwise(note: PackingNote) -> dict[str, Any]:
    """What is remembered of a note that stands in the shop with other words than `note`: a further one is due."""
    return {**note.detail, "revision": -1, "digest": ""}


def _taken_back(parcel: Parcel, program: Program, known: list[Effect], *, number: str) -> PackingNote | None:
    if not known or known[-1].effect == CANCELLED_NOTE:
        return None  # it was never told, so there is nothing to take back; or it is taken back already
    why, locale = parcel.closed_why or "", program.languages[0]
    message = cancelled_note(code=parcel.code, why=why, order_number=number, locale=locale)
    return _note(CANCELLED_NOTE, [message], parcel, "")


def _note(effect: str, lines: list[str], parcel: Parcel, digest: str) -> PackingNote:
    message = "\n".join(lines)
    head = message.partition("\n")[0]
    detail = {"revision": parcel.revision, "head": head, "digest": digest}
    return PackingNote(effect=effect, message=message, detail=detail)


def _head(parcel: Parcel, program: Program) -> str:
    return _packing(parcel.plan, parcel, program).partition("\n")[0]


def _closing(db: Connection, shop: Shop, parcel: Parcel) -> Changed | None:
    """The change by which staff closed the parcel, or None."""
    if parcel.state not in {parcels.PACKED, parcels.SKIPPED}:
        return None
    return parcel_changes.last_change(db, shop.id, parcel.id, kind=parcel.state)


def _body(db: Connection, shop: Shop, parcel: Parcel, program: Program, closing: Changed | None) -> str:
    """What is to be done with the parcel, without the first line; with `closing`, what was done with it."""
    if closing and parcel.state == parcels.PACKED:
        inside = [item.extra_id for item in parcels.items_of(db, shop.id, parcel.id) if item.state == parcels.PACKED]
        return packed_line(inside, closing.detail.get("broken", ()), program, program.languages[0])
    if closing and "batch" in closing.detail:
        return left_out_line(parcel.closed_why or "", closing.detail.get("words", ""), program.languages[0])
    if parcel.state == parcels.SKIPPED:
        skipped = parcel_changes.last_change(db, shop.id, parcel.id, kind=parcel_changes.SKIPPED)
        words = skipped.detail.get("words", "") if skipped else ""
        return skipped_line(parcel.closed_why or "", words, program.languages[0])
    stored = pages.note_of_parcel(db, shop.id, parcel.id)
    text = stored.text if stored and stored.state != parcel_notes.CANCELLED else ""
    note = replace(
        parcel.plan.note,
        text=text,
        sign_off=stored.sign_off if stored else "",
        sender=stored.sender if stored else "",
    )
    return _packing(replace(parcel.plan, note=note), parcel, program).partition("\n")[2]


def _packing(plan: ParcelPlan, parcel: Parcel, program: Program) -> str:
    locale, tier = program.languages[0], program.tier(parcel.tier)
    tier_name = program.words(tier.name, locale) if tier else None
    return packing_note(plan, code=parcel.code, tier_name=tier_name, program=program, locale=locale)
