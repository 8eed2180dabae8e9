"""What extras cost: the budgets of a month, the last twelve months, and the month's costs by tier and by extra."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.store import cost_sums, programs
from saleor_loyalty_app.store.cost_sums import CostLine, CostSum, MonthCosts
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL
from saleor_loyalty_app.web.answers import missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.words import locale

blueprint = Blueprint("cost_pages", __name__, url_prefix="/panel")

MONTHS = 12
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """How much may be given away in a month, in minor units; None is no limit."""

    month_minor: int | None
    by_hand_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart of months."""

    month: str
    day: date
    costs: CostSum
    budget_minor: int | None


@blueprint.get("/costs")
@blueprint.get("/costs/<month>")
@blueprint.get("/costs/<month>/<mode>")
@staff_only("MANAGE_ORDERS")
def show_costs(month: str = "", mode: str = "") -> ResponseReturnValue:
    """The costs of a month ("2026-11"; without one, of this month), live unless only the rehearsal has any."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        today = local_day(loyalty().now(), program.zone)
        shown = _first_day(month) if month else today.replace(day=1)
        if shown is None or shown > today or mode not in {"", LIVE, REHEARSAL}:
            return missing("/costs")
        first = cost_sums.first_months(db, g.shop.id)
        mode = mode or (LIVE if LIVE in first or not first else REHEARSAL)
        bars, costs = _months(db, program, mode=mode, shown=shown, today=today)
        lines = cost_sums.lines_of_month(db, g.shop.id, mode=mode, month=_name(shown))
        budgets = _budgets(db, program, [shown])[_name(shown)]
    return page(
        "panel/costs.html",
        f"/costs/{_name(shown)}/{mode}" if month else "/costs",
        program=program,
        mode=mode,
        shown=shown,
        month_name=month_name,
        is_this_month=shown == today.replace(day=1),
        earlier=_name(_shift(shown, -1)) if _name(shown) > first.get(mode, _name(shown)) else None,
        later=_name(_shift(shown, 1)) if shown < today.replace(day=1) else None,
        costs=costs,
        budgets=budgets,
        bars=bars,
        highest=max([bar.costs.used_minor for bar in bars] + [bar.budget_minor or 0 for bar in bars]),
        tiers=_by_tier(lines, program),
        extras=_by_extra(lines),
        anything=bool(first),
        month=_name(shown),
    )


def month_name(day: date, *, short: bool = False) -> str:
    """A month as people say it: "November 2026", or "Nov"."""
    return format_date(day, "LLL" if short else "LLLL y", locale=locale())


def _months(db: Connection, program: Program, *, mode: str, shown: date, today: date) -> tuple[list[Bar], MonthCosts]:
    """The bars of twelve months up to this one, or up to the one that is shown when it lies further back."""
    last = today.replace(day=1)
    if shown <= _shift(last, -MONTHS):
        last = shown
    days = [_shift(last, -back) for back in reversed(range(MONTHS))]
    sums = cost_sums.by_month(db, g.shop.id, mode=mode, first=_name(days[0]), last=_name(last))
    budgets = _budgets(db, program, days)
    none = MonthCosts()
    bars = [
        Bar(month=name, day=day, costs=sums.get(name, none).all, budget_minor=budgets[name].month_minor)
        for day in days
        for name in [_name(day)]
    ]
    return bars, sums.get(_name(shown), none)


def _budgets(db: Connection, program: Program, days: list[date]) -> dict[str, Budgets]:
    """The budgets of months, by the version in force at the end of each; a month in another currency has none."""
    versions = sorted(programs.all_versions(db, g.shop.id), key=lambda one: one.version)
    found = {}
    for day in days:
        end = _shift(day, 1)
        ruling = [one for one in versions if local_day(one.published_at, program.zone) < end] or versions[:1]
        rules = ruling[-1].program
        budget = rules.budget if rules.currency == program.currency else None
        found[_name(day)] = Budgets(
            month_minor=_minor(program, budget and budget.month),
            by_hand_minor=_minor(program, budget and budget.by_hand_month),
        )
    return found


def _by_tier(lines: list[CostLine], program: Program) -> list[tuple[str, CostSum]]:
    """Costs by tier, the highest tier first; tiers that the program no longer has, and none, at the end."""
    sums = _grouped({(line.tier, line.extra_id): line.sum for line in lines}, part=0)
    order = [tier.id for tier in reversed(program.tiers)]
    return sorted(sums.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order) + (not one[0]))


def _by_extra(lines: list[CostLine]) -> list[tuple[str, CostSum]]:
    """Costs by extra, the dearest first."""
    sums = _grouped({(line.tier, line.extra_id): line.sum for line in lines}, part=1)
    return sorted(sums.items(), key=lambda one: (-one[1].used_minor, one[0]))


def _grouped(sums: Mapping[tuple[str, str], CostSum], *, part: int) -> dict[str, CostSum]:
    grouped: dict[str, CostSum] = {}
    for key, one in sums.items():
        grouped[key[part]] = grouped.get(key[part], CostSum()) + one
    return grouped


def _minor(program: Program, amount: object) -> int | None:
    return None if amount is None else program.minor(amount)  # type: ignore[arg-type]


def _first_day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if MONTH.fullmatch(month) else None


def _name(day: date) -> str:
    return f"{day:%Y-%m}"


def _shift(day: date, months: int) -> date:
    counted = day.year * 12 + day.month - 1 + months
    return date(counted // 12, counted % 12 + 1, 1)
