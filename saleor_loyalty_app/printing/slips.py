"""Packing slips: the customer's half, and the packers' half that stays in the shop.

What is a surprise stands on the packers' half only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from saleor_loyalty_app.domain.language import LANGUAGES, supported
from saleor_loyalty_app.domain.print_words import (
    SLIP,
    customers_language,
    day_in,
    money_in,
    number_in,
    words_in,
    writes_from_right,
)
from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.barcodes import QUIET_MODULES, CannotEncode, code128_modules, code128_svg, qr_svg
from saleor_loyalty_app.printing.plain_words import missing_in, plain, plain_line
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look, PrintProblem, merge, set_pages, set_picture

CHUNK = 50
"""Slips that are set at once, so that memory does not grow with a batch."""
BAR_MM, NARROWEST_BAR_MM = 0.33, 0.2
"""Width of a bar code's module on paper: as wished, and the least that hand scanners and tablets read."""
WIDEST_CODE_MM = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    """One line of the order."""

    product: str
    variant: str = ""
    sku: str = ""
    quantity: int = 1
    total: Decimal | None = None
    """What the line costs, in major units; None when it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipExtra:
    """An extra that is to be packed, by its name in the packers' language, and where it lies."""

    name: str
    shelf: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Everything on one packing slip. Amounts are in major units of `currency`."""

    code: str
    """The parcel's code."""
    order_number: str
    language: str = "en"
    """The order's."""
    staff_language: str = "en"
    """The program's first."""
    currency: str = "EUR"
    ordered_on: date | None = None
    lines: tuple[SlipLine, ...] = ()
    shipping_method: str = ""
    subtotal: Decimal | None = None
    shipping: Decimal | None = None
    total: Decimal | None = None
    address: tuple[str, ...] = ()
    """Where it goes, line by line (`addresses.address_lines`); not printed when it is empty."""
    customer_name: str = ""
    extras: tuple[SlipExtra, ...] = ()
    note: str = ""
    sign_off: str = ""
    sender: str = ""
    services: tuple[str, ...] = ()
    """What was promised, in the packers' language."""
    wishes: tuple[str, ...] = ()


def check_slips(slips: Iterable[Slip], look: Look) -> tuple[PrintProblem, ...]:
    """All that keeps these slips from being printed, by parcel: letters that no font has. No slip is too long."""
    return tuple(
        problem for slip in slips for problem in missing_in(slip.code, _all_words(slip, look.stationery), look)
    )


def slips_pdf(slips: Sequence[Slip], look: Look) -> bytes:
    """These packing slips as one PDF, in their order, each on pages of its own. Raises CannotPrint."""
    if problems := check_slips(slips, look):
        raise CannotPrint(*problems)
    chunks = [slips[at : at + CHUNK] for at in range(0, len(slips), CHUNK)] or [slips]
    pdfs = (set_pages("slip", _data(chunk, look.stationery), look) for chunk in chunks)
    return next(pdfs) if len(chunks) == 1 else merge(pdfs)


def slip_png(slip: Slip, look: Look, *, dpi: int = 110) -> bytes:
    """The first page of one packing slip. Raises CannotPrint."""
    if problems := check_slips([slip], look):
        raise CannotPrint(*problems)
    return set_picture("slip", _data([slip], look.stationery), look, dpi=dpi)


def _all_words(slip: Slip, stationery: Stationery) -> Iterator[str]:
    for line in slip.lines:
        yield from (line.product, line.variant, line.sku)
    for extra in slip.extras:
        yield from (extra.name, extra.shelf)
    yield from (*slip.address, *slip.services, *slip.wishes, *stationery.return_address, slip.order_number)
    yield from (slip.customer_name, slip.shipping_method, slip.note, slip.sign_off, slip.sender)


def _data(slips: Sequence[Slip], stationery: Stationery) -> dict[str, Any]:
    return {
        "words": {language: words_in(SLIP, language) for language in LANGUAGES},
        "slips": [_slip(slip, stationery) for slip in slips],
    }


def _slip(slip: Slip, stationery: Stationery) -> dict[str, Any]:
    language, staff = customers_language(slip.language, slip.staff_language), supported(slip.staff_language)
    prices = stationery.slip_prices
    return {
        "language": language,
        "staff_language": staff,
        "from_right": writes_from_right(slip.language),
        "number": plain_line(slip.order_number),
        "date": day_in(slip.ordered_on, slip.language) if slip.ordered_on else "",
        "lines": [_line(line, slip, with_price=prices) for line in slip.lines],
        "with_prices": prices and any(line.total is not None for line in slip.lines),
        "sums": _sums(slip) if prices else [],
        "shipping_method": plain_line(slip.shipping_method),
        "address": [plain_line(line) for line in slip.address],
        "answer": _answer(slip, stationery.answer_url),
        "code": slip.code,
        "customer": plain_line(slip.customer_name),
        "bars": _bars(slip.order_number) if stationery.slip_code else None,
        "extras": [{"name": plain_line(one.name), "shelf": plain_line(one.shelf), "quantity": one.quantity}
                   for one in slip.extras],
        "note": plain(slip.note),
        "sign_off": plain(slip.sign_off),
        "sender": plain_line(slip.sender),
        "services": [plain_line(service) for service in slip.services],
        "wishes": [plain(wish) for wish in slip.wishes],
    }  # fmt: skip


def _line(line: SlipLine, slip: Slip, *, with_price: bool) -> dict[str, Any]:
    price = money_in(line.total, slip.currency, slip.language) if with_price and line.total is not None else ""
    return {"product": plain_line(line.product), "variant": plain_line(line.variant), "sku": plain_line(line.sku),
            "quantity": number_in(line.quantity, slip.language), "price": price}  # fmt: skip


def _sums(slip: Slip) -> list[list[str]]:
    known = (("subtotal", slip.subtotal), ("shipping", slip.shipping), ("total", slip.total))
    return [[key, money_in(amount, slip.currency, slip.language)] for key, amount in known if amount is not None]


def _answer(slip: Slip, address: str) -> str | None:
    """The QR code by which the customer can answer, as SVG."""
    return qr_svg(address.replace("{code}", quote(slip.code, safe=""))) if address else None


def _bars(number: str) -> dict[str, Any] | None:
    """The order number as bars; None for one that bars can't hold in this room: it still stands there in words."""
    try:
        modules = len(code128_modules(number)) + 2 * QUIET_MODULES
    except CannotEncode:
        return None
    if modules * NARROWEST_BAR_MM > WIDEST_CODE_MM:
        return None
    return {"svg": code128_svg(number), "width_mm": min(modules * BAR_MM, WIDEST_CODE_MM)}
