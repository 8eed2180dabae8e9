"""Dashboard tokens: who is looking at our pages, from which shop, and what they may do (api-facts §8)."""

from dataclasses import dataclass
from typing import Any

import jwt
from jwt import PyJWK

LONGEST_TOKEN = 16_000


class BadToken(Exception):
    """The token is not one we accept; the text is for the log, without anything from the token."""


class Ended(BadToken):
    """The shop signed it, and it has ended."""


class ForAnotherApp(BadToken):
    """The shop signed it for its staff, for another app or for an installation that is gone."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A staff member as the dashboard vouches for: Saleor user id and the permissions in this place."""

    user_id: str
    permissions: frozenset[str]
    own_permissions: frozenset[str] = frozenset()
    """What the user holds, whatever the app holds: only to say whose the lack is, never to let anything happen."""

    def lacks_by_app(self, permission: str) -> bool:
        """Whether only the app lacks this permission: the viewer holds it."""
        return permission in self.own_permissions - self.permissions

    def may(self, permission: str) -> bool:
        """Whether the viewer and the app both hold this permission."""
        return permission in self.permissions


def token_key_id(token: str) -> str:
    """The id of the key a token says it was signed with. Raises BadToken."""
    try:
        header = jwt.get_unverified_header(token) if 0 < len(token) <= LONGEST_TOKEN else {}
    except (jwt.PyJWTError, ValueError, RecursionError) as wrong:
        raise BadToken("not a token") from wrong
    kid = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(kid, str):
        raise BadToken("not signed as the shop signs")
    return kid


def read_dashboard_token(token: str, key: PyJWK, *, saleor_api_url: str, app_id: str) -> Viewer:
    """Check a dashboard token and say who it is for. Raises BadToken.

    It must be signed by the shop, unexpired, issued by exactly this shop for exactly this app, of the kind
    "thirdparty" and for a staff member. `permissions` (app and user both) counts;
    `user_permissions` only tells whether the lack is the app's.
    Ended and ForAnotherApp are told apart, since both are sure to come from the shop.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=saleor_api_url,
            # The audience is only set for apps that ask for one; a clock a second behind must not lock staff out.
            options={"require": ["exp", "iat", "iss"], "verify_aud": False, "verify_iat": False},
        )
    except jwt.ExpiredSignatureError as late:
        raise Ended("has ended") from late
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as wrong:
        raise BadToken(type(wrong).__name__) from wrong
    if claims.get("type") != "thirdparty" or claims.get("owner") != "saleor" or claims.get("is_staff") is not True:
        raise BadToken("not a dashboard token")
    if claims.get("app") != app_id:
        raise ForAnotherApp("for another app")
    return Viewer(
        user_id=_text(claims, "user_id"),
        permissions=frozenset(_strings(claims.get("permissions"))),
        own_permissions=frozenset(_strings(claims.get("user_permissions"))),
    )


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadToken(f"without {name}")
    return value


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
