"""The words on the card of a parcel: chosen by the program, or written by staff, which nothing overwrites."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from saleor_loyalty_app.domain.parcels import NoteChoice
from saleor_loyalty_app.store.parcel_tables import notes

DRAFT, EDITED, CANCELLED = "draft", "edited", "cancelled"


def keep_choice(
    db: Connection, shop_id: int, parcel_id: int, *, customer_id: int, mode: str, choice: NoteChoice, now: datetime
) -> None:
    """Keep the note that was chosen for a parcel, or that there is none now. What staff wrote stays."""
    values = {
        "note_id": choice.note_id or "", "language": choice.language, "text": choice.text,
        "sign_off": choice.sign_off, "sender": choice.sender, "state": DRAFT if choice.note_id else CANCELLED,
    }  # fmt: skip
    if _state(db, shop_id, parcel_id) is not None:
        mine = (notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id)
        db.execute(update(notes).where(*mine, notes.c.state != EDITED).values(**values))
    elif choice.note_id:
        _insert(db, shop_id, parcel_id, customer_id=customer_id, mode=mode, at=now, **values)


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


def _state(db: Connection, shop_id: int, parcel_id: int) -> str | None:
    query = select(notes.c.state).where(notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id)
    return db.execute(query).scalar_one_or_none()


def _insert(db: Connection, shop_id: int, parcel_id: int, **values: object) -> None:
    db.execute(insert(notes).values(shop_id=shop_id, parcel_id=parcel_id, **values))
