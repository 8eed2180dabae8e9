"""Who is looking: the dashboard's token, checked against the shop it comes from. No cookies."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

import structlog
from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.saleor.keys import find_key
from saleor_loyalty_app.saleor.tokens import (
    BadToken,
    Ended,
    ForAnotherApp,
    Viewer,
    read_dashboard_token,
    token_key_id,
)
from saleor_loyalty_app.services.open_desk import DeskEnded, find_desk
from saleor_loyalty_app.store.shops import DORMANT, INACTIVE, Shop, shop_by_url
from saleor_loyalty_app.web.means import doorkeeper, loyalty
from saleor_loyalty_app.web.remembered import look_around
from saleor_loyalty_app.web.words import gettext, mark

P = ParamSpec("P")
log = structlog.get_logger()
View = Callable[P, ResponseReturnValue]

PERMISSIONS = {
    "MANAGE_ORDERS": mark("Manage orders"),
    "MANAGE_USERS": mark("Manage customers"),
    "MANAGE_APPS": mark("Manage apps"),
    "MANAGE_STAFF": mark("Manage staff"),
    "MANAGE_DISCOUNTS": mark("Manage promotions and vouchers"),
    "MANAGE_PRODUCTS": mark("Manage products"),
}
"""Permissions as the dashboard calls them, which shows their English names in each language."""


class Refusal(StrEnum):
    """Why somebody may not see something. Only a token that the shop has signed is told more than `UNKNOWN`."""

    NO_KEY = "no_key"
    """What the dashboard sends for somebody who lacks the permission that the widget asks for."""
    UNKNOWN = "unknown"
    """The token is none, or the shop has not installed the app: a stranger can't tell which."""
    ENDED = "ended"
    OTHER_APP = "other_app"
    """For another app, or for an earlier installation of this one."""
    SWITCHED_OFF = "switched_off"
    """Staff deactivated the app."""
    REMOVED = "removed"
    NO_PERMISSION = "no_permission"
    APP_LACKS = "app_lacks"
    """The viewer holds the permission, but staff took it away from the app."""
    DESK_ENDED = "desk_ended"
    NOT_AT_DESK = "not_at_desk"
    """A desk in a tab of its own asks for something that only the dashboard shows."""


class SwitchedOff(BadToken):
    """The viewer is known, but staff deactivated the app."""


class Removed(BadToken):
    """The viewer is known, but the app was removed from the shop."""


class NotAtDesk(BadToken):
    """The token of a desk in a tab of its own opens nothing but the desk."""


AWAY: dict[str, type[BadToken]] = {INACTIVE: SwitchedOff, DORMANT: Removed}
REFUSALS: dict[type[BadToken], Refusal] = {
    Ended: Refusal.ENDED,
    ForAnotherApp: Refusal.OTHER_APP,
    SwitchedOff: Refusal.SWITCHED_OFF,
    Removed: Refusal.REMOVED,
    DeskEnded: Refusal.DESK_ENDED,
    NotAtDesk: Refusal.NOT_AT_DESK,
}


def identify(saleor_api_url: str, token: str) -> tuple[Shop, Viewer]:
    """The shop and the staff member of a request. Raises BadToken; TryAgain when the shop's keys can't be had."""
    if not loyalty().settings.allows(saleor_api_url):
        raise BadToken("unknown shop")
    with loyalty().database.read() as db:
        shop = shop_by_url(db, saleor_api_url)
    if shop is None:
        raise BadToken("unknown shop")
    kid = token_key_id(token)
    key = find_key(shop.jwks, kid)
    if key is None and shop.state != DORMANT:
        key = find_key(doorkeeper().with_fresh_keys(shop).jwks, kid)
    if key is None:
        raise BadToken("unknown key")
    viewer = read_dashboard_token(token, key, saleor_api_url=shop.saleor_api_url, app_id=shop.app_id)
    if shop.state in AWAY:
        raise AWAY[shop.state](shop.state)
    return shop, viewer


def staff_only(*permissions: str, any_of: tuple[str, ...] = (), desk: bool = False) -> Callable[[View[P]], View[P]]:
    """Let a view run only for staff of an installed shop who hold all these permissions, or one of `any_of`.

    The token comes in a header of each request, or as a form field when the dashboard opens a widget. The
    view finds the shop and the viewer in `g.shop` and `g.viewer`, and the token in `g.token`. With `desk` it
    runs for a desk in a tab of its own, too (services/open_desk.py), which stands in `g.desk` then.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            token = request.headers.get("Authorization-Bearer") or request.form.get("accessToken", "")
            url = request.headers.get("Saleor-Api-Url") or request.form.get("saleorApiUrl", "")
            needed = permissions or any_of
            try:
                if own := request.headers.get("Desk-Token", ""):
                    token = own
                    g.shop, g.viewer = _identify_desk(own, allowed=desk)
                else:
                    g.shop, g.viewer = identify(url, token)
            except BadToken as refused:
                log.info("view_refused", reason=str(refused), view=request.endpoint)
                why = REFUSALS.get(type(refused), Refusal.UNKNOWN) if token else Refusal.NO_KEY
                return _refused(401, why, needed, all_of=bool(permissions))
            g.token = token
            look_around()
            missing = tuple(permission for permission in needed if not g.viewer.may(permission))
            lacks = missing if permissions else len(missing) == len(needed)
            if lacks:
                by_app = tuple(permission for permission in missing if g.viewer.lacks_by_app(permission))
                why = Refusal.APP_LACKS if by_app else Refusal.NO_PERMISSION
                return _refused(403, why, by_app or missing, all_of=bool(permissions))
            return view(*args, **kwargs)

        guarded.needs_permissions = permissions or any_of  # type: ignore[attr-defined]
        guarded.needs_all = bool(permissions)  # type: ignore[attr-defined]
        guarded.is_for_desks = desk  # type: ignore[attr-defined]
        return guarded

    return guard


def _identify_desk(token: str, *, allowed: bool) -> tuple[Shop, Viewer]:
    if not allowed:
        raise NotAtDesk("a desk asks for another page")
    shop, viewer, g.desk = find_desk(loyalty(), token)
    return shop, viewer


def permission_name(code: str) -> str:
    """A permission in the viewer's language, as the dashboard calls it."""
    return gettext(PERMISSIONS[code])


def _refused(status: int, why: Refusal, permissions: tuple[str, ...], *, all_of: bool) -> Response:
    folder = "widgets" if request.blueprint == "widgets" else "panel"
    names = [permission_name(code) for code in permissions]
    body = render_template(f"{folder}/refused.html", why=why, permissions=names, all_of=all_of)
    response = make_response(body, status)
    if folder == "widgets":
        # What stands in the widget, and what was typed there, stays; the reason is said above it.
        response.headers["HX-Retarget"] = "#said"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
