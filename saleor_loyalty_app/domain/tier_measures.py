"""What a customer's purchases amount to under a program's conditions, on any day from today on.

Purchases can only leave a window as days pass, so a condition that fails on one day fails on all later
ones until something is bought. All of this file relies on that.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from saleor_loyalty_app.domain.money import convert, from_minor
from saleor_loyalty_app.domain.program import Condition, Program, Tier
from saleor_loyalty_app.domain.tiers import Measured, Membership, Purchase
from saleor_loyalty_app.domain.windows import leaves_on, local_day, window_span


@dataclass(frozen=True, slots=True)
class Way:
    """One way to keep a tier: a condition in the window of this day, or of the year before."""

    condition: Condition
    years_back: int = 0


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a member stands in keeping the tier."""

    measured: Measured
    """Of all ways the one that is met, else the one nearest to it."""
    open: Measured
    """The same among the ways that a purchase can still change."""
    foreseen_on: date | None
    """First day on which no way is met if nothing is bought; None for never, and when none is met today."""
    on_foreseen: Measured | None
    """What will be counted on that day, in the way nearest to being met."""


@dataclass(frozen=True)
class Facts:
    """Everything a tier decision rests on except the membership. Build it with `facts_at`."""

    purchases: tuple[tuple[date, Purchase], ...]
    """What was bought until `now`, with its local day."""
    programs: Mapping[int, Program]
    version: int
    now: datetime

    @property
    def program(self) -> Program:
        return self.programs[self.version]

    @cached_property
    def today(self) -> date:
        return local_day(self.now, self.program.zone)

    @cached_property
    def _known(self) -> dict[tuple[int, int, date, datetime | None], tuple[Way, Measured]]:
        """What was measured already; a decision asks for the same several times. By the condition's identity, which
        costs less than its value; the way is kept so that no other condition can come to have it."""
        return {}

    def measured(self, way: Way, day: date, *, until: datetime | None = None) -> Measured:
        """What counts on a local day; with `until`, only of what was placed up to that moment."""
        key = (id(way.condition), way.years_back, day, until)
        if (known := self._known.get(key)) is None:
            known = self._known[key] = (way, self._measure(way, day, until))
        return known[1]

    def _measure(self, way: Way, day: date, until: datetime | None) -> Measured:
        condition, window = way.condition, way.condition.window
        first, last = window_span(window, day, years_back=way.years_back)
        counted = [
            purchase.worth_minor
            for bought_on, purchase in self.purchases
            if bought_on <= last
            and (first is None or bought_on >= first)
            and (until is None or purchase.placed_at <= until)
        ]
        spend_needed = None if condition.spend is None else self.program.minor(condition.spend)
        return Measured(
            spend_minor=sum(counted),
            orders=len(counted),
            spend_needed_minor=spend_needed,
            orders_needed=condition.orders,
            needs=condition.needs,
            window_kind=window.kind,
            window_days=window.days if window.kind == "rolling" else None,
            window_from=first,
            window_to=last,
            met=_is_met(condition, sum(counted), len(counted), spend_needed),
        )

    def entering(self, tier: Tier) -> Measured:
        """Where the customer stands today in entering a tier."""
        return self.measured(Way(tier.enter), self.today)

    def highest_met(self) -> Tier | None:
        """The highest tier that the customer would enter today."""
        return next((tier for tier in reversed(self.program.tiers) if self.entering(tier).met), None)

    def rules_of(self, version: int | None, tier_id: str) -> Tier | None:
        """A tier as it was in a version, with its sums in today's currency.

        None when the version does not know the tier, or speaks of a currency that has no rate today: then
        its conditions cannot be measured.
        """
        program = self.programs.get(version) if version is not None else None
        tier = program.tier(tier_id) if program else None
        if program is None or tier is None or program.currency == self.program.currency:
            return tier
        factor = self.program.factors.get(program.currency)
        return None if factor is None else _in_currency(tier, program, self.program.currency, factor)

    def grace_days(self, membership: Membership, tier: Tier) -> int:
        """The longer of the grace now and the grace under which the tier was earned."""
        earned = self.rules_of(membership.keep_version, tier.id) or tier
        return max(tier.grace_days, earned.grace_days)

    def began_today(self, membership: Membership) -> bool:
        """Whether the member has had the tier since today."""
        return membership.since is not None and local_day(membership.since, self.program.zone) >= self.today

    def ways_to_keep(self, membership: Membership, tier: Tier) -> tuple[Way, ...]:
        """By the current rules, and by those under which the tier was earned."""
        earned = self.rules_of(membership.keep_version, tier.id)
        rules = (tier,) if earned is None or same_rules(earned, tier) else (tier, earned)
        return tuple(way for tier_rules in rules for way in _ways(tier_rules))

    def keeping(self, membership: Membership, tier: Tier) -> Keeping:
        """How the customer stands in keeping a tier of the current rules, today and as days pass."""
        key = (membership.keep_version, tier.id)
        if (known := self._keepings.get(key)) is None:
            known = self._keepings[key] = self._keep(membership, tier)
        return known

    @cached_property
    def _keepings(self) -> dict[tuple[int | None, str], Keeping]:
        """By all of a membership that counts in it: the version of the rules it was earned under, and the tier."""
        return {}

    def _keep(self, membership: Membership, tier: Tier) -> Keeping:
        ways = self.ways_to_keep(membership, tier)
        today = [(way, self.measured(way, self.today)) for way in ways]
        measured = _nearest(counted for _, counted in today)
        foreseen_on = self._foreseen(ways) if measured.met else None
        return Keeping(
            measured=measured,
            open=_nearest(counted for way, counted in today if counted.met or not way.years_back),
            foreseen_on=foreseen_on,
            on_foreseen=_nearest(self.measured(way, foreseen_on) for way in ways) if foreseen_on else None,
        )

    def _foreseen(self, ways: tuple[Way, ...]) -> date | None:
        days = sorted({day for way in ways for day in self._leaving(way) if day > self.today})
        first = bisect_left(days, True, key=lambda day: not any(self.measured(way, day).met for way in ways))
        return days[first] if first < len(days) else None

    def _leaving(self, way: Way) -> Iterator[date]:
        for bought_on in {bought_on for bought_on, _ in self.purchases}:
            if day := leaves_on(way.condition.window, bought_on, years_back=way.years_back):
                yield day


