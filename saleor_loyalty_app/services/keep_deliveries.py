"""Keeps deliveries durably, many in one commit: while one commit waits for the disk, the next ones gather.

The first of those that gather writes for all of them, so that a delivery which comes alone waits for no other thread.
"""

import threading
from dataclasses import dataclass, field

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival

ANSWER_SECONDS = 15
"""Saleor gives up after 18 seconds and tries again (live-facts.md)."""


@dataclass(slots=True)
class _Batch:
    """What goes into one commit, and how that ended."""

    arrivals: list[Arrival] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    trouble: BaseException | None = None


class Keeper:
    """Writes into the inbox for all request threads of this process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._gathering = _Batch()
        self._lock = threading.Lock()
        self._committing = threading.Lock()

    def keep(self, arrival: Arrival) -> None:
        """Keep a delivery and return once that is durable.

        Raises what the database raised, or TimeoutError; the delivery may be kept all the same, and a
        repeated delivery is harmless.
        """
        with self._lock:
            batch = self._gathering
            batch.arrivals.append(arrival)
            first = len(batch.arrivals) == 1
        if first:
            self._write(batch)
        elif not batch.done.wait(ANSWER_SECONDS):
            raise TimeoutError
        if batch.trouble:
            raise batch.trouble

    def _write(self, batch: _Batch) -> None:
        """Wait for the commit before this one, then write all that has gathered meanwhile."""
        free = self._committing.acquire(timeout=ANSWER_SECONDS)
        with self._lock:
            self._gathering = _Batch()
        try:
            if not free:
                raise TimeoutError
            with self._app.database.write_at_once() as db:
                inbox.keep_all(db, batch.arrivals)
        except BaseException as trouble:  # told to each of the threads that wait, this one among them
            batch.trouble = trouble
        finally:
            if free:
                self._committing.release()
            batch.done.set()
