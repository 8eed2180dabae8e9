"""Forms of the program: every field of the rules has one, what is typed is understood, nothing is lost on the way."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, g
from panel_house import House
from werkzeug.datastructures import MultiDict

from saleor_loyalty_app.domain import program as rules
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.web.program_forms import PART_FORMS, Reader
from saleor_loyalty_app.web.program_values import Shown, chance

STARTER = package_text("starter_program.toml")


class Fields(HTMLParser):
    """What a browser would send of the form `part-form`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self._inside, self._area, self._select = False, "", ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        has = {name for name, _ in attributes}
        if tag == "form":
            self._inside = values.get("id") == "part-form"
        if not (self._inside and values.get("form", "part-form") == "part-form"):
            return
        name = values.get("name", "")
        if name and tag in {"input", "select", "textarea"}:
            self.names.add(name)
        if tag == "input" and name and (values.get("type") not in {"checkbox", "radio"} or "checked" in has):
            self.sent.append((name, values.get("value", "")))
        elif tag == "textarea":
            self._area = name
            self.sent.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has and self._select:
            self.sent.append((self._select, values.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[-1] = (self._area, self.sent[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            name, text = self.sent[-1]
            self.sent[-1], self._area = (name, text.removeprefix("\n")), ""
        elif tag == "select":
            self._select = ""


def fields_of(page: str) -> Fields:
    fields = Fields()
    fields.feed(page)
    return fields


@pytest.fixture
def house(app: App) -> House:
    house = House(app, toml=STARTER)
    house.post("/panel/program/edit")
    return house


def draft_text(house: House) -> str:
    with house.app.database.read() as db:
        draft = draft_of(db, house.shop.id)
    assert draft is not None
    return draft.toml


# ---- Nothing is out of reach


PARTS = {"sender", "tiers", "extras", "surprises", "notes", "budget", "moments", "delivery", "packing"}
"""Fields of the program that are parts with a form of their own."""


def test_every_field_of_the_rules_is_read_by_a_form() -> None:
    for kind, form in PART_FORMS.items():
        own = set(form.model.model_fields) - (PARTS if kind == "shop" else set())
        assert set(form.readers) == own, kind
    assert PART_FORMS.keys() == PARTS | {"shop"}


ADDRESSES = {
    "shop": "shop", "sender": "sender", "budget": "budget", "moments": "moments", "packing": "packing",
    "tiers": "new/tiers", "extras": "new/extras", "surprises": "new/surprises", "notes": "new/notes",
}  # fmt: skip
CONDITION = {"spend", "orders", "needs", "window.kind", "window.days"}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_every_field_that_is_read_has_an_input(house: House, kind: str) -> None:
    names = fields_of(house.get(f"/panel/program/edit/{ADDRESSES[kind]}").text).names
    outer = {name.partition(".")[0] for name in names}
    missing = set(PART_FORMS[kind].readers) - outer
    assert missing <= ({"channels"} if kind == "extras" else set())  # comes with the shop's channels
    if kind == "tiers":
        assert {f"{which}.{name}" for which in ("enter", "keep") for name in CONDITION} <= names
        assert {re.sub(r"\.", "_", name) for name in CONDITION} == {
            "spend", "orders", "needs", *(f"window_{name}" for name in rules.Window.model_fields)
        }  # fmt: skip


def parts_of(house: House) -> Iterator[str]:
    yield from ("shop", "sender", "budget", "moments", "packing")
    overview = house.get("/panel/program/edit").text
    yield from sorted(
        set(re.findall(r'hx-get="/panel/program/edit/((?:tiers|extras|surprises|notes)/[^"]+)"', overview))
    )


@pytest.mark.parametrize("locale", ["en", "de"])
def test_saving_a_form_as_it_is_changes_nothing(house: House, locale: str) -> None:
    before = draft_text(house)
    parts = list(parts_of(house))
    assert len(parts) > 40
    for part in parts:
        page = house.get(f"/panel/program/edit/{part}", locale=locale)
        answer = house.post(f"/panel/program/edit/{part}", MultiDict(fields_of(page.text).sent), locale=locale)
        assert answer.status_code == 200, part
        assert draft_text(house) == before, part


# ---- What is typed


def read(reader: Reader, values: dict[str, Any], locale: str = "en") -> object:
    with Flask("x").test_request_context():
        g.locale = locale
        return reader(MultiDict(values), "x")


def reader(kind: str, name: str) -> Reader:
    return PART_FORMS[kind].readers[name]


@pytest.mark.parametrize(
    ("typed", "locale", "kept"),
    [
        ("12.50", "en", "12.50"),
        ("12,50", "en", "12.50"),
        ("12,50", "de", "12.50"),
        ("12.50", "de", "12.50"),
        ("1,234.50", "en", "1234.50"),
        ("1.234,50", "de", "1234.50"),
        ("1.234", "de", "1234"),
        ("1.234", "en", "1.234"),
        ("1 234,5", "de", "1234.5"),
        (" 7 ", "en", "7"),
        ("seven", "en", "seven"),
        ("-3", "en", "-3"),
        ("", "en", None),
    ],
)
def test_amounts_are_read_as_the_viewers_language_writes_them(typed: str, locale: str, kept: str | None) -> None:
    assert read(reader("extras", "cost"), {"x": typed}, locale) == kept


@pytest.mark.parametrize(
    ("kind", "name", "values", "kept"),
    [
        ("surprises", "chance", {"x": "25"}, 0.25),
        ("surprises", "chance", {"x": "12,5 %"}, 0.125),
        ("surprises", "chance", {"x": "often"}, "often"),
        ("tiers", "grace_days", {"x": "30"}, 30),
        ("tiers", "grace_days", {"x": "a month"}, "a month"),
        ("tiers", "grace_days", {"x": ""}, None),
        ("extras", "best_before", {"x": "2027-03-31"}, date(2027, 3, 31)),
        ("extras", "best_before", {"x": "soon"}, "soon"),
        ("extras", "not_to", {"x": "Australia, NZ; gb, Atlantis"}, ["AU", "NZ", "GB", "ATLANTIS"]),
        ("shop", "languages", {"x": "German, en"}, ["de", "en"]),
        ("extras", "suits", {"x": "tea, , tea,books"}, ["tea", "books"]),
        ("moments", "nth_orders", {"x": "5, 10, many"}, [5, 10, "many"]),
        ("moments", "nth_orders", {"x": ""}, []),
        ("tiers", "name", {"x.de": "Gold", "x.en": " ", "x.<b>": "y"}, {"de": "Gold"}),
        ("shop", "gift_cards_count", {}, False),
        ("shop", "gift_cards_count", {"x": "yes"}, True),
        ("tiers", "keep", {"x.own": "no", "x.spend": "5"}, None),
        ("tiers", "keep", {"x.own": "yes", "x.spend": "5", "x.window.kind": "lifetime", "x.window.days": "9"},
         {"spend": "5", "window": {"kind": "lifetime"}}),
    ],
)  # fmt: skip
def test_what_can_not_be_understood_is_kept_as_it_was_typed(
    kind: str, name: str, values: dict[str, str], kept: object
) -> None:
    assert read(reader(kind, name), values) == kept


def test_rows_keep_their_languages_together() -> None:
    form = MultiDict([("x.de", "a"), ("x.de", ""), ("x.de", "c"), ("x.en", ""), ("x.en", ""), ("x.en", "C")])
    with Flask("x").test_request_context():
        assert reader("tiers", "services")(form, "x") == [{"de": "a"}, {"de": "c", "en": "C"}]
    form = MultiDict([("x.code", "chf"), ("x.rate", "1,05"), ("x.code", ""), ("x.rate", "3")])
    with Flask("x").test_request_context():
        assert reader("shop", "rates")(form, "x") == {"CHF": "1.05"}


# ---- What is shown


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (0, "never", "nie"),
        (1.0, "always", "immer"),
        (0.25, "1 in 4 (25%)", "1 von 4 (25 %)"),
        (0.33, "1 in 3 (33%)", "1 von 3 (33 %)"),
        (0.8, "4 in 5 (80%)", "4 von 5 (80 %)"),
        (0.15, "15%", "15 %"),
        (0.001, "0.1%", "0,1 %"),
        ("rubbish", "rubbish", "rubbish"),
        (None, "", ""),
    ],
)
def test_a_chance_is_said_in_small_numbers(value: object, english: str, german: str) -> None:
    for locale, said in (("en", english), ("de", german)):
        with Flask("x").test_request_context():
            g.locale = locale
            assert chance(value).replace("\u00a0", " ").replace("\u202f", " ") == said


def test_whatever_shape_a_draft_has_it_is_shown() -> None:
    shown = Shown(
        path=(), values={"name": 5, "list": "no", "cost": Decimal("1.50"), "share": "x", "rates": [], "t": {}}
    )
    with Flask("x").test_request_context():
        g.locale = "de"
        assert shown.get("name.de") is None
        assert shown.text("name") == "5"
        assert shown.several("list") == []
        assert shown.listed("list") == "no"
        assert shown.amount("cost") == "1,50"
        assert shown.percent("share") == "x"
        assert shown.rates("rates") == [("", ""), ("", "")]
        assert shown.rows("t") == [{}, {}]
        assert shown.countries("nothing") == ""
