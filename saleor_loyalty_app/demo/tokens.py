"""Tokens as Saleor mints them: for customers, for staff, and those that the dashboard hands to an app."""

import secrets
import time
from typing import Any

from saleor_loyalty_app.demo.keys import SigningKeys
from saleor_loyalty_app.demo.people_records import App, Extension, User

ACCESS_SECONDS = 300
REFRESH_SECONDS = 30 * 24 * 3600


def access_token(
    keys: SigningKeys, issuer: str, user: User, *, audience: str | None = None, life_seconds: int = ACCESS_SECONDS
) -> str:
    """What a customer or a staff member gets by signing in; issuer is the shop's API URL."""
    claims = _claims(issuer, user, "access", life_seconds)
    if audience:
        claims["aud"] = f"custom:{audience}"
    return keys.sign_token(claims)


def refresh_token(keys: SigningKeys, issuer: str, user: User) -> str:
    """What a storefront keeps to ask for the next access token; good for nothing else."""
    return keys.sign_token(_claims(issuer, user, "refresh", REFRESH_SECONDS) | {"csrfToken": secrets.token_urlsafe(48)})


def page_token(keys: SigningKeys, issuer: str, user: User, app: App, *, life_seconds: int = ACCESS_SECONDS) -> str:
    """What the dashboard hands to an app's page: the staff member's rights, cut to the app's."""
    shared = sorted(app.permission_codes & user.permission_codes)
    return keys.sign_token(_dashboard_claims(issuer, user, app, shared, life_seconds))


def extension_token(
    keys: SigningKeys, issuer: str, user: User, app: App, extension: Extension, *, life_seconds: int = ACCESS_SECONDS
) -> str:
    """What the dashboard hands to an extension: the extension's own permissions.

    Empty when the user lacks one of them; the dashboard shows the extension all the same.
    """
    if not extension.permissions <= user.permission_codes:
        return ""
    claims = _dashboard_claims(issuer, user, app, sorted(extension.permissions), life_seconds)
    return keys.sign_token(claims | {"app_extension": extension.id})


def _claims(issuer: str, user: User, kind: str, life_seconds: int) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iat": now,
        "owner": "saleor",
        "iss": issuer,
        "exp": now + life_seconds,
        "token": user.session_key,
        "email": user.email,
        "type": kind,
        "user_id": user.id,
        "is_staff": user.is_staff,
    }


def _dashboard_claims(issuer: str, user: User, app: App, permissions: list[str], life_seconds: int) -> dict[str, Any]:
    claims = _claims(issuer, user, "thirdparty", life_seconds)
    claims |= {"app": app.id, "permissions": permissions, "user_permissions": sorted(user.permission_codes)}
    audience = app.manifest.get("audience")
    return claims | ({"aud": audience} if audience else {})
