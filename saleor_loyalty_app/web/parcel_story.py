"""What the page of one parcel shows: what is in it and why, what may be changed, what was changed and told."""

from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import (
    SKIP_REASONS,
    reason_text,
    what_changed,
    why_gone,
    why_not_changed,
)
from saleor_loyalty_app.domain.changing import LONGEST_NOTE, LONGEST_WORDS, CannotChange, still_named
from saleor_loyalty_app.domain.parcel_sentences import reasoning
from saleor_loyalty_app.domain.parcels import PlannedExtra
from saleor_loyalty_app.domain.print_jobs import OPEN
from saleor_loyalty_app.domain.program import Extra
from saleor_loyalty_app.domain.tier_sentences import why
from saleor_loyalty_app.domain.tiers import DecisionKind
from saleor_loyalty_app.services.add_order_lines import line_stands
from saleor_loyalty_app.services.approve_notes import fingerprint
from saleor_loyalty_app.services.parcel_case import (
    ParcelCase,
    additions,
    case_of_parcel,
    exchanges_for,
    next_best,
    unwanted_inside,
    why_no_words,
)
from saleor_loyalty_app.store import pages, parcel_changes, parcel_notes, parcels, pictures, tiers
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.web.means import loyalty, program_of_version
from saleor_loyalty_app.web.words import gettext, locale

ON_PAPER_BY = (parcel_changes.NOTE_PRINTED, parcel_changes.NOTE_COPIED)
MOVES = (
    DecisionKind.ENTERED,
    DecisionKind.RENEWED,
    DecisionKind.DROPPED,
    DecisionKind.SET_BY_HAND,
    DecisionKind.TIER_REMOVED,
    DecisionKind.TAKEN_BACK,
)
"""Decisions that say where a customer stands; warnings and the like only say how firmly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One extra that is in the parcel, and what can be done about it."""

    item: ParcelItem
    extra: Extra | None
    choices: tuple[PlannedExtra, ...]
    best: str | None
    """The id of what it is exchanged for when nothing is chosen."""
    is_fixed: bool
    """Whether it stands in the order as a line, and so can't be taken out."""
    unwanted: str
    """Why it should not go out, in words; empty when all is well."""


def about_parcel(db: Connection, parcel: Parcel) -> dict[str, Any]:
    """Everything that `panel/order.html` shows of a parcel."""
    case = case_of_parcel(loyalty(), db, g.shop, parcel)
    program = case.made_under
    return {
        "made_under": program,
        "shown": _shown(db, case),
        "gone": _gone(case),
        "pictures": pictures.pictures_of(db, g.shop.id, [item.extra_id for item in case.inside]),
        "reasons": [*_tier_sentences(db, parcel), *reasoning(parcel.plan, program, locale())],
        **_about_note(db, case),
        **_about_additions(case),
        **_about_changes(db, case),
        "why_closed": _why_closed(db, parcel),
        "skip_reasons": [(reason.value, gettext(words)) for reason, words in SKIP_REASONS.items()],
        "longest_words": LONGEST_WORDS,
    }


def _shown(db: Connection, case: ParcelCase) -> list[Shown]:
    unwanted = unwanted_inside(case) if case.parcel.state == parcels.PLANNED else {}
    shown = []
    for item in case.inside:
        best = next_best(case, item)
        shown.append(
            Shown(
                item=item,
                extra=case.made_under.extra(item.extra_id),
                choices=exchanges_for(case, item),
                best=best.extra_id if best else None,
                is_fixed=line_stands(db, g.shop, case.row, item),
                unwanted=_said(unwanted[item.id], case) if item.id in unwanted else "",
            )
        )
    return shown


def _gone(case: ParcelCase) -> list[tuple[ParcelItem, str]]:
    """What was in the parcel and is not any more, each extra once, with the reason."""
    inside = {item.extra_id for item in case.inside}
    last = {item.extra_id: item for item in case.items if item.extra_id not in inside}
    return [(item, why_gone(item.reason or "", locale())) for item in last.values()]


def _tier_sentences(db: Connection, parcel: Parcel) -> list[str]:
    """Why the customer stood where the parcel says, when it was planned."""
    made = (stored.decision for stored in tiers.decisions_of(db, g.shop.id, parcel.customer_id))
    before = (one for one in made if one.at <= parcel.planned_at and one.kind in MOVES)
    led_here = next((one for one in before if one.to_tier == parcel.tier), None)
    if led_here:
        return [why(led_here, program_of_version(db, led_here.program_version), locale())]
    return [gettext("No tier yet.")] if parcel.tier is None else []


def _about_note(db: Connection, case: ParcelCase) -> dict[str, Any]:
    parcel = case.parcel
    note = pages.note_of_parcel(db, g.shop.id, parcel.id)
    if note and note.state == parcel_notes.CANCELLED and parcel.state != parcels.CANCELLED:
        note = None  # it named what is no longer in, and nothing else fitted
    gone = {item.extra_id for item in case.items} - {item.extra_id for item in case.inside}
    refusal = why_no_words(case)
    printed = parcel_changes.last_changes(db, g.shop.id, [parcel.id], kinds=ON_PAPER_BY).get(parcel.id)
    return {
        "note": note,
        "standing": parcel_notes.note_standing(db, g.shop.id, parcel.id) if note else None,
        "on_paper": printed,
        "is_outdated": bool(printed and note and note.state in OPEN),
        "seen": fingerprint(note.text) if note else "",
        "still_named": still_named(note.text, gone, case.made_under) if note else (),
        "why_no_words": _said(refusal, case) if refusal else "",
        "longest_note": LONGEST_NOTE,
    }


def _about_additions(case: ParcelCase) -> dict[str, Any]:
    found = additions(case) if case.parcel.state == parcels.PLANNED else ()
    return {
        "in_force": case.in_force,
        "addable": [extra for extra, refusal in found if refusal is None],
        "not_addable": [_said(refusal, case) for _, refusal in found if refusal is not None],
        "by_hand_left_minor": None if case.by_hand_left_minor is None else max(0, case.by_hand_left_minor),
    }


def _about_changes(db: Connection, case: ParcelCase) -> dict[str, Any]:
    changes = parcel_changes.changes_of(db, g.shop.id, case.parcel.id)
    return {"changes": [(one, what_changed(one.kind, one.detail, case.made_under, locale())) for one in changes]}


def _why_closed(db: Connection, parcel: Parcel) -> str:
    """Why a parcel was skipped or taken back, in words."""
    if parcel.state != parcels.SKIPPED:
        return why_gone(parcel.closed_why or "", locale()) if parcel.state == parcels.CANCELLED else ""
    skipped = parcel_changes.last_change(db, g.shop.id, parcel.id, kind=parcel_changes.SKIPPED)
    return reason_text(skipped.detail["reason"], skipped.detail["words"], locale()) if skipped else ""


def _said(refusal: CannotChange, case: ParcelCase) -> str:
    return why_not_changed(refusal, case.made_under, locale())
