"""Cards and pictures for tests of printing."""

import io
import math
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.cards import Card
from saleor_loyalty_app.printing.typesetting import Look

TEXT = (
    "Liebe Frau Özdemir,\n\nheute geht schon Ihre zehnte Bestellung auf die Reise – das freut uns sehr! "
    "Damit der Assam noch besser schmeckt, liegt ein kleines Säckchen Lavendel bei."
)


def make_card(**changes: Any) -> Card:
    """A card in German that fits everywhere."""
    fields = {"code": "BR-7K2Q", "text": TEXT, "sign_off": "Herzliche Grüße", "sender": "Maria", "language": "de"}
    return Card(**{**fields, **changes})


def make_look(*, pictures: bool = False, **settings: Any) -> Look:
    """A look with these settings; with motif, logo and signature if wanted."""
    if not pictures:
        return Look(Stationery(**settings))
    return Look(Stationery(**settings), motif=motif(), logo=logo(), signature=signature())


@cache
def motif() -> bytes:
    """Leaves on a light ground, wider than high."""
    image = Image.new("RGB", (450, 320), (236, 226, 208))
    draw = ImageDraw.Draw(image)
    for step in range(26):
        x, y, r = step * 97 % 450, step * 165 % 320, 20 + step * 19 % 35
        draw.ellipse((x - r, y - r / 2, x + r, y + r / 2), fill=(110 + step * 13 % 60, 140 + step * 7 % 50, 90))
    return _png(image)


@cache
def logo() -> bytes:
    """A disc and two bars on nothing."""
    image = Image.new("RGBA", (300, 80), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((5, 5, 75, 75), fill=(159, 107, 63, 255))
    draw.rectangle((95, 25, 295, 35), fill=(60, 60, 60, 255))
    draw.rectangle((95, 48, 235, 55), fill=(120, 120, 120, 255))
    return _png(image)


@cache
def signature() -> bytes:
    """A wave on nothing."""
    image = Image.new("RGBA", (250, 90), (0, 0, 0, 0))
    points = [(10 + i * 2.3, 45 + 30 * math.sin(i / 5) * math.exp(-i / 80)) for i in range(100)]
    ImageDraw.Draw(image).line(points, fill=(20, 40, 120, 255), width=4)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
