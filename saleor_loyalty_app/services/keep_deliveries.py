"""Keeps deliveries durably, many in one commit: while one commit waits for the disk, the next ones gather."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival

ANSWER_SECONDS = 15
"""Saleor gives up after 18 seconds and tries again (live-facts.md)."""


class _Batch:
    """Deliveries that go into one commit together. However that goes, nobody waits for it for ever."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._end = asyncio.get_running_loop().call_later(ANSWER_SECONDS, self.tell, TimeoutError())

    def join(self, arrival: Arrival) -> asyncio.Future[None]:
        """Take a delivery along; what is returned is done once it is kept."""
        kept = asyncio.get_running_loop().create_future()
        self.arrivals.append(arrival)
        self._waiting.append(kept)
        return kept

    def tell(self, trouble: Exception | None) -> None:
        """Say to all that wait how it went, or that it takes too long."""
        self._end.cancel()
        for kept in self._waiting:
            if kept.done():  # whoever waited has given up
                continue
            if trouble:
                kept.set_exception(trouble)
            else:
                kept.set_result(None)


class Keeper:
    """Writes into the inbox for all requests of this process, in a thread of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, "inbox")
        self._gathering: _Batch | None = None
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Keep a delivery and return once that is durable.

        Raises what the database raised, or TimeoutError; the delivery may be kept all the same, and a
        repeated delivery is harmless.
        """
        if self._gathering is None:
            self._gathering = _Batch()
        kept = self._gathering.join(arrival)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await kept

    async def _write_all(self) -> None:
        """Write what has gathered, and what gathers meanwhile, until there is nothing more."""
        try:
            while self._gathering:
                batch, self._gathering = self._gathering, None
                batch.tell(await self._write(batch.arrivals))
        finally:
            self._writing = None

    async def _write(self, arrivals: list[Arrival]) -> Exception | None:
        """Write them all, or say why not."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, arrivals)
        except Exception as trouble:  # raised to each of those that wait
            return trouble
        return None

    def _commit(self, arrivals: list[Arrival]) -> None:
        with self._app.database.write_at_once() as db:
            inbox.keep_all(db, arrivals)
