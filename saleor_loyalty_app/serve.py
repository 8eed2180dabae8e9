"""The processes: one or more for the web, one worker, and a parent that starts them again when they fall."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from werkzeug.serving import WSGIRequestHandler, make_server

from saleor_loyalty_app.logs import start_logging
from saleor_loyalty_app.running import running_here
from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.store.migrate import migrate

if TYPE_CHECKING:
    from saleor_loyalty_app.web.door import Door

log = structlog.get_logger()

STOP_SECONDS = 10
"""Within so long after SIGTERM or SIGINT everything has ended, whatever a shop or a database does meanwhile."""
WEB_STOP_SECONDS = 7
WORKER_STOP_SECONDS = 8
RESTART_SECONDS = 1
COUNTERS = "PROMETHEUS_MULTIPROC_DIR"


def run_web(settings: Settings) -> None:
    """Serve the web half alone until told to stop; its processes count together."""
    if COUNTERS not in os.environ and settings.web_processes > 1:
        # prometheus-client looks for the folder when it is imported, so this process begins anew.
        _share_counters(settings)
        os.execve(sys.executable, _command(["run", "--web-only"]), os.environ)  # noqa: S606 - our own command
    migrate_first(settings)
    with running_here(settings.data_dir):
        serve_web(settings)


def serve_web(settings: Settings) -> None:
    """Serve the web half until told to stop."""
    Granian(
        "saleor_loyalty_app.serve:make_web",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        runtime_mode=RuntimeModes.mt,  # takes a tenth more webhooks than the other one
        workers=settings.web_processes,
        http=HTTPModes.http1,  # as proxies speak; HTTP/2 would let one connection carry hundreds of slow senders
        websockets=False,
        backlog=1024,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=WEB_STOP_SECONDS,
    ).serve()


def make_web() -> "Door":
    """The web half in a process of the server's. When the server is killed, it ends too: else it would serve on
    unseen, beside the next one."""
    from saleor_loyalty_app.asgi import make  # noqa: PLC0415 - the worker needs none of the pages

    threading.Thread(target=_end_after, args=(os.getppid(),), name="parent", daemon=True).start()
    return make()


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def work(settings: Settings) -> None:
    """Work until told to stop: a round that is under way ends first, for a few seconds; what does not is left.

    What is left goes on with the next worker, which looks at the shop before it does anything again.
    """
    stop = _told_to_stop(within=WORKER_STOP_SECONDS)
    from saleor_loyalty_app.engine import running_engine  # noqa: PLC0415 - the engine costs a second and 50 MB

    start_logging(settings)
    app = open_app(settings)
    migrate(app.database)
    with running_here(settings.data_dir):
        if settings.worker_port:
            _answer_monitors(app)
        with running_engine(app) as worker:
            log.info("worker_ready", worker=worker.name)
            worker.run(stop)
    app.close()
    _leave()  # without waiting for threads that still wait for a shop's answer


def run_all(settings: Settings) -> int:
    """Start web and worker as processes of one group and keep them running; return the exit code."""
    stop = _told_to_stop(within=STOP_SECONDS)
    migrate_first(settings)
    _share_counters(settings)
    commands = {"web": ["run", "--web-only"], "worker": ["worker"]}
    children = {name: _start(arguments) for name, arguments in commands.items()}
    while not stop.wait(0.2):
        for name, child in children.items():
            if child.poll() is not None:
                log.error("process_ended", process=name, code=child.returncode)
                stop.wait(RESTART_SECONDS)
                children[name] = _start(commands[name])
    for child in children.values():
        child.terminate()
    ends_at = time.monotonic() + max(WEB_STOP_SECONDS, WORKER_STOP_SECONDS) + 1
    for child in children.values():
        try:
            child.wait(max(0.0, ends_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return 0


def _told_to_stop(*, within: float) -> threading.Event:
    """What is set by SIGTERM and SIGINT. If the process has not ended so many seconds later, it ends as it is."""
    stop = threading.Event()

    def told(*_: object) -> None:
        if not stop.is_set():
            stop.set()
            last = threading.Timer(within, _leave)
            last.daemon = True
            last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _answer_monitors(app: App) -> None:
    """Let a worker that runs apart from the web say that it lives, and show what it counted."""
    from saleor_loyalty_app.web import create_monitor  # noqa: PLC0415 - only such a worker needs it

    settings = app.settings
    server = make_server(
        settings.host, settings.worker_port, create_monitor(app), threaded=True, request_handler=_Quiet
    )  # fmt: skip
    threading.Thread(target=server.serve_forever, name="monitor", daemon=True).start()


class _Quiet(WSGIRequestHandler):
    """Writes no line for each look of a monitor."""

    def log_request(self, *_arguments: object) -> None:
        """Say nothing."""


def _share_counters(settings: Settings) -> None:
    """Let the processes of this group keep what they count in one place, so that /metrics shows the sum."""
    shared: Path = settings.data_dir / "metrics" / str(settings.port)
    shutil.rmtree(shared, ignore_errors=True)  # of processes that have ended
    shared.mkdir(parents=True)
    os.environ[COUNTERS] = str(shared)


def migrate_first(settings: Settings) -> None:
    """Bring the tables up to date before anything is served."""
    app = open_app(settings)
    migrate(app.database)
    app.close()


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(arguments), env=os.environ)  # noqa: S603


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "saleor_loyalty_app", *arguments]
