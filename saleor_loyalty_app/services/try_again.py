"""A person says "try again" about work that failed, once the cause is put right."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.shops import Shop


def try_again(app: App, shop: Shop, subject: str) -> bool:
    """Let a subject be looked at now; return whether this shop has such work. Safe to send twice.

    Only subjects that are known are tried again: nothing from outside becomes work by this.
    """
    now = app.now()
    with app.database.write() as db:
        if work.find(db, shop.id, subject) is None:
            return False
        work.want(db, shop.id, subject, due_at=now, now=now, at_once=True)
        # What was put right may be a permission; then there is more to catch up on than this.
        work.want(db, shop.id, "shop:", due_at=now, now=now, at_once=True)
    return True
