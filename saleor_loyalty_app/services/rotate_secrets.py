"""A new key for what is encrypted at rest: everything that is sealed is sealed anew, shop by shop."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.sealed import seal_anew
from saleor_loyalty_app.store.shops import all_shops


def rotate_secrets(app: App) -> int:
    """Seal every stored secret with the first key of LOYALTY_SECRET_KEY; return how many there were.

    Safe to repeat, also after it was interrupted: each shop is done in one transaction. Raises UnreadableSecret
    when one was sealed with a key that is no longer in the list; that shop then stays as it was.
    """
    with app.database.read() as db:
        shops = all_shops(db)
    sealed = 0
    for shop in shops:
        with app.database.write() as db:
            sealed += seal_anew(db, shop.id, app.vault.rotate)
    return sealed
