"""The three steps to a shop's first surprise, and which of them are done."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program, Sender, read_program
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.publish_program import STARTER
from saleor_loyalty_app.store import today
from saleor_loyalty_app.store.shops import LIVE, Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What of the start is done."""

    program_is_own: bool
    """Notes are signed by somebody else than in the starter program."""
    order_seen: bool
    """Some order got a parcel, at least in rehearsal."""
    is_live: bool
    """The shop is live, or was."""

    @property
    def all_done(self) -> bool:
        """Whether nothing of the start is left."""
        return self.program_is_own and self.order_seen and self.is_live


def first_steps(db: Connection, shop: Shop, program: Program) -> FirstSteps:
    """How far a shop has come, under the program in force."""
    return FirstSteps(
        program_is_own=program.sender.name != _starter_sender().name,
        order_seen=today.has_parcels(db, shop.id),
        is_live=shop.mode == LIVE or today.has_parcels(db, shop.id, mode=LIVE),
    )


@cache
def _starter_sender() -> Sender:
    return read_program(package_text(STARTER)).sender
