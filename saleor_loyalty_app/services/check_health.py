"""How the app and its shops are, in words: what `saleor-loyalty doctor` says and the panel's health page shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from saleor_loyalty_app.domain.program import read_program
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import OPTIONAL_PERMISSIONS, REQUIRED_PERMISSIONS
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.publish_program import STARTER
from saleor_loyalty_app.services.tend_shop import missing_webhooks
from saleor_loyalty_app.store import history, inbox, orders, tasks, work, workers
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT, LIVE, Shop, all_shops

STATE_WORDS = {
    "inactive": "deactivated by staff; nothing happens until it is activated again",
    "silent": "the shop no longer knows the app's token: it was deactivated or removed",
    "dormant": "removed; install it again to go on, the data are kept for a while",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about the app, and whether a person should do something."""

    text: str
    is_problem: bool = False


def check_health(app: App, *, only_url: str | None = None) -> list[Finding]:
    """Everything worth saying about the app and its shops (or one of them), shop by shop."""
    with app.database.read() as db:
        shops = [shop for shop in all_shops(db) if only_url in {None, shop.saleor_api_url}]
        living = workers.seen(db)
    findings = []
    fresh = [name for name, seen in living.items() if (app.now() - seen).total_seconds() < 30]
    if fresh:
        findings.append(Finding(f"{len(fresh)} worker(s) at work."))
    else:
        findings.append(Finding("No worker is running: start `saleor-loyalty run` or `worker`.", is_problem=True))
    if not shops:
        findings.append(Finding("No shop has installed the app yet."))
    for shop in shops:
        findings += shop_findings(app, shop)
    return findings


def shop_findings(app: App, shop: Shop) -> Iterator[Finding]:
    """What is to be said about one shop; asks the shop itself."""
    name = shop.saleor_api_url
    if shop.state != ACTIVE:
        yield Finding(f"{name}: {STATE_WORDS[shop.state]}.", is_problem=True)
    if shop.state != DORMANT:
        yield from _connection(app, shop)
    yield Finding(f"{name}: {'live' if shop.mode == LIVE else 'rehearsal, nothing is told to the shop'}.")
    with app.database.read() as db:
        readings = history.history_of(db, shop.id)
        failed, retrying = work.failed(db, shop.id), work.retrying(db, shop.id)
        open_tasks = tasks.open_tasks(db, shop.id)
        last = inbox.last_received(db, shop.id)
        program = current_program(db, shop)
        currencies = orders.currencies_of(db, shop.id)
    if shop.mode == LIVE and program.sender == read_program(package_text(STARTER)).sender:
        yield Finding(
            f"{name}: notes are signed {program.sender.name!r}, as in the starter program; name a person.",
            is_problem=True,
        )
    for currency in sorted(currencies - program.factors.keys()):
        yield Finding(f"{name}: orders in {currency} count, but not as spend: the program has no rate for {currency}.")
    for reading in readings.values():
        state = (
            "done" if reading.state == history.DONE else f"under way, {reading.read} of about {reading.total or '?'}"
        )
        yield Finding(f"{name}: reading the history of {reading.kind}: {state}.")
    yield Finding(f"{name}: last heard of {last:%Y-%m-%d %H:%M} UTC." if last else f"{name}: no event came yet.")
    for item in failed:
        yield Finding(f"{name}: {item.subject} failed: {item.last_error}", is_problem=True)
    for item in retrying:
        yield Finding(f"{name}: {item.subject} is tried again by itself: {item.last_error}")
    for task in open_tasks:
        yield Finding(f"{name}: {task.kind}: {task.detail}", is_problem=True)


def _connection(app: App, shop: Shop) -> Iterator[Finding]:
    name = shop.saleor_api_url
    try:
        answer = app.client(shop).ask("ShopAndApp")
    except (TryAgain, HumanMustAct) as trouble:
        yield Finding(f"{name}: the shop can't be asked: {trouble}", is_problem=True)
        return
    if answer["app"] is None:
        yield Finding(f"{name}: the shop does not know the app's token.", is_problem=True)
        return
    held = {permission["code"] for permission in answer["app"]["permissions"]}
    yield Finding(f"{name}: connected, Saleor {answer['shop']['version']}.")
    for code in REQUIRED_PERMISSIONS:
        if code not in held:
            yield Finding(f"{name}: the permission {code} is missing; give it back in the dashboard.", is_problem=True)
    for code, what_for in OPTIONAL_PERMISSIONS.items():
        if code not in held:
            yield Finding(f"{name}: without the permission {code} there is no {what_for}.")
    for event in missing_webhooks(answer["app"]["webhooks"]):
        yield Finding(f"{name}: the webhook {event.name} is missing; restart the worker to repair it.", is_problem=True)
