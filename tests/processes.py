"""The app as it is run: real processes of its command, on ports of their own, killed and started as a test wants."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import logged_secrets
import requests
from cryptography.fernet import Fernet

from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.settings import load_settings

PATIENCE_SECONDS = 60


@dataclass
class Processes:
    """Web and worker of one installation; `app` looks into its database."""

    url: str
    environment: dict[str, str]
    app: App
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    log: Path | None = None
    """Where the processes write what they log; without it, where everything else goes."""

    def start(self, name: str, *arguments: str, inside: Sequence[str] = (), **environment: str) -> None:
        """Start a process of the command, in a group of its own; `inside` is a command that runs it."""
        command = [*inside, sys.executable, "-m", "saleor_loyalty_app", *arguments]
        log = self.log.open("ab") if self.log else None
        self.running[name] = subprocess.Popen(  # noqa: S603
            command, env=self.environment | environment, start_new_session=True, stdout=log, stderr=log
        )
        if log:
            log.close()

    def kill(self, name: str) -> None:
        """kill -9 of a process and all that it started, as a power cut would."""
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, number)

    def fallen(self) -> list[str]:
        """The names of processes that ended by themselves, or were ended from inside."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def stop(self) -> None:
        """End everything that was started."""
        for name, process in self.running.items():
            self.signal(name, signal.SIGCONT)
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        for name in list(self.running):
            self.kill(name)  # what is left of its group


@contextmanager
def running_app(
    folder: Path,
    saleor_api_url: str,
    *,
    database_url: str = "",
    settle: float = 1,
    dashboards: str = "http://127.0.0.1:9",
    log_level: str = "WARNING",
    environment: Mapping[str, str] = MappingProxyType({}),
    log: Path | None = None,
) -> Iterator[Processes]:
    """The app's web process, ready to be installed; a worker is started by the test."""
    port = free_port()
    settings = {
        "LOYALTY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LOYALTY_ALLOWED_SALEOR_URLS": saleor_api_url,
        "LOYALTY_DASHBOARD_ORIGINS": dashboards,
        "LOYALTY_DATA_DIR": str(folder),
        "LOYALTY_DATABASE_URL": database_url,
        "LOYALTY_SECRET_KEY": Fernet.generate_key().decode(),
        "LOYALTY_PORT": str(port),
        "LOYALTY_SETTLE_SECONDS": str(settle),
        "LOYALTY_HISTORY_REQUESTS_PER_MINUTE": "6000",
        "LOYALTY_LOG_LEVEL": log_level,
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    fields = {name.removeprefix("LOYALTY_").lower(): value for name, value in settings.items()}
    app = open_app(load_settings(_env_file=None, **fields))
    processes = Processes(settings["LOYALTY_PUBLIC_URL"], own | settings | dict(environment), app, log=log)
    try:
        processes.start("web", "run", "--web-only")
        wait_until(lambda: answers(processes.url))
        yield processes
    finally:
        processes.stop()
        app.close()
        if log:  # what went where everything else goes is searched at the end of each test
            found = logged_secrets.found_in(log.read_text(errors="replace"))
            assert not found, f"What the processes logged holds {found}"


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, every: float = 0.05) -> None:
    """Wait until something holds; say so when it never does."""
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(every)


def answers(url: str) -> bool:
    """Whether a web process is ready at an address."""
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_a_thread_of_its_own(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test where no event loop runs, as in a worker; the browser's driver leaves one running in ours."""

    @functools.wraps(test)
    def run(**given: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(test, **given).result()

    return run
