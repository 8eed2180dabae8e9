"""An extra gets a picture: whatever staff upload is made into a small square WebP."""

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop

SIDE = 192
"""Pixels of each side of a kept picture."""
LONGEST_UPLOAD = 8_000_000
"""Bytes of an upload."""


class NotAPicture(ValueError):
    """What was uploaded can't be used; the text says why, `words` and `values` say it in other languages."""


def keep_picture(app: App, shop: Shop, extra_id: str, data: bytes, *, by: str) -> None:
    """Make a picture small and keep it for an extra's id. Raises NotAPicture."""
    raise NotImplementedError


def drop_picture(app: App, shop: Shop, extra_id: str) -> None:
    """Forget an extra's picture."""
    raise NotImplementedError
