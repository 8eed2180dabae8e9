"""The shop's stationery is changed: settings by revision, and pictures that are made anew whatever was uploaded."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image
from sqlalchemy import Connection

from saleor_loyalty_app.domain.stationery import WORDS, FieldProblem, Stationery, StationeryProblem, read_stationery
from saleor_loyalty_app.printing.fonts import fonts_to_choose
from saleor_loyalty_app.printing.label_sheets import SHEETS
from saleor_loyalty_app.printing.typesetting import Look
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_picture import bare_picture
from saleor_loyalty_app.store import stationery
from saleor_loyalty_app.store.shops import Shop, lock_shop
from saleor_loyalty_app.store.stationery import StoredStationery

LONGEST_SIDE = 2_000
"""Pixels: 170 mm at 300 dots per inch, more than the widest card with its bleed."""
SIGNATURE_SIDE = 1_000


class StationeryMoved(Exception):
    """Somebody else saved the stationery meanwhile; `current` is how it stands."""

    def __init__(self, current: StoredStationery) -> None:
        super().__init__(current.revision)
        self.current = current


def stationery_now(db: Connection, shop_id: int) -> tuple[Stationery, StoredStationery]:
    """The shop's stationery as it can be used, and what is kept of it."""
    stored = stationery.stationery_of(db, shop_id)
    return read_stationery(stored.settings), stored


def look_of(app: App, db: Connection, shop: Shop) -> Look:
    """How the prints of a shop look now."""
    settings, _ = stationery_now(db, shop.id)
    return look_with(app, settings, stationery.pictures_of(db, shop.id))


def look_with(app: App, settings: Stationery, pictures: Mapping[str, bytes]) -> Look:
    """How prints would look with this stationery."""
    return Look(
        stationery=settings,
        motif=pictures.get(stationery.MOTIF),
        logo=pictures.get(stationery.LOGO),
        signature=pictures.get(stationery.SIGNATURE),
        templates_dir=app.settings.print_templates,
        fonts_dir=app.settings.print_fonts,
    )


def usable_stationery(app: App, data: Mapping[str, Any]) -> Stationery:
    """Stationery from a form, whose font and sheet of labels are there. Raises StationeryProblem with what is wrong."""
    settings = read_stationery(data)
    there = {"font": fonts_to_choose(app.settings.print_fonts), "label_sheet": SHEETS}
    gone = [name for name, choice in there.items() if getattr(settings, name) not in choice]
    if gone:
        raise StationeryProblem(*(FieldProblem(name, WORDS["literal_error"]) for name in gone))
    return settings


def save_stationery(app: App, shop: Shop, data: Mapping[str, Any], *, revision: int, by: str) -> StoredStationery:
    """Keep settings that were made from the revision that the form showed. The same sent twice is kept once.

    Raises StationeryProblem with all that is wrong, StationeryMoved when somebody else saved meanwhile.
    """
    settings = usable_stationery(app, data).model_dump(mode="json")
    with app.database.write() as db:
        lock_shop(db, shop.id)
        current = stationery.stationery_of(db, shop.id)
        if current.settings == settings:
            return current
        if current.revision != revision:
            raise StationeryMoved(current)
        stationery.save_stationery(db, shop.id, settings, revision=revision + 1, by=by, now=app.now())
        return stationery.stationery_of(db, shop.id)


def keep_print_picture(app: App, shop: Shop, kind: str, data: bytes, *, by: str) -> None:
    """Keep motif, logo or signature. Raises NotAPicture, KeyError for another kind."""
    if kind not in stationery.PICTURES:
        raise KeyError(kind)
    png = print_png(data, SIGNATURE_SIDE if kind == stationery.SIGNATURE else LONGEST_SIDE)
    with app.database.write() as db:
        lock_shop(db, shop.id)
        stationery.keep_picture(db, shop.id, kind, png, by=by, now=app.now())


def drop_print_picture(app: App, shop: Shop, kind: str) -> None:
    """Forget motif, logo or signature; where there is none, nothing happens."""
    with app.database.write() as db:
        stationery.drop_picture(db, shop.id, kind)


def print_png(data: bytes, longest_side: int) -> bytes:
    """A picture as a PNG for printing, no longer than this on each side, and never larger than it came.

    Raises NotAPicture.
    """

    def no_longer(whole: Image.Image) -> Image.Image:
        whole.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
        return whole

    written = io.BytesIO()
    bare_picture(data, no_longer, needed=longest_side).save(written, "PNG", optimize=True)
    return written.getvalue()
