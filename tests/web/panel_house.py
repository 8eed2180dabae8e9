"""A shop with customers, orders and parcels for tests of pages, and a client that shows the dashboard's token."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from factories import a_buyer, add_installed_shop, an_order, dashboard_token, program_toml
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program, decide_customer_tier, tier_reached
from saleor_loyalty_app.services.plan_parcel import plan_order_parcel
from saleor_loyalty_app.store import orders, parcels, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id, email_key, remember_buyer
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.web import create_app

HOSTILE = '<script>alert("1")</script>'
BOTH_LANGUAGES = {"en": "Silver", "de": "Silber"}


def german_and_english(**changes: Any) -> str:
    """The small program with names in both languages."""
    tiers = [
        {"id": "silver", "name": BOTH_LANGUAGES, "enter": {"spend": "100"}, "grace_days": 30},
        {"id": "gold", "name": {"en": "Gold", "de": "Gold"}, "enter": {"spend": "500"}},
    ]
    return program_toml(languages=["en", "de"], tiers=tiers, **changes)


class House:
    """One shop and what happened in it. `get` and `post` are what the panel's script sends."""

    def __init__(self, app: App, **shop: Any) -> None:
        self.app = app
        self.shop: Shop = add_installed_shop(app, **{"toml": german_and_english(), **shop})
        self.client: FlaskClient = create_app(app).test_client()
        self._numbers = 0

    # ---- What happened

    def bought(self, *, total: int = 50, buyer: Buyer | None = None, days_ago: float = 0, **order: Any) -> Parcel:
        """An order that got a parcel."""
        self._numbers += 1
        at = self.app.now() - timedelta(days=days_ago)
        money = {name: Decimal(total) for name in ("total", "subtotal", "subtotal_net", "charged")}
        made = an_order(self._numbers, placed_at=at, updated_at=at, buyer=buyer or a_buyer(), **{**money, **order})
        with self.app.database.write() as db:
            key = email_key(self.app.secret(self.shop), made.buyer.email)
            customer = remember_buyer(db, self.shop.id, made.buyer, key=key, now=at)
            row, _ = orders.write_facts(db, self.shop.id, customer.id, made)
            decisions = decide_customer_tier(self.app, db, self.shop, customer, order_row=row.id)
            known = customer_by_id(db, self.shop.id, customer.id)
            assert known is not None
            return plan_order_parcel(
                self.app, db, self.shop, program=current_program(db, self.shop), version=self.shop.program_version or 1,
                customer=known, order=made, row=row, tier_reached=tier_reached(decisions),
            )  # fmt: skip

    def no_parcel(self, why: str) -> int:
        """An order without a parcel; return our row."""
        self._numbers += 1
        with self.app.database.write() as db:
            customer = remember_buyer(db, self.shop.id, a_buyer(), key=None, now=self.app.now())
            row, _ = orders.write_facts(db, self.shop.id, customer.id, an_order(self._numbers))
            orders.set_no_parcel(db, self.shop.id, row.id, why)
        return row.id

    def failed(self, subject: str, error: str = "The shop refused the note.") -> None:
        """A piece of work that waits for a person."""
        with self.app.database.write() as db:
            work.want(db, self.shop.id, subject, due_at=self.app.now(), now=self.app.now())
            (claimed,) = work.claim_due(db, self.app.now(), limit=1)
            work.end_round(db, self.shop.id, subject, claimed.round, now=self.app.now(), error=error)

    def customer(self, customer_id: int) -> Customer:
        with self.app.database.read() as db:
            found = customer_by_id(db, self.shop.id, customer_id)
        assert found is not None
        return found

    def parcel(self, parcel: Parcel) -> Parcel:
        with self.app.database.read() as db:
            found = parcels.parcel_by_code(db, self.shop.id, parcel.code)
        assert found is not None
        return found

    # ---- What staff do

    def headers(self, *, locale: str = "en", **claims: Any) -> dict[str, str]:
        claims.setdefault("iss", self.shop.saleor_api_url)
        if "permissions" in claims:
            claims.setdefault("user_permissions", claims["permissions"])
        token = dashboard_token(datetime.now(UTC), **claims)
        return {"Authorization-Bearer": token, "Saleor-Api-Url": self.shop.saleor_api_url, "Locale": locale}

    def get(self, path: str, *, locale: str = "en", **claims: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers(locale=locale, **claims))

    def post(self, path: str, data: dict[str, Any] | None = None, *, locale: str = "en", **claims: Any) -> TestResponse:
        return self.client.post(path, data=data or {}, headers=self.headers(locale=locale, **claims))

    def widget(self, kind: str, *, language: str = "en", token: str | None = None, **fields: str) -> TestResponse:
        """What the dashboard's hidden form sends into a widget's frame."""
        if token is None:
            token = dashboard_token(datetime.now(UTC), iss=self.shop.saleor_api_url, app_extension="x")
        data = {"saleorApiUrl": self.shop.saleor_api_url, "accessToken": token, "appId": self.shop.app_id, **fields}
        return self.client.post(f"/widgets/{kind}", data=data, headers={"Accept-Language": language})
