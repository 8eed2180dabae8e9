"""One print job: started once, watched, stopped, downloaded as PDF, and marked as written by hand."""

from flask import Blueprint, Response, g, make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from saleor_loyalty_app.services.print_batch import NothingToPrint, TooMany, cancel_job, make_job, subject_of
from saleor_loyalty_app.services.take_out_pages import NoPages, say_all_copied, take_out
from saleor_loyalty_app.services.try_again import try_again
from saleor_loyalty_app.store import print_jobs
from saleor_loyalty_app.store.print_jobs import PrintJob
from saleor_loyalty_app.web.answers import Toast, mark_of, missing, page, render_part, unless_shown
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.print_choices import NotChosen, in_words, parcels_of, read_path
from saleor_loyalty_app.web.print_jobs_shown import about_job, recent_jobs
from saleor_loyalty_app.web.print_pages import ORDERS, check_page, first_place_of, kind_of, room_page
from saleor_loyalty_app.web.words import gettext, ngettext

blueprint = Blueprint("print_job_pages", __name__, url_prefix="/panel/print/jobs")

ROOM = "/print"


@blueprint.post("")
@staff_only(ORDERS)
def start() -> ResponseReturnValue:
    """Let pages be made for the chosen parcels; sent twice, it is one job."""
    kind, chosen = kind_of(request.form), read_path(request.form.get("chosen", "")[:60])
    first_place, again = first_place_of(request.form), request.form.get("again") == "yes"
    try:
        with loyalty().database.read() as db:
            ids = parcels_of(db, chosen, program_in_force(db))
        job = make_job(
            loyalty(), g.shop, kind, ids, by=g.viewer.user_id, wish=request.form.get("wish", ""), again=again,
            first_place=first_place, about=chosen.path,
        )  # fmt: skip
    except NotChosen as wrong:
        return room_page(chosen, kind=kind, problem=str(wrong))
    except (NothingToPrint, TooMany):
        return check_page(chosen, kind, first_place=first_place)  # which says why, in words
    except ValueError:
        notice = gettext("This form is out of date. Please try once more.")
        return check_page(chosen, kind, first_place=first_place, notice=notice)
    return _job_page(job)


@blueprint.get("/now")
@staff_only(ORDERS)
def jobs_now() -> ResponseReturnValue:
    """The jobs of the last day as they are now."""
    with loyalty().database.read() as db:
        program_in_force(db)
        part = render_part("panel/print_jobs.html", **recent_jobs(db))
    return unless_shown(part)


@blueprint.get("/<code>")
@staff_only(ORDERS)
def show_job(code: str) -> ResponseReturnValue:
    """One job: how far it is, and its pages."""
    job = _job(code)
    return missing(ROOM) if job is None else _job_page(job)


@blueprint.get("/<code>/now")
@staff_only(ORDERS)
def job_now(code: str) -> ResponseReturnValue:
    """How far a job is now; this part of the page asks again by itself."""
    job = _job(code)
    if job is None:
        return missing(ROOM)
    return unless_shown(_part(job), is_last=job.state == print_jobs.CANCELLED)


@blueprint.post("/<code>/cancel")
@staff_only(ORDERS)
def cancel(code: str) -> ResponseReturnValue:
    """Stop a job before its next pages. Done twice, it is done once."""
    stopped = cancel_job(loyalty(), g.shop, code[:16])
    job = _job(code)
    if job is None:
        return missing(ROOM)
    return _job_page(job, toast=("success", gettext("Stopped. Its pages are deleted.")) if stopped else None)


@blueprint.post("/<code>/again")
@staff_only(ORDERS)
def go_on(code: str) -> ResponseReturnValue:
    """Go on with a job that failed, once what was wrong is put right."""
    job = _job(code)
    if job is None or not try_again(loyalty(), g.shop, subject_of(job.code)):
        return missing(ROOM)
    return _job_page(job, toast=("success", gettext("It will be tried again now.")))


@blueprint.post("/<code>/file")
@staff_only(ORDERS)
def download(code: str) -> ResponseReturnValue:
    """All pages as one PDF. The first time, its cards become printed."""
    try:
        taken = take_out(loyalty(), g.shop, code[:16], by=g.viewer.user_id)
    except (LookupError, NoPages):
        return missing(ROOM)
    response = make_response(taken.pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/<code>/copied")
@staff_only(ORDERS)
def copied(code: str) -> ResponseReturnValue:
    """Somebody has written all these cards by hand. Said twice, it is noted once."""
    try:
        marked = say_all_copied(loyalty(), g.shop, code[:16], by=g.viewer.user_id)
    except (LookupError, NoPages):
        return missing(ROOM)
    job = _job(code)
    said = ngettext("%(num)s card is written by hand.", "%(num)s cards are written by hand.", marked)
    return missing(ROOM) if job is None else _job_page(job, toast=("success", said % {"num": marked}))


def _job(code: str) -> PrintJob | None:
    with loyalty().database.read() as db:
        return print_jobs.job_by_code(db, g.shop.id, code[:16])


def _job_page(job: PrintJob, *, toast: Toast | None = None) -> Response:
    part = _part(job)
    return page(
        "panel/print_job.html",
        f"{ROOM}/jobs/{job.code}",
        toast=toast,
        job=job,
        part=part,
        part_mark=mark_of(part),
        about=in_words(read_path(job.options["about"])),
    )


def _part(job: PrintJob) -> Markup:
    with loyalty().database.read() as db:
        program = program_in_force(db)
        return render_part("panel/print_job_now.html", **about_job(db, job, program))
