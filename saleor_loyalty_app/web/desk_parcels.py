"""What the packing desk shows of a parcel: what goes in, what was promised, what to mind. No routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import SKIP_REASONS, reason_text, why_gone, why_not_changed
from saleor_loyalty_app.domain.changing import CannotChange, SkipReason, still_named
from saleor_loyalty_app.domain.orders import ALREADY_SENT, FALLEN_THROUGH
from saleor_loyalty_app.domain.parcels import NO_INSERTS
from saleor_loyalty_app.domain.program import Extra, Program
from saleor_loyalty_app.printing.barcodes import CannotEncode, code128_svg
from saleor_loyalty_app.saleor.packing_lists import PackingList
from saleor_loyalty_app.services.add_order_lines import line_stands
from saleor_loyalty_app.services.parcel_case import ParcelCase, case_of_parcel, next_best, unwanted_inside
from saleor_loyalty_app.store import pages, parcel_changes, parcel_notes, parcels, pictures
from saleor_loyalty_app.store.pages import StoredNote
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import LIVE
from saleor_loyalty_app.web.desk_sessions import svg_uri
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.words import gettext, locale, mark

UNDO = timedelta(seconds=60)
"""How long the desk offers to undo; the shop is told after that."""
GONE_BY_STATUS = {
    **dict.fromkeys(FALLEN_THROUGH, mark("The order was cancelled in the shop.")),
    **dict.fromkeys(ALREADY_SENT, mark("The order was sent already.")),
}
NOT_PAID = mark("The order is not paid, or was paid back.")
NOT_READY = mark("The order is not ready to be packed any more: it is not paid, or waits to be confirmed.")
NOT_THERE = mark("The shop does not know this order any more.")
REHEARSED = mark("It was planned in rehearsal.")
SHIPPED = mark("The order left without a word from the desk.")
OFFERED = (
    SkipReason.OUT_OF_STOCK,
    SkipReason.NO_ROOM,
    SkipReason.FRAGILE,
    SkipReason.LOOKED_WRONG,
    SkipReason.CUSTOMER_ASKED,
)
"""Reasons that need no words; `OTHER` comes with some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskExtra:
    """One extra that goes into the parcel."""

    item: ParcelItem
    extra: Extra | None
    picture: str
    """As an image's address; "" without one."""
    instead: str
    """The id of what it is exchanged for; "" where there is nothing."""
    is_fixed: bool
    """Whether it stands in the order as a line, and so can't be taken out."""
    unwanted: str
    """Why it should not go out, in words; "" when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskParcel:
    """One parcel as the packer sees it, apart from what only the shop knows (`about_order`)."""

    parcel: Parcel
    number: str
    """Of the order."""
    name: str
    """The customer's."""
    program: Program
    extras: tuple[DeskExtra, ...]
    note: StoredNote | None
    still_named: tuple[str, ...]
    """Extras that the note names though they are no longer in, by id."""
    wishes: tuple[str, ...]
    """What the customer wants left out, in words."""
    dont_pack: str
    """Why it should not be packed though it is open, in words; "" for nothing."""
    closed: str
    """What became of it, in words; "" while it is open."""
    undo_seconds: int
    """How long this may still be undone here."""
    barcode: str
    """The order's number as an image's address; "" for one that has no bar code."""


def desk_parcels(db: Connection, found: Sequence[Parcel]) -> list[DeskParcel]:
    """These parcels as the desk shows them, in their order; those that lost their order are left out."""
    cases = []
    for parcel in found:
        try:
            cases.append(case_of_parcel(loyalty(), db, g.shop, parcel))
        except LookupError:
            continue
    shown = pictures.pictures_of(db, g.shop.id, {item.extra_id for case in cases for item in case.inside})
    return [_desk_parcel(db, case, shown) for case in cases]


