"""One customer in the panel: tier and story, what staff set by hand, and everything that is kept about the person."""

import json
import re
from typing import Any

import pytest
from factories import Clock, a_buyer, a_guest, global_id
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.domain.tiers import Standing
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import tiers, work
from saleor_loyalty_app.store.customers import set_mirrored

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def page_of(house: House, customer_id: int, **options: Any) -> str:
    return house.get(f"/panel/customers/{customer_id}", **options).text


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


# ---- What is shown


def test_a_customer_page_says_tier_reason_progress_orders_and_parcels(house: House) -> None:
    parcel = house.bought(total=150)
    text = page_of(house, parcel.customer_id)
    for words in ("Anna Nguyen", "Silver since 15 June 2026: $150.00 in twelve months; it takes $100.00.",
                  "On the way to Gold", "$150.00 of $500.00", 'value="30"', parcel.code, "#1"):  # fmt: skip
        assert words in text, words


def test_the_same_in_german(house: House) -> None:
    parcel = house.bought(total=150)
    text = page_of(house, parcel.customer_id, locale="de")
    since = "Silber seit dem 15. Juni 2026: 150,00\xa0$ in zwölf Monaten"
    for words in (since, "Auf dem Weg zu Gold", "Was bisher geschah"):
        assert words in text, words


def test_the_customer_that_the_dashboard_names_is_found(house: House) -> None:
    parcel = house.bought()
    answer = house.post("/panel/customer", {"customerId": global_id("User", 1)})
    assert answer.headers["Panel-Path"] == f"/customers/{parcel.customer_id}"
    assert house.post("/panel/customer", {"customerId": "' OR 1=1 --"}).status_code == 404


def test_a_guest_who_was_merged_leads_to_the_account(house: House) -> None:
    guest = house.bought(buyer=a_guest(email="anna.1@example.com"))
    house.bought(buyer=a_buyer(email="anna.1@example.com"))
    answer = house.get(f"/panel/customers/{guest.customer_id}")
    assert answer.headers["Panel-Path"] != f"/customers/{guest.customer_id}"
    assert guest.code in answer.text


def story_of(text: str) -> list[str]:
    """The headlines of the line of time, in the order they stand there."""
    return re.findall(r"Order #\d+|Parcel for #\d+|(?:Silver|Gold) since", text.split('class="story"')[1])


def test_the_story_goes_by_time_newest_first(house: House, clock: Clock) -> None:
    parcel = house.bought(total=150)
    clock.pass_time(days=3)
    house.bought(total=40)
    told = story_of(page_of(house, parcel.customer_id))
    assert told == ["Parcel for #2", "Order #2", "Parcel for #1", "Silver since", "Order #1"]


def test_a_long_story_goes_on_without_a_gap_or_a_repeat(house: House, clock: Clock) -> None:
    for _ in range(12):
        customer_id = house.bought(total=10).customer_id  # several at the very same moment
    clock.pass_time(days=1)
    for _ in range(12):
        house.bought(total=10)
    text, told = page_of(house, customer_id), []
    for _ in range(10):
        told += re.findall(r"Order #\d+|Parcel for #\d+", text)
        older = re.search(r'hx-get="(/panel/customers/\d+/story\?before=[^"]+)"', text)
        if older is None:
            break
        answer = house.get(older[1])
        assert "Panel-Path" not in answer.headers
        text = answer.text
    assert len(told) == len(set(told)) == 48


def test_a_place_that_makes_no_sense_shows_the_newest(house: House) -> None:
    customer_id = house.bought().customer_id
    for place in ("", "yesterday", "20260615T120000.000000-9-1", "20260615T120000.000000-1-99999999999999999999", "-"):
        answer = house.get(f"/panel/customers/{customer_id}/story?before={place}")
        assert answer.status_code == 200
        assert "Order #1" in answer.text


