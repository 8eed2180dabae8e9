"""The packing desk: what is ready, who has what, and a batch with all its parcels on one page.

A batch is complete when it is shown, so that going on needs no network; what only the shop knows is asked right after.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import why_not_changed
from saleor_loyalty_app.domain.changing import CannotChange
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.read_packing_lists import read_packing_lists
from saleor_loyalty_app.services.take_batch import NothingToPack, hold_on, release_batch, take_batch
from saleor_loyalty_app.store import batches, orders, packing_lists, parcels
from saleor_loyalty_app.store.batches import Batch
from saleor_loyalty_app.store.packing_lists import DeskChoices, DeskFilter
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.desk_parcels import desk_parcels, reasons_offered, why_not_packed
from saleor_loyalty_app.web.desk_sessions import open_desks
from saleor_loyalty_app.web.list_filters import LONGEST_CURSOR, Trail
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.today import age
from saleor_loyalty_app.web.words import gettext, locale, said

blueprint = Blueprint("desk_pages", __name__, url_prefix="/panel/desk")

ORDERS = "MANAGE_ORDERS"
SIZES = (5, 10, 25, 50)
USUAL_SIZE = 25
LINES = 25
SHIPPED_DAYS = 7
MOST_SHIPPED = 50
LONGEST_CODE = 16
EVERY = "-"
"""In an address: not narrowed."""


@blueprint.get("")
@blueprint.get("/in/<path:narrowed>")
@staff_only(ORDERS, desk=True)
def show(narrowed: str = "") -> ResponseReturnValue:
    """What is ready to be packed."""
    return _desk(_read_address(narrowed))


@blueprint.post("")
@staff_only(ORDERS, desk=True)
def narrow() -> ResponseReturnValue:
    """The same, narrowed, sorted and leafed through as the form says."""
    return _desk(_read_form(request.form), Trail.read(request.form.get("trail", "")))


@blueprint.post("/take")
@staff_only(ORDERS, desk=True)
def take() -> ResponseReturnValue:
    """Take the next parcels of what the list is narrowed to. Who has a batch already goes on with that."""
    wanted, size = _read_form(request.form), request.form.get("size", USUAL_SIZE, type=int)
    try:
        batch = take_batch(
            loyalty(), g.shop, wanted, by=g.viewer.user_id, size=size if size in SIZES else USUAL_SIZE
        )  # fmt: skip
    except NothingToPack:
        return _desk(wanted, toast=("info", gettext("Nothing is left to take: somebody else was quicker.")))
    return _batch_page(batch)


@blueprint.get("/<code>")
@staff_only(ORDERS, desk=True)
def show_batch(code: str) -> ResponseReturnValue:
    """One batch, with all its parcels."""
    batch = _batch(code)
    return _batch_page(batch) if batch else missing("/desk")


@blueprint.get("/<code>/orders")
@staff_only(ORDERS, desk=True)
def show_orders(code: str) -> ResponseReturnValue:
    """What the shop says of the orders of a batch, as parts of its page by parcel code; asked once for all."""
    batch = _batch(code)
    if batch is None:
        return {"said": gettext("This batch is not there any more.")}, 404
    with loyalty().database.read() as db:
        program_in_force(db)
        found = _parcels_of(db, batch)
        rows = orders.orders_by_rows(db, g.shop.id, [parcel.order_row for parcel in found])
    asked = {parcel.code: rows[parcel.order_row].order_id for parcel in found if parcel.order_row in rows}
    try:
        lists = read_packing_lists(loyalty(), g.shop, list(asked.values()))
    except (TryAgain, HumanMustAct) as trouble:
        words = gettext("The shop can't be asked what was ordered. Everything else works: pack by the packing slip.")
        return {"said": words, "why": said(trouble.saying)}, 503
    return {"orders": {code: _about_order(lists.get(order_id)) for code, order_id in asked.items()}}


@blueprint.post("/<code>/release")
@staff_only(ORDERS, desk=True)
def release(code: str) -> ResponseReturnValue:
    """Give back what is not packed yet."""
    try:
        release_batch(loyalty(), g.shop, code[:LONGEST_CODE], by=g.viewer.user_id)
    except LookupError:
        return missing("/desk")
    except CannotChange as refused:
        return _desk(DeskFilter(), toast=("warning", _why_not(refused)))
    return _desk(DeskFilter(), toast=("success", gettext("Given back. Anybody may take these parcels now.")))


@blueprint.post("/<code>/hold")
@staff_only(ORDERS, desk=True)
def hold(code: str) -> ResponseReturnValue:
    """The packer is still at it."""
    try:
        hold_on(loyalty(), g.shop, code[:LONGEST_CODE], by=g.viewer.user_id)
    except LookupError:
        return {"said": gettext("This batch is not there any more.")}, 404
    except CannotChange as refused:
        return {"said": _why_not(refused)}, 422
    return "", 204


def _batch_page(batch: Batch) -> Response:
    """The page of a batch. Who has it is asked with each change, not here: colleagues may look."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        shown = desk_parcels(db, _parcels_of(db, batch))
    return page(
        "panel/desk_batch.html", f"/desk/{batch.code}", batch=batch, shown=shown, program=program, packer=_packer(),
        reasons=reasons_offered(), narrowed=_typed(batch.narrowed), own_tab="desk" in g, size=USUAL_SIZE,
    )  # fmt: skip


