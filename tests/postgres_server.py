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
    listen: str = ""
    """An address to listen on as well, for machines that are not this one."""
    port: int = 5432
    durable: bool = False
    """Whether it waits for the disk; tests can do without."""

    @property
    def url(self) -> str:
        """Its address, which stays the same when it is stopped and started again."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}&port={self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses={self.listen} -p {self.port} -k {self.folder}"
        if not self.durable:
            options += " -c fsync=off -c full_page_writes=off"
        self._do("-w", "-o", options, "-l", f"{self.folder}/log", "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._do("-m", "immediate", "stop")

    def is_up(self) -> bool:
        """Whether it runs."""
        command = [*self._as_user(), self.control, "-D", f"{self.folder}/data", "-s", "status"]
        return subprocess.run(command, check=False, cwd="/", stdout=subprocess.DEVNULL).returncode == 0  # noqa: S603

    def initialise(self) -> None:
        """Make its files."""
        self._do("-o", "-A trust -U postgres -E UTF8", "initdb")
        if self.listen:
            with Path(f"{self.folder}/data/pg_hba.conf").open("a") as access:
                access.write("host all all samenet trust\n")

    def _do(self, *arguments: str) -> None:
        command = [*self._as_user(), self.control, "-D", f"{self.folder}/data", "-s", *arguments]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603

    def _as_user(self) -> list[str]:
        return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def running_postgres(
    *, listen: str = "", port: int = 5432, parent: Path | None = None, durable: bool = False
) -> Iterator[PostgresServer]:
    """A new, empty server, which is gone afterwards. Its files are made in `parent`, or where files pass away.

    Where the programs are missing the test is skipped, but never in CI.
    """
    control = pg_ctl()
    if control is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="pg-", dir=parent, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        server = PostgresServer(folder, control, listen, port, durable)
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
