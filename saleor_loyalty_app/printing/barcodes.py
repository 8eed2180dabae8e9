"""Bar codes and QR codes as SVG, drawn in whole modules on white, for paper, for the panel and for its dark theme.

The encodings come from python-barcode and segno; only the drawing is ours, since bars must not be rounded.
"""

from html import escape
from itertools import groupby

import segno
from barcode import Code128

QUIET_MODULES = 10
"""White on either side of a Code 128, as ISO/IEC 15417 asks for; scanners fail without it."""
MOST_CHARACTERS = 80
BAR_MODULES = 40
WORDS_MODULES = 12
QUIET_QR_MODULES = 4
"""White around a QR code, as ISO/IEC 18004 asks for."""


class CannotEncode(ValueError):
    """The text has characters that the code does not know, or is too long for it."""


def code128_svg(text: str, *, words: bool = False) -> str:
    """A Code 128 of this text (printable ASCII) as one SVG element with its quiet zones, one unit a module.

    With `words` the text stands below the bars. Without a size of its own: give it a width (at least 0.25 mm a module
    on paper, two pixels on a screen). Raises CannotEncode.
    """
    bars, at, path = code128_modules(text), QUIET_MODULES, []
    for module, run in groupby(bars):
        width = len(list(run))
        if module == "1":
            path.append(f"M{at} 0h{width}v{BAR_MODULES}h-{width}z")
        at += width
    below = _words(text, len(bars) + 2 * QUIET_MODULES) if words else ""
    height = BAR_MODULES + (WORDS_MODULES if words else 0)
    return _svg(text, len(bars) + 2 * QUIET_MODULES, height, f'<path d="{"".join(path)}"/>{below}')


def code128_modules(text: str) -> str:
    """The modules of a Code 128 from left to right, "1" for black, without quiet zones. Raises CannotEncode."""
    if not 0 < len(text) <= MOST_CHARACTERS:
        raise CannotEncode(f"a bar code holds 1 to {MOST_CHARACTERS} characters, not {len(text)}")
    if not (text.isascii() and text.isprintable()):
        raise CannotEncode("a bar code holds printable ASCII characters only")
    modules: list[str] = Code128(text).build()
    return modules[0]


def qr_svg(text: str) -> str:
    """A QR code of this text as one SVG element with its quiet zone, one unit a module. Raises CannotEncode.

    Error correction is M (15 %) at least, more where it costs no space; a module should have 0.4 mm on paper.
    """
    rows = qr_modules(text)
    size = len(rows) + 2 * QUIET_QR_MODULES
    path = []
    for y, row in enumerate(rows, QUIET_QR_MODULES):
        at = QUIET_QR_MODULES
        for module, run in groupby(row):
            width = len(list(run))
            if module:
                path.append(f"M{at} {y}h{width}v1h-{width}z")
            at += width
    return _svg(text, size, size, f'<path d="{"".join(path)}"/>')


def qr_modules(text: str) -> tuple[bytes, ...]:
    """The modules of a QR code row by row, 1 for black, without its quiet zone. Raises CannotEncode."""
    if not text:
        raise CannotEncode("a QR code holds at least one character")
    try:
        return tuple(bytes(row) for row in segno.make_qr(text, error="m").matrix)
    except ValueError as refused:
        raise CannotEncode("the text is too long for a QR code") from refused


def _words(text: str, width: int) -> str:
    y = BAR_MODULES + WORDS_MODULES - 2
    return (
        f'<text x="{width / 2:g}" y="{y}" font-family="monospace" font-size="10" text-anchor="middle">'
        f"{escape(text)}</text>"
    )


def _svg(label: str, width: int, height: int, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{drawn}</svg>'
    )
