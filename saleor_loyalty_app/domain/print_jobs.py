"""What the print room prints, what a note has come through, and what keeps a card from being printed."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from saleor_loyalty_app.domain.parcels import NO_INSERTS


class PrintKind(StrEnum):
    """What pages can be made of; to copy by hand comes first, since that is the form the evidence favours."""

    COPY_SHEETS = "copy_sheets"
    CARDS = "cards"
    SLIPS = "slips"
    EXTRA_LABELS = "extra_labels"
    ADDRESS_LABELS = "address_labels"


WITH_NOTE = frozenset({PrintKind.COPY_SHEETS, PrintKind.CARDS})
"""Kinds that are made of the words of a note."""
FROM_SHOP = frozenset({PrintKind.SLIPS, PrintKind.ADDRESS_LABELS})
"""Kinds for which the shop is asked: items, prices, addresses."""


class NoteState(StrEnum):
    """How far the words on a card have come. All but the first are words that somebody stands for."""

    DRAFT = "draft"
    EDITED = "edited"
    APPROVED = "approved"
    PRINTED = "printed"
    COPIED = "copied"
    """Written on a card by hand."""
    PACKED = "packed"
    """Derived: printed or copied, and the parcel is packed."""
    CANCELLED = "cancelled"


OPEN = frozenset({NoteState.DRAFT, NoteState.EDITED})
"""States of words that nobody has approved yet."""
ON_PAPER = frozenset({NoteState.PRINTED, NoteState.COPIED})
GONE_OUT = frozenset({"packed", "shipped"})
"""States of a parcel that has its card, if there is one."""


def shown_state(note_state: str, parcel_state: str) -> NoteState:
    """The state of a note as people are told: one on paper is packed when its parcel is."""
    state = NoteState(note_state)
    return NoteState.PACKED if state in ON_PAPER and parcel_state in GONE_OUT else state


class WhyLeftOut(StrEnum):
    """Why something is not on the pages. The words for it stand in `web/print_words.py`."""

    NO_NOTE = "no_note"
    NOT_APPROVED = "not_approved"
    NAMES_GONE = "names_gone"
    """The note names an extra that is no longer in the parcel; `detail` is its id."""
    MISSING_LETTERS = "missing_letters"
    """As `print_problems.PrintTrouble`, which has the words for it; so are the next three."""
    TOO_LONG = "too_long"
    LABEL_TOO_LONG = "label_too_long"
    NO_TEXT = "no_text"
    ERASED = "erased"
    NO_INSERTS = "no_inserts"
    """The customer wants nothing added."""
    NO_EXTRAS = "no_extras"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    SHIPPED = "shipped"
    REHEARSAL = "rehearsal"
    ORDER_GONE = "order_gone"
    """The shop no longer has the order."""
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One parcel that is not on the pages, and why."""

    parcel_id: int
    why: WhyLeftOut
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printable:
    """What is known of a parcel that something may be printed for; without a note its text is empty."""

    parcel_id: int
    code: str
    parcel_state: str
    mode: str
    program_version: int
    order_row: int
    order_id: str
    order_number: str
    customer_id: int
    first_name: str
    last_name: str
    exclusions: tuple[str, ...]
    is_erased: bool
    note_state: str | None
    language: str
    text: str
    sign_off: str
    sender: str

    @property
    def name(self) -> str:
        """The customer's name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


def why_left_out(one: Printable, kind: PrintKind, *, must_be_approved: bool) -> WhyLeftOut | None:
    """What keeps something from being printed for a parcel, as far as our own tables tell; or None."""
    if one.parcel_state in {"cancelled", "skipped", "shipped"}:
        return WhyLeftOut(one.parcel_state)
    if one.mode != "live":
        return WhyLeftOut.REHEARSAL
    if one.is_erased:
        return WhyLeftOut.ERASED
    if kind in WITH_NOTE:
        return _why_no_card(one, must_be_approved=must_be_approved)
    if kind is PrintKind.EXTRA_LABELS and wants_nothing(one.exclusions):
        return WhyLeftOut.NO_INSERTS
    return None


def wants_nothing(exclusions: Collection[str]) -> bool:
    """Whether a customer wants neither extras nor a note."""
    return NO_INSERTS in {word.strip().casefold() for word in exclusions}


def _why_no_card(one: Printable, *, must_be_approved: bool) -> WhyLeftOut | None:
    if wants_nothing(one.exclusions):
        return WhyLeftOut.NO_INSERTS
    if not one.text or one.note_state in {None, NoteState.CANCELLED}:
        return WhyLeftOut.NO_NOTE
    if must_be_approved and one.note_state in OPEN:
        return WhyLeftOut.NOT_APPROVED
    return None
