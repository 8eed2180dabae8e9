"""The next best surprise, when the chosen one can't go into its parcel after all."""

from saleor_loyalty_app.domain.parcels import ExtrasChoice, Means, PlannedExtra, WhyNot
from saleor_loyalty_app.domain.program import Program


def next_best_extra(choice: ExtrasChoice, *, program: Program, means: Means) -> PlannedExtra | None:
    """The likeliest of those that fitted and were not drawn, are in stock and within the budgets; or None.

    `choice` is the one the parcel was planned with; `means` are as they stand now.
    """
    left = [program.extra(passed.extra_id) for passed in choice.passed if passed.why is WhyNot.NOT_DRAWN]
    budgets = [b for b in (means.month_left_minor, means.customer_year_left_minor) if b is not None]
    fitting = [
        extra
        for extra in left
        if extra is not None
        and means.stock.get(extra.id, 1) > 0
        and all(program.minor(extra.cost) <= budget for budget in budgets)
    ]
    best = max(fitting, key=lambda extra: (extra.weight, extra.id), default=None)
    if best is None or choice.no_surprise is not None:
        return None
    return PlannedExtra(extra_id=best.id, kind=best.kind, cost_minor=program.minor(best.cost))
