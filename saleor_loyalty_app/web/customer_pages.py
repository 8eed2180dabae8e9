"""Customers in the panel: the list, and one with tier, reasons, history and what staff may set by hand."""

from datetime import date
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.parcels import NO_INSERTS
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_sentences import progress, why
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.services.set_tier_by_hand import hand_tier_back, set_tier_by_hand
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.store import orders, pages, parcels, tiers
from saleor_loyalty_app.store.customers import Customer, customer_by_id, customer_by_user
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force, program_of_version
from saleor_loyalty_app.web.words import gettext, locale

blueprint = Blueprint("customer_pages", __name__, url_prefix="/panel")

USERS = "MANAGE_USERS"
ROWS = 20
LONGEST_REASON = 300
NO_TIER = "-"
"""What the filter and the form say for "no tier"."""


@blueprint.route("/customers", methods=["GET", "POST"])
@staff_only(USERS)
def show_customers() -> ResponseReturnValue:
    """Customers, newest first. What is searched for comes by POST: a name never stands in an address."""
    asked = request.form
    before, search = asked.get("before", type=int), asked.get("search", "").strip()[: pages.LONGEST_SEARCH]
    tier = asked.get("tier", "")[:40]
    with loyalty().database.read() as db:
        program = program_in_force(db)
        lines = pages.customer_lines(
            db, g.shop.id, tier=_filtered(tier), search=search, before=before, limit=ROWS + 1
        )  # fmt: skip
        bought = pages.bought_by(db, g.shop.id, [line.id for line in lines])
        members = tiers.members_by_tier(db, g.shop.id)
    return page(
        "panel/customers.html",
        "/customers",
        program=program,
        lines=lines[:ROWS],
        older=lines[ROWS - 1].id if len(lines) > ROWS else None,
        bought=bought,
        members=members,
        everyone=sum(members.values()),
        no_tier=NO_TIER,
        tier=tier,
        search=search,
        before=before,
    )


@blueprint.get("/customers/<int:customer_id>")
@staff_only(USERS)
def show_customer(customer_id: int) -> ResponseReturnValue:
    """One customer."""
    return _customer_page(customer_id)


@blueprint.post("/customer")
@staff_only(USERS)
def find_customer() -> ResponseReturnValue:
    """The customer that the dashboard names by the Saleor id."""
    with loyalty().database.read() as db:
        found = customer_by_user(db, g.shop.id, request.form.get("customerId", "")[:200])
    return _customer_page(found.id) if found else missing("/customers")


@blueprint.post("/customers/<int:customer_id>/tier")
@staff_only(USERS)
def set_tier(customer_id: int) -> ResponseReturnValue:
    """Set the tier by hand, with reason and end."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
    wish, problems = _read_tier_form(program)
    if not problems:
        try:
            set_tier_by_hand(loyalty(), g.shop, customer_id, by=g.viewer.user_id, **wish)
        except LookupError:
            return missing("/customers")
        except ValueError:
            # The program changed between reading the form and deciding.
            problems = {"tier": gettext("The program has changed meanwhile. Please choose again.")}
    if problems:
        return _customer_page(customer_id, status=422, problems=problems, typed=request.form)
    return _customer_page(customer_id, toast=("success", gettext("The tier is set.")))


@blueprint.post("/customers/<int:customer_id>/tier/hand-back")
@staff_only(USERS)
def hand_back(customer_id: int) -> ResponseReturnValue:
    """Let the rules decide again."""
    try:
        hand_tier_back(loyalty(), g.shop, customer_id, by=g.viewer.user_id)
    except LookupError:
        return missing("/customers")
    return _customer_page(customer_id, toast=("success", gettext("From here on the rules decide again.")))


@blueprint.post("/customers/<int:customer_id>/wishes")
@staff_only(USERS)
def keep_wishes(customer_id: int) -> ResponseReturnValue:
    """Keep exclusions and preferences."""
    exclusions = [*request.form.getlist("exclusion"), *request.form.get("more_exclusions", "").split(",")]
    preferences = request.form.get("preferences", "").split(",")
    try:
        set_wishes(loyalty(), g.shop, customer_id, exclusions=exclusions, preferences=preferences)
    except LookupError:
        return missing("/customers")
    return _customer_page(customer_id, toast=("success", gettext("The wishes are kept.")))


def _customer_page(
    customer_id: int,
    *,
    status: int = 200,
    toast: Toast | None = None,
    problems: dict[str, str] | None = None,
    typed: Any = None,
) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        customer = customer_by_id(db, g.shop.id, customer_id)
        if customer is None:
            return missing("/customers")
        if customer.merged_into:
            customer = customer_by_id(db, g.shop.id, customer.merged_into) or customer
        values = _about(db, customer)
    return page(
        "panel/customer.html",
        f"/customers/{customer.id}",
        status=status,
        toast=toast,
        problems=problems or {},
        typed=typed or {},
        **values,
    )


def _about(db: Connection, customer: Customer) -> dict[str, Any]:
    program = program_in_force(db)
    outlook = look_ahead(case_of(loyalty(), db, g.shop, customer))
    decisions = []
    for stored in tiers.decisions_of(db, g.shop.id, customer.id, limit=20):
        made_under = program_of_version(db, stored.decision.program_version)
        decisions.append((stored.decision, why(stored.decision, made_under, locale())))
    boxes = parcels.parcels_of(db, g.shop.id, customer.id, limit=10) if g.viewer.may("MANAGE_ORDERS") else []
    return {
        "customer": customer,
        "program": program,
        "outlook": outlook,
        "ahead": progress(outlook, program, locale()),
        "decisions": decisions,
        "orders": orders.orders_of(db, g.shop.id, customer.id, limit=10),
        "bought": pages.bought_by(db, g.shop.id, [customer.id])[customer.id],
        "parcels": boxes,
        "items": pages.items_in(db, g.shop.id, [box.id for box in boxes]),
        "offered_exclusions": _offered(program),
        "no_inserts": NO_INSERTS,
        "no_tier": NO_TIER,
        "today": local_day(loyalty().now(), program.zone),
    }


def _offered(program: Program) -> tuple[str, ...]:
    """What can be excluded by a tick: everything that some extra of the program contains."""
    return tuple(sorted({part for extra in program.extras for part in extra.contains}))


def _filtered(tier: str) -> str | None:
    """The tier to filter by; "" is everybody without one, None is no filter."""
    if not tier:
        return None
    return "" if tier == NO_TIER else tier


def _read_tier_form(program: Program) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form asks for, and what is wrong with it, by field."""
    form, problems = request.form, {}
    tier, reason, until = form.get("tier", ""), form.get("reason", "").strip(), form.get("until", "").strip()
    if tier != NO_TIER and program.tier(tier) is None:
        problems["tier"] = gettext("Choose a tier of the program, or none.")
    if not reason:
        problems["reason"] = gettext("Say why, so that colleagues understand it later.")
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = gettext("Please say it in at most %(number)s characters.") % {"number": LONGEST_REASON}
    last_day = _day(until)
    if until and last_day is None:
        problems["until"] = gettext("Give the day like 2027-03-31, or leave it empty.")
    elif last_day and last_day < local_day(loyalty().now(), program.zone):
        problems["until"] = gettext("That day is over. Choose a later one, or leave it empty.")
    wish = {"tier": None if tier == NO_TIER else tier, "reason": reason, "last_day": last_day}
    return wish, problems


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
