"""Widgets on the dashboard's order and customer pages: whole documents, opened by a form with the token in it.

They have no App Bridge (dashboard-facts.md): only their height is reported. Ids from the form are hostile until
they are found in our tables for that shop.
"""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import moment_sentence
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import progress, why, why_no_parcel
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.store import pages, parcels, tiers, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id, customer_by_user
from saleor_loyalty_app.store.orders import OrderRow, order_by_saleor_id
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force, program_of_version
from saleor_loyalty_app.web.words import locale

blueprint = Blueprint("widgets", __name__, url_prefix="/widgets")

LATEST = 3


@blueprint.post("/order")
@staff_only("MANAGE_ORDERS")
def order() -> ResponseReturnValue:
    """What goes into this parcel, and why."""
    with loyalty().database.read() as db:
        known = order_by_saleor_id(db, g.shop.id, request.form.get("orderId", "")[:200])
        program = program_in_force(db)
        if known is None:
            return render_template("widgets/order.html", shop=g.shop, order=None)
        return _order_widget(db, known, program)


def _order_widget(db: Connection, known: OrderRow, program: Program) -> str:
    parcel = parcels.parcel_of_order(db, g.shop.id, known.id)
    made_under = program_of_version(db, parcel.program_version) if parcel else program
    reason = why_no_parcel(NoParcel(known.no_parcel), locale()) if known.no_parcel in set(NoParcel) else None
    return render_template(
        "widgets/order.html",
        shop=g.shop,
        order=known,
        customer=customer_by_id(db, g.shop.id, known.customer_id),
        parcel=parcel,
        program=made_under,
        items=parcels.items_of(db, g.shop.id, parcel.id) if parcel else [],
        note=pages.note_of_parcel(db, g.shop.id, parcel.id) if parcel else None,
        moment=moment_sentence(parcel.plan, made_under, locale()) if parcel else "",
        why_none=reason,
        trouble=work.find(db, g.shop.id, f"order:{known.order_id}"),
    )


@blueprint.post("/customer")
@staff_only("MANAGE_USERS")
def customer() -> ResponseReturnValue:
    """Tier, why, progress and the last surprises of this customer."""
    with loyalty().database.read() as db:
        known = customer_by_user(db, g.shop.id, request.form.get("customerId", "")[:200])
        if known is None:
            program_in_force(db)
            return render_template("widgets/customer.html", shop=g.shop, customer=None)
        return _customer_widget(db, known)


def _customer_widget(db: Connection, known: Customer) -> str:
    program = program_in_force(db)
    ahead = look_ahead(case_of(loyalty(), db, g.shop, known))
    newest = next(iter(tiers.decisions_of(db, g.shop.id, known.id, limit=1)), None)
    given = parcels.given_to(db, g.shop.id, known.id, mode=g.shop.mode)
    surprises = [extra for extra in reversed(given) if extra.kind == "surprise"]
    return render_template(
        "widgets/customer.html",
        shop=g.shop,
        customer=known,
        program=program,
        outlook=ahead,
        ahead=progress(ahead, program, locale()),
        why=why(newest.decision, program_of_version(db, newest.decision.program_version), locale()) if newest else "",
        bought=pages.bought_by(db, g.shop.id, [known.id])[known.id],
        surprises=surprises[:LATEST],
    )
