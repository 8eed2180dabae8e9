"""A call whose last try ended in the dark may still be at work in the shop: how long it is left alone before a look."""

from datetime import timedelta

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import effects
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.shops import Shop

SENT_WITHIN = 1 / 5
"""A call is sent within this share of the time in which it is expected to be over, or not at all."""
LEAST_SECONDS = 1.0


def sent_within_seconds(app: App) -> float:
    """How long after it was written down a call may still be sent."""
    return max(app.settings.settle_seconds * SENT_WITHIN, LEAST_SECONDS)


def wait_for_call(app: App, shop: Shop, begun: Effect, saying: Saying) -> None:
    """Return when nothing of a begun effect can be on its way any more; raises TryAgain with `saying` before.

    When it seems to have begun in the future, the clock was put back meanwhile: the wait begins anew.
    """
    settle, now = timedelta(seconds=app.settings.settle_seconds), app.now()
    if begun.started_at > now:
        with app.database.write() as db:
            effects.move_start(db, shop.id, begun.subject, begun.effect, now=now)
        raise TryAgain(saying, wait_seconds=settle.total_seconds())
    if (wait := (begun.started_at + settle - now).total_seconds()) > 0:
        raise TryAgain(saying, wait_seconds=wait)
