"""Print jobs as pages show them: how far, by whom, what went wrong with them. No routes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.print_jobs import PrintKind
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.print_batch import subject_of
from saleor_loyalty_app.services.print_checks import PAGES_KEPT
from saleor_loyalty_app.services.take_out_pages import to_be_copied
from saleor_loyalty_app.store import print_jobs, print_lists, work
from saleor_loyalty_app.store.print_jobs import PrintJob
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.print_choices import in_words, read_path
from saleor_loyalty_app.web.print_sentences import MENDED_ON_ITS_PAGE, why_left_out

FAILED = "failed"
ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownJob:
    """A job with what the worker says of it."""

    job: PrintJob
    about: str
    """For which parcels, in words."""
    trouble: str
    """A kept saying: why it does not go on; "" when it does."""
    again_at: datetime | None
    """When it goes on by itself after trouble; None when a person must act."""

    @property
    def state(self) -> str:
        """The job's, or "failed" when it waits for a person."""
        return FAILED if self.trouble and self.again_at is None else self.job.state

    @property
    def is_moving(self) -> bool:
        """Whether it may look different in a moment by itself."""
        return self.state in print_jobs.UNDER_WAY


def shown_job(db: Connection, job: PrintJob) -> ShownJob:
    """A job, and what hinders it."""
    row = work.find(db, g.shop.id, subject_of(job.code)) if job.state in print_jobs.UNDER_WAY else None
    is_failed = row is not None and row.state == work.FAILED
    return ShownJob(
        job=job,
        about=in_words(read_path(job.options["about"])),
        trouble=(row.last_error or "") if row else "",
        again_at=row.due_at if row and row.last_error and not is_failed else None,
    )


def recent_jobs(db: Connection) -> dict[str, Any]:
    """The jobs whose pages are still there, newest first."""
    jobs = print_jobs.jobs_since(db, g.shop.id, loyalty().now() - PAGES_KEPT)
    return {"jobs": [shown_job(db, job) for job in jobs]}


def about_job(db: Connection, job: PrintJob, program: Program) -> dict[str, Any]:
    """Everything that `panel/print_job_now.html` shows."""
    out = print_jobs.left_out_of(db, g.shop.id, job.id)
    by_id = {one.parcel_id: one for one in print_lists.printables(db, g.shop.id, [one.parcel_id for one in out])}
    is_copied = job.kind == PrintKind.COPY_SHEETS and job.printed_at is not None
    return {
        "shown": shown_job(db, job),
        "job": job,
        "on_pages": job.ready - len(out),
        "left_out": [
            (by_id[one.parcel_id], why_left_out(one, program), one.why in MENDED_ON_ITS_PAGE) for one in out[:ROWS]
        ],
        "left_out_more": len(out) - ROWS,
        "to_copy": to_be_copied(db, g.shop, job) if is_copied else 0,
        "gone_at": job.made_at + PAGES_KEPT,
    }
