"""Where webhooks enter: verified and kept, then acknowledged. The work is done elsewhere."""

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.services.receive_delivery import Refused
from saleor_loyalty_app.web.means import doorkeeper

log = structlog.get_logger()
blueprint = Blueprint("webhooks", __name__)

DELIVERIES = Counter("loyalty_deliveries_total", "Webhook deliveries by what became of them", ["outcome"])


@blueprint.post("/api/webhooks/saleor")
def receive() -> ResponseReturnValue:
    """Saleor retries 5xx and time-outs, never 4xx: our own trouble answers 503, a delivery we don't accept 4xx."""
    try:
        kept = doorkeeper().receive(
            saleor_api_url=request.headers.get("Saleor-Api-Url", ""),
            signature=request.headers.get("Saleor-Signature", ""),
            raw_body=_raw_body(),
        )
    except RequestEntityTooLarge:
        DELIVERIES.labels("too_large").inc()
        log.warning("delivery_refused", reason="too_large")
        return {"refused": "too_large"}, 413
    except Refused as refused:
        DELIVERIES.labels(refused.reason).inc()
        if refused.status == 503:
            log.warning("delivery_postponed", reason=refused.reason)
            return {"postponed": refused.reason}, 503
        log.warning("delivery_refused", reason=refused.reason)
        return {"refused": refused.reason}, refused.status
    except TryAgain as trouble:
        DELIVERIES.labels("keys_unreachable").inc()
        log.warning("delivery_postponed", reason=str(trouble))
        return {"postponed": "keys_unreachable"}, 503
    except (SQLAlchemyError, TimeoutError) as trouble:
        DELIVERIES.labels("database_trouble").inc()
        log.error("delivery_postponed", reason=type(trouble).__name__)
        return {"postponed": "database_trouble"}, 503
    DELIVERIES.labels(kept.outcome).inc()
    return {"outcome": kept.outcome}, 200


def _raw_body() -> bytes:
    """The body as it came. Raises RequestEntityTooLarge, also for one that did not say its length: such a body is
    cut off at the limit without a word."""
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return body
