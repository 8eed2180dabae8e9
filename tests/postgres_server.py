"""A PostgreSQL server for one test run: started where the programs are installed, on a socket of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def pg_ctl() -> str | None:
    """Where the server's control program is; Debian keeps it off the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return shutil.which("pg_ctl") or (str(versions[-1]) if versions else None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a new, empty server, which is gone afterwards. It does not run as root.

    Where the programs are missing the test is skipped, but never in CI.
    """
    control = pg_ctl()
    if control is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        options = f"-c listen_addresses= -k {folder} -c fsync=off -c full_page_writes=off"
        _run([*as_user, control, "-D", data, "-s", "-o", "-A trust -U postgres -E UTF8", "initdb"])
        _run([*as_user, control, "-D", data, "-s", "-w", "-o", options, "-l", f"{folder}/log", "start"])
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run([*as_user, control, "-D", data, "-s", "-m", "immediate", "stop"])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
