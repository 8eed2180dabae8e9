"""A print job: pages for many parcels, typeset by the worker in chunks, so that it can be stopped and goes on.

Between two chunks a job can be cancelled, and after a crash it goes on at the chunk that was not kept. Pages are
sealed, since names and addresses stand on them. Words that nobody has approved are approved by the program's rule
at the moment they are typeset: from then on only a person changes them.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog

from saleor_loyalty_app.domain.print_jobs import OPEN, WITH_NOTE, PrintKind
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.approve_notes import bring_to
from saleor_loyalty_app.services.keep_stationery import look_of
from saleor_loyalty_app.services.print_checks import check_print, look_over
from saleor_loyalty_app.services.typeset_pages import make_pages
from saleor_loyalty_app.store import parcel_changes, print_jobs, print_lists, work
from saleor_loyalty_app.store.print_jobs import PrintJob
from saleor_loyalty_app.store.shops import Shop, lock_shop

log = structlog.get_logger()

MOST = 10_000
"""Parcels of one job."""
AT_ONCE = 200
"""Parcels that are typeset together: about half a second, and some megabytes."""
LABELS_AT_ONCE = 1_000
"""Each chunk begins a new sheet of labels."""


class NothingToPrint(Exception):
    """Not one of the parcels can be printed, or there are none."""


class TooMany(Exception):
    """More than `MOST` parcels."""


def make_job(
    app: App,
    shop: Shop,
    kind: PrintKind,
    parcel_ids: Sequence[int],
    *,
    by: str,
    wish: str,
    again: bool = False,
    first_place: int = 1,
    about: str = "",
) -> PrintJob:
    """Let the worker make pages for these parcels. The same wish (a UUID) sent twice is one job.

    What was printed before is left alone unless `again`. `first_place` is the first label that is still on the
    sheet, counted from 1. `about` says for which parcels it is, as the page's address does. Raises NothingToPrint,
    TooMany, and ValueError for a wish that is none.
    """
    key = str(UUID(wish))
    with app.database.read() as db:
        if known := print_jobs.job_by_wish(db, shop.id, key):
            return known
    if len(parcel_ids) > MOST:
        raise TooMany
    check = check_print(app, shop, kind, parcel_ids)
    wanted = check.fine if again else check.new
    if not wanted:
        raise NothingToPrint
    out = {one.parcel_id for one in check.left_out}
    chosen = {one.parcel_id for one in wanted} | out
    of = [(one.parcel_id, one.customer_id) for one in check.found if one.parcel_id in chosen]
    options = {"first_place": first_place, "about": about}
    with app.database.write() as db:
        lock_shop(db, shop.id)
        if known := print_jobs.job_by_wish(db, shop.id, key):
            return known
        job = print_jobs.add_job(
            db, shop.id, kind=kind.value, of=of, options=options, by=by, wish=key, now=app.now()
        )  # fmt: skip
        work.want(db, shop.id, subject_of(job.code), due_at=app.now(), now=app.now(), at_once=True)
    log.info("print_job_made", shop=shop.id, job=job.code, kind=job.kind, parcels=job.total)
    return job


def subject_of(code: str) -> str:
    """What the worker's rounds for a job are filed under."""
    return f"print:{code}"


def cancel_job(app: App, shop: Shop, code: str) -> bool:
    """Stop a job before its next chunk and forget its pages; return whether it was under way."""
    with app.database.write() as db:
        return print_jobs.end_job(db, shop.id, code, now=app.now())


def typeset_chunk(app: App, shop: Shop, code: str) -> bool:
    """Make the next pages of a job; return whether there is more to do. Safe to repeat and to run twice.

    Raises TryAgain, Denied or HumanMustAct when the shop can't be asked, HumanMustAct when nothing can be typeset.
    """
    with app.database.read() as db:
        job = print_jobs.job_by_code(db, shop.id, code)
    if job is None or job.state not in print_jobs.UNDER_WAY:
        return False
    kind = PrintKind(job.kind)
    size = LABELS_AT_ONCE if kind in {PrintKind.EXTRA_LABELS, PrintKind.ADDRESS_LABELS} else AT_ONCE
    with app.database.write() as db:
        lock_shop(db, shop.id)  # whoever edits a note waits here, so that what is typeset is what is approved
        read_at = app.now()
        if not print_jobs.begin_job(db, shop.id, job.id):
            return False
        items = print_jobs.job_items(db, shop.id, job.id, since=job.ready, limit=size)
        found = print_lists.printables(db, shop.id, [item.parcel_id for item in items])
        out = look_over(db, shop, kind, found)
        fine = [one for one in found if one.parcel_id not in {left.parcel_id for left in out}]
        if kind in WITH_NOTE:
            unread = [one for one in fine if one.note_state in OPEN]
            bring_to(app, db, shop, unread, kind=parcel_changes.NOTE_APPROVED, by=parcel_changes.BY_RULE)
        look = look_of(app, db, shop)
    first_place = int(job.options["first_place"]) if job.ready == 0 else 1
    pages = make_pages(app, shop, kind, fine, look, first_place=first_place)
    ready = job.ready + len(items)
    with app.database.write() as db:
        kept = print_jobs.keep_chunk(
            db, shop.id, job, sealed_pdf=app.vault.seal(pages.pdf) if pages.pdf else None,
            left_out=[*out, *pages.left_out], ready=ready, made_at=read_at, now=app.now(),
        )  # fmt: skip
    return not kept or ready < job.total
