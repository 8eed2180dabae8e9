"""A PostgreSQL server for one test run: started where the programs are installed, on a socket of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


def pg_ctl() -> str | None:
    """Where the server's control program is; Debian keeps it off the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return shutil.which("pg_ctl") or (str(versions[-1]) if versions else None)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server in a folder of its own. It does not run as root."""

    folder: str
    control: str

    @property
    def url(self) -> str:
        """Its address, which stays the same when it is stopped and started again."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off -c full_page_writes=off"
        self._do("-w", "-o", options, "-l", f"{self.folder}/log", "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._do("-m", "immediate", "stop")

    def initialise(self) -> None:
        """Make its files."""
        self._do("-o", "-A trust -U postgres -E UTF8", "initdb")

    def _do(self, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_user, self.control, "-D", f"{self.folder}/data", "-s", *arguments]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A new, empty server, which is gone afterwards.

    Where the programs are missing the test is skipped, but never in CI.
    """
    control = pg_ctl()
    if control is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        server = PostgresServer(folder, control)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a new, empty server."""
    with running_postgres() as server:
        yield server.url
