"""orderLinesCreate and orderLineDelete, with all that Saleor refuses."""

from typing import Any

from saleor_loyalty_app.demo.api.note_mutations import Answer, find_line, find_order, problem
from saleor_loyalty_app.demo.api.registry import Info, Request, answers, request_of
from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.desk import EDITABLE, Refused
from saleor_loyalty_app.demo.ids import WrongId, local_key
from saleor_loyalty_app.demo.order_records import Order

_UNPUBLISHED = "Can't add product variant that are not published in the channel associated with this draft order."
_UNLISTED = "Cannot add lines with unavailable variants."
_NOT_EDITABLE = "Only draft and unconfirmed orders can be edited."


@answers("Mutation.orderLinesCreate")
def order_lines_create(_root: Any, info: Info, id: str, input: list[dict[str, Any]]) -> Answer:  # noqa: A002
    """Add lines. Lack of stock and unknown variants are not caught: they become top-level errors."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS")
    order = find_order(request, id)
    if not isinstance(order, Order):
        return {"errors": [order]}
    if order.status not in EDITABLE:
        return {"errors": [problem("id", "NOT_EDITABLE", _NOT_EDITABLE)]}
    variants = [_variant(request, each["variantId"]) for each in input]
    refused = _refusal(order, input, variants)
    if refused is not None:
        return {"errors": [refused]}
    wanted = [
        (variant, each["quantity"], each.get("price"), bool(each.get("forceNewLine")))
        for variant, each in zip(variants, input, strict=True)
    ]
    lines = request.shop.desk.add_lines(order, wanted, by=request.caller.principal)
    return {"order": order, "orderLines": lines, "errors": []}


def _variant(request: Request, value: str) -> Variant:
    """The variant with an id. Raises KeyError with the id, as Saleor does for one that is gone."""
    key = local_key(value, "ProductVariant")
    variant = request.shop.catalogue.variants.get(int(key)) if key.isdigit() else None
    if variant is None:
        raise KeyError(value)
    return variant


def _refusal(order: Order, lines: list[dict[str, Any]], variants: list[Variant]) -> Answer | None:
    slug = order.channel.slug
    empty = [each["variantId"] for each in lines if each["quantity"] <= 0]
    if empty:
        return problem("quantity", "ZERO_QUANTITY", "Variants quantity must be greater than 0.", variants=empty)
    unpublished = [each.id for each in variants if slug in each.prices and slug not in each.product.published_in]
    if unpublished:
        return problem("input", "PRODUCT_NOT_PUBLISHED", _UNPUBLISHED, variants=unpublished)
    unlisted = [each.id for each in variants if slug not in each.prices]
    if unlisted:
        return problem("input", "NOT_AVAILABLE_IN_CHANNEL", _UNLISTED, variants=unlisted)
    return None


@answers("Mutation.orderLineDelete")
def order_line_delete(_root: Any, info: Info, id: str) -> Answer:
    """Take a line out of an order that can still be edited."""
    request = request_of(info)
    request.caller.need("MANAGE_ORDERS")
    try:
        line = find_line(request, local_key(id, "OrderLine"))
    except WrongId as wrong:
        return {"errors": [problem("id", "GRAPHQL_ERROR", str(wrong))]}
    if line is None:
        return {"errors": [problem("id", "NOT_FOUND", f"Couldn't resolve to a node: {id}")]}
    try:
        request.shop.desk.delete_line(line, by=request.caller.principal)
    except Refused as refused:
        return {"errors": [problem("id", refused.code, str(refused))]}
    return {"order": line.order, "orderLine": line, "errors": []}
