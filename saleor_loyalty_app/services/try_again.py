"""A person says "try again" about work that failed, once the cause is put right."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.shops import Shop

MOST_AT_ONCE = 1000


def try_again(app: App, shop: Shop, *subjects: str) -> bool:
    """Let subjects be looked at now; return whether this shop has such work. Safe to send twice.

    Only subjects that are known are tried again: nothing from outside becomes work by this.
    """
    now = app.now()
    with app.database.write() as db:
        known = [subject for subject in subjects if work.find(db, shop.id, subject) is not None]
        for subject in known:
            work.want(db, shop.id, subject, due_at=now, now=now, at_once=True)
        if known:
            # What was put right may be a permission; then there is more to catch up on than this.
            work.want(db, shop.id, "shop:", due_at=now, now=now, at_once=True)
    return bool(known)


def try_all_again(app: App, shop: Shop) -> bool:
    """Let everything that failed in a shop be looked at now, the newest first; return whether there was anything."""
    with app.database.read() as db:
        failed = work.failed(db, shop.id, limit=MOST_AT_ONCE)
    return try_again(app, shop, *(row.subject for row in failed))
