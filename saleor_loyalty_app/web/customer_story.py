"""One customer's line of time in words: orders, tier decisions, parcels with their notes, changes. No routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.tier_sentences import why, why_no_parcel
from saleor_loyalty_app.store import pages, tiers, timeline
from saleor_loyalty_app.store.timeline import CHANGE, DECISION, KINDS, ORDER, PARCEL, Entry
from saleor_loyalty_app.web.means import program_of_version
from saleor_loyalty_app.web.words import locale

ENTRIES = 15
PRODUCTS = 3
OF_ORDERS = (PARCEL, CHANGE)
"""What staff without the permission for orders do not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One entry, with what its template needs beside the row."""

    kind: str
    at: datetime
    row: Mapping[str, Any]
    sentence: str = ""
    by: str = ""
    items: tuple[pages.ItemLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A page of the line of time, newest first, and the place from which the next older page goes on."""

    happenings: tuple[Happening, ...]
    older: str | None


def story(db: Connection, customer_id: int, *, before: str = "") -> Story:
    """What happened with a customer, as far as the viewer may see it; `before` is what `Story.older` said."""
    kinds = [kind for kind in KINDS if kind not in OF_ORDERS or g.viewer.may("MANAGE_ORDERS")]
    place = _read_place(before)
    entries = timeline.timeline(db, g.shop.id, customer_id, kinds=kinds, before=place, limit=ENTRIES + 1)
    shown = entries[:ENTRIES]
    items = pages.items_in(db, g.shop.id, [entry.id for entry in shown if entry.kind == PARCEL])
    return Story(
        happenings=tuple(_happening(db, entry, items) for entry in shown),
        older=_write_place(shown[-1]) if len(entries) > ENTRIES else None,
    )


def _happening(db: Connection, entry: Entry, items: Mapping[int, list[pages.ItemLine]]) -> Happening:
    if entry.kind == DECISION:
        decision = tiers.stored_decision(entry.row).decision
        sentence = why(decision, program_of_version(db, decision.program_version), locale())
        return Happening(kind=DECISION, at=entry.at, row=entry.row, sentence=sentence, by=decision.by)
    if entry.kind == ORDER:
        return Happening(kind=ORDER, at=entry.at, row=entry.row, sentence=_no_parcel(entry.row["no_parcel"]))
    if entry.kind == PARCEL:
        return Happening(kind=PARCEL, at=entry.at, row=entry.row, items=tuple(items.get(entry.id, ())))
    return Happening(kind=CHANGE, at=entry.at, row=entry.row, by=entry.row["by"])


def _no_parcel(reason: str | None) -> str:
    return why_no_parcel(NoParcel(reason), locale()) if reason and g.viewer.may("MANAGE_ORDERS") else ""


def _write_place(entry: Entry) -> str:
    at, rank, id = entry.place
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{rank}-{id}"


def _read_place(text: str) -> tuple[datetime, int, int] | None:
    """A place from an address; None for none and for nonsense, which shows the newest."""
    try:
        at, rank, id = text.split("-")
        place = datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(rank), int(id)
    except ValueError:
        return None
    return place if 0 <= place[1] < len(KINDS) and place[2] < 2**63 else None
