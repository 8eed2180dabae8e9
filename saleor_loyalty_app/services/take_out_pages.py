"""A person takes the pages of a print job out: from then on its notes are printed, by whom and when.

Words that were edited since they were typeset are not marked: what is on paper is not what stands in the parcel.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from saleor_loyalty_app.domain.print_jobs import OPEN, NoteState, Printable, PrintKind
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.printing.typesetting import merge
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.approve_notes import bring_to
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.store import parcel_changes, print_jobs, print_lists
from saleor_loyalty_app.store.print_jobs import PrintJob
from saleor_loyalty_app.store.shops import Shop, lock_shop

log = structlog.get_logger()

FILE_NAMES = {
    PrintKind.CARDS: "cards",
    PrintKind.COPY_SHEETS: "to-copy",
    PrintKind.SLIPS: "packing-slips",
    PrintKind.EXTRA_LABELS: "labels-for-extras",
    PrintKind.ADDRESS_LABELS: "address-labels",
}


class NoPages(Exception):
    """The job has no pages to take out: not ready, cancelled, or older than a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """The pages as one PDF, and what the file is called."""

    pdf: bytes
    name: str


def take_out(app: App, shop: Shop, code: str, *, by: str) -> TakenOut:
    """All pages of a job that is done. The first time they are taken out, cards become printed.

    Raises LookupError for a job that is not there, NoPages.
    """
    with app.database.read() as db:
        job = _job(db, shop, code)
        if job.state != print_jobs.DONE:
            raise NoPages
        day = local_day(app.now(), current_program(db, shop).zone)
        sealed = list(print_jobs.sealed_chunks(db, shop.id, job.id))
    if not sealed:
        raise NoPages
    pdf = merge(app.vault.open(chunk) for chunk in sealed)
    with app.database.write() as db:
        lock_shop(db, shop.id)
        if print_jobs.set_printed(db, shop.id, job.id, by=by, now=app.now()) and job.kind == PrintKind.CARDS:
            marked = _mark(app, db, shop, job, kind=parcel_changes.NOTE_PRINTED, unless=set(), by=by)
            log.info("cards_printed", shop=shop.id, job=job.code, cards=marked)
    return TakenOut(pdf=pdf, name=f"{FILE_NAMES[PrintKind(job.kind)]}-{day.isoformat()}-{job.code}.pdf")


def say_all_copied(app: App, shop: Shop, code: str, *, by: str) -> int:
    """Somebody has written all cards of a job by hand; return how many were not marked so before.

    Raises LookupError for a job that is not there, NoPages for one whose pages nobody took out.
    """
    with app.database.write() as db:
        lock_shop(db, shop.id)
        job = _job(db, shop, code)
        if job.kind != PrintKind.COPY_SHEETS or job.printed_at is None:
            raise NoPages
        return _mark(app, db, shop, job, kind=parcel_changes.NOTE_COPIED, unless={NoteState.COPIED}, by=by)


def to_be_copied(db: Connection, shop: Shop, job: PrintJob) -> int:
    """How many cards of a job are still to be written by hand."""
    return len(_markable(db, shop, job, unless={NoteState.COPIED}))


def _mark(
    app: App, db: Connection, shop: Shop, job: PrintJob, *, kind: str, unless: Collection[NoteState], by: str
) -> int:
    cards = _markable(db, shop, job, unless=unless)
    bring_to(app, db, shop, cards, kind=kind, by=by, job=job.code)
    return len(cards)


def _markable(db: Connection, shop: Shop, job: PrintJob, *, unless: Collection[NoteState]) -> list[Printable]:
    """The cards on the pages of a job whose words still are those on the pages."""
    chunks = print_jobs.chunk_times(db, shop.id, job.id)
    read_at: dict[int, datetime] = {}
    for item in print_jobs.job_items(db, shop.id, job.id):
        started = [at for number, at in chunks if number <= item.position]
        if item.left_out is None and started:
            read_at[item.parcel_id] = started[-1]
    ids = list(read_at)
    edits = parcel_changes.last_changes(db, shop.id, ids, kinds=[parcel_changes.NOTE_EDITED])
    closed = {*OPEN, NoteState.CANCELLED, *unless}
    return [
        one
        for one in print_lists.printables(db, shop.id, ids)
        if one.text and one.note_state not in closed
        and not (one.parcel_id in edits and edits[one.parcel_id].at > read_at[one.parcel_id])
    ]  # fmt: skip


def _job(db: Connection, shop: Shop, code: str) -> PrintJob:
    job = print_jobs.job_by_code(db, shop.id, code)
    if job is None:
        raise LookupError("no such job")
    return job
