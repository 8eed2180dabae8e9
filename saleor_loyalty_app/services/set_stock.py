"""Staff say how many pieces of an extra lie on the shelf, or that it is no longer counted."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import stock
from saleor_loyalty_app.store.shops import Shop, lock_shop

MOST_PIECES = 1_000_000


def count_stock(app: App, shop: Shop, extra_id: str, pieces: int, *, by: str) -> None:
    """Keep what was counted on the shelf; sent twice, it changes nothing the second time."""
    raise NotImplementedError


def stop_counting(app: App, shop: Shop, extra_id: str, *, by: str) -> None:
    """No longer count an extra: it is taken to be there always."""
    raise NotImplementedError
