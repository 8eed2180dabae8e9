"""The demo shop's schema is a true part of Saleor's own: nothing added, nothing softened."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    validate_schema,
)

from saleor_loyalty_app.demo.api.schema import schema_for
from saleor_loyalty_app.files import project_path

SHARED = project_path(".").resolve().parent / "shared" / "saleor"
VERSIONS = [((3, 22, 67), "schema-3.22.graphql"), ((3, 23, 28), "schema-3.23.graphql")]


def real_schema(path: Path) -> GraphQLSchema:
    if not path.exists():
        pytest.skip("Saleor's own schema is not here")
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def differences(ours: GraphQLSchema, real: GraphQLSchema) -> list[str]:
    """What our schema says that the real one does not."""
    found: list[str] = []
    for name, mine in ours.type_map.items():
        theirs = real.type_map.get(name)
        if theirs is None or type(mine) is not type(theirs):
            found.append(f"{name} is none of theirs")
        elif isinstance(mine, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            found += [f"{name}.{value}" for value in mine.values if value not in theirs.values]
        elif isinstance(mine, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
            known = {each.name for each in theirs.types}
            found += [f"{name} | {each.name}" for each in mine.types if each.name not in known]
        elif isinstance(mine, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
            found += input_differences(name, mine.fields, theirs.fields)
        elif isinstance(mine, (GraphQLObjectType, GraphQLInterfaceType)):
            assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
            found += field_differences(name, mine, theirs)
    return found


def field_differences(name: str, mine: object, theirs: object) -> list[str]:
    found = []
    known = {each.name for each in theirs.interfaces}
    found += [f"{name} implements {each.name}" for each in mine.interfaces if each.name not in known]
    for field_name, field in mine.fields.items():
        real = theirs.fields.get(field_name)
        if real is None or str(real.type) != str(field.type):
            found.append(f"{name}.{field_name}: {field.type}")
        else:
            found += input_differences(f"{name}.{field_name}", field.args, real.args)
    return found


def input_differences(name: str, mine: dict, theirs: dict) -> list[str]:
    found = []
    for key, value in mine.items():
        real = theirs.get(key)
        if real is None or str(real.type) != str(value.type) or real.default_value != value.default_value:
            found.append(f"{name}({key}: {value.type})")
    needed = [key for key, value in theirs.items() if str(value.type).endswith("!") and value.default_value is None]
    return found + [f"{name} lacks {key}" for key in needed if key not in mine]


@pytest.mark.parametrize(("version", "file"), VERSIONS, ids=[str(each[0]) for each in VERSIONS])
def test_every_type_field_argument_and_value_is_saleors_own(version: tuple[int, ...], file: str) -> None:
    real = real_schema(SHARED / file)
    ours = schema_for(version)
    assert validate_schema(ours) == []
    assert differences(ours, real) == []


def test_the_check_finds_what_is_not_saleors() -> None:
    real = build_schema("type Query { a(b: Int!): String c: E } enum E { X }")
    ours = build_schema("type Query { a: String! c: E d: Int } enum E { X Y }")
    assert differences(ours, real) == ["Query.a: String!", "Query.d: Int", "E.Y"]


def test_customer_deleted_can_be_subscribed_to_since_3_23_5() -> None:
    assert "CustomerDeleted" not in schema_for((3, 22, 67)).type_map
    assert "CustomerDeleted" not in schema_for((3, 23, 4)).type_map
    assert "CustomerDeleted" in schema_for((3, 23, 5)).type_map


def test_webhooks_have_an_identifier_only_in_late_3_23() -> None:
    assert "identifier" not in schema_for((3, 23, 5)).type_map["Webhook"].fields
    assert "identifier" in schema_for((3, 23, 28)).type_map["Webhook"].fields
