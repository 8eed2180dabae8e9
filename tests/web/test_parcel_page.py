"""The page of one parcel: why it is as it is, and what staff change in it."""

import html
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from factories import NOW, OTHER_SHOP_URL, a_buyer, a_surprise_extra, an_extra, jwks
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import customers, effects, pages, parcel_changes, parcels, pictures, stock
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.parcels import Parcel

EXTRAS = [
    an_extra("caramel", name={"en": "caramel", "de": "Karamell"}, shelf="A1"),
    a_surprise_extra("bookmark", weight=1_000_000, name={"en": "bookmark", "de": "Lesezeichen"}, shelf="B2"),
    a_surprise_extra("tea", weight=5, name={"en": "tea sample", "de": "Teeprobe"}, contains=["caffeine"]),
    a_surprise_extra("incense", weight=1, name={"en": "incense", "de": "Räucherstäbchen"}, contains=["fragrance"]),
    a_surprise_extra("candle", cost="3.00", name={"en": "candle", "de": "Kerze"}, contains=["fragrance"]),
]
NOTES = [
    {
        "id": "thanks",
        "language": "en",
        "text": "{{ greeting }} enjoy the {% if extra %}{{ extra }}{% else %}day{% endif %}.",
    },
]


def rules(**changes: Any) -> str:
    values = {"extras": EXTRAS, "surprises": [{"chance": 1.0, "pool": ["bookmark", "tea", "incense"]}], "notes": NOTES,
              "budget": {"by_hand_month": "5"}}  # fmt: skip
    return german_and_english(**{**values, **changes})


@pytest.fixture
def house(app: App) -> House:
    return House(app, toml=rules())


@pytest.fixture
def parcel(house: House) -> Parcel:
    return house.bought(total=612)


