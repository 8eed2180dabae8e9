"""The print room: choose, look through, start, watch, download, say what was written; and the stationery."""

import html
import io
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from factories import OTHER_SHOP_URL, Clock, jwks
from panel_house import HOSTILE, House, german_and_english
from PIL import Image
from test_parcel_page import text_of, toast

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import edit_note
from saleor_loyalty_app.services.print_batch import typeset_chunk
from saleor_loyalty_app.services.print_checks import PAGES_KEPT
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.store import print_jobs, stationery, work
from saleor_loyalty_app.store.parcel_notes import note_standing
from saleor_loyalty_app.store.parcel_tables import parcels as parcel_rows
from saleor_loyalty_app.store.parcels import Parcel

STAFF = "VXNlcjoyMQ=="


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def ready(house: House, count: int = 1, **order: Any) -> list[Parcel]:
    """Parcels that are ready to pack, each of a customer of its own."""
    from factories import a_buyer, global_id

    made = []
    for number in range(1, count + 1):
        buyer = a_buyer(
            user_id=global_id("User", number), email=f"anna.{number}@example.com", first_name=f"Name{number}"
        )
        made.append(house.bought(buyer=buyer, **order))
    with house.app.database.write() as db:
        ids = [one.id for one in made]
        db.execute(parcel_rows.update().where(parcel_rows.c.id.in_(ids)).values(ready_at=house.app.now()))
    return made


def look_through(house: House, **form: Any) -> Any:
    return house.post("/panel/print/check", {"kind": "cards", "which": "ready", **form})


def start(house: House, *, wish: str | None = None, **form: Any) -> str:
    """Start a job; return its code."""
    values = {"kind": "cards", "chosen": "ready", "wish": wish or str(uuid4()), **form}
    answer = house.post("/panel/print/jobs", values)
    assert answer.status_code == 200
    return str(answer.headers["Panel-Path"]).removeprefix("/print/jobs/")


def finish(house: House, code: str) -> None:
    while typeset_chunk(house.app, house.shop, code):
        pass


def state_of(house: House, parcel: Parcel) -> str:
    with house.app.database.read() as db:
        found = note_standing(db, house.shop.id, parcel.id)
    assert found is not None
    return found.state.value


def must_be_approved(house: House) -> None:
    toml = german_and_english() + "\n[packing]\napprove_notes = true\n"
    publish_program(house.app, house.shop.id, toml=toml, published_by="test")
    from factories import fresh

    house.shop = fresh(house.app, house.shop)


# ---- Choosing and looking through


def test_the_room_offers_to_copy_by_hand_first_and_says_what_is_ready(house: House) -> None:
    ready(house, 3)
    answer = house.get("/panel/print")
    kinds = re.findall(r'name="kind" value="(\w+)"', answer.text)
    assert kinds == ["copy_sheets", "cards", "slips", "extra_labels", "address_labels"]
    assert re.search(r'value="copy_sheets"[^>]* checked', answer.text)
    assert "3 parcels" in text_of(answer)


def test_looking_through_says_how_many_can_be_printed_and_names_the_others(house: House) -> None:
    some = ready(house, 3)
    edit_note(house.app, house.shop, some[1].id, text="Too long. " * 190, by=STAFF, wish=str(uuid4()))
    answer = look_through(house)
    words = text_of(answer)
    assert "2 can be printed" in words
    assert "1 can't be printed" in words
    assert "too long for this card" in words
    assert f'href="/parcels/{some[1].code}"' in answer.text
    assert "Print the 2 others" in words


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"which": "batch", "batch": ""}, "Give the batch's code."),
        ({"which": "batch", "batch": "B-NONE"}, "There is no batch with this code."),
        ({"which": "parcel", "parcel": "no such"}, "There is no parcel for this number or code."),
        ({"which": "day", "day": "soon"}, "Choose a day."),
        ({"which": "everything"}, "Choose for which parcels."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_names_no_parcels_is_said_at_the_form(house: House, form: dict[str, str], said: str) -> None:
    answer = look_through(house, **form)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)


def test_one_parcel_is_found_by_its_code_and_by_its_order(house: House) -> None:
    (parcel,) = ready(house)
    for typed in (parcel.code.lower(), "1", "#1"):
        answer = look_through(house, which="parcel", parcel=typed)
        assert answer.headers["Panel-Path"] == f"/print/in/parcel/{parcel.code}"
        assert "1 can be printed" in text_of(answer)


def test_an_address_chooses_the_parcels(house: House) -> None:
    (parcel,) = ready(house)
    answer = house.get(f"/panel/print/in/parcel/{parcel.code}")
    assert re.search(r'name="which" value="parcel" checked', answer.text)
    assert f'value="{parcel.code}"' in answer.text
    for strange in ("batch/<script>", "nothing", "day/never", "parcel/" + "x" * 90):
        assert house.get(f"/panel/print/in/{strange}").status_code == 200


