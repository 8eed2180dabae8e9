"""Cards as they look, and as they are read back; what can't be printed is named."""

import io
import re

import pypdfium2
import pytest
from card_things import TEXT, make_card, make_look
from pypdf import PdfReader
from reference import assert_looks_like, pages_of, sizes_of, text_of

from saleor_loyalty_app.domain.print_problems import PrintTrouble
from saleor_loyalty_app.printing import cards as cards_module
from saleor_loyalty_app.printing.cards import Card, card_png, cards_pdf, check_cards
from saleor_loyalty_app.printing.typesetting import CannotPrint

FORMATS = ("a6", "a7", "postcard", "folded", "four_on_a4")
ORIENTATIONS = ("portrait", "landscape")
SCRIPTS = {
    "latin": ("cs", "Milá paní Žluťoučká,\n\nčaj už je na cestě. Łódź, København, Düsseldorf, Győr, Reykjavík!"),
    "cyrillic": ("uk", "Дорога Оксано,\n\nВаш улюблений чай уже в дорозі. Їжте, ґречно пийте й будьте щасливі!"),
    "greek": ("el", "Αγαπητή Ελένη,\n\nτο τσάι σας είναι ήδη στον δρόμο. Σας ευχαριστούμε θερμά, ωραία μέρα!"),
    "vietnamese": (
        "vi",
        "Chị Hương thân mến,\n\ncảm ơn chị rất nhiều! Trà của chị đang trên đường, chúc buổi sáng tốt lành.",
    ),
    "arabic": ("ar", "عزيزتي مريم،\n\nشكراً جزيلاً لك! طلبك رقم 10 في الطريق، ومعه كيس صغير من الخزامى."),
    "hebrew": ("he", "מרים היקרה,\n\nתודה רבה! ההזמנה ה־10 שלך כבר בדרך, ואיתה שקיק קטן של לבנדר."),
    "devanagari": ("hi", "प्रिय मरियम,\n\nआपका बहुत-बहुत धन्यवाद! आपकी चाय रास्ते में है। क्षत्रिय, ज्ञान, श्रृंगार।"),
    "chinese": ("zh-CN", "亲爱的李女士：\n\n非常感谢您的第十次订购！茶已经在路上了，还有一小袋薰衣草。"),
    "taiwanese": ("zh-Hant", "親愛的李小姐：\n\n非常感謝您的第十次訂購！茶已經在路上了，還有一小袋薰衣草。"),
    "japanese": ("ja", "鈴木様\n\nいつもありがとうございます。十回目のご注文です。ラベンダーの小袋を添えました。"),
    "korean": ("ko", "김민지 님께,\n\n열 번째 주문 정말 감사합니다! 작은 라벤더 주머니를 함께 넣었습니다."),
    "emoji": ("en", "Dear Kim,\n\ntea is on its way 🎉☕ with love ❤️ from 👩‍👩‍👧‍👦 and 🇩🇪, thumbs up 👍🏽 1️⃣ ✓ ♡"),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("card_format", FORMATS)
def test_each_format_looks_as_it_should(card_format: str, orientation: str) -> None:
    look = make_look(card_format=card_format, orientation=orientation, paper="#fffaf0", pictures=True)
    pdf = cards_pdf([make_card()], look)
    for page in range(pages_of(pdf)):
        assert_looks_like(pdf, f"card-{card_format}-{orientation}" + ("-inside" if page else ""), page=page)
    assert_reads(pdf, make_card())


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_is_set_and_read_back(script: str) -> None:
    language, text = SCRIPTS[script]
    card = make_card(text=text, language=language, sign_off="", sender="")
    assert check_cards([card], make_look()) == ()
    pdf = cards_pdf([card], make_look())
    assert_looks_like(pdf, f"card-script-{script}")
    if script not in {"arabic", "hebrew", "devanagari", "emoji"}:
        assert_reads(pdf, card)
    else:  # what is drawn in other than the written order is read back letter by letter
        wanted, read = set(SCRIPTS[script][1]), set(text_of(pdf))
        assert len({one for one in wanted if one.isalpha()} - read) <= len(wanted) / 4


@pytest.mark.parametrize("font", ["caveat", "kalam", "patrick-hand", "noto-serif", "noto-sans"])
def test_each_font_looks_as_it_should(font: str) -> None:
    pdf = cards_pdf([make_card()], make_look(font=font))
    assert_looks_like(pdf, f"card-font-{font}")
    assert_reads(pdf, make_card())


@pytest.mark.parametrize(
    ("card_format", "orientation", "sizes"),
    [
        ("a6", "portrait", [(105, 148)]),
        ("a6", "landscape", [(148, 105)]),
        ("a7", "portrait", [(74, 105)]),
        ("postcard", "landscape", [(148, 105)]),
        ("folded", "portrait", [(210, 148)] * 2),
        ("folded", "landscape", [(148, 210)] * 2),
        ("four_on_a4", "portrait", [(210, 297)]),
        ("four_on_a4", "landscape", [(297, 210)]),
    ],
)
def test_pages_have_the_size_of_their_format(card_format: str, orientation: str, sizes: list[tuple[int, int]]) -> None:
    assert sizes_of(cards_pdf([make_card()], make_look(card_format=card_format, orientation=orientation))) == sizes


def test_crop_marks_come_with_bleed_and_boxes_that_say_so() -> None:
    pdf = cards_pdf([make_card()], make_look(crop_marks=True, pictures=True, motif_shows=100))
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    millimetres = [
        [round(float(one) / 72 * 25.4) for one in box] for box in (page.mediabox, page.bleedbox, page.trimbox)
    ]
    assert millimetres == [[0, 0, 164, 121], [5, 5, 159, 116], [8, 8, 156, 113]]
    assert_looks_like(pdf, "card-crop-marks")


def test_a_folded_card_with_crop_marks_shows_where_to_fold() -> None:
    assert_looks_like(cards_pdf([make_card()], make_look(card_format="folded", crop_marks=True)), "card-fold-marks")


def test_five_cards_take_two_sheets_of_four() -> None:
    pdf = cards_pdf([make_card(text=f"Number {i}") for i in range(5)], make_look(card_format="four_on_a4"))
    assert pages_of(pdf) == 2
    assert re.findall(r"Number \d", text_of(pdf)) == [f"Number {i}" for i in range(5)]


def test_a_card_from_right_to_left_is_mirrored_as_a_whole() -> None:
    card = make_card(text=SCRIPTS["arabic"][1], language="ar", sign_off="مع أطيب التحيات", sender="مريم")
    assert_looks_like(cards_pdf([card], make_look(pictures=True)), "card-mirrored")


def test_words_on_a_strong_motif_stand_on_a_lighter_ground() -> None:
    assert_looks_like(cards_pdf([make_card()], make_look(pictures=True, motif_shows=90)), "card-strong-motif")


def test_a_longer_text_is_set_smaller() -> None:
    assert letter_height(TEXT) > letter_height(TEXT * 2) > 0


def test_a_text_that_fits_in_no_size_is_refused_by_name_and_never_cut_off() -> None:
    cards = [make_card(code="BR-1"), make_card(code="BR-2", text=TEXT * 9), make_card(code="BR-3", text=TEXT * 5)]
    problems = check_cards(cards, make_look())
    assert [(one.code, one.why) for one in problems] == [
        ("BR-2", PrintTrouble.TOO_LONG),
        ("BR-3", PrintTrouble.TOO_LONG),
    ]
    with pytest.raises(CannotPrint) as refused:
        cards_pdf(cards, make_look())
    assert refused.value.problems == problems
    with pytest.raises(CannotPrint):
        card_png(cards[1], make_look())


def test_missing_letters_are_named_before_anything_is_printed() -> None:
    (problem,) = check_cards([make_card(text="ขอบคุณ, dear")], make_look())
    assert (problem.code, problem.why, problem.detail) == (
        "BR-7K2Q",
        PrintTrouble.MISSING_LETTERS,
        "ข อ บ คุ ณ",
    )
    assert "ข อ บ" in problem.said("de")
    with pytest.raises(CannotPrint):
        cards_pdf([make_card(text="ขอบคุณ, dear")], make_look())


def test_a_card_without_words_is_named() -> None:
    (problem,) = check_cards([make_card(text=" \n ")], make_look())
    assert problem.why is PrintTrouble.NO_TEXT


@pytest.mark.parametrize(
    "text",
    [
        '#import "x.typ"', "#panic()", '#read("data.json")', "$ x^2 $ \\ \\u{41} `raw` ```typ #x```",
        "= Head\n- item\n+ one\n/ a: b",
        "*bold* _it_ @ref <label> // gone /* gone */", '"); #let x = (',
        "{{code}} %(name)s {0}", "~ -- --- ... 'a' \"b\"",
    ],
)  # fmt: skip
def test_what_a_person_writes_is_never_read_as_typst(text: str) -> None:
    pdf = cards_pdf(
        [make_card(text=text, sign_off=text[:60], sender="#x", language='"#x')], make_look(font="noto-sans")
    )
    assert squeezed(text) in squeezed(text_of(pdf))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000, "#" * 1_900, "a" * 600, "a\u0301\u0323" * 300, "👩‍👩‍👧‍👦" * 60,
        "\u00ad" * 1_900 + "a", "\u202e abc \u202d",
        "(" * 400, "ab " * 600, "\n" * 1_900 + "a",
        "\ud800 broken", "abcdefghijklmnop" * 30 + " " + "aaaaaaaaaaaaaaa " * 60,
    ],
    ids=range(12),
)  # fmt: skip
def test_hostile_words_are_set_or_refused_in_time(text: str) -> None:
    look = make_look(card_format="a7")
    problems = check_cards([make_card(text=text)], look)
    assert {problem.code for problem in problems} <= {"BR-7K2Q"}
    if not problems:
        assert cards_pdf([make_card(text=text)], look).startswith(b"%PDF")


