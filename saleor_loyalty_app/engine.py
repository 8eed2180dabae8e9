"""The durable engine: each round of work is a DBOS workflow with checkpointed steps, started once by its id.

Design §4 lists the guard rails that are followed here. Only worker processes launch the engine; the web
process writes rows into the inbox and nothing else.
"""

import fcntl
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import Engine, create_engine, event

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.do_work import REACTIONS, Ending, claim, do_step, end_round, take_in
from saleor_loyalty_app.services.keep_house import forget_pages, keep_house
from saleor_loyalty_app.store import work, workers
from saleor_loyalty_app.store.database import set_pragmas
from saleor_loyalty_app.store.shops import DORMANT, all_shops

log = structlog.get_logger()

QUEUE = "rounds"
POLL_SECONDS = 0.2
LEASE_SECONDS = 30
STUCK_AFTER = timedelta(seconds=30)
NIGHT_HOUR = 3
FINISHED_KEPT_SECONDS = 24 * 3600
ENDED_BADLY = {"ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}

BROKEN_OFF = Saying("This was broken off when a worker of the app ended.")


class _Running:
    """What workflows of this process work with; set before the engine is launched."""

    app: App


@DBOS.workflow(name="round")
def run_round(shop_id: int, subject: str, round: int) -> None:
    """One round about one subject: its steps in order until one does not end well, then the ending is written."""
    ending: dict[str, Any] = asdict(Ending())
    for step in REACTIONS[subject.partition(":")[0]]:
        ending = DBOS.run_step({"name": step}, _step, shop_id, subject, step)
        if not Ending(**ending).is_done:
            break
    DBOS.run_step({"name": "end"}, _end, shop_id, subject, round, ending)


def _step(shop_id: int, subject: str, step: str) -> dict[str, Any]:
    return asdict(do_step(_Running.app, shop_id, subject, step))


def _end(shop_id: int, subject: str, round: int, ending: dict[str, Any]) -> None:
    end_round(_Running.app, shop_id, subject, round, Ending(**ending))


@DBOS.workflow(name="hourly")
def run_hourly(scheduled_at: datetime, _context: object) -> None:
    """Every hour: see which shops are back; at night, in each shop's own time, sweep and review; keep house."""
    DBOS.run_step({"name": "hourly"}, _hourly, scheduled_at.isoformat())


def _hourly(scheduled_at: str) -> None:
    app, at = _Running.app, datetime.fromisoformat(scheduled_at)
    with app.database.read() as db:
        shops = [shop for shop in all_shops(db) if shop.state != DORMANT]
        zones = {shop.id: current_program(db, shop).zone for shop in shops}
    with app.database.write() as db:
        for shop in shops:
            at_night = at.astimezone(zones[shop.id]).hour == NIGHT_HOUR
            for subject in ("shop:", *(("sweep:", "deleted:", "review:") if at_night else ())):
                work.want(db, shop.id, subject, due_at=app.now(), now=app.now())
    forget_pages(app)
    if at.hour == NIGHT_HOUR:
        keep_house(app)
        _forget_finished()


def _forget_finished() -> None:
    """The engine keeps finished workflows for ever; what was done is in our own tables."""
    before = datetime.fromtimestamp(time.time() - FINISHED_KEPT_SECONDS).astimezone().isoformat()
    while finished := DBOS.list_workflows(status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before, limit=500):
        DBOS.delete_workflows([workflow.workflow_id for workflow in finished])


@contextmanager
def running_engine(app: App) -> Iterator["Worker"]:
    """Launch the engine in this process and end it again; only one per process."""
    _Running.app = app
    name, lock = _take_name(app.settings.data_dir)
    config: DBOSConfig = {
        "name": "saleor-loyalty",
        "executor_id": name,
        "application_version": "1",
        "serializer": DBOSPortableJSONSerializer(),
        "system_database_url": _engine_url(app),
        "log_level": "WARNING",
        "enable_otlp": False,
        "run_migrations": True,
        "max_executor_threads": app.settings.orders_at_once + 8,
        "scheduler_polling_interval_sec": 5,
    }
    if app.settings.embedded:
        config["system_database_engine"] = _sqlite_engine(_engine_url(app))
    DBOS(config=config)
    with app.database.write() as db:
        workers.renew_lease(db, name, app.now())
        for shop in all_shops(db):
            # A newer version of the app may listen to more: look after the webhooks at every start.
            if shop.state != DORMANT:
                work.want(db, shop.id, "shop:", due_at=app.now(), now=app.now())
    DBOS.launch()
    _register(app)
    worker = Worker(app, name)
    try:
        yield worker
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=5)
        with app.database.write() as db:
            workers.drop_lease(db, name)
        lock.close()


