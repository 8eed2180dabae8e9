"""What went wrong, and how things are, can be said in each language, now or from what was kept."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.saying import Saying, counted, said
from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.saleor.refusals import ASKED

CATALOGUES = ("trouble.po", "health.po")
KEYWORDS = {"Saying": None, "mark": None, "counted": (1, 2)}
Words = str | tuple[str, ...]


def marked() -> Iterator[Words]:
    """Every saying of the app's code: what is raised at the shop's door, kept about work, found about its health."""
    package = project_path("saleor_loyalty_app")
    places = (
        *package.glob("saleor/*.py"),
        *package.glob("services/*.py"),
        package / "engine.py",
        package / "store/erase.py",
    )
    for file in places:
        if "domain.saying import" in file.read_text():
            yield from (words for _, words, _, _ in extract_from_file("python", str(file), keywords=KEYWORDS))


MARKED = sorted(set(marked()), key=str)


def placeholders(words: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", words))


@pytest.mark.parametrize("words", MARKED, ids=lambda words: str(words)[:50])
def test_everything_is_said_in_german_with_the_same_placeholders(words: Words) -> None:
    both = (words,) if isinstance(words, str) else words
    for count, english in enumerate(both, 1):
        german = translations("de").ngettext(*words, count) if len(both) > 1 else translations("de").gettext(english)
        assert german != english
        assert placeholders(german) == placeholders(english)


def test_the_catalogues_hold_exactly_what_is_said() -> None:
    known = []
    for file in CATALOGUES:
        with project_path(f"saleor_loyalty_app/locale/de/{file}").open("rb") as opened:
            known += [message.id for message in read_po(opened) if message.id]
    assert sorted(known, key=str) == MARKED


def test_each_operation_is_named_when_the_shop_refuses_it() -> None:
    operations = {file.stem for file in project_path("graphql").glob("*.graphql")} - {"OrderFacts"}
    assert operations == ASKED.keys()


def test_what_was_kept_is_said_in_each_language() -> None:
    kept = Denied(ASKED["TellShop"], "you need one of the following permissions: MANAGE_ORDERS").saying.kept()
    assert said(kept, "en") == (
        "The shop refused the packing note: Best Regards lacks the permission “Manage orders”. Give it back in "
        "the dashboard under Extensions, then try again."
    )
    assert said(kept, "de-AT") == (
        "Der Shop hat den Packhinweis abgelehnt: Best Regards fehlt die Berechtigung „Manage orders“. "
        "Erteilen Sie sie im Dashboard unter „Extensions“ wieder, und versuchen Sie es dann noch einmal."
    )


OLD_OR_BROKEN = {
    "plain words of an earlier version": "The shop could not be reached.",
    "nothing": "",
    "cut off": '{"say": "The shop',
    "no values": '{"say": "x"}',
    "a value of another kind": '{"say": "x %(y)s", "many": "", "with": {"y": {"z": 1}}}',
    "values that are no values": '{"say": "x", "many": "", "with": [1]}',
    "a percentage": "100 % of the lines",
}


@pytest.mark.parametrize("text", OLD_OR_BROKEN.values(), ids=OLD_OR_BROKEN)
def test_what_is_no_saying_is_said_as_it_stands(text: str) -> None:
    assert said(text, "de") == text


def test_nothing_kept_is_nothing_said() -> None:
    assert not said(None, "de")


def test_a_value_may_look_like_anything() -> None:
    saying = Saying("The shop says: %(message)s", message="100 % of %(what)s {say}")
    assert str(saying) == "The shop says: 100 % of %(what)s {say}"
    assert said(saying.kept(), "en") == str(saying)


def test_numbers_and_times_are_written_as_people_write_them() -> None:
    at = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
    saying = counted("%(number)s order since %(at)s", "%(number)s orders since %(at)s", 1200, at=at)
    assert saying.said("en") == "1,200 orders since 22 November 2026, 07:05"
    assert saying.said("de", ZoneInfo("Europe/Berlin")) == "1.200 orders since 22. November 2026, 08:05"
    assert said(saying.kept(), "en") == saying.said("en")


def test_an_error_reads_as_english_in_logs() -> None:
    error = TryAgain(Saying("It is %(what)s.", what=Saying("broken")), wait_seconds=3)
    assert str(error) == "It is broken."
