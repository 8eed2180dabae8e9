"""What the form of a part shows beside its own values: what can be chosen, and what is there at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel.core import Locale
from babel.numbers import list_currencies
from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.note_templates import SAMPLE
from saleor_loyalty_app.domain.program import MOMENTS, Program
from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.services.preview_note import recent_orders
from saleor_loyalty_app.services.variant_stock import counted_in_shop
from saleor_loyalty_app.store import pictures, stock, variant_stock, work
from saleor_loyalty_app.store.variant_stock import VariantStock
from saleor_loyalty_app.store.warehouses import warehouses_of
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.program_parts import OpenDraft
from saleor_loyalty_app.web.words import locale

FRESH = timedelta(minutes=1)
MOST_ORDERS = 12
"""How many recent orders a note can be tried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfInShop:
    """How an extra stands that the shop counts."""

    reading: VariantStock | None
    """What the shop last said, None while it never did."""
    warehouse: str
    """Its name, as far as it is known."""
    promised: int
    """Pieces for parcels that are planned and not packed."""
    untold: int
    """Packed pieces that the shop still counts as there."""
    trouble: str
    """What went wrong when it was asked last."""
    is_asked: bool
    """Whether it is asked anew just now."""
    is_stale: bool
    """Whether the answer should be waited for, or asked for, before a person relies on it."""


def surroundings_of(draft: OpenDraft, kind: str, there: Mapping[str, Any]) -> dict[str, Any]:
    """By kind of part; `there` are its values in the draft, empty for a new one."""
    if kind == "shop":
        return {"zones": sorted(available_timezones()), "currencies": _currencies(locale())}
    if kind == "extras":
        return shelf_of(str(there.get("id", ""))) | {"contained": _contained(draft)}
    if kind == "surprises":
        return {"moments": MOMENTS, "tiers": draft.choices("tiers"), "extras": _surprises(draft)}
    if kind == "notes":
        with loyalty().database.read() as db:
            orders = recent_orders(db, g.shop, MOST_ORDERS)
        return {"moments": MOMENTS, "tiers": draft.choices("tiers"), "fields": tuple(SAMPLE), "orders": orders}
    return {}


def shelf_of(extra_id: str) -> dict[str, Any]:
    """What is true of an extra at this moment, whatever the draft says: its picture, and how many there are."""
    with loyalty().database.read() as db:
        in_force = program_in_force(db)
        return {
            "extra_id": extra_id,
            "published": in_force.extra(extra_id) is not None,
            "picture": pictures.pictures_of(db, g.shop.id, [extra_id]).get(extra_id),
            "pieces": stock.stock_of(db, g.shop.id).get(extra_id),
            "in_shop": _shelf_in_shop(db, in_force, extra_id),
        }


def is_counted_in_shop(extra_id: str) -> bool:
    """Whether the shop counts the pieces of an extra of the rules in force."""
    with loyalty().database.read() as db:
        return _shelf_in_shop(db, program_in_force(db), extra_id) is not None


def _shelf_in_shop(db: Connection, program: Program, extra_id: str) -> ShelfInShop | None:
    extra = next((extra for extra in counted_in_shop(program) if extra.id == extra_id), None)
    if extra is None or extra.variant is None:
        return None
    reading = variant_stock.readings(db, g.shop.id).get(extra_id)
    looked = work.find(db, g.shop.id, f"stock:{extra.variant}")
    is_asked = looked is not None and looked.due_at is not None and looked.due_at <= loyalty().now()
    return ShelfInShop(
        reading=reading,
        warehouse=dict(warehouses_of(db, g.shop.id)).get(program.packing.warehouse or "", ""),
        promised=variant_stock.promised(db, g.shop.id, extra_id),
        untold=-sum(one.pieces for one in variant_stock.untold(db, g.shop.id, extra.variant)),
        trouble=said(looked.last_error, locale()) if looked and looked.last_error else "",
        is_asked=is_asked,
        is_stale=is_asked or reading is None or loyalty().now() - reading.read_at > FRESH,
    )


def _contained(draft: OpenDraft) -> list[tuple[str, str]]:
    """Every word that an extra of the draft uses for what it contains."""
    lists = [one.values.get("contains") for one in draft.listed("extras")]
    words = sorted({str(word) for words in lists if isinstance(words, list) for word in words})
    return [(word, word) for word in words]


def _surprises(draft: OpenDraft) -> list[tuple[str, str]]:
    kinds = {one.values.get("id"): one.values.get("kind") for one in draft.listed("extras")}
    return [choice for choice in draft.choices("extras") if kinds.get(choice[0]) == "surprise"]


@cache
def _currencies(spoken: str) -> list[tuple[str, str]]:
    """Codes and names of the currencies that people pay with."""
    names = Locale.parse(spoken).currencies
    return sorted((code, names[code]) for code in list_currencies() if code in names and "(" not in names[code])
