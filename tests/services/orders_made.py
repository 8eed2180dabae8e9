"""Orders that got a parcel, for tests of what looks back at them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from factories import a_buyer, an_order, fresh, global_id

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program, decide_customer_tier, tier_reached
from saleor_loyalty_app.services.plan_parcel import plan_order_parcel
from saleor_loyalty_app.store import orders
from saleor_loyalty_app.store.customers import customer_by_id, email_key, remember_buyer
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop


class Orders:
    """The orders of one shop, numbered from 1."""

    def __init__(self, app: App, shop: Shop) -> None:
        self.app, self._shop, self._numbers = app, shop, 0

    @property
    def shop(self) -> Shop:
        return fresh(self.app, self._shop)

    def bought(
        self, customer: int = 1, *, total: int = 50, days_ago: float = 0, first_name: str = "Anna", **order: Any
    ) -> Parcel:
        """An order of the customer with this number, and its parcel."""
        self._numbers += 1
        at = self.app.now() - timedelta(days=days_ago)
        buyer = a_buyer(
            user_id=global_id("User", customer), email=f"anna.{customer}@example.com", first_name=first_name
        )
        money = {name: Decimal(total) for name in ("total", "subtotal", "subtotal_net", "charged")}
        made = an_order(self._numbers, placed_at=at, updated_at=at, buyer=buyer, **{**money, **order})
        shop = self.shop
        with self.app.database.write() as db:
            key = email_key(self.app.secret(shop), buyer.email)
            known = remember_buyer(db, shop.id, buyer, key=key, now=at)
            row, _ = orders.write_facts(db, shop.id, known.id, made)
            decisions = decide_customer_tier(self.app, db, shop, known, order_row=row.id)
            standing = customer_by_id(db, shop.id, known.id)
            assert standing is not None
            return plan_order_parcel(
                self.app, db, shop, program=current_program(db, shop), version=shop.program_version or 1,
                customer=standing, order=made, row=row, tier_reached=tier_reached(decisions),
            )  # fmt: skip
