"""What is printed in the tests: orders, notes and addresses of several countries and scripts."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from saleor_loyalty_app.domain.stationery import Stationery
from saleor_loyalty_app.printing.copy_sheets import CopySheet
from saleor_loyalty_app.printing.slips import Slip, SlipExtra, SlipLine
from saleor_loyalty_app.printing.typesetting import Look

HOSTILE = '#panic("x") $x^2$ \\u{41} ]) *b* _i_ `c` <label> @ref // c /* d */ "q" = h \'a\''
"""Everything that means something to typst."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address as the shop gives it."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street1: str = ""
    street2: str = ""
    city: str = ""
    city_area: str = ""
    postal_code: str = ""
    country_area: str = ""
    country_code: str = ""


ADDRESSES = {
    "DE": Address(
        first_name="Jörg",
        last_name="Müller",
        company="Teekontor Groß & Söhne GmbH",
        street1="Lange Straße 12a",
        street2="Hinterhaus",
        city="Gießen",
        postal_code="35390",
        country_code="DE",
    ),
    "US": Address(
        first_name="Jane",
        last_name="Doe",
        street1="1600 Amphitheatre Pkwy",
        street2="Apt. 4",
        postal_code="94043",
        city="Mountain View",
        country_area="CA",
        country_code="US",
    ),
    "GB": Address(
        first_name="Mary",
        last_name="O'Neill",
        street1="10 Downing Street",
        city="London",
        postal_code="sw1a 2aa",
        country_code="GB",
    ),
    "JP": Address(
        first_name="太郎",
        last_name="山田",
        street1="丸の内1丁目2-3",
        city="千代田区",
        country_area="東京都",
        postal_code="100-0005",
        country_code="JP",
    ),
    "CN": Address(
        first_name="小明",
        last_name="王",
        street1="建国路88号",
        city="朝阳区",
        country_area="北京市",
        postal_code="100022",
        country_code="CN",
    ),
    "BR": Address(
        first_name="João",
        last_name="Conceição",
        street1="Rua das Flores 10",
        street2="ap. 3",
        city="São Paulo",
        city_area="Centro",
        country_area="SP",
        postal_code="01000-000",
        country_code="BR",
    ),
    "IN": Address(
        first_name="रवि",
        last_name="राव",
        street1="12 एम जी रोड",
        city="Bengaluru",
        country_area="Karnataka",
        postal_code="560001",
        country_code="IN",
    ),
    "AE": Address(
        first_name="ليلى",
        last_name="المنصوري",
        street1="شارع الشيخ زايد ١٢",
        city="دبي",
        country_area="دبي",
        country_code="AE",
    ),
    "KR": Address(
        first_name="길동",
        last_name="홍",
        street1="세종대로 110",
        city="중구",
        country_area="서울특별시",
        postal_code="04524",
        country_code="KR",
    ),
    "IL": Address(
        first_name="דוד",
        last_name="כהן",
        street1="רחוב הרצל 1",
        city="תל אביב",
        postal_code="6100000",
        country_code="IL",
    ),
}


def a_logo() -> bytes:
    """A small logo as PNG."""
    image = Image.new("RGB", (360, 120), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, 116, 116), fill="#9f6b3f")
    draw.rectangle((140, 40, 350, 80), fill="#1f2937")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def a_look(*, logo: bool = False, **stationery: Any) -> Look:
    """A shop's look; the arguments are fields of its stationery."""
    return Look(stationery=Stationery(**stationery), logo=a_logo() if logo else None)


TEA_HOUSE = {
    "slip_prices": True,
    "answer_url": "https://tea.example.com/hello/{code}",
    "return_address": ("Tea House", "Speicherstraße 4", "20457 Hamburg"),
}

SLIP = Slip(
    code="BR-7K2M",
    order_number="1042",
    language="DE",
    staff_language="en",
    currency="EUR",
    ordered_on=date(2026, 11, 3),
    lines=(
        SlipLine(product="Assam Second Flush", variant="250 g", sku="ASM-250", quantity=2, total=Decimal("25.00")),
        SlipLine(product="Teekanne", sku="POT-1", quantity=1, total=Decimal("49.90")),
    ),
    shipping_method="DHL Paket",
    subtotal=Decimal("74.90"),
    shipping=Decimal("4.90"),
    total=Decimal("79.80"),
    address=("Anna Krüger", "Hauptstraße 1", "80331 MÜNCHEN"),
    customer_name="Anna Krüger",
    extras=(SlipExtra(name="Lavender sachet", shelf="B3"), SlipExtra(name="Caramel", shelf="A1", quantity=2)),
    note="Liebe Anna,\n\ndas ist Ihre siebte Bestellung bei uns.\nDanke, dass Sie uns treu bleiben!",
    sign_off="Herzliche Grüße",
    sender="Mira",
    services=("ship express",),
    wishes=("no scents", "gift for a child"),
)

COPY_SHEET = CopySheet(
    code="BR-7K2M",
    order_number="1042",
    customer_name="Anna Krüger",
    text=SLIP.note,
    sign_off="Herzliche Grüße",
    sender="Mira",
    language="DE",
    staff_language="de",
)


def a_slip(**changes: Any) -> Slip:
    """An order of two lines, with other fields where they are given."""
    return replace(SLIP, **changes)


def a_copy_sheet(**changes: Any) -> CopySheet:
    """A short note, with other fields where they are given."""
    return replace(COPY_SHEET, **changes)


def many_lines(count: int) -> tuple[SlipLine, ...]:
    """So many lines of an order, each like no other."""
    return tuple(SlipLine(product=f"Assam {at:03}", sku=f"A-{at:03}", total=Decimal(at)) for at in range(1, count + 1))
