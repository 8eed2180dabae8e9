"""The one door out to a shop: GraphQL over HTTP with time-outs, exact numbers and errors that say what to do."""

import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, cast

import requests
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.requests import RequestsHTTPTransport
from graphql import ExecutionResult
from prometheus_client import Counter, Histogram
from urllib3.exceptions import HTTPError

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.connections import (
    ShopAdapter,
    TooLate,
    TooMuch,
    read_body,
    sent_before,
    time_that_passed,
)
from saleor_loyalty_app.saleor.documents import NamedRequest
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.refusals import asked, refusal

CONNECT_SECONDS = 5
READ_SECONDS = 20
"""For each wait for a part of the answer."""
WHOLE_ANSWER_SECONDS = 60
LARGEST_ANSWER_BYTES = 20_000_000
"""Unpacked."""
DEFAULT_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 3600
PASSING = frozenset({
    "ConnectionError", "DatabaseError", "DeadlockDetected", "InterfaceError", "LockNotAvailable", "OperationalError",
    "ReadTimeout", "SerializationFailure", "Timeout", "TimeoutError",
})  # fmt: skip
"""What Saleor's code says when something behind its API is away. Other errors inside it, like a KeyError over a
variant that was deleted, stay however often one asks (verified.md §1)."""

NOT_REACHED = Saying(
    "The shop could not be reached. If this lasts, see whether the shop's server runs and the app's can reach it."
)
BUSY = Saying("The shop is busy and asks for a pause (HTTP 429). It goes on by itself; nothing is to be done.")
UNREADABLE = Saying(
    "The shop's answer could not be read. If this lasts, something between the app and the shop cuts answers off: ask "
    "whoever runs the server."
)
TOO_MUCH = Saying(
    "The shop's answer was larger, or took longer, than any answer to this app should. If this lasts, ask whoever runs "
    "the server what answers at the shop's address."
)
STOOD_STILL = Saying(
    "The app stood still for a while just before it told the shop something. It looks at the shop before it goes on."
)


@dataclass(frozen=True, slots=True)
class ApiError:
    """One top-level error of a GraphQL answer: the first part of its path, Saleor's code, the message."""

    field: str
    code: str
    message: str

    @property
    def may_pass(self) -> bool:
        """Whether this is trouble inside the shop that may pass by itself."""
        return self.code in PASSING


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL answer in which some fields may have failed while others were carried out."""

    data: dict[str, Any]
    errors: tuple[ApiError, ...]

    def error_of(self, field: str) -> ApiError | None:
        """The error that a top-level field ended with, if it did."""
        return next((error for error in self.errors if error.field == field), None)

    def refusal_of(self, field: str, what: Saying) -> HumanMustAct | TryAgain | None:
        """Why one mutation was not carried out, in words about `what`; None when the answer says that it was."""
        result = self.data.get(field)
        error = self.error_of(field) or (self.errors[0] if self.errors and result is None else None)
        if error and error.code == "PermissionDenied":
            return Denied(what, error.message)
        if error and error.may_pass:
            return TryAgain(_failing(200), outcome_unknown=True)
        if problems := (result or {}).get("errors") or []:
            return HumanMustAct(refusal(what, problems[0]["message"]))
        if error or result is None:
            return HumanMustAct(refusal(what, error.message if error else ""))
        return None

    def raise_errors(self, operation: str) -> None:
        """Raise TryAgain, Denied or HumanMustAct when any field failed."""
        for error in self.errors:
            if error.code == "PermissionDenied":
                raise Denied(asked(operation), error.message)
            if error.may_pass:
                raise TryAgain(_failing(200), outcome_unknown=True)
            raise HumanMustAct(refusal(asked(operation), f"{error.code} {error.message}".strip()))


REQUEST_SECONDS = Histogram("loyalty_shop_request_seconds", "How long shops took to answer", ["operation"])
FAILED_REQUESTS = Counter("loyalty_shop_requests_failed_total", "Requests without a usable answer", ["operation"])


class ShopClient:
    """A session with one shop, shared by threads. Never shows its token."""

    def __init__(self, saleor_api_url: str, token: str, *, requests_per_minute: int = 0) -> None:
        self.saleor_api_url = saleor_api_url
        self._pace = Pace(requests_per_minute)
        self._busy_until = 0.0
        self._transport = _Transport(
            url=saleor_api_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=cast("int", (CONNECT_SECONDS, READ_SECONDS)),
            json_deserialize=partial(json.loads, parse_float=Decimal),
            allow_redirects=False,
            stream=True,
        )
        self._transport.connect()  # type: ignore[no-untyped-call]
        for scheme in ("http://", "https://"):
            cast("requests.Session", self._transport.session).mount(scheme, ShopAdapter())

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()  # type: ignore[no-untyped-call]

    def ask(self, operation: str, **variables: Any) -> dict[str, Any]:
        """Send an operation of `graphql/` and return its data. Raises TryAgain, Denied or HumanMustAct."""
        answer = self.ask_partly(operation, **variables)
        answer.raise_errors(operation)
        return answer.data

    def ask_partly(self, operation: str, **variables: Any) -> Answer:
        """The same, but errors beside data are returned: the mutations of one document succeed one by one.

        Raises TryAgain, or HumanMustAct where the shop did not understand the request at all.
        """
        self._wait_for_turn()
        return self._ask(operation, variables)

    def ready(self, *, within_seconds: float) -> "ReadyCall":
        """Wait for the turn of a request that must be written down before it is sent: see ReadyCall.

        Raises TryAgain while the shop wants a pause.
        """
        self._wait_for_turn()
        return ReadyCall(self._ask, send_until=time_that_passed() + within_seconds)

    def _wait_for_turn(self) -> None:
        if (pause := self._busy_until - time.monotonic()) > 0:
            raise TryAgain(BUSY, wait_seconds=pause)
        self._pace.wait()

    def _ask(self, operation: str, variables: dict[str, Any]) -> Answer:
        with REQUEST_SECONDS.labels(operation).time(), FAILED_REQUESTS.labels(operation).count_exceptions():
            result = self._send(operation, variables)
        errors = tuple(_api_error(error) for error in cast("list[dict[str, Any]]", result.errors or []))
        return Answer(data=result.data or {}, errors=errors)

    def _send(self, operation: str, variables: dict[str, Any]) -> ExecutionResult:
        try:
            return self._transport.execute(NamedRequest(operation, variables))
        except TransportConnectionFailed as failed:
            if isinstance(failed.__cause__, TooLate):
                raise TryAgain(STOOD_STILL) from failed
            raise TryAgain(NOT_REACHED, outcome_unknown=True) from failed
        except TryAgain as trouble:
            # The pause that a shop asks for is kept by everything that this process would ask it.
            self._busy_until = max(self._busy_until, time.monotonic() + trouble.wait_seconds)
            raise


class ReadyCall:
    """One request that may be sent at once, or never.

    Between writing down that it is begun and sending it a process may stand still for minutes: stopped, or swapped
    out. By then others have looked at the shop, found nothing and done it themselves; sent now, it would be double.
    """

    def __init__(self, ask: Callable[[str, dict[str, Any]], Answer], *, send_until: float) -> None:
        self._ask = ask
        self._send_until = send_until

    def ask_partly(self, operation: str, **variables: Any) -> Answer:
        """As ShopClient.ask_partly. Raises TryAgain when too much time went by; nothing was sent then."""
        if time_that_passed() > self._send_until:
            raise TryAgain(STOOD_STILL)
        with sent_before(self._send_until):
            return self._ask(operation, variables)


class Pace:
    """At most so many requests per minute; 0 means no limit. Waits instead of refusing."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        if not self._per_minute:
            return
        with self._lock:
            now = self._clock()
            while self._sent and self._sent[0] <= now - 60:
                self._sent.popleft()
            pause = self._sent[0] + 60 - now if len(self._sent) >= self._per_minute else 0
            self._sent.append(now + pause)
            if pause:
                self._sent.popleft()
        time.sleep(pause)


