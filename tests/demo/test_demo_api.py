"""The demo shop's API: every document of the app runs, refusals of the old server, pages, and trouble on order."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from demo_house import House
from graphql import parse, validate

from saleor_loyalty_app.demo.api.schema import schema_for
from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.files import project_path, project_text

FOLDER = project_path("graphql")
DOCUMENTS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.graphql"))


def document(name: str) -> str:
    text = (FOLDER / name).read_text(encoding="utf-8")
    shared = name != "OrderFacts.graphql" and "...OrderFacts" in text
    return text + project_text("graphql/OrderFacts.graphql") if shared else text


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "OrderFacts.graphql"])
def test_every_document_of_the_app_fits(name: str) -> None:
    assert validate(schema_for((3, 23, 28)), parse(document(name))) == []
    if "CustomerDeleted" not in name:
        assert validate(schema_for((3, 22, 67)), parse(document(name))) == []


def variables(house: House, order: Any) -> dict[str, Any]:
    return {
        "id": order.id,
        "order": order.id,
        "line": order.lines[0].id,
        "variant": house.gift.id,
        "customer": house.melissa.id,
        "first": 10,
        "promotions": True,
        "key": "some-key",
        "keys": ["some-key"],
        "message": "A message",
        "orderMirror": [{"key": "a", "value": "1"}],
        "customerMirror": [{"key": "a", "value": "1"}],
        "withNote": True,
        "withOrder": True,
        "withCustomer": True,
        "addresses": True,
        "prices": True,
        "mark": True,
        "warehouse": house.gift.stock[0].warehouse.id,
        "quantity": 4,
        "sortBy": {"field": "LAST_MODIFIED_AT", "direction": "ASC"},
        "where": {"updatedAt": {"gte": "2020-01-01T00:00:00+00:00"}},
        "ids": [house.melissa.id],
        "customers": [{"id": house.melissa.id, "input": {"privateMetadata": [{"key": "a", "value": "1"}]}}],
        "input": {
            "name": "n",
            "targetUrl": "http://127.0.0.1:9/",
            "query": document("subscriptions/OrderCreated.graphql"),
        },
    }


PLAIN = [name for name in DOCUMENTS if "/" not in name and name != "OrderFacts.graphql"]


@pytest.mark.parametrize("name", PLAIN)
def test_every_document_of_the_app_is_answered(house: House, name: str) -> None:
    given = variables(house, house.place())
    if name in ("WebhookUpdate.graphql", "WebhookDelete.graphql"):
        given["id"] = house.app.webhooks[0].id
    if name == "FindVariants.graphql":
        del given["ids"]  # these are of variants
    if name == "ReadCustomer.graphql":
        given["id"] = house.melissa.id
    if name == "ReadPackingLists.graphql":
        given["ids"] = [given["id"]]
    if name == "ReadVariantStock.graphql":
        given["ids"] = [house.gift.id]
    if name == "TellStock.graphql":
        given["mark"] = "12-ab"
    answer = house.ask(document(name), given)
    assert answer.status_code == 200
    assert "errors" not in answer.json(), answer.json()
    for field in answer.json()["data"].values():
        assert field is not None
        assert not (isinstance(field, dict) and field.get("errors"))


REFUSED = [
    ("{shop{name}} {app{id}}", "Must provide operation name"),
    ("query($n:Int!=3){orders(first:$n){totalCount}}", "is required and will not use the default value"),
    ('{order(id:"""x"""){id}}', "Syntax Error GraphQL (1:11)"),
    ("query($a:ID!){order(id:$a){id}}", 'Variable "$a" of required type "ID!" was not provided.'),
]


@pytest.mark.parametrize(("query", "message"), REFUSED, ids=["two", "default", "block string", "missing"])
def test_what_the_old_server_refuses_is_refused(house: House, query: str, message: str) -> None:
    answer = house.ask(query)
    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert message in answer.json()["errors"][0]["message"]


def test_many_customers_change_in_one_call_and_the_unknown_are_named(house: House) -> None:
    items = [{"key": "tier", "value": "gold"}]
    rows = [{"id": each, "input": {"privateMetadata": items}} for each in (house.melissa.id, "VXNlcjo5OTk5OTk=")]
    answer = house.data(document("MirrorTiers.graphql"), {"customers": rows})["customerBulkUpdate"]
    assert [[error["code"] for error in each["errors"]] for each in answer["results"]] == [[], ["NOT_FOUND"]]
    assert house.melissa.private_metadata == {"tier": "gold"}
    assert house.arrived() == ["CustomerUpdated"]


def test_pages_follow_one_another_without_gaps(house: House) -> None:
    placed = {house.place(items=[(house.tee, 1)]).id for _ in range(25)}
    query = document("ReadOrders.graphql")
    sort = {"field": "LAST_MODIFIED_AT", "direction": "ASC"}
    seen, after = [], None
    while True:
        page = house.data(query, {"first": 10, "after": after, "sortBy": sort})["orders"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert page["totalCount"] == 25
    assert len(seen) == 25
    assert set(seen) == placed


def test_a_page_goes_on_after_its_last_order_has_moved(house: House) -> None:
    orders = [house.place(items=[(house.tee, 1)]) for _ in range(4)]
    query = document("ReadOrders.graphql")
    wanted = {"first": 2, "sortBy": {"field": "LAST_MODIFIED_AT", "direction": "ASC"}}
    first = house.data(query, wanted)["orders"]
    house.shop.desk.add_note(orders[1], "moved to the end")
    rest = house.data(query, {**wanted, "first": 10, "after": first["pageInfo"]["endCursor"]})["orders"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == [orders[2].id, orders[3].id, orders[1].id]


def test_the_newest_comes_first_when_sorted_so(house: House) -> None:
    orders = [house.place(items=[(house.tee, 1)]) for _ in range(5)]
    wanted = {"first": 2, "sortBy": {"field": "CREATED_AT", "direction": "DESC"}}
    one = house.data(document("ReadOrders.graphql"), wanted)["orders"]
    two = house.data(document("ReadOrders.graphql"), {**wanted, "after": one["pageInfo"]["endCursor"]})["orders"]
    ids = [edge["node"]["id"] for page in (one, two) for edge in page["edges"]]
    assert ids == [order.id for order in reversed(orders)][:4]


def test_drafts_are_in_no_list(house: House) -> None:
    house.shop.orders.draft([(house.tee, 1)], channel=house.channel, customer=house.melissa)
    assert house.data("{orders(first:5){totalCount}}")["orders"]["totalCount"] == 0


def test_trouble_comes_when_it_is_ordered_and_only_for_the_operation_meant(house: House) -> None:
    house.shop.fate.fail_next("500", operation="AppAlive")
    assert house.ask("{shop{name}}").status_code == 200
    assert house.ask(document("AppAlive.graphql")).status_code == 500
    assert house.ask(document("AppAlive.graphql")).status_code == 200
    assert house.shop.calls["AppAlive"] == 2


def test_too_many_requests_say_when_to_come_again(house: House) -> None:
    house.shop.fate.fail_next("429")
    answer = house.ask("{shop{name}}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_cut_connection_leaves_the_effect_or_not(house: House, after_effect: bool) -> None:
    order = house.place()
    house.shop.fate.fail_next("cut", after_effect=after_effect)
    with pytest.raises(requests.ConnectionError):
        house.ask('mutation($o:ID!){orderNoteAdd(order:$o,input:{message:"x"}){errors{code}}}', {"o": order.id})
    assert ("NOTE_ADDED" in [note.type for note in order.notes]) is after_effect


def test_broken_json_and_errors_beside_data(house: House) -> None:
    house.shop.fate.fail_next("broken-json", after_effect=True)
    with pytest.raises(json.JSONDecodeError):
        json.loads(house.ask("{shop{name}}").text)
    house.shop.fate.fail_next("errors-beside-data")
    answer = house.ask("{a:shop{name} b:shop{name}}").json()
    assert answer["data"]["a"] is None
    assert answer["data"]["b"] == {"name": "Saleor e-commerce"}
    assert answer["errors"][0]["path"] == ["a"]


def test_a_rate_of_failures_is_the_same_for_the_same_seed(house: House) -> None:
    codes = []
    for _ in range(2):
        house.shop.fate.change(Mischief(seed=11, server_error_rate=0.3, too_many_requests_rate=0.2))
        codes.append([house.ask("{shop{name}}").status_code for _ in range(20)])
    assert codes[0] == codes[1]
    assert set(codes[0]) == {200, 429, 500}


def test_no_machine_paths_stand_in_the_demo() -> None:
    folder = project_path("saleor_loyalty_app/demo")
    for path in folder.rglob("*.py"):
        assert str(Path.home()) not in path.read_text(encoding="utf-8")