class Worker:
    """The loop beside the engine: takes in what came, starts what is due, takes over what a dead worker left."""

    def __init__(self, app: App, name: str) -> None:
        self.app = app
        self.name = name
        self._next_watch = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Trouble with the database is logged and waited out."""
        while not stop.is_set():
            try:
                busy = self.turn()
            except Exception:
                log.exception("worker_trouble", worker=self.name)
                busy = False
                stop.wait(1)
            stop.wait(0 if busy else POLL_SECONDS)

    def turn(self) -> bool:
        """One turn of the loop; return whether there was anything to do."""
        taken = take_in(self.app)
        due = claim(self.app, limit=self.app.settings.orders_at_once * 4)
        for item in due:
            _start(item)
        if time.monotonic() >= self._next_watch:
            self._next_watch = time.monotonic() + LEASE_SECONDS / 6
            self._watch()
        return bool(taken or due)

    def _watch(self) -> None:
        """Renew the lease; the first of the living looks after rounds that no living worker runs."""
        now = self.app.now()
        with self.app.database.write() as db:
            workers.renew_lease(db, self.name, now)
            living = {n for n, seen in workers.seen(db).items() if now - seen < timedelta(seconds=LEASE_SECONDS)}
            stuck = work.running_since(db, now - STUCK_AFTER)
        if self.name == min(living):
            for item in stuck:
                self._rescue(item, living)

    def _rescue(self, item: work.Work, living: set[str]) -> None:
        status = DBOS.get_workflow_status(item.workflow_id)
        if status is None:
            _start(item)  # claimed, and the claimer died before it was started
        elif status.status in ENDED_BADLY:
            end_round(
                self.app, item.shop_id, item.subject, item.round, Ending(again_in_seconds=60, error=BROKEN_OFF.kept())
            )
        elif status.status == "PENDING" and status.executor_id not in living:
            log.warning("round_taken_over", round=item.round, of=status.executor_id)
            DBOS.resume_workflow(item.workflow_id)


def _start(item: work.Work) -> None:
    with SetWorkflowID(item.workflow_id), SetEnqueueOptions(queue_partition_key=str(item.shop_id)):
        DBOS.enqueue_workflow(QUEUE, run_round, item.shop_id, item.subject, item.round)


def _register(app: App) -> None:
    DBOS.register_queue(
        QUEUE,
        worker_concurrency=app.settings.orders_at_once,
        partition_worker_concurrency=app.settings.orders_at_once_per_shop,
        polling_interval_sec=POLL_SECONDS,
        on_conflict="always_update",
    )
    if DBOS.get_schedule("hourly") is None:
        DBOS.create_schedule(schedule_name="hourly", workflow_fn=run_hourly, schedule="0 * * * *")


def _take_name(data_dir: Path) -> tuple[str, IO[str]]:
    """A name that no living process of this machine has: two alike would run each other's work again.

    It is bound to a lock that the system frees when the process dies, so a restarted worker gets the same
    name back and the engine resumes what it had begun, at once.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    for slot in range(1000):
        lock = (data_dir / f"worker-{slot}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return f"{socket.gethostname()}-{slot}", lock
    raise RuntimeError("more than 1000 workers on one machine")


def _engine_url(app: App) -> str:
    if not app.settings.embedded:
        return app.settings.app_database_url
    return f"{app.settings.app_database_url.removesuffix('.sqlite')}-engine.sqlite"


def _sqlite_engine(url: str) -> Engine:
    """An engine for the engine: it opens its transactions by itself, so it gets a plain connection that takes the
    write lock at once (guard rail 2)."""
    engine = create_engine(url, pool_size=16, connect_args={"isolation_level": "IMMEDIATE"})
    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "connect", _add_unixepoch)
    return engine


def _add_unixepoch(connection: Any, _record: object) -> None:
    # SQLite before 3.42 knows no unixepoch('subsec'), which the engine's tables use as a default (guard rail 1).
    connection.create_function("unixepoch", 1, lambda _modifier: time.time())