class _Transport(RequestsHTTPTransport):
    """Looks at the HTTP status before the body: a proxy's JSON error page is no GraphQL answer."""

    def _prepare_result(self, response: requests.Response) -> ExecutionResult:
        status = response.status_code
        if status not in {200, 400}:
            response.close()  # unread
        if status == 429:
            raise TryAgain(BUSY, wait_seconds=_retry_after(response))
        if status not in {200, 400}:
            raise TryAgain(_failing(status), outcome_unknown=status >= 500)
        try:
            text = read_body(response, most_bytes=LARGEST_ANSWER_BYTES, within_seconds=WHOLE_ANSWER_SECONDS)
            body = self.json_deserialize(text.decode())
        except HTTPError as failed:
            raise TryAgain(NOT_REACHED, outcome_unknown=True) from failed
        except TooMuch as much:
            raise TryAgain(TOO_MUCH, outcome_unknown=True) from much
        except (ValueError, RecursionError) as broken:
            raise TryAgain(UNREADABLE, outcome_unknown=True) from broken
        if not _is_answer(body):
            raise TryAgain(UNREADABLE, outcome_unknown=True)
        if "data" not in body:
            messages = "; ".join(str(error.get("message")) for error in body["errors"])
            raise HumanMustAct(_not_understood(messages))
        return ExecutionResult(data=body["data"], errors=body.get("errors"))


def _failing(status: int) -> Saying:
    return Saying(
        "The shop answered with an error of its own (HTTP %(status)s). If this lasts, ask "
        "whoever runs the shop's server.",
        status=str(status),
    )


def _not_understood(messages: str) -> Saying:
    return Saying(
        "The shop does not understand this request, so the app and the shop don't fit together. Bring both up to date, "
        "then try again. The shop says: %(message)s",
        message=messages,
    )


def _is_answer(body: Any) -> bool:
    """Whether this is a GraphQL answer at all: an object of data, errors that are objects, or both."""
    if not isinstance(body, dict):
        return False
    data, errors = body.get("data"), body.get("errors") or []
    formed = isinstance(errors, list) and all(isinstance(error, dict) for error in errors)
    return formed and (isinstance(data, dict) or (data is None and bool(errors)))


def _retry_after(response: requests.Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", DEFAULT_WAIT_SECONDS))
    except ValueError:
        seconds = DEFAULT_WAIT_SECONDS  # a date, which Saleor does not send
    return DEFAULT_WAIT_SECONDS if math.isnan(seconds) else min(max(seconds, 1), LONGEST_WAIT_SECONDS)


def _api_error(error: dict[str, Any]) -> ApiError:
    path = error.get("path")
    field = path[0] if isinstance(path, list) and path else ""
    code: Any = error
    for name in ("extensions", "exception", "code"):
        code = code.get(name) if isinstance(code, dict) else None
    return ApiError(field=str(field), code=str(code or ""), message=str(error.get("message") or ""))
