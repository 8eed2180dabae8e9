"""The nightly review: who could go up, be warned or go down by the passing of time or a change of rules."""

import structlog

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import decide_page
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.customer_sums import renew_all_sums
from saleor_loyalty_app.store.customers import customers_by_ids
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tier_review import candidates

log = structlog.get_logger()

AT_ONCE = 200
"""Customers in one transaction: webhooks wait for the writer of an embedded database."""


def review_tiers(app: App, shop: Shop) -> int:
    """Review a shop's customers and return how many decisions were made.

    First the sums that lists are sorted by are taken anew, where the program in force counts otherwise.
    The database finds those whose standing could change, in pages; the domain decides each of them. The shop
    is told afterwards.
    """
    renewed = renew_all_sums(app.database, shop.id)
    made = 0
    for page in candidates(app.database, shop.id, now=app.now()):
        for start in range(0, len(page), AT_ONCE):
            with app.database.write() as db:
                made += decide_page(app, db, shop, customers_by_ids(db, shop.id, page[start : start + AT_ONCE]))
    with app.database.write() as db:
        work.want(db, shop.id, "mirror:", due_at=app.now(), now=app.now())
    log.info("tiers_reviewed", shop=shop.id, decisions=made, sums_renewed=renewed)
    return made