def _desk(wanted: DeskFilter, trail: Trail | None = None, *, toast: Toast | None = None) -> Response:
    trail = trail or Trail()
    now = loyalty().now()
    with loyalty().database.read() as db:
        program = program_in_force(db)
        found = packing_lists.desk_page(
            db, g.shop.id, wanted, now=now, after=trail.cursor[:LONGEST_CURSOR] or None, limit=LINES
        )
        choices = packing_lists.desk_choices(db, g.shop.id)
        values: dict[str, Any] = {
            "program": program,
            "lines": found.lines,
            "ready": packing_lists.count_ready(db, g.shop.id, wanted, now=now),
            "ready_in_all": packing_lists.count_ready(db, g.shop.id, DeskFilter(), now=now),
            "taken": [one for one in batches.open_batches(db, g.shop.id) if one.waiting_ids],
            "shipped": packing_lists.shipped_unconfirmed(
                db, g.shop.id, since=now - timedelta(days=SHIPPED_DAYS), limit=MOST_SHIPPED
            ),
            "desks": open_desks(db),
        }
    return page(
        "panel/desk.html", _write_address(wanted), toast=toast, wanted=wanted, choices=choices, trail=trail,
        names=dict(choices.warehouses), older=trail.older(found.more) if found.more else "", sizes=SIZES,
        usual=USUAL_SIZE, shipped_days=SHIPPED_DAYS, own_tab="desk" in g, packer=_packer(), age=age,
        **values,
    )  # fmt: skip


def _packer() -> str:
    """Whose outbox it is in a browser that several may use, without saying who."""
    return sha256(f"{g.shop.id}:{g.viewer.user_id}".encode()).hexdigest()[:16]


def _about_order(packing: Any) -> dict[str, str]:
    """One order as a part of the page, and why it must not be packed."""
    dont = why_not_packed(packing)
    return {"html": render_template("panel/desk_order.html", packing=packing, dont=dont), "dont": dont}


def _batch(code: str) -> Batch | None:
    try:
        with loyalty().database.read() as db:
            return batches.batch_by_code(db, g.shop.id, code[:LONGEST_CODE])
    except LookupError:
        return None


def _parcels_of(db: Connection, batch: Batch) -> list[Parcel]:
    found = (parcels.parcel_by_id(db, g.shop.id, id) for id in batch.parcel_ids)
    return [one for one in found if one]


def _why_not(refused: CannotChange) -> str:
    with loyalty().database.read() as db:
        return why_not_changed(refused, program_in_force(db), locale())


# ---- What the list is narrowed to ---------------------------------------------------------------------------------


def _typed(narrowed: Mapping[str, Any]) -> DeskFilter:
    known = asdict(DeskFilter())
    return DeskFilter(**{name: narrowed.get(name) or value for name, value in known.items()})


def _read_form(form: Mapping[str, str]) -> DeskFilter:
    return DeskFilter(
        channel=form.get("channel", "")[:255],
        warehouse=form.get("warehouse", "")[:200],
        shipping_method=form.get("method", "")[:255],
        order="shipping_method" if form.get("order") == "shipping_method" else "oldest",
    )


def _key(value: str) -> str:
    """A choice as an address names it: names of shipping methods hold any letters."""
    return sha256(value.encode()).hexdigest()[:8] if value else EVERY


def _write_address(wanted: DeskFilter) -> str:
    if wanted == DeskFilter():
        return "/desk"
    keys = [_key(value) for value in (wanted.channel, wanted.warehouse, wanted.shipping_method)]
    return "/".join(("/desk/in", *keys, *([wanted.order] if wanted.order == "shipping_method" else [])))


def _read_address(narrowed: str) -> DeskFilter:
    """The filter of an address; what is no choice (any more) does not narrow."""
    if not narrowed:
        return DeskFilter()
    with loyalty().database.read() as db:
        choices: DeskChoices = packing_lists.desk_choices(db, g.shop.id)
    offered = (choices.channels, [id for id, _ in choices.warehouses], choices.shipping_methods)
    keys = [*narrowed.split("/"), EVERY, EVERY, EVERY]
    found = [
        next((value for value in values if _key(value) == key), "") for key, values in zip(keys, offered, strict=False)
    ]
    return DeskFilter(
        channel=found[0], warehouse=found[1], shipping_method=found[2],
        order="shipping_method" if "shipping_method" in keys[3:] else "oldest",
    )  # fmt: skip
