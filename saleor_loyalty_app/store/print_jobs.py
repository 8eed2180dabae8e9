"""Print jobs: what is made, for which parcels, how far it is, and the sealed pages, which live a day."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from saleor_loyalty_app.domain.parcel_codes import LETTERS
from saleor_loyalty_app.domain.print_jobs import LeftOut, WhyLeftOut
from saleor_loyalty_app.store.print_tables import print_chunks, print_items, print_jobs

WAITING, RUNNING, DONE, CANCELLED = "waiting", "running", "done", "cancelled"
UNDER_WAY = (WAITING, RUNNING)
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One job. `ready` of its `total` parcels have been typeset; `options` as in `services/print_batch.py`."""

    id: int
    code: str
    kind: str
    by: str
    options: dict[str, Any]
    state: str
    total: int
    ready: int
    problem: str | None
    """A kept saying: why it was cancelled, unless a person did it."""
    made_at: datetime
    ended_at: datetime | None
    printed_at: datetime | None
    """When a person first took the pages out."""
    printed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """One parcel of a job."""

    position: int
    parcel_id: int
    customer_id: int
    left_out: dict[str, str] | None


def add_job(
    db: Connection,
    shop_id: int,
    *,
    kind: str,
    of: Sequence[tuple[int, int]],
    options: Mapping[str, Any],
    by: str,
    wish: str,
    now: datetime,
) -> PrintJob:
    """Write a job for these parcels, each as (parcel id, customer id). A second one of a wish raises IntegrityError."""
    code = "PR-" + "".join(secrets.choice(LETTERS) for _ in range(8))
    values = {"code": code, "kind": kind, "by": by, "options": dict(options), "state": WAITING, "total": len(of),
              "wish": wish, "made_at": now}  # fmt: skip
    row = db.execute(insert(print_jobs).values(shop_id=shop_id, **values).returning(print_jobs)).mappings().one()
    items = [
        {"shop_id": shop_id, "job_id": row["id"], "position": position, "parcel_id": parcel, "customer_id": customer}
        for position, (parcel, customer) in enumerate(of)
    ]
    db.execute(insert(print_items), items)
    return _job(row)


def job_by_code(db: Connection, shop_id: int, code: str) -> PrintJob | None:
    """The job with this code, or None."""
    return _first(db, print_jobs.c.shop_id == shop_id, print_jobs.c.code == code)


def job_by_wish(db: Connection, shop_id: int, wish: str) -> PrintJob | None:
    """What a wish led to, or None."""
    return _first(db, print_jobs.c.shop_id == shop_id, print_jobs.c.wish == wish)


def jobs_since(db: Connection, shop_id: int, since: datetime, *, limit: int = 50) -> list[PrintJob]:
    """The jobs made since then, newest first."""
    query = (
        select(print_jobs)
        .where(print_jobs.c.shop_id == shop_id, print_jobs.c.made_at >= since)
        .order_by(print_jobs.c.made_at.desc(), print_jobs.c.id.desc())
        .limit(limit)
    )
    return [_job(row) for row in db.execute(query).mappings()]


def job_items(db: Connection, shop_id: int, job_id: int, *, since: int = 0, limit: int | None = None) -> list[JobItem]:
    """The parcels of a job from a position on, in the order of the pages."""
    query = (
        select(print_items.c.position, print_items.c.parcel_id, print_items.c.customer_id, print_items.c.left_out)
        .where(print_items.c.shop_id == shop_id, print_items.c.job_id == job_id, print_items.c.position >= since)
        .order_by(print_items.c.position)
        .limit(limit)
    )
    return [JobItem(**row) for row in db.execute(query).mappings()]


def left_out_of(db: Connection, shop_id: int, job_id: int) -> list[LeftOut]:
    """What is not on the pages of a job, and why, in their order."""
    query = (
        select(print_items.c.parcel_id, print_items.c.left_out)
        .where(print_items.c.shop_id == shop_id, print_items.c.job_id == job_id, print_items.c.left_out.is_not(None))
        .order_by(print_items.c.position)
    )
    return [
        LeftOut(parcel_id=parcel_id, why=WhyLeftOut(said["why"]), detail=said["detail"])
        for parcel_id, said in db.execute(query).all()
    ]


def begin_job(db: Connection, shop_id: int, job_id: int) -> bool:
    """Note that a job is being worked on; return whether it is still wanted."""
    mine = (print_jobs.c.shop_id == shop_id, print_jobs.c.id == job_id, print_jobs.c.state.in_(UNDER_WAY))
    return bool(db.execute(update(print_jobs).where(*mine).values(state=RUNNING)).rowcount)


def keep_chunk(
    db: Connection,
    shop_id: int,
    job: PrintJob,
    *,
    sealed_pdf: bytes | None,
    left_out: Collection[LeftOut],
    ready: int,
    made_at: datetime,
    now: datetime,
) -> bool:
    """Keep the pages of the parcels from `job.ready` up to `ready`; None when all of these are left out.

    Nothing is kept and False returned when the job was cancelled, or went on in another process, meanwhile.
    `made_at` is when the words on them were read.
    """
    ends = ready >= job.total
    going_on = update(print_jobs).where(
        print_jobs.c.shop_id == shop_id, print_jobs.c.id == job.id, print_jobs.c.state == RUNNING,
        print_jobs.c.ready == job.ready,
    )  # fmt: skip
    ended = {"state": DONE, "ended_at": now} if ends else {}
    if not db.execute(going_on.values(ready=ready, **ended)).rowcount:
        return False
    if sealed_pdf is not None:
        # Numbered by the first position on it, so that each page can be told from which parcels it was made.
        values = {"number": job.ready, "sealed_pdf": sealed_pdf, "made_at": made_at}
        db.execute(insert(print_chunks).values(shop_id=shop_id, job_id=job.id, **values))
    for one in left_out:
        db.execute(
            update(print_items)
            .where(
                print_items.c.shop_id == shop_id, print_items.c.job_id == job.id,
                print_items.c.parcel_id == one.parcel_id,
            )
            .values(left_out={"why": one.why.value, "detail": one.detail})
        )  # fmt: skip
    return True


