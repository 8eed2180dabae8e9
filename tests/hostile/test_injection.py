"""Whatever people call themselves, their things, their notes and their files: it is shown as it is and does nothing."""

import io
import json
import re
from html.parser import HTMLParser

import pytest
from factories import SHOP_URL
from PIL import Image, PngImagePlugin
from two_shops import Furnished, a_picture, address_of, form_with, guarded_rules

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_picture import NotAPicture, small_webp
from saleor_loyalty_app.services.keep_stationery import print_png

MARK = """<i id=taken>{{7777*7777}}%(x)s'\""""
ENDING = "<svg onload=taken()>{% raise %}${7777*7777}\r\nTaken: yes"


class Elements(HTMLParser):
    """What a browser would make of an answer: its elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))


@pytest.fixture
def hostile(empty_app: App, wire: object) -> Furnished:
    """A shop in which every word is hostile: its name, its program, its customers, its notes."""
    shop = Furnished(empty_app, MARK, SHOP_URL, "shop", "QXBwOjg=", 1, ENDING)
    shop.has_trouble()
    return shop


def test_hostile_words_are_shown_on_every_page_and_obeyed_on_none(hostile: Furnished) -> None:
    shown = 0
    rules = guarded_rules(hostile.client.application)
    for rule, method in sorted(rules, key=lambda each: each[1]):  # first everything is looked at, then changed
        path = address_of(rule, {**hostile.ids, "name": "x", "warehouse": "x"})
        answer = hostile.client.open(
            path,
            method=method,
            headers=hostile.headers(),
            data={**form_with(hostile.ids), "text": MARK + ENDING},
        )
        assert "Taken" not in answer.headers, path
        if answer.mimetype != "text/html":
            continue
        shown += "taken" in answer.text
        elements = Elements()
        elements.feed(answer.text)
        assert not [tag for tag, names in elements.found if "onload" in names or (tag == "i" and "id" in names)], path
        assert "60481729" not in answer.text, path
        for name, value in answer.headers:
            assert "\r" not in name + value, path
            assert "\n" not in name + value, path
    assert shown > 15


def test_a_file_has_a_name_of_our_own_and_is_never_a_page(hostile: Furnished) -> None:
    """There is no table of any kind to download: the one format is JSON, in which nothing is calculated."""
    ids = hostile.ids
    files = [f"/panel/customers/{ids['customer_id']}/data/file", "/panel/program/export", "/panel/print/outlines"]
    for path in files:
        answer = hostile.client.post(
            path, headers=hostile.headers(), data={"version": "1", "label_sheet": MARK, "sheet": MARK}
        )
        if answer.status_code == 200:
            name = answer.headers["Content-Disposition"]
            assert re.fullmatch(
                r'attachment; filename="best-regards-[\w-]+\.(json|pdf)"|attachment; filename="program-[\w-]+\.toml"',
                name,
            )
            assert answer.mimetype in {"application/json", "application/toml", "application/pdf"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    data = json.loads(hostile.client.post(files[0], headers=hostile.headers()).text)
    assert MARK in json.dumps(data, ensure_ascii=False).replace("\\r\\n", "\r\n").replace('\\"', '"')


def test_what_is_searched_for_is_no_part_of_a_query(ours: Furnished) -> None:
    for typed in (
        "%",
        "_",
        "' OR 1=1 --",
        '"',
        "\\",
        "%' ESCAPE '!",
        "Ours-First1' AND '1'='1",
        "; DROP TABLE customers",
    ):
        for path in ("/panel/customers", "/panel/parcels"):
            answer = ours.client.post(path, headers=ours.headers(), data={"search": typed})
            assert answer.status_code == 200
            assert "Ours-Last1" not in answer.text, f"{typed} found somebody"
    assert (
        "Ours-Last1"
        in ours.client.post("/panel/customers", headers=ours.headers(), data={"search": "ours-first1"}).text
    )


OUTSIDE = (
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/secret.key",
    "../panel/../../pyproject.toml",
    "....//secret.key",
    "%00",
    "C:%5cwindows",
    "/etc/passwd",
    "..%5c..%5csecret.key",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_the_static_files(ours: Furnished, path: str) -> None:
    with ours.client.get(f"/static/{path}") as answer:
        leads_to = answer.headers.get("Location", "/static/")  # two slashes are read as one
        assert answer.status_code in {400, 404, 308}
        assert leads_to.removeprefix("http://localhost").startswith("/static/")
        assert "root:" not in answer.text


# ---- Uploads


def _with_words(words: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", words)
    info.add_text("More", words * 50, zip=True)
    written = io.BytesIO()
    Image.new("RGB", (300, 300)).save(written, "PNG", pnginfo=info, icc_profile=words.encode(), exif=Image.Exif())
    return written.getvalue()


POLYGLOTS = {
    "a page behind a picture": a_picture("GIF") + b"<script>taken()</script>",
    "an archive behind a picture": a_picture("PNG") + b"PK\x03\x04taken",
    "a page behind a photograph": a_picture("JPEG") + b"<?php taken ?>",
    "words within a picture": _with_words("<script>taken()</script>"),
}


@pytest.mark.parametrize("data", POLYGLOTS.values(), ids=POLYGLOTS)
def test_of_a_picture_only_its_pixels_are_kept(data: bytes) -> None:
    for made in (small_webp(data), print_png(data, 500)):
        assert b"taken" not in made
        with Image.open(io.BytesIO(made)) as kept:
            assert kept.info.keys() <= {"loop", "background", "timestamp", "duration"}


NO_PICTURES = {
    "a drawing": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>taken()</script></svg>',
    "an entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file",
    "a PDF": b"%PDF-1.7\n1 0 obj",
    "a page": b"<!DOCTYPE html><script>taken()</script>",
    "TIFF": a_picture("TIFF"),
    "an icon": a_picture("ICO"),
    "sides beyond all measure": b"GIF89a" + b"\xff\xff\xff\xff" + b"\x00" * 20,
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_common_picture_is_not_even_tried(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        small_webp(data)
