"""How a customer would have stood all along under one set of rules, from the first order on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_outlook import outlook
from saleor_loyalty_app.domain.tier_rules import decide_tier
from saleor_loyalty_app.domain.tiers import DecisionKind, Membership, Purchase
from saleor_loyalty_app.domain.windows import first_instant, local_day

MOST_STEPS = 8
MOST_REVIEWS = 24
"""Between two orders; enough to go down from any tier."""
MOST_DECIDED = 150
"""The latest purchases at which is decided; what was bought before them counts all the same."""
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The tier right after an order, and the tier that this order led up to, if it did."""

    at: datetime
    tier: str | None
    reached: str | None


def standings_along(program: Program, purchases: Iterable[Purchase]) -> list[Standing]:
    """Where each of a customer's purchases led if these rules alone had held, and nobody had decided by hand.

    Purchases are all that count, in the program's minor units, in any order. Reviews fall on the days on which the
    rules ask for one, as at night.
    """
    ordered = sorted(purchases, key=lambda purchase: purchase.placed_at)
    replay, found = _Replay(program), []
    begin = max(0, len(ordered) - MOST_DECIDED)
    for number, purchase in enumerate(ordered[begin:], begin + 1):
        replay.review_until(purchase.placed_at, ordered[: number - 1])
        reached = replay.decide(purchase.placed_at, ordered[:number])
        found.append(Standing(at=purchase.placed_at, tier=replay.membership.tier, reached=reached))
    return found


def same_tier_rules(one: Program, other: Program) -> bool:
    """Whether two programs lead every customer to the same tiers."""

    def rules(program: Program) -> tuple[object, ...]:
        tiers = [(tier.id, tier.enter, tier.keeps, tier.grace_days) for tier in program.tiers]
        return tiers, program.currency, program.rates, program.zone.key, program.gift_cards_count

    return rules(one) == rules(other)


class _Replay:
    """One customer on the way through time."""

    def __init__(self, program: Program) -> None:
        self._programs = {VERSION: program}
        self._zone = program.zone
        self.membership = Membership()
        self._review_on: date | None = None

    def decide(self, at: datetime, purchases: list[Purchase]) -> str | None:
        """Let the rules decide at a moment; return the tier it led up to, if it did."""
        reached = None
        for _ in range(MOST_STEPS):
            decision = decide_tier(
                purchases=purchases, membership=self.membership, programs=self._programs, version=VERSION, now=at
            )
            if decision is None:
                break
            self.membership = decision.membership
            if decision.kind is DecisionKind.ENTERED:
                reached = decision.to_tier
        self._review_on = None
        if self.membership.tier is not None:
            self._review_on = outlook(
                purchases=purchases, membership=self.membership, programs=self._programs, version=VERSION, now=at
            ).next_review_on
        return reached

    def review_until(self, at: datetime, purchases: list[Purchase]) -> None:
        """Look again on each day that asked for it before a moment."""
        for _ in range(MOST_REVIEWS):
            day = self._review_on
            if day is None or day >= local_day(at, self._zone):
                return
            self.decide(first_instant(day, self._zone), purchases)
            if self._review_on is not None and self._review_on <= day:
                return
