"""Keeps deliveries durably, many in one commit: while one commit waits for the disk, the next ones gather."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival

ANSWER_SECONDS = 15
"""Saleor gives up after 18 seconds and tries again (live-facts.md)."""


class _Waiting(NamedTuple):
    """A delivery, and what its request waits for."""

    arrival: Arrival
    kept: asyncio.Future[None]


class Keeper:
    """Writes into the inbox for all requests of this process, in a thread of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, "inbox")
        self._gathering: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Keep a delivery and return once that is durable.

        Raises what the database raised, or TimeoutError; the delivery may be kept all the same, and a
        repeated delivery is harmless.
        """
        kept = asyncio.get_running_loop().create_future()
        self._gathering.append(_Waiting(arrival, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        async with asyncio.timeout(ANSWER_SECONDS):
            await kept

    async def _write_all(self) -> None:
        """Write what has gathered, and what gathers meanwhile, until there is nothing more."""
        try:
            while self._gathering:
                batch, self._gathering = self._gathering, []
                self._tell(batch, await self._write([waiting.arrival for waiting in batch]))
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

    @staticmethod
    def _tell(batch: list[_Waiting], trouble: Exception | None) -> None:
        for _, kept in batch:
            if kept.done():  # whoever waited has given up
                continue
            if trouble:
                kept.set_exception(trouble)
            else:
                kept.set_result(None)
