"""The draft in the panel: changed part by part by several people at once, checked, published, thrown away."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from factories import SHOP_URL, a_surprise_extra, an_extra, global_id, program_toml
from panel_house import HOSTILE, House, german_and_english
from PIL import Image

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.edit_program import draft_data
from saleor_loyalty_app.store import pictures, programs, stock
from saleor_loyalty_app.store.drafts import Draft, draft_of

EDIT = "/panel/program/edit"
SECOND = {"user_id": global_id("User", 22)}
VARIANT = global_id("ProductVariant", 7)


@pytest.fixture
def house(app: App) -> House:
    house = House(app)
    house.post(EDIT)
    return house


@pytest.fixture
def shop_api() -> Iterator[dict[str, Any]]:
    """What the shop answers, by operation; None is a refusal for want of a permission."""
    node = {
        "id": VARIANT, "name": "100 g", "sku": "ASSAM-100", "trackInventory": True,
        "product": {"name": "Assam <b>"}, "channelListings": [],
    }  # fmt: skip
    channel = {"currencyCode": "USD", "isActive": True}
    answers: dict[str, Any] = {
        "ReadChannels": {"channels": [
            {"slug": "web", "name": "Web shop", "orderSettings": {"automaticallyConfirmAllNewOrders": True}, **channel},
            {"slug": "desk", "name": "Desk", "orderSettings": {"automaticallyConfirmAllNewOrders": False}, **channel},
        ]},
        "FindVariants": {"productVariants": {"edges": [{"node": node}]}},
    }  # fmt: skip

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        data = answers[json.loads(request.body)["operationName"]]
        if data is None:
            refused = {"message": "denied", "extensions": {"exception": {"code": "PermissionDenied"}}}
            return 200, {}, json.dumps({"errors": [refused], "data": None})
        return 200, {}, json.dumps({"data": data})

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add_callback(responses.POST, SHOP_URL, callback=answer)
        yield answers


def draft(house: House) -> Draft:
    with house.app.database.read() as db:
        found = draft_of(db, house.shop.id)
    assert found is not None
    return found


def rules(house: House) -> Program:
    return read_program(draft(house).toml)


def was(page: Any) -> str:
    found = re.search(r'name="was" value="(\w+)"', page.text)
    assert found
    return found[1]


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


BOOKMARK = {
    "name.en": "bookmark", "kind": "surprise", "cost": "0.60", "stock": "10", "weight": "10",
    "again_after_days": "180", "variant": "variant-bookmark",
}  # fmt: skip


def save_bookmark(house: House, page: Any, locale: str = "en", **changes: str) -> Any:
    values = {**BOOKMARK, "was": was(page), **changes}
    return house.post(f"{EDIT}/extras/bookmark", values, locale=locale)


# ---- Beginning, going on, throwing away


def test_a_draft_begins_with_a_click_and_not_by_looking(app: App) -> None:
    house = House(app)
    for path in ("", "/extras/caramel", "/new/tiers", "/text", "/delivery"):
        assert "There is no draft" in house.get(EDIT + path).text
    assert "There is no draft" in house.get("/panel/program/check").text
    with app.database.read() as db:
        assert draft_of(db, house.shop.id) is None
    assert "Draft of the next version" in house.post(EDIT).text
    assert "last changed" in house.get("/panel/program").text


def test_a_draft_is_discarded_only_after_our_own_question(house: House) -> None:
    house.post(f"{EDIT}/discard")
    assert draft(house)
    for _ in range(2):
        assert toast(house.post(f"{EDIT}/discard", {"sure": "yes"}))["status"] == "success"
    with house.app.database.read() as db:
        assert draft_of(db, house.shop.id) is None


# ---- One part


def test_a_part_is_changed_in_the_draft_and_nowhere_else(house: House) -> None:
    answer = save_bookmark(house, house.get(f"{EDIT}/extras/bookmark"), cost="1,75", not_to="Deutschland", locale="de")
    assert answer.headers["Panel-Path"] == "/program/edit"
    extra = rules(house).extra("bookmark")
    assert extra is not None
    assert (str(extra.cost), extra.not_to) == ("1.75", ("DE",))
    with house.app.database.read() as db:
        assert len(programs.all_versions(db, house.shop.id)) == 1


def test_what_is_wrong_is_kept_and_said_beside_its_field(house: House) -> None:
    for locale in ("en", "de"):
        page = house.get(f"{EDIT}/extras/bookmark")
        answer = save_bookmark(house, page, cost="a lot", best_before="soon", locale=locale)
        assert toast(answer)["status"] == "warning"
        text = answer.text
        assert 'value="a lot"' in text
        assert 'id="f-cost-problem"' in text
        assert 'id="f-best_before-problem"' in text
        assert answer.headers["Panel-Path"] == "/program/edit/extras/bookmark"
    overview = house.get(EDIT).text
    assert "2 problems" in overview
    assert 'hx-get="/panel/program/edit/extras/bookmark"' in overview
    check = house.get("/panel/program/check").text
    assert "Publish as version" not in check
    assert house.get("/panel/program/check/preview").text.count("Publish as version") == 0
    answer = house.post("/panel/program/publish", {"base": "1", "revision": str(draft(house).revision)})
    assert answer.status_code == 422
    with house.app.database.read() as db:
        assert len(programs.all_versions(db, house.shop.id)) == 1


def test_parts_are_added_once_however_often_the_form_is_sent(house: House) -> None:
    tier = {"name.en": "Plåtinum Gäste", "enter.spend": "900", "enter.needs": "all", "enter.window.kind": "rolling",
            "enter.window.days": "365", "keep.own": "no", "grace_days": "30", "warn_days": "30"}  # fmt: skip
    for _ in range(2):
        assert house.post(f"{EDIT}/new/tiers", tier).status_code == 200
    assert [one.id for one in rules(house).tiers] == ["silver", "gold", "platinum-gaeste"]
    rule = {"chance": "50", "pool": "bookmark", "every_orders": "2", "every_days": "0"}
    for _ in range(2):
        house.post(f"{EDIT}/new/surprises", rule)
    assert len(rules(house).surprises) == 2
    note = {"id": "thanks", "language": "de", "text": "{{ greeting }}\r\n\r\ndanke!"}
    for _ in range(2):
        house.post(f"{EDIT}/new/notes", note)
    assert [one.language for one in rules(house).notes] == ["en", "de"]
    assert house.get(f"{EDIT}/new/budget").status_code == 404


def test_parts_are_moved_once_and_removed_once(house: House) -> None:
    revision = str(draft(house).revision)
    for _ in range(2):
        house.post(f"{EDIT}/tiers/gold/move", {"revision": revision, "to": "up"})
    assert [one.id for one in rules_data(house)["tiers"]] == ["gold", "silver"]
    page = house.get(f"{EDIT}/tiers/gold")
    for _ in range(2):
        assert house.post(f"{EDIT}/tiers/gold/remove", {"was": was(page)}).status_code == 200
    assert [one.id for one in rules(house).tiers] == ["silver"]


def rules_data(house: House) -> dict[str, Any]:
    class Row:
        def __init__(self, id: str) -> None:
            self.id = id

    return {"tiers": [Row(tier["id"]) for tier in draft_data(draft(house).toml)["tiers"]]}


def test_the_shops_lines_sender_budget_and_moments_are_changed(house: House) -> None:
    page = house.get(f"{EDIT}/shop")
    lines = {"was": was(page), "name": "Friends", "currency": "USD", "time_zone": "Asia/Tokyo",
             "languages": "English, German", "trigger": "placed", "note_chance": "40",
             "rates.code": "EUR", "rates.rate": "1.1"}  # fmt: skip
    assert house.post(f"{EDIT}/shop", lines).headers["Panel-Path"] == "/program/edit"
    for part, values in (
        ("sender", {"name": "Ada", "sign_off.en": "Yours"}),
        ("budget", {"month": "250", "customer_year": "", "by_hand_month": "30"}),
        ("moments", {"nth_orders": "3, 6", "anniversary_years": "", "comeback_days": "90"}),
    ):
        assert house.post(f"{EDIT}/{part}", {"was": was(house.get(f"{EDIT}/{part}")), **values}).status_code == 200
    now = rules(house)
    assert (now.name, now.time_zone, now.trigger, now.gift_cards_count) == ("Friends", "Asia/Tokyo", "placed", False)
    assert (now.note_chance, {code: str(rate) for code, rate in now.rates.items()}) == (0.4, {"EUR": "1.1"})
    assert (now.sender.name, now.sender.sign_off) == ("Ada", {"en": "Yours"})
    assert (str(now.budget.month), now.budget.customer_year, str(now.budget.by_hand_month)) == ("250", None, "30")
    assert (now.moments.nth_orders, now.moments.anniversary_years, now.moments.comeback_days) == ((3, 6), (), 90)


# ---- Two people


def test_who_changes_another_part_is_in_nobodys_way(house: House) -> None:
    mine, theirs = house.get(f"{EDIT}/extras/bookmark"), house.get(f"{EDIT}/sender")
    house.post(f"{EDIT}/sender", {"was": was(theirs), "name": "Ada"}, **SECOND)
    assert save_bookmark(house, mine, shelf="C3").status_code == 200
    assert (rules(house).sender.name, rules(house).extras[1].shelf) == ("Ada", "C3")


def test_nobodys_typing_is_lost_when_both_change_the_same_part(house: House) -> None:
    page = house.get(f"{EDIT}/extras/bookmark")
    assert save_bookmark(house, page, shelf="A1").status_code == 200
    answer = save_bookmark(house, page, shelf="Z9")
    assert answer.status_code == 409
    assert "Somebody changed this part" in answer.text
    assert 'value="Z9"' in answer.text
    assert "A1" in answer.text  # what stands there now
    assert rules(house).extras[1].shelf == "A1"
    assert save_bookmark(house, answer, shelf="Z9").status_code == 200
    assert rules(house).extras[1].shelf == "Z9"


def test_the_same_form_sent_twice_is_no_conflict(house: House) -> None:
    page = house.get(f"{EDIT}/extras/bookmark")
    for _ in range(2):
        assert save_bookmark(house, page, shelf="A1").status_code == 200
    assert draft(house).revision == 2


def test_a_note_that_moved_in_the_list_is_found_again(app: App) -> None:
    notes = [{"id": id, "language": "en", "text": f"{id} {{{{ greeting }}}}"} for id in ("one", "two")]
    house = House(app, toml=german_and_english(notes=notes))
    house.post(EDIT)
    first, second = house.get(f"{EDIT}/notes/~1"), house.get(f"{EDIT}/notes/~2")
    house.post(f"{EDIT}/notes/~1/remove", {"was": was(first)}, **SECOND)
    answer = house.post(f"{EDIT}/notes/~2", {"was": was(second), "id": "two", "language": "en", "text": "changed"})
    assert answer.status_code == 200
    assert [(one.id, one.text) for one in rules(house).notes] == [("two", "changed")]


def test_what_was_typed_into_a_removed_part_can_be_added_again(house: House) -> None:
    page = house.get(f"{EDIT}/notes/~1")
    house.post(f"{EDIT}/notes/~1/remove", {"was": was(page)}, **SECOND)
    answer = house.post(f"{EDIT}/notes/~1", {"was": was(page), "id": "thanks", "language": "en", "text": "My words"})
    assert answer.status_code == 409
    assert "My words" in answer.text
    assert 'hx-post="/panel/program/edit/new/notes"' in answer.text


def test_what_was_typed_survives_that_the_draft_was_published(house: House) -> None:
    page = house.get(f"{EDIT}/sender")
    house.post(f"{EDIT}/discard", {"sure": "yes"}, **SECOND)
    answer = house.post(f"{EDIT}/sender", {"was": was(page) + "x", "name": "Ada"})
    assert answer.status_code == 409
    assert 'value="Ada"' in answer.text


# ---- Hostile texts


def test_hostile_drafts_are_only_text(app: App) -> None:
    extras = [an_extra(name={"en": HOSTILE}), a_surprise_extra(shelf=HOSTILE, contains=[HOSTILE])]
    house = House(app, toml=german_and_english(extras=extras, name=HOSTILE))
    house.bought(total=10)
    house.post(EDIT)
    paths = ("", "/shop", "/extras/caramel", "/extras/bookmark", "/surprises/~1", "/text", "/new/surprises")
    pages = [house.get(EDIT + path) for path in paths]
    pages += [house.get("/panel/program"), house.get("/panel/program/check"), house.get("/panel/program/versions/1")]
    pages.append(house.post("/panel/program/pieces/note", {"text": HOSTILE, "language": "en", "id": HOSTILE}))
    for answer in pages:
        assert answer.status_code == 200
        assert "<script>" not in answer.text


SHAPES = (
    'name = 5\ntiers = "no"\nextras = [1, 2]\nlanguages = 3\n[notes]\na = 1\n',
    '[[extras]]\nid = "../../x"\nname = 7\n[[extras]]\n[[extras]]\nid = "../../x"\n',
    '[[surprises]]\nchance = "x"\npool = 1\n',
    '[delivery]\nweb = 1\n[delivery."<b>"]\nby = []\n[sender]\nname = []\nsign_off = 1\n[budget]\nmonth = {}\n',
    'tiers = [{ id = "a", enter = 3, keep = [], services = { x = 1 }, name = { de = [] } }]\n',
)


@pytest.mark.parametrize("toml", SHAPES)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_a_draft_of_any_shape_can_be_looked_at(house: House, shop_api: dict[str, Any], toml: str, locale: str) -> None:
    answer = house.post(f"{EDIT}/text", {"toml": toml, "revision": "1"}, locale=locale)
    assert answer.status_code == 200
    links = set(re.findall(r'hx-get="/panel(/program/edit/[^"]+)"', answer.text))
    for path in {*links, "/program/edit/delivery", "/program/check", "/program/edit/sender", "/program/edit/budget"}:
        assert house.get(f"/panel{path}", locale=locale).status_code == 200, path


# ---- As text


def test_the_text_is_kept_only_when_it_can_be_read_and_never_lost(house: House) -> None:
    answer = house.post(f"{EDIT}/text", {"toml": "[[[ nonsense </textarea><script>", "revision": "1"})
    assert answer.status_code == 422
    assert "nonsense" in answer.text
    assert "</textarea><script>" not in answer.text
    assert draft(house).revision == 1
    mine, theirs = german_and_english(name="Mine"), german_and_english(name="Theirs")
    assert house.post(f"{EDIT}/text", {"toml": theirs, "revision": "1"}, **SECOND).status_code == 200
    answer = house.post(f"{EDIT}/text", {"toml": mine, "revision": "1"})
    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert rules(house).name == "Theirs"
    assert house.post(f"{EDIT}/text", {"toml": mine, "revision": "2"}).status_code == 200
    assert rules(house).name == "Mine"


def test_a_file_is_imported_and_taken_away_again(house: House) -> None:
    toml = german_and_english(name="From a file")
    file = (io.BytesIO(b"\xef\xbb\xbf" + toml.replace("\n", "\r\n").encode()), "program.toml")
    assert house.post(f"{EDIT}/text", {"file": file, "revision": "1"}).status_code == 200
    assert draft(house).toml == toml
    picture = (io.BytesIO(b"\x89PNG\xff\xfe"), "x.png")
    assert house.post(f"{EDIT}/text", {"file": picture, "revision": "2"}).status_code == 422
    assert house.post(f"{EDIT}/text", {"toml": " ", "revision": "2"}).status_code == 422
    answer = house.post("/panel/program/export", {"version": "draft"})
    assert answer.text == toml
    assert answer.headers["Content-Disposition"] == 'attachment; filename="program-draft.toml"'
    assert 'name = "Regulars"' in house.post("/panel/program/export", {"version": "1"}).text
    for wrong in ("7", "", "x", "٣", "9" * 40):
        assert house.post("/panel/program/export", {"version": wrong}).status_code == 404


# ---- Before it is published


def test_the_check_shows_what_differs_who_would_move_and_what_would_be_given(house: House) -> None:
    house.bought(total=150)
    easier = german_and_english(surprises=[]).replace('spend = "500"', 'spend = "150"')
    house.post(f"{EDIT}/text", {"toml": easier, "revision": "1"})
    assert "What differs from version 1" in house.get("/panel/program/check").text
    text = house.get("/panel/program/check/preview").text
    for words in ("Anna Nguyen", "1</b><span>would go up", "$0.80", "$0.20", "Publish as version 2", "bookmark"):
        assert words in text, words
    assert "würden aufsteigen" in house.get("/panel/program/check/preview", locale="de").text
    with house.app.database.read() as db:
        assert len(programs.all_versions(db, house.shop.id)) == 1


def test_nobody_drops_unless_that_is_ticked(house: House) -> None:
    house.bought(total=150)
    harder = german_and_english().replace('spend = "100"', 'spend = "400"')
    house.post(f"{EDIT}/text", {"toml": harder, "revision": "1"})
    assert "Nobody would move" in house.get("/panel/program/check/preview").text
    ticked = house.get("/panel/program/check/preview?drops_allowed=yes").text
    assert "stays until 15 July 2026" in ticked
    assert '<input type="hidden" name="drops_allowed" value="yes">' in ticked


def test_a_tier_with_members_is_not_left_out_by_accident(house: House) -> None:
    house.bought(total=150)
    tiers = [{"id": "gold", "name": {"en": "Gold"}, "enter": {"spend": "500"}}]
    house.post(f"{EDIT}/text", {"toml": program_toml(tiers=tiers), "revision": "1"})
    text = house.get("/panel/program/check/preview").text
    assert "leaves out tiers" in text
    assert 'type="submit" disabled' in text
    assert house.post("/panel/program/publish", {"base": "1", "revision": "2"}).status_code == 422
    assert "leaves out tiers" not in house.get("/panel/program/check/preview?drops_allowed=yes").text
    answer = house.post("/panel/program/publish", {"base": "1", "revision": "2", "drops_allowed": "yes"})
    assert toast(answer)["title"] == "Version 2 is in force."


def test_publishing_twice_makes_one_version_and_ends_the_draft(house: House) -> None:
    house.post(f"{EDIT}/text", {"toml": german_and_english(name="New"), "revision": "1"})
    form = {"base": "1", "revision": "2"}
    assert toast(house.post("/panel/program/publish", form))["title"] == "Version 2 is in force."
    assert toast(house.post("/panel/program/publish", form))["status"] == "info"
    with house.app.database.read() as db:
        versions = programs.all_versions(db, house.shop.id)
        assert draft_of(db, house.shop.id) is None
    assert [(one.version, one.published_by) for one in versions] == [(2, global_id("User", 21)), (1, "test")]


def test_a_draft_that_changed_since_it_was_checked_is_not_published(house: House) -> None:
    house.post(f"{EDIT}/text", {"toml": german_and_english(name="Seen"), "revision": "1"})
    house.post(f"{EDIT}/text", {"toml": german_and_english(name="Unseen"), "revision": "2"}, **SECOND)
    answer = house.post("/panel/program/publish", {"base": "1", "revision": "2"})
    assert answer.status_code == 409
    assert "look at it again" in answer.text


def test_a_version_that_came_meanwhile_is_shown_before_it_is_replaced(house: House) -> None:
    from saleor_loyalty_app.services.publish_program import publish_program

    house.post(f"{EDIT}/text", {"toml": german_and_english(name="Mine"), "revision": "1"})
    toml = german_and_english(name="From the command line")
    publish_program(house.app, house.shop.id, toml=toml, published_by="command line")
    answer = house.post("/panel/program/publish", {"base": "1", "revision": "2"})
    assert answer.status_code == 409
    assert "Version 2 was published meanwhile" in answer.text
    assert "From the command line" in answer.text
    assert "since this draft was begun" in house.get(EDIT).text
    assert (
        toast(house.post("/panel/program/publish", {"base": "2", "revision": "2"}))["title"] == "Version 3 is in force."
    )


# ---- Pieces


def test_a_note_is_tried_on_a_real_order_with_its_translation_beside_it(app: App) -> None:
    notes = [{"id": "thanks", "language": "en", "text": "{{ greeting }} thank you."},
             {"id": "thanks", "language": "de", "text": "{{ greeting }} danke."}]  # fmt: skip
    house = House(app, toml=german_and_english(notes=notes))
    parcel = house.bought(total=150)
    house.post(EDIT)
    form = {"id": "thanks", "language": "en", "text": "Hello {{ name }}, {{ usual }}!", "try_on": parcel.code}
    text = house.post("/panel/program/pieces/note", form).text
    assert "Hello Anna" in text
    assert "<mark" in text
    assert "Hallo Anna, danke." in text
    assert "/program/edit/notes/~2" in text
    broken = house.post("/panel/program/pieces/note", {**form, "text": "{% for x in y %}{{ secret }}"}, locale="de")
    assert broken.status_code == 200
    assert 'class="problem"' in broken.text
    assert house.get(f"{EDIT}/new/notes?like=~1").text.count("selected") >= 1


def test_variants_are_searched_in_the_shop(house: House, shop_api: dict[str, Any]) -> None:
    text = house.post("/panel/program/pieces/variants", {"variant_words": "assam", "variant": ""}).text
    assert f'value="{VARIANT}"' in text
    assert "Assam &lt;b&gt;" in text
    chosen = house.post("/panel/program/pieces/variants", {"variant": VARIANT}).text
    assert f'value="{VARIANT}" checked' in chosen
    gone = house.post("/panel/program/pieces/variants", {"variant": "nothing"}).text
    assert "does not have this variant" in gone
    assert 'value="nothing" checked' in gone
    shop_api["FindVariants"] = None
    refused = house.post("/panel/program/pieces/variants", {"variant": VARIANT, "variant_words": "assam"}).text
    assert "may not look at your products" in refused
    assert f'value="{VARIANT}" checked' in refused


def test_channels_are_offered_and_an_order_line_only_where_it_can_work(house: House, shop_api: dict[str, Any]) -> None:
    text = house.post("/panel/program/pieces/channels", {"channels": ["desk", "old"]}).text
    assert 'value="desk" checked' in text
    assert 'value="old" checked' in text
    assert "Web shop" in text
    page = house.get(f"{EDIT}/delivery").text
    assert page.count('value="order_line"') == 1
    form = {"channel": "desk", "by": "order_line", "confirm_order": "yes", "was": was(house.get(f"{EDIT}/budget"))}
    for _ in range(2):
        assert house.post(f"{EDIT}/delivery", form).status_code == 200
    assert rules(house).delivery["desk"].by == "order_line"
    forgotten = re.search(
        r'value="desk"><input type="hidden" name="was" value="(\w+)"', house.get(f"{EDIT}/delivery").text
    )
    assert forgotten
    stale = house.post(f"{EDIT}/delivery", {**form, "by": "note"})
    assert stale.status_code == 409
    house.post(f"{EDIT}/delivery", {**form, "was": forgotten[1], "forget": "yes"})
    assert rules(house).delivery == {}


def test_the_shelf_and_the_picture_change_at_once(house: House) -> None:
    shelf, picture = "/panel/program/pieces/extras/caramel/shelf", "/panel/program/pieces/extras/caramel/picture"
    for typed in ("", "-1", "many", "٣", "9" * 30):
        assert house.post(shelf, {"pieces": typed}).status_code == 422
    for _ in range(2):
        assert "42 pieces" in house.post(shelf, {"pieces": "42"}).text
    with house.app.database.read() as db:
        assert stock.stock_of(db, house.shop.id)["caramel"] == 42
    assert "Not counted" in house.post(shelf, {"stop": "yes"}).text
    photo = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(photo, "JPEG")
    answer = house.post(picture, {"picture": (io.BytesIO(photo.getvalue()), "photo.jpg")})
    assert "data:image/webp;base64," in answer.text
    assert house.post(picture, {"picture": (io.BytesIO(b"no picture"), "x.jpg")}).status_code == 422
    assert house.post(picture, {}).status_code == 422
    assert "data:image/webp;base64," in house.get("/panel/program").text
    assert "data:image" not in house.post(picture, {"drop": "yes"}).text
    house.post("/panel/program/pieces/extras/nothing-such/picture", {"picture": (photo, "photo.jpg")})
    with house.app.database.read() as db:
        assert pictures.pictures_of(db, house.shop.id, ["nothing-such", "caramel"]) == {}
    assert draft(house).revision == 1


def test_a_photo_may_be_larger_than_a_webhook_but_not_without_end(house: House) -> None:
    path = "/panel/program/pieces/extras/caramel/picture"
    for size, is_too_large in ((3_000_000, False), (9_000_000, True)):
        head = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="photo.jpg"\r\n\r\n'
        body = head + b"x" * size + b"\r\n--b--\r\n"
        sent = {"headers": house.headers(), "data": body, "content_type": "multipart/form-data; boundary=b"}
        answer = house.client.post(path, **sent)
        assert answer.status_code == 422
        assert ("too large" in answer.text) == is_too_large
