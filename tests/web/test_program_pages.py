"""The program in the panel as it holds: in plain words, with its versions, in rehearsal or live."""

import json
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, a_surprise_extra, an_extra, fresh, program_toml
from panel_house import House, german_and_english

from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL

DETAILED = an_extra(
    "tea", name={"en": "tea sample", "de": "Teeprobe"}, kind="surprise", cost="0.80", shelf="B1", weight=5,
    contains=["caffeine"], suits=["tea"], not_to=["AU"], channels=["web"], max_order_grams=5000, stock=0,
)  # fmt: skip


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


def detailed() -> str:
    return german_and_english(
        extras=[an_extra(), DETAILED, a_surprise_extra()],
        surprises=[{"tiers": ["gold"], "moments": ["comeback"], "chance": 0.25, "pool": ["tea"], "every_orders": 3}],
        budget={"month": "250", "by_hand_month": "30"},
        rates={"EUR": "1.1"},
        delivery={"web": {"by": "order_line", "confirm_order": True}},
    )


def test_the_rules_in_force_stand_in_plain_words(app: App) -> None:
    house = House(app, toml=detailed())
    house.bought(total=150)
    text = house.get("/panel/program").text
    for words in (
        "Regulars", "Version 1", "in force", "$500.00 in 365 days", "1 member", "always there", "tea sample",
        "Shelf B1",
        "contains caffeine", "not to Australia", "only for web", "for orders up to 5,000 g", "0.5 times as often",
        "Gold · back after a long silence", "1 in 4 (25%)", "at most every 3 orders", "Signed by Mira",
        "of $250.00 used this month", "1 EUR = 1.1 USD", "which customers can see", "after 180 days of silence",
    ):  # fmt: skip
        assert words in text, words


def test_the_same_in_german_with_german_numbers(app: App) -> None:
    house = House(app, toml=detailed())
    text = house.get("/panel/program", locale="de").text.replace("\u00a0", " ")
    for words in ("Teeprobe", "0,80 $", "nicht nach: Australien", "1 von 4 (25 %)", "1 EUR = 1,1 USD", "5.000 g"):
        assert words in text, words
    assert "0.25" not in text


def test_who_may_not_see_it_is_told_why(house: House) -> None:
    for path in ("/program", "/program/edit", "/program/check", "/program/versions", "/program/mode"):
        for missing, held in (("MANAGE_USERS", "MANAGE_ORDERS"), ("MANAGE_ORDERS", "MANAGE_USERS")):
            answer = house.get(f"/panel{path}", permissions=[held], user_permissions=[held])
            assert answer.status_code == 403, (path, missing)


def test_deep_links_are_answered_by_the_shell(house: House) -> None:
    for path in (
        "/program/edit", "/program/edit/shop", "/program/edit/extras/tea", "/program/edit/new/notes",
        "/program/edit/notes/~3", "/program/check", "/program/versions", "/program/versions/2",
    ):  # fmt: skip
        for address in (path, f"{path}/"):
            assert house.client.get(address).status_code == 200, address


# ---- Versions


def published(house: House, toml: str) -> int:
    return publish_program(house.app, house.shop.id, toml=toml, published_by="command line")


def test_a_version_says_how_it_differs_from_its_neighbours(house: House) -> None:
    assert "The first version" in house.get("/panel/program/versions/1").text
    published(house, german_and_english(name="Second"))
    published(house, german_and_english(name="Third"))
    text = house.get("/panel/program/versions/2").text
    for words in (
        "What it changed from version 1",
        "Regulars",
        "Second",
        "version in force (3)",
        "Third",
        "command line",
    ):
        assert words in text, words
    assert "name = &#34;Second&#34;" in text
    assert "version in force (3)" not in house.get("/panel/program/versions/3").text
    listed = house.get("/panel/program/versions").text
    assert listed.index("Version 3") < listed.index("Version 2") < listed.index("Version 1")
    assert house.get("/panel/program/versions/4").status_code == 404


def test_an_older_version_is_taken_as_draft_but_not_over_another_draft_unasked(house: House) -> None:
    first = german_and_english()
    published(house, german_and_english(name="Second"))
    for _ in range(2):
        assert "is the draft now" in toast(house.post("/panel/program/versions/1/draft"))["title"]
    house.post("/panel/program/edit/text", {"toml": german_and_english(name="In work"), "revision": "2"})
    asked = house.post("/panel/program/versions/1/draft")
    assert "Yes, replace that draft" in asked.text
    assert draft_text(house) != first
    house.post("/panel/program/versions/1/draft", {"sure": "yes"})
    assert draft_text(house) == first
    assert house.post("/panel/program/versions/9/draft").status_code == 404


def draft_text(house: House) -> str:
    with house.app.database.read() as db:
        draft = draft_of(db, house.shop.id)
    return draft.toml if draft else ""


def test_another_shops_draft_is_not_seen(app: App, house: House) -> None:
    other = House(app, saleor_api_url=OTHER_SHOP_URL, toml=program_toml(name="Theirs"))
    other.post("/panel/program/edit")
    assert "There is no draft" in house.get("/panel/program/edit").text
    assert "Theirs" not in house.get("/panel/program").text
    assert "Theirs" in other.get("/panel/program").text


# ---- Rehearsal and live


def test_going_live_is_asked_first_and_can_be_undone(app: App) -> None:
    house = House(app, mode=REHEARSAL, toml=german_and_english(sender={"name": "Ada"}))
    house.bought(total=150)
    page = house.get("/panel/program/mode").text
    for words in ("Yes, go live", "1 customer with an account", "stay a rehearsal"):
        assert words in page, words
    assert fresh(app, house.shop).mode == REHEARSAL
    for mode in (LIVE, LIVE, REHEARSAL):
        assert house.post("/panel/program/mode", {"mode": mode}).status_code == 200
        assert fresh(app, house.shop).mode == mode
    assert house.post("/panel/program/mode", {"mode": "wild"}).status_code == 404


def test_going_live_warns_of_the_starters_sender_and_of_missing_permissions(app: App) -> None:
    house = House(app, mode=REHEARSAL, toml=package_text("starter_program.toml"), permissions=["MANAGE_ORDERS"])
    page = house.get("/panel/program/mode").text
    assert "who came with the app" in page
    assert "Go live all the same" in page
    assert "Manage customers" in page
    assert "Manage promotions and vouchers" in page
    answer = house.post("/panel/program/edit", {"part": "sender"})
    assert answer.headers["Panel-Path"] == "/program/edit/sender"
    german = House(app, saleor_api_url=OTHER_SHOP_URL, mode=REHEARSAL).get("/panel/program/mode", locale="de").text
    assert "Jetzt live schalten?" in german
