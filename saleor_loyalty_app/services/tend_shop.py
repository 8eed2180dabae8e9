"""A shop's connection is looked after: is the app still there, may it do what it needs, do the webhooks stand."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import BY_NAME, EVENTS
from saleor_loyalty_app.saleor.manifest import webhook
from saleor_loyalty_app.saleor.refusals import asked, permission_name, refusal
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import desk_sessions, work
from saleor_loyalty_app.store.shops import (
    ACTIVE,
    DORMANT,
    INACTIVE,
    SILENT,
    Shop,
    change_shop,
    lock_shop,
    shop_by_id,
)

log = structlog.get_logger()

DOES_NOT_SAY = Saying(
    "The shop could not say whether it still knows this app. If this lasts, ask whoever runs the shop's server."
)
LOOK_AGAIN_SECONDS = 60
SILENT_DAYS = 7
"""After so long without the shop knowing our token, the app is taken to be removed."""

GOOD, DIFFERENT, MISSING, UNKNOWN = "good", "different", "missing", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookState:
    """How one webhook stands: as it should, otherwise than it should, not at all, or though nobody wants it."""

    name: str
    state: str
    id: str = ""
    """Saleor's id of the one that stands."""


def tend_shop(app: App, shop: Shop) -> int:
    """Ask the shop about the app and put right what can be put right; return how many webhooks that were.

    Raises TryAgain or HumanMustAct.

    A token that the shop no longer knows looks the same whether the app was deactivated or removed
    (verified.md §10). The shop is then silent; it wakes up by itself, or goes dormant after a week.
    """
    if shop.state == DORMANT:
        return 0
    client = app.client(shop)
    if not is_alive(client):
        _fell_silent(app, shop)
        return 0
    answer = client.ask("ShopAndApp")
    installed = answer["app"]
    permissions = sorted(permission["code"] for permission in installed["permissions"])
    now = app.now()
    with app.database.write() as db:
        if not _still_installed(db, shop):
            return 0
        change_shop(
            db, shop.id, state=ACTIVE, away_since=None, permissions=permissions,
            saleor_version=answer["shop"]["version"], name=answer["shop"]["name"] or "",
        )  # fmt: skip
        if shop.state != ACTIVE or set(permissions) - shop.permissions:
            # Events of the time in between never come, neither to an inactive app nor to one that lacked the
            # permission (verified.md §8, api-facts §6.1): catch up on what changed.
            work.want(db, shop.id, "sweep:", due_at=now, now=now)
            work.wake(db, shop.id, now=now, failed_too=True)
            log.info("shop_is_back", shop=shop.id)
    changed = reconcile_webhooks(client, installed["webhooks"], public_url=app.settings.public_url)
    if changed:
        log.info("webhooks_reconciled", shop=shop.id, changed=changed)
    return len(changed)


def repair_connection(app: App, shop: Shop) -> int:
    """The same at a person's wish: what waits goes on at once when the shop answers, and what it changed is read again.

    Whoever presses the button may have put something right that nobody had noticed yet.

    Raises TryAgain or HumanMustAct.
    """
    repaired = tend_shop(app, shop)
    with app.database.write() as db:
        if shop_by_id(db, shop.id).state == ACTIVE:
            work.want(db, shop.id, "sweep:", due_at=app.now(), now=app.now(), at_once=True)
            work.wake(db, shop.id, now=app.now())
    return repaired


def look_for_permission(app: App, shop: Shop, codes: str) -> None:
    """See whether the shop has given back one of these permissions (joined by commas), without which something failed.

    Then what failed goes on and what changed is read. Raises TryAgain while it has not, so that the looks become
    rarer; and HumanMustAct.
    """
    tend_shop(app, shop)
    with app.database.read() as db:
        now = shop_by_id(db, shop.id)
    needed = codes.split(",")
    if now.state == ACTIVE and not now.permissions.intersection(needed):
        lacking = Saying(
            "Best Regards lacks the permission “%(permissions)s”. Give it back in the dashboard under Extensions; it "
            "looks for it by itself.",
            permissions=", ".join(map(permission_name, needed)),
        )
        raise TryAgain(lacking, wait_seconds=LOOK_AGAIN_SECONDS)