@pytest.mark.parametrize(
    "word", ["Donaudampfschifffahrtsgesellschaftskapitänsmütze", "https://x.example/" + "abc123" * 12]
)
def test_a_word_wider_than_its_line_is_broken_not_cut_off(word: str) -> None:
    pdf = cards_pdf([make_card(text=f"Oh {word} oh", sign_off="", sender="")], make_look(card_format="a7"))
    page = pypdfium2.PdfDocument(pdf)[0]
    text = page.get_textpage()
    rights = [text.get_charbox(i)[2] for i in range(text.count_chars())]
    assert max(rights) <= page.get_width() - 6 / 25.4 * 72
    assert squeezed(word) in squeezed(text_of(pdf)).replace("-", "")


def test_a_long_german_word_is_hyphenated_and_short_ones_are_not() -> None:
    pdf = cards_pdf(
        [make_card(text="Wir " * 9 + "Überraschungspäckchen " * 3)], make_look(card_format="a7", orientation="portrait")
    )
    assert "Überraschungspäckchen" in re.sub(r"-?\n", "", text_of(pdf))


def test_words_run_as_they_are_written_whatever_the_language_says() -> None:
    arabic = cards_module._from_right("شكراً مريم", "en")
    latin = cards_module._from_right("Thank you", "ar")
    signs = cards_module._from_right("123!", "he")
    assert (arabic, latin, signs) == (True, False, True)


