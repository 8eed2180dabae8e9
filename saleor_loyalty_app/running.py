"""Whether the app runs on this machine: each of its processes holds a shared lock in the data folder while it lives.

The system frees the lock when a process dies, so it never lies. Processes of other machines are not seen.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "running.lock"


class Runs(Exception):
    """The app runs here, so that what was to be done can't be."""

    def __init__(self) -> None:
        super().__init__("The app still runs on this machine. Stop every process of it and try again.")


@contextmanager
def running_here(data_dir: Path) -> Iterator[None]:
    """While this lasts, the app counts as running."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def nothing_runs(data_dir: Path) -> Iterator[None]:
    """While this lasts, no process of the app starts here. Raises Runs when one is there."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Runs from None
        yield
