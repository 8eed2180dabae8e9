"""The nightly review: who could go up, be warned or go down by the passing of time or a change of rules."""

import structlog

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import decide_customer_tier
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.shops import LIVE, Shop
from saleor_loyalty_app.store.tier_review import candidates

log = structlog.get_logger()


def review_tiers(app: App, shop: Shop) -> int:
    """Review a shop's customers and return how many decisions were made.

    The database finds those whose standing could change, in pages; the domain decides each of them. What
    changed is told to the shop customer by customer.
    """
    made = 0
    for page in candidates(app.database, shop.id, now=app.now()):
        with app.database.write() as db:
            for customer_id in page:
                customer = customer_by_id(db, shop.id, customer_id)
                if customer:
                    made += _review(app, db, shop, customer)
    log.info("tiers_reviewed", shop=shop.id, decisions=made)
    return made


def _review(app: App, db: object, shop: Shop, customer: Customer) -> int:
    decisions = decide_customer_tier(app, db, shop, customer)  # type: ignore[arg-type]
    if decisions and customer.user_id and shop.mode == LIVE:
        now = app.now()
        work.want(db, shop.id, f"mirror:{customer.user_id}", due_at=now, now=now)  # type: ignore[arg-type]
    return len(decisions)
