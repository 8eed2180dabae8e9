"""An extra can't go into its parcel after all: the plan with the next best one, and a note that fits it."""

from dataclasses import replace
from datetime import date

from saleor_loyalty_app.domain.extras import given_lately
from saleor_loyalty_app.domain.notes import choose_note
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import Means, ParcelPlan, Passed, PlannedExtra, Story, WhyNot
from saleor_loyalty_app.domain.program import Extra, Program


def plan_without(
    plan: ParcelPlan,
    extra_id: str,
    *,
    why: WhyNot,
    program: Program,
    version: int,
    story: Story,
    order: Order,
    means: Means,
    secret: bytes,
    today: date,
    wanted: str | None = None,
) -> ParcelPlan:
    """The plan without one of its extras. A surprise is replaced by the next best that fitted; a signature is not.

    The other arguments are those of `plan_parcel`, with `means` and `story.given` as they stand now; `wanted` is the
    one of `exchangeable` that shall be put in, when not the best, or "" for nothing. The note is chosen again by the
    same draw, so that it names what is really in the parcel.
    """
    gone = next(extra for extra in plan.extras.chosen if extra.extra_id == extra_id)
    passed = (*plan.extras.passed, Passed(extra_id=extra_id, why=why))
    fitting: tuple[PlannedExtra, ...] = ()
    if gone.kind == "surprise":
        fitting = exchangeable(plan, story=story, program=program, means=means, today=today)
    if wanted is None:
        rejected = {one.extra_id for one in plan.extras.passed if one.why is WhyNot.BY_HAND}
        fitting = tuple(extra for extra in fitting if extra.extra_id not in rejected)
    instead = next((extra for extra in fitting if wanted in (None, extra.extra_id)), None)
    chosen = tuple(extra for extra in plan.extras.chosen if extra is not gone)
    if instead:
        chosen = (*chosen, instead)
        passed = tuple(one for one in passed if one.extra_id != instead.extra_id)
    nothing_left = WhyNot.NOTHING_LEFT if gone.kind == "surprise" and instead is None else plan.extras.no_surprise
    extras = replace(plan.extras, chosen=chosen, passed=passed, no_surprise=nothing_left)
    note = choose_note(
        program=program, version=version, story=story, order=order, moment=plan.moment,
        moment_detail=plan.moment_detail, extras=extras, secret=secret,
    )  # fmt: skip
    return replace(plan, extras=extras, note=note)


def exchangeable(
    plan: ParcelPlan, *, story: Story, program: Program, means: Means, today: date
) -> tuple[PlannedExtra, ...]:
    """What a surprise can be exchanged for, in stock and within the budgets: those that fitted and were not drawn,
    first what suits, then the likeliest; last what staff took out before. What another parcel of the customer holds
    by now is no choice any more; `story.given` is without this parcel."""
    budgets = [left for left in (means.month_left_minor, means.customer_year_left_minor) if left is not None]
    taste = story.preferences | story.bought_categories

    def planned(extra: Extra) -> PlannedExtra:
        suits = tuple(sorted(set(extra.suits) & taste))
        return PlannedExtra(extra_id=extra.id, kind=extra.kind, cost_minor=program.minor(extra.cost), suits=suits)

    def best_first(passed_by: Passed, extra: Extra) -> tuple[bool, bool, int, str]:
        return passed_by.why is WhyNot.NOT_DRAWN, bool(planned(extra).suits), extra.weight, extra.id

    left = [
        (best_first(one, extra), planned(extra))
        for one in plan.extras.passed
        if one.why in {WhyNot.NOT_DRAWN, WhyNot.BY_HAND} and (extra := program.extra(one.extra_id)) is not None
        if extra.kind == "surprise" and means.stock.get(extra.id, 1) > 0
        and all(program.minor(extra.cost) <= budget for budget in budgets)
        and given_lately(extra, program=program, story=story, today=today) is None
    ]  # fmt: skip
    return tuple(extra for _, extra in sorted(left, key=lambda one: one[0], reverse=True))
