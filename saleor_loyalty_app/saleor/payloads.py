"""Turns what Saleor sends into the domain's data: webhook bodies (hints only) and orders as re-read from the shop."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from saleor_loyalty_app.domain.orders import Buyer, Order, OrderLine
from saleor_loyalty_app.saleor.events import BY_NAME, Event
from saleor_loyalty_app.saleor.packing_lists import read_shipping_method, read_warehouse

GRAMS = {"G": Decimal(1), "KG": Decimal(1000), "LB": Decimal("453.59237"), "OZ": Decimal("28.349523125"),
         "TONNE": Decimal(1_000_000)}  # fmt: skip
LONGEST_ID = 200
PLAIN = re.compile(r"[!-~]+")


class NotAnEvent(ValueError):
    """The body is not what Saleor sends; the text is for the log and holds nothing from the body."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a webhook body says: which event, about which objects, for which app, caused by whom."""

    name: str
    event: Event | None
    """None for an event that we don't use."""
    subjects: tuple[str, ...]
    """What is to be looked at: order, customer or erasure with an id, "shop:", "sweep:", "pause:" or "removal:"."""
    recipient: str | None
    caused_by_app: str | None


def read_delivery(raw_body: bytes) -> Delivery:
    """Read a webhook body. Raises NotAnEvent."""
    try:
        body = json.loads(raw_body)
    except (ValueError, RecursionError) as broken:
        raise NotAnEvent("not JSON") from broken
    if not isinstance(body, dict) or not isinstance(body.get("__typename"), str):
        raise NotAnEvent("no event")
    event = BY_NAME.get(body["__typename"])
    principal = body.get("issuingPrincipal")
    by_app = isinstance(principal, dict) and principal.get("__typename") == "App"
    return Delivery(
        name=body["__typename"][:60],
        event=event,
        subjects=_subjects(event, body) if event else (),
        recipient=_id(body.get("recipient")),
        caused_by_app=_id(principal) if by_app else None,
    )


def _subjects(event: Event, body: dict[str, Any]) -> tuple[str, ...]:
    if event.about in {"shop", "removal"}:
        app = body.get("app")
        # A removed app is not active either (recording appdelete-app-deleted): only the status event means a pause.
        paused = event.about == "shop" and isinstance(app, dict) and app.get("isActive") is False
        if paused or event.about == "removal":
            return ("pause:",) if paused else ("removal:",)
        # It was off, if only for a moment that nobody else noticed: events of that time never come.
        return ("shop:", "sweep:")
    objects = body.get("orders") if event.name == "OrderBulkCreated" else None
    # An object that is gone by now comes as null (verified.md W8): nothing to look at.
    candidates = objects if isinstance(objects, list) else [body.get("order") or body.get("user")]
    return tuple(f"{event.about}:{id}" for id in dict.fromkeys(_id(item) for item in candidates) if id)


def _id(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    # Saleor's ids are base64; anything that is no plain text could not be kept, and would be sent again and again.
    return found if isinstance(found, str) and len(found) <= LONGEST_ID and PLAIN.fullmatch(found) else None


def read_order(node: dict[str, Any]) -> Order:
    """An order as `graphql/OrderFacts.graphql` selects it. Amounts are exact because JSON was read without floats.

    How and from where it is sent stands only in `graphql/ReadOrder.graphql`.
    """
    user = node.get("user") or {}
    warehouse_id, warehouse_name = read_warehouse(node["lines"])
    return Order(
        id=node["id"],
        number=node["number"],
        status=node["status"],
        origin=node.get("origin"),
        placed_at=datetime.fromisoformat(node["created"]),
        updated_at=datetime.fromisoformat(node["updatedAt"]),
        charge_status=node["chargeStatus"],
        channel=node["channel"]["slug"],
        currency=node["total"]["gross"]["currency"],
        country=((node.get("shippingAddress") or {}).get("country") or {}).get("code") or "",
        language=node.get("languageCodeEnum") or "",
        buyer=read_buyer(user, email=node.get("userEmail"), billing=node.get("billingAddress")),
        total=_amount(node["total"]["gross"]),
        subtotal=_amount(node["subtotal"]["gross"]),
        subtotal_net=_amount(node["subtotal"]["net"]),
        shipping=_amount(node["shippingPrice"]["gross"]),
        charged=_amount(node["totalCharged"]),
        refunded=_amount(node["totalRefunded"]),
        paid_by_gift_card=bool(node.get("giftCards")),
        ships=bool(node["isShippingRequired"]),
        reissue_of=node.get("original"),
        external_reference=node.get("externalReference"),
        anonymized=node.get("anonymized") == "true",
        weight_grams=_grams(node.get("weight")),
        shipping_method=read_shipping_method(node),
        warehouse_id=warehouse_id,
        warehouse_name=warehouse_name,
        lines=tuple(_line(line) for line in node["lines"]),
    )


def read_buyer(user: dict[str, Any], *, email: str | None = None, billing: dict[str, Any] | None = None) -> Buyer:
    """A Saleor user, or for a guest what the order says. The order's e-mail stands in for a user without one."""
    return Buyer(
        user_id=user.get("id"),
        email=user.get("email") or email or "",
        first_name=user.get("firstName") or (billing or {}).get("firstName") or "",
        last_name=user.get("lastName") or "",
        language=user.get("languageCode") or "",
        is_staff=bool(user.get("isStaff")),
        is_confirmed=bool(user.get("isConfirmed")),
    )


def _line(line: dict[str, Any]) -> OrderLine:
    product = (line.get("variant") or {}).get("product") or {}
    return OrderLine(
        product_id=product.get("id"),
        product_name=line["productName"],
        category=(product.get("category") or {}).get("slug"),
        quantity=line["quantity"],
        is_gift=bool(line.get("isGift")),
    )


def _amount(money: dict[str, Any]) -> Decimal:
    return Decimal(money["amount"])


def _grams(weight: dict[str, Any] | None) -> int | None:
    if not weight or weight.get("unit") not in GRAMS:
        return None
    return int(Decimal(weight["value"]) * GRAMS[weight["unit"]])