def facts_at(*, purchases: Iterable[Purchase], programs: Mapping[int, Program], version: int, now: datetime) -> Facts:
    """Gather the facts; purchases after `now` (aware) do not count yet, their order does not matter."""
    zone = programs[version].zone
    known = ((local_day(each.placed_at, zone), each) for each in purchases if each.placed_at <= now)
    return Facts(purchases=tuple(known), programs=programs, version=version, now=now)


def measure(condition: Condition, purchases: Iterable[Purchase], program: Program, now: datetime) -> Measured:
    """What counts now under one condition of this program; thresholds are inclusive.

    Worths are in minor units of the program's currency, days are those of the program's zone.
    """
    facts = facts_at(purchases=purchases, programs={0: program}, version=0, now=now)
    return facts.measured(Way(condition), facts.today)


def same_rules(one: Tier, other: Tier) -> bool:
    """Whether two versions of a tier are entered and kept alike."""
    return (one.enter, one.keeps) == (other.enter, other.keeps)


def _ways(tier: Tier) -> Iterator[Way]:
    """Keeping as the rules say, a calendar year lasting through the next; or by what would let one in."""
    yield Way(tier.keeps)
    if tier.keeps.window.kind == "calendar_year":
        yield Way(tier.keeps, years_back=1)
    if tier.enter != tier.keeps:
        yield Way(tier.enter)


def _is_met(condition: Condition, spend_minor: int, orders: int, spend_needed: int | None) -> bool:
    asked = []
    if spend_needed is not None:
        asked.append(spend_minor >= spend_needed)
    if condition.orders is not None:
        asked.append(orders >= condition.orders)
    return all(asked) if condition.needs == "all" else any(asked)


def _nearest(candidates: Iterable[Measured]) -> Measured:
    """The first that is met, else the one nearest to it; a window that begins only today comes last."""
    return max(candidates, key=lambda each: (each.met, each.share, each.window_from != each.window_to))


def _in_currency(tier: Tier, program: Program, currency: str, factor: int) -> Tier:
    def changed(condition: Condition | None) -> Condition | None:
        if condition is None or condition.spend is None:
            return condition
        spend = from_minor(convert(program.minor(condition.spend), factor), currency)
        return condition.model_copy(update={"spend": spend})

    return tier.model_copy(update={"enter": changed(tier.enter), "keep": changed(tier.keep)})
