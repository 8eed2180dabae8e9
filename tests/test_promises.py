"""Promises about the whole app, each a loop over the whole app."""

import ast
import importlib
import inspect
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from factories import make_settings
from flask import Flask
from jinja2 import Environment
from sqlalchemy import Connection

import saleor_loyalty_app
from saleor_loyalty_app import store
from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.saleor.documents import document_text
from saleor_loyalty_app.saleor.events import EVENTS, OPTIONAL_PERMISSIONS, REQUIRED_PERMISSIONS, permissions
from saleor_loyalty_app.saleor.manifest import manifest
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import REACTIONS
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.web import create_app

PACKAGE = Path(saleor_loyalty_app.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_files" not in path.parts)
RECORDINGS = Path(__file__).parent / "recordings"
URL = "https://loyalty.example.com"


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


# ---- Every route is guarded


PUBLIC = {
    "install.show_manifest": "Saleor reads it before there is any token",
    "health.alive": "for load balancers; says nothing",
    "health.ready": "for load balancers; says nothing",
    "pages.about": "a page about the app",
    "pages.support": "a page about the app",
    "pages.privacy": "a page about the app",
    "pages.shell": "an empty frame: what stands in it is fetched with the dashboard's token",
    "desk_sessions.tab": "an empty tab: what stands in it is fetched with the token for the code of its link",
    "static": "scripts, styles and the logo",
}
GUARDED_OTHERWISE = {
    "metrics.show_metrics": "a token of its own; without one there is no page",
    "desk_sessions.enter": "the one-time code of a link that staff made",
    "install.register": "the allowlist, and the token tried at the shop itself",
}


@pytest.fixture
def web(app: App) -> Flask:
    return create_app(app)


def test_every_route_is_public_for_a_reason_or_guarded(web: Flask) -> None:
    guarded = {
        rule.endpoint for rule in web.url_map.iter_rules()
        if getattr(web.view_functions[rule.endpoint], "needs_permissions", ())
    }  # fmt: skip
    endpoints = {rule.endpoint for rule in web.url_map.iter_rules()}
    assert endpoints - guarded == PUBLIC.keys() | GUARDED_OTHERWISE.keys()


def guarded_routes(web: Flask) -> Iterator[tuple[str, str]]:
    for rule in web.url_map.iter_rules():
        if getattr(web.view_functions[rule.endpoint], "needs_permissions", ()):
            path = re.sub(r"<int:\w+>", "1", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method, re.sub(r"<\w+>", "x", path)


def test_no_guarded_route_answers_without_a_token(web: Flask) -> None:
    with web.test_client() as client:
        routes = list(guarded_routes(web))
        assert len(routes) > 5
        for headers in ({}, {"Saleor-Api-Url": "https://shop.example.com/graphql/", "Authorization-Bearer": "junk"}):
            answers = {(method, path): client.open(path, method=method, headers=headers).status_code
                       for method, path in routes}  # fmt: skip
            assert {route: status for route, status in answers.items() if status != 401} == {}


def test_guards_ask_for_permissions_that_the_app_has(web: Flask) -> None:
    for view in web.view_functions.values():
        assert set(getattr(view, "needs_permissions", ())) <= set(REQUIRED_PERMISSIONS)


def test_what_is_public_can_only_be_read(web: Flask) -> None:
    for rule in web.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}


def test_no_route_sets_a_cookie(web: Flask) -> None:
    """The panel lives in a frame of another site, where cookies are neither sent nor safe."""
    with web.test_client() as client:
        for rule in web.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and "<path:" not in rule.rule:
                with client.get(re.sub(r"<[^>]+>", "1", rule.rule)) as answer:
                    assert "Set-Cookie" not in answer.headers


def test_every_answer_carries_the_security_headers(web: Flask) -> None:
    with web.test_client() as client:
        for path in ("/", "/healthz", "/api/manifest", "/nothing-here", "/panel/"):
            answer = client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy  # no dashboard is configured here
            assert "unsafe-inline" not in policy
            assert "unsafe-eval" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"


# ---- Every store function is scoped by its shop


UNSCOPED = {
    "columns": "parts of tables, no queries",
    "database": "the door itself",
    "engine_database": "the door to the engine's own tables",
    "migrate": "all tables",
    "copy_all": "all tables, from one database into another",
    "sealed.sealed_columns": "no rows",
    "secrets": "no rows",
    "workers": "processes are of no shop",
    "customers.email_key": "no rows",
    "tiers.stored_decision": "no query: reads a row that was fetched",
    "personal_data.person_subject": "no rows",
    "customers.read_customer": "no query: reads a row that was fetched",
    "inbox.Arrival": "data",
    "inbox.body_hash": "no rows",
    "inbox.keep_all": "each arrival names its shop",
    "inbox.waiting": "the worker takes in what came to all shops",
    "inbox.mark_taken": "rows the worker has just been handed",
    "shops.shop_by_url": "finds the shop",
    "shops.all_shops": "lists the shops, for the worker and the doctor",
    "shops.add_shop": "makes the shop",
    "work.claim_due": "the worker claims what is due in all shops",
    "work.due_shares": "the same",
    "work.want_all": "each wish names its shop",
    "work.running": "the same",
    "work.catch_up_with_clock": "the same",
    "work.state_of_all": "sums over all shops, for the operator",
    "inbox.waiting_of_all": "the same",
    "customer_sums.renew_all_sums": "opens its own transactions; takes the shop second",
    "name_search.is_named": "a condition for a query that names its shop",
    "order_lines.items_of_orders": "tables joined for a query that names its shop",
    "order_lines.stands_as_line": "a condition for a query that names its shop",
    "tier_review.candidates": "opens its own transactions; takes the shop second",
    "tier_review.candidates_under": "opens its own transactions; takes the shop second",
}


NO_FUNCTIONS = {"tables", "parcel_tables", "packing_tables", "print_tables", "tier_review_sql"}


def store_functions() -> Iterator[tuple[str, Any]]:
    for module_info in pkgutil.iter_modules(store.__path__):
        if module_info.ispkg or module_info.name in NO_FUNCTIONS | UNSCOPED.keys():
            continue
        module = importlib.import_module(f"saleor_loyalty_app.store.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module_info.name}.{name}", function


def test_every_store_function_takes_a_connection_and_then_its_shop() -> None:
    loose = []
    for name, function in store_functions():
        signature = inspect.signature(function)
        first_two = [(p.name, p.annotation) for p in list(signature.parameters.values())[:2]]
        if first_two != [("db", Connection), ("shop_id", int)]:
            loose.append(name)
    assert set(loose) - UNSCOPED.keys() == set()


def test_the_exceptions_still_exist() -> None:
    known = {name for name, _ in store_functions()} | {info.name for info in pkgutil.iter_modules(store.__path__)}
    assert {name for name in UNSCOPED if name not in known} <= {"inbox.Arrival"}


def test_a_review_takes_the_database_and_then_its_shop() -> None:
    from saleor_loyalty_app.store import tier_review

    for function in (tier_review.candidates, tier_review.candidates_under):
        assert list(inspect.signature(function).parameters)[:2] == ["database", "shop_id"]


# ---- Events, webhooks, subscriptions, recordings, reactions


def test_the_manifest_the_table_and_the_subscriptions_agree() -> None:
    files = {path.stem for path in project_path("graphql/subscriptions").glob("*.graphql")}
    assert files == {event.name for event in EVENTS}
    assert [hook["name"] for hook in manifest("3.23", URL)["webhooks"]] == [e.name for e in EVENTS if e.everywhere]


NOT_RECORDED = {"OrderFullyPaid", "AccountConfirmed"}
"""The throw-away shop sent them to no webhook that was recorded."""


def test_each_event_was_recorded() -> None:
    names = {re.sub(r"(?<=[a-z])(?=[A-Z])", "-", event.name).lower(): event.name for event in EVENTS}
    recordings = [path.stem for path in RECORDINGS.glob("*.json")]
    missing = {event for kebab, event in names.items() if not any(r.startswith(kebab) for r in recordings)}
    assert missing == NOT_RECORDED


def test_every_event_leads_to_a_reaction_and_every_reaction_has_steps() -> None:
    assert {event.about for event in EVENTS} <= REACTIONS.keys()
    assert all(REACTIONS.values())


# ---- Permissions


NEEDED = {
    # What the shop asks for, by the operation or the events (saleor/permissions in its schema).
    "orderNoteAdd": "MANAGE_ORDERS",
    "orderLinesCreate": "MANAGE_ORDERS",
    "orderLineDelete": "MANAGE_ORDERS",
    "orderConfirm": "MANAGE_ORDERS",
    "updatePrivateMetadata": "MANAGE_USERS",  # of a user; of an order MANAGE_ORDERS
    "customerBulkUpdate": "MANAGE_USERS",
    "appProblemCreate": None,  # any app, about itself
    "appProblemDismiss": None,
    "webhookCreate": None,
    "webhookUpdate": None,
    "webhookDelete": None,
}
NEEDED_BY_EVENT = {"Order": "MANAGE_ORDERS", "Customer": "MANAGE_USERS", "Account": "MANAGE_USERS", "App": None}
OPERATIONS = sorted(path.stem for path in project_path("graphql").glob("*.graphql"))


def test_the_permissions_cover_every_mutation() -> None:
    used = set()
    for name in OPERATIONS:
        text = document_text(name)
        if text.lstrip().startswith("mutation"):
            used |= set(re.findall(r"^\s+(?:\w+: )?(\w+)\(", text, re.MULTILINE)) & NEEDED.keys() or {
                f"unknown: {name}"
            }
    assert used == NEEDED.keys()
    assert {permission for permission in NEEDED.values() if permission} <= set(REQUIRED_PERMISSIONS)


def test_the_permissions_cover_every_event() -> None:
    for event in EVENTS:
        needed = next(p for prefix, p in NEEDED_BY_EVENT.items() if event.name.startswith(prefix))
        assert needed is None or needed in REQUIRED_PERMISSIONS


def test_nothing_is_asked_for_without_a_reason() -> None:
    assert set(permissions()) == {p for p in NEEDED.values() if p} | OPTIONAL_PERMISSIONS.keys()
    assert all(OPTIONAL_PERMISSIONS.values())


# ---- Settings


def readme_settings() -> set[str]:
    """The names in the first column of the README's table of settings."""
    readme = (project_path("README.md")).read_text()
    rows = re.findall(r"^\|([^|]*)\|[^|]*\|", readme, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"LOYALTY_[A-Z_]+", row)}


def test_every_setting_stands_in_the_readme_and_nothing_else() -> None:
    assert readme_settings() == {f"LOYALTY_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_only_the_settings_read_the_environment() -> None:
    """`serve.py` and the demo hand the environment on to the processes that they start; where those count together
    stands there for prometheus-client."""
    readers = [name_of(path) for path in MODULES if re.search(r"os\.environ|os\.getenv", path.read_text())]
    assert set(readers) <= {"settings.py", "serve.py", "demo/story.py", "web/metrics.py"}


def test_a_mistake_in_the_settings_is_a_sentence(tmp_path: Path) -> None:
    assert make_settings(tmp_path).public_url == URL


# ---- Templates and languages


TEMPLATES = sorted(project_path("templates").rglob("*.html"))


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.name if path.parent.name == "" else f"{path.parent.name}/{path.name}"
)
def test_every_template_parses(web: Flask, path: Path) -> None:
    name = str(path.relative_to(project_path("templates")))
    web.jinja_env.get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_switches_escaping_off(path: Path) -> None:
    text = path.read_text()
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape false" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "a script of its own would need unsafe-inline"
    assert not re.search(r"\son(click|load|change|submit|input|error|focus|blur|key\w+)=|\sstyle=", text), (
        "handlers and styles in place would need unsafe-inline"
    )


def test_templates_escape_by_default(web: Flask) -> None:
    environment: Environment = web.jinja_env
    assert environment.autoescape
    assert environment.from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;" or web.select_jinja_autoescape(
        "x.html"
    )


