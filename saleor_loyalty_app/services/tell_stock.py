"""A variant's stock in the shop is read for planning, and what was packed is taken off it, once, whatever happens.

Saleor only takes absolute numbers, so this reads, reckons and writes; with the number goes a mark of ours on the
variant. After an unknown outcome mark and number tell whether the change happened; a mark that is not the last one
known here tells that a backup was put back since (docs/decisions/0007).
"""

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Extra, Program
from saleor_loyalty_app.domain.saying import Saying, mark
from saleor_loyalty_app.saleor.client import Answer
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.refusals import asked
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.variant_stock import STOCK_EFFECT, counted_in_shop
from saleor_loyalty_app.services.wait_for_call import sent_within_seconds, wait_for_call
from saleor_loyalty_app.store import effects, stock, variant_stock
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.shops import LIVE, Shop, lock_shop
from saleor_loyalty_app.store.variant_stock import Untold, VariantStock
from saleor_loyalty_app.store.warehouses import remember_warehouse

MAYBE_UNDER_WAY = Saying("A change of an extra's stock may still be on its way. It is looked at again in a moment.")
GONE = mark(
    "The product variant of “%(extra)s” is gone from the shop, so its pieces can't be counted there. Choose another "
    "one in the rules, or let the app count them."
)
NOT_STOCKED = mark(
    "“%(extra)s” has no stock in the warehouse that the rules name. Add the warehouse to the product variant in the "
    "dashboard, or choose another warehouse in the rules."
)
BELOW_NOTHING = mark(
    "%(packed)s packed pieces of “%(extra)s” can't be taken off the shop's stock: it counts only %(quantity)s. Count "
    "them, put the number right in the shop, then say so on the extra's page in the rules."
)

