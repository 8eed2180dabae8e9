"""Answers about the shop itself, apps, their webhooks, deliveries and problems."""

from typing import Any

from saleor_loyalty_app.demo.api.errors import PermissionDenied
from saleor_loyalty_app.demo.api.paging import Row, page
from saleor_loyalty_app.demo.api.registry import Info, answers, request_of
from saleor_loyalty_app.demo.deliveries import Delivery
from saleor_loyalty_app.demo.ids import local_key
from saleor_loyalty_app.demo.people_records import App, Problem, Webhook
from saleor_loyalty_app.demo.shop import Shop


@answers("Query.shop")
def the_shop(_root: Any, info: Info) -> Shop:
    """The shop itself."""
    return request_of(info).shop


@answers("Shop.version")
def shop_version(shop: Shop, info: Info) -> str:
    """Saleor's version, for apps and staff."""
    request_of(info).caller.need_insider()
    return shop.version


@answers("Shop.domain")
def shop_domain(shop: Shop, _info: Info) -> dict[str, str]:
    """Where the API stands."""
    return {"host": shop.domain, "url": shop.api_url.removesuffix("graphql/")}


@answers("Query.app")
def app(_root: Any, info: Info, **arguments: Any) -> App | None:
    """The asking app; staff get None unless they name an id."""
    request = request_of(info)
    request.caller.need_insider()
    if arguments.get("id") is None:
        return request.caller.app
    found = request.shop.apps.installed.get(int(local_key(arguments["id"], "App")))
    if found is not request.caller.app:
        request.caller.need("MANAGE_APPS")
    return found


@answers("App.permissions")
def app_permissions(app: App, _info: Info) -> list[dict[str, str]]:
    """What it may do, sorted by code."""
    return [{"code": code, "name": code.replace("_", " ").capitalize()} for code in sorted(app.permission_codes)]


@answers("App.webhooks")
def app_webhooks(app: App, info: Info) -> list[Webhook]:
    """Its webhooks, for itself and for who manages apps."""
    caller = request_of(info).caller
    if caller.app is not app and "MANAGE_APPS" not in caller.permissions:
        raise PermissionDenied("MANAGE_APPS", "OWNER")
    return app.webhooks


@answers("App.problems")
def app_problems(app: App, _info: Info, limit: int = 10) -> list[Problem]:
    """What it told staff, the newest first."""
    return sorted(app.problems, key=lambda each: each.updated_at, reverse=True)[:limit]


@answers("AppProblem.dismissed")
def problem_dismissed(problem: Problem, _info: Info) -> dict[str, str] | None:
    """Who dismissed it, if anybody did."""
    return {"by": problem.dismissed_by} if problem.dismissed_by else None


@answers("Webhook.asyncEvents")
def webhook_events(webhook: Webhook, _info: Info) -> list[dict[str, str]]:
    """What it is told of."""
    return [{"eventType": event, "name": event.replace("_", " ").capitalize()} for event in webhook.events]


@answers("Webhook.eventDeliveries")
def webhook_deliveries(webhook: Webhook, info: Info, **arguments: Any) -> dict[str, Any]:
    """What is under way or failed; what arrived is not kept."""
    deliveries = request_of(info).shop.deliveries
    wanted = (arguments.get("filter") or {}).get("status")
    sort = arguments.get("sortBy") or {"direction": "DESC"}
    known = [*deliveries.pending(webhook), *(each for each in deliveries.failed if each.webhook is webhook)]
    rows = [Row((each.created_at, each.pk), each) for each in known if wanted in (None, each.status)]
    descending = sort["direction"] == "DESC"
    rows.sort(key=lambda row: row.key, reverse=descending)
    return page(rows, "eventDeliveries", arguments, descending=descending)


@answers("EventDelivery.attempts")
def delivery_attempts(delivery: Delivery, _info: Info, **arguments: Any) -> dict[str, Any]:
    """The tries so far."""
    rows = [Row((each.created_at, each.pk), each) for each in delivery.tries]
    return page(rows, "attempts", arguments)
