"""The packing desk as the server gives it: the list, a batch, and what packers do with a parcel."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from factories import a_buyer, a_surprise_extra, an_extra, program_toml
from panel_house import HOSTILE, House

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import batches, customers, packing_lists, parcels, tasks
from saleor_loyalty_app.store.orders import order_by_row
from saleor_loyalty_app.store.parcels import Parcel

OTHER = "VXNlcjo5OQ=="


class Desk(House):
    """A house whose parcels are ready to pack."""

    def ready(self, count: int = 3, *, method: str = "Parcel post", **order: Any) -> list[Parcel]:
        made = [self.bought(**order) for _ in range(count)]
        with self.app.database.write() as db:
            for minutes, parcel in enumerate(made):
                packing_lists.keep_ready(
                    db, self.shop.id, parcel.id, shipping_method=method, warehouse_id="",
                    ready_at=self.app.now() - timedelta(hours=1) + timedelta(minutes=minutes),
                )  # fmt: skip
        return made

    def number(self, parcel: Parcel) -> str:
        with self.app.database.read() as db:
            order = order_by_row(db, self.shop.id, parcel.order_row)
        assert order is not None
        return order.number

    def take(self, **claims: Any) -> str:
        """Take what is ready; return the code of the batch."""
        answer = self.post("/panel/desk/take", {"size": "25"}, **claims)
        assert answer.status_code == 200
        return answer.headers["Panel-Path"].removeprefix("/desk/")

    def do(self, batch: str, parcel: Parcel, act: str, wish: str = "", **fields: Any) -> Any:
        data = {"wish": wish or str(uuid4()), **fields}
        return self.post(f"/panel/desk/{batch}/parcels/{parcel.code}/{act}", data)


@pytest.fixture
def desk(app: App) -> Desk:
    return Desk(app)


def test_the_desk_lists_what_is_ready_and_offers_to_take_it(desk: Desk) -> None:
    desk.ready(2)
    desk.bought()  # not ready
    page = desk.get("/panel/desk").text
    assert "2 free" in page
    assert "Take the next 25" in page
    assert ">#1<" in page
    assert ">#2<" in page
    assert ">#3<" not in page


def test_an_empty_desk_says_so_and_rehearsal_says_that_nothing_is_packed(app: App) -> None:
    assert "All packed!" in Desk(app).get("/panel/desk").text
    rehearsing = Desk(app, saleor_api_url="https://other.example.com/graphql/", mode="rehearsal")
    page = rehearsing.get("/panel/desk").text
    assert "In rehearsal nothing is packed." in page
    assert "All packed!" not in page


def test_a_filter_stands_in_the_address_and_survives_a_reload(desk: Desk) -> None:
    desk.ready(1, method="Courier / express")
    desk.ready(1, method="Post")
    narrowed = desk.post("/panel/desk", {"method": "Courier / express", "order": "shipping_method"})
    path = narrowed.headers["Panel-Path"]
    assert path.startswith("/desk/in/")
    assert "Courier" not in path
    again = desk.get(f"/panel{path}").text
    assert ">#1<" in again
    assert ">#2<" not in again
    assert '<option value="Courier / express" selected>' in again
    assert desk.get("/panel/desk/in/nonsense/-/1").status_code == 200


def test_two_packers_never_get_the_same_parcel_and_the_list_says_who_has_it(desk: Desk) -> None:
    desk.ready(30)
    first = desk.take()
    second = desk.take(user_id=OTHER)
    with desk.app.database.read() as db:
        mine, theirs = (batches.batch_by_code(db, desk.shop.id, code) for code in (first, second))
    assert len(mine.parcel_ids) == 25
    assert len(theirs.parcel_ids) == 5
    assert not set(mine.parcel_ids) & set(theirs.parcel_ids)
    page = desk.get("/panel/desk").text
    assert "0 free" in page
    assert "30 with somebody" in page
    assert "You have a batch" in page
    assert "staff member 99" in page
    assert desk.take() == first, "who has a batch goes on with it"


def test_a_batch_shows_each_parcel_with_bar_code_shelf_note_and_wishes(app: App) -> None:
    extras = [{**an_extra(), "shelf": "A 3"}, a_surprise_extra()]
    tiers = [{"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "1"}, "services": [{"en": "ship express"}]}]
    house = Desk(app, toml=program_toml(extras=extras, tiers=tiers))
    (parcel,) = house.ready(1, total=100, buyer=a_buyer(first_name=HOSTILE))
    with app.database.write() as db:
        customers.set_wishes(db, house.shop.id, parcel.customer_id, exclusions=["animal-hair"], preferences=[])
    page = house.get(f"/panel/desk/{house.take()}").text
    assert 'src="data:image/svg+xml;base64,' in page
    assert "A 3" in page
    assert "animal hair" in page
    assert "ship express" in page
    assert "copy it by hand" in page
    assert HOSTILE not in page


def test_a_parcel_is_packed_once_however_often_the_same_wish_comes(desk: Desk) -> None:
    parcel, *_ = desk.ready(2)
    batch, wish = desk.take(), str(uuid4())
    first, second = (desk.do(batch, parcel, "pack", wish) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json["parcels"][parcel.code]["state"] == "packed"
    assert 0 < first.json["parcels"][parcel.code]["undo"] <= 60
    assert "packed" in first.json["said"]
    undone = desk.do(batch, parcel, "undo")
    assert undone.json["parcels"][parcel.code]["state"] == "planned"
    assert desk.parcel(parcel).state == parcels.PLANNED


def test_what_changed_unseen_is_looked_at_before_it_is_packed(desk: Desk) -> None:
    (parcel,) = desk.ready(1)
    batch = desk.take()
    with desk.app.database.write() as db:
        parcels.add_revision(db, desk.shop.id, parcel.id)
    stale = desk.do(batch, parcel, "pack", revision="0")
    assert stale.status_code == 422
    assert "look at it again" in stale.json["said"]
    shown = stale.json["parcels"][parcel.code]
    assert (shown["state"], shown["revision"]) == ("planned", 1)
    assert desk.do(batch, parcel, "pack", revision="1").json["parcels"][parcel.code]["revision"] == 2


def test_a_skip_needs_a_reason_and_other_ones_need_words(desk: Desk) -> None:
    parcel, other = desk.ready(2)
    batch = desk.take()
    assert desk.do(batch, parcel, "skip").status_code == 422
    refused = desk.do(batch, parcel, "skip", reason="other")
    assert refused.status_code == 422
    assert "Say in a few words why" in refused.json["said"]
    assert refused.json["parcels"][parcel.code]["state"] == "planned"
    done = desk.do(batch, parcel, "skip", reason="fragile")
    assert done.json["parcels"][parcel.code]["closed"] == "Skipped: too fragile for this parcel."
    assert desk.do(batch, other, "skip", reason="other", words="wet").json["parcels"][other.code]["state"] == "skipped"


def test_what_a_colleague_holds_is_refused_with_who_it_is(desk: Desk) -> None:
    parcel, *_ = desk.ready(1)
    desk.take(user_id=OTHER)
    other, *_ = desk.ready(1)
    batch = desk.take()
    refused = desk.do(batch, parcel, "pack")
    assert refused.status_code == 422
    assert "staff member 99" in refused.json["said"]
    assert desk.parcel(parcel).state == parcels.PLANNED
    assert desk.do(batch, other, "pack").status_code == 200


def test_what_is_scanned_comes_into_the_batch_if_it_is_free(desk: Desk) -> None:
    desk.ready(1)
    batch = desk.take()
    late, closed = desk.ready(2)
    desk.do(batch, late, "undo")
    found = desk.post(f"/panel/desk/{batch}/find", {"scanned": f"#{desk.number(late)}"})
    assert found.json["code"] == late.code
    assert f'data-code="{late.code}"' in found.json["parcel"]
    desk.post(f"/panel/parcels/{closed.code}/pack", {"wish": str(uuid4())})
    gone = desk.post(f"/panel/desk/{batch}/find", {"scanned": closed.code.lower()})
    assert gone.status_code == 422
    assert "This parcel is packed" in gone.json["said"]
    unknown = desk.post(f"/panel/desk/{batch}/find", {"scanned": "4711"})
    assert unknown.status_code == 404
    assert "4711" in unknown.json["said"]


def test_a_batch_can_be_given_back_and_held_on_to(desk: Desk) -> None:
    desk.ready(2)
    batch = desk.take()
    assert desk.post(f"/panel/desk/{batch}/hold").status_code == 204
    assert desk.post(f"/panel/desk/{batch}/hold", user_id=OTHER).status_code == 422
    page = desk.post(f"/panel/desk/{batch}/release")
    assert "2 free" in page.text
    assert page.headers["Panel-Path"] == "/desk"
    assert desk.post("/panel/desk/unknown/release").status_code == 404
    assert desk.get("/panel/desk/unknown").status_code == 404


def test_what_others_need_to_make_good_stands_on_today_and_is_settled_with_words(desk: Desk) -> None:
    (parcel,) = desk.ready(1)
    detail = {"parcel": parcel.code, "number": "1", "services": ["ship express"], "by": OTHER}
    with desk.app.database.write() as db:
        tasks.open_task(db, desk.shop.id, "promise_broken", "order:1", detail=detail, now=desk.app.now())
        (task,) = tasks.open_tasks(db, desk.shop.id)
    page = desk.get("/panel/").text
    assert "1 parcel is ready to pack." in page
    assert "a promise was not kept" in page
    assert "ship express" in page
    assert "All is well" not in page
    settled = desk.post("/panel/tasks/settle", {"task": task.id, "words": "sent a second parcel"})
    assert settled.status_code == 200
    assert "a promise was not kept" not in settled.text
    for never in (4711, 2**63, -1, "x"):
        assert desk.post("/panel/tasks/settle", {"task": never}).status_code == 404
