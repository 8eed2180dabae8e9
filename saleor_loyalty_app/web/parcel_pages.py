"""One parcel or order in the panel, with its whole reasoning."""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.change_sentences import why_not_changed
from saleor_loyalty_app.domain.changing import CannotChange
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.tier_sentences import why_no_parcel
from saleor_loyalty_app.services.try_again import try_again
from saleor_loyalty_app.store import effects, parcels, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.orders import OrderRow, order_by_row, order_by_saleor_id
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.parcel_story import about_parcel
from saleor_loyalty_app.web.words import gettext, locale, mark

blueprint = Blueprint("parcel_pages", __name__, url_prefix="/panel")

ORDERS = "MANAGE_ORDERS"

TOLD = {
    "note:planned": mark("Packing note on the order"),
    "note:cancelled": mark("Packing note that the parcel was taken back"),
    "note:changed": mark("Packing note about a change"),
    "mirror:order": mark("Private metadata of the order"),
    "lines": mark("Extras as order lines: looked at"),
    "line": mark("An extra as an order line"),
    "confirm": mark("Order confirmed"),
}
"""What was done in the shop, by the effect's name."""


@blueprint.get("/parcels/<code>")
@staff_only(ORDERS)
def show_parcel(code: str) -> ResponseReturnValue:
    """One parcel by its code."""
    with loyalty().database.read() as db:
        parcel = parcels.parcel_by_code(db, g.shop.id, code[:16])
        order = order_by_row(db, g.shop.id, parcel.order_row) if parcel else None
    return order_page(order)


@blueprint.get("/orders/<int:row>")
@staff_only(ORDERS)
def show_order(row: int) -> ResponseReturnValue:
    """One order, also when it gets no parcel."""
    with loyalty().database.read() as db:
        order = order_by_row(db, g.shop.id, row)
    return order_page(order)


@blueprint.post("/order")
@staff_only(ORDERS)
def find_order() -> ResponseReturnValue:
    """The order that the dashboard names by its Saleor id. The id is taken from the body, not from the address."""
    with loyalty().database.read() as db:
        order = order_by_saleor_id(db, g.shop.id, request.form.get("orderId", "")[:200])
    return order_page(order)


@blueprint.post("/orders/<int:row>/look-again")
@staff_only(ORDERS)
def look_again(row: int) -> ResponseReturnValue:
    """Read the order from the shop again and bring everything up to date."""
    with loyalty().database.read() as db:
        order = order_by_row(db, g.shop.id, row)
    if order is None or not try_again(loyalty(), g.shop, f"order:{order.order_id}"):
        return missing("/parcels")
    return order_page(order, toast=("success", gettext("The order is being checked again.")))


def order_page(
    order: OrderRow | None,
    *,
    status: int = 200,
    toast: Toast | None = None,
    refused: dict[str, CannotChange] | None = None,
) -> ResponseReturnValue:
    """The page of an order with its parcel. `refused` is what could not be changed, by the field it stands at."""
    if order is None:
        return missing("/parcels")
    with loyalty().database.read() as db:
        values = {"order": order, "program": program_in_force(db), **_about(db, order)}
    parcel, program = values["parcel"], values.get("made_under", values["program"])
    path = f"/parcels/{parcel.code}" if parcel else f"/orders/{order.id}"
    problems = {at: why_not_changed(one, program, locale()) for at, one in (refused or {}).items()}
    return page(
        "panel/order.html", path, status=status, toast=toast, problems=problems, typed=request.form, **values
    )  # fmt: skip


def _about(db: Connection, order: OrderRow) -> dict[str, Any]:
    subject = f"order:{order.order_id}"
    parcel = parcels.parcel_of_order(db, g.shop.id, order.id)
    return {
        "parcel": parcel,
        "customer": customer_by_id(db, g.shop.id, order.customer_id),
        "work": work.find(db, g.shop.id, subject),
        "effects": [(_told(effect.effect), effect) for effect in effects.effects_of(db, g.shop.id, subject)],
        "why_none": why_no_parcel(NoParcel(order.no_parcel), locale()) if order.no_parcel in set(NoParcel) else None,
        **(about_parcel(db, parcel) if parcel else {}),
    }


def _told(effect: str) -> str:
    return gettext(TOLD.get(effect) or TOLD.get(effect.rpartition(":")[0]) or effect)
