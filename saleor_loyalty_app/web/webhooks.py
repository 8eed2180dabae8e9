"""Where webhooks enter: verified and kept, then acknowledged. The work is done elsewhere.

This stands beside Flask, on the event loop: sessions, routing, threads and what else pages need would take longer than
all that is done here (docs/decisions/0010-webhooks-on-an-event-loop.md).
"""

import json
from functools import cache

import structlog
from a2wsgi.asgi_typing import HTTPScope, Receive, Send
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.services.receive_delivery import Doorkeeper, Refused
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.web import request_reference
from saleor_loyalty_app.web.bodies import Bodies, BodyRefused, SenderGone
from saleor_loyalty_app.web.headers import of_every_answer

log = structlog.get_logger()

DELIVERIES = Counter("loyalty_deliveries_total", "Webhook deliveries by what became of them", ["outcome"])


class Webhooks:
    """Answers at the one address to which all shops send all their events."""

    def __init__(self, doorkeeper: Doorkeeper, bodies: Bodies, settings: Settings) -> None:
        self._doorkeeper = doorkeeper
        self._bodies = bodies
        self._most_bytes = settings.max_body_bytes
        headers = {**of_every_answer(settings), "Allow": "POST", "Content-Type": "application/json"}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it. Raises SenderGone."""
        given = dict(scope["headers"])
        reference = request_reference.begin(given.get(b"x-request-id", b"").decode("latin-1"))
        status, outcome = await self._receive(scope["method"], given, receive)
        DELIVERIES.labels(outcome).inc()
        body = _said(status, outcome)
        headers = [*self._headers, (b"x-request-id", reference.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _receive(self, method: str, given: dict[bytes, bytes], receive: Receive) -> tuple[int, str]:
        """The status and what became of the delivery.

        Saleor retries 5xx and time-outs, never 4xx: our own trouble is a 5xx, a delivery we don't accept a 4xx.
        """
        if method != "POST":
            return 405, "not_posted"
        try:
            kept = await self._doorkeeper.receive(
                saleor_api_url=given.get(b"saleor-api-url", b"").decode("latin-1"),
                signature=given.get(b"saleor-signature", b"").decode("latin-1"),
                raw_body=await self._bodies.read(method, given, receive, most_bytes=self._most_bytes),
            )
        except (BodyRefused, Refused) as wrong:
            status, outcome = wrong.status, wrong.reason
            log.warning("delivery_postponed" if status == 503 else "delivery_refused", reason=outcome)
        except TryAgain as trouble:
            status, outcome = 503, "keys_unreachable"
            log.warning("delivery_postponed", reason=str(trouble))
        except (SQLAlchemyError, TimeoutError) as trouble:
            status, outcome = 503, "database_trouble"
            log.error("delivery_postponed", reason=type(trouble).__name__)
        except SenderGone:
            raise
        except Exception:
            status, outcome = 500, "unexpected_trouble"
            log.exception("unexpected_trouble")
        else:
            status, outcome = 200, kept.outcome
        return status, outcome


@cache
def _said(status: int, outcome: str) -> bytes:
    word = "outcome" if status == 200 else "postponed" if status >= 500 else "refused"
    return json.dumps({word: outcome}).encode()
