"""Staff say how many pieces of an extra lie on the shelf, or that it is no longer counted."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import stock
from saleor_loyalty_app.store.shops import Shop, lock_shop

MOST_PIECES = 10_000_000


def count_stock(app: App, shop: Shop, extra_id: str, pieces: int, *, by: str) -> None:
    """Keep what was counted on the shelf; sent twice, it changes nothing the second time.

    Raises ValueError for what can't be a count.
    """
    if not 0 <= pieces <= MOST_PIECES:
        raise ValueError(f"pieces must lie between 0 and {MOST_PIECES}")
    with app.database.write() as db:
        lock_shop(db, shop.id)
        stock.set_count(db, shop.id, extra_id, pieces, by=by, now=app.now())


def stop_counting(app: App, shop: Shop, extra_id: str, *, by: str) -> None:
    """No longer count an extra: from now on it is taken to be there. Where it was not counted, nothing happens."""
    with app.database.write() as db:
        lock_shop(db, shop.id)
        stock.stop_counting(db, shop.id, extra_id, by=by, now=app.now())
