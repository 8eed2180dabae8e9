"""What a customer's tier rests on and where it leads, for pages; nothing is decided or kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_outlook import outlook
from saleor_loyalty_app.domain.tiers import Membership, Outlook, Purchase
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import orders, programs
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
    version = shop.program_version or 1
    versions = {version, customer.membership.keep_version or version}
    known = {number: programs.program_version(db, shop.id, number).program for number in versions}
    bought = orders.purchases_of(
        db, shop.id, customer.id, factors=known[version].factors, gift_cards_count=known[version].gift_cards_count
    )
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