def test_nothing_to_print_is_said(house: House) -> None:
    assert "There is no parcel here at the moment." in text_of(look_through(house))


# ---- One job


def test_a_job_is_started_once_watched_and_downloaded(house: House) -> None:
    (parcel,) = ready(house)
    wish = str(uuid4())
    code = start(house, wish=wish)
    assert start(house, wish=wish) == code
    page = house.get(f"/panel/print/jobs/{code}")
    assert "0 of 1" in text_of(page)
    assert "data-download" not in page.text
    finish(house, code)
    now = house.get(f"/panel/print/jobs/{code}/now")
    assert f'data-download="/panel/print/jobs/{code}/file"' in now.text
    assert house.get(f"/panel/print/jobs/{code}/now?mark={now.headers['Part-Mark']}").status_code == 204
    file = house.post(f"/panel/print/jobs/{code}/file")
    assert file.data.startswith(b"%PDF")
    assert file.headers["Content-Disposition"] == f'attachment; filename="cards-2026-06-15-{code}.pdf"'
    assert file.headers["Cache-Control"] == "no-store"
    assert state_of(house, parcel) == "printed"
    assert "Download again" in text_of(house.get("/panel/print"))


def test_printing_again_is_asked_first(house: House) -> None:
    ready(house, 2)
    code = start(house)
    finish(house, code)
    house.post(f"/panel/print/jobs/{code}/file")
    words = text_of(look_through(house))
    assert "2 of these 2 were printed on" in words
    assert "by you" in words
    assert "Print all 2 again" in words
    refused = house.post("/panel/print/jobs", {"kind": "cards", "chosen": "ready", "wish": str(uuid4())})
    assert refused.headers["Panel-Path"] == "/print/in/ready"  # once more the question
    again = start(house, again="yes")
    assert "0 of 2" in text_of(house.get(f"/panel/print/jobs/{again}"))


def test_a_job_is_stopped_and_its_pages_are_gone(house: House) -> None:
    ready(house)
    code = start(house)
    answer = house.post(f"/panel/print/jobs/{code}/cancel")
    assert toast(answer)["title"] == "Stopped. Its pages are deleted."
    assert house.post(f"/panel/print/jobs/{code}/file").status_code == 404
    assert house.get(f"/panel/print/jobs/{code}/now").status_code == 286


def test_a_job_that_failed_says_why_and_is_tried_again(house: House) -> None:
    ready(house)
    code = start(house)
    house.failed(f"print:{code}", "A print template has a mistake.")
    for path in (f"/panel/print/jobs/{code}", "/panel/print", "/panel/"):
        assert "A print template has a mistake." in text_of(house.get(path)), path
    assert 'href="/print"' in house.get("/panel/").text
    answer = house.post(f"/panel/print/jobs/{code}/again")
    assert toast(answer)["title"] == "It will be tried again now."
    with house.app.database.read() as db:
        row = work.find(db, house.shop.id, f"print:{code}")
    assert row is not None
    assert row.state == work.WAITING


def test_cards_written_by_hand_are_marked_when_a_person_says_so(house: House) -> None:
    (parcel,) = ready(house)
    code = start(house, kind="copy_sheets")
    finish(house, code)
    assert "written by hand" not in text_of(house.get(f"/panel/print/jobs/{code}/now"))
    house.post(f"/panel/print/jobs/{code}/file")
    assert state_of(house, parcel) == "approved"
    assert "The card is written by hand" in text_of(house.get(f"/panel/print/jobs/{code}/now"))
    house.post(f"/panel/print/jobs/{code}/copied")
    assert state_of(house, parcel) == "copied"
    assert "All cards are written by hand." in text_of(house.get(f"/panel/print/jobs/{code}/now"))


def test_what_could_not_be_printed_is_named_with_the_finished_job(house: House) -> None:
    some = ready(house, 2)
    code = start(house)
    edit_note(house.app, house.shop, some[0].id, text="Too long. " * 190, by=STAFF, wish=str(uuid4()))
    finish(house, code)
    page = house.get(f"/panel/print/jobs/{code}")
    assert "1 is not on the pages" in text_of(page)
    assert f'href="/parcels/{some[0].code}"' in page.text


def test_jobs_that_are_a_day_old_are_no_longer_listed(house: House, clock: Clock) -> None:
    ready(house)
    code = start(house)
    assert code in house.get("/panel/print").text
    clock.pass_time(seconds=PAGES_KEPT.total_seconds() + 60)
    assert code not in house.get("/panel/print").text