def test_a_batch_is_set_in_chunks_and_keeps_its_order_and_its_pictures_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards_module, "CHUNK", 3)
    cards = [make_card(code=f"BR-{i}", text=f"Number {i}") for i in range(8)]
    look = make_look(pictures=True)
    pdf = cards_pdf(cards, look, title="Karten")
    one = cards_pdf(cards[:3], look)
    assert re.findall(r"Number \d", text_of(pdf)) == [f"Number {i}" for i in range(8)]
    assert len(pictures_in(pdf)) == len(pictures_in(one))


def test_a_pdf_tells_title_and_language_and_nothing_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards_module, "CHUNK", 2)
    for count in (1, 3):
        read = PdfReader(io.BytesIO(cards_pdf([make_card()] * count, make_look(), title="Karten")))
        assert (read.metadata or {}).get("/Title") == "Karten"
        assert read.root_object["/Lang"] == "de"
        known = " ".join(map(str, (read.metadata or {}).values())) + str(
            read.xmp_metadata and read.xmp_metadata.stream.get_data()
        )
        assert "Maria" not in known
        assert "Özdemir" not in known
        assert "BR-7K2Q" not in known


def test_fonts_are_embedded() -> None:
    read = PdfReader(io.BytesIO(cards_pdf([make_card()], make_look())))
    fonts = [font.get_object() for font in read.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        (inner,) = font["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & inner.get_object()["/FontDescriptor"].get_object().keys()


def test_a_proof_is_one_card_also_of_four_on_a_sheet_and_of_a_folded_one_its_inside() -> None:
    assert_looks_like(card_png(make_card(), make_look(card_format="four_on_a4")), "proof-four")
    assert_looks_like(card_png(make_card(), make_look(card_format="folded", pictures=True)), "proof-inside")
    assert_looks_like(
        card_png(make_card(), make_look(card_format="folded", pictures=True), outside=True), "proof-outside"
    )


def assert_reads(pdf: bytes, card: Card) -> None:
    read = squeezed(text_of(pdf))
    for words in (card.text, card.sign_off, card.sender):
        assert squeezed(words) in read


def squeezed(text: str) -> str:
    """Without what a line break takes away or puts in."""
    return re.sub(r"[\s\u00ad\u200b\ufffe\u0002]", "", text)


def letter_height(text: str) -> float:
    page = pypdfium2.PdfDocument(cards_pdf([make_card(text=text)], make_look()))[0].get_textpage()
    _left, bottom, _right, top = page.get_charbox(0)
    return top - bottom


def pictures_in(pdf: bytes) -> set[int]:
    read = PdfReader(io.BytesIO(pdf))
    return {
        reference.idnum
        for page in read.pages
        for reference in (page["/Resources"].get("/XObject") or {}).values()  # type: ignore[attr-defined]
    }
