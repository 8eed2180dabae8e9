"""A skipped parcel is opened again: its extras are put in anew, as far as they still may."""

from dataclasses import replace

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import WhyNotChanged, plan_stripped, why_not_added
from saleor_loyalty_app.domain.extras import given_lately
from saleor_loyalty_app.domain.parcels import PlannedExtra
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.exchange_extra import put_in
from saleor_loyalty_app.services.parcel_case import ParcelCase, case_of_parcel
from saleor_loyalty_app.store import parcel_changes, parcels
from saleor_loyalty_app.store.parcels import ParcelItem
from saleor_loyalty_app.store.shops import Shop


def put_back_extras(app: App, db: Connection, shop: Shop, parcel_id: int) -> dict[str, str]:
    """Put the extras of a skipped parcel in again; return those that stay out, with the reason."""
    skipped = parcel_changes.last_change(db, shop.id, parcel_id, kind=parcel_changes.SKIPPED)
    rows = set(skipped.detail["items"]) if skipped else set()
    left_out: dict[str, str] = {}
    for item in parcels.items_of(db, shop.id, parcel_id):
        parcel = parcels.parcel_by_id(db, shop.id, parcel_id)
        if item.id not in rows or parcel is None:
            continue
        case = case_of_parcel(app, db, shop, parcel)  # with what was put in before this one
        if why := _why_stays_out(case, item):
            left_out[item.extra_id] = why
            parcels.change_plan(db, shop.id, parcel, plan_stripped(parcel.plan, item.extra_id), now=app.now())
            continue
        again = PlannedExtra(
            extra_id=item.extra_id, kind=item.kind, cost_minor=item.cost_minor, by_hand=item.by_hand
        )  # fmt: skip
        put_in(app, db, shop, parcel, again, program=case.in_force)
    return left_out


def _why_stays_out(case: ParcelCase, item: ParcelItem) -> str | None:
    """Why an extra can't be put in again; budgets stop surprises and what staff added, never a signature."""
    extra = case.made_under.extra(item.extra_id)
    if extra is None:
        return WhyNotChanged.NO_SUCH_EXTRA
    is_choice = item.kind == "surprise" and not item.by_hand
    if is_choice and given_lately(extra, program=case.made_under, story=case.story, today=case.today):
        return WhyNotChanged.RECEIVED_LATELY
    means, by_hand_left = case.means, case.by_hand_left_minor if item.by_hand else None
    if item.kind == "signature" and not item.by_hand:
        means = replace(means, month_left_minor=None, customer_year_left_minor=None)
    found = why_not_added(
        extra, program=case.made_under, story=case.story, order=case.order, means=means,
        by_hand_left_minor=by_hand_left, today=case.today,
    )  # fmt: skip
    return found.why if found else None
