"""Made-up shops, programs, orders and keys for tests; every field has a default."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Table

from saleor_loyalty_app.domain.orders import Buyer, Order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.store.shops import ACTIVE, LIVE, Shop, add_shop, shop_by_id
from saleor_loyalty_app.store.tables import UtcDateTime

SHOP_URL = "https://shop.example.com/graphql/"
JWKS_URL = "https://shop.example.com/.well-known/jwks.json"
OTHER_SHOP_URL = "https://other.example.com/graphql/"
APP_ID = "QXBwOjg="
"""Saleor's id of the app in the recordings, App:8."""
TOKEN = "T0kenOfTheAppInTheShopOfTests0"
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parent / "recordings"


class Clock:
    """The only clock that services look at; it stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **amount: float) -> datetime:
        self.at += timedelta(**amount)
        return self.at


def make_settings(folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "public_url": "https://loyalty.example.com",
        "allowed_saleor_urls": (SHOP_URL, OTHER_SHOP_URL),
        "data_dir": folder,
        "database_url": f"sqlite:///{folder / 'loyalty.sqlite'}",
        "secret_key": ("a2V5IG9mIHRoZSB0ZXN0czogb2YgMzIgYnl0ZXMgOik=",),
        "history_requests_per_minute": 100_000,
    }
    return Settings(**{**values, **changes}, _env_file=None)


# ---- Programs


def toml_value(value: object) -> str:
    """A value as TOML writes it; a None is left out by its table."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else json.dumps(value)


def an_extra(id: str = "caramel", **changes: Any) -> dict[str, Any]:
    return {"id": id, "name": {"en": id}, "kind": "signature", "cost": "0.20", "stock": 100, **changes}


def a_surprise_extra(id: str = "bookmark", **changes: Any) -> dict[str, Any]:
    return an_extra(id, **{"kind": "surprise", "cost": "0.60", "stock": 10, "variant": f"variant-{id}", **changes})


