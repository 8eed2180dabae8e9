"""A name is found however it is written: in small or capital letters, with or without its accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_loyalty_app.domain.search_keys import LONGEST_KEY, key_span, search_key

NAMES = {
    "plain": ("Anna", "anna"),
    "sharp s": ("Weiß", "weiss"),
    "capital sharp s": ("WEIẞ", "weiss"),
    "umlaut": ("Müller", "muller"),
    "umlaut in two characters": ("Mu\u0308ller", "muller"),
    "stroke through l": ("Łęcka-Żółw", "lecka zolw"),
    "Turkish capital I with a dot": ("İpek", "ipek"),
    "Turkish small i without a dot": ("Işık", "isik"),
    "dotless": ("Yıldız", "yildiz"),
    "Vietnamese": ("Nguyễn Thị Đặng", "nguyen thi dang"),
    "Norse": ("Søren Þór Ægir", "soren thor aegir"),
    "Chinese": ("田中", "田中"),
    "Korean": ("김민준", "김민준"),
    "wide letters": ("Ａｎｎａ", "anna"),
    "Cyrillic": ("Андрей", "андреи"),
    "Greek": ("Ελένη", "ελενη"),
    "apostrophe": ("O\u2019Hara", "ohara"),
    "punctuation and spaces": ("  van  der\tBerg-Smith, jr. ", "van der berg smith jr"),
    "nothing to search by": ("-- % _ \x00", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("name", "key"), NAMES.values(), ids=NAMES)
def test_a_name_has_a_key(name: str, key: str) -> None:
    assert search_key(name) == key


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


@given(st.text(max_size=300))
def test_a_key_fits_into_its_column_on_one_line(name: str) -> None:
    key = search_key(name)
    assert len(key) <= LONGEST_KEY
    assert key.isprintable()
    assert "  " not in key


@pytest.mark.parametrize("name", [name for name, _ in NAMES.values() if search_key(name)])
def test_what_is_typed_of_a_name_so_far_begins_its_key(name: str) -> None:
    for typed in range(1, len(name) + 1):
        assert search_key(name).startswith(search_key(name[:typed]))


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_span_holds_exactly_what_begins_so(beginning: str, name: str) -> None:
    start, end = key_span(search_key(beginning))
    key = search_key(name)
    assert (start <= key < end) == key.startswith(start)
