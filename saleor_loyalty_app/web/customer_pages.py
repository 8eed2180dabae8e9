"""One customer in the panel: tier with reasons, the line of time, and what staff may set by hand."""

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.tier_sentences import progress, why
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.erase_person import erased_by
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.services.mark_trouble import mark_trouble_solved
from saleor_loyalty_app.services.set_tier_by_hand import hand_tier_back, set_tier_by_hand
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.store import tiers
from saleor_loyalty_app.store.customers import Customer, customer_by_id, customer_by_user
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.customer_forms import (
    AS_IT_IS,
    LONGEST_REASON,
    NO_TIER,
    read_tier_form,
    read_wishes_form,
    wishes_shown,
    wishes_typed,
)
from saleor_loyalty_app.web.customer_story import story
from saleor_loyalty_app.web.means import loyalty, program_in_force, program_of_version
from saleor_loyalty_app.web.words import gettext, locale

blueprint = Blueprint("customer_pages", __name__, url_prefix="/panel")

USERS = "MANAGE_USERS"
HERE = "/customers"


@blueprint.get("/customers/<int:customer_id>")
@staff_only(USERS)
def show_customer(customer_id: int) -> ResponseReturnValue:
    """One customer."""
    return customer_page(customer_id)


@blueprint.post("/customer")
@staff_only(USERS)
def find_customer() -> ResponseReturnValue:
    """The customer that the dashboard names by the Saleor id."""
    with loyalty().database.read() as db:
        found = customer_by_user(db, g.shop.id, request.form.get("customerId", "")[:200])
    return customer_page(found.id) if found else missing(HERE)


@blueprint.get("/customers/<int:customer_id>/story")
@staff_only(USERS)
def show_older(customer_id: int) -> ResponseReturnValue:
    """The next older part of the line of time, which is added to the page."""
    with loyalty().database.read() as db:
        customer = found_customer(db, customer_id)
        if customer is None:
            return missing(HERE)
        program = program_in_force(db)
        told = story(db, customer.id, before=request.args.get("before", "")[:80])
    return render_template(
        "panel/story.html", customer=customer, program=program, told=told, viewer=g.viewer, is_older=True
    )


@blueprint.post("/customers/<int:customer_id>/tier")
@staff_only(USERS)
def set_tier(customer_id: int) -> ResponseReturnValue:
    """Set the tier by hand or freeze it, with reason and end."""
    with loyalty().database.read() as db:
        program, customer = program_in_force(db), found_customer(db, customer_id)
    if customer is None:
        return missing(HERE)
    wish, problems = read_tier_form(program, tier_now=customer.membership.tier)
    if not problems:
        try:
            set_tier_by_hand(loyalty(), g.shop, customer_id, by=g.viewer.user_id, **wish)
        except LookupError:
            return missing(HERE)
        except ValueError:
            # The program changed between reading the form and deciding, or no longer has the tier to be frozen.
            problems = {"tier": gettext("The program has changed meanwhile. Please choose again.")}
    if problems:
        return customer_page(customer_id, status=422, problems=problems, typed=request.form)
    return customer_page(customer_id, toast=("success", gettext("The tier is set.")))


@blueprint.post("/customers/<int:customer_id>/tier/hand-back")
@staff_only(USERS)
def hand_back(customer_id: int) -> ResponseReturnValue:
    """Let the rules decide again."""
    try:
        hand_tier_back(loyalty(), g.shop, customer_id, by=g.viewer.user_id)
    except LookupError:
        return missing(HERE)
    return customer_page(customer_id, toast=("success", gettext("From here on the rules decide again.")))


@blueprint.post("/customers/<int:customer_id>/wishes")
@staff_only(USERS)
def keep_wishes(customer_id: int) -> ResponseReturnValue:
    """Keep exclusions and preferences."""
    wishes, problems = read_wishes_form()
    if problems:
        return customer_page(customer_id, status=422, problems=problems, wishes=wishes_typed())
    try:
        set_wishes(loyalty(), g.shop, customer_id, **wishes)
    except LookupError:
        return missing(HERE)
    return customer_page(customer_id, toast=("success", gettext("The wishes are saved.")))


@blueprint.post("/customers/<int:customer_id>/trouble")
@staff_only(USERS)
def mark_trouble(customer_id: int) -> ResponseReturnValue:
    """Something went wrong for this customer and was put right; or the mark is taken back."""
    solved = request.form.get("solved") == "yes"
    try:
        mark_trouble_solved(loyalty(), g.shop, customer_id, solved=solved)
    except LookupError:
        return missing(HERE)
    said = gettext("The next parcel makes up for it.") if solved else gettext("The mark is taken back.")
    return customer_page(customer_id, toast=("success", said))


def found_customer(db: Connection, customer_id: int) -> Customer | None:
    """A customer of the viewer's shop, or the one into which this guest was merged; None for nobody."""
    customer = customer_by_id(db, g.shop.id, customer_id)
    if customer and customer.merged_into:
        return customer_by_id(db, g.shop.id, customer.merged_into) or customer
    return customer


def customer_page(
    customer_id: int,
    *,
    status: int = 200,
    toast: Toast | None = None,
    problems: dict[str, str] | None = None,
    typed: Any = None,
    wishes: dict[str, Any] | None = None,
) -> Response:
    """The page of one customer; `typed` and `wishes` are what stands in a form that had problems."""
    with loyalty().database.read() as db:
        customer = found_customer(db, customer_id)
        if customer is None:
            return missing(HERE)
        values = _about(db, customer)
    values |= wishes or {}
    return page(
        "panel/customer.html",
        f"{HERE}/{customer.id}",
        status=status,
        toast=toast,
        problems=problems or {},
        typed=typed or {},
        erased_by=erased_by(loyalty(), g.shop, customer.id) if customer.erased_at else None,
        **values,
    )


def _about(db: Connection, customer: Customer) -> dict[str, Any]:
    program = program_in_force(db)
    case = case_of(loyalty(), db, g.shop, customer)
    outlook = look_ahead(case)
    newest = next(iter(tiers.decisions_of(db, g.shop.id, customer.id, limit=1)), None)
    decision = newest.decision if newest else None
    return {
        "customer": customer,
        "program": program,
        "outlook": outlook,
        "bought": case.purchases,
        "ahead": progress(outlook, program, locale()),
        "decision": decision,
        "why": why(decision, program_of_version(db, decision.program_version), locale()) if decision else "",
        "told": story(db, customer.id),
        "no_tier": NO_TIER,
        "as_it_is": AS_IT_IS,
        "longest_reason": LONGEST_REASON,
        "today": local_day(loyalty().now(), program.zone),
        **wishes_shown(program, customer.exclusions, customer.preferences),
    }