def test_another_shops_job_is_not_found(house: House) -> None:
    ready(house)
    code = start(house)
    stranger = House(house.app, saleor_api_url=OTHER_SHOP_URL, jwks=jwks("other"))
    from factories import dashboard_token

    token = dashboard_token(stranger.app.now(), key="other", iss=OTHER_SHOP_URL)
    headers = {"Saleor-Api-Url": OTHER_SHOP_URL, "Authorization-Bearer": token}
    for path in (f"/panel/print/jobs/{code}/file", f"/panel/print/jobs/{code}/cancel"):
        assert stranger.client.post(path, headers=headers).status_code in {401, 404}, path
    with house.app.database.read() as db:
        job = print_jobs.job_by_code(db, house.shop.id, code)
    assert job is not None
    assert job.state == print_jobs.WAITING


def test_only_staff_who_manage_orders_come_in(house: House) -> None:
    for path in ("/panel/print", "/panel/print/approve", "/panel/print/look"):
        assert house.get(path, permissions=["MANAGE_USERS"]).status_code == 403, path


# ---- Approving


def test_many_cards_are_read_and_approved_at_once(house: House) -> None:
    must_be_approved(house)
    some = ready(house, 3)
    assert "3 cards wait for a person to approve their words." in text_of(house.get("/panel/print"))
    assert "3 can't be printed" in text_of(look_through(house))
    page = house.get("/panel/print/approve")
    shown = re.findall(r'name="seen" value="([^"]+)"', page.text)
    assert len(shown) == 3
    one = house.post("/panel/print/approve", {"seen": shown, "only": shown[0]})
    assert toast(one)["title"] == "1 card is approved."
    both = house.post("/panel/print/approve", {"seen": shown})
    assert toast(both)["title"] == "2 cards are approved."
    assert {state_of(house, each) for each in some} == {"approved"}
    assert "No card waits for approval." in text_of(both)


def test_what_was_edited_meanwhile_is_shown_again(house: House) -> None:
    must_be_approved(house)
    (parcel,) = ready(house)
    shown = re.findall(r'name="seen" value="([^"]+)"', house.get("/panel/print/approve").text)
    edit_note(house.app, house.shop, parcel.id, text=f"New words. {HOSTILE}", by=STAFF, wish=str(uuid4()))
    answer = house.post("/panel/print/approve", {"seen": shown})
    assert toast(answer)["status"] == "warning"
    assert "New words." in text_of(answer)
    assert HOSTILE not in answer.text


def test_the_page_of_a_parcel_shows_how_far_its_card_is_and_by_whom(house: House) -> None:
    (parcel,) = ready(house)
    page = house.get(f"/panel/parcels/{parcel.code}")
    assert "Draft of the program" in page.text
    assert f'href="/print/in/parcel/{parcel.code}"' in page.text
    seen = re.findall(r'name="seen" value="([^"]+)"', page.text)[0]
    approved = house.post(f"/panel/parcels/{parcel.code}/note/approve", {"seen": seen})
    assert "you, 15 June 2026" in text_of(approved)
    copied = house.post(f"/panel/parcels/{parcel.code}/note/copied", {"seen": seen})
    assert "Written by hand" in text_of(copied)
    stale = house.post(f"/panel/parcels/{parcel.code}/note/approve", {"seen": "other"})
    assert stale.status_code == 200  # it is approved already
    edit = house.post(f"/panel/parcels/{parcel.code}/note", {"text": "New words", "wish": str(uuid4())})
    assert "must be printed or written once more" in html.unescape(edit.headers["HX-Trigger"])
    assert "It must be written once more." in text_of(edit)
    stale = house.post(f"/panel/parcels/{parcel.code}/note/approve", {"seen": seen})
    assert stale.status_code == 422
    assert "Somebody else changed this parcel meanwhile." in text_of(stale)


# ---- Stationery


def a_picture(size: tuple[int, int] = (300, 200), kind: str = "PNG", **how: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **how)
    return written.getvalue()


def look_form(house: House, **changes: Any) -> dict[str, Any]:
    """The form as the page shows it, with changes."""
    page = house.get("/panel/print/look").text
    inputs = re.findall(
        r'<input type="(?:hidden|color|range|url)"(?: id="[^"]*")? name="(\w+)"[^>]* value="([^"]*)"', page
    )
    form = {name: html.unescape(value) for name, value in inputs}
    form |= {"copy_size": "20", "font": "caveat"}
    for name in ("card_format", "orientation", "sheet_paper", "label_sheet", "from_country"):
        select = re.search(rf'<select id="f-{name}".*?</select>', page, re.DOTALL)
        assert select is not None
        form[name] = re.search(r'value="([^"]*)" selected', select[0])[1]  # type: ignore[index]
    form |= {"logo_shows": "yes", "signature_shows": "yes", "slip_code": "yes"}
    return {**form, **changes}


