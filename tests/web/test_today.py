"""The first page: what needs a person now, what waits, who moved, and how far the history is read."""

import json
import re
from typing import Any

import pytest
from factories import Clock, a_buyer, a_guest, fresh, global_id, program_toml
from panel_house import HOSTILE, House, german_and_english

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import REACTIONS
from saleor_loyalty_app.services.publish_program import STARTER, publish_program, switch_mode
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.store import history, parcels, tasks, work, workers
from saleor_loyalty_app.store.shops import INACTIVE, LIVE, REHEARSAL, change_shop
from saleor_loyalty_app.web.today import ABOUT

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"


@pytest.fixture
def house(app: App) -> House:
    with app.database.write() as db:
        workers.renew_lease(db, "worker-1", app.now())
    return House(app)


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


def known(house: House, subject: str) -> work.Work:
    with house.app.database.read() as db:
        found = work.find(db, house.shop.id, subject)
    assert found is not None
    return found


# ---- How it begins


def test_an_empty_shop_is_told_the_three_steps_to_the_first_surprise(house: House) -> None:
    text = house.get("/panel/").text
    assert "Three steps to the first surprise" in text
    assert "Drei Schritte zur ersten Überraschung" in house.get("/panel/", locale="de").text


def steps_done(house: House) -> list[bool]:
    text = house.get("/panel/").text
    if 'class="steps"' not in text:
        return []
    steps = text.split('<ol class="steps">')[1].split("</ol>")[0]
    return ["done" in step for step in re.findall(r"<li([^>]*)>", steps)]


def test_the_steps_tick_themselves_off_and_leave_when_all_are_done(app: App) -> None:
    house = House(app, mode=REHEARSAL, toml=package_text(STARTER))
    assert steps_done(house) == [False, False, False]
    publish_program(
        app, house.shop.id, toml=german_and_english(sender={"name": "Ines"}), published_by="x", drops_allowed=True
    )
    house.shop = fresh(app, house.shop)
    assert steps_done(house) == [True, False, False]
    house.bought()
    assert steps_done(house) == [True, True, False]
    switch_mode(app, house.shop.id, LIVE)
    assert steps_done(house) == []


def test_a_shop_that_went_back_to_rehearsal_is_no_beginner(app: App) -> None:
    house = House(app, toml=german_and_english(sender={"name": "Ines"}))
    house.bought()
    switch_mode(app, house.shop.id, REHEARSAL)
    assert steps_done(house) == []


# ---- What needs a person


def test_when_nothing_is_wrong_that_is_said(house: House) -> None:
    assert "All is well. Nothing needs you now." in house.get("/panel/").text
    assert "Alles in Ordnung" in house.get("/panel/", locale="de").text


def test_staff_who_can_not_see_orders_are_not_told_that_all_is_well(house: House) -> None:
    house.failed(f"order:{global_id('Order', 1)}")
    text = house.get("/panel/", permissions=[USERS]).text
    assert "All is well" not in text
    assert "refused" not in text


def test_a_failure_is_shown_and_tried_again_once_however_often_the_button_is_pressed(house: House) -> None:
    parcel = house.bought()
    subject = f"order:{global_id('Order', 1)}"
    house.failed(subject, "The shop refused the note: <b>no</b>.")
    text = house.get("/panel/").text
    assert "The shop refused the note: &lt;b&gt;no&lt;/b&gt;." in text
    assert f'href="/orders/{parcel.order_row}"' in text
    assert "All is well" not in text
    for _ in range(2):
        answer = house.post("/panel/try-again", {"subject": subject})
        assert answer.status_code == 200
        assert toast(answer)["status"] == "success"
    assert (known(house, subject).state, known(house, subject).round) == (work.WAITING, 2)


def test_trouble_is_said_in_the_viewers_language(house: House) -> None:
    house.failed("sweep:", Saying("The app's own database had trouble (%(kind)s). If this lasts, show the app's log to "
                                  "whoever looks after the app.", kind="Locked").kept())  # fmt: skip
    assert "The app&#39;s own database had trouble (Locked)." in house.get("/panel/").text
    assert '{"say":' not in house.get("/panel/", locale="de").text


def test_the_same_trouble_with_many_orders_is_one_line_with_one_button(house: House) -> None:
    subjects = [f"order:{global_id('Order', number)}" for number in range(1, 9)]
    for subject in subjects:
        house.bought(buyer=a_guest(email=f"{subject}@example.com"))
        house.failed(subject, "The shop refused the note.")
    text = house.get("/panel/").text
    assert text.count("The shop refused the note.") == 1
    assert "and 3 more" in text
    assert house.post("/panel/try-again", {"subject": subjects}).status_code == 200
    assert {known(house, subject).state for subject in subjects} == {work.WAITING}


