"""Keeps deliveries durably, many in one commit: while one commit waits for the disk, the next ones gather."""

import queue
import threading
from concurrent.futures import Future

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival

LARGEST_COMMIT = 256
ANSWER_SECONDS = 15
"""Saleor gives up after 18 seconds and tries again (live-facts.md)."""


class Keeper:
    """One thread of this process that writes into the inbox; it starts with the first delivery."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._arrivals: queue.SimpleQueue[tuple[Arrival, Future[None]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def keep(self, arrival: Arrival) -> None:
        """Keep a delivery and return once that is durable.

        Raises what the database raised, or TimeoutError; the delivery may be kept all the same, and a
        repeated delivery is harmless.
        """
        self._start()
        kept: Future[None] = Future()
        self._arrivals.put((arrival, kept))
        kept.result(timeout=ANSWER_SECONDS)

    def _start(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._arrivals.get()]
            while len(batch) < LARGEST_COMMIT:
                try:
                    batch.append(self._arrivals.get_nowait())
                except queue.Empty:
                    break
            try:
                with self._app.database.write() as db:
                    inbox.keep_all(db, [arrival for arrival, _ in batch])
            except Exception as trouble:
                for _, kept in batch:
                    kept.set_exception(trouble)
            else:
                for _, kept in batch:
                    kept.set_result(None)
