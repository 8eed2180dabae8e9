"""At night: forget old events and finished work, erase shops that are long gone."""

from datetime import timedelta

import structlog

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import erase, inbox, viewers, work
from saleor_loyalty_app.store.shops import DORMANT, all_shops

log = structlog.get_logger()

VIEWERS_KEPT = timedelta(days=180)
"""How long the theme and the language of a staff member are kept who does not open the panel any more."""


def keep_house(app: App) -> None:
    """Delete what has outlived its documented time, in every shop."""
    now = app.now()
    events_before = now - timedelta(days=app.settings.keep_events_days)
    with app.database.read() as db:
        shops = all_shops(db)
    for shop in shops:
        gone = shop.state == DORMANT and shop.away_since
        if gone and now - gone >= timedelta(days=app.settings.keep_after_uninstall_days):
            with app.database.write() as db:
                erase.erase_shop(db, shop.id)
            log.info("shop_erased", shop=shop.id)
            continue
        with app.database.write() as db:
            inbox.forget_before(db, shop.id, events_before)
            work.forget_before(db, shop.id, events_before)
            viewers.forget_before(db, shop.id, now - VIEWERS_KEPT)
