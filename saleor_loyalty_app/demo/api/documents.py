"""Refuses what Saleor's old GraphQL server (graphql-core 2, with limits of its own) refuses."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Node,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Undefined,
    VariableDefinitionNode,
    Visitor,
    parse,
    print_ast,
    type_from_ast,
    validate,
    visit,
)
from graphql.language import get_location
from graphql.type import is_input_type

from saleor_loyalty_app.demo.api.errors import BadRequest, as_saleor_says, quoted

MUTATION_LIMIT, ALIAS_LIMIT = 4, 100


def parsed(text: str) -> DocumentNode:
    """The document, or BadRequest: also for what the 2016 language does not know (null, block strings)."""
    try:
        document = parse(text)
    except GraphQLError as problem:
        place = problem.locations[0] if problem.locations else None
        message = problem.message.removeprefix("Syntax Error: ").rstrip(".").replace("<EOF>", "EOF")
        raise _syntax_error(text, place.line if place else 1, place.column if place else 1, message) from problem
    newer = _NewerSyntax()
    visit(document, newer)
    if newer.found is not None and newer.found.loc is not None:
        place = get_location(newer.found.loc.source, newer.found.loc.start)
        word = 'Name "null"' if isinstance(newer.found, NullValueNode) else 'String ""'
        raise _syntax_error(text, place.line, place.column, f"Unexpected {word}")
    return document


class _NewerSyntax(Visitor):
    """Finds the first node that graphql-core 2 cannot read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Node | None = None

    def enter_null_value(self, node: NullValueNode, *_rest: Any) -> None:
        self.found = self.found or node

    def enter_string_value(self, node: StringValueNode, *_rest: Any) -> None:
        if node.block:
            self.found = self.found or node


def _syntax_error(text: str, line: int, column: int, message: str) -> BadRequest:
    lines = text.split("\n")
    pad = len(str(line + 1))
    shown = []
    if line > 1:
        shown.append(f"{line - 1:>{pad}}: {lines[line - 2]}")
    shown.append(f"{line:>{pad}}: {lines[line - 1] if line <= len(lines) else ''}")
    shown.append(" " * (pad + 1 + column) + "^")
    if line < len(lines):
        shown.append(f"{line + 1:>{pad}}: {lines[line]}")
    excerpt = "\n".join(shown)
    full = f"Syntax Error GraphQL ({line}:{column}) {message}\n\n{excerpt}\n"
    return BadRequest(full, code="GraphQLSyntaxError", position=(line, column))


def check_limits(document: DocumentNode) -> None:
    """Raise BadRequest for more than four mutations or more than a hundred aliases."""
    aliases = _Aliases()
    visit(document, aliases)
    for each in document.definitions:
        if not isinstance(each, OperationDefinitionNode) or each.operation is not OperationType.MUTATION:
            continue
        if len(each.selection_set.selections) > MUTATION_LIMIT:
            raise BadRequest(f"Number of mutations exceed the limit of {MUTATION_LIMIT}")
    if aliases.count > ALIAS_LIMIT:
        raise BadRequest(f"Number of aliases exceed the limit of {ALIAS_LIMIT}")


class _Aliases(Visitor):
    """Counts aliases."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def enter_field(self, node: FieldNode, *_rest: Any) -> None:
        self.count += node.alias is not None


def check_valid(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Raise BadRequest for what does not fit the schema, and for a required variable with a default."""
    for each in document.definitions:
        for definition in getattr(each, "variable_definitions", None) or ():
            _refuse_useless_default(definition)
    problems = validate(schema, document)
    if problems:
        place = problems[0].locations[0] if problems[0].locations else None
        position = (place.line, place.column) if place else None
        raise BadRequest(as_saleor_says(problems[0].message), position=position)


def _refuse_useless_default(definition: VariableDefinitionNode) -> None:
    if definition.default_value is None or not isinstance(definition.type, NonNullTypeNode):
        return
    name, wanted, enough = definition.variable.name.value, print_ast(definition.type), print_ast(definition.type.type)
    raise BadRequest(
        f'Variable "${name}" of type "{wanted}" is required and will not use the default value. '
        f'Perhaps you meant to use type "{enough}".',
        position=_position(definition.default_value),
    )


def check_variables(schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]) -> None:
    """Raise BadRequest for a missing or unfitting variable, in the words of graphql-core 2."""
    for definition in operation.variable_definitions or ():
        name, kind = definition.variable.name.value, type_from_ast(schema, definition.type)
        value = given.get(name)
        if value is None:
            if isinstance(definition.type, NonNullTypeNode):
                wanted = print_ast(definition.type)
                message = f'Variable "${name}" of required type "{wanted}" was not provided.'
                raise BadRequest(message, position=_position(definition))
            continue
        if kind is None or not is_input_type(kind):
            continue
        fault = _fault(value, kind)
        if fault is not None:
            message = f'Variable "${name}" got invalid value {quoted(value)}.\n{fault}'
            raise BadRequest(message, position=_position(definition))


def _fault(value: Any, kind: GraphQLInputType) -> str | None:
    """The first thing that is wrong with a variable's value, or None."""
    if isinstance(kind, GraphQLNonNull):
        return f'Expected "{kind}", found null.' if value is None else _fault(value, kind.of_type)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        parts = value if isinstance(value, list) else [value]
        faults = ((f"In element #{place}", _fault(part, kind.of_type)) for place, part in enumerate(parts))
        return next((f"{where}: {fault}" for where, fault in faults if fault), None)
    if isinstance(kind, GraphQLInputObjectType):
        return _fault_in_object(value, kind)
    try:
        kind.parse_value(value)
    except (GraphQLError, ValueError, TypeError):
        return f'Expected type "{kind}", found {quoted(value)}.'
    return None


def _fault_in_object(value: Any, kind: GraphQLInputObjectType) -> str | None:
    if not isinstance(value, dict):
        return f'Expected "{kind}", found not an object.'
    for name in value:
        if name not in kind.fields:
            return f'In field "{name}": Unknown field.'
    for name, field in kind.fields.items():
        missing = name not in value and field.default_value is not Undefined
        fault = None if missing else _fault(value.get(name), field.type)
        if fault:
            return f'In field "{name}": {fault}'
    return None


def _position(node: Node) -> tuple[int, int] | None:
    if node.loc is None:
        return None
    place = get_location(node.loc.source, node.loc.start)
    return place.line, place.column
