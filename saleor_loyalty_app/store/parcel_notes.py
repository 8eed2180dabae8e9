"""The words on the card of a parcel: chosen by the program, or such that somebody stands for, which nothing overwrites.

A draft becomes edited, approved, printed or copied by hand; who did it and when stands in `parcel_changes`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from saleor_loyalty_app.domain.parcels import NoteChoice
from saleor_loyalty_app.domain.print_jobs import NoteState, shown_state
from saleor_loyalty_app.store.parcel_tables import notes, parcel_changes, parcels
from saleor_loyalty_app.store.rows import rows_where

DRAFT, EDITED, APPROVED = NoteState.DRAFT.value, NoteState.EDITED.value, NoteState.APPROVED.value
PRINTED, COPIED, CANCELLED = NoteState.PRINTED.value, NoteState.COPIED.value, NoteState.CANCELLED.value
FREE = (DRAFT, CANCELLED)
"""States of words that a new plan may replace."""
LED_BY = {
    NoteState.EDITED: "note_edited",
    NoteState.APPROVED: "note_approved",
    NoteState.PRINTED: "note_printed",
    NoteState.COPIED: "note_copied",
    NoteState.PACKED: "packed",
}
"""The kind of change that led to a state."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStanding:
    """How far a note has come, and who brought it there and when; nobody did with a draft. `by` "rule": the program."""

    state: NoteState
    at: datetime | None = None
    by: str = ""


def keep_choice(
    db: Connection, shop_id: int, parcel_id: int, *, customer_id: int, mode: str, choice: NoteChoice, now: datetime
) -> None:
    """Keep the note that was chosen for a parcel, or that there is none now. Words that somebody stands for stay."""
    if _state(db, shop_id, parcel_id) is None:
        add_choice(db, shop_id, parcel_id, customer_id=customer_id, mode=mode, choice=choice, now=now)
        return
    mine = (notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id)
    db.execute(update(notes).where(*mine, notes.c.state.in_(FREE)).values(**_words(choice)))


def add_choice(
    db: Connection, shop_id: int, parcel_id: int, *, customer_id: int, mode: str, choice: NoteChoice, now: datetime
) -> None:
    """Keep the note that was chosen for a parcel that has none yet, if one was."""
    if choice.note_id:
        _insert(db, shop_id, parcel_id, customer_id=customer_id, mode=mode, at=now, **_words(choice))


def write_text(
    db: Connection,
    shop_id: int,
    parcel_id: int,
    *,
    customer_id: int,
    mode: str,
    text: str,
    words: NoteChoice,
    now: datetime,
) -> None:
    """Keep what staff wrote. Where there was no note, language, sign-off and sender are those of `words`."""
    if _state(db, shop_id, parcel_id) is None:
        _insert(
            db, shop_id, parcel_id, customer_id=customer_id, mode=mode, at=now, note_id="", language=words.language,
            text=text, sign_off=words.sign_off, sender=words.sender, state=EDITED,
        )  # fmt: skip
        return
    values = {"text": text, "state": EDITED}
    mine = (notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id)
    db.execute(update(notes).where(*mine).values(**values))
    # A note that was taken back had lost its end.
    empty = {"sign_off": words.sign_off, "sender": words.sender, "language": words.language}
    db.execute(update(notes).where(*mine, notes.c.sender == "").values(**empty))


def move_notes(db: Connection, shop_id: int, parcel_ids: Collection[int], *, to: str) -> None:
    """Bring the notes of these parcels into another state. Whoever does has looked at them in the same transaction."""
    ids = list(parcel_ids)
    for start in range(0, len(ids), AT_ONCE):
        mine = (notes.c.shop_id == shop_id, notes.c.parcel_id.in_(ids[start : start + AT_ONCE]))
        db.execute(update(notes).where(*mine).values(state=to))


def note_standing(db: Connection, shop_id: int, parcel_id: int) -> NoteStanding | None:
    """How far the note of a parcel has come, with who and when; None for a parcel without one."""
    query = (
        select(notes.c.state, parcels.c.state)
        .join(parcels, parcels.c.id == notes.c.parcel_id)
        .where(notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id)
    )
    known = db.execute(query).first()
    if known is None:
        return None
    state = shown_state(known[0], known[1])
    changed = (
        select(parcel_changes.c.at, parcel_changes.c.by)
        .where(
            parcel_changes.c.shop_id == shop_id,
            parcel_changes.c.parcel_id == parcel_id,
            parcel_changes.c.kind == LED_BY.get(state, ""),
        )
        .order_by(parcel_changes.c.id.desc())
        .limit(1)
    )
    led = db.execute(changed).first()
    return NoteStanding(state=state, at=led[0], by=led[1]) if led else NoteStanding(state=state)


def _words(choice: NoteChoice) -> dict[str, str]:
    return {
        "note_id": choice.note_id or "", "language": choice.language, "text": choice.text,
        "sign_off": choice.sign_off, "sender": choice.sender, "state": DRAFT if choice.note_id else CANCELLED,
    }  # fmt: skip


def _state(db: Connection, shop_id: int, parcel_id: int) -> str | None:
    row = rows_where(db, shop_id, notes, parcel_id=parcel_id).one_or_none()
    return row["state"] if row else None


def _insert(db: Connection, shop_id: int, parcel_id: int, **values: object) -> None:
    db.execute(insert(notes), {"shop_id": shop_id, "parcel_id": parcel_id, **values})
