"""Which function answers which field. A field without one is read from the attribute of the same name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo

from saleor_loyalty_app.demo.api.caller import Caller

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

    Info = GraphQLResolveInfo["Request"]
else:
    Info = GraphQLResolveInfo

Answer = Callable[..., Any]
ANSWERS: dict[str, Answer] = {}


@dataclass(slots=True)
class Request:
    """What every answer can reach: the shop, who asks, and (for a payload) what happened."""

    shop: "Shop"
    caller: Caller
    happening: Any = None


def answers(*fields: str) -> Callable[[Answer], Answer]:
    """Make a function the answer to fields such as "Order.user"."""

    def register(function: Answer) -> Answer:
        for field in fields:
            ANSWERS[field] = function
        return function

    return register


def read_attribute(source: Any, info: Info, **_arguments: Any) -> Any:
    """The plain answer: camelCase field, snake_case attribute or key."""
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", info.field_name)
    if isinstance(source, dict):
        return source.get(info.field_name, source.get(name))
    return getattr(source, name)


def request_of(info: Info) -> Request:
    """The request that a field is answered for."""
    return info.context
