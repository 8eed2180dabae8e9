"""Who would move if a program were published now: up, down, or into a time of grace. Nothing is kept.

Used by the panel before publishing and by `saleor-loyalty program check`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_rules import decide_tier
from saleor_loyalty_app.domain.tiers import Membership, Purchase
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import MOST_STEPS
from saleor_loyalty_app.store import orders, programs
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tier_review import candidates_under, kept_by

SHOWN = 50
"""How many of each kind are named; the rest is only counted."""
Way = Literal["up", "down", "at_risk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One customer who would move; `after` is where the draft leads."""

    customer_id: int
    name: str
    from_tier: str | None
    to_tier: str | None
    after: Membership


@dataclass(slots=True, kw_only=True)
class Preview:
    """Who would move, by way: counted in full, named up to a limit."""

    counts: dict[Way, int] = field(default_factory=lambda: {"up": 0, "down": 0, "at_risk": 0})
    moves: dict[Way, list[Move]] = field(default_factory=lambda: {"up": [], "down": [], "at_risk": []})

    @property
    def nobody(self) -> bool:
        """Whether nobody would move."""
        return not any(self.counts.values())


def preview_program(
    app: App, shop: Shop, draft: Program, *, drops_allowed: bool = False, shown: int = SHOWN
) -> Preview:
    """Compare what the draft would decide today with what the current rules would.

    The database finds who could move, in slices, and the domain decides about each, so this works for large
    shops too. With `drops_allowed` the draft alone says who keeps a tier.
    """
    current = shop.program_version or 1
    draft_version = current + 1
    with app.database.read() as db:
        versions = {current, *kept_by(db, shop.id)}
        known = {number: programs.program_version(db, shop.id, number).program for number in versions}
    drafted = {draft_version: draft} if drops_allowed else {**known, draft_version: draft}
    preview = Preview()
    ids = candidates_under(app.database, shop.id, programs=drafted, version=draft_version, now=app.now())
    for page in ids:
        with app.database.read() as db:
            moves = _Moves(app, db, shop, known=known, drafted=drafted, current=current, page=page)
            for customer_id in page:
                if customer := customer_by_id(db, shop.id, customer_id):
                    _note(preview, moves.of(customer), draft, known[current], shown)
    return preview


class _Moves:
    """What two sets of rules make of the customers of one page."""

    def __init__(
        self,
        app: App,
        db: Connection,
        shop: Shop,
        *,
        known: Mapping[int, Program],
        drafted: Mapping[int, Program],
        current: int,
        page: list[int],
    ) -> None:
        self._now = app.now()
        self._known, self._drafted, self._current = known, drafted, current
        self._draft = max(drafted)
        self._alone = len(drafted) == 1
        self._before = _purchases(db, shop.id, page, known[current])
        self._after = _purchases(db, shop.id, page, drafted[self._draft])

    def of(self, customer: Customer) -> tuple[Customer, Membership, Membership]:
        """Where the current rules lead today, and where the draft leads."""
        membership = customer.membership
        before = self._end(membership, self._before[customer.id], self._known, self._current)
        start = replace(membership, keep_version=None) if self._alone else membership
        after = self._end(start, self._after[customer.id], self._drafted, self._draft)
        return customer, before, after

    def _end(
        self, membership: Membership, purchases: list[Purchase], rules: Mapping[int, Program], version: int
    ) -> Membership:
        for _ in range(MOST_STEPS):
            decision = decide_tier(
                purchases=purchases, membership=membership, programs=rules, version=version, now=self._now
            )
            if decision is None:
                break
            membership = decision.membership
        return membership


def _purchases(db: Connection, shop_id: int, page: list[int], program: Program) -> dict[int, list[Purchase]]:
    return orders.purchases_of(
        db, shop_id, page, factors=program.factors, gift_cards_count=program.gift_cards_count
    )  # fmt: skip


def _note(
    preview: Preview, moved: tuple[Customer, Membership, Membership], draft: Program, current: Program, shown: int
) -> None:
    customer, before, after = moved
    way = _way(before, after, draft, current)
    if way is None:
        return
    preview.counts[way] += 1
    if len(preview.moves[way]) < shown:
        preview.moves[way].append(
            Move(
                customer_id=customer.id,
                name=customer.name,
                from_tier=before.tier,
                to_tier=after.tier,
                after=after,
            )
        )


def _way(before: Membership, after: Membership, draft: Program, current: Program) -> Way | None:
    """Up or down by the ranks of the draft; a tier that the draft does not know ranks as it does today."""
    if before.tier != after.tier:
        known = draft if draft.tier(before.tier) else current
        return "up" if draft.rank(after.tier) > known.rank(before.tier) else "down"
    if after.grace_until and not before.grace_until:
        return "at_risk"
    return None