def text_of(answer: Any) -> str:
    """What a person reads: without tags, with single spaces."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


def items(house: House, parcel: Parcel) -> dict[str, int]:
    """Rows of what stands in the parcel, by extra."""
    with house.app.database.read() as db:
        found = parcels.items_of(db, house.shop.id, parcel.id)
    return {item.extra_id: item.id for item in found if item.state in parcels.STANDING}


def note(house: House, parcel: Parcel) -> str:
    with house.app.database.read() as db:
        found = pages.note_of_parcel(db, house.shop.id, parcel.id)
    return found.text if found else ""


def excludes(house: House, parcel: Parcel, *words: str) -> None:
    with house.app.database.write() as db:
        customers.set_wishes(db, house.shop.id, parcel.customer_id, exclusions=words, preferences=())


def act(house: House, parcel: Parcel, what: str, *, locale: str = "en", **fields: Any) -> Any:
    fields.setdefault("wish", str(uuid4()))
    return house.post(f"/panel/parcels/{parcel.code}/{what}", fields, locale=locale)


# ---- Reading


def test_the_whole_reasoning_reads_like_plain_sentences_and_begins_with_the_tier(house: House) -> None:
    first = house.bought(total=20)
    excludes(house, first, "fragrance")
    answer = text_of(house.get(f"/panel/parcels/{house.bought(total=612).code}"))
    assert "Gold since 15 June 2026: $632.00 in twelve months; it takes $500.00." in answer
    assert "Surprise: chance 100%, drawn." in answer
    assert "Tea sample: drawn from what was left, not received before." in answer
    assert "Not chosen: bookmark – the customer had it on 15 June 2026." in answer
    assert "Not chosen: incense – excluded by the customer (fragrance)." in answer


def test_the_tier_is_explained_as_it_was_when_the_parcel_was_planned(house: House) -> None:
    early = house.bought(total=20, days_ago=3)
    house.bought(total=612)
    page = text_of(house.get(f"/panel/parcels/{early.code}"))
    assert "No tier yet." in page
    assert "Gold since" not in page


def test_what_is_in_it_has_its_shelf_its_cost_and_its_picture(house: House, parcel: Parcel) -> None:
    with house.app.database.write() as db:
        pictures.keep_picture(db, house.shop.id, "bookmark", b"webp", by="x", now=NOW)
    answer = house.get(f"/panel/parcels/{parcel.code}")
    page = text_of(answer)
    assert "bookmark Surprise · B2" in page
    assert "caramel Signature extra, always there · A1" in page
    assert "$0.60" in page
    assert answer.text.count('src="data:image/webp;base64,') == 1


def test_a_planned_parcel_offers_what_may_be_done_and_what_each_thing_costs(house: House, parcel: Parcel) -> None:
    page = text_of(house.get(f"/panel/parcels/{parcel.code}"))
    assert "tea sample, $0.60 (the next best)" in page
    assert "Left for adding by hand this month: $5.00." in page
    assert "candle, $3.00" in page
    assert "Mark as packed" in page
    assert "Nothing yet: this parcel is as the program planned it." in page


def test_every_form_has_a_wish_of_its_own(house: House, parcel: Parcel) -> None:
    answer = house.get(f"/panel/parcels/{parcel.code}").text
    wishes = re.findall(r'name="wish" value="([0-9a-f-]{36})"', answer)
    forms = answer.count(f'hx-post="/panel/parcels/{parcel.code}/')
    by_words = answer.count('name="seen"')  # what these say holds for the words they show, however often it is sent
    assert len(wishes) == len(set(wishes)) == forms - by_words


def test_a_cancelled_parcel_offers_nothing(house: House, parcel: Parcel) -> None:
    with house.app.database.write() as db:
        parcels.close_parcel(db, house.shop.id, parcel.id, state="cancelled", why="fell_through", now=NOW)
    answer = house.get(f"/panel/parcels/{parcel.code}")
    assert f'hx-post="/panel/parcels/{parcel.code}/' not in answer.text
    assert "The order was cancelled or has expired." in text_of(answer)


# ---- Changing


def test_an_extra_is_exchanged_for_the_next_best(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "exchange", item=items(house, parcel)["bookmark"])
    assert answer.status_code == 200
    assert toast(answer) == {"status": "success", "title": "Exchanged bookmark for tea sample."}
    assert answer.headers["Panel-Path"] == f"/parcels/{parcel.code}"
    page = text_of(answer)
    assert "you, 15 June 2026, 12:00: exchanged bookmark for tea sample" in page
    assert "1 extra is no longer in it bookmark taken out by hand" in page
    assert set(items(house, parcel)) == {"caramel", "tea"}


def test_an_extra_is_exchanged_for_a_chosen_one(house: House, parcel: Parcel) -> None:
    act(house, parcel, "exchange", item=items(house, parcel)["bookmark"], instead="incense")
    assert set(items(house, parcel)) == {"caramel", "incense"}


def test_an_extra_is_added_by_hand_and_the_budget_shrinks(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "add", extra="candle")
    page = text_of(answer)
    assert toast(answer)["title"] == "Added candle by hand."
    assert "Left for adding by hand this month: $2.00." in page
    assert "candle Added by hand" in page
    assert "Candle: added by hand." in page


def test_an_extra_is_taken_out_with_a_reason(house: House, parcel: Parcel) -> None:
    row = items(house, parcel)["bookmark"]
    answer = act(house, parcel, "take-out", item=row, reason="fragile", words="bent")
    assert "took out bookmark: too fragile for this parcel (bent)" in text_of(answer)
    assert set(items(house, parcel)) == {"caramel"}


def test_the_note_is_edited_and_says_who_did_it(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "note", text="Dear Anna,\r\nfrom my heart.", revision=0)
    page = text_of(answer)
    assert note(house, parcel) == "Dear Anna,\nfrom my heart."
    assert "Edited by a person you, 15 June 2026, 12:00" in page
    assert "The words before Dear Anna, enjoy the bookmark." in page
    other = house.get(f"/panel/parcels/{parcel.code}", user_id="VXNlcjo5OQ==")
    assert "Edited by a person staff member 21" in text_of(other)


def test_the_page_says_when_the_note_still_names_what_is_gone(house: House, parcel: Parcel) -> None:
    act(house, parcel, "note", text="Enjoy the Bookmark!", revision=0)
    answer = act(house, parcel, "exchange", item=items(house, parcel)["bookmark"])
    assert "The note still names what is no longer in the parcel: bookmark." in text_of(answer)
    assert note(house, parcel) == "Enjoy the Bookmark!"


def test_a_parcel_is_packed_and_that_is_undone(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "pack")
    assert "Packed. If something is still to be changed, undo it first." in text_of(answer)
    assert "Exchange now" not in text_of(answer)
    answer = act(house, parcel, "undo")
    assert toast(answer)["title"] == "Opened again."
    assert house.parcel(parcel).state == "planned"


def test_a_parcel_is_skipped_with_a_reason_in_own_words(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "skip", reason="other", words="a gift for somebody else")
    page = text_of(answer)
    assert "This parcel was skipped. Reason: a gift for somebody else." in page
    assert "skipped: a gift for somebody else" in page
    assert "2 extras are no longer in it" in page


def test_undone_says_what_stays_out(house: House, parcel: Parcel) -> None:
    act(house, parcel, "skip", reason="no_room")
    with house.app.database.write() as db:
        stock.set_count(db, house.shop.id, "bookmark", 0, now=NOW)
    assert toast(act(house, parcel, "undo"))["title"] == "Opened again, without bookmark."


def test_german_staff_read_german(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "exchange", locale="de", item=items(house, parcel)["bookmark"])
    assert toast(answer)["title"] == "Lesezeichen gegen Teeprobe getauscht."
    page = text_of(answer)
    assert "Sie, 15. Juni 2026, 12:00: Lesezeichen gegen Teeprobe getauscht" in page
    assert "Als gepackt melden" in page
    refused = act(house, parcel, "skip", locale="de", reason="")
    assert "Bitte wählen Sie einen Grund." in text_of(refused)


# ---- What can't be done


def problem_at(answer: Any, field: str) -> str:
    assert answer.status_code == 422
    control = re.search(rf'<[^>]*aria-invalid="true" aria-describedby="{field}-problem"', answer.text)
    assert control, "the field is not marked"
    said = re.search(rf'id="{field}-problem"[^>]*>([^<]*)<', answer.text)
    assert said
    return said[1]


def test_a_problem_stands_at_its_field_and_nothing_typed_is_lost(house: House, parcel: Parcel) -> None:
    answer = act(house, parcel, "note", text="x" * 2001, revision=0)
    assert problem_at(answer, "text") == "Please use at most 2000 characters."
    assert "x" * 2001 in answer.text
    answer = act(house, parcel, "skip", reason="other", words="")
    assert problem_at(answer, "skip") == "Say in a few words why, so that colleagues understand it later."
    assert '<option value="other" selected>' in answer.text
    row = items(house, parcel)["bookmark"]
    answer = act(house, parcel, "take-out", item=row, reason="", words="bent")
    assert problem_at(answer, f"out-{row}") == "Please choose a reason."
    assert 'value="bent"' in answer.text
    assert act(house, parcel, "add", extra="").status_code == 422


def test_a_colleague_who_was_faster_is_not_overwritten(house: House, parcel: Parcel) -> None:
    act(house, parcel, "note", text="By a colleague", revision=0)
    answer = act(house, parcel, "note", text="By me", revision=0)
    assert "Somebody else changed this parcel meanwhile." in problem_at(answer, "text")
    assert ">By me</textarea>" in answer.text
    assert 'name="revision" value="1"' in answer.text
    assert note(house, parcel) == "By a colleague"


def test_what_may_not_be_added_says_why(house: House, parcel: Parcel) -> None:
    excludes(house, parcel, "fragrance")
    page = text_of(house.get(f"/panel/parcels/{parcel.code}"))
    assert "Candle stays out: the customer excluded it (fragrance)." in page
    assert "candle, $3.00" not in page
    answer = act(house, parcel, "add", extra="candle")
    assert problem_at(answer, "extra") == "Candle stays out: the customer excluded it (fragrance)."


def test_what_the_customer_does_not_want_by_now_is_shown_and_not_packed(house: House, parcel: Parcel) -> None:
    act(house, parcel, "exchange", item=items(house, parcel)["bookmark"])
    excludes(house, parcel, "caffeine")
    assert "the customer excluded it (caffeine). Please exchange it or take it out." in text_of(
        house.get(f"/panel/parcels/{parcel.code}")
    )
    assert "Tea sample stays out" in problem_at(act(house, parcel, "pack"), "turn")


def test_what_stands_in_the_order_as_a_line_can_not_be_taken_out(house: House, parcel: Parcel) -> None:
    row = items(house, parcel)["bookmark"]
    with house.app.database.write() as db:
        subject, line = "order:T3JkZXI6MQ==", f"line:{row}"
        effects.begin_effect(db, house.shop.id, subject, line, now=NOW)
        effects.end_effect(db, house.shop.id, subject, line, state=effects.DONE, now=NOW, detail={})
    answer = house.get(f"/panel/parcels/{parcel.code}")
    assert "It stands in the order as a line of its own" in text_of(answer)
    assert "Exchange bookmark" not in answer.text
    assert "stands in the order as a line" in problem_at(act(house, parcel, "skip", reason="fragile"), "skip")


def test_nobody_writes_to_a_person_who_was_erased(house: House, parcel: Parcel) -> None:
    with house.app.database.write() as db:
        erase_customer(db, house.shop.id, parcel.customer_id, now=NOW)
    page = text_of(house.get(f"/panel/parcels/{parcel.code}"))
    assert "The customer's data were erased." in page
    assert "Words of the note" not in page


# ---- Sent twice, by strangers, with hostile words


def test_a_form_that_is_sent_twice_changes_once_and_answers_the_same(house: House, parcel: Parcel) -> None:
    wish, row = str(uuid4()), items(house, parcel)["bookmark"]
    answers = [act(house, parcel, "exchange", item=row, wish=wish) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert toast(answers[0]) == toast(answers[1])
    with house.app.database.read() as db:
        assert len(parcel_changes.changes_of(db, house.shop.id, parcel.id)) == 1


@pytest.mark.parametrize("what", ["exchange", "take-out", "add", "note", "skip", "pack", "undo"])
def test_nothing_is_changed_without_permission_or_for_another_shop(
    house: House, parcel: Parcel, app: App, what: str
) -> None:
    path = f"/panel/parcels/{parcel.code}/{what}"
    assert house.client.post(path).status_code == 401
    assert house.post(path, {"wish": str(uuid4())}, permissions=["MANAGE_USERS"]).status_code == 403
    other = House(app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks())
    assert other.post(path, {"wish": str(uuid4())}).status_code == 404
    assert house.parcel(parcel).revision == 0


@pytest.mark.parametrize("wish", ["", "1", HOSTILE])
def test_a_form_without_a_wish_changes_nothing(house: House, parcel: Parcel, wish: str) -> None:
    answer = act(house, parcel, "pack", wish=wish)
    assert problem_at(answer, "turn") == "This form is out of date. Please try once more."
    assert house.parcel(parcel).state == "planned"


@pytest.mark.parametrize("item", ["", "x", "0", "-1", "99999999", "9" * 30])
def test_an_item_that_is_not_in_this_parcel_is_not_found(house: House, parcel: Parcel, item: str) -> None:
    assert act(house, parcel, "exchange", item=item).status_code == 404


def test_what_staff_write_is_shown_as_words_and_never_as_markup(house: House) -> None:
    parcel = house.bought(buyer=a_buyer(first_name=HOSTILE))
    answers = [
        act(house, parcel, "note", text=HOSTILE, revision=0),
        act(house, parcel, "add", extra=HOSTILE),
        act(house, parcel, "skip", reason="other", words=HOSTILE),
        house.get(f"/panel/parcels/{parcel.code}"),
    ]
    for answer in answers:
        assert HOSTILE not in answer.text
    assert "&lt;script&gt;" in answers[0].text
