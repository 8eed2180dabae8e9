"""What is printed, compared with reference pictures and read back as text.

A reference picture is a small grey PNG in `pictures/`. With RENEW_PICTURES=1 in the environment the pictures are made
anew; they are looked at by a person before they are committed. A comparison that fails leaves the new picture and the
difference in `build/pictures/`.
"""

import io
import os
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

PICTURES = Path(__file__).parent / "pictures"
FAILED = Path(__file__).parents[2] / "build" / "pictures"
RENEWED = os.environ.get("RENEW_PICTURES") == "1"
DPI = 60
GREYS = 16
"""A reference picture has few shades: small files, and smoothing at the edges of letters does not matter anyway."""
SMOOTH, AROUND = 1.4, 3
"""Pixels: how far pictures are smoothed before they are compared, and how far around a place differences add up.

A line that moves by one pixel, as it may with another version of the renderer, then differs by 13 shades, another
word by 29 and more. A single letter is not seen: words are read back as text.
"""


def assert_looks_like(printed: bytes, name: str, *, page: int = 0, tolerance: int = 20) -> None:
    """Compare a page of a PDF, or a PNG, with `pictures/<name>.png`; so many of 255 shades no place may differ."""
    seen = picture_of(printed, page=page).quantize(GREYS, dither=Image.Dither.NONE)
    expected = PICTURES / f"{name}.png"
    if RENEWED:
        PICTURES.mkdir(exist_ok=True)
        seen.save(expected, optimize=True)
        return
    assert expected.exists(), f"there is no picture {name}.png yet: renew with RENEW_PICTURES=1 and look at it"
    wanted = Image.open(expected)
    kept = FAILED / f"{name}-new.png"
    FAILED.mkdir(parents=True, exist_ok=True)
    seen.save(kept)
    assert seen.size == wanted.size, f"{name}: {seen.size} pixels, expected {wanted.size}, see {kept}"
    difference = _difference(seen.convert("L"), wanted.convert("L"))
    most = difference.getextrema()[1]
    if most > tolerance:
        difference.point(lambda shade: min(255, shade * 4)).save(FAILED / f"{name}-difference.png")
    assert most <= tolerance, f"{name} looks different ({most} shades of {tolerance}), see {kept}"
    kept.unlink()


def picture_of(printed: bytes, *, page: int = 0, dpi: int = DPI) -> Image.Image:
    """A page of a PDF in grey at so many dots per inch; a PNG is scaled to 480 pixels of width at most."""
    if printed.startswith(b"\x89PNG"):
        image = Image.open(io.BytesIO(printed)).convert("L")
        return image.resize((480, round(image.height * 480 / image.width))) if image.width > 480 else image
    document = pypdfium2.PdfDocument(printed)
    try:
        rendered: Image.Image = document[page].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        return rendered
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    """All text of a PDF as one reads it back, pages one after the other."""
    return "\n".join(page_texts(pdf))


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [_text(page.get_textpage()) for page in pypdfium2.PdfDocument(pdf)]


def text_within(pdf: bytes, *, page: int, top: float, bottom: float) -> str:
    """The text between two heights of a page, in points from its upper edge."""
    sheet = pypdfium2.PdfDocument(pdf)[page]
    height = sheet.get_height()
    found: str = sheet.get_textpage().get_text_bounded(bottom=height - bottom, top=height - top)
    return found.replace("\r\n", "\n")


def pages_of(pdf: bytes) -> int:
    """How many pages it has."""
    return len(pypdfium2.PdfDocument(pdf))


def sizes_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in whole millimetres."""
    return [(round(w / 72 * 25.4), round(h / 72 * 25.4)) for w, h in
            (page.get_size() for page in pypdfium2.PdfDocument(pdf))]  # fmt: skip


def _text(textpage: pypdfium2.PdfTextPage) -> str:
    found: str = textpage.get_text_range()
    return found.replace("\r\n", "\n").replace("\ufffe", "")


def _difference(seen: Image.Image, wanted: Image.Image) -> Image.Image:
    """How much the surroundings of each place differ."""
    smooth = ImageFilter.GaussianBlur(SMOOTH)
    return ImageChops.difference(seen.filter(smooth), wanted.filter(smooth)).filter(ImageFilter.BoxBlur(AROUND))
