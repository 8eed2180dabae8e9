"""Where webhooks enter: verified and kept, then acknowledged. The work is done elsewhere.

This stands in front of Flask, as plain WSGI: sessions, routing and what else pages need would take longer than all that
is done here (docs/decisions/0010-webhooks-in-front-of-flask.md).
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import get_content_length, get_input_stream

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.receive_delivery import Doorkeeper, Refused
from saleor_loyalty_app.web import request_reference

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

DELIVERIES = Counter("loyalty_deliveries_total", "Webhook deliveries by what became of them", ["outcome"])


class WebhookDoor:
    """Takes the webhooks; everything else goes on to the pages."""

    def __init__(
        self, pages: "WSGIApplication", doorkeeper: Doorkeeper, *, max_body_bytes: int, headers: dict[str, str]
    ) -> None:
        self._pages = pages
        self._doorkeeper = doorkeeper
        self._max_body_bytes = max_body_bytes
        self._headers = [*headers.items(), ("Allow", "POST"), ("Content-Type", "application/json")]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, as WSGI has it."""
        if environ.get("PATH_INFO") != WEBHOOKS_PATH:
            return self._pages(environ, start_response)
        reference = request_reference.begin(environ)
        status, outcome = self._receive(environ)
        DELIVERIES.labels(outcome).inc()
        word = "outcome" if status == 200 else "postponed" if status >= 500 else "refused"
        body = json.dumps({word: outcome}).encode()
        headers = [*self._headers, (request_reference.HEADER, reference), ("Content-Length", str(len(body)))]
        start_response(f"{status} {HTTP_STATUS_CODES[status]}", headers)
        return [body]

    def _receive(self, environ: "WSGIEnvironment") -> tuple[int, str]:
        """The status and what became of the delivery.

        Saleor retries 5xx and time-outs, never 4xx: our own trouble is a 5xx, a delivery we don't accept a 4xx.
        """
        if environ["REQUEST_METHOD"] != "POST":
            return 405, "not_posted"
        try:
            kept = self._doorkeeper.receive(
                saleor_api_url=environ.get("HTTP_SALEOR_API_URL", ""),
                signature=environ.get("HTTP_SALEOR_SIGNATURE", ""),
                raw_body=_raw_body(environ, self._max_body_bytes),
            )
        except (RequestEntityTooLarge, Refused) as wrong:
            status, outcome = (wrong.status, wrong.reason) if isinstance(wrong, Refused) else (413, "too_large")
            log.warning("delivery_postponed" if status == 503 else "delivery_refused", reason=outcome)
        except TryAgain as trouble:
            status, outcome = 503, "keys_unreachable"
            log.warning("delivery_postponed", reason=str(trouble))
        except (SQLAlchemyError, TimeoutError) as trouble:
            status, outcome = 503, "database_trouble"
            log.error("delivery_postponed", reason=type(trouble).__name__)
        except Exception:
            status, outcome = 500, "unexpected_trouble"
            log.exception("unexpected_trouble")
        else:
            status, outcome = 200, kept.outcome
        return status, outcome


def _raw_body(environ: "WSGIEnvironment", most_bytes: int) -> bytes:
    """The body as it came. Raises RequestEntityTooLarge, also for one that did not say its length: such a body is
    cut off at the limit without a word."""
    body = get_input_stream(environ, max_content_length=most_bytes).read()
    if len(body) >= most_bytes and get_content_length(environ) is None:
        raise RequestEntityTooLarge
    return body
