"""The processes: one or more for the web, one worker, and a parent that starts them again when they fall."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import structlog
from granian import Granian
from granian.constants import Interfaces

from saleor_loyalty_app.logs import start_logging
from saleor_loyalty_app.services.app import open_app
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.store.migrate import migrate

log = structlog.get_logger()

STOP_SECONDS = 10
RESTART_SECONDS = 1


def serve_web(settings: Settings) -> None:
    """Serve the web half until told to stop. Threads mostly wait for the disk, so that many share one commit."""
    Granian(
        "saleor_loyalty_app.wsgi:make",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=16,
        backlog=1024,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


def work(settings: Settings) -> None:
    """Work until told to stop: a round that is under way ends first, for at most ten seconds."""
    from saleor_loyalty_app.engine import running_engine  # noqa: PLC0415 - the engine costs a second and 50 MB

    start_logging(settings)
    app = open_app(settings)
    migrate(app.database)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with running_engine(app) as worker:
        log.info("worker_ready", worker=worker.name)
        worker.run(stop)
    app.close()


def run_all(settings: Settings) -> int:
    """Start web and worker as processes of one group and keep them running; return the exit code."""
    migrate_first(settings)
    _share_counters(settings)
    commands = {"web": ["run", "--web-only"], "worker": ["worker"]}
    children = {name: _start(arguments) for name, arguments in commands.items()}
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.2):
        for name, child in children.items():
            if child.poll() is not None:
                log.error("process_ended", process=name, code=child.returncode)
                time.sleep(RESTART_SECONDS)
                children[name] = _start(commands[name])
    for child in children.values():
        child.terminate()
    for child in children.values():
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    return 0


def _share_counters(settings: Settings) -> None:
    """Let the processes of this group keep what they count in one place, so that /metrics shows the sum."""
    shared = settings.data_dir / "metrics"
    shutil.rmtree(shared, ignore_errors=True)  # of processes that have ended
    shared.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)


def migrate_first(settings: Settings) -> None:
    """Bring the tables up to date before anything is served."""
    app = open_app(settings)
    migrate(app.database)
    app.close()


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "saleor_loyalty_app", *arguments], env=os.environ)  # noqa: S603
