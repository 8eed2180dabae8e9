"""The app as it is run: real processes of its command, on ports of their own, killed and started as a test wants."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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

    def start(self, name: str, *arguments: str) -> None:
        """Start a process of the command."""
        command = [sys.executable, "-m", "saleor_loyalty_app", *arguments]
        self.running[name] = subprocess.Popen(command, env=self.environment)  # noqa: S603

    def kill(self, name: str) -> None:
        """kill -9, as a power cut or the system's memory guard would."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything that was started."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()


@contextmanager
def running_app(
    folder: Path,
    saleor_api_url: str,
    *,
    database_url: str = "",
    settle: float = 1,
    dashboards: str = "http://127.0.0.1:9",
    log_level: str = "WARNING",
) -> Iterator[Processes]:
    """The app's web process, ready to be installed; a worker is started by the test."""
    port = _free_port()
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
    processes = Processes(settings["LOYALTY_PUBLIC_URL"], own | settings, app)
    try:
        processes.start("web", "run", "--web-only")
        wait_until(lambda: _answers(processes.url))
        yield processes
    finally:
        processes.stop()
        app.close()


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds; say so when it never does."""
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
