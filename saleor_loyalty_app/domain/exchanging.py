"""An extra can't go into its parcel after all: the plan with the next best one, and a note that fits it."""

from dataclasses import replace

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
) -> ParcelPlan:
    """The plan without one of its extras. A surprise is replaced by the next best that fitted; a signature is not.

    The other arguments are those of `plan_parcel`, with `means` as they stand now. The note is chosen again
    by the same draw, so that it names what is really in the parcel.
    """
    gone = next(extra for extra in plan.extras.chosen if extra.extra_id == extra_id)
    passed = (*plan.extras.passed, Passed(extra_id=extra_id, why=why))
    instead = _next_best(plan, story, program, means) if gone.kind == "surprise" else None
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


def _next_best(plan: ParcelPlan, story: Story, program: Program, means: Means) -> PlannedExtra | None:
    """Of those that fitted and were not drawn, are in stock and within the budgets: what suits, then the likeliest."""
    budgets = [left for left in (means.month_left_minor, means.customer_year_left_minor) if left is not None]
    taste = story.preferences | story.bought_categories

    def suits(extra: Extra) -> tuple[str, ...]:
        return tuple(sorted(set(extra.suits) & taste))

    left = [program.extra(passed.extra_id) for passed in plan.extras.passed if passed.why is WhyNot.NOT_DRAWN]
    fitting = [
        extra
        for extra in left
        if extra is not None
        and means.stock.get(extra.id, 1) > 0
        and all(program.minor(extra.cost) <= budget for budget in budgets)
    ]
    best = max(fitting, key=lambda extra: (bool(suits(extra)), extra.weight, extra.id), default=None)
    if best is None:
        return None
    return PlannedExtra(
        extra_id=best.id, kind=best.kind, cost_minor=program.minor(best.cost), suits=suits(best)
    )  # fmt: skip