def test_all_that_failed_is_tried_again_at_once(house: House) -> None:
    house.failed("sweep:", "One thing.")
    house.failed("review:", "Another.")
    assert "Try all again" in house.get("/panel/").text
    for _ in range(2):
        assert house.post("/panel/try-again", {"all": "yes"}).status_code == 200
    assert {known(house, subject).state for subject in ("sweep:", "review:")} == {work.WAITING}


def test_every_kind_of_work_is_called_by_a_name() -> None:
    assert set(ABOUT) == set(REACTIONS)


def test_what_nobody_asked_for_is_not_made_into_work(house: House) -> None:
    assert house.post("/panel/try-again", {"subject": "removal:"}).status_code == 404
    assert house.post("/panel/try-again", {"all": "yes"}).status_code == 200
    with house.app.database.read() as db:
        assert work.counts(db, house.shop.id) == {}


def test_a_task_is_said_in_words_and_can_be_done(house: House) -> None:
    parcel = house.bought()
    detail = {"before": "54.00", "after": "51.20", "currency": "USD", "number": "1"}
    subject = f"order:{global_id('Order', 1)}"
    with house.app.database.write() as db:
        tasks.open_task(db, house.shop.id, "total_changed", subject, detail=detail, now=house.app.now())
    text = house.get("/panel/").text
    assert "changed it from 54.00 to 51.20 USD" in text
    assert f'href="/orders/{parcel.order_row}"' in text
    for _ in range(2):
        assert house.post("/panel/tasks/done", {"kind": "total_changed", "subject": subject}).status_code == 200
    assert "54.00" not in house.get("/panel/").text
    with house.app.database.read() as db:
        assert work.counts(db, house.shop.id) == {"waiting": 1}
        assert work.find(db, house.shop.id, "problems:")  # the dashboard's list no longer needs it


def test_a_worker_that_is_gone_a_permission_that_is_missing_and_an_app_that_is_off_need_a_person(
    house: House, clock: Clock
) -> None:
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, permissions=["MANAGE_ORDERS", "MANAGE_DISCOUNTS", "MANAGE_PRODUCTS"])
    assert "It needs: Manage customers." in house.get("/panel/").text
    clock.pass_time(minutes=5)
    assert "Nobody works on new orders" in house.get("/panel/").text
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, state=INACTIVE)
    assert "All is well" not in house.get("/panel/").text


# ---- What waits


def test_parcels_to_pack_are_counted_and_the_oldest_come_first(house: House, clock: Clock) -> None:
    first = house.bought(buyer=a_guest(email="old@example.com", first_name="Olga"))
    clock.pass_time(days=3)
    later = [house.bought(buyer=a_guest(email=f"{n}@example.com")).code for n in range(6)]
    text = house.get("/panel/").text
    assert "3 days ago" in text
    assert text.index(first.code) < text.index(later[0])
    assert later[-1] not in text
    assert '<span class="badge info">7</span>' in text
    assert 'hx-get="/panel/parcels/in/planned"' in text
    assert "vor 3 Tagen" in house.get("/panel/", locale="de").text


def test_what_is_packed_waits_no_more(house: House) -> None:
    parcel = house.bought()
    with house.app.database.write() as db:
        parcels.close_parcel(db, house.shop.id, parcel.id, state=parcels.PACKED, why="packed", now=house.app.now())
    assert "No parcel waits." in house.get("/panel/").text


def test_what_was_rehearsed_does_not_wait_to_be_packed(app: App) -> None:
    house = House(app, mode=REHEARSAL)
    parcel = house.bought()
    text = house.get("/panel/").text
    assert "Parcels to pack" not in text
    assert "Rehearsed lately" in text
    assert parcel.code in text
    switch_mode(app, house.shop.id, LIVE)
    text = house.get("/panel/").text
    assert "No parcel waits." in text
    assert parcel.code not in text


def test_what_was_told_to_the_shop_still_waits_after_going_back_to_rehearsal(house: House) -> None:
    parcel = house.bought()
    switch_mode(house.app, house.shop.id, REHEARSAL)
    text = house.get("/panel/").text
    assert "Parcels to pack" in text
    assert parcel.code in text


# ---- Who moved, who may


