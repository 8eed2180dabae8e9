"""Which extras an order gets: the signature ones always, a surprise by chance, suited to the customer, within bounds.

The same order, program version and facts give the same answer on every retry; each extra that is passed over
has one reason, the first that holds in a fixed order of checks.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from saleor_loyalty_app.domain.chance import fraction
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import (
    NO_INSERTS,
    ExtrasChoice,
    Given,
    Means,
    Passed,
    PlannedExtra,
    Story,
    WhyNot,
)
from saleor_loyalty_app.domain.program import Extra, Program, Surprise
from saleor_loyalty_app.domain.windows import local_day


def choose_extras(
    *,
    program: Program,
    version: int,
    story: Story,
    order: Order,
    moment: str,
    means: Means,
    secret: bytes,
    today: date,
) -> ExtrasChoice:
    """Choose what goes into a parcel beside the order.

    `story.given` and `means` are as they stand without this order; `today` is the day in the program's zone.
    A signature extra is stopped by stock and exclusions only, never by a budget; what it costs is no longer
    there for the surprise. Rules: design §6; the draw: design §5.7.
    """
    case = _Case(program=program, version=version, story=story, order=order, means=means, secret=secret, today=today)
    signatures = _choose_signatures(case)
    surprise = _choose_surprise(case, moment, sum(extra.cost_minor for extra in signatures.chosen))
    return replace(surprise, chosen=signatures.chosen + surprise.chosen, passed=signatures.passed + surprise.passed)


def obstacle(extra: Extra, *, program: Program, story: Story, order: Order, means: Means, today: date) -> Passed | None:
    """What keeps an extra of either kind out of a parcel, whoever chose it; no budget, chance or spacing."""
    case = _Case(program=program, version=0, story=story, order=order, means=means, secret=b"", today=today)
    return next(_obstacles(case, extra), None)


def given_lately(extra: Extra, *, program: Program, story: Story, today: date) -> Passed | None:
    """Why a surprise would be a repetition: within its cool-down, or the same as the last one."""
    given = [(one, local_day(one.at, program.zone)) for one in story.given]
    days = [day for one, day in given if one.extra_id == extra.id]
    if days and (today - max(days)).days < extra.again_after_days:
        return Passed(extra_id=extra.id, why=WhyNot.RECEIVED_LATELY, detail=str(max(days)))
    last_surprise = _latest(one for one, _ in given if one.kind == "surprise")
    if last_surprise and last_surprise.extra_id == extra.id:
        return Passed(extra_id=extra.id, why=WhyNot.SAME_AS_LAST)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Everything that a choice rests on."""

    program: Program
    version: int
    story: Story
    order: Order
    means: Means
    secret: bytes
    today: date

    @property
    def unwanted(self) -> dict[str, str]:
        """The customer's exclusions by their folded spelling."""
        return {_fold(word): word for word in self.story.exclusions}

    def draw(self, what: str) -> float:
        return fraction(self.secret, self.order.id, str(self.version), what)

    def days_since(self, given: Given) -> int:
        return (self.today - self.received_on(given)).days

    def received_on(self, given: Given) -> date:
        return local_day(given.at, self.program.zone)

    def last_given(self, extra_id: str) -> Given | None:
        return _latest(given for given in self.story.given if given.extra_id == extra_id)

    def last_surprise(self) -> Given | None:
        return _latest(given for given in self.story.given if given.kind == "surprise")


def _latest(given: Iterable[Given]) -> Given | None:
    return max(given, key=lambda one: one.at, default=None)


def _choose_signatures(case: _Case) -> ExtrasChoice:
    chosen, passed = [], []
    for extra in sorted(case.program.extras, key=lambda extra: extra.id):
        if extra.kind != "signature":
            continue
        if obstacle := next(_obstacles(case, extra), None):
            passed.append(obstacle)
        else:
            chosen.append(_planned(case, extra, ()))
    return ExtrasChoice(chosen=tuple(chosen), passed=tuple(passed))


def _choose_surprise(case: _Case, moment: str, signatures_minor: int) -> ExtrasChoice:
    rule = _rule_for(case, moment)
    if rule is None:
        return ExtrasChoice(no_surprise=WhyNot.NO_RULE)
    pool = sorted((extra for extra in case.program.extras if extra.id in rule.pool), key=lambda extra: extra.id)
    if too_early := _too_early(case, rule, pool):
        return _none(pool, too_early)
    drawn = case.draw("surprise")
    hit = drawn < rule.chance
    choice = _choose_from(case, pool, signatures_minor) if hit else _none(pool, WhyNot.NOT_DRAWN)
    return replace(choice, chance=rule.chance, drawn=drawn)


def _rule_for(case: _Case, moment: str) -> Surprise | None:
    return next(
        (
            rule
            for rule in case.program.surprises
            if (not rule.tiers or case.story.tier in rule.tiers) and (not rule.moments or moment in rule.moments)
        ),
        None,
    )


def _too_early(case: _Case, rule: Surprise, pool: list[Extra]) -> WhyNot | None:
    """Why nothing is drawn at all: nothing to draw from, not wanted, or too soon after the last surprise."""
    if not pool:
        return WhyNot.EMPTY_POOL
    if NO_INSERTS in case.unwanted:
        return WhyNot.NO_INSERTS
    orders_ago = case.story.orders_since_surprise
    if orders_ago is not None and orders_ago < rule.every_orders:
        return WhyNot.SPACING_ORDERS
    last = case.last_surprise()
    if last and case.days_since(last) < rule.every_days:
        return WhyNot.SPACING_DAYS
    return None


