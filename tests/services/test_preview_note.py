"""A template is shown as a real order's customer would read it."""

from typing import Any

import pytest
from factories import program_toml
from orders_made import Orders

from saleor_loyalty_app.domain.program import read_program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.preview_note import NotePreview, preview_note, recent_orders
from saleor_loyalty_app.store.shops import Shop

PROGRAM = read_program(program_toml(languages=["en", "de"]))


@pytest.fixture
def made(app: App, shop: Shop) -> Orders:
    return Orders(app, shop)


def preview(made: Orders, text: str, *, language: str = "en", **wanted: Any) -> NotePreview:
    return preview_note(made.app, made.shop, PROGRAM, text=text, language=language, **wanted)


def written(shown: NotePreview) -> str:
    return "".join(f"[{part.text}]" if part.is_missing else part.text for part in shown.parts)


def test_it_is_filled_in_with_the_newest_order(made: Orders) -> None:
    made.bought(first_name="Anna", days_ago=3)
    made.bought(2, first_name="Bea")
    shown = preview(made, "{{ greeting }} your {{ nth }} order.{% if extra %} With a {{ extra }}.{% endif %}")
    assert written(shown) == "Dear Bea, your 1st order. With a bookmark."
    assert [(part.text, part.field) for part in shown.parts if part.field] == [
        ("Dear Bea,", "greeting"), ("1st", "nth"), ("bookmark", "extra")
    ]  # fmt: skip
    assert (shown.order_number, shown.missing, shown.problems, shown.fits) == ("2", (), [], True)
    assert shown.without_name == "Hello, your 1st order."


def test_what_is_missing_is_marked_in_its_place(made: Orders) -> None:
    made.bought(first_name="")
    shown = preview(made, "Dear {{ name | upper }}, we like {{ usual }}{% if years %}{{ years }}{% endif %}.")
    assert written(shown) == "Dear [name], we like [usual]."
    assert shown.missing == ("name", "usual", "years")
    assert shown.without_name is None


def test_an_order_that_the_note_is_for_is_taken_first(made: Orders) -> None:
    made.bought(1, days_ago=2)
    made.bought(1, days_ago=1)
    shown = preview(made, "Hi {{ name }}", note_moments=["first_order"])
    assert (shown.order_number, shown.fits) == ("1", True)
    shown = preview(made, "Hi {{ name }}", note_tiers=["gold"])
    assert (shown.order_number, shown.fits) == ("2", False)


def test_any_order_can_be_chosen_and_no_strangers(made: Orders) -> None:
    first = made.bought(1, days_ago=2)
    made.bought(2, first_name="Bea")
    assert preview(made, "Hi", parcel_code=first.code).order_number == "1"
    assert preview(made, "Hi", parcel_code="BR-UNKNOWN").order_number == "2"
    with made.app.database.read() as db:
        listed = recent_orders(db, made.shop, limit=1)
    assert [(one.order_number, one.customer_name, one.moment) for one in listed] == [("2", "Bea Nguyen", "first_order")]


def test_each_language_has_its_own_words(made: Orders) -> None:
    made.bought()
    assert written(preview(made, "{{ greeting }} {{ reason }}", language="de")) == "Hallo Anna, zur ersten Bestellung"


def test_before_the_first_order_a_made_up_regular_stands_in(made: Orders) -> None:
    shown = preview(made, "{{ greeting }} {{ tier }} {{ extra }} {{ years }}", note_moments=["anniversary"])
    assert (written(shown), shown.order_number) == ("Dear Anna, Gold bookmark 2", None)


@pytest.mark.parametrize(
    "text", ["{{ broken", "{% for i in name %}{% endfor %}", "{{ 9 ** 9 ** 9 }}", "{{ nmae }}", "{{ name.__class__ }}"]
)
def test_what_is_no_template_is_not_run(made: Orders, text: str) -> None:
    shown = preview(made, text)
    assert shown.parts == ()
    assert shown.problems
    assert (shown.missing, shown.without_name) == ((), None)


def test_a_text_that_is_refused_is_shown_all_the_same(made: Orders) -> None:
    made.bought()
    shown = preview(made, "Enjoy the {{ extra }}.")
    assert written(shown) == "Enjoy the bookmark."
    assert "most parcels have no surprise" in shown.problems[0].said("en")


def test_what_customers_write_is_text(made: Orders) -> None:
    made.bought(first_name="{{ 7*7 }}\ue000x\ue002")
    assert "49" not in written(preview(made, "Hi {{ name | default('you') }}"))