def test_staff_who_may_not_see_orders_see_no_parcels_and_no_notes(house: House) -> None:
    parcel = house.bought(total=150)
    text = page_of(house, parcel.customer_id, permissions=[USERS])
    assert "Silver since" in text
    assert parcel.code not in text
    assert "Dear Anna" not in text
    assert "/data" not in text
    assert "/erase" not in text
    assert "Dear Anna" in page_of(house, parcel.customer_id)


def test_everything_that_comes_from_outside_is_only_text(house: House) -> None:
    parcel = house.bought(total=150, buyer=a_buyer(first_name=HOSTILE, last_name='" onmouseover="x'))
    path = f"/panel/customers/{parcel.customer_id}"
    house.post(f"{path}/wishes", {"more_exclusions": "<b>x</b>", "more_likes": '"><i>y</i>'})
    house.post(f"{path}/tier", {"tier": "gold", "reason": HOSTILE})
    for part in ("", "/story", "/data", "/erase"):
        text = house.get(path + part).text
        assert "<script" not in text, part
        assert "<b>" not in text, part
        assert "<i>" not in text, part
        assert ' onmouseover="' not in text, part


# ---- The tier by hand


def test_a_tier_is_set_by_hand_once_and_handed_back(house: House) -> None:
    parcel = house.bought(total=150)
    path = f"/panel/customers/{parcel.customer_id}/tier"
    wish = {"tier": "gold", "reason": "Helped us at the fair", "until": "2026-12-31"}
    for _ in range(2):
        assert house.post(path, wish).status_code == 200
    member = house.customer(parcel.customer_id).membership
    assert (member.tier, member.standing, str(member.manual_until)) == ("gold", Standing.MANUAL, "2026-12-31")
    with house.app.database.read() as db:
        kinds = [stored.decision.kind for stored in tiers.decisions_of(db, house.shop.id, parcel.customer_id)]
        assert kinds == ["set_by_hand", "entered"]
        assert tiers.decisions_of(db, house.shop.id, parcel.customer_id)[0].decision.by == global_id("User", 21)
        mirror = work.find(db, house.shop.id, "mirror:")
    assert mirror is not None
    assert "by you" in page_of(house, parcel.customer_id)
    for _ in range(2):
        assert house.post(f"{path}/hand-back").status_code == 200
    assert house.customer(parcel.customer_id).membership.standing is not Standing.MANUAL


def test_a_tier_is_frozen_until_a_day(house: House, clock: Clock) -> None:
    parcel = house.bought(total=150)
    path = f"/panel/customers/{parcel.customer_id}/tier"
    assert "Freeze: stays in Silver" in page_of(house, parcel.customer_id)
    wish = {"tier": "=", "reason": "On parental leave", "until": "2027-12-31"}
    for _ in range(2):
        assert house.post(path, wish).status_code == 200
    member = house.customer(parcel.customer_id).membership
    assert (member.tier, member.standing, str(member.manual_until)) == ("silver", Standing.MANUAL, "2027-12-31")
    assert member.since == clock.now()  # frozen, not entered anew
    clock.pass_time(days=500)
    from saleor_loyalty_app.services.review_tiers import review_tiers

    review_tiers(house.app, house.shop)
    assert house.customer(parcel.customer_id).membership.tier == "silver"


