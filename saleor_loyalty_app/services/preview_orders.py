"""What the last orders would have got under a draft, beside what they got. Nothing is kept."""

from dataclasses import dataclass

from saleor_loyalty_app.domain.parcels import WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one order gets: extra ids, the note's id, and what it costs in minor units of the program's currency."""

    extras: tuple[str, ...]
    note_id: str | None
    cost_minor: int
    no_surprise: WhyNot | None = None
    """Why there is no surprise, None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order under both sets of rules."""

    code: str
    order_row: int
    order_number: str
    customer_id: int
    customer_name: str
    tier_before: str | None
    tier_after: str | None
    before: Given
    after: Given

    @property
    def changed(self) -> bool:
        """Whether the order would have got something else."""
        return (self.before.extras, self.before.note_id) != (self.after.extras, self.after.note_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPreview:
    """The last orders, newest first, and what they sum up to."""

    lines: tuple[OrderLine, ...]
    currency: str
    """Of the costs: the draft's."""
    changed: int
    cost_before_minor: int
    cost_after_minor: int
    pieces_before: dict[str, int]
    pieces_after: dict[str, int]


def preview_orders(app: App, shop: Shop, draft: Program, *, limit: int = 200) -> OrdersPreview:
    """What the last orders that got a parcel would have got under the draft."""
    raise NotImplementedError