def end_job(db: Connection, shop_id: int, code: str, *, problem: str | None = None, now: datetime) -> bool:
    """Cancel a job that is under way and forget its pages; return whether it was."""
    mine = (print_jobs.c.shop_id == shop_id, print_jobs.c.code == code, print_jobs.c.state.in_(UNDER_WAY))
    values = {"state": CANCELLED, "ended_at": now, "problem": problem}
    statement = update(print_jobs).where(*mine).values(**values).returning(print_jobs.c.id)
    ids = list(db.scalars(statement))
    _forget_pages(db, shop_id, ids)
    return bool(ids)


def chunk_times(db: Connection, shop_id: int, job_id: int) -> list[tuple[int, datetime]]:
    """The first position of each chunk of pages, and when the words on it were read."""
    query = (
        select(print_chunks.c.number, print_chunks.c.made_at)
        .where(print_chunks.c.shop_id == shop_id, print_chunks.c.job_id == job_id)
        .order_by(print_chunks.c.number)
    )
    return [(number, at) for number, at in db.execute(query).all()]


def sealed_chunks(db: Connection, shop_id: int, job_id: int) -> Iterator[bytes]:
    """The sealed pages of a job, one chunk at a time."""
    for number, _ in chunk_times(db, shop_id, job_id):
        query = select(print_chunks.c.sealed_pdf).where(
            print_chunks.c.shop_id == shop_id, print_chunks.c.job_id == job_id, print_chunks.c.number == number
        )
        yield db.execute(query).scalar_one()


def set_printed(db: Connection, shop_id: int, job_id: int, *, by: str, now: datetime) -> bool:
    """Note that a person took the pages out; return whether this was the first time."""
    mine = (print_jobs.c.shop_id == shop_id, print_jobs.c.id == job_id, print_jobs.c.printed_at.is_(None))
    return bool(db.execute(update(print_jobs).where(*mine).values(printed_at=now, printed_by=by)).rowcount)


def jobs_with(
    db: Connection, shop_id: int, kind: str, parcel_ids: Collection[int], *, since: datetime
) -> dict[int, PrintJob]:
    """The newest job of this kind that each of these parcels has pages in, or will have."""
    found: dict[int, PrintJob] = {}
    ids = list(parcel_ids)
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(print_items.c.parcel_id, print_jobs)
            .join(
                print_jobs,
                (print_jobs.c.shop_id == print_items.c.shop_id) & (print_jobs.c.id == print_items.c.job_id),
            )
            .where(
                print_items.c.shop_id == shop_id, print_items.c.parcel_id.in_(ids[start : start + AT_ONCE]),
                print_items.c.left_out.is_(None), print_jobs.c.kind == kind, print_jobs.c.state != CANCELLED,
                print_jobs.c.made_at >= since,
            )
            .order_by(print_jobs.c.id)
        )  # fmt: skip
        found.update({row["parcel_id"]: _job(row) for row in db.execute(query).mappings()})
    return found


def cancel_with_person(db: Connection, shop_id: int, customer_id: int, *, problem: str, now: datetime) -> None:
    """Forget the pages of every job that a customer is in, and say why."""
    query = (
        select(print_items.c.job_id)
        .where(print_items.c.shop_id == shop_id, print_items.c.customer_id == customer_id)
        .distinct()
    )
    ids = list(db.scalars(query))
    if not ids:
        return
    _forget_pages(db, shop_id, ids)
    mine = (print_jobs.c.shop_id == shop_id, print_jobs.c.id.in_(ids), print_jobs.c.state != CANCELLED)
    db.execute(update(print_jobs).where(*mine).values(state=CANCELLED, ended_at=now, problem=problem))


def forget_before(db: Connection, shop_id: int, before: datetime) -> list[str]:
    """Delete the jobs made before then with all their pages; return their codes."""
    query = select(print_jobs.c.id, print_jobs.c.code).where(
        print_jobs.c.shop_id == shop_id, print_jobs.c.made_at < before
    )
    old = db.execute(query).all()
    ids = [job_id for job_id, _ in old]
    _forget_pages(db, shop_id, ids)
    for table, column in ((print_items, print_items.c.job_id), (print_jobs, print_jobs.c.id)):
        db.execute(delete(table).where(table.c.shop_id == shop_id, column.in_(ids)))
    return [code for _, code in old]


def _forget_pages(db: Connection, shop_id: int, job_ids: Sequence[int]) -> None:
    db.execute(delete(print_chunks).where(print_chunks.c.shop_id == shop_id, print_chunks.c.job_id.in_(job_ids)))


def _first(db: Connection, *where: ColumnElement[bool]) -> PrintJob | None:
    row = db.execute(select(print_jobs).where(*where)).mappings().first()
    return _job(row) if row else None


def _job(row: RowMapping) -> PrintJob:
    return PrintJob(**{name: row[name] for name in PrintJob.__dataclass_fields__})