def test_who_has_no_tier_can_be_kept_without_one(house: House) -> None:
    parcel = house.bought(total=50)
    assert "Freeze: stays without a tier" in page_of(house, parcel.customer_id)
    house.post(f"/panel/customers/{parcel.customer_id}/tier", {"tier": "=", "reason": "x", "until": "2026-07-01"})
    house.bought(total=900)
    assert house.customer(parcel.customer_id).membership.tier is None


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"tier": "platinum", "reason": "x"}, "Choose a tier of the program"),
        ({"tier": "gold", "reason": "  "}, "Say why"),
        ({"tier": "gold", "reason": "x" * 301}, "at most 300 characters"),
        ({"tier": "gold", "reason": "x", "until": "soon"}, "Give the day like"),
        ({"tier": "gold", "reason": "x", "until": "9999-12-31"}, "Give the day like"),
        ({"tier": "gold", "reason": "x", "until": "2026-06-14"}, "That day is over"),
        ({"tier": "=", "reason": "x"}, "Say until when the tier is frozen."),
    ],
)
def test_a_wish_that_makes_no_sense_is_answered_beside_the_field(
    house: House, wish: dict[str, str], problem: str
) -> None:
    parcel = house.bought(total=150)
    answer = house.post(f"/panel/customers/{parcel.customer_id}/tier", wish)
    assert answer.status_code == 422
    assert problem in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    if wish["reason"].strip():
        assert wish["reason"] in answer.text
    assert house.customer(parcel.customer_id).membership.standing is Standing.SECURE


# ---- Wishes, and trouble that was solved


def test_wishes_are_kept_tidy(house: House) -> None:
    parcel = house.bought()
    house.post(
        f"/panel/customers/{parcel.customer_id}/wishes",
        {"exclusion": ["no-inserts", "milk"], "more_exclusions": "Tree Nuts, milk,,", "more_likes": "Tea , coffee"},
    )
    known = house.customer(parcel.customer_id)
    assert known.exclusions == ("no-inserts", "milk", "tree-nuts")
    assert known.preferences == ("tea", "coffee")


def test_what_extras_contain_and_suit_is_offered_as_ticks(app: App) -> None:
    from factories import a_surprise_extra, an_extra

    extras = [an_extra(contains=["milk"]), a_surprise_extra(contains=["Paper"], suits=["green-tea"])]
    house = House(app, toml=german_and_english(extras=extras))
    parcel = house.bought()
    path = f"/panel/customers/{parcel.customer_id}/wishes"
    house.post(path, {"exclusion": ["milk"], "like": ["green-tea"], "more_likes": "black tea"})
    text = page_of(house, parcel.customer_id)
    assert 'value="milk" checked' in text
    assert 'value="paper">' in text
    assert 'value="green-tea" checked' in text
    assert 'name="more_likes" value="black-tea"' in text
    assert 'name="more_exclusions" value=""' in text


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"more_exclusions": "x" * 41}, "at most 40 characters"),
        ({"more_likes": ", ".join(f"like {n}" for n in range(31))}, "more than 30 wishes"),
    ],
)
def test_nothing_of_too_many_wishes_is_lost(house: House, wish: dict[str, str], problem: str) -> None:
    parcel = house.bought()
    answer = house.post(f"/panel/customers/{parcel.customer_id}/wishes", {"exclusion": "no-inserts", **wish})
    assert answer.status_code == 422
    assert problem in answer.text
    assert all(typed in answer.text for typed in wish.values())
    assert 'value="no-inserts" checked' in answer.text
    assert house.customer(parcel.customer_id).exclusions == ()


def test_trouble_that_was_solved_is_marked_and_the_next_parcel_uses_it_up(house: House) -> None:
    customer_id = house.bought().customer_id
    path = f"/panel/customers/{customer_id}/trouble"
    for _ in range(2):
        assert "makes up for it" in toast(house.post(path, {"solved": "yes"}))["title"]
    assert "Take the mark back" in page_of(house, customer_id)
    assert house.bought().moment == "trouble_solved"
    assert not house.customer(customer_id).trouble_solved
    house.post(path, {"solved": "yes"})
    for _ in range(2):
        assert house.post(path, {"solved": "no"}).status_code == 200
    assert house.bought().moment != "trouble_solved"


# ---- Everything that is kept