def _none(pool: list[Extra], why: WhyNot) -> ExtrasChoice:
    return ExtrasChoice(passed=tuple(Passed(extra_id=extra.id, why=why) for extra in pool), no_surprise=why)


def _choose_from(case: _Case, pool: list[Extra], signatures_minor: int) -> ExtrasChoice:
    """One of the pool (sorted by id): what is excluded goes, then what is too dear, then what suits is preferred."""
    left, passed = [], []
    for extra in pool:
        if obstacle := next(_surprise_obstacles(case, extra, signatures_minor), None):
            passed.append(obstacle)
        else:
            left.append(extra)
    if not left:
        return ExtrasChoice(passed=tuple(passed), no_surprise=_why_nothing_left(passed))
    taste = _taste(case)
    suits = {extra.id: tuple(sorted(word for word in extra.suits if _fold(word) in taste)) for extra in left}
    wanted = [extra for extra in left if suits[extra.id]] or left
    chosen = _weighted(wanted, case.draw("which"))
    passed += [Passed(extra_id=extra.id, why=WhyNot.NOT_DRAWN) for extra in left if extra is not chosen]
    return ExtrasChoice(
        chosen=(_planned(case, chosen, suits[chosen.id]),),
        passed=tuple(sorted(passed, key=lambda one: one.extra_id)),
    )


def _planned(case: _Case, extra: Extra, suits: tuple[str, ...]) -> PlannedExtra:
    last = case.last_given(extra.id)
    return PlannedExtra(
        extra_id=extra.id,
        kind=extra.kind,
        cost_minor=case.program.minor(extra.cost),
        suits=suits,
        last_received_on=case.received_on(last) if last else None,
    )


def _obstacles(case: _Case, extra: Extra) -> Iterator[Passed]:
    """What keeps an extra of either kind out of this parcel, in the order in which it is said."""
    order, unwanted = case.order, case.unwanted
    excluded = sorted({unwanted[word] for word in map(_fold, (extra.id, *extra.contains)) if word in unwanted})
    checks = (
        (NO_INSERTS in unwanted, WhyNot.NO_INSERTS, ""),
        (bool(excluded), WhyNot.EXCLUDED, ", ".join(excluded)),
        # An order without a known country gets nothing that is forbidden somewhere.
        (bool(extra.not_to) and (not order.country or order.country in extra.not_to), WhyNot.COUNTRY, order.country),
        (bool(extra.channels) and order.channel not in extra.channels, WhyNot.CHANNEL, order.channel),
        (_is_too_heavy(order, extra), WhyNot.TOO_HEAVY, str(extra.max_order_grams)),
        (
            extra.best_before is not None and extra.best_before < case.today,
            WhyNot.PAST_BEST_BEFORE,
            str(extra.best_before),
        ),
        (case.means.stock.get(extra.id, 1) < 1, WhyNot.OUT_OF_STOCK, ""),
    )
    yield from (Passed(extra_id=extra.id, why=why, detail=detail) for holds, why, detail in checks if holds)


def _surprise_obstacles(case: _Case, extra: Extra, signatures_minor: int) -> Iterator[Passed]:
    yield from _obstacles(case, extra)
    if repeated := given_lately(extra, program=case.program, story=case.story, today=case.today):
        yield repeated
    if too_dear := _too_dear(case, extra, signatures_minor):
        yield too_dear


def _is_too_heavy(order: Order, extra: Extra) -> bool:
    """An unknown weight is not held against an extra."""
    if order.weight_grams is None or extra.max_order_grams is None:
        return False
    return order.weight_grams > extra.max_order_grams


def _too_dear(case: _Case, extra: Extra, signatures_minor: int) -> Passed | None:
    """An extra that costs more than what is left; the detail is what is left, in minor units."""
    for left_minor, why in (
        (case.means.month_left_minor, WhyNot.BUDGET_MONTH),
        (case.means.customer_year_left_minor, WhyNot.BUDGET_CUSTOMER),
    ):
        if left_minor is None:
            continue
        # Signature extras may have overdrawn a budget; what costs nothing is still given.
        affordable_minor = max(0, left_minor - signatures_minor)
        if case.program.minor(extra.cost) > affordable_minor:
            return Passed(extra_id=extra.id, why=why, detail=str(affordable_minor))
    return None


def _why_nothing_left(passed: list[Passed]) -> WhyNot:
    """The budget, when it alone stood in the way of what was left at last; of two budgets the month's."""
    reasons = {one.why for one in passed}
    for budget in (WhyNot.BUDGET_MONTH, WhyNot.BUDGET_CUSTOMER):
        if budget in reasons:
            return budget
    return WhyNot.NOTHING_LEFT


def _taste(case: _Case) -> set[str]:
    bought_now = {line.category for line in case.order.lines if line.category}
    return {_fold(word) for word in case.story.preferences | case.story.bought_categories | bought_now}


def _weighted(extras: list[Extra], share: float) -> Extra:
    """The extra that a share in [0, 1) of all weights falls on."""
    bounds = list(accumulate(extra.weight for extra in extras))
    return extras[min(bisect_right(bounds, share * bounds[-1]), len(extras) - 1)]


def _fold(word: str) -> str:
    return word.strip().casefold()
