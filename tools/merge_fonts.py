"""Makes the fonts in templates/print/fonts anew: `python tools/merge_fonts.py SOURCES OUT`.

SOURCES holds what is published: the packages `@fontsource/caveat`, `kalam`, `patrick-hand`, `noto-color-emoji` of the
npm registry (under `node_modules/@fontsource`), and the unpacked Debian packages `fonts-noto-core` and
`fonts-noto-cjk` (under `usr/share/fonts`). Needs fontTools and brotli. `templates/print/fonts/README.md` says why.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

SLICES = {
    "Caveat-Regular.ttf": ("caveat", ("latin", "latin-ext", "cyrillic", "cyrillic-ext")),
    "Kalam-Regular.ttf": ("kalam", ("latin", "latin-ext", "devanagari")),
    "PatrickHand-Regular.ttf": ("patrick-hand", ("latin", "latin-ext", "vietnamese")),
}
WHOLE = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSerif-Regular.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansSymbols2-Regular.ttf",
)
CJK_FACE = 2
"""Of the collection: SC. The other regions' shapes are in it, chosen by the text's language."""
HANGUL = (range(0xAC00, 0xD7A4), range(0x3131, 0x318F), range(0x1100, 0x1200))
KANA_AND_SIGNS = (
    *(range(0x20, 0x7F), range(0xA0, 0x100), range(0x2010, 0x2070), range(0x2190, 0x2600), range(0x2600, 0x2700)),
    *(range(0x3000, 0x3130), range(0x31F0, 0x3400), range(0xFE30, 0xFE50), range(0xFF00, 0xFFF0)),
)


def main(sources: Path, out: Path) -> None:
    """Write every font to `out`."""
    npm, debian = sources / "node_modules" / "@fontsource", sources / "usr" / "share" / "fonts"
    for name, (package, parts) in SLICES.items():
        merge_slices([npm / package / "files" / f"{package}-{part}-400-normal.woff2" for part in parts], out / name)
    for name in WHOLE:
        shutil.copyfile(debian / "truetype" / "noto" / name, out / name)
    colour_only(npm / "noto-color-emoji" / "files" / "noto-color-emoji-emoji-400-normal.woff2", out)
    east_asian(debian / "opentype" / "noto" / "NotoSansCJK-Regular.ttc", out)


def merge_slices(slices: list[Path], out: Path) -> None:
    """One whole font of a family's slices: typst takes one of several and finds no letters of the others."""
    plain = []
    for path in slices:
        font = TTFont(path)
        font.flavor = None
        # Hints and style axes differ from slice to slice; paper needs neither.
        for table in ("STAT", "fpgm", "prep", "cvt ", "gasp"):
            if table in font:
                del font[table]
        plain.append(out.with_suffix(f".{len(plain)}.ttf"))
        font.save(plain[-1])
    merged = Merger().merge([str(path) for path in plain])
    merged.save(out)
    for path in plain:
        path.unlink()


def colour_only(source: Path, out: Path) -> None:
    """Emoji with their vector colours; the same pictures as SVG would be twice the size."""
    font = TTFont(source)
    font.flavor = None
    del font["SVG "]
    font.save(out / "NotoColorEmoji-Regular.ttf")


def east_asian(source: Path, out: Path) -> None:
    """Chinese (GB 2312 and Big5), Japanese (JIS X 0208) and Korean (all syllables) in one font."""
    options = subset.Options()
    options.font_number = CJK_FACE
    options.layout_features = ["locl", "ccmp", "ljmo", "vjmo", "tjmo"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.desubroutinize = False
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=east_asian_letters())
    subsetter.subset(font)
    wide_table(font)
    font.save(out / "NotoSansCJKsc-Regular.otf")


def wide_table(font: TTFont) -> None:
    """Letters in a table of format 12: that of format 4 is too short for so many, and loses its last ones unsaid."""
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = font.getBestCmap()
    font["cmap"].tables = [table]


def east_asian_letters() -> set[int]:
    """The letters that the countries' own character sets name."""
    letters = {code for block in (*HANGUL, *KANA_AND_SIGNS) for code in block}
    for character_set in ("gb2312", "big5", "shift_jis"):
        for first in range(0x81, 0xFF):
            for second in range(0x40, 0xFF):
                letter = bytes((first, second)).decode(character_set, "ignore")
                if len(letter) == 1 and letter >= "\u3000":
                    letters.add(ord(letter))
    return letters


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
