"""The operations are what Saleor understands: valid against its real schemas, and in the form that it takes."""

import re
from functools import cache
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    build_schema,
    parse,
    validate,
    visit,
)

from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.saleor.documents import NamedRequest, document_text, subscription_text
from saleor_loyalty_app.saleor.events import BY_NAME, EVENTS

SCHEMAS = Path(__file__).parents[3] / "shared" / "saleor"
"""The real schemas, which stand beside the checkout where the app is developed."""
FRAGMENTS = {"OrderFacts"}
OPERATIONS = sorted(path.stem for path in project_path("graphql").glob("*.graphql") if path.stem not in FRAGMENTS)
SUBSCRIPTIONS = sorted(path.stem for path in project_path("graphql/subscriptions").glob("*.graphql"))
ONLY_LATER = {"CustomerDeleted"}
"""What 3.22 does not know; such a webhook is registered after the install, where the shop knows it."""
NOT_USED_YET: set[str] = set()
"""For the panel, when a task is closed there."""


@cache
def schema(version: str) -> GraphQLSchema:
    file = SCHEMAS / f"schema-{version}.graphql"
    if not file.exists():
        pytest.skip(f"the schema of Saleor {version} is not here")
    return build_schema(file.read_text())


def text_of(name: str) -> str:
    return subscription_text(name) if name in SUBSCRIPTIONS else document_text(name)


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return operation


@pytest.mark.parametrize("version", ["3.22", "3.23"])
@pytest.mark.parametrize("name", [*OPERATIONS, *SUBSCRIPTIONS])
def test_saleor_understands_the_document(version: str, name: str) -> None:
    if version == "3.22" and name in ONLY_LATER:
        assert validate(schema(version), parse(text_of(name)))
        return
    assert [error.message for error in validate(schema(version), parse(text_of(name)))] == []


def test_everything_of_the_manifest_is_known_to_3_22() -> None:
    assert {event.name for event in EVENTS if event.everywhere} & ONLY_LATER == set()


@pytest.mark.parametrize("name", [*OPERATIONS, *SUBSCRIPTIONS])
def test_a_document_holds_one_operation_of_its_own_name(name: str) -> None:
    operation = operation_of(parse(text_of(name)))
    assert operation.name
    assert operation.name.value == name


@pytest.mark.parametrize("name", [*OPERATIONS, *SUBSCRIPTIONS])
def test_there_is_no_null_in_a_document(name: str) -> None:
    """For Saleor's GraphQL server an inline null is a syntax error (recording 10-20)."""
    nulls: list[NullValueNode] = []

    class Nulls(Visitor):
        def enter_null_value(self, node: NullValueNode, *_: object) -> None:
            nulls.append(node)

    visit(parse(text_of(name)), Nulls())
    assert nulls == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_variable_is_required_and_has_a_default(name: str) -> None:
    """Saleor's GraphQL server refuses that as well."""
    variables = operation_of(parse(text_of(name))).variable_definitions or ()
    assert [v.variable.name.value for v in variables if isinstance(v.type, NonNullTypeNode) and v.default_value] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_document_has_at_most_four_mutations(name: str) -> None:
    """Saleor refuses the fifth (verified.md §10)."""
    operation = operation_of(parse(text_of(name)))
    if operation.operation is OperationType.MUTATION:
        assert 1 <= len(operation.selection_set.selections) <= 4


def fields(text: str) -> set[str]:
    found: set[str] = set()

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            found.add(node.name.value)

    visit(parse(text), Fields())
    return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_public_metadata_is_read_or_written(name: str) -> None:
    """Customers can write theirs: we neither trust it nor put anything there (design §5.1, §5.2)."""
    assert not fields(text_of(name)) & {"metadata", "updateMetadata"}
    if "metafield" in fields(text_of(name)):
        assert re.findall(r'metafield\(key: "(.*?)"\)', text_of(name)) == ["saleor-anonymized"]


@pytest.mark.parametrize("name", ["ReadOrders", "ReadPackingLists", "ReadCustomers"])
def test_a_list_asks_for_no_origin(name: str) -> None:
    """One order without an origin nulls the whole page (verified.md §9)."""
    assert "origin" not in fields(text_of(name))


# ---- Subscriptions


def test_there_is_a_subscription_for_each_event_and_no_other() -> None:
    assert set(SUBSCRIPTIONS) == BY_NAME.keys()


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_a_subscription_asks_for_ids_and_nothing_else(name: str) -> None:
    """Payloads are hints; and a deleted user with more than the safe fields is null (design §5.14)."""
    allowed = {"event", "__typename", "issuedAt", "version", "issuingPrincipal", "recipient", "id"}
    assert fields(subscription_text(name)) - allowed <= {"order", "orders", "user", "app", "isActive"}
    assert "isActive" not in fields(subscription_text(name)) or name == "AppStatusChanged"


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_a_subscription_asks_who_it_is_for_and_who_caused_it(name: str) -> None:
    text = " ".join(subscription_text(name).split())
    assert "recipient { id }" in text
    assert "issuingPrincipal { __typename ... on App { id } }" in text
    assert f"... on {name} {{" in text


# ---- Sending


def test_a_request_sends_the_files_own_text() -> None:
    request = NamedRequest("ReadOrder", {"id": "x"})
    assert request.payload == {
        "query": document_text("ReadOrder"), "variables": {"id": "x"}, "operationName": "ReadOrder"
    }  # fmt: skip
    assert NamedRequest("AppAlive", {}).payload["query"] == project_path("graphql/AppAlive.graphql").read_text()


def test_no_operation_is_left_over() -> None:
    """Each document is used somewhere in the package."""
    sources = "\n".join(path.read_text() for path in project_path("saleor_loyalty_app").rglob("*.py"))
    assert {name for name in OPERATIONS if f'"{name}"' not in sources} <= NOT_USED_YET
