"""A body is read whole before anybody works on it: who sends slowly holds nobody up, and memory has an end."""

import asyncio
from typing import Any

import pytest
from door_client import answer, scope_of
from factories import SHOP_URL, add_installed_shop, order_event, sign
from loops import in_a_loop
from werkzeug.test import create_environ

from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_picture import LARGEST_REQUEST
from saleor_loyalty_app.web import bodies, create_app
from saleor_loyalty_app.web.bodies import LARGE_AT_ONCE, SMALL_BYTES
from saleor_loyalty_app.web.door import PAGES_AT_ONCE, Door

FORM_PATH = "/panel/desks/enter"
BOTH = pytest.mark.parametrize("path", [WEBHOOKS_PATH, FORM_PATH])


@pytest.fixture
def door(app: App) -> Door:
    add_installed_shop(app)
    return Door(create_app(app), app.settings)


def post(path: str, *, length: int | None, **headers: str) -> Any:
    """A request that says so much of its body's length."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = create_environ(path, method="POST", headers=named, content_type="application/x-www-form-urlencoded")
    environ["CONTENT_LENGTH"] = "" if length is None else str(length)
    return scope_of(environ)


def delivery(body: bytes) -> Any:
    return post(WEBHOOKS_PATH, length=len(body), Saleor_Api_Url=SHOP_URL, Saleor_Signature=sign(body))


class Sender:
    """Sends these pieces, one for each time it is asked, and then nothing any more."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        if ends:
            self._messages[-1]["more_body"] = False
        self.asked = 0

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        if self._messages:
            return self._messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError


def test_a_body_may_come_in_pieces(door: Door) -> None:
    body = order_event()
    sender = Sender(body[:10], b"", body[10:], ends=False)
    assert in_a_loop(answer(door, delivery(body), sender))[0] == 200
    assert sender.asked == 3  # whose length is known needs no word that it is over


def test_a_form_that_does_not_say_its_length_is_read(door: Door) -> None:
    said = in_a_loop(answer(door, post(FORM_PATH, length=9), Sender(b"code=nope")))
    chunked = in_a_loop(answer(door, post(FORM_PATH, length=None), Sender(b"code=", b"nope")))
    assert chunked[0] == said[0]
    assert chunked[2] == said[2] != b""


@BOTH
def test_a_body_that_does_not_say_its_length_is_too_large_as_well(app: App, door: Door, path: str) -> None:
    sender = Sender(*[b"x" * 60_000] * 1_000, ends=False)
    status, _, _ = in_a_loop(answer(door, post(path, length=None), sender))
    assert status == 413
    most = app.settings.max_body_bytes if path == WEBHOOKS_PATH else LARGEST_REQUEST
    assert sender.asked == most // 60_000 + 1


@BOTH
def test_a_body_that_says_that_it_is_too_large_is_not_read(door: Door, path: str) -> None:
    sender = Sender(b"x")
    status, _, _ = in_a_loop(answer(door, post(path, length=LARGEST_REQUEST + 1), sender))
    assert (status, sender.asked) == (413, 0)


@pytest.mark.parametrize(("path", "status"), [(WEBHOOKS_PATH, 408), (FORM_PATH, 400)])
def test_a_body_that_drips_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch, path: str, status: int) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    assert in_a_loop(answer(door, post(path, length=50), Sender(b"code=n", ends=False)))[0] == status


@BOTH
def test_who_hangs_up_gets_no_answer(door: Door, path: str) -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert in_a_loop(answer(door, post(path, length=50), gone))[0] == 0


@pytest.mark.parametrize("length", [50, SMALL_BYTES + 1, None], ids=["small", "large", "unknown"])
@BOTH
def test_slow_senders_hold_nobody_up(door: Door, path: str, length: int | None) -> None:
    """More of them than there are threads for pages, and than large bodies are read at once."""

    async def meanwhile() -> tuple[int, int]:
        slow = [
            asyncio.create_task(answer(door, post(path, length=length), Sender(b"code=n", ends=False)))
            for _ in range(2 * (PAGES_AT_ONCE + LARGE_AT_ONCE))
        ]
        await asyncio.sleep(0.05)
        body = order_event()
        async with asyncio.timeout(30):
            kept, _, _ = await answer(door, delivery(body), Sender(body))
            page, _, _ = await answer(door, post(FORM_PATH, length=9), Sender(b"code=nope"))
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return kept, page

    assert in_a_loop(meanwhile()) == (200, 401)


def test_large_bodies_wait_for_their_turn(door: Door) -> None:
    large = order_event(padding="x" * SMALL_BYTES)

    async def one_after_the_other() -> int:
        slow = [
            asyncio.create_task(answer(door, post(FORM_PATH, length=SMALL_BYTES + 1), Sender(b"x", ends=False)))
            for _ in range(LARGE_AT_ONCE)
        ]
        await asyncio.sleep(0.05)
        waits = asyncio.create_task(answer(door, delivery(large), Sender(large)))
        await asyncio.sleep(0.05)
        assert not waits.done()
        slow[0].cancel()
        async with asyncio.timeout(30):
            status, _, _ = await waits
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return status

    assert in_a_loop(one_after_the_other()) == 200
