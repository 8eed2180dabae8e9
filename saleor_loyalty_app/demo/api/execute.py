"""Runs documents: for the API, and for the bodies of webhooks."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode, execute_sync, parse

from saleor_loyalty_app.demo.api.caller import Caller
from saleor_loyalty_app.demo.api.cost import MAXIMUM, cost_of
from saleor_loyalty_app.demo.api.documents import check_limits, check_valid, check_variables, parsed
from saleor_loyalty_app.demo.api.errors import BadRequest, refusal, shown
from saleor_loyalty_app.demo.api.registry import Request

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.events import Happening
    from saleor_loyalty_app.demo.shop import Shop

Answer = tuple[int, dict[str, Any]]


def operation_name(body: Any) -> str | None:
    """The name of the operation that a request means, for counting; None when it has none."""
    if not isinstance(body, dict):
        return None
    if body.get("operationName"):
        return str(body["operationName"])
    words = str(body.get("query") or "").replace("(", " ").replace("{", " ").split()
    named = len(words) > 1 and words[0] in ("query", "mutation") and words[1].isidentifier()
    return words[1] if named else None


def answer(shop: "Shop", body: Any, caller: Caller) -> Answer:
    """The HTTP code and the JSON that Saleor gives for the body of a POST."""
    try:
        query, variables = _request(body)
        document = parsed(query)
        operation = _operation(document, body.get("operationName"))
    except BadRequest as problem:
        return 400, {"errors": [refusal(problem)]}
    schema = _schema(shop)
    cost = {"requestedQueryCost": cost_of(schema, document, variables), "maximumAvailable": MAXIMUM}
    try:
        check_limits(document)
        check_valid(schema, document)
        if cost["requestedQueryCost"] > MAXIMUM:
            return 400, _too_expensive(cost)
    except BadRequest as problem:
        return 400, {"errors": [refusal(problem)], "extensions": {"cost": cost}}
    try:
        check_variables(schema, operation, variables)
    except BadRequest as problem:
        return 400, {"errors": [refusal(problem)]}
    with shop.lock:
        name = operation.name.value if operation.name else None
        result = _run(shop, document, Request(shop, caller), variables, name)
    return 200, _shaped(shop, result) | {"extensions": {"cost": cost}}


def run_subscription(
    shop: "Shop", query: str, happening: "Happening", caller: Caller
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands inside `event { … }` for something that happened, and the errors beside it."""
    result = _run(shop, _parsed(query), Request(shop, caller, happening), {}, None)
    errors = [shown(error, debug=shop.debug) for error in result.errors or ()]
    return next(iter((result.data or {}).values()), None) or {}, errors


@lru_cache(maxsize=512)
def _parsed(query: str) -> DocumentNode:
    return parse(query)


def _schema(shop: "Shop") -> Any:
    from saleor_loyalty_app.demo.api.schema import schema_for  # noqa: PLC0415 - the answers need the shop's modules

    return schema_for(shop.version_tuple)


def _request(body: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(body, list):
        raise BadRequest("Number of batch queries exceeded.")
    if not isinstance(body, dict):
        raise BadRequest("Unable to parse query.")
    if not body.get("query"):
        raise BadRequest("Must provide a query string.")
    variables = body.get("variables") or {}
    if not isinstance(body["query"], str) or not isinstance(variables, dict):
        raise BadRequest("Unable to parse query.")
    return body["query"], variables


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name:
        found = next((each for each in operations if each.name and each.name.value == name), None)
        if found is None:
            raise BadRequest(f'Unknown operation named "{name}".')
        return found
    if len(operations) != 1:
        raise BadRequest("Must provide operation name if query contains multiple operations.")
    return operations[0]


def _run(
    shop: "Shop", document: DocumentNode, request: Request, variables: dict[str, Any], name: str | None
) -> ExecutionResult:
    return execute_sync(_schema(shop), document, context_value=request, variable_values=variables, operation_name=name)


def _shaped(shop: "Shop", result: ExecutionResult) -> dict[str, Any]:
    errors = [shown(error, debug=shop.debug) for error in result.errors or ()]
    return ({"errors": errors} if errors else {}) | {"data": result.data}


def _too_expensive(cost: dict[str, int]) -> dict[str, Any]:
    message = f"The query exceeds the maximum cost of {MAXIMUM}. Actual cost is {cost['requestedQueryCost']}"
    entry = {"message": message, "extensions": {"cost": cost, "exception": {"code": "QueryCostError"}}}
    return {"errors": [entry], "extensions": {"cost": cost}}