CATALOGUES = sorted((PACKAGE / "locale").rglob("*.po"))


def messages() -> list[tuple[str, Message]]:
    found = []
    for path in CATALOGUES:
        with path.open("rb") as file:
            found += [(path.name, message) for message in read_po(file) if message.id]
    return found


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def placeholders(text: str) -> set[str]:
    braces = {name for _, name, _, _ in string.Formatter().parse(text) if name} if "{" in text else set()
    return set(re.findall(r"%\((\w+)\)[sd]", text)) | braces


def test_every_sentence_has_its_german() -> None:
    assert len(CATALOGUES) >= 3
    missing = [(name, m.id) for name, m in messages() if not all(forms(m.string)) or m.fuzzy]
    assert missing == []


def test_both_languages_have_the_same_placeholders() -> None:
    wrong = []
    for name, message in messages():
        asked = set().union(*map(placeholders, forms(message.id)))
        if any(placeholders(german) - asked or (asked - placeholders(german) and len(forms(message.id)) == 1)
               for german in forms(message.string)):  # fmt: skip
            wrong.append((name, message.id))
    assert wrong == []


def test_no_sentence_is_translated_twice_differently() -> None:
    seen: dict[Any, Any] = {}
    for _, message in messages():
        assert seen.setdefault(str(message.id), message.string) == message.string