NOT_REMEMBERED = mark(
    "Pieces of “%(extra)s” were taken off the shop's stock, and this app no longer knows which, as after a backup was "
    "put back. Count them, put the number right in the shop, then say so on the extra's page in the rules."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInShop:
    """A variant's pieces in one warehouse as the shop counts them."""

    warehouse: str
    """Its name."""
    quantity: int
    allocated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStock:
    """What the shop says of a variant: its stock by warehouse id, and our last mark where it was asked for."""

    by_warehouse: dict[str, StockInShop]
    mark: str | None


def tell_stock(app: App, shop: Shop, variant_id: str) -> None:
    """Read a variant's stock for planning, and tell the shop what was packed of it. In rehearsal it is only read.

    Raises TryAgain, Denied or HumanMustAct; what was done until then is remembered.
    """
    with app.database.read() as db:
        begun = effects.find_effect(db, shop.id, f"stock:{variant_id}", STOCK_EFFECT)
    if begun and begun.state == effects.STARTED:
        _settle(app, shop, variant_id, begun)
    with app.database.read() as db:
        program = current_program(db, shop)
        seen = effects.find_effect(db, shop.id, f"stock:{variant_id}", STOCK_EFFECT)
        sums = variant_stock.untold(db, shop.id, variant_id)
    counted = [extra for extra in counted_in_shop(program) if extra.variant == variant_id]
    telling = shop.mode == LIVE and bool(sums)
    found = _read(app, shop, variant_id, marked=telling) if counted or sums else None
    with app.database.write() as db:
        lock_shop(db, shop.id)
        _forget_others(db, shop, variant_id, counted)
        for extra in counted:
            _mirror(app, db, shop, program, extra, found)
    if telling:
        for missing in sums:
            seen = _tell(app, shop, program, missing, found, seen)
    warehouse = program.packing.warehouse or ""
    for extra in counted:
        _stock_at(found, warehouse, program.words(extra.name, program.languages[0]))


def _read(app: App, shop: Shop, variant_id: str, *, marked: bool) -> FoundStock | None:
    """What the shop says of a variant, None when it is gone. Our mark may be read with MANAGE_PRODUCTS only."""
    try:
        answer = app.client(shop).ask("ReadVariantStock", ids=[variant_id], first=1, mark=marked)
    except Denied as denied:
        if not marked:
            raise
        raise Denied(asked("TellStock"), "MANAGE_PRODUCTS") from denied  # Saleor does not say what a mark needs
    node = next((edge["node"] for edge in answer["productVariants"]["edges"]), None)
    if node is None:
        return None
    by_warehouse = {
        one["warehouse"]["id"]: StockInShop(
            warehouse=one["warehouse"]["name"], quantity=one["quantity"], allocated=one["quantityAllocated"]
        )
        for one in node["stocks"] or []
    }
    return FoundStock(by_warehouse=by_warehouse, mark=node.get("mark"))


def _stock_at(found: FoundStock | None, warehouse_id: str, extra: str) -> StockInShop:
    if found is None:
        raise HumanMustAct(Saying(GONE, extra=extra))
    if warehouse_id not in found.by_warehouse:
        raise HumanMustAct(Saying(NOT_STOCKED, extra=extra))
    return found.by_warehouse[warehouse_id]


# ---- What planning sees


def _forget_others(db: Connection, shop: Shop, variant_id: str, counted: list[Extra]) -> None:
    """What was read for extras that are no longer this variant, or no longer counted in the shop, holds no more."""
    mine = {extra.id for extra in counted}
    for reading in variant_stock.readings(db, shop.id).values():
        if reading.variant_id == variant_id and reading.extra_id not in mine:
            variant_stock.forget_reading(db, shop.id, reading.extra_id)


def _mirror(  # noqa: PLR0917
    app: App, db: Connection, shop: Shop, program: Program, extra: Extra, found: FoundStock | None
) -> None:
    """Keep what the shop said, and what it leaves for new parcels; nothing where it has no such stock."""
    warehouse_id = program.packing.warehouse or ""
    there = found.by_warehouse.get(warehouse_id) if found else None
    if there is None:
        variant_stock.forget_reading(db, shop.id, extra.id)
        stock.set_count(db, shop.id, extra.id, 0, now=app.now(), why="shop")
        return
    remember_warehouse(db, shop.id, warehouse_id, there.warehouse)
    before = variant_stock.readings(db, shop.id).get(extra.id)
    reading = VariantStock(
        extra_id=extra.id, variant_id=extra.variant or "", warehouse_id=warehouse_id, quantity=there.quantity,
        allocated=there.allocated, read_at=app.now(), empty_at=_still_empty(before, warehouse_id, there.quantity),
    )  # fmt: skip
    variant_stock.keep_reading(db, shop.id, reading)
    stock.set_count(db, shop.id, extra.id, _left(db, shop, reading), now=app.now(), why="shop")


def _still_empty(before: VariantStock | None, warehouse_id: str, quantity: int) -> int | None:
    """Since a packer found none, only a higher count means that there are some again."""
    if before is None or before.empty_at is None or before.warehouse_id != warehouse_id:
        return None
    return None if quantity > before.empty_at else quantity


def _left(db: Connection, shop: Shop, reading: VariantStock) -> int:
    """What new parcels can have: neither what orders and parcels wait for, nor what is packed already."""
    untold = variant_stock.untold(db, shop.id, reading.variant_id)
    packed = -sum(one.pieces for one in untold if one.warehouse_id == reading.warehouse_id)
    promised = variant_stock.promised(db, shop.id, reading.extra_id)
    left = reading.quantity - reading.allocated - promised - packed
    return left if reading.empty_at is None else min(left, 0)


# ---- What the shop is told


def _tell(  # noqa: PLR0917
    app: App, shop: Shop, program: Program, missing: Untold, found: FoundStock | None, seen: Effect | None
) -> Effect | None:
    """Tell what is missing; `seen` is the effect as it was when that was found. Return the effect as it is then."""
    if missing.pieces == 0:
        with app.database.write() as db:
            _mark_told(app, db, shop, missing)
        return seen
    name = _name_of(program, missing.variant_id)
    before = _stock_at(found, missing.warehouse_id, name).quantity
    if found and found.mark and not _is_remembered(shop, found.mark, seen):
        raise HumanMustAct(Saying(NOT_REMEMBERED, extra=name))
    after = before + missing.pieces
    if after < 0:
        raise HumanMustAct(Saying(BELOW_NOTHING, extra=name, packed=abs(missing.pieces), quantity=before))
    detail = {
        "mark": f"{_installation(shop)}{secrets.token_hex(4)}", "warehouse": missing.warehouse_id, "before": before,
        "pieces": missing.pieces, "last": missing.last, "over": _mark_there(found, seen),
    }  # fmt: skip
    subject = f"stock:{missing.variant_id}"
    call = app.client(shop).ready(within_seconds=sent_within_seconds(app))
    with app.database.write() as db:
        if not effects.take_effect(db, shop.id, subject, STOCK_EFFECT, seen=seen, now=app.now(), detail=detail):
            raise TryAgain(MAYBE_UNDER_WAY)  # this round was taken over while it stood still
    answer = call.ask_partly(
        "TellStock", variant=missing.variant_id, mark=detail["mark"], warehouse=missing.warehouse_id, quantity=after
    )  # fmt: skip
    refused = answer.refusal_of("stock", asked("TellStock"))
    if refused is None:
        with app.database.write() as db:
            _end(app, db, shop, subject, effects.DONE, detail)
            _mark_told(app, db, shop, missing)
            return effects.find_effect(db, shop.id, subject, STOCK_EFFECT)
    if _nothing_happened(answer):
        with app.database.write() as db:
            _end(app, db, shop, subject, effects.REFUSED, detail)
    raise refused


def _installation(shop: Shop) -> str:
    """How this installation's marks begin; those of one whose data are gone for good say nothing about ours."""
    return f"{int(shop.installed_at.timestamp()):x}-"


def _is_remembered(shop: Shop, mark_there: str, last: Effect | None) -> bool:
    """Whether a mark in the shop is of the last try known here, or the one that stood there before it."""
    if last is None:
        return not mark_there.startswith(_installation(shop))
    return "mark" not in last.detail or mark_there in {last.detail["mark"], last.detail.get("over")}


def _mark_there(found: FoundStock | None, last: Effect | None) -> str | None:
    """What a new mark is written over: that of a change that was made a moment ago, else what was found."""
    if last is not None and last.state == effects.DONE:
        return str(last.detail["mark"])
    return found.mark if found else None


def _settle(app: App, shop: Shop, variant_id: str, begun: Effect) -> None:
    """Find out whether a change whose last try ended in the dark reached the shop after all.

    The mark is written first: without it the stock was not changed either. With it, it was, unless it still is what
    it was before.
    """
    wait_for_call(app, shop, begun, MAYBE_UNDER_WAY)
    found = _read(app, shop, variant_id, marked=True)
    tried = begun.detail
    there = found.by_warehouse.get(tried["warehouse"]) if found else None
    arrived = found is not None and found.mark == tried["mark"] and there and there.quantity != tried["before"]
    with app.database.write() as db:
        lock_shop(db, shop.id)
        state = effects.DONE if arrived else effects.REFUSED
        _end(app, db, shop, begun.subject, state, tried)
        if arrived:
            missing = Untold(
                variant_id=variant_id, warehouse_id=tried["warehouse"], pieces=tried["pieces"], last=tried["last"]
            )
            _mark_told(app, db, shop, missing)


def _end(app: App, db: Connection, shop: Shop, subject: str, state: str, detail: dict[str, object]) -> None:  # noqa: PLR0917
    effects.end_effect(db, shop.id, subject, STOCK_EFFECT, state=state, now=app.now(), detail=detail)


def _mark_told(app: App, db: Connection, shop: Shop, told: Untold) -> None:
    """The shop counts these now; so does what was read of it, and nothing changes for new parcels."""
    lock_shop(db, shop.id)  # a packer may be saying at this moment that none is there
    variant_stock.mark_told(db, shop.id, told.variant_id, told.warehouse_id, until=told.last, now=app.now())
    for reading in variant_stock.readings(db, shop.id).values():
        if (reading.variant_id, reading.warehouse_id) == (told.variant_id, told.warehouse_id):
            empty_at = None if reading.empty_at is None else reading.empty_at + told.pieces
            counted = replace(reading, quantity=reading.quantity + told.pieces, empty_at=empty_at)
            variant_stock.keep_reading(db, shop.id, counted)


def _nothing_happened(answer: Answer) -> bool:
    """Whether the shop said no before it changed anything; after an error inside it, it is looked at first."""
    result, error = answer.data.get("stock"), answer.error_of("stock")
    return bool((result or {}).get("errors")) or (error is not None and error.code == "PermissionDenied")


def _name_of(program: Program, variant_id: str) -> str:
    extra = next((extra for extra in program.extras if extra.variant == variant_id), None)
    return program.words(extra.name, program.languages[0]) if extra else variant_id