def test_everything_is_shown_in_both_languages(house: House) -> None:
    parcel = house.bought(total=150)
    answer = house.get(f"/panel/customers/{parcel.customer_id}/data")
    assert answer.headers["Panel-Path"] == f"/customers/{parcel.customer_id}/data"
    for words in ("Keyed hash of the e-mail address", "Dear Anna, thank you.", parcel.code, "Tier decisions", "Nguyen"):
        assert words in answer.text, words
    german = house.get(f"/panel/customers/{parcel.customer_id}/data", locale="de").text
    assert "Entscheidungen über Stufen" in german
    assert "Keyed hash" not in german


def test_the_file_holds_everything_and_its_name_nobody(house: House) -> None:
    parcel = house.bought(total=150, buyer=a_buyer(first_name="Zoë"))
    answer = house.post(f"/panel/customers/{parcel.customer_id}/data/file")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="best-regards-customer-{parcel.customer_id}.json"'
    )
    assert answer.mimetype == "application/json"
    assert "Zoë" in answer.get_data(as_text=True)
    data = json.loads(answer.get_data(as_text=True))
    assert data["person"]["first_name"] == "Zoë"
    assert data["orders"][0]["worth"] == "150.00 USD"
    assert data["parcels"][0]["notes"][0]["text"] == "Dear Zoë, thank you."


@pytest.mark.parametrize("permissions", [[ORDERS], [USERS]])
def test_to_see_take_or_erase_everything_takes_both_permissions(house: House, permissions: list[str]) -> None:
    path = f"/panel/customers/{house.bought().customer_id}"
    assert house.get(f"{path}/data", permissions=permissions).status_code == 403
    assert house.post(f"{path}/data/file", permissions=permissions).status_code == 403
    assert house.get(f"{path}/erase", permissions=permissions).status_code == 403
    assert house.post(f"{path}/erase", permissions=permissions).status_code == 403


def test_erasing_is_asked_first_done_once_and_recorded(house: House) -> None:
    parcel = house.bought(total=150)
    with house.app.database.write() as db:
        set_mirrored(db, house.shop.id, parcel.customer_id, "Silver 2026-06-15")
    path = f"/panel/customers/{parcel.customer_id}/erase"
    asked = house.get(path).text
    for words in ("What goes", "What stays", "When the person orders again", "Yes, erase for good"):
        assert words in asked, words
    assert house.customer(parcel.customer_id).first_name == "Anna"
    assert toast(house.post(path))["status"] == "success"
    assert toast(house.post(path))["status"] == "info"
    text = page_of(house, parcel.customer_id)
    assert "Anna" not in text
    assert "Erased by you." in text
    assert "Set or freeze" not in text
    assert house.get(path).status_code == 200
    with house.app.database.read() as db:
        assert work.find(db, house.shop.id, f"unmirror:{global_id('User', 1)}") is not None


def test_nothing_is_set_for_a_person_who_was_erased(house: House) -> None:
    customer_id = house.bought(total=150).customer_id
    house.post(f"/panel/customers/{customer_id}/erase")
    for path, data in (
        ("tier", {"tier": "gold", "reason": "x"}),
        ("tier/hand-back", {}),
        ("wishes", {"exclusion": "milk"}),
        ("trouble", {"solved": "yes"}),
    ):
        assert house.post(f"/panel/customers/{customer_id}/{path}", data).status_code == 404, path


def test_who_orders_again_after_being_erased_is_somebody_new(house: House) -> None:
    before = house.bought(total=150)
    house.post(f"/panel/customers/{before.customer_id}/erase")
    again = house.bought(total=20)
    assert again.customer_id != before.customer_id
    assert again.story.nth_order == 1
    assert house.customer(again.customer_id).membership.tier is None


def test_an_unknown_customer_is_answered_in_words(house: House) -> None:
    for path in ("", "/story", "/data", "/erase"):
        assert house.get(f"/panel/customers/77{path}").status_code == 404
    for path in ("/tier", "/wishes", "/trouble", "/data/file", "/erase", "/tier/hand-back"):
        assert house.post(f"/panel/customers/77{path}", {"tier": "gold", "reason": "x"}).status_code == 404, path
