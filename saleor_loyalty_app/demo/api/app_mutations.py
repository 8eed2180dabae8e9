"""webhookCreate, webhookUpdate, webhookDelete, appProblemCreate and appProblemDismiss."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from saleor_loyalty_app.demo.api.errors import PermissionDenied
from saleor_loyalty_app.demo.api.note_mutations import Answer, problem
from saleor_loyalty_app.demo.api.registry import Info, Request, answers, request_of
from saleor_loyalty_app.demo.api.subscriptions import events_of, why_invalid
from saleor_loyalty_app.demo.ids import WrongId, local_key
from saleor_loyalty_app.demo.people_records import App, Problem, Webhook

_KEY_LENGTH, _MESSAGE_LENGTH, _KEPT = (3, 128), (3, 2048), 100


def _own_app(request: Request) -> App:
    request.caller.raise_problem()
    if request.caller.app is None:
        raise PermissionDenied("MANAGE_APPS", "AUTHENTICATED_APP")
    return request.caller.app


@answers("Mutation.webhookCreate")
def webhook_create(_root: Any, info: Info, input: dict[str, Any]) -> Answer:  # noqa: A002
    """The app registers a webhook of its own."""
    request = request_of(info)
    app = _own_app(request)
    refused = _refusal(request, input, new=True)
    if refused is not None:
        return {"errors": [refused]}
    webhook = request.shop.apps.add_webhook(
        app,
        name=input.get("name") or "",
        target_url=input["targetUrl"],
        query=input.get("query"),
        events=tuple(input.get("asyncEvents") or ()),
        is_active=input.get("isActive") is not False,
        identifier=input.get("identifier"),
        custom_headers=input.get("customHeaders") or {},
    )
    return {"webhook": webhook, "errors": []}


@answers("Mutation.webhookUpdate")
def webhook_update(_root: Any, info: Info, input: dict[str, Any], **which: str | None) -> Answer:  # noqa: A002
    """The app changes a webhook of its own; what it does not name stays."""
    request = request_of(info)
    webhook = _own_webhook(_own_app(request), which)
    if not isinstance(webhook, Webhook):
        return {"errors": [webhook]}
    refused = _refusal(request, input, new=False)
    if refused is not None:
        return {"errors": [refused]}
    names = {
        "name": "name",
        "targetUrl": "target_url",
        "isActive": "is_active",
        "query": "subscription_query",
        "identifier": "identifier",
        "customHeaders": "custom_headers",
    }
    for key, attribute in names.items():
        if input.get(key) is not None:
            setattr(webhook, attribute, input[key])
    if input.get("asyncEvents") is not None:
        webhook.events = tuple(input["asyncEvents"])
    elif input.get("query"):
        webhook.events = events_of(input["query"])
    return {"webhook": webhook, "errors": []}


@answers("Mutation.webhookDelete")
def webhook_delete(_root: Any, info: Info, **which: str | None) -> Answer:
    """The app takes a webhook of its own back."""
    app = _own_app(request_of(info))
    webhook = _own_webhook(app, which)
    if not isinstance(webhook, Webhook):
        return {"errors": [webhook]}
    app.webhooks.remove(webhook)
    return {"webhook": webhook, "errors": []}


def _own_webhook(app: App, which: dict[str, str | None]) -> Webhook | Answer:
    """The app's webhook with an id or (late 3.23) an identifier, or the entry of `errors` that says why not."""
    value, identifier = which.get("id"), which.get("identifier")
    if value is None and identifier is None:
        return problem("id", "GRAPHQL_ERROR", "At least one of arguments is required: 'id', 'identifier'.")
    try:
        key = local_key(value, "Webhook") if value is not None else None
    except WrongId as wrong:
        return problem("id", "GRAPHQL_ERROR", str(wrong))
    found = next(
        (each for each in app.webhooks if str(each.pk) == key or (identifier and each.identifier == identifier)), None
    )
    return found or problem("id", "NOT_FOUND", f"Couldn't resolve to a node: {value or identifier}")


def _refusal(request: Request, wanted: dict[str, Any], *, new: bool) -> Answer | None:
    url = wanted.get("targetUrl")
    if new and not url:
        return problem("targetUrl", "REQUIRED", "This field is required.")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        return problem("targetUrl", "INVALID", "Enter a valid URL.")
    if wanted.get("query"):
        wrong = why_invalid(request.shop, wanted["query"])
        if wrong is not None:
            return problem("query", wrong.code, wrong.message)
    if new and not wanted.get("query") and not wanted.get("asyncEvents"):
        return problem("asyncEvents", "REQUIRED", "At least one event is required.")
    return None


@answers("Mutation.appProblemCreate")
def app_problem_create(_root: Any, info: Info, input: dict[str, Any]) -> Answer:  # noqa: A002
    """The app tells staff of a problem; the same key within the period is counted, its message replaced."""
    request = request_of(info)
    request.caller.raise_problem()
    app = request.caller.app
    if app is None:
        raise PermissionDenied("AUTHENTICATED_APP")
    for field, (least, most) in (("key", _KEY_LENGTH), ("message", _MESSAGE_LENGTH)):
        if len(input[field]) < least:
            return {"errors": [problem(field, "INVALID", f"String should have at least {least} characters")]}
        if len(input[field]) > most:
            return {"errors": [problem(field, "INVALID", f"String should have at most {most} characters")]}
    known = _open_problem(request, app, input["key"], timedelta(minutes=input.get("aggregationPeriod") or 0))
    now = request.shop.now()
    if known is None:
        known = Problem(request.shop.apps.next_key(), input["key"], input["message"], now, now)
        app.problems = [*app.problems, known][-_KEPT:]
    else:
        known.count, known.message, known.updated_at = known.count + 1, input["message"], now
    threshold = input.get("criticalThreshold")
    known.is_critical = known.is_critical or (threshold is not None and known.count >= threshold)
    return {"appProblem": known, "errors": []}


def _open_problem(request: Request, app: App, key: str, period: timedelta) -> Problem | None:
    since = request.shop.now() - period
    same = (each for each in app.problems if each.key == key and each.dismissed_by is None)
    return next((each for each in same if each.updated_at >= since), None)


@answers("Mutation.appProblemDismiss")
def app_problem_dismiss(_root: Any, info: Info, input: dict[str, Any]) -> Answer:  # noqa: A002
    """The app takes problems of its own back; unknown keys are no error."""
    app = _own_app(request_of(info))
    wanted = input.get("byApp") or {}
    keys, ids = set(wanted.get("keys") or ()), set(wanted.get("ids") or ())
    for each in app.problems:
        if each.key in keys or each.id in ids:
            each.dismissed_by = "APP"
    return {"errors": []}
