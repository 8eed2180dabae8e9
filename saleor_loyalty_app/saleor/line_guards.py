"""Whether a line can be added to a paid, unconfirmed order without moving its total (verified.md W3).

Adding a line recalculates the order: whatever changed since it was placed is applied, and deleting the line
does not undo that. So when anything is in doubt, no line is added.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from saleor_loyalty_app.domain.saying import Saying

ALREADY_CONFIRMED = Saying("the order is already confirmed")

SOON = timedelta(minutes=5)
"""A promotion that starts while we work counts as running."""


def why_no_line(answer: dict[str, Any], *, now: datetime) -> Saying | None:
    """The first doubt in an answer to `ReadOrderLineGuards`, in words for staff, or None when there is none."""
    order = answer["order"]
    if order is None or order["status"] != "UNCONFIRMED":
        return ALREADY_CONFIRMED
    types = {discount["type"] for discount in order["discounts"]}
    if "ORDER_PROMOTION" in types or any(line["isGift"] for line in order["lines"]):
        return Saying("an order promotion applies to it")
    if order["voucherCode"] and order["voucher"] is None:
        return Saying("its voucher was deleted since")
    if order["voucher"] and order["voucher"]["applyOncePerOrder"]:
        return Saying("its voucher applies to the cheapest item only")
    # Saleor skips order promotions for orders with a voucher or a manual discount.
    if not order["voucherCode"] and "MANUAL" not in types and (doubt := _promotion_doubt(answer, now)):
        return doubt
    return _tax_doubt(order)


def _promotion_doubt(answer: dict[str, Any], now: datetime) -> Saying | None:
    promotions = answer.get("promotions")
    if promotions is None:
        return Saying("Best Regards may not see promotions without the permission “Manage promotions and vouchers”")
    if promotions["pageInfo"]["hasNextPage"]:
        return Saying("there are more promotions than can be checked")
    for edge in promotions["edges"]:
        starts, ends = _time(edge["node"]["startDate"]), _time(edge["node"]["endDate"])
        if (starts is None or starts <= now + SOON) and (ends is None or ends > now):
            return Saying("an order promotion is running")
    return None


def _tax_doubt(order: dict[str, Any]) -> Saying | None:
    taxes = order["channel"]["taxConfiguration"]
    if not taxes["chargeTaxes"] or order["taxExemption"]:
        return None
    if taxes["taxCalculationStrategy"] != "FLAT_RATES":
        return Saying("taxes are calculated by another app")
    country = ((order["shippingAddress"] or {}).get("country") or {}).get("code")
    for line in order["lines"]:
        rates = {rate["country"]["code"]: rate["rate"] for rate in (line["taxClass"] or {}).get("countries", [])}
        # Saleor keeps a line's rate with four digits: 8.875 % is 0.0888 (recording 01-42).
        if abs(Decimal(rates.get(country, 0)) / 100 - Decimal(line["taxRate"] or 0)) > Decimal("0.0001"):
            return Saying("a tax rate may have changed since")
    return None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
