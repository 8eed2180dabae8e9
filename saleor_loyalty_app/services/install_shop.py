"""A shop installs the app: the token is checked against the shop, stored encrypted, and the work begins."""

from collections import Counter
from dataclasses import dataclass

import structlog

from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import REQUIRED_PERMISSIONS
from saleor_loyalty_app.saleor.keys import fetch_jwks
from saleor_loyalty_app.saleor.manifest import APP_ID
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import publish_starter_program
from saleor_loyalty_app.settings import new_shop_secret
from saleor_loyalty_app.store import desk_sessions, history, work
from saleor_loyalty_app.store.shops import ACTIVE, REHEARSAL, add_shop, change_shop, shop_by_url

log = structlog.get_logger()

TOKEN_LETTERS = 30
"""Only tokens of this length are app tokens (api-facts §7.2)."""


GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI"})


@dataclass(frozen=True, slots=True)
class InstallRefused(Exception):
    """An install that is not accepted; staff see `message` in the dashboard."""

    status: int
    code: str
    message: str


def install_shop(app: App, *, saleor_api_url: str, token: str) -> int:
    """Accept an install and return the shop's id. Raises InstallRefused.

    The address must be on the allowlist, and the token must belong to this very app: a token of another app
    of that shop would otherwise overwrite ours (api-facts §7.2). A new install of a known shop replaces the
    token and keeps the data.
    """
    if not app.settings.allows(saleor_api_url):
        raise InstallRefused(
            403,
            "SALEOR_URL_PROHIBITED",
            f"This shop is not on the list of allowed shops. Add its API address, exactly {saleor_api_url[:200]!r}, "
            "to LOYALTY_ALLOWED_SALEOR_URLS.",
        )
    known = _look(app, saleor_api_url, token)
    now = app.now()
    values = {
        "state": ACTIVE,
        "app_id": known.app_id,
        "sealed_token": app.vault.seal(token.encode()),
        "name": known.name,
        "saleor_version": known.version,
        "permissions": known.permissions,
        "jwks": known.jwks,
        "away_since": None,
    }
    with app.database.write() as db:
        shop = shop_by_url(db, saleor_api_url)
        if shop:
            shop_id = shop.id
            change_shop(db, shop_id, **values)
            desk_sessions.end_all(db, shop_id, now=now)  # those of the installation before
        else:
            secret = app.vault.seal(new_shop_secret())
            shop_id = add_shop(
                db, **values, saleor_api_url=saleor_api_url, sealed_secret=secret, mode=REHEARSAL,
                installed_at=now, swept_to=now,
            )  # fmt: skip
            publish_starter_program(db, shop_id, currency=known.currency, language=known.language, now=now)
            read_from = app.settings.history_from(now)
            for kind in history.KINDS:
                history.start_reading(db, shop_id, kind, read_from=read_from, now=now)
        # Events of the time between two installs never come: catch up on what changed (verified.md §8).
        for subject in ("shop:", "history:", *(("sweep:",) if shop else ())):
            work.want(db, shop_id, subject, due_at=now, now=now)
    log.info("shop_installed", shop=shop_id, again=shop is not None, saleor_version=known.version)
    return shop_id


@dataclass(frozen=True, slots=True)
class _Known:
    app_id: str
    name: str
    version: str
    permissions: list[str]
    jwks: dict[str, object]
    currency: str | None
    """The one most of the shop's active channels sell in."""
    language: str
    """The packers', as far as the shop's countries tell: one that the app speaks."""


def _look(app: App, saleor_api_url: str, token: str) -> _Known:
    """Ask the shop who the token belongs to; it already works inside the install request."""
    if len(token) != TOKEN_LETTERS or not token.isalnum():
        raise InstallRefused(400, "BAD_TOKEN", "The shop sent no usable token. Please try to install again.")
    client = ShopClient(saleor_api_url, token, requests_per_minute=app.settings.requests_per_minute)
    try:
        answer = client.ask("ShopAndApp")
        jwks = fetch_jwks(saleor_api_url)
    except (TryAgain, HumanMustAct) as failed:
        raise InstallRefused(401, "UNKNOWN_APP_ID", f"The shop could not be asked about the app: {failed}") from failed
    finally:
        client.close()
    installed = answer["app"]
    if not installed or installed["identifier"] != APP_ID:
        raise InstallRefused(401, "UNKNOWN_APP_ID", "The token does not belong to Best Regards in this shop.")
    permissions = sorted(permission["code"] for permission in installed["permissions"])
    if missing := [code for code in REQUIRED_PERMISSIONS if code not in permissions]:
        raise InstallRefused(403, "MISSING_PERMISSION", f"Best Regards needs the permissions {', '.join(missing)}.")
    shop = answer["shop"]
    channels = [channel for channel in answer["channels"] or [] if channel["isActive"]]
    # Of two currencies with as many channels, the one of the channel that every shop begins with.
    channels.sort(key=lambda channel: channel["slug"] != "default-channel")
    currencies = Counter(channel["currencyCode"] for channel in channels)
    return _Known(
        app_id=installed["id"],
        name=shop["name"] or "",
        version=shop["version"],
        permissions=permissions,
        jwks=jwks,
        currency=currencies.most_common(1)[0][0] if currencies else None,
        language=_language({channel["defaultCountry"]["code"] for channel in channels}),
    )


def _language(countries: set[str]) -> str:
    """German where all channels are at home in countries that speak it, else English."""
    return "de" if countries and countries <= GERMAN_SPEAKING else "en"
