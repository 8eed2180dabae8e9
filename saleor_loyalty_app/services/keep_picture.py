"""An extra gets a picture: whatever staff upload is made into a small square WebP, which survives new versions."""

import io
import warnings
from collections.abc import Callable

from PIL import Image, ImageOps

from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import pictures
from saleor_loyalty_app.store.shops import Shop, lock_shop

SIDE = 192
"""Pixels of each side of a kept picture."""
LONGEST_UPLOAD = 8_000_000
"""Bytes of an upload."""
LARGEST_REQUEST = LONGEST_UPLOAD + 1_500_000
"""Bytes of the request with it. Whatever a proxy lets pass (9 MB) is read to its end: an answer that is given before
may never arrive."""
MOST_PIXELS = 60_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 80
LONGEST_ID = 40


def _(words: str) -> str:
    return words


TOO_LARGE = _("This picture is too large. Please choose one of at most 8 MB and 60 megapixels.")
NOT_READABLE = _("This is not a picture the app can read. Please choose a PNG, JPEG, WebP or GIF file.")


class NotAPicture(ValueError):
    """What was uploaded can't be used; the text says why, in English."""

    def said(self, locale: str) -> str:
        """The same for people."""
        return translations(locale).gettext(str(self))


def keep_picture(app: App, shop: Shop, extra_id: str, data: bytes, *, by: str) -> None:
    """Make a picture small and keep it for an extra's id. Raises NotAPicture."""
    if not 0 < len(extra_id) <= LONGEST_ID:
        raise NotAPicture(NOT_READABLE)
    webp = small_webp(data)
    with app.database.write() as db:
        lock_shop(db, shop.id)
        pictures.keep_picture(db, shop.id, extra_id, webp, by=by, now=app.now())


def drop_picture(app: App, shop: Shop, extra_id: str) -> None:
    """Forget an extra's picture."""
    with app.database.write() as db:
        pictures.drop_picture(db, shop.id, extra_id)


def small_webp(data: bytes) -> bytes:
    """A picture cut to a square of SIDE pixels around its middle. Raises NotAPicture."""
    square = bare_picture(
        data, lambda whole: ImageOps.fit(whole, (SIDE, SIDE), Image.Resampling.LANCZOS), needed=SIDE * 2
    )
    written = io.BytesIO()
    square.save(written, "WEBP", quality=QUALITY, method=6)
    return written.getvalue()


def bare_picture(data: bytes, change: Callable[[Image.Image], Image.Image], *, needed: int) -> Image.Image:
    """A picture from outside, upright, changed by `change` to about `needed` pixels a side, with only pixels in it.

    What is see-through stays so; of a moving picture the first one is taken. Raises NotAPicture.
    """
    if len(data) > LONGEST_UPLOAD:
        raise NotAPicture(TOO_LARGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata, which is dropped anyway
            return _bare(data, change, needed)
    except NotAPicture:
        raise
    except Image.DecompressionBombError as bomb:
        raise NotAPicture(TOO_LARGE) from bomb
    except Exception as broken:  # a decoder fed by a stranger: whatever it raises, this is no picture
        raise NotAPicture(NOT_READABLE) from broken


def _bare(data: bytes, change: Callable[[Image.Image], Image.Image], needed: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(TOO_LARGE)
        picture.draft("RGB", (needed, needed))  # a JPEG is decoded no larger than needed
        upright = ImageOps.exif_transpose(picture)
        sees_through = "A" in upright.mode or "transparency" in upright.info
        changed = change(upright.convert("RGBA" if sees_through else "RGB"))
    bare = Image.new(changed.mode, changed.size)
    bare.paste(changed)
    return bare
