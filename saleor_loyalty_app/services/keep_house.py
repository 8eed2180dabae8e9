"""At night: forget old events and finished work, erase shops that are long gone. Each hour: forget printed pages."""

from datetime import timedelta

import structlog

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.print_batch import subject_of
from saleor_loyalty_app.services.print_checks import PAGES_KEPT
from saleor_loyalty_app.store import desk_sessions, erase, inbox, print_jobs, viewers, work
from saleor_loyalty_app.store.shops import DORMANT, all_shops

log = structlog.get_logger()

VIEWERS_KEPT = timedelta(days=180)
"""How long the theme and the language of a staff member are kept who does not open the panel any more."""
DESKS_KEPT = timedelta(days=7)
"""How long it is kept that a desk in a tab of its own is over, so that the tab can be told so."""


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
            desk_sessions.forget_before(db, shop.id, now - DESKS_KEPT)


def forget_pages(app: App) -> None:
    """Delete print jobs with their pages, in every shop, once they are a day old."""
    now = app.now()
    with app.database.read() as db:
        shops = all_shops(db)
    for shop in shops:
        with app.database.write() as db:
            for code in print_jobs.forget_before(db, shop.id, now - PAGES_KEPT):
                # A round that failed and waits for a person would wait for ever: one more finds no job, and ends.
                work.want(db, shop.id, subject_of(code), due_at=now, now=now, at_once=True)
