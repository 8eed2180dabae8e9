"""Reckons what a query costs, by the part of Saleor's cost map that the demo shop's fields have."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MAXIMUM = 50_000
_DEEPEST = 40
_ONE = {
    "Query": {"app", "order", "user", "me", "channel", "channels"},
    "Order": {"user", "channel", "lines", "events", "discounts", "voucher", "giftCards"},
    "OrderLine": {"variant", "allocations"},
    "Allocation": {"warehouse"},
    "ProductVariant": {"product", "stocks", "channelListings"},
    "Product": {"category", "variants", "channelListings"},
    "App": {"webhooks"},
}
_MANY = {
    "Query": {"orders", "customers", "products", "productVariants", "warehouses"},
    "Webhook": {"eventDeliveries"},
    "EventDelivery": {"attempts"},
    "App": {"problems"},
}


@dataclass(frozen=True, slots=True)
class _Count:
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]

    def of_selection(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, times: int, depth: int) -> int:
        """What fields under a type cost when that type stands there so many times."""
        total = 0
        for each in selected.selections:
            if isinstance(each, FieldNode):
                total += self.of_field(each, parent, times, depth)
            elif isinstance(each, InlineFragmentNode):
                name = each.type_condition.name.value if each.type_condition else None
                inner = self.schema.get_type(name) if name else parent
                total += self.of_selection(each.selection_set, inner, times, depth + 1)
            elif isinstance(each, FragmentSpreadNode) and each.name.value in self.fragments and depth < _DEEPEST:
                part = self.fragments[each.name.value]
                inner = self.schema.get_type(part.type_condition.name.value)
                total += self.of_selection(part.selection_set, inner, times, depth + 1)
        return total

    def of_field(self, field: FieldNode, parent: GraphQLNamedType | None, times: int, depth: int) -> int:
        """What a field and all below it cost."""
        name, own, inner = field.name.value, 0, times
        kind = parent.name if parent else ""
        if name in _MANY.get(kind, ()):
            own = inner = times * self.size(field)
        elif name in _ONE.get(kind, ()):
            own = times
        if field.selection_set is None:
            return own
        known = getattr(parent, "fields", {}).get(name)
        below = get_named_type(known.type) if known else None
        return own + self.of_selection(field.selection_set, below, inner, depth + 1)

    def size(self, field: FieldNode) -> int:
        """How many rows a connection is asked for."""
        for argument in field.arguments or ():
            if argument.name.value in {"first", "last", "limit"}:
                if isinstance(argument.value, IntValueNode):
                    return max(1, int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    given = self.variables.get(argument.value.name.value)
                    return max(1, given) if isinstance(given, int) else 1
        return 1


def cost_of(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> int:
    """The cost of a document's operations: one for a join, and connections times what they hold."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    count = _Count(schema, fragments, variables)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return sum(
        count.of_selection(each.selection_set, schema.get_root_type(each.operation), 1, 0) for each in operations
    )
