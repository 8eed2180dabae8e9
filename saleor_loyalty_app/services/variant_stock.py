"""Extras that are variants of the shop and counted there: what was packed is noted, and the shop is told in rounds.

The rounds themselves are in `tell_stock`; one per variant, so that no two change its stock at a time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Extra, Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.store import effects, stock, variant_stock, work
from saleor_loyalty_app.store.parcels import ParcelItem
from saleor_loyalty_app.store.shops import ACTIVE, Shop, lock_shop

QUIET = timedelta(seconds=60)
"""How long the shop is told nothing after packing, so that what is undone at once leaves no trace there."""
STOCK_EFFECT = "stock"


def note_moved(
    db: Connection, shop: Shop, program: Program, items: Iterable[ParcelItem], *, sign: int, now: datetime
) -> None:
    """Note that these items left the shelf (sign -1: packed, or shipped unconfirmed) or are back in the plan (+1).

    `program` are the rules in force. Extras that the app counts itself, rehearsals, and lines of orders, whose
    pieces the shop counts by itself, are left alone. Noting the same twice changes nothing.
    """
    moved = {item.id: item.extra_id for item in items}
    gone = variant_stock.gone(db, shop.id, moved)
    touched = set()
    if sign > 0:
        for item_id, taken in gone.items():
            variant_stock.add_move(db, shop.id, item_id, taken.variant_id, taken.warehouse_id, -taken.pieces, now=now)
            touched.add(taken.variant_id)
    else:
        counted = {extra.id: extra for extra in counted_in_shop(program)}
        leaving = [item_id for item_id, extra_id in moved.items() if extra_id in counted and item_id not in gone]
        for item_id in sorted(variant_stock.from_our_shelf(db, shop.id, leaving)):
            variant = counted[moved[item_id]].variant or ""
            warehouse = program.packing.warehouse or ""
            variant_stock.add_move(db, shop.id, item_id, variant, warehouse, -1, now=now)
            touched.add(variant)
    for variant in touched:
        work.want(db, shop.id, f"stock:{variant}", due_at=now + QUIET, now=now)


def counted_in_shop(program: Program) -> list[Extra]:
    """The extras whose pieces the shop counts."""
    if not program.packing.warehouse:
        return []
    return [extra for extra in program.extras if extra.stock_in == "shop" and extra.variant]


def begin_counting(db: Connection, shop_id: int, program: Program, *, now: datetime) -> None:
    """Rules come into force: ask the shop for what it counts; until it says how many there are, none is promised."""
    known = variant_stock.readings(db, shop_id)
    for extra in counted_in_shop(program):
        reading = known.get(extra.id)
        if reading is None or (reading.variant_id, reading.warehouse_id) != (extra.variant, program.packing.warehouse):
            stock.set_count(db, shop_id, extra.id, 0, now=now, why="shop")
    want_stock(db, shop_id, program, now=now, at_once=True)


def want_stock(db: Connection, shop_id: int, program: Program, *, now: datetime, at_once: bool = False) -> None:
    """Ask for a look at the shop's stock of everything that it counts, or of which it does not know all yet.

    What it counts no longer is looked at once more, so that what was read of it is forgotten.
    """
    variants = {extra.variant for extra in counted_in_shop(program)}
    variants |= {reading.variant_id for reading in variant_stock.readings(db, shop_id).values()}
    for variant in variants | variant_stock.variants_with_untold(db, shop_id):
        work.want(db, shop_id, f"stock:{variant}", due_at=now, now=now, at_once=at_once)


def want_all_stock(app: App, shop: Shop) -> None:
    """The same for a shop, every hour: people buy, deliver and count there without a word to us."""
    if shop.state != ACTIVE:
        return
    with app.database.write() as db:
        want_stock(db, shop.id, current_program(db, shop), now=app.now())


def look_at_stock(app: App, shop: Shop, extra_id: str) -> None:
    """Ask the shop now how many there are of an extra that it counts."""
    now = app.now()
    with app.database.write() as db:
        extra = next((extra for extra in counted_in_shop(current_program(db, shop)) if extra.id == extra_id), None)
        if extra:
            work.want(db, shop.id, f"stock:{extra.variant}", due_at=now, now=now, at_once=True)


def take_shop_at_its_word(app: App, shop: Shop, extra_id: str) -> bool:
    """Somebody put the shop's stock of an extra right by hand: what was packed until now is in that number already.

    Return whether it was taken so; not while a change of ours may still be on its way there.
    """
    now = app.now()
    with app.database.write() as db:
        lock_shop(db, shop.id)
        extra = current_program(db, shop).extra(extra_id)
        if extra is None or not extra.variant:
            return False
        subject = f"stock:{extra.variant}"
        work.want(db, shop.id, subject, due_at=now, now=now, at_once=True)
        begun = effects.find_effect(db, shop.id, subject, STOCK_EFFECT)
        settled = now - timedelta(seconds=app.settings.settle_seconds)
        if begun and begun.state == effects.STARTED and begun.started_at > settled:
            return False
        by_hand = {"by_hand": True}  # and any mark that stands there is taken for ours
        effects.write_effect(db, shop.id, subject, STOCK_EFFECT, state=effects.REFUSED, now=now, detail=by_hand)
        for missing in variant_stock.untold(db, shop.id, extra.variant):
            variant_stock.mark_told(db, shop.id, extra.variant, missing.warehouse_id, until=missing.last, now=now)
    return True
