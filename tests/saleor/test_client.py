"""The one door out to a shop: what goes wrong there says whether to try again or to call a human."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
from factories import SHOP_URL, TOKEN

from saleor_loyalty_app.saleor.client import DEFAULT_WAIT_SECONDS, LONGEST_WAIT_SECONDS, ApiError, Pace, ShopClient
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain

DENIED = {
    "message": "To access this path, you need one of the following permissions: MANAGE_ORDERS",
    "locations": [{"line": 1, "column": 2}],
    "path": ["order"],
    "extensions": {"exception": {"code": "PermissionDenied"}},
}


@pytest.fixture
def client() -> Iterator[ShopClient]:
    client = ShopClient(SHOP_URL, TOKEN)
    yield client
    client.close()


@pytest.fixture
def answers(mocked: responses.RequestsMock) -> Any:
    """Say how the shop answers the next requests."""

    def answer(body: Any = None, **how: Any) -> responses.BaseResponse:
        if isinstance(body, str | bytes | Exception):
            return mocked.post(SHOP_URL, body=body, **how)
        return mocked.post(SHOP_URL, json=body, **how)

    return answer


# ---- Well


def test_a_request_carries_the_token_the_documents_own_text_and_its_name(
    client: ShopClient, answers: Any, mocked: responses.RequestsMock
) -> None:
    answers({"data": {"order": None}})
    assert client.ask("ReadOrder", id="x") == {"order": None}
    sent = mocked.calls[0].request
    body = json.loads(sent.body or b"")
    assert sent.headers["Authorization"] == f"Bearer {TOKEN}"
    assert (body["operationName"], body["variables"]) == ("ReadOrder", {"id": "x"})
    assert body["query"].startswith("query ReadOrder($id: ID!)")
    assert "fragment OrderFacts on Order" in body["query"]


def test_every_request_has_time_outs(client: ShopClient, answers: Any, mocked: responses.RequestsMock) -> None:
    answers({"data": {}})
    client.ask("AppAlive")
    assert mocked.calls[0].request.req_kwargs["timeout"] == (5, 20)  # type: ignore[attr-defined]


def test_numbers_are_exact(client: ShopClient, answers: Any) -> None:
    answers(b'{"data": {"order": {"total": 43.18, "kwd": 1.001, "jpy": 1234, "big": 99999999999.99}}}')
    assert client.ask("ReadOrder", id="x")["order"] == {
        "total": Decimal("43.18"), "kwd": Decimal("1.001"), "jpy": 1234, "big": Decimal("99999999999.99"),
    }  # fmt: skip


# ---- Errors of the API


def test_a_missing_permission_is_denied(client: ShopClient, answers: Any) -> None:
    answers({"data": {"order": None}, "errors": [DENIED]})
    with pytest.raises(Denied, match=r"refused reading the order: Best Regards lacks the permission “Manage orders”"):
        client.ask("ReadOrder", id="x")


def test_another_error_is_for_a_human(client: ShopClient, answers: Any) -> None:
    answers({"data": {"order": None}, "errors": [{**DENIED, "extensions": {"exception": {"code": "KeyError"}}}]})
    with pytest.raises(HumanMustAct, match=r"refused reading the order.* The shop says: KeyError") as error:
        client.ask("ReadOrder", id="x")
    assert not isinstance(error.value, Denied)


def test_errors_beside_data_are_told_apart_by_their_field(client: ShopClient, answers: Any) -> None:
    """The mutations of one document succeed one by one (verified.md §10)."""
    data = {"note": {"errors": []}, "order": {"errors": []}, "customer": None}
    answers({"data": data, "errors": [{**DENIED, "path": ["customer"]}]})
    answer = client.ask_partly("TellShop")
    assert answer.data == data
    assert answer.error_of("note") is None
    assert answer.error_of("customer") == ApiError("customer", "PermissionDenied", DENIED["message"])


ODD_ERRORS: dict[str, Any] = {
    "no path": {"message": "x"},
    "path null": {"message": "x", "path": None},
    "path empty": {"message": "x", "path": []},
    "path a text": {"message": "x", "path": "order"},
    "path a number": {"message": "x", "path": 5},
    "no message": {},
    "message null": {"message": None},
    "extensions null": {"message": "x", "extensions": None},
    "exception null": {"message": "x", "extensions": {"exception": None}},
    "extensions a list": {"message": "x", "extensions": []},
    "exception a text": {"message": "x", "extensions": {"exception": "KeyError"}},
    "code a number": {"message": "x", "extensions": {"exception": {"code": 5}}},
    "a text": "x",
    "null": None,
    "a list": ["x"],
}


@pytest.mark.parametrize("error", ODD_ERRORS.values(), ids=ODD_ERRORS)
@pytest.mark.parametrize("status", [200, 400])
def test_an_error_in_an_odd_form_is_still_an_error(client: ShopClient, answers: Any, error: Any, status: int) -> None:
    body = {"errors": [error]} if status == 400 else {"data": {"order": None}, "errors": [error]}
    answers(body, status=status)
    with pytest.raises((HumanMustAct, TryAgain)):
        client.ask("ReadOrder", id="x")


NOT_UNDERSTOOD = {
    "an unknown field": 'Cannot query field "x" on type "Order".',
    "too many mutations": "Number of mutations exceed the limit of 4",
    "too expensive": "The query exceeds the maximum cost of 50000. Actual cost: 60000",
}


@pytest.mark.parametrize("message", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_a_request_that_the_shop_does_not_understand_is_for_a_human(
    client: ShopClient, answers: Any, message: str
) -> None:
    answers({"errors": [{"message": message, "extensions": {"exception": {"code": "GraphQLError"}}}]}, status=400)
    with pytest.raises(HumanMustAct, match=r"does not understand this request.* The shop says: "):
        client.ask_partly("TellShop")


# ---- Trouble on the way

UNKNOWN, NOT_DONE = True, False
TROUBLE: dict[str, tuple[dict[str, Any], bool]] = {
    "500": ({"status": 500}, UNKNOWN),
    "502 with HTML": ({"body": "<html>Bad Gateway</html>", "status": 502, "content_type": "text/html"}, UNKNOWN),
    "503 with JSON": ({"json": {"message": "no healthy upstream"}, "status": 503}, UNKNOWN),
    "504 that looks like an answer": ({"json": {"data": {"order": None}}, "status": 504}, UNKNOWN),
    "401": ({"json": {"errors": []}, "status": 401}, NOT_DONE),
    "403 with HTML": ({"body": "<html>Forbidden</html>", "status": 403}, NOT_DONE),
    "404": ({"status": 404}, NOT_DONE),
    "a redirect": ({"status": 302, "headers": {"Location": "https://evil.example.com/"}}, NOT_DONE),
    "a permanent redirect": ({"status": 308, "headers": {"Location": "https://evil.example.com/"}}, NOT_DONE),
    "204": ({"status": 204}, NOT_DONE),
    "cut off": ({"body": '{"data": {"order": {"id": "T3Jk'}, UNKNOWN),
    "nothing": ({"body": ""}, UNKNOWN),
    "HTML": ({"body": "<html>Maintenance</html>"}, UNKNOWN),
    "not UTF-8": ({"body": b'{"data": "\xff\xfe'}, UNKNOWN),
    "nested deep": ({"body": "[" * 50_000}, UNKNOWN),
    "a huge number": ({"body": '{"data": ' + "9" * 5000 + "}"}, UNKNOWN),
    "a list": ({"body": "[]"}, UNKNOWN),
    "a text": ({"body": '"ok"'}, UNKNOWN),
    "null": ({"body": "null"}, UNKNOWN),
    "no data and no errors": ({"body": "{}"}, UNKNOWN),
    "errors null": ({"body": '{"errors": null}'}, UNKNOWN),
    "errors a text": ({"body": '{"errors": "x"}'}, UNKNOWN),
    "data a list": ({"body": '{"data": []}'}, UNKNOWN),
    "data a text": ({"body": '{"data": "x"}'}, UNKNOWN),
    "a refused connection": ({"body": requests.ConnectionError("Connection refused")}, UNKNOWN),
    "a reset connection": ({"body": requests.ConnectionError("Connection reset by peer")}, UNKNOWN),
    "a slow connection": ({"body": requests.ConnectTimeout("x")}, UNKNOWN),
    "a slow answer": ({"body": requests.ReadTimeout("x")}, UNKNOWN),
    "a broken certificate": ({"body": requests.exceptions.SSLError("x")}, UNKNOWN),
    "a broken encoding": ({"body": requests.exceptions.ContentDecodingError("x")}, UNKNOWN),
    "a broken chunk": ({"body": requests.exceptions.ChunkedEncodingError("x")}, UNKNOWN),
}


@pytest.mark.parametrize(("how", "unknown"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_on_the_way_is_tried_again(
    client: ShopClient, mocked: responses.RequestsMock, how: dict[str, Any], unknown: bool
) -> None:
    mocked.post(SHOP_URL, **how)
    with pytest.raises(TryAgain) as again:
        client.ask("ReadOrder", id="x")
    assert again.value.outcome_unknown is unknown
    assert TOKEN not in str(again.value)
    assert len(mocked.calls) == 1


def test_a_redirect_is_not_followed_with_the_token(client: ShopClient, mocked: responses.RequestsMock) -> None:
    mocked.post(SHOP_URL, status=307, headers={"Location": "https://evil.example.com/"})
    evil = mocked.post("https://evil.example.com/", json={"data": {}})
    with pytest.raises(TryAgain):
        client.ask("AppAlive")
    assert evil.call_count == 0


def test_nobody_listening_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = ShopClient(f"http://127.0.0.1:{port}/graphql/", TOKEN)
    with pytest.raises(TryAgain, match="could not be reached"):
        client.ask("AppAlive")
    client.close()


WAITS = {
    "seconds": ("7", 7),
    "a fraction": ("1.5", 1.5),
    "nothing": (None, DEFAULT_WAIT_SECONDS),
    "a date": ("Wed, 21 Oct 2026 07:28:00 GMT", DEFAULT_WAIT_SECONDS),
    "zero": ("0", 1),
    "less than nothing": ("-5", 1),
    "for ever": ("999999999", LONGEST_WAIT_SECONDS),
    "infinity": ("inf", LONGEST_WAIT_SECONDS),
    "no number": ("nan", DEFAULT_WAIT_SECONDS),
    "junk": ("soon", DEFAULT_WAIT_SECONDS),
    "empty": ("", DEFAULT_WAIT_SECONDS),
}


@pytest.mark.parametrize(("header", "wait"), WAITS.values(), ids=WAITS)
def test_a_shop_that_asks_for_a_pause_gets_it(
    client: ShopClient, answers: Any, header: str | None, wait: float
) -> None:
    answers("", status=429, headers={} if header is None else {"Retry-After": header})
    with pytest.raises(TryAgain, match="429") as again:
        client.ask("AppAlive")
    assert again.value.wait_seconds == wait
    assert again.value.outcome_unknown is False


# ---- Secrets


def test_the_token_stands_in_no_repr_and_no_log(
    client: ShopClient, answers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers({"data": {"order": None}, "errors": [DENIED]})
    answers("<html>", status=502)
    answers(requests.ConnectionError("x"))
    texts = []
    for _ in range(3):
        with pytest.raises((TryAgain, HumanMustAct)) as error:
            client.ask("ReadOrder", id="x")
        texts += [repr(error.value), str(error.value), repr(error.value.__cause__)]
    texts += [repr(client), str(client), caplog.text]
    assert not [text for text in texts if TOKEN in text]


# ---- Pace


class Seconds:
    """A clock that sleeping moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("saleor_loyalty_app.saleor.client.time.sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def test_so_many_requests_go_out_in_a_minute_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Seconds(monkeypatch)
    pace, times = Pace(10, clock=lambda: clock.now), []
    for _ in range(35):
        pace.wait()
        times.append(clock.now)
    assert times == [0.0] * 10 + [60.0] * 10 + [120.0] * 10 + [180.0] * 5


def test_without_a_limit_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Seconds(monkeypatch)
    pace = Pace(0, clock=lambda: clock.now)
    for _ in range(1000):
        pace.wait()
    assert clock.now == 0


def test_threads_share_a_session_and_a_pace(answers: Any, client: ShopClient) -> None:
    answers({"data": {"app": {"id": "x", "isActive": True}}})
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(client.ask("AppAlive"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
