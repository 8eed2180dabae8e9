"""Bar codes and QR codes read back: by a decoder of our own from the bars, by another program from the picture."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from reference import picture_of

from saleor_loyalty_app.printing.barcodes import CannotEncode, code128_modules, code128_svg, qr_svg

WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
211232
""".split()  # noqa: SIM905 - a table reads better as one
"""The symbols of Code 128 by their values, as widths of bars and gaps (ISO/IEC 15417, table 1)."""
STOP = "2331112"


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - made by us a moment ago


def bars_of(svg: str) -> list[tuple[int, int]]:
    """Left edge and width of each bar, in modules."""
    path = drawn(svg).find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    return [(int(x), int(width)) for x, width in re.findall(r"M(\d+) 0h(\d+)v", path.attrib["d"])]


def decoded(svg: str) -> str:
    """What a Code 128 says, read from its bars alone."""
    bars = bars_of(svg)
    gaps = [after - (x + width) for (x, width), (after, _) in pairwise(bars)]
    widths = "".join(f"{width}{gap}" for (_, width), gap in zip(bars, [*gaps, ""], strict=True))
    assert widths.endswith(STOP)
    symbols = [WIDTHS.index(symbol) for symbol in re.findall("......", widths.removesuffix(STOP))]
    *shown, check = symbols
    assert check == (shown[0] + sum(at * value for at, value in enumerate(shown))) % 103
    return "".join(read(shown))


def read(symbols: list[int]) -> list[str]:
    letters, code = [], {103: "A", 104: "B", 105: "C"}[symbols[0]]
    for value in symbols[1:]:
        if value in {99, 100, 101} and {99: "C", 100: "B", 101: "A"}[value] != code:
            code = {99: "C", 100: "B", 101: "A"}[value]
        elif code == "C":
            letters.append(f"{value:02}")
        else:
            assert value < 96, "a control character in an order number"
            letters.append(chr(value + 32) if code == "B" or value < 64 else chr(value - 64))
    return letters


def scanned(svg: str, *, width_mm: float) -> list[str]:
    """What another program reads from the code as it is printed at 200 dots per inch."""
    page = (
        f'#set page(width: {width_mm + 20}mm, height: {width_mm + 20}mm, margin: 10mm)\n#image("code.svg", width: 100%)'
    )
    pdf = typst.compile({"main.typ": page.encode(), "code.svg": svg.encode()}, format="pdf")
    return [found.text for found in zxingcpp.read_barcodes(picture_of(pdf, dpi=200))]


@pytest.mark.parametrize("text", ["1042", "7", "12345678901", "BR-7K2M", "SO/2026-0042 b", "~! <&>\"'", "x" * 80])
def test_a_bar_code_says_what_it_was_made_of(text: str) -> None:
    assert decoded(code128_svg(text)) == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=80))
def test_any_printable_ascii_can_be_read_back(text: str) -> None:
    assert decoded(code128_svg(text)) == text


@pytest.mark.parametrize("text", ["1042", "BR-7K2M", "SO/2026-0042 b"])
def test_another_program_reads_the_printed_bar_code(text: str) -> None:
    assert scanned(code128_svg(text), width_mm=0.33 * (len(code128_modules(text)) + 20)) == [text]


def test_bars_have_whole_modules_with_ten_of_white_on_either_side() -> None:
    svg = code128_svg("1042")
    _, _, width, _ = map(int, drawn(svg).attrib["viewBox"].split())
    bars = bars_of(svg)
    assert bars[0][0] == 10
    assert width - sum(bars[-1]) == 10
    assert "crispEdges" in svg


def test_words_stand_below_the_bars_only_when_they_are_wished() -> None:
    assert "<text" not in code128_svg("1042")
    assert drawn(code128_svg("<b>&", words=True))[-1].text == "<b>&"


@pytest.mark.parametrize("text", ["", "Ä1", "日本", "1042\n", "10\x0042", "x" * 81])
def test_what_bars_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(CannotEncode):
        code128_svg(text)


@pytest.mark.parametrize(
    "text", ["https://tea.example.com/hello/BR-7K2M", "x", "12345", "https://süß.example/ü?a=1&b=2"]
)
def test_another_program_reads_the_printed_qr_code(text: str) -> None:
    assert scanned(qr_svg(text), width_mm=24) == [text]


def test_a_qr_code_has_four_modules_of_white_around_it() -> None:
    root = drawn(qr_svg("https://tea.example.com/hello/BR-7K2M"))
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    runs = [(int(x), int(y), int(w)) for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)", root[-1].attrib["d"])]
    assert width == height
    assert min(x for x, _, _ in runs) == min(y for _, y, _ in runs) == 4
    assert max(x + w for x, _, w in runs) == max(y for _, y, _ in runs) + 1 == width - 4


@pytest.mark.parametrize("text", ["", "x" * 9000])
def test_what_a_qr_code_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(CannotEncode):
        qr_svg(text)
