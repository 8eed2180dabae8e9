"""What a packer needs of an order: its items, where it goes, what the customer wrote. Read when needed, never kept."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingLine:
    """One kind of item of an order, as it goes into the parcel."""

    product: str
    variant: str
    """Empty where the product has only this one."""
    sku: str
    quantity: int
    """Pieces that are still to be sent, or all of them where everything was sent."""
    total: Decimal | None = None
    """Gross, of the whole line as ordered; None where prices were not asked for."""
    is_gift: bool = False
    """Whether a promotion of the shop gave it."""
    variant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel goes; `country_code` is ISO 3166, fields that are not given are empty."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street1: str = ""
    street2: str = ""
    city: str = ""
    postal_code: str = ""
    city_area: str = ""
    country_area: str = ""
    country_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """One order as its packer sees it. Amounts are gross Decimals in `currency`, None where not asked for."""

    order_id: str
    number: str
    status: str
    is_paid: bool
    placed_at: datetime
    language: str
    """As the order says it, for example "DE"."""
    currency: str
    shipping_method: str
    """Its name, or that of the place where the customer collects it."""
    customer_note: str
    lines: tuple[PackingLine, ...]
    address: Address | None = None
    """None where it was not asked for, there is none, or the person was erased from the order."""
    subtotal: Decimal | None = None
    shipping: Decimal | None = None
    total: Decimal | None = None


def read_packing_list(node: Node) -> PackingList:
    """An order as `graphql/ReadPackingLists.graphql` selects it. Of an erased person nothing personal is read."""
    anonymized = node.get("anonymized") == "true"
    return PackingList(
        order_id=node["id"],
        number=node["number"],
        status=node["status"],
        is_paid=node["isPaid"],
        placed_at=datetime.fromisoformat(node["created"]),
        language=node.get("languageCodeEnum") or "",
        currency=node["channel"]["currencyCode"],
        shipping_method=read_shipping_method(node),
        customer_note="" if anonymized else (node.get("customerNote") or "").strip(),
        lines=_lines(node["lines"]),
        address=None if anonymized else _address(node.get("shippingAddress")),
        subtotal=_gross(node.get("subtotal")),
        shipping=_gross(node.get("shippingPrice")),
        total=_gross(node.get("total")),
    )


def without_person(packing: PackingList) -> PackingList:
    """The same without address and note: the person was erased here, whatever the shop still says."""
    return replace(packing, address=None, customer_note="")


def read_shipping_method(node: Node) -> str:
    """How an order is sent: the method's name, or that of the place where it is collected; empty for neither."""
    return node.get("shippingMethodName") or node.get("collectionPointName") or ""


def read_warehouse(lines: list[Node]) -> tuple[str, str]:
    """Id and name of the warehouse that most of an order's pieces are allocated in; of equals the first id.

    Nothing is allocated for variants whose stock is not tracked, and no longer for what was sent.
    """
    pieces: Counter[str] = Counter()
    names: dict[str, str] = {}
    for line in lines:
        for allocation in line.get("allocations") or []:
            warehouse = allocation["warehouse"]
            pieces[warehouse["id"]] += allocation["quantity"]
            names[warehouse["id"]] = warehouse["name"]
    most = min(pieces, key=lambda id: (-pieces[id], id), default="")
    return most, names.get(most, "")


def _lines(nodes: list[Node]) -> tuple[PackingLine, ...]:
    things = [node for node in nodes if node["isShippingRequired"]]
    open_ones = [node for node in things if node["quantityToFulfill"] > 0]
    if open_ones:
        return tuple(_line(node, node["quantityToFulfill"]) for node in open_ones)
    return tuple(_line(node, node["quantity"]) for node in things)


def _line(node: Node, quantity: int) -> PackingLine:
    sku, id = node.get("productSku") or "", node.get("productVariantId") or ""
    # A variant that nobody named is called by its SKU, or its id, in Saleor.
    named = node["variantName"] not in {sku, id, node["productName"]}
    return PackingLine(
        product=node["productName"],
        variant=node["variantName"] if named else "",
        sku=sku,
        quantity=quantity,
        total=_gross(node.get("totalPrice")),
        is_gift=bool(node.get("isGift")),
        variant_id=id,
    )


def _address(node: Node | None) -> Address | None:
    if node is None:
        return None
    return Address(
        first_name=node["firstName"],
        last_name=node["lastName"],
        company=node["companyName"],
        street1=node["streetAddress1"],
        street2=node["streetAddress2"],
        city=node["city"],
        postal_code=node["postalCode"],
        city_area=node["cityArea"],
        country_area=node["countryArea"],
        country_code=node["country"]["code"],
    )


def _gross(money: Node | None) -> Decimal | None:
    return Decimal(money["gross"]["amount"]) if money else None
