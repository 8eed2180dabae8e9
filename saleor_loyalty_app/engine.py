"""The durable engine: each round of work is a DBOS workflow, started once by its id and resumed after a crash.

What a round did so far stands in our own tables, written with the effects themselves; its steps are safe to
repeat, so the engine is spared a record of each (docs/decisions/0008).

Design §4 lists the guard rails that are followed here. Only worker processes launch the engine; the web
process writes rows into the inbox and nothing else.
"""

import fcntl
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, ClassVar

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import Connection

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.do_work import Ending, claim, do_round, end_round, take_in
from saleor_loyalty_app.services.keep_house import forget_pages, keep_house
from saleor_loyalty_app.services.log_reference import logged_as
from saleor_loyalty_app.store import history, work, workers
from saleor_loyalty_app.store.engine_database import engine_connections
from saleor_loyalty_app.store.shops import DORMANT, Shop, all_shops, shop_by_id

log = structlog.get_logger()

POLL_SECONDS = 0.2
LEASE_SECONDS = 30
STUCK_SECONDS = 30
LEASE_KEPT_SECONDS = 3600
NIGHT_HOUR = 3
FINISHED_KEPT_SECONDS = 24 * 3600
ENDED_BADLY = {"ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}

BROKEN_OFF = Saying("This was broken off when a worker of the app ended.")


class _Running:
    """What workflows of this process work with; set before the engine is launched."""

    app: App
    rounds: ClassVar[set[str]] = set()
    """By workflow id: what a thread of this process does at this moment, or is about to."""


@DBOS.workflow(name="round")
def run_round(shop_id: int, subject: str, round: int) -> None:
    """One round about one subject; after a crash it runs once more."""
    workflow_id = DBOS.workflow_id or ""
    _Running.rounds.add(workflow_id)
    try:
        do_round(_Running.app, shop_id, subject, round)
    finally:
        _Running.rounds.discard(workflow_id)


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
    while finished := DBOS.list_workflows(status=["SUCCESS", *ENDED_BADLY], end_time=before, limit=500):
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
        "system_database_url": app.settings.engine_database_url,
        "log_level": "WARNING",
        "enable_otlp": False,
        "run_migrations": True,
        "max_executor_threads": app.settings.orders_at_once + 8,
        "scheduler_polling_interval_sec": 5,
    }
    connections = engine_connections(app.settings.engine_database_url, pool_size=app.settings.orders_at_once + 8)
    config["system_database_engine"] = connections
    DBOS(config=config)
    with app.database.write() as db:
        workers.renew_lease(db, name, app.now())
        for shop in all_shops(db):
            if shop.state != DORMANT:
                _want_at_start(db, shop, app.now())
    DBOS.launch()
    if DBOS.get_schedule("hourly") is None:
        DBOS.create_schedule(schedule_name="hourly", workflow_fn=run_hourly, schedule="0 * * * *")
    worker = Worker(app, name)
    try:
        yield worker
    finally:
        worker.close()
        DBOS.destroy(workflow_completion_timeout_sec=5)
        connections.dispose()
        with app.database.write() as db:
            workers.drop_lease(db, name)
        lock.close()


def _want_at_start(db: Connection, shop: Shop, now: datetime) -> None:
    """What each start of a worker looks after.

    A newer version of the app may listen to more events. And what came while nothing ran, or after the backup that was
    restored, is read from the shop; but not before its history is: tiers would be decided on parts of it.
    """
    work.want(db, shop.id, "shop:", due_at=now, now=now)
    if all(reading.state == history.DONE for reading in history.history_of(db, shop.id).values()):
        work.want(db, shop.id, "sweep:", due_at=now, now=now)


