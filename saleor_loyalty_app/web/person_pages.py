"""Everything that is kept about one person: to show, to take along as a file, and to erase.

It holds orders and what went into parcels, so it takes both permissions.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, g, make_response
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.services.erase_person import erase_person
from saleor_loyalty_app.services.personal_data import Plain, personal_data
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.web.answers import missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.customer_pages import HERE, customer_page, found_customer
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.person_words import field_name, room_name
from saleor_loyalty_app.web.words import day, gettext, moment

blueprint = Blueprint("person_pages", __name__, url_prefix="/panel")

ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
SHOWN = 20
"""Rows of a kind on the page; the file has them all."""
TITLES = ("number", "code", "what", "kind", "event", "extra", "about", "template")
A_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
MOMENTS = ("placed_at", "at", "planned_at", "received_at", "started_at", "opened_at", "updated_at", "known_since")


@blueprint.get("/customers/<int:customer_id>/data")
@staff_only(ORDERS, USERS)
def show_data(customer_id: int) -> ResponseReturnValue:
    """Everything, to be read."""
    customer = _customer(customer_id)
    data = personal_data(loyalty(), g.shop, customer.id) if customer else None
    if customer is None or data is None:
        return missing(HERE)
    return page(
        "panel/customer_data.html",
        f"{HERE}/{customer.id}/data",
        customer=customer,
        person=data["person"],
        rooms=list(_rooms(data)),
        shown=SHOWN,
        title_of=_title,
        as_text=_as_text,
        in_words=_in_words,
        field_name=field_name,
    )


@blueprint.post("/customers/<int:customer_id>/data/file")
@staff_only(ORDERS, USERS)
def take_data(customer_id: int) -> ResponseReturnValue:
    """Everything, as a file. Its name says nothing about the person."""
    customer = _customer(customer_id)
    data = personal_data(loyalty(), g.shop, customer.id) if customer else None
    if customer is None or data is None:
        return missing(HERE)
    response = make_response(_as_text(data) + "\n")
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="best-regards-customer-{customer.id}.json"'
    return response


@blueprint.get("/customers/<int:customer_id>/erase")
@staff_only(ORDERS, USERS)
def ask_before_erasing(customer_id: int) -> ResponseReturnValue:
    """What goes, what stays, and what happens when the person orders again."""
    customer = _customer(customer_id)
    if customer is None:
        return missing(HERE)
    if customer.erased_at:
        return customer_page(customer.id)
    return page("panel/customer_erase.html", f"{HERE}/{customer.id}/erase", customer=customer)


@blueprint.post("/customers/<int:customer_id>/erase")
@staff_only(ORDERS, USERS)
def erase(customer_id: int) -> ResponseReturnValue:
    """Erase what is personal. A second time changes nothing."""
    try:
        erased = erase_person(loyalty(), g.shop, customer_id, by=g.viewer.user_id)
    except LookupError:
        return missing(HERE)
    said = gettext("The data are erased.") if erased else gettext("The data were erased already.")
    return customer_page(customer_id, toast=("success" if erased else "info", said))


def _customer(customer_id: int) -> Customer | None:
    with loyalty().database.read() as db:
        program_in_force(db)  # days are written in its zone
        return found_customer(db, customer_id)


def _rooms(data: Plain) -> Iterator[tuple[str, list[Plain]]]:
    """What there is beside the person, by the name of the room; empty rooms are left out."""
    yield from ((room_name(room), rows) for room, rows in data.items() if isinstance(rows, list) and rows)


def _title(row: Mapping[str, Any]) -> str:
    """What a row is recognised by: its number or kind, and its day."""
    names = [str(row[name]) for name in TITLES if row.get(name)][:1]
    days = [_in_words(str(row[name])[:10]) for name in MOMENTS if row.get(name)][:1]
    return " · ".join(names + days)


def _in_words(value: Any) -> str:
    """A value as it is read: days and times as everywhere in the panel."""
    if not isinstance(value, str) or not A_MOMENT.match(value):
        return str(value)
    try:
        return moment(datetime.fromisoformat(value)) if "T" in value else day(date.fromisoformat(value))
    except ValueError:
        return value


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