def is_alive(client: ShopClient) -> bool:
    """Whether the shop knows our token; if not, `app` is refused like anything else (verified.md §10).

    Raises TryAgain when the shop says neither: an error inside it must not end an installation.
    """
    answer = client.ask_partly("AppAlive")
    if answer.data.get("app") is not None:
        return True
    if any(error.code != "PermissionDenied" for error in answer.errors):
        raise TryAgain(DOES_NOT_SAY)
    return False


def pause_shop(app: App, shop: Shop) -> None:
    """Staff deactivated the app, says the shop; if that is still so, work waits until it is active again."""
    if not is_alive(app.client(shop)):
        with app.database.write() as db:
            change_shop(db, shop.id, state=INACTIVE, away_since=app.now())
            desk_sessions.end_all(db, shop.id, now=app.now())
        log.info("shop_paused", shop=shop.id)


def remove_shop(app: App, shop: Shop) -> None:
    """The app was removed, says the shop; if it was installed again meanwhile, the new token works and nothing ends."""
    if not is_alive(app.client(shop)):
        _forget_shop(app, shop)


def _forget_shop(app: App, shop: Shop) -> None:
    """The token is wiped; the data stay for the documented time, then they are erased."""
    with app.database.write() as db:
        change_shop(db, shop.id, state=DORMANT, sealed_token=None, away_since=app.now())
        desk_sessions.end_all(db, shop.id, now=app.now())
    log.info("shop_is_dormant", shop=shop.id)


def reconcile_webhooks(client: ShopClient, registered: list[dict[str, Any]], *, public_url: str) -> list[str]:
    """Make the registered webhooks what the events table says; return what was changed, for the log.

    Saleor never reads a manifest again (api-facts §7.3), so this is also how a newer version of the app
    comes to its new events.
    """
    later = knows_later_events(client)
    wrong = [one for one in compare_webhooks(registered, later=later, public_url=public_url) if one.state != GOOD]
    for one in wrong:
        event = BY_NAME.get(one.name)
        if one.state == UNKNOWN or event is None:
            _carry_out(client, "WebhookDelete", id=one.id)
        elif one.state == DIFFERENT:
            _carry_out(client, "WebhookUpdate", id=one.id, input=webhook(event, public_url))
        else:
            _carry_out(client, "WebhookCreate", input=webhook(event, public_url))
    return [f"{one.state} {one.name}" for one in wrong]


def compare_webhooks(registered: list[dict[str, Any]], *, later: bool, public_url: str) -> tuple[WebhookState, ...]:
    """Each webhook that stands or should stand; `later` says whether the shop knows the events of later releases."""
    wanted = {event.name: event for event in EVENTS if event.everywhere or later}
    found = []
    for known in registered:
        event = wanted.pop(known["name"], None)
        state = UNKNOWN if event is None else GOOD if _as_wanted(known, webhook(event, public_url)) else DIFFERENT
        found.append(WebhookState(name=known["name"], state=state, id=known["id"]))
    return (*found, *(WebhookState(name=name, state=MISSING) for name in wanted))


def knows_later_events(client: ShopClient) -> bool:
    """Whether the shop sends the events that came with 3.23.5."""
    return client.ask("Capabilities")["customerDeleted"] is not None


def _fell_silent(app: App, shop: Shop) -> None:
    now = app.now()
    since = shop.away_since or now
    if shop.state == SILENT and now - since >= timedelta(days=SILENT_DAYS):
        _forget_shop(app, shop)
        return
    with app.database.write() as db:
        if not _still_installed(db, shop):
            return
        # A shop that said it deactivated the app stays inactive, however long it takes.
        change_shop(db, shop.id, state=SILENT if shop.state == ACTIVE else shop.state, away_since=since)
        desk_sessions.end_all(db, shop.id, now=now)


def _still_installed(db: Connection, shop: Shop) -> bool:
    """Whether what the shop answered is about today's installation: none that was removed or replaced meanwhile."""
    lock_shop(db, shop.id)
    return shop_by_id(db, shop.id).sealed_token == shop.sealed_token


def _as_wanted(known: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return bool(
        known["targetUrl"] == wanted["targetUrl"]
        and known["isActive"]
        and (known["subscriptionQuery"] or "").split() == wanted["query"].split()
        and [event["eventType"] for event in known["asyncEvents"]] == wanted["asyncEvents"]
    )


def _carry_out(client: ShopClient, operation: str, **variables: Any) -> None:
    result = next(iter(client.ask(operation, **variables).values()))
    if result["errors"]:
        raise HumanMustAct(refusal(asked(operation), result["errors"][0]["message"]))
