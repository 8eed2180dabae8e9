"""Every recorded exchange that the app uses is answered in the recorded shape.

Ids are exchanged for those of our shop; fields that our part of the schema lacks are taken out of the query
and of the recorded answer. Errors must be the same to the letter, costs and locations too where the query
was left as it was.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from demo_house import House
from graphql import FieldNode, GraphQLError, TypeInfo, TypeInfoVisitor, Visitor, parse, print_ast, visit
from graphql.language import REMOVE

from saleor_loyalty_app.demo import tokens
from saleor_loyalty_app.demo.api.schema import schema_for
from saleor_loyalty_app.demo.ids import split_id
from saleor_loyalty_app.demo.keys import SigningKeys

FOLDER = Path(__file__).parent / "exchanges"
NO_GRAPHQL = ("10-30-array-batch", "10-31-not-json", "10-34-empty-query")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem not in NO_GRAPHQL)
GONE = ("999999", "fa6a699a-4a83-42f3-84a5-605a492d2607")
VARIANTS = {
    "-unpub": "unpublished",
    "-unlisted": "unlisted",
    "-notrack": "untracked",
    "10-13": "sold_out",
    "10-15": "sold_out",
}


def recorded(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


class Scene:
    """The state that a recording was made in, told by its name."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        shop = house.shop
        self.order = house.place()
        self.line = self.order.lines[-1]
        self.token: str | None = house.app.token
        for part, prepare in PREPARE.items():
            if name.startswith(part):
                prepare(self)
        variant = next((VARIANTS[part] for part in VARIANTS if part in name), "gift")
        self.ids = {
            "Order": self.order.id,
            "User": house.melissa.id,
            "ProductVariant": getattr(house, variant).id,
            "OrderLine": self.line.id,
            "App": house.app.id,
        }
        shop.settle()

    def ours(self, value: Any) -> Any:
        """A recorded value with our ids in the place of theirs."""
        if isinstance(value, dict):
            return {key: self.ours(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.ours(part) for part in value]
        if isinstance(value, str):
            return re.sub(r"[A-Za-z0-9+/]{8,}={0,2}", lambda match: self._our_id(match[0]), value)
        return value

    def _our_id(self, text: str) -> str:
        parts = split_id(text)
        if parts is None or parts[0] not in self.ids or parts[1] in GONE:
            return text
        return self.ids[parts[0]]


def confirmed(scene: Scene) -> None:
    scene.house.shop.desk.confirm(scene.order)


def line_gone(scene: Scene) -> None:
    scene.house.shop.desk.delete_line(scene.line)


def gift_added(scene: Scene) -> None:
    scene.house.shop.desk.add_lines(scene.order, [(scene.house.gift, 1, Decimal(0), True)], by=scene.house.app)


def with_metadata(scene: Scene) -> None:
    items = {"loyalty.gift": "Sticker sheet", "loyalty.tier": "gold"}
    scene.house.shop.desk.write_metadata(scene.order, items, private=False)
    scene.house.shop.customers.write_metadata(scene.house.melissa, items, private=False, by=None)
    scene.house.shop.customers.write_metadata(scene.house.melissa, items, private=True, by=None)


def anonymous(scene: Scene) -> None:
    scene.token = None


def user_deleted(scene: Scene) -> None:
    scene.house.shop.customers.delete(scene.house.melissa)


def inactive(scene: Scene) -> None:
    scene.house.shop.apps.deactivate(scene.house.app)


def uninstalled(scene: Scene) -> None:
    scene.house.shop.apps.uninstall(scene.house.app)


def reactivated(scene: Scene) -> None:
    inactive(scene)
    scene.house.shop.apps.activate(scene.house.app)


def without_origin(scene: Scene) -> None:
    scene.house.shop.orders_without_origin = True


def promotion(scene: Scene) -> None:
    scene.house.shop.catalogue.start_promotion("Happy black day!")


def many_orders(scene: Scene) -> None:
    for _ in range(100):
        scene.house.place()


def unknown_token(scene: Scene) -> None:
    scene.token = "x" * (30 if "30-chars" in scene.name or "order-read" in scene.name else 12)


def forged(scene: Scene) -> None:
    scene.token = tokens.access_token(SigningKeys(), scene.house.api_url, scene.house.melissa)


def problem_open(scene: Scene) -> None:
    scene.house.data(recorded("11-01-app-problem-create")["query"], recorded("11-01-app-problem-create")["variables"])


def customer_token(scene: Scene) -> None:
    shop, user = scene.house.shop, scene.house.melissa
    scene.token = tokens.access_token(shop.keys, shop.api_url, user)


def refresh_token(scene: Scene) -> None:
    scene.token = tokens.refresh_token(scene.house.shop.keys, scene.house.api_url, scene.house.melissa)


def dashboard_token(scene: Scene) -> None:
    shop = scene.house.shop
    scene.token = tokens.page_token(shop.keys, shop.api_url, scene.house.admin, scene.house.app)


def signed_out(scene: Scene) -> None:
    customer_token(scene)
    scene.house.shop.customers.sign_out_everywhere(scene.house.melissa)


def user_inactive(scene: Scene) -> None:
    customer_token(scene)
    scene.house.shop.customers.update(scene.house.melissa, is_active=False)


PREPARE: dict[str, Callable[[Scene], None]] = {
    "01-04": gift_added,
    "01-14": line_gone,
    "01-18": confirmed,
    "01-19": confirmed,
    "01-20": confirmed,
    "03-": with_metadata,
    "03-01": confirmed,
    "03-14": anonymous,
    "03-15": anonymous,
    "03-16": anonymous,
    "03-20": anonymous,
    "08-07": user_deleted,
    "08-11": inactive,
    "08-12": inactive,
    "08-14": reactivated,
    "08-21": uninstalled,
    "09-00": without_origin,
    "09-01": many_orders,
    "09-11": with_metadata,
    "09-21": promotion,
    "10-01": unknown_token,
    "10-02": unknown_token,
    "10-03": unknown_token,
    "10-04": anonymous,
    "10-05": forged,
    "11-02": problem_open,
    "11-05": problem_open,
    "11-07": problem_open,
    "13-02": customer_token,
    "13-03": refresh_token,
    "13-05": dashboard_token,
    "13-08": signed_out,
    "13-09": user_inactive,
}


class _OnlyOurs(Visitor):
    """Takes fields out of a query that our schema lacks."""

    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self.type_info, self.removed = type_info, False

    def enter_field(self, node: FieldNode, *_rest: Any) -> Any:
        if self.type_info.get_field_def() is None and not node.name.value.startswith("__"):
            self.removed = True
            return REMOVE
        return None


def our_part(query: str) -> tuple[str, bool]:
    """The query without what our schema lacks, and whether something was taken out."""
    try:
        document = parse(query)
    except GraphQLError:
        return query, False
    type_info = TypeInfo(schema_for((3, 23, 28)))
    visitor = _OnlyOurs(type_info)
    smaller = visit(document, TypeInfoVisitor(type_info, visitor))
    if not visitor.removed:
        return query, False
    text = print_ast(smaller)
    for name in re.findall(r"\$(\w+):", text):
        if text.count(f"${name}") == 1:
            text = re.sub(rf"(, )?\${name}: [\w!\[\]]+", "", text)
    return text, True


def asks_for_nonsense(name: str) -> bool:
    return name.startswith(("10-20", "10-21", "10-22"))


def assert_alike(theirs: Any, ours: Any, where: str = "") -> None:
    """The same keys and the same types; unknown extra keys in theirs are fields that we lack."""
    if theirs is None or ours is None:
        return
    assert type(theirs) is type(ours), f"{where}: {theirs!r} against {ours!r}"
    if isinstance(theirs, dict):
        assert set(ours) <= set(theirs), f"{where}: {set(ours) - set(theirs)} is not theirs"
        for key in ours:
            assert_alike(theirs[key], ours[key], f"{where}.{key}")
    elif isinstance(theirs, list) and theirs:
        assert ours, f"{where} is empty"
        assert_alike(theirs[0], ours[0], f"{where}[0]")


def business_errors(data: Any) -> list[Any]:
    """All `errors` of mutations in an answer, without the fields that carry generated ids."""
    return [field["errors"] for field in (data or {}).values() if isinstance(field, dict) and "errors" in field]


def hidden(errors: list[Any] | None, *, with_places: bool) -> list[Any]:
    """Top-level errors as production shows them: unexpected exceptions without their text."""
    shown = []
    for each in errors or []:
        code = each["extensions"]["exception"]["code"]
        message = "Internal Server Error" if code in ("InsufficientStock", "KeyError") else each["message"]
        shown.append(
            (message.split(" Did you mean")[0], code, each.get("path"), each.get("locations") if with_places else None)
        )
    return shown


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_exchange_is_answered_in_the_recorded_shape(house: House, name: str) -> None:
    record = recorded(name)
    scene = Scene(house, name)
    query, smaller = (record["query"], False) if asks_for_nonsense(name) else our_part(record["query"])
    answer = house.ask(query, scene.ours(record["variables"]), token=scene.token)
    theirs, ours = scene.ours(record["response"]), answer.json()

    assert answer.status_code == record["status"], ours
    assert ("data" in ours) == ("data" in theirs)
    assert hidden(ours.get("errors"), with_places=not smaller) == hidden(theirs.get("errors"), with_places=not smaller)
    if theirs.get("data") is None:
        assert ours.get("data") is None
    assert business_errors(ours.get("data")) == business_errors(theirs.get("data"))
    assert_alike(theirs.get("data"), ours.get("data"))
    if not smaller and not asks_for_nonsense(name):
        assert ours.get("extensions") == theirs.get("extensions")


def test_a_batch_is_refused_as_recorded(house: House) -> None:
    answer = requests.post(house.api_url, json=[{"query": "{app{id}}"}] * 2, timeout=30)
    assert (answer.status_code, answer.json()) == (400, recorded("10-30-array-batch")["response"])


def test_what_is_no_json_is_refused_as_recorded(house: House) -> None:
    answer = requests.post(house.api_url, data="nonsense", timeout=30)
    assert (answer.status_code, answer.json()) == (400, recorded("10-31-not-json")["response"])


def test_an_empty_query_is_refused_as_recorded(house: House) -> None:
    answer = requests.post(house.api_url, json={"query": ""}, timeout=30)
    assert (answer.status_code, answer.json()) == (400, recorded("10-34-empty-query")["response"])


def test_the_token_may_come_in_a_header_of_its_own(house: House) -> None:
    headers = {"Authorization-Bearer": house.app.token}
    answer = requests.post(house.api_url, json={"query": "{app{id}}"}, headers=headers, timeout=30)
    assert answer.json()["data"]["app"]["id"] == house.app.id