def test_new_members_of_this_week_are_named_with_the_reason(house: House, clock: Clock) -> None:
    house.bought(total=150)
    text = house.get("/panel/").text
    assert "Anna Nguyen" in text
    assert "Silver since 15 June 2026: $150.00 in twelve months; it takes $100.00." in text
    clock.pass_time(days=8)
    assert "Nobody has reached a tier in the last seven days." in house.get("/panel/").text


def test_who_may_lose_a_tier_is_warned_of_with_the_last_safe_day(house: House, clock: Clock) -> None:
    house.bought(total=150)
    clock.pass_time(days=366)
    review_tiers(house.app, house.shop)
    text = house.get("/panel/").text
    assert "Soon to lose a tier" in text
    member = house.customer(1).membership
    assert member.grace_until is not None
    assert f"Silver is safe until {member.grace_until.day} {member.grace_until:%B %Y}" in text
    assert "In grace" in text


def test_the_day_that_a_warning_names_is_the_last_safe_one(app: App, clock: Clock) -> None:
    tiers = [{"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "100"}, "warn_days": 30}]
    house = House(app, toml=program_toml(tiers=tiers))
    house.bought(total=150)
    clock.pass_time(days=350)
    review_tiers(app, house.shop)
    sentence = re.search(r"Silver is safe until [^;<]+", house.get("/panel/").text)
    said_to_the_customer_page = house.get("/panel/customers/1").text
    assert sentence
    assert sentence[0] in said_to_the_customer_page


def test_staff_with_one_permission_see_their_part_of_the_first_page(house: House) -> None:
    house.bought(total=150)
    of_orders = house.get("/panel/", permissions=[ORDERS])
    assert "Parcels to pack" in of_orders.text
    assert "New in a tier" not in of_orders.text
    of_users = house.get("/panel/", permissions=[USERS])
    assert "Parcels to pack" not in of_users.text
    assert "New in a tier" in of_users.text
    for text in (of_orders.text, of_users.text):
        assert "/panel/program/mode" not in text


def test_names_are_only_text(house: House) -> None:
    house.bought(total=150, buyer=a_buyer(first_name=HOSTILE, last_name='" onmouseover="x'))
    text = house.get("/panel/").text
    assert "<script" not in text
    assert ' onmouseover="' not in text


# ---- What is fetched again by itself


def test_what_did_not_change_is_not_sent_again(house: House) -> None:
    mark = re.search(r'data-mark="(\w+)"', house.get("/panel/").text)
    assert mark
    assert house.get(f"/panel/now?mark={mark[1]}").status_code == 204
    house.bought(total=150)
    answer = house.get(f"/panel/now?mark={mark[1]}")
    assert answer.status_code == 200
    assert "Anna Nguyen" in answer.text
    assert "<title>" not in answer.text
    assert "Panel-Path" not in answer.headers
    assert house.get(f"/panel/now?mark={answer.headers['Part-Mark']}").status_code == 204


def test_progress_asks_again_while_the_history_is_read_and_stops_when_it_is(house: House) -> None:
    assert 'data-refresh="/panel/progress"' not in house.get("/panel/").text
    with house.app.database.write() as db:
        history.start_reading(db, house.shop.id, "orders", read_from=None, now=house.app.now())
        history.change_reading(db, house.shop.id, "orders", read=1200, total=2400)
    assert 'data-refresh="/panel/progress" data-every="3"' in house.get("/panel/").text
    answer = house.get("/panel/progress")
    assert answer.status_code == 200
    assert 'value="50"' in answer.text
    assert "1.200 von etwa 2.400" in house.get("/panel/progress", locale="de").text
    with house.app.database.write() as db:
        history.change_reading(db, house.shop.id, "orders", state=history.DONE)
    answer = house.get("/panel/progress")
    assert answer.status_code == 286
    assert "The history is read" in answer.text
    assert "The history is read" not in house.get("/panel/").text


def test_progress_says_when_it_is_stuck_and_what_to_do(house: House, clock: Clock) -> None:
    with house.app.database.write() as db:
        history.start_reading(db, house.shop.id, "orders", read_from=None, now=house.app.now())
    clock.pass_time(minutes=30)
    assert "It has not moved since 15 June 2026, 12:00." in house.get("/panel/progress").text
    house.failed("history:", "The shop is closed.")
    answer = house.get("/panel/progress")
    assert "The shop is closed." in answer.text
    assert 'value="history:"' in answer.text
    assert 'value="history:"' not in house.get("/panel/progress", permissions=[USERS]).text
