"""How the app is doing, for Prometheus: counters of all processes of this machine, and what waits in the database.

No label names a shop, an order or a person. Without LOYALTY_METRICS_TOKEN there is no such page.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox, shops, work, workers
from saleor_loyalty_app.web.means import loyalty

blueprint = Blueprint("metrics", __name__)

SHARED_IN = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes of one group keep their counters together, see serve.py; prometheus-client reads it too."""


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Everything that is measured, in Prometheus' text format; the token comes as `Authorization: Bearer`."""
    token = loyalty().settings.metrics_token
    if not token:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        abort(401)
    state = CollectorRegistry()
    state.register(_State(loyalty()))
    counted = REGISTRY
    if os.environ.get(SHARED_IN):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return Response(generate_latest(counted) + generate_latest(state), content_type=CONTENT_TYPE_LATEST)


class _State(Collector):
    """What stands in the database at this moment, over all shops."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        now = self._app.now()
        with self._app.database.read() as db:
            seen = workers.seen(db).values()
            by_state, oldest_due = work.state_of_all(db)
            waiting, oldest = inbox.waiting_of_all(db)
            states = [shop.state for shop in shops.all_shops(db)]
        yield _gauge("loyalty_work", "Subjects by the state of their round", by_state)
        yield _gauge("loyalty_shops", "Shops by their state", {state: states.count(state) for state in set(states)})
        for name, about, value in (
            ("loyalty_work_late_seconds", "How long the oldest round that is due has waited", _age(now, oldest_due)),
            ("loyalty_inbox_waiting", "Deliveries that were kept and not taken in yet", waiting),
            ("loyalty_inbox_late_seconds", "How long the oldest of them has waited", _age(now, oldest)),
            ("loyalty_workers", "Workers that were heard of in the last minute", _lately(now, seen)),
        ):
            yield GaugeMetricFamily(name, about, value=value)


def _gauge(name: str, about: str, by_state: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state, count in sorted(by_state.items()):
        family.add_metric([state], count)
    return family


def _age(now: datetime, moment: datetime | None) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _lately(now: datetime, seen: Iterable[datetime]) -> int:
    return sum(now - moment < timedelta(minutes=1) for moment in seen)
