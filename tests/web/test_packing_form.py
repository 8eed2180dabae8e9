"""Packing in the program: its form, the warehouse by name, and the shelf of an extra that the shop counts."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
from factories import SHOP_URL, a_surprise_extra, an_extra, global_id
from panel_house import House, german_and_english

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import stock, variant_stock, work
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.store.parcels import items_of
from saleor_loyalty_app.store.variant_stock import VariantStock
from saleor_loyalty_app.store.warehouses import remember_warehouse

EDIT, PIECES = "/panel/program/edit", "/panel/program/pieces"
MUG, BREMEN = global_id("ProductVariant", 7), global_id("Warehouse", 1)
SUBJECT = f"stock:{MUG}"
SHELF = f"{PIECES}/extras/mug/shelf"


def counted_there(**packing: Any) -> str:
    names = {"en": "mug", "de": "Becher"}
    mug = a_surprise_extra("mug", name=names, stock=None, stock_in="shop", variant=MUG)
    caramel = an_extra(name={"en": "caramel", "de": "Karamell"})
    return german_and_english(
        extras=[caramel, mug], surprises=[{"chance": 1.0, "pool": ["mug"]}], packing={"warehouse": BREMEN, **packing}
    )


@pytest.fixture
def house(app: App) -> House:
    house = House(app)
    house.post(EDIT)
    return house


@pytest.fixture
def counting(app: App) -> House:
    """A shop that said, two hours ago, that 20 mugs lie there, of which orders wait for 3."""
    house = House(app, toml=counted_there())
    reading = VariantStock(
        extra_id="mug", variant_id=MUG, warehouse_id=BREMEN, quantity=20, allocated=3,
        read_at=app.now() - timedelta(hours=2), empty_at=None,
    )  # fmt: skip
    with app.database.write() as db:
        variant_stock.keep_reading(db, house.shop.id, reading)
        stock.set_count(db, house.shop.id, "mug", 17, now=app.now(), why="shop")
        remember_warehouse(db, house.shop.id, BREMEN, "Bremen")
    return house


@pytest.fixture
def shop_answers() -> Iterator[dict[str, Any]]:
    """What the shop answers about its warehouses; None for no answer at all."""
    edges = [{"node": {"id": BREMEN, "name": "Bremen <1>"}}, {"node": {"id": "w2", "name": "Aachen"}}]
    page = {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    answers: dict[str, Any] = {"ReadWarehouses": {"warehouses": page}, "ReadChannels": {"channels": []},
                               "FindVariants": {"productVariants": {"edges": []}}}  # fmt: skip

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        data = answers[json.loads(request.body)["operationName"]]
        return (200, {}, json.dumps({"data": data})) if data else (502, {}, "")

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add_callback(responses.POST, SHOP_URL, callback=answer)
        yield answers


def rules(house: House) -> Program:
    with house.app.database.read() as db:
        draft = draft_of(db, house.shop.id)
    assert draft is not None
    return read_program(draft.toml)


def was(page: Any) -> str:
    found = re.search(r'name="was" value="(\w+)"', page.text)
    assert found
    return found[1]


def save(house: House, **typed: str) -> Any:
    return house.post(f"{EDIT}/packing", {"was": was(house.get(f"{EDIT}/packing")), **typed})


# ---- The form


def test_packing_is_changed_by_a_form_and_taken_back_to_its_defaults(house: House) -> None:
    answer = save(house, order_note="yes", warehouse=BREMEN, approve_notes="yes")
    assert answer.headers["Panel-Path"] == "/program/edit"
    packing = rules(house).packing
    assert (packing.order_note, packing.warehouse, packing.approve_notes) == (True, BREMEN, True)
    page = house.get(f"{EDIT}/packing").text
    assert len(re.findall(r'type="checkbox"[^>]*checked', page)) == 2
    assert f'<option value="{BREMEN}" selected>' in page
    save(house, warehouse="")
    assert rules(house).packing == Program.model_fields["packing"].default


def test_the_draft_leads_to_it_and_names_its_problems(house: House) -> None:
    assert 'hx-get="/panel/program/edit/packing"' in house.get(EDIT).text
    extra = house.get(f"{EDIT}/extras/bookmark")
    typed = {"was": was(extra), "name.en": "bookmark", "kind": "surprise", "cost": "0.60", "stock": "10",
             "stock_in": "shop", "variant": MUG}  # fmt: skip
    assert house.post(f"{EDIT}/extras/bookmark", typed).status_code == 200
    page = house.get(EDIT).text
    assert "Packing, warehouse: is needed, since the shop counts &#39;bookmark&#39;" in page
    assert "leave it out" not in page, "the app's own count goes with the choice"
    save(house, warehouse=BREMEN)
    assert "is needed, since the shop" not in house.get(EDIT).text
    bookmark = rules(house).extras[1]
    assert (bookmark.stock_in, bookmark.stock) == ("shop", None)


def test_a_missing_permission_is_said_beside_the_warehouse(app: App) -> None:
    house = House(app, permissions=["MANAGE_ORDERS", "MANAGE_USERS"])
    house.post(EDIT)
    assert "lacks the permission “Manage products”" in house.get(f"{EDIT}/packing").text


def test_who_may_not_change_the_program_may_not_see_its_forms(house: House) -> None:
    for path in (f"{PIECES}/warehouses", f"{EDIT}/packing", SHELF):
        assert house.post(path, permissions=["MANAGE_PRODUCTS"]).status_code == 403


# ---- Warehouses by name


def test_the_shops_warehouses_are_offered_by_name(house: House, shop_answers: dict[str, Any]) -> None:
    text = house.post(f"{PIECES}/warehouses", {"warehouse": BREMEN}).text
    assert f'<option value="{BREMEN}" selected>Bremen &lt;1&gt;</option>' in text
    assert '<option value="w2">Aachen</option>' in text
    gone = house.post(f"{PIECES}/warehouses", {"warehouse": "old"}).text
    assert '<option value="old" selected>old</option>' in gone
    assert "does not have this warehouse" in gone


def test_what_is_chosen_stays_while_the_shop_does_not_answer(house: House, shop_answers: dict[str, Any]) -> None:
    shop_answers["ReadWarehouses"] = None
    with house.app.database.write() as db:
        remember_warehouse(db, house.shop.id, "w2", "Aachen")
    text = house.post(f"{PIECES}/warehouses", {"warehouse": "old"}).text
    assert '<option value="old" selected>old</option>' in text
    assert '<option value="w2">Aachen</option>' in text
    assert "does not answer" in text
    assert "does not have" not in text


def test_the_check_names_a_warehouse_that_is_gone_and_the_others_by_name(
    house: House, shop_answers: dict[str, Any]
) -> None:
    save(house, warehouse="w2")
    text = house.get("/panel/program/check").text
    assert "Packing, warehouse" in text
    assert "Aachen" in text
    save(house, warehouse="w9")
    assert "the shop has no warehouse with this id any more" in house.get("/panel/program/check").text


def test_the_rules_in_force_are_said_in_words(counting: House) -> None:
    text = counting.get("/panel/program").text
    for words in ("counted by the shop", "Bremen", "private metadata"):
        assert words in text, words
    german = counting.get("/panel/program/versions/1", locale="de").text
    assert "vom Shop gezählt" in german
    assert "Bremen" in german


# ---- The shelf


def test_the_shelf_says_what_the_shop_counts_and_has_no_count_of_its_own(counting: House) -> None:
    counting.post(EDIT)
    text = counting.get(f"{EDIT}/extras/mug").text
    shelf = text[text.index('id="shelf-card"') :]
    assert "17 pieces are left for new parcels." in shelf
    assert re.findall(r"<dd>(\d+)</dd>", shelf) == ["20", "3", "0"]
    assert "Bremen" in shelf
    assert 'name="pieces"' not in shelf
    assert "Stop counting" not in shelf


def test_opening_the_shelf_asks_the_shop_again_and_only_once(counting: House) -> None:
    counting.post(EDIT)
    page = counting.get(f"{EDIT}/extras/mug").text
    assert 'hx-trigger="load delay:0s"' in page
    first = counting.post(SHELF, {"looks": "1"}).text
    assert 'hx-trigger="load delay:2s"' in first
    with counting.app.database.read() as db:
        wanted = work.find(db, counting.shop.id, SUBJECT)
    assert wanted is not None
    assert wanted.due_at == counting.app.now()
    assert "hx-trigger" not in counting.post(SHELF, {"looks": "5"}).text, "it does not ask for ever"


def test_a_fresh_shelf_is_left_in_peace(counting: House) -> None:
    with counting.app.database.write() as db:
        reading = variant_stock.readings(db, counting.shop.id)["mug"]
        values = {name: getattr(reading, name) for name in VariantStock.__dataclass_fields__}
        fresh = VariantStock(**{**values, "read_at": counting.app.now()})
        variant_stock.keep_reading(db, counting.shop.id, fresh)
    counting.post(EDIT)
    page = counting.get(f"{EDIT}/extras/mug").text
    assert "hx-trigger" not in page[page.index('id="shelf-card"') :]
    assert "hx-trigger" in counting.post(SHELF).text, "whoever asks waits for the answer"


def test_counting_by_hand_does_not_reach_what_the_shop_counts(counting: House) -> None:
    counting.post(SHELF, {"pieces": "99"})
    counting.post(SHELF, {"stop": "yes"})
    with counting.app.database.read() as db:
        assert stock.stock_of(db, counting.shop.id)["mug"] == 17


def test_a_trouble_is_said_there_and_staff_can_say_that_the_number_is_right(counting: House) -> None:
    parcel = counting.bought(total=150)
    with counting.app.database.write() as db:
        item = next(item for item in items_of(db, counting.shop.id, parcel.id) if item.extra_id == "mug")
        variant_stock.add_move(db, counting.shop.id, item.id, MUG, BREMEN, -1, now=counting.app.now())
    assert "right now" not in counting.post(SHELF).text, "as long as nothing is wrong, the app sees to it"
    counting.failed(SUBJECT, "The shop counts only 0.")
    text = counting.post(SHELF, {"looks": "2"}).text
    assert "The shop counts only 0." in text
    assert 'name="right"' in text
    said = counting.post(SHELF, {"right": "yes"})
    assert "holds from now on" in said.headers["HX-Trigger"]
    assert 'name="right"' not in said.text
    assert "The shop counts only 0." not in said.text, "it is asked anew"
    assert 'hx-trigger="load delay:2s"' in said.text, "and its answer is waited for"
    counting.failed(SUBJECT, "The shop counts only 0.")
    counting.post(SHELF)
    assert "The shop counts only 0." in counting.post(SHELF, {"looks": "5"}).text, "not for ever"
    with counting.app.database.read() as db:
        assert variant_stock.untold(db, counting.shop.id, MUG) == []


def test_a_trouble_with_the_stock_stands_on_today_in_words(counting: House) -> None:
    counting.failed(SUBJECT, "The shop counts only 0.")
    text = counting.get("/panel/").text
    assert "Stock of an extra that the shop counts" in text
    assert "The shop counts only 0." in text
