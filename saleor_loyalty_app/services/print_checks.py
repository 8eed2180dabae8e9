"""Before anything is printed: what can't be, by name and with the reason, and what was printed already, by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import still_named, with_extras_of
from saleor_loyalty_app.domain.print_jobs import (
    ON_PAPER,
    WITH_NOTE,
    LeftOut,
    NoteState,
    Printable,
    PrintKind,
    WhyLeftOut,
    why_left_out,
)
from saleor_loyalty_app.domain.print_problems import PrintProblem
from saleor_loyalty_app.printing.cards import check_cards
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program, program_of
from saleor_loyalty_app.services.keep_stationery import look_of
from saleor_loyalty_app.services.typeset_pages import card_of
from saleor_loyalty_app.store import parcel_changes, print_jobs, print_lists
from saleor_loyalty_app.store.shops import Shop

PAGES_KEPT = timedelta(days=1)
"""How long jobs and their pages are kept; they hold names and addresses."""
LOOKED_AT_ONCE = 300
"""So many cards are tried for their length while somebody waits; of more, the worker names those that do not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Some parcels of which something was made before: on paper already, or in pages that nobody took out yet."""

    parcel_ids: tuple[int, ...]
    state: str
    """A NoteState, "taken" for pages of another kind, or "made" for pages that nobody took out."""
    at: datetime
    by: str
    job: str
    """The code of the job, "" when there is none (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintCheck:
    """What came of looking through parcels before printing."""

    kind: PrintKind
    found: tuple[Printable, ...]
    left_out: tuple[LeftOut, ...]
    printed: tuple[Printed, ...]
    trouble: PrintProblem | None = None
    """What keeps everything from being printed, such as a mistake in a template."""

    @property
    def fine(self) -> tuple[Printable, ...]:
        """What can be printed."""
        out = {one.parcel_id for one in self.left_out}
        return tuple(one for one in self.found if one.parcel_id not in out)

    @property
    def new(self) -> tuple[Printable, ...]:
        """What can be printed and was not before."""
        before = {parcel_id for group in self.printed for parcel_id in group.parcel_ids}
        return tuple(one for one in self.fine if one.parcel_id not in before)


def check_print(app: App, shop: Shop, kind: PrintKind, parcel_ids: Sequence[int]) -> PrintCheck:
    """Look through these parcels; those that are not this shop's are not in the answer. The shop is not asked."""
    with app.database.read() as db:
        found = print_lists.printables(db, shop.id, parcel_ids)
        left_out = look_over(db, shop, kind, found)
        fine = [one for one in found if one.parcel_id not in {out.parcel_id for out in left_out}]
        printed = _printed_before(app, db, shop, kind, fine)
        look = look_of(app, db, shop)
    trouble = None
    if kind is PrintKind.CARDS and len(fine) <= LOOKED_AT_ONCE:
        try:
            left_out += _unfit(fine, look)
        except CannotPrint as refused:
            trouble = refused.problems[0]
    return PrintCheck(kind=kind, found=tuple(found), left_out=tuple(left_out), printed=printed, trouble=trouble)


def look_over(db: Connection, shop: Shop, kind: PrintKind, found: Sequence[Printable]) -> list[LeftOut]:
    """What our own tables say against printing something for these parcels."""
    program = current_program(db, shop)
    approved = program.packing.approve_notes
    whys = {one.parcel_id: why_left_out(one, kind, must_be_approved=approved) for one in found}
    out = [LeftOut(parcel_id=parcel_id, why=why) for parcel_id, why in whys.items() if why]
    fine = [one for one in found if whys[one.parcel_id] is None]
    if kind in WITH_NOTE:
        out += _naming_what_is_gone(db, shop, fine)
    if kind is PrintKind.EXTRA_LABELS:
        inside = print_lists.items_inside(db, shop.id, [one.parcel_id for one in fine])
        out += [LeftOut(parcel_id=id, why=WhyLeftOut.NO_EXTRAS) for id, items in inside.items() if not items]
    return out


def _unfit(cards: Sequence[Printable], look: Look) -> list[LeftOut]:
    """Cards that can't be typeset. Raises CannotPrint when none can."""
    by_code = {one.code: one.parcel_id for one in cards}
    return [
        LeftOut(parcel_id=by_code[problem.code], why=WhyLeftOut(problem.why.value), detail=problem.detail)
        for problem in check_cards([card_of(one) for one in cards], look)
    ]


def _naming_what_is_gone(db: Connection, shop: Shop, cards: Sequence[Printable]) -> list[LeftOut]:
    """Cards with an extra in their words that was taken out; unless a person wrote or approved them so."""
    unread = [one for one in cards if one.note_state in {NoteState.DRAFT, NoteState.APPROVED}]
    taken_out = print_lists.extras_taken_out(db, shop.id, [one.parcel_id for one in unread])
    doubtful = [one for one in unread if one.parcel_id in taken_out]
    ids = [one.parcel_id for one in doubtful]
    inside = print_lists.items_inside(db, shop.id, ids)
    approvals = parcel_changes.last_changes(db, shop.id, ids, kinds=[parcel_changes.NOTE_APPROVED])
    current, out = current_program(db, shop), []
    for one in doubtful:
        if one.note_state == NoteState.APPROVED and approvals[one.parcel_id].by != parcel_changes.BY_RULE:
            continue
        gone = taken_out[one.parcel_id] - {item.extra_id for item in inside[one.parcel_id]}
        rules = with_extras_of(program_of(db, shop, one.program_version), current)
        if named := still_named(one.text, gone, rules):
            out.append(LeftOut(parcel_id=one.parcel_id, why=WhyLeftOut.NAMES_GONE, detail=named[0]))
    return out


def _printed_before(
    app: App, db: Connection, shop: Shop, kind: PrintKind, fine: Sequence[Printable]
) -> tuple[Printed, ...]:
    """What of these is on paper, or in pages of the same kind of the last day; alike ones together."""
    ids = [one.parcel_id for one in fine]
    told: list[tuple[int, tuple[str, datetime, str, str]]] = []
    on_paper = {one.parcel_id: str(one.note_state) for one in fine if kind in WITH_NOTE and one.note_state in ON_PAPER}
    kinds = (parcel_changes.NOTE_PRINTED, parcel_changes.NOTE_COPIED)
    for parcel_id, change in parcel_changes.last_changes(db, shop.id, list(on_paper), kinds=kinds).items():
        told.append((parcel_id, (on_paper[parcel_id], change.at, change.by, change.detail["job"])))
    for parcel_id, job in print_jobs.jobs_with(db, shop.id, kind, ids, since=app.now() - PAGES_KEPT).items():
        if parcel_id in on_paper or (kind in WITH_NOTE and job.printed_at):
            continue  # of these the note says itself how far it is
        state, at, by = ("taken", job.printed_at, job.printed_by) if job.printed_at else ("made", job.made_at, job.by)
        told.append((parcel_id, (state, at, by or "", job.code)))
    return _alike(told)


def _alike(told: Iterable[tuple[int, tuple[str, datetime, str, str]]]) -> tuple[Printed, ...]:
    groups: dict[tuple[str, datetime, str, str], list[int]] = {}
    for parcel_id, about in told:
        groups.setdefault(about, []).append(parcel_id)
    return tuple(
        Printed(parcel_ids=tuple(ids), state=state, at=at, by=by, job=job)
        for (state, at, by, job), ids in sorted(groups.items(), key=lambda group: group[0][1], reverse=True)
    )