class Worker:
    """The loop beside the engine: takes in what came, starts what is due, takes over what a dead worker left."""

    def __init__(self, app: App, name: str) -> None:
        self.app = app
        self.name = name
        self._next_watch = 0.0
        self._pool = ThreadPoolExecutor(app.settings.orders_at_once, "round")
        self._busy: Counter[int] = Counter()
        """How many rounds of each shop run here."""
        self._served = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._leases = workers.Watch()
        self._rounds = workers.Watch()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Trouble with the database is logged and waited out."""
        while not stop.is_set():
            self._ended.clear()
            try:
                busy = self.turn()
            except Exception:
                log.exception("worker_trouble", worker=self.name)
                busy = False
                stop.wait(1)
            if not busy:
                self._ended.wait(POLL_SECONDS)

    def turn(self) -> bool:
        """One turn of the loop; return whether there was anything to do."""
        taken = take_in(self.app)
        due = self._claim()
        for item in due:
            self._start(item)
        if time.monotonic() >= self._next_watch:
            self._next_watch = time.monotonic() + LEASE_SECONDS / 6
            self._watch()
        return bool(taken or due)

    def close(self) -> None:
        """Begin nothing more; what runs goes on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _claim(self) -> list[work.Work]:
        """As many rounds as there is room for, of each shop in turn."""
        with self._lock:
            busy = dict(self._busy)
        free = self.app.settings.orders_at_once - sum(busy.values())
        if free <= 0:
            return []
        per_shop = self.app.settings.orders_at_once_per_shop
        due = claim(self.app, limit=free, limit_per_shop=per_shop, busy=busy, after=self._served)
        if due:
            self._served = due[-1].shop_id
        return due

    def _start(self, item: work.Work) -> None:
        with self._lock:
            self._busy[item.shop_id] += 1
        _Running.rounds.add(item.workflow_id)
        self._pool.submit(self._run, item)

    def _run(self, item: work.Work) -> None:
        try:
            with SetWorkflowID(item.workflow_id):
                run_round(item.shop_id, item.subject, item.round)
        except Exception:
            log.exception("round_broken_off", shop=item.shop_id, round=item.round)  # seen and ended by the watch
        finally:
            _Running.rounds.discard(item.workflow_id)
            with self._lock:
                self._busy[item.shop_id] -= 1
            self._ended.set()

    def _watch(self) -> None:
        """Renew the lease; look after rounds that are under way by the tables, but in no thread of a living worker."""
        now = self.app.now()
        with self.app.database.write() as db:
            workers.renew_lease(db, self.name, now)
            leases = self._leases.still_seconds(workers.seen(db))
            for name, seconds in leases.items():
                if seconds > LEASE_KEPT_SECONDS:
                    workers.drop_lease(db, name)
            if behind := work.catch_up_with_clock(db, now):
                log.warning("clock_was_put_back", rounds=behind)
            running = work.running(db)
        living = {self.name, *(name for name, seconds in leases.items() if seconds < LEASE_SECONDS)}
        # Everybody watches the rounds, so that whoever is first when another one died knows how old they are.
        ages = self._rounds.still_seconds(dict.fromkeys(item.workflow_id for item in running))
        for item in running:
            if ages[item.workflow_id] >= STUCK_SECONDS and item.workflow_id not in _Running.rounds:
                with logged_as(self.app, self._shop_of(item), item.subject):
                    self._rescue(item, living)

    def _shop_of(self, item: work.Work) -> Shop:
        with self.app.database.read() as db:
            return shop_by_id(db, item.shop_id)

    def _rescue(self, item: work.Work, living: set[str]) -> None:
        status = DBOS.get_workflow_status(item.workflow_id)
        # Each worker knows best what became of its own rounds: when the database went, the engine may not have been
        # able to say how one ended. What others left is for the first of the living.
        is_ours = status is not None and status.executor_id == self.name
        if not is_ours and self.name != min(living):
            return
        if status is None:
            self._start(item)  # claimed, and the claimer died before it was started
        elif status.status == "SUCCESS":  # the tables are of an older backup than the engine's: it has to be done again
            end_round(self.app, item.shop_id, item.subject, item.round, Ending(again_in_seconds=0))
        elif status.status in ENDED_BADLY:
            end_round(
                self.app, item.shop_id, item.subject, item.round, Ending(again_in_seconds=60, error=BROKEN_OFF.kept())
            )
        elif status.status == "PENDING" and (is_ours or status.executor_id not in living):
            log.warning("round_taken_over", round=item.round, of=status.executor_id)
            DBOS.resume_workflow(item.workflow_id)


def _take_name(data_dir: Path) -> tuple[str, IO[str]]:
    """A name that no living process of this machine has: two alike would run each other's work again.

    It is bound to a lock that the system frees when the process dies, so a restarted worker gets the same
    name back and the engine resumes what it had begun, at once. Machines may be called alike, above all in
    containers, so each data folder has an id of its own.
    """
    machine = f"{socket.gethostname()}-{_id_of(data_dir)}"
    for slot in range(1000):
        lock = (data_dir / f"worker-{slot}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return f"{machine}-{slot}", lock
    raise RuntimeError("more than 1000 workers on one machine")


def _id_of(data_dir: Path) -> str:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "machine-id").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of two workers that start at once, one makes it and the other reads it
        file.seek(0)
        if not (known := file.read()):
            known = secrets.token_hex(4)
            file.write(known)
        return known