def program_toml(**changes: Any) -> str:
    """A small program in English: silver from 100, gold from 500, a caramel and a certain surprise in each parcel."""
    values: dict[str, Any] = {
        "name": "Regulars",
        "currency": "USD",
        "time_zone": "UTC",
        "languages": ["en"],
        "sender": {"name": "Mira"},
        "tiers": [
            {"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "100"}},
            {"id": "gold", "name": {"en": "Gold"}, "enter": {"spend": "500"}},
        ],
        "extras": [an_extra(), a_surprise_extra()],
        "surprises": [{"chance": 1.0, "pool": ["bookmark"]}],
        "notes": [{"id": "thanks", "language": "en", "text": "{{ greeting }} thank you."}],
    }
    return "\n".join(f"{name} = {toml_value(value)}" for name, value in {**values, **changes}.items())


# ---- Shops


def add_installed_shop(app: App, *, toml: str | None = None, token: str = TOKEN, **changes: Any) -> Shop:
    """A shop that installed the app a month ago, live, with the small program; its dice fall alike in every run."""
    url = changes.get("saleor_api_url", SHOP_URL)
    values: dict[str, Any] = {
        "saleor_api_url": url,
        "state": ACTIVE,
        "app_id": APP_ID,
        "sealed_token": app.vault.seal(token.encode()),
        "sealed_secret": app.vault.seal(hashlib.sha256(url.encode()).digest()),
        "name": "Shop of tests",
        "saleor_version": "3.23.28",
        "permissions": ["MANAGE_DISCOUNTS", "MANAGE_ORDERS", "MANAGE_PRODUCTS", "MANAGE_USERS"],
        "jwks": jwks(),
        "mode": LIVE,
        "installed_at": app.now() - timedelta(days=30),
        "swept_to": app.now() - timedelta(days=1),
        **changes,
    }
    with app.database.write() as db:
        shop_id = add_shop(db, **values)
    publish_program(app, shop_id, toml=toml or program_toml(), published_by="test")
    with app.database.write() as db:
        # The wish for a review after publishing is of no interest to most tests.
        db.exec_driver_sql("DELETE FROM work")
    return fresh(app, shop_id)


def fresh(app: App, shop: Shop | int) -> Shop:
    """The shop as it stands now."""
    with app.database.read() as db:
        return shop_by_id(db, shop if isinstance(shop, int) else shop.id)


# ---- What the shop says


def global_id(kind: str, key: object) -> str:
    """A Saleor id: the base64 of "Order:1"."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def user_node(number: int = 1, **changes: Any) -> dict[str, Any]:
    values = {
        "id": global_id("User", number),
        "email": f"anna.{number}@example.com",
        "firstName": "Anna",
        "lastName": "Nguyen",
        "languageCode": "EN",
        "isStaff": False,
        "isConfirmed": True,
    }
    return {**values, **changes}


def line_node(product: int = 1, **changes: Any) -> dict[str, Any]:
    variant = {"id": global_id("ProductVariant", product),
               "product": {"id": global_id("Product", product), "category": {"slug": "juices"}}}  # fmt: skip
    values = {"quantity": 1, "productName": f"Apple Juice {product}", "isGift": False, "variant": variant}
    return {**values, **changes}


def order_node(number: int = 1, *, total: float | int = 50, currency: str = "USD", **changes: Any) -> dict[str, Any]:
    """A fully paid, unfulfilled order without tax and shipping, as `OrderFacts` selects it."""
    amount = {"amount": total}
    values: dict[str, Any] = {
        "id": global_id("Order", number),
        "number": str(number),
        "original": None,
        "status": "UNFULFILLED",
        "created": (NOW - timedelta(minutes=1)).isoformat(),
        "updatedAt": (NOW - timedelta(minutes=1)).isoformat(),
        "chargeStatus": "FULL",
        "isShippingRequired": True,
        "languageCodeEnum": "EN",
        "externalReference": None,
        "channel": {"slug": "default-channel"},
        "userEmail": "anna.1@example.com",
        "user": user_node(),
        "billingAddress": {"firstName": "Anna"},
        "shippingAddress": {"country": {"code": "US"}},
        "total": {"gross": {**amount, "currency": currency}},
        "subtotal": {"gross": amount, "net": amount},
        "shippingPrice": {"gross": {"amount": 0}},
        "totalCharged": amount,
        "totalRefunded": {"amount": 0},
        "giftCards": [],
        "anonymized": None,
        "lines": [line_node()],
        "origin": "CHECKOUT",
        "weight": {"unit": "KG", "value": 0.4},
    }
    return {**values, **changes}


def event_body(name: str, **changes: Any) -> bytes:
    """A webhook body as our subscriptions select it."""
    values: dict[str, Any] = {
        "__typename": name,
        "issuedAt": NOW.isoformat(),
        "version": "3.23.28",
        "issuingPrincipal": None,
        "recipient": {"id": APP_ID},
    }
    return json.dumps({**values, **changes}).encode()


def order_event(name: str = "OrderUpdated", number: int = 1, **changes: Any) -> bytes:
    return event_body(name, order={"id": global_id("Order", number)}, **changes)


# ---- The domain's data


def a_buyer(**changes: Any) -> Buyer:
    return replace(Buyer(user_id=global_id("User", 1), email="anna.1@example.com", first_name="Anna",
                         last_name="Nguyen", language="EN", is_confirmed=True), **changes)  # fmt: skip


def a_guest(**changes: Any) -> Buyer:
    return a_buyer(**{"user_id": None, "is_confirmed": False, **changes})


def an_order(number: int = 1, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "id": global_id("Order", number),
        "number": str(number),
        "status": "UNFULFILLED",
        "origin": "CHECKOUT",
        "placed_at": NOW,
        "updated_at": NOW,
        "charge_status": "FULL",
        "channel": "default-channel",
        "currency": "USD",
        "country": "US",
        "language": "EN",
        "buyer": a_buyer(),
        "total": Decimal(50),
        "subtotal": Decimal(50),
        "subtotal_net": Decimal(50),
        "shipping": Decimal(0),
        "charged": Decimal(50),
        "refunded": Decimal(0),
    }
    return Order(**{**values, **changes})


# ---- Keys, signatures, tokens


@cache
def private_key(name: str = "shop") -> RSAPrivateKey:
    """A key of 2048 bits for each name."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str = "shop", **changes: Any) -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(name).public_key()))
    return {**public, "alg": "RS256", "use": "sig", "kid": f"kid-of-{name}", **changes}


def jwks(*names: str) -> dict[str, Any]:
    return {"keys": [jwk(name) for name in names or ("shop",)]}


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sign(body: bytes, *, key: str = "shop", header: Mapping[str, Any] | None = None) -> str:
    """A signature as Saleor makes it: detached RS256 over header, dot and the raw body."""
    values = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": f"kid-of-{key}", "typ": "JWT"}
    head = b64(json.dumps(values if header is None else header, separators=(",", ":")).encode())
    return f"{head}..{b64(private_key(key).sign(head.encode() + b'.' + body, PKCS1v15(), SHA256()))}"


def dashboard_claims(at: datetime, **changes: Any) -> dict[str, Any]:
    values = {
        "iat": int(at.timestamp()),
        "exp": int(at.timestamp()) + 300,
        "owner": "saleor",
        "iss": SHOP_URL,
        "token": secrets.token_hex(6),
        "email": "staff@example.com",
        "type": "thirdparty",
        "user_id": global_id("User", 21),
        "is_staff": True,
        "app": APP_ID,
        "permissions": ["MANAGE_ORDERS", "MANAGE_USERS"],
        "user_permissions": ["MANAGE_ORDERS", "MANAGE_USERS", "MANAGE_STAFF"],
    }
    return {**values, **changes}


def dashboard_token(at: datetime, *, key: str = "shop", headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token as the dashboard hands it over, signed by the shop."""
    return signed_token(dashboard_claims(at, **claims), key=key, headers=headers)


def signed_token(claims: object, *, key: str = "shop", headers: dict[str, Any] | None = None) -> str:
    """Any claims, signed by the shop: the library's own `encode` refuses the ones that we want to see refused."""
    head = {"kid": f"kid-of-{key}", **(headers or {})}
    return jwt.PyJWS().encode(json.dumps(claims).encode(), private_key(key), algorithm="RS256", headers=head)


# ---- Recordings


@cache
def recording(name: str) -> dict[str, Any]:
    """A recorded delivery or token from a throw-away shop with made-up people."""
    return dict(json.loads((RECORDINGS / f"{name}.json").read_text()))


def recorded_body(name: str) -> bytes:
    return str(recording(name)["body"]).encode()


def recorded_header(name: str, header: str) -> str:
    return str(dict(recording(name)["headers"])[header])


# ---- Rows


def a_row(table: Table, **values: Any) -> dict[str, Any]:
    """A row for a table: what a test does not care about is empty, where it must not be null."""
    empty = {str: "", int: 0, bool: False, bytes: b"", object: {}}
    needed = [c for c in table.c if not (c.nullable or c.server_default or c.primary_key or c.name in values)]
    given = {c.name: NOW if isinstance(c.type, UtcDateTime) else empty[c.type.python_type] for c in needed}
    return {**given, **values}