def why_not_packed(packing: PackingList | None) -> str:
    """What the shop says of an order that must not be packed, in words; "" when nothing is in the way."""
    if packing is None:
        return gettext(NOT_THERE)
    if packing.status in GONE_BY_STATUS:
        return gettext(GONE_BY_STATUS[packing.status])
    return "" if packing.is_paid else gettext(NOT_PAID)


def reasons_offered() -> list[tuple[str, str]]:
    """The reasons for skipping that need no words, as the form sends them and in the viewer's language."""
    return [(reason.value, gettext(SKIP_REASONS[reason])) for reason in OFFERED]


def _desk_parcel(db: Connection, case: ParcelCase, shown: dict[str, str]) -> DeskParcel:
    parcel, note = case.parcel, pages.note_of_parcel(db, g.shop.id, case.parcel.id)
    if note and (note.state == parcel_notes.CANCELLED or not note.text):
        note = None
    gone = {item.extra_id for item in case.items} - {item.extra_id for item in case.inside}
    return DeskParcel(
        parcel=parcel,
        number=case.row.number,
        name=f"{case.customer.first_name} {case.customer.last_name}".strip(),
        program=case.made_under,
        extras=_extras(db, case, shown),
        note=note,
        still_named=still_named(note.text, gone, case.made_under) if note else (),
        wishes=tuple(_wish(word) for word in case.customer.exclusions),
        dont_pack=_dont_pack(case) if parcel.state == parcels.PLANNED else "",
        closed=_closed(db, parcel),
        undo_seconds=_undo_seconds(parcel),
        barcode=_barcode(case.row.number),
    )


def _extras(db: Connection, case: ParcelCase, shown: dict[str, str]) -> tuple[DeskExtra, ...]:
    unwanted = unwanted_inside(case) if case.parcel.state == parcels.PLANNED else {}
    found = []
    for item in case.inside:
        best = next_best(case, item)
        found.append(
            DeskExtra(
                item=item,
                extra=case.made_under.extra(item.extra_id),
                picture=shown.get(item.extra_id, ""),
                instead=best.extra_id if best else "",
                is_fixed=line_stands(db, g.shop, case.row, item),
                unwanted=_said(unwanted[item.id], case) if item.id in unwanted else "",
            )
        )
    return tuple(found)


def _wish(word: str) -> str:
    if word.strip().casefold() == NO_INSERTS:
        return gettext("everything: neither extras nor a note")
    return word.replace("-", " ")


def _dont_pack(case: ParcelCase) -> str:
    if case.parcel.mode != LIVE:
        return gettext(REHEARSED)
    if case.row.status in GONE_BY_STATUS:
        return gettext(GONE_BY_STATUS[case.row.status])
    return gettext(NOT_READY) if case.parcel.ready_at is None else ""


def _closed(db: Connection, parcel: Parcel) -> str:
    if parcel.state == parcels.PACKED:
        return gettext("Packed.")
    if parcel.state == parcels.SHIPPED:
        return gettext(SHIPPED)
    if parcel.state == parcels.CANCELLED:
        return why_gone(parcel.closed_why or "", locale())
    if parcel.state == parcels.SKIPPED:
        skipped = parcel_changes.last_change(db, g.shop.id, parcel.id, kind=parcel_changes.SKIPPED)
        why = reason_text(skipped.detail["reason"], skipped.detail["words"], locale()) if skipped else ""
        return gettext("Skipped: %(why)s.") % {"why": why}
    return ""


def _undo_seconds(parcel: Parcel) -> int:
    if parcel.closed_at is None or parcel.state not in (parcels.PACKED, parcels.SKIPPED):
        return 0
    return max(0, int((parcel.closed_at + UNDO - loyalty().now()).total_seconds()))


def _barcode(number: str) -> str:
    try:
        return svg_uri(code128_svg(number))
    except CannotEncode:
        return ""


def _said(refusal: CannotChange, case: ParcelCase) -> str:
    return why_not_changed(refusal, case.made_under, locale())
