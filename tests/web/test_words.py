"""Every word of the panel, the widgets and the public pages is there in German, with the same things filled in."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.files import project_path

Words = str | tuple[str, ...]


def marked() -> Iterator[Words]:
    """What templates and views mark for the catalogue."""
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}}
    templates = str(project_path("templates"))
    found = extract_from_dir(templates, method_map=[("**.html", "jinja2")], options_map=options)
    yield from (words for _, _, words, _, _ in found)
    views = str(project_path("saleor_loyalty_app/web"))
    keywords = {"gettext": None, "mark": None, "ngettext": (1, 2)}
    yield from (
        words for _, _, words, _, _ in extract_from_dir(views, method_map=[("**.py", "python")], keywords=keywords)
    )


MARKED = sorted(set(marked()), key=str)


def catalogue(file: str) -> Catalog:
    with project_path(f"saleor_loyalty_app/locale/de/{file}").open("rb") as opened:
        return read_po(opened)


def placeholders(words: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", words))


@pytest.mark.parametrize("words", MARKED, ids=lambda words: str(words)[:40])
def test_everything_is_said_in_german_with_the_same_placeholders(words: Words) -> None:
    german = translations("de")
    if isinstance(words, str):
        said = {words: german.gettext(words)}
    else:
        said = {one: german.ngettext(*words, count) for count, one in enumerate(words, 1)}
    for english, in_german in said.items():
        assert in_german
        assert placeholders(in_german) == placeholders(english)


def test_the_catalogue_holds_exactly_what_is_said() -> None:
    files = sorted(path.name for path in project_path("saleor_loyalty_app/locale/de").glob("panel*.po"))
    known = [message for file in files for message in catalogue(file) if message.id]
    assert {message.id for message in known} == set(MARKED)
    assert len(known) == len(set(MARKED))  # each word stands in one file
    assert all(all(message.string) if message.pluralizable else message.string for message in known)
