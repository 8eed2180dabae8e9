"""Deliveries that come while a commit waits for the disk go into the next one together, and each hears how it ended."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pytest
from factories import add_installed_shop
from loops import in_a_loop
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_deliveries import Keeper
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival


class SlowDisk:
    """Holds each commit until it is let go; remembers how many deliveries went into each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, trouble: Exception | None = None) -> None:
        self.commits: list[int] = []
        self.writing, self.go_on = threading.Event(), threading.Event()
        self._keep_all, self._trouble = inbox.keep_all, trouble
        monkeypatch.setattr(inbox, "keep_all", self._slowly)

    def _slowly(self, db: Connection, arrivals: Sequence[Arrival]) -> None:
        self.commits.append(len(arrivals))
        self.writing.set()
        assert self.go_on.wait(30)
        if self._trouble:
            raise self._trouble
        self._keep_all(db, arrivals)


def arrival(shop_id: int, number: int) -> Arrival:
    return Arrival(shop_id, f"{number:064d}", "OrderUpdated", (f"order:{number}",), datetime(2026, 11, 22, tzinfo=UTC))


def begun(keeper: Keeper, shop_id: int, numbers: Iterable[int]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(keeper.keep(arrival(shop_id, number))) for number in numbers]


async def one_and_then(disk: SlowDisk, keeper: Keeper, shop_id: int, *, others: int) -> list[BaseException | None]:
    """One delivery, and these while its commit waits for the disk; how it ended for each."""
    first = begun(keeper, shop_id, [0])
    assert await asyncio.to_thread(disk.writing.wait, 30)
    gathered = begun(keeper, shop_id, range(1, others + 1))
    await asyncio.sleep(0)
    disk.go_on.set()
    return await asyncio.gather(*first, *gathered, return_exceptions=True)


def test_what_gathers_during_a_commit_goes_into_the_next_one(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, disk = add_installed_shop(app), SlowDisk(monkeypatch)
    keeper = Keeper(app)
    assert in_a_loop(one_and_then(disk, keeper, shop.id, others=7)) == [None] * 8
    assert disk.commits == [1, 7]
    with app.database.read() as db:
        assert {row[2] for row in inbox.waiting(db)} == {f"order:{number}" for number in range(8)}


def test_each_hears_that_their_commit_failed_and_the_next_one_is_a_new_try(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, lost = add_installed_shop(app), OperationalError("INSERT", {}, Exception("disk full"))
    keeper = Keeper(app)
    with monkeypatch.context() as patch:
        disk = SlowDisk(patch, trouble=lost)
        assert in_a_loop(one_and_then(disk, keeper, shop.id, others=3)) == [lost] * 4
    in_a_loop(keeper.keep(arrival(shop.id, 9)))
    with app.database.read() as db:
        assert [row[2] for row in inbox.waiting(db)] == ["order:9"]


def test_nobody_waits_for_ever_for_a_commit_that_does_not_end(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saleor_loyalty_app.services.keep_deliveries.ANSWER_SECONDS", 0.2)
    shop, disk = add_installed_shop(app), SlowDisk(monkeypatch)
    keeper = Keeper(app)

    async def three_and_one_more() -> list[BaseException | None]:
        ends = await asyncio.gather(*begun(keeper, shop.id, [0, 1, 2]), return_exceptions=True)
        disk.go_on.set()
        await keeper.keep(arrival(shop.id, 3))
        return ends

    assert [type(end) for end in in_a_loop(three_and_one_more())] == [TimeoutError] * 3
    with app.database.read() as db:
        assert "order:3" in {row[2] for row in inbox.waiting(db)}
