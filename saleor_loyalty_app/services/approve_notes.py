"""A person stands for the words on a card: approves them, one or many at once, or says that they were copied by hand.

`seen` is the fingerprint of the words that the page showed: what was changed since then is not approved unseen. All
is safe to send twice, since a card that has come so far is left as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import CannotChange, WhyNotChanged
from saleor_loyalty_app.domain.print_jobs import OPEN, NoteState, Printable, wants_nothing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import parcel_changes, parcel_notes, print_lists
from saleor_loyalty_app.store.parcels import CANCELLED, SHIPPED, SKIPPED
from saleor_loyalty_app.store.shops import Shop, lock_shop

MOST_AT_ONCE = 200
CLOSED = {
    SKIPPED: WhyNotChanged.SKIPPED,
    CANCELLED: WhyNotChanged.FELL_THROUGH,
    SHIPPED: WhyNotChanged.SHIPPED,
}
LEADS_TO = {
    parcel_changes.NOTE_APPROVED: parcel_notes.APPROVED,
    parcel_changes.NOTE_PRINTED: parcel_notes.PRINTED,
    parcel_changes.NOTE_COPIED: parcel_notes.COPIED,
}
"""The state that a kind of change brings a note to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What became of many approvals: how many are approved now, and which were changed since they were shown."""

    approved: int
    changed: tuple[Printable, ...] = ()


def fingerprint(text: str) -> str:
    """What tells the words of a card from others."""
    return sha256(text.encode()).hexdigest()[:16]


def approve_note(app: App, shop: Shop, parcel_id: int, *, seen: str, by: str) -> None:
    """Approve the words on one card, unless somebody did already.

    Raises LookupError for a parcel or note that is not there, CannotChange with the reason.
    """
    _stand_for(app, shop, parcel_id, parcel_changes.NOTE_APPROVED, seen=seen, by=by)


def say_copied(app: App, shop: Shop, parcel_id: int, *, seen: str, by: str) -> None:
    """Somebody has written the words on a card by hand; said twice, it is noted once.

    Raises LookupError for a parcel or note that is not there, CannotChange with the reason.
    """
    _stand_for(app, shop, parcel_id, parcel_changes.NOTE_COPIED, seen=seen, by=by)


def approve_notes(app: App, shop: Shop, seen: Sequence[tuple[int, str]], *, by: str) -> Approved:
    """Approve many cards, each as (parcel id, fingerprint) and each once; cards that can't be are passed over."""
    shown = dict(seen[:MOST_AT_ONCE])
    with app.database.write() as db:
        lock_shop(db, shop.id)
        known = print_lists.printables(db, shop.id, list(shown))
        waiting = [one for one in known if one.note_state in OPEN and _why_not(one) is None]
        fine = [one for one in waiting if fingerprint(one.text) == shown[one.parcel_id]]
        bring_to(app, db, shop, fine, kind=parcel_changes.NOTE_APPROVED, by=by)
    return Approved(approved=len(fine), changed=tuple(one for one in waiting if one not in fine))


def bring_to(
    app: App, db: Connection, shop: Shop, cards: Sequence[Printable], *, kind: str, by: str, job: str | None = None
) -> None:
    """Bring notes to the state that a kind of change leads to, with who and when, within a transaction."""
    ids = [one.parcel_id for one in cards]
    detail = {} if kind == parcel_changes.NOTE_APPROVED else {"job": job or ""}
    parcel_notes.move_notes(db, shop.id, ids, to=LEADS_TO[kind])
    of = [(one.parcel_id, one.customer_id, str(uuid4())) for one in cards]
    parcel_changes.add_changes(db, shop.id, of, by=by, kind=kind, detail=detail, now=app.now())


def _stand_for(app: App, shop: Shop, parcel_id: int, kind: str, *, seen: str, by: str) -> None:
    with app.database.write() as db:
        lock_shop(db, shop.id)
        one = next(iter(print_lists.printables(db, shop.id, [parcel_id])), None)
        if one is None or not one.text or one.note_state in {None, NoteState.CANCELLED}:
            raise LookupError("no such note")
        if _has_come_to(one, kind):
            return
        if refusal := _why_not(one):
            raise CannotChange(refusal)
        if fingerprint(one.text) != seen:
            raise CannotChange(WhyNotChanged.STALE)
        bring_to(app, db, shop, [one], kind=kind, by=by)


def _has_come_to(one: Printable, kind: str) -> bool:
    """Whether a note is where a change leads to, or beyond."""
    return one.note_state not in OPEN if kind == parcel_changes.NOTE_APPROVED else one.note_state == LEADS_TO[kind]


def _why_not(one: Printable) -> WhyNotChanged | None:
    """Why nobody may stand for the words on this card any more, or None."""
    if one.is_erased:
        return WhyNotChanged.ERASED
    if wants_nothing(one.exclusions):
        return WhyNotChanged.NO_INSERTS
    return CLOSED.get(one.parcel_state)
