"""What log lines call the thing that a piece of work is about: a keyed hash, since Saleor's order ids are keys to
people's addresses. `saleor-loyalty doctor explain ORDER` says it beside the order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

import structlog

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.secrets import UnreadableSecret
from saleor_loyalty_app.store.shops import Shop


def log_reference(app: App, shop: Shop, subject: str) -> str:
    """The reference of a subject such as "order:T3JkZXI6MQ==", the same each time: "7f03c2d91a"."""
    return blake2b(subject.encode(), key=app.secret(shop)[:64], digest_size=5).hexdigest()


@contextmanager
def logged_as(app: App, shop: Shop, subject: str) -> Iterator[None]:
    """Let every log line of this thread meanwhile name the subject by its reference, as `work`."""
    try:
        reference = log_reference(app, shop, subject)
    except UnreadableSecret:
        reference = "unknown"  # the wrong key: the work itself says so
    with structlog.contextvars.bound_contextvars(work=reference):
        yield
