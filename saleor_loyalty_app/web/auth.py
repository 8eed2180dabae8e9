"""Who is looking: the dashboard's token, checked against the shop it comes from. No cookies."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import structlog
from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.saleor.keys import find_key
from saleor_loyalty_app.saleor.tokens import BadToken, Viewer, read_dashboard_token, token_key_id
from saleor_loyalty_app.store.shops import DORMANT, Shop, shop_by_url
from saleor_loyalty_app.web.means import doorkeeper, loyalty
from saleor_loyalty_app.web.remembered import note_surroundings

P = ParamSpec("P")
log = structlog.get_logger()
View = Callable[P, ResponseReturnValue]


def identify(saleor_api_url: str, token: str) -> tuple[Shop, Viewer]:
    """The shop and the staff member of a request. Raises BadToken; TryAgain when the shop's keys can't be had."""
    if not loyalty().settings.allows(saleor_api_url):
        raise BadToken("unknown shop")
    with loyalty().database.read() as db:
        shop = shop_by_url(db, saleor_api_url)
    if shop is None or shop.state == DORMANT:
        raise BadToken("unknown shop")
    kid = token_key_id(token)
    key = find_key(shop.jwks, kid) or find_key(doorkeeper().with_fresh_keys(shop).jwks, kid)
    if key is None:
        raise BadToken("unknown key")
    viewer = read_dashboard_token(token, key, saleor_api_url=shop.saleor_api_url, app_id=shop.app_id)
    return shop, viewer


def staff_only(*permissions: str, any_of: tuple[str, ...] = ()) -> Callable[[View[P]], View[P]]:
    """Let a view run only for staff of an installed shop who hold all these permissions, or one of `any_of`.

    The token comes in a header of each request, or as a form field when the dashboard opens a widget. The
    view finds the shop and the viewer in `g.shop` and `g.viewer`.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            token = request.headers.get("Authorization-Bearer") or request.form.get("accessToken", "")
            url = request.headers.get("Saleor-Api-Url") or request.form.get("saleorApiUrl", "")
            needed = permissions or any_of
            try:
                g.shop, g.viewer = identify(url, token)
            except BadToken as refused:
                log.info("view_refused", reason=str(refused), view=request.endpoint)
                return _refused(401, "sign_in" if token else "no_token", needed)
            note_surroundings(loyalty().settings.dashboard_origins)
            missing = tuple(permission for permission in needed if not g.viewer.may(permission))
            lacks = missing if permissions else len(missing) == len(needed)
            return _refused(403, "no_permission", missing) if lacks else view(*args, **kwargs)

        guarded.needs_permissions = permissions or any_of  # type: ignore[attr-defined]
        return guarded

    return guard


def _refused(status: int, why: str, permissions: tuple[str, ...]) -> Response:
    folder = "widgets" if request.blueprint == "widgets" else "panel"
    body = render_template(f"{folder}/refused.html", why=why, permissions=permissions)
    return make_response(body, status)
