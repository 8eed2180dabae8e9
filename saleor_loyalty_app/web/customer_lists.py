"""The list of customers in the panel: tiers with counts, narrowed, sorted, searched, page by page."""

from collections.abc import Mapping

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.store import pages
from saleor_loyalty_app.store.customer_lists import (
    SORTS,
    STANDINGS,
    CustomerFilter,
    customer_page,
    standings_of,
)
from saleor_loyalty_app.web.answers import page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.list_filters import NONE, Trail, read_address, read_search, write_address
from saleor_loyalty_app.web.means import loyalty, members_by_tier, program_in_force
from saleor_loyalty_app.web.words import gettext, mark

blueprint = Blueprint("customer_lists", __name__, url_prefix="/panel")

USERS = "MANAGE_USERS"
ROWS = 20
NARROWED_BY = ("in", "standing", "by")
FIRST_SORT = "newest"
ALLOWED = {"standing": STANDINGS, "by": tuple(sort for sort in SORTS if sort != FIRST_SORT)}
SAID = {
    "newest": mark("Newest customers first"),
    "oldest": mark("Oldest customers first"),
    "value": mark("Highest value first"),
    "value-up": mark("Lowest value first"),
    "last-order": mark("Latest order first"),
    "last-order-up": mark("Longest without an order first"),
    "review": mark("Next review first"),
    "review-down": mark("Latest review first"),
}
HEADS = {
    "value": ("value", "value-up"),
    "last_order": ("last-order", "last-order-up"),
    "review": ("review", "review-down"),
}
"""What a heading sorts by, first and when it is pressed again."""
LONGEST = 40


@blueprint.route("/customers", methods=["GET", "POST"])
@staff_only(USERS)
def show_customers() -> ResponseReturnValue:
    """Customers. What is searched for comes by POST: a name never stands in an address."""
    return _list(request.form)


@blueprint.get("/customers/in/<path:rest>")
@staff_only(USERS)
def show_customers_in(rest: str) -> ResponseReturnValue:
    """The same, narrowed by the address: /customers/in/gold/by/value, and /customers/in/- for no tier."""
    return _list(read_address(rest))


def _list(asked: Mapping[str, str]) -> Response:
    chosen = {name: value for name in NARROWED_BY if (value := _read(name, asked))}
    sort = chosen.get("by", FIRST_SORT)
    search, trail = read_search(asked.get("search", "")), Trail.read(asked.get("trail", ""))
    wanted = CustomerFilter(
        tier=chosen.get("in", ""), standing=chosen.get("standing", ""), search=search, sort=sort
    )  # fmt: skip
    with loyalty().database.read() as db:
        program = program_in_force(db)
        found = customer_page(db, g.shop.id, wanted, after=trail.cursor, limit=ROWS)
        members = members_by_tier(db)
        standings = standings_of(db, g.shop.id)
    return page(
        "panel/customers.html",
        write_address("/customers", chosen),
        program=program,
        lines=found.lines,
        older=trail.older(found.next) if found.next else None,
        members=members,
        everyone=sum(members.values()),
        standings=standings,
        counted_to=pages.COUNTED_TO,
        chosen=chosen,
        sort=sort,
        sorts={name: gettext(words) for name, words in SAID.items()},
        heads=HEADS,
        no_tier=NONE,
        search=search,
        trail=trail,
    )


def _read(name: str, asked: Mapping[str, str]) -> str:
    """One field, or "" when it says nothing that a customer could be. A pressed button counts before the rest."""
    value = read_search(asked.get(f"to_{name}", asked.get(name, "")))[:LONGEST]
    return value if value in ALLOWED.get(name, (value,)) else ""
