"""orderNoteAdd, orderConfirm, updateMetadata and updatePrivateMetadata."""

from collections.abc import Mapping
from typing import Any

from saleor_loyalty_app.demo.api.errors import PermissionDenied, WrongEnumValue
from saleor_loyalty_app.demo.api.metadata import may_see_private
from saleor_loyalty_app.demo.api.registry import Info, Request, answers, request_of
from saleor_loyalty_app.demo.desk import Refused
from saleor_loyalty_app.demo.ids import WrongId, local_key, split_id
from saleor_loyalty_app.demo.order_records import Order, OrderLine
from saleor_loyalty_app.demo.people_records import App, User

Answer = dict[str, Any]


def problem(field: str | None, code: str, message: str, **more: Any) -> Answer:
    """One entry of a mutation's `errors`."""
    return {"field": field, "code": code, "message": message, **more}


def find_order(request: Request, value: str) -> Order | Answer:
    """The order with an id, or the entry of `errors` that says why not."""
    try:
        found = request.shop.orders.by_key.get(local_key(value, "Order"))
    except WrongId as wrong:
        return problem("id", "GRAPHQL_ERROR", str(wrong))
    return found or problem("id", "NOT_FOUND", f"Couldn't resolve to a node: {value}")


@answers("Mutation.orderNoteAdd")
def order_note_add(_root: Any, info: Info, order: str, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Add a note that staff see."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS")
    found = find_order(request, order)
    if not isinstance(found, Order):
        return {"errors": [found]}
    try:
        note = request.shop.desk.add_note(found, input["message"], by=request.caller.principal)
    except Refused as refused:
        return {"errors": [problem("message", refused.code, str(refused))]}
    return {"event": note, "order": found, "errors": []}


@answers("OrderNoteAddError.code")
def note_error_code(entry: Answer, _info: Info) -> str:
    """The code; Saleor's own enum lacks "not found", which is then an error of its own."""
    if entry["code"] not in ("GRAPHQL_ERROR", "REQUIRED"):
        value = str(entry["code"]).lower()
        raise WrongEnumValue(f'Expected a value of type "OrderNoteAddErrorCode" but received: {value}')
    return str(entry["code"])


@answers("Mutation.orderConfirm")
def order_confirm(_root: Any, info: Info, id: str) -> Answer:
    """Confirm an unconfirmed order."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS")
    found = find_order(request, id)
    if not isinstance(found, Order):
        return {"errors": [found]}
    try:
        request.shop.desk.confirm(found, by=request.caller.principal)
    except Refused as refused:
        return {"errors": [problem("id", refused.code, str(refused))]}
    return {"order": found, "errors": []}


@answers("Mutation.updateMetadata", "Mutation.updatePrivateMetadata")
def update_metadata(_root: Any, info: Info, id: str, input: list[dict[str, str]]) -> Answer:  # noqa: A002
    """Merge keys into an order's, a line's, a user's, a variant's or the app's metadata."""
    request, private = request_of(info), info.field_name == "updatePrivateMetadata"
    parts = split_id(id)
    thing = _find(request, *parts) if parts else None
    if thing is None and parts and parts[0] == "User":
        raise PermissionDenied
    if thing is None:
        return {"errors": [problem("id", "NOT_FOUND", f"Couldn't resolve to a node: {id}")]}
    own_account = thing is request.caller.user and not private
    if not own_account and not may_see_private(request.caller, thing):
        raise PermissionDenied
    if any(not item["key"].strip() for item in input):
        return {"errors": [problem("input", "REQUIRED", "Metadata key cannot be empty.")]}
    _write(request, thing, {item["key"]: item["value"] for item in input}, private=private)
    return {"item": thing, "errors": []}


def _find(request: Request, kind: str, key: str) -> Any:
    if kind == "Order":
        return request.shop.orders.by_key.get(key)
    if kind == "User":
        return request.shop.customers.by_key.get(int(key)) if key.isdigit() else None
    if kind == "App":
        return request.shop.apps.installed.get(int(key)) if key.isdigit() else None
    if kind == "OrderLine":
        return find_line(request, key)
    if kind == "ProductVariant":
        return request.shop.catalogue.variants.get(int(key)) if key.isdigit() else None
    return None


def find_line(request: Request, key: str) -> OrderLine | None:
    """The order line with a key."""
    lines = (line for order in request.shop.orders.by_key.values() for line in order.lines)
    return next((line for line in lines if line.pk == key), None)


def _write(request: Request, thing: Any, items: Mapping[str, str], *, private: bool) -> None:
    by = request.caller.principal
    if isinstance(thing, Order):
        request.shop.desk.write_metadata(thing, items, private=private, by=by)
    elif isinstance(thing, User):
        request.shop.customers.write_metadata(thing, items, private=private, by=by)
    else:
        name = "private_metadata" if private else "metadata"
        setattr(thing, name, {**(getattr(thing, name) or {}), **items})


__all__ = ["App", "find_line", "find_order", "problem"]
