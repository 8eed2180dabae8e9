"""Builds the executable schema for a version of Saleor."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    value_from_ast_untyped,
)
from graphql.type import GraphQLAbstractType, GraphQLInterfaceType

from saleor_loyalty_app.demo.api import (  # noqa: F401 - they register their answers
    app_fields,
    app_mutations,
    catalogue_fields,
    customer_mutations,
    line_mutations,
    note_mutations,
    order_fields,
    people_fields,
    stock_mutations,
)
from saleor_loyalty_app.demo.api.registry import ANSWERS, read_attribute
from saleor_loyalty_app.files import package_text

_LATE = (3, 23, 26)


@cache
def schema_for(version: tuple[int, ...]) -> GraphQLSchema:
    """The schema that a Saleor of this version has, as far as the demo shop goes."""
    names = ["schema.graphql"]
    if version >= (3, 23, 5):
        names.append("schema-3.23.5.graphql")
    names.append("schema-3.23.26.graphql" if version >= _LATE else "schema-before-3.23.26.graphql")
    parts = [package_text(f"demo/{name}") for name in names]
    schema = build_schema("\n".join(parts))
    for each in schema.type_map.values():
        if isinstance(each, GraphQLScalarType):
            _teach_scalar(each)
        elif isinstance(each, (GraphQLInterfaceType, GraphQLUnionType)):
            each.resolve_type = _type_of
        elif isinstance(each, GraphQLObjectType) and not each.name.startswith("__"):
            for name, field in each.fields.items():
                field.resolve = ANSWERS.get(f"{each.name}.{name}", read_attribute)
    return schema


def _type_of(value: Any, _info: Any, _abstract: GraphQLAbstractType) -> str:
    return str(getattr(value, "type_name", None) or value.TYPE)


def _teach_scalar(scalar: GraphQLScalarType) -> None:
    reader = _READERS.get(scalar.name)
    if reader is None:
        return

    def parse_value(value: Any) -> Any:
        try:
            return reader(value)
        except (ValueError, TypeError, InvalidOperation) as problem:
            shown = json.dumps(value)
            raise GraphQLError(f'Expected type "{scalar.name}", found {shown}.') from problem

    def parse_literal(node: Any, variables: Any = None) -> Any:
        return parse_value(value_from_ast_untyped(node, variables))

    writer = _WRITERS.get(scalar.name, scalar.serialize)
    # graphql-core 3.3 reads the coerce_ names, 3.2 the others
    for name, function in (
        ("parse_value", parse_value),
        ("coerce_input_value", parse_value),
        ("parse_literal", parse_literal),
        ("coerce_input_literal", parse_literal),
        ("serialize", writer),
        ("coerce_output_value", writer),
    ):
        if hasattr(scalar, name):
            setattr(scalar, name, function)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError(value)
    return amount


def _count(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise ValueError(value)
    return int(value)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "DateTime": _moment,
    "Date": lambda value: date.fromisoformat(str(value)),
    "PositiveDecimal": _amount,
    "PositiveInt": _count,
    "Minute": int,
    "JSONString": _json,
}
_WRITERS: dict[str, Callable[[Any], Any]] = {
    "DateTime": datetime.isoformat,
    "Date": date.isoformat,
    "JSONString": json.dumps,
    "PositiveDecimal": float,
}
