"""PDFs after typst: put together, with what they share kept once, and with the boxes that print shops look at."""

import io
from collections.abc import Iterable

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, RectangleObject, TextStringObject

BLEED_POINTS = 3 / 25.4 * 72


def merged(pdfs: Iterable[bytes], *, title: str, language: str) -> bytes:
    """The pages of all, in their order. Pictures and the like that are the same in several are kept once."""
    writer = PdfWriter()
    for pdf in pdfs:
        writer.append(io.BytesIO(pdf), import_outline=False)
    _keep_once(writer)
    writer.metadata = {"/Title": title} if title else {}
    if language:
        writer.root_object[NameObject("/Lang")] = TextStringObject(language)
    return _written(writer)


def with_bleed_boxes(pdf: bytes) -> bytes:
    """The same pages; around each cut size 3 mm are named as bleed, for what stands further out are marks."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for page in writer.pages:
        left, bottom, right, top = page.trimbox
        if page.trimbox != page.mediabox:
            page.bleedbox = RectangleObject(
                (left - BLEED_POINTS, bottom - BLEED_POINTS, right + BLEED_POINTS, top + BLEED_POINTS)
            )
    return _written(writer)


def _keep_once(writer: PdfWriter) -> None:
    """Objects that are equal become one; what refers to them is equal only then, so it takes some rounds."""
    size = 0
    while size != (size := len(_written(writer))):
        writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
