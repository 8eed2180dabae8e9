"""Pages from templates and data: everything that is printed goes through here.

Texts reach typst as JSON and pictures as bytes, never as code. Templates are `templates/print/*.typ`; a folder of
the operator's goes before them, file by file.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any

import typst

from saleor_loyalty_app.domain.print_problems import PrintProblem, PrintTrouble
from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.printing.fonts import FONTS, families, loaded_fonts, suited_font
from saleor_loyalty_app.printing.pdfs import merged, with_bleed_boxes

__all__ = ["CannotPrint", "Look", "PrintProblem", "PrintTrouble", "ask_pages", "merge", "set_pages", "set_picture"]

TEMPLATES = "templates/print"
PICTURES = ("motif", "logo", "signature")
MAIN = b"""#let data = json("data.json")
#let look = json("look.json")
#set document(title: data.at("title", default: ""), date: none)
#set text(font: look.fonts, fill: rgb(look.ink), lang: data.at("language", default: "en"))
#include "%s.typ"
"""
"""What each page begins with; templates may build upon these settings."""
LARGEST_DATA_BYTES = 16_000_000
"""Far above any batch of ours: typst can't be interrupted, so what goes in is bounded."""
LARGEST_FILE_BYTES = 5_000_000
WORTH_FORGETTING_BYTES = 20_000
JOBS_REMEMBERED = 10
PLACES = BoundedSemaphore(2)
"""So many at once, however many threads ask: each needs memory for its pages and a core for itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a shop's prints look: its stationery, its pictures, and the operator's folders."""

    stationery: Stationery = field(default_factory=Stationery)
    motif: bytes | None = None
    """PNG, as the other two."""
    logo: bytes | None = None
    signature: bytes | None = None
    templates_dir: Path | None = None
    """LOYALTY_PRINT_TEMPLATES: templates that go before ours."""
    fonts_dir: Path | None = None
    """LOYALTY_PRINT_FONTS: further fonts, to choose from and for letters that ours lack."""


class CannotPrint(Exception):
    """Something can't be printed; `problems` says what, and why, all of it."""

    def __init__(self, *problems: PrintProblem) -> None:
        super().__init__("; ".join(problem.sentence("en") for problem in problems))
        self.problems = problems


def set_pages(template: str, data: Mapping[str, Any], look: Look) -> bytes:
    """A PDF of the template: `"slip"` is `slip.typ`. Raises CannotPrint.

    A template reads `json("data.json")` (what is given here; `title` and `language` become the PDF's),
    `json("look.json")` (the stationery, and `fonts`, and which of `motif`, `logo`, `signature` there are) and the
    pictures as `"motif.png"` and so on. One that must refuse says `#assert(false, message: "cannot-print too_long
    CODE")`, with a PrintTrouble and the parcel's code.
    """
    with _set_up(template, data, look) as job:
        pdf = typst.compile(**job, format="pdf", pdf_tags=False)
    return with_bleed_boxes(pdf) if look.stationery.crop_marks else pdf


def set_picture(template: str, data: Mapping[str, Any], look: Look, *, dpi: int = 110, page: int = 0) -> bytes:
    """One page of the same as PNG, without its bleed. Raises CannotPrint."""
    with _set_up(template, data, look) as job:
        pictures = typst.compile(**job, format="png", ppi=dpi)
    return bytes(pictures[page] if isinstance(pictures, list) else pictures)


def ask_pages(template: str, data: Mapping[str, Any], look: Look, *, label: str) -> list[Any]:
    """The values of all `metadata` with this label in the pages, in their order. Raises CannotPrint."""
    with _set_up(template, data, look) as job:
        try:
            return list(json.loads(typst.query(**job, selector=f"<{label}>", field="value")))
        except RuntimeError:
            typst.compile(**job, format="svg")  # it says where the mistake is, as a query does not
            raise


def merge(pdfs: Iterable[bytes], *, title: str = "", language: str = "") -> bytes:
    """One PDF of several, in their order; fonts and pictures that are the same are kept once."""
    return merged(pdfs, title=title, language=language)


@contextmanager
def _set_up(template: str, data: Mapping[str, Any], look: Look) -> Iterator[dict[str, Any]]:
    """What typst needs for a job, while it is at it; what typst says against it becomes CannotPrint."""
    texts = _texts(template, data, look)
    # Texts are handed over as they are, pictures need a folder. As the root it also keeps templates inside:
    # `read("/…")` finds nothing of the machine's.
    with TemporaryDirectory(prefix="print-") as root, PLACES:
        for name, picture in _pictures(look).items():
            (Path(root) / name).write_bytes(picture)
        fonts = loaded_fonts(look.fonts_dir)
        try:
            yield {"input": texts, "font_paths": fonts, "ignore_system_fonts": True, "root": root}
        except typst.TypstError as wrong:
            raise CannotPrint(_problem(wrong)) from None
        finally:
            if len(texts["data.json"]) > WORTH_FORGETTING_BYTES:
                _forget(fonts)


def _forget(fonts: typst.Fonts) -> None:
    """Give back the memory of what was set: typst keeps it for its next ten jobs, so ten empty ones follow."""
    for _ in range(JOBS_REMEMBERED):
        typst.compile(b"", font_paths=fonts, ignore_system_fonts=True, format="svg")


def _texts(template: str, data: Mapping[str, Any], look: Look) -> dict[str, bytes]:
    packed = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    if len(packed) > LARGEST_DATA_BYTES:
        raise CannotPrint(PrintProblem("", PrintTrouble.TOO_LONG))
    font = suited_font("", look.stationery.font, look.fonts_dir)
    described = {
        **look.stationery.model_dump(),
        **{kind: getattr(look, kind) is not None for kind in PICTURES},
        "fonts": families(font, look.fonts_dir),
        "clean_fonts": families(FONTS["noto-sans"], look.fonts_dir),
    }
    return {
        **_files(look, {".typ"}),
        "main.typ": MAIN % template.encode(),
        "data.json": packed,
        "look.json": json.dumps(described).encode(),
    }


def _pictures(look: Look) -> dict[str, bytes]:
    own = {f"{kind}.png": picture for kind in PICTURES if (picture := getattr(look, kind)) is not None}
    return {**_files(look, {".png", ".jpg", ".jpeg", ".svg"}), **own}


def _files(look: Look, endings: set[str]) -> dict[str, bytes]:
    """By name; the operator's instead of ours. What is too large for a template or its picture is left out."""
    folders = (project_path(TEMPLATES), look.templates_dir)
    paths = (path for folder in folders if folder and folder.is_dir() for path in sorted(folder.iterdir()))
    usable = (path for path in paths if path.suffix.lower() in endings and path.is_file())
    return {path.name: path.read_bytes() for path in usable if path.stat().st_size <= LARGEST_FILE_BYTES}


def _problem(wrong: typst.TypstError) -> PrintProblem:
    if refused := re.search(r"cannot-print (\w+) ?(\S*)", wrong.message):
        return PrintProblem(refused[2], PrintTrouble(refused[1]))
    picture = re.search(r'image\("(motif|logo|signature)\.png"', wrong.diagnostic)
    if picture and "image" in wrong.message:
        return PrintProblem("", PrintTrouble.BROKEN_PICTURE, picture[1])
    place = re.search(r"┌─ (?:\S*/)?([^/\s]+:\d+:\d+)", wrong.diagnostic)
    return PrintProblem("", PrintTrouble.BROKEN_TEMPLATE, f"{place[1]}: {wrong.message}" if place else wrong.message)