# ---- The house


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    migrations = {name: length for name, length in lengths.items() if name.startswith("store/migrations/versions")}
    assert {name: n for name, n in lengths.items() if n > 300 and name not in migrations} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{name_of(path)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in MODULES if not name_of(path).startswith("store/migrations/versions")
        for function in functions(path)
    }  # fmt: skip
    assert {name: n for name, n in long.items() if n > 50} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path) for path in MODULES if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert [name for name in silent if not name.startswith("store/migrations")] == []


def test_nothing_is_printed_or_logged_past_the_log() -> None:
    for path in MODULES:
        if name_of(path).startswith(("cli.py", "demo/", "serve.py", "store/migrations")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_print = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            assert not is_print, name_of(path)


NEVER_LOGGED = {"token", "email", "name", "first_name", "last_name", "message", "text", "user_id", "order_id", "number",
                "signature", "body", "address", "subject", "secret", "key"}  # fmt: skip


def test_no_log_line_takes_anything_personal() -> None:
    """Values with such a name are never handed to the log (design §5.8)."""
    wrong = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_log(node.func):
                wrong += [f"{name_of(path)}: {k.arg}" for k in node.keywords if k.arg in NEVER_LOGGED]
                wrong += [f"{name_of(path)}: f-string" for arg in node.args if isinstance(arg, ast.JoinedStr)]
    assert wrong == []


def _is_log(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "log"