def test_the_stationery_is_saved_as_a_whole_and_shown_again(house: House) -> None:
    changes = {
        "card_format": "a7",
        "font": "kalam",
        "ink": "#112233",
        "slip_prices": "yes",
        "from_country": "DE",
        "return_address": "Kontor\r\n\r\nHafen 1",
        "answer_url": "https://shop.example.com/hello/{code}",
    }
    answer = house.post("/panel/print/look", look_form(house, **changes))
    assert answer.status_code == 200, text_of(answer)
    with house.app.database.read() as db:
        kept = stationery.stationery_of(db, house.shop.id)
    assert kept.settings["return_address"] == ["Kontor", "Hafen 1"]
    assert (kept.settings["card_format"], kept.settings["crop_marks"], kept.revision) == ("a7", False, 1)
    assert "Last saved by you" in text_of(house.get("/panel/print/look"))


def test_a_colleague_who_saved_meanwhile_is_not_overwritten(house: House) -> None:
    mine = look_form(house, ink="#aa0000")
    house.post("/panel/print/look", look_form(house, ink="#00aa00"))
    answer = house.post("/panel/print/look", mine)
    assert answer.status_code == 409
    assert "#00aa00" in text_of(answer)
    assert 'name="ink" value="#aa0000"' in answer.text
    again = {**mine, "revision": re.findall(r'name="revision" value="(\d+)"', answer.text)[0]}
    assert house.post("/panel/print/look", again).status_code == 200
    assert house.post("/panel/print/look", again).status_code == 200  # sent twice
    with house.app.database.read() as db:
        assert stationery.stationery_of(db, house.shop.id).revision == 2


@pytest.mark.parametrize(
    "changes",
    [{"ink": "red"}, {"copy_size": "900"}, {"copy_size": "many"}, {"answer_url": "javascript:alert(1)"},
     {"label_sheet": "none"}, {"card_format": "a0"}, {"from_country": "Germany"}, {"motif_shows": "-3"}],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(house: House, changes: dict[str, str]) -> None:
    answer = house.post("/panel/print/look", look_form(house, **changes))
    assert answer.status_code == 422
    (name,) = changes
    assert f'id="{name}-problem"' in answer.text


def test_a_proof_shows_what_the_form_says_before_it_is_saved(house: House) -> None:
    (parcel,) = ready(house)
    plain = house.post("/panel/print/look/proof", look_form(house))
    assert "data:image/png;base64," in plain.text
    real = house.post("/panel/print/look/proof", look_form(house, try_on=parcel.code))
    assert real.text != plain.text
    folded = house.post("/panel/print/look/proof", look_form(house, card_format="folded"))
    assert folded.text.count("data:image/png") == 2
    wrong = house.post("/panel/print/look/proof", look_form(house, ink="red"))
    assert "data:image" not in wrong.text
    assert "problem" in wrong.text


def test_each_font_shows_a_sample(house: House) -> None:
    answer = house.post("/panel/print/look/fonts", {"font": "kalam"})
    assert answer.text.count("data:image/png") == 5
    assert re.search(r'value="kalam" checked', answer.text)


@pytest.mark.parametrize("kind", ["motif", "logo", "signature"])
def test_a_picture_is_made_anew_for_printing(house: House, kind: str) -> None:
    data = a_picture((4000, 1000), "JPEG", exif=Image.Exif())
    path = f"/panel/print/look/pictures/{kind}"
    answer = house.post(path, {"picture": (io.BytesIO(data), "any.jpg")})
    assert json.loads(answer.headers["HX-Trigger"])["pictureChanged"] == kind
    with house.app.database.read() as db:
        png = stationery.pictures_of(db, house.shop.id)[kind]
    with Image.open(io.BytesIO(png)) as kept:
        assert kept.format == "PNG"
        assert max(kept.size) == (1000 if kind == "signature" else 2000)
    assert house.post(path, {"drop": "yes"}).status_code == 200
    with house.app.database.read() as db:
        assert stationery.pictures_of(db, house.shop.id) == {}


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload=alert(1)>", b"GIF89a" + b"\0" * 40], ids=["empty", "svg", "broken"]
)
def test_what_is_no_picture_is_refused_in_words(house: House, data: bytes) -> None:
    answer = house.post("/panel/print/look/pictures/logo", {"picture": (io.BytesIO(data), "x.png")})
    assert answer.status_code == 422
    assert 'id="logo-problem"' in answer.text


def test_a_picture_of_another_kind_is_not_found(house: House) -> None:
    assert house.post("/panel/print/look/pictures/stamp", {"drop": "yes"}).status_code == 404
