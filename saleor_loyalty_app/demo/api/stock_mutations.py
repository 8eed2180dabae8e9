"""productVariantStocksUpdate."""

from typing import Any

from saleor_loyalty_app.demo.api.note_mutations import Answer, problem
from saleor_loyalty_app.demo.api.registry import Info, Request, answers, request_of
from saleor_loyalty_app.demo.catalogue_records import Variant, Warehouse
from saleor_loyalty_app.demo.ids import WrongId, local_key


@answers("Mutation.productVariantStocksUpdate")
def stocks_update(_root: Any, info: Info, stocks: list[dict[str, Any]], **which: str | None) -> Answer:
    """Set how many of a variant lie in warehouses, each absolute. Where none were stocked, some are from now on."""
    request = request_of(info)
    request.caller.need("MANAGE_PRODUCTS")
    variant = _variant(request, which)
    if not isinstance(variant, Variant):
        return {"errors": [variant]}
    ids = [each["warehouse"] for each in stocks]
    twice = [index for index, id in enumerate(ids) if id in ids[:index]]
    if twice:
        return {"errors": [problem("warehouse", "UNIQUE", "Duplicated warehouse ID.", index=twice[0])]}
    found = [_warehouse(request, id) for id in ids]
    named = [each for each in found if each is not None]
    if len(named) < len(found):
        message = f"Could not resolve to a nodes with the global id list of '{ids}'."
        return {"errors": [problem("warehouse", "GRAPHQL_ERROR", message)]}
    for warehouse, each in zip(named, stocks, strict=True):
        request.shop.catalogue.set_stock(variant, warehouse, each["quantity"])
    return {"productVariant": variant, "errors": []}


def _variant(request: Request, which: dict[str, str | None]) -> Variant | Answer:
    """The variant with an id or a SKU, or the entry of `errors` that says why not."""
    id, sku = which.get("variantId"), which.get("sku")
    if (id is None) == (sku is None):
        return problem(None, "GRAPHQL_ERROR", "Exactly one of arguments is required: 'sku', 'variant_id'.")
    try:
        key = local_key(id, "ProductVariant") if id is not None else None
    except WrongId as wrong:
        return problem("id", "GRAPHQL_ERROR", str(wrong))
    known = request.shop.catalogue.variants.values()
    variant = next((each for each in known if (str(each.pk) == key if key is not None else each.sku == sku)), None)
    field = "id" if id is not None else "sku"
    return variant or problem(field, "NOT_FOUND", f"Couldn't resolve to a node: {id or sku}")


def _warehouse(request: Request, id: str) -> Warehouse | None:
    return next((each for each in request.shop.catalogue.warehouses if each.id == id), None)
