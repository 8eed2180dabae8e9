"""What a customer's tier rests on and where it leads, for pages; nothing is decided or kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_outlook import outlook
from saleor_loyalty_app.domain.tiers import Membership, Outlook, Purchase
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_version, programs_for
from saleor_loyalty_app.store import orders
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a tier decision about one customer rests on, as the domain's functions take it."""

    purchases: list[Purchase]
    membership: Membership
    programs: dict[int, Program]
    version: int
    now: datetime

    @property
    def program(self) -> Program:
        """The rules in force."""
        return self.programs[self.version]


def case_of(app: App, db: Connection, shop: Shop, customer: Customer) -> Case:
    """Gather what is known: purchases in the current program's minor units, and the versions that matter."""
    known, version = programs_for(db, shop, [customer]), current_version(shop)
    program = known[version]
    bought = orders.purchases_of(
        db, shop.id, [customer.id], factors=program.factors, gift_cards_count=program.gift_cards_count
    )[customer.id]
    return Case(
        purchases=bought, membership=customer.membership, programs=known, version=version, now=app.now()
    )  # fmt: skip


def look_ahead(case: Case) -> Outlook:
    """The way to the next tier and to keeping this one, as it stands now."""
    return outlook(
        purchases=case.purchases,
        membership=case.membership,
        programs=case.programs,
        version=case.version,
        now=case.now,
    )
