"""Checks a webhook's subscription query, and finds the events that it asks for."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    validate,
)

from saleor_loyalty_app.demo.api.errors import as_saleor_says
from saleor_loyalty_app.demo.events import event_of_type

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """Why a query is refused; the code is one of WebhookErrorCode."""

    code: str
    message: str


def why_invalid(shop: "Shop", query: str) -> QueryProblem | None:
    """The first thing that is wrong with a subscription query, or None."""
    return _why_invalid(shop.version_tuple, query)


@lru_cache(maxsize=512)
def _why_invalid(version: tuple[int, ...], query: str) -> QueryProblem | None:
    from saleor_loyalty_app.demo.api.schema import schema_for  # noqa: PLC0415 - the schema's answers need this module

    try:
        document = parse(query)
    except GraphQLError as problem:
        return QueryProblem("SYNTAX", problem.message)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if not operations or operations[0].operation is not OperationType.SUBSCRIPTION:
        return QueryProblem("MISSING_SUBSCRIPTION", "Subscription operation can't be found.")
    wrong = validate(schema_for(version), document)
    if wrong:
        return QueryProblem("INVALID", as_saleor_says(wrong[0].message))
    if len(operations) != 1 or len(operations[0].selection_set.selections) != 1:
        return QueryProblem("INVALID", "Subscription must select only one top field.")
    if not events_of(query):
        return QueryProblem("MISSING_EVENT", "Can't find any event in the subscription.")
    return None


@lru_cache(maxsize=512)
def events_of(query: str) -> tuple[str, ...]:
    """The events that a query selects from, by the types of its fragments."""
    try:
        document = parse(query)
    except GraphQLError:
        return ()
    names: list[str] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for field in definition.selection_set.selections:
                if isinstance(field, FieldNode) and field.selection_set:
                    _collect(field.selection_set, document, names)
    found = [event_of_type(name) for name in names]
    return tuple(dict.fromkeys(event for event in found if event))


def _collect(selected: SelectionSetNode, document: DocumentNode, names: list[str]) -> None:
    for each in selected.selections:
        if isinstance(each, InlineFragmentNode):
            if each.type_condition:
                names.append(each.type_condition.name.value)
            _collect(each.selection_set, document, names)
        elif isinstance(each, FragmentSpreadNode):
            for part in document.definitions:
                if isinstance(part, FragmentDefinitionNode) and part.name.value == each.name.value:
                    names.append(part.type_condition.name.value)
                    _collect(part.selection_set, document, names)
