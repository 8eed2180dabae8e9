"""Who is asking, and what they may."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from saleor_loyalty_app.demo.api.errors import InvalidTokenError, PermissionDenied
from saleor_loyalty_app.demo.ids import split_id
from saleor_loyalty_app.demo.people_records import App, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

_USELESS = "Invalid token. Create new one by using tokenCreate mutation."
_GONE = "Invalid token. User does not exist or is inactive."


@dataclass(frozen=True, slots=True)
class Caller:
    """An app, a user, or nobody. `problem` is what a bad token raises wherever the caller matters."""

    app: App | None = None
    user: User | None = None
    permissions: frozenset[str] = frozenset()
    problem: Exception | None = None

    @property
    def principal(self) -> App | User | None:
        """Who is named as the one who did it."""
        return self.app or self.user

    def need(self, *permissions: str) -> None:
        """Raise PermissionDenied unless the caller holds one of these."""
        self.raise_problem()
        if not self.permissions.intersection(permissions):
            raise PermissionDenied(*permissions)

    def need_insider(self) -> None:
        """Raise PermissionDenied unless the caller is an app or staff."""
        self.raise_problem()
        if self.app is None and not (self.user and self.user.is_staff):
            raise PermissionDenied("AUTHENTICATED_STAFF_USER", "AUTHENTICATED_APP")

    def raise_problem(self) -> None:
        """Raise what is wrong with the token, if anything."""
        if self.problem is not None:
            raise self.problem


def identify(shop: "Shop", authorization: str) -> Caller:
    """The caller behind a header "Bearer …": 30 characters are an app's token, a JWT is a user's.

    Anything else is nobody, without complaint.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "jwt") or not token:
        return Caller()
    if token.count(".") != 2:
        app = shop.apps.with_token(token)
        return Caller(app=app, permissions=app.permission_codes) if app else Caller()
    try:
        return _user_behind(shop, shop.keys.read_token(token))
    except (jwt.PyJWTError, InvalidTokenError) as problem:
        return Caller(problem=problem)


def _user_behind(shop: "Shop", claims: dict[str, Any]) -> Caller:
    parts = split_id(str(claims.get("user_id", "")))
    user = shop.customers.by_key.get(int(parts[1])) if parts and parts[1].isdigit() else None
    if claims.get("type") not in ("access", "thirdparty"):
        raise InvalidTokenError(_USELESS)
    if user is None or not user.is_active:
        raise InvalidTokenError(_GONE)
    if claims.get("token") != user.session_key:
        raise InvalidTokenError(_USELESS)
    permissions = user.permission_codes
    if claims["type"] == "thirdparty":
        permissions &= frozenset(claims.get("permissions") or ())
    return Caller(user=user, permissions=permissions)
