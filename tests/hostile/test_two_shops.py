"""A shop sees and changes nothing of another in the same installation: on no route, through no store function."""

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from factories import NOW, a_buyer, an_order
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from test_promises import store_functions
from two_shops import Furnished, address_of, every_row_in, form_with, guarded_rules, rows_of
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from saleor_loyalty_app.domain.tiers import Membership
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import (
    drafts,
    orders,
    parcel_tables,
    parcels,
    print_jobs,
    stationery,
    tiers,
    variant_stock,
)
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customer_lists import CustomerFilter
from saleor_loyalty_app.store.packing_lists import DeskFilter
from saleor_loyalty_app.store.parcel_lists import ParcelFilter
from saleor_loyalty_app.store.viewers import Surroundings

SHARED_NAMES = {"kind", "extra_id", "month", "mode", "version", "rest", "which", "narrowed"}
"""Parts of addresses that say the same in every shop: its own extra, its own month, a list of its own."""


def test_both_shops_have_something_in_every_table(ours: Furnished, theirs: Furnished) -> None:
    for shop in (ours, theirs):
        assert [name for name, rows in rows_of(shop.app, shop.shop.id).items() if not rows] == []


# ---- Every route


def ask(
    shop: Furnished, rule: Rule, method: str, path: str, form: dict[str, Any], *, desk: bool = False
) -> TestResponse:
    headers = shop.desk_headers() if desk else shop.headers()
    return shop.client.open(path, method=method, headers=headers, data=form if method == "POST" else None)


def said(answer: TestResponse, path: str, form: dict[str, Any]) -> str:
    """What an answer says, without what the request said itself."""
    text = answer.data.decode("utf-8", "replace") + str(answer.headers)
    for sent in sorted({path, *path.split("/"), *map(str, form.values())}, key=len, reverse=True):
        text = text.replace(sent, "") if len(sent) > 3 else text
    return text


def names_only_theirs(rule: Rule) -> bool:
    """Whether the address names a thing that only one shop has."""
    return bool(rule.arguments - SHARED_NAMES) and "/program/" not in rule.rule


@pytest.mark.parametrize("desk", [False, True], ids=["with the dashboard's token", "with a desk's token"])
@pytest.mark.parametrize("of_address", ["theirs", "ours"])
def test_no_route_shows_or_changes_anything_of_another_shop(
    app: App, ours: Furnished, theirs: Furnished, desk: bool, of_address: str
) -> None:
    """Their ids in every form, and in every address or in none."""
    before, tried = rows_of(app, theirs.shop.id), 0
    for rule, method in guarded_rules(ours.client.application):
        if desk and not ours.client.application.view_functions[rule.endpoint].is_for_desks:
            continue
        if rule.endpoint in {"desk_sessions.leave", "desk_sessions.end"} and of_address == "ours":
            continue  # the desk would be gone for the next route
        path = address_of(rule, (theirs if of_address == "theirs" else ours).ids)
        form = form_with(theirs.ids)
        answer = ask(ours, rule, method, path, form, desk=desk)
        tried += 1
        found = [word for word in theirs.words() if word in said(answer, path, form)]
        assert found == [], f"{method} {path} shows {found}"
        assert answer.status_code < 500 or answer.status_code == 503, f"{method} {path}: {answer.status_code}"
        if of_address == "theirs" and names_only_theirs(rule):
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
        if method == "POST":
            assert rows_of(app, theirs.shop.id) == before, f"{method} {path} changed something"
    assert rows_of(app, theirs.shop.id) == before
    assert tried > (10 if desk else 90)


def test_the_same_addresses_show_their_own_shop_what_it_has(ours: Furnished, theirs: Furnished) -> None:
    """Otherwise the test above would prove nothing."""
    shown = 0
    for rule, method in guarded_rules(theirs.client.application):
        if method == "GET":
            path = address_of(rule, theirs.ids)
            answer = ask(theirs, rule, method, path, {})
            assert answer.status_code == (503 if rule.endpoint in ASK_THE_SHOP else 200), path
            shown += any(word in said(answer, path, {}) for word in theirs.words())
    assert shown > 15


ASK_THE_SHOP = {"desk_pages.show_orders"}
"""Pages of what the shop answers; it answers nothing here."""
TOKENS: dict[str, Callable[[Furnished, Furnished], dict[str, str]]] = {
    "their token for our shop": lambda ours, theirs: {**theirs.headers(), "Saleor-Api-Url": ours.url},
    "our token for their shop": lambda ours, theirs: {**ours.headers(), "Saleor-Api-Url": theirs.url},
    "our key, their address and app": lambda ours, theirs: {
        **theirs.headers(key=ours.key),
        "Saleor-Api-Url": theirs.url,
    },
    "our key under their key's name": lambda ours, theirs: {
        **theirs.headers(key=ours.key, headers={"kid": f"kid-of-{theirs.key}"}),
        "Saleor-Api-Url": theirs.url,
    },
    "their key for our issuer": lambda ours, theirs: {**ours.headers(key=theirs.key), "Saleor-Api-Url": ours.url},
}


@pytest.mark.parametrize("headers", TOKENS.values(), ids=TOKENS)
def test_no_token_of_one_shop_opens_another(ours: Furnished, theirs: Furnished, headers: Any) -> None:
    for path in ("/panel/", "/panel/desk", f"/panel/customers/{ours.ids['customer_id']}"):
        answer = ours.client.get(path, headers=headers(ours, theirs))
        assert answer.status_code == 401
        assert [word for word in [*theirs.words(), *ours.words()] if word in said(answer, path, {})] == []


def test_a_desk_is_of_the_shop_that_made_its_link_whatever_else_is_sent(ours: Furnished, theirs: Furnished) -> None:
    """Its token begins with the number of a shop: another number makes another, unknown token of it."""
    token = str(theirs.ids["desk_token"])
    swapped = f"{ours.shop.id}.{token.partition('.')[2]}"
    assert ours.client.get("/panel/desk", headers={"Desk-Token": swapped}).status_code == 401
    answer = ours.client.get("/panel/desk", headers={**ours.headers(), "Desk-Token": token})
    assert [word for word in ours.words() if word in answer.text] == []


# ---- Every store function


def values_of(shop: Furnished, db: Connection) -> dict[str, Any]:
    """What a store function's parameters may be called with: by its name, the things of a shop."""
    ids, shop_id = shop.ids, shop.shop.id
    parcel = parcels.parcel_by_code(db, shop_id, ids["code"])
    decision = tiers.decisions_of(db, shop_id, ids["customer_id"])[0].decision
    number = shop.first_number
    words = db.scalar(
        select(metadata.tables["desk_sessions"].c.token_hash).where(
            metadata.tables["desk_sessions"].c.shop_id == shop_id
        )
    )
    assert parcel
    return {
        **ids,
        "parcel": parcel,
        "now": NOW,
        "until": NOW + timedelta(days=1),
        "since": NOW - timedelta(days=9),
        "after": 0,
        "before": NOW + timedelta(days=9),
        "by": ids["user_id"],
        "narrowed": {},
        "limit": 50,
        "mode": "live",
        "month": "2026-06",
        "first": "2026-01",
        "last": "2026-12",
        "parcel_ids": [parcel.id],
        "customer_ids": [ids["customer_id"]],
        "wanted": DeskFilter(),
        "version": 1,
        "tiers": ["gold"],
        "buyer": a_buyer(user_id=ids["customerId"]),
        "key": None,
        "standings": [(ids["customer_id"], Membership(tier="gold"), None)],
        "mirrored": "x",
        "solved": True,
        "exclusions": ("x",),
        "preferences": ("x",),
        "code_hash": "y" * 64,
        "permissions": frozenset({"MANAGE_ORDERS"}),
        "session_id": ids["desk"],
        "token_hash": words,
        "draft": drafts.draft_of(db, shop_id),
        "effect": "note:planned",
        "detail": {"x": 1},
        "state": "skipped",
        "seen": Surroundings(theme="light"),
        "kind": "cards",
        "values": {},
        "extra_id": "caramel",
        "typed": shop.mark,
        "row": orders.order_by_row(db, shop_id, ids["row"]),
        "number": ids["number"],
        "row_id": ids["row"],
        "order_id": ids["orderId"],
        "row_ids": [ids["row"]],
        "order_ids": [ids["orderId"]],
        "factors": {"USD": 1},
        "gift_cards_count": True,
        "reason": "x",
        "order": an_order(number),
        "ready_at": NOW,
        "shipping_method": "x",
        "warehouse_id": ids["warehouse"],
        "of": [(parcel.id, ids["customer_id"])],
        "kinds": ["note_edited"],
        "words": "looked after",
        "to": "printed",
        "text": "x",
        "cost_minor": 1,
        "plan": parcel.plan,
        "item_id": ids["item"],
        "why": "x",
        "item_ids": [ids["item"]],
        "extra_ids": ["caramel"],
        "webp": b"x",
        "png": b"x",
        "options": {},
        "problem": "x",
        "job": print_jobs.job_by_code(db, shop_id, ids["job"]),
        "sealed_pdf": b"x",
        "left_out": [],
        "ready": 1,
        "made_at": NOW,
        "toml": "x",
        "published_by": "x",
        "states": {0: "done"},
        "settings": {},
        "pieces": 1,
        "task_id": ids["task"],
        "decision": decision,
        "decided": [(ids["customer_id"], decision, None)],
        "standing": "secure",
        "variant_id": f"{shop.mark}-variant",
        "reading": variant_stock.readings(db, shop_id)["soap"],
        "origin": "https://x.example",
        "name": f"{shop.mark}-house",
        "round": 1,
        "due_at": NOW,
        "gone": [],
        "come": [],
        "choice": parcel.plan.note,
        "read_from": NOW,
        "rotate": bytes,
        "column": metadata.tables["parcels"].c.channel,
        "table": metadata.tables["parcels"],
        "program_version": 1,
        "story": parcel.story,
        "means": parcel.means,
        "channel": "x",
        "circumstances": {},
        "customer_id": ids["customer_id"],
        "code": ids["code"],
    }


OWN_KINDS: dict[str, dict[str, Any]] = {
    # Where a name means something else than in most functions.
    "batches.batch_by_code": {"code": "batch"},
    "customers.customer_by_user": {"user_id": "customerId"},
    **{
        f"missing_extras.{name}": {"extra_id": "surprise"}
        for name in ("count_waiting", "mark_missing", "waiting_items")
    },
    "print_jobs.end_job": {"code": "job"},
    "print_jobs.job_by_code": {"code": "job"},
    "print_lists.parcels_in_batch": {"code": "batch"},
}
OTHER_VALUES: dict[str, dict[str, Any]] = {
    "customer_lists.customer_page": {"wanted": CustomerFilter(), "after": ""},
    "parcel_lists.parcel_page": {"wanted": ParcelFilter(), "before": None},
    "failed_orders.failed_lines": {"wanted": ParcelFilter(), "after": None},
    "orders.orders_between": {"after": NOW - timedelta(days=9)},
    "packing_lists.desk_page": {"after": None},
    "print_jobs.job_items": {"since": 0},
    "stationery.keep_picture": {"kind": stationery.LOGO},
    "stationery.drop_picture": {"kind": stationery.LOGO},
    "tasks.close_task": {"kind": "total_changed"},
    "tasks.is_open": {"kind": "total_changed"},
    "tasks.task_about": {"kind": "total_changed"},
    "history.change_reading": {"kind": "orders", "state": "done"},
    "shops.change_shop": {"mode": "rehearsal"},
    "history.start_reading": {"kind": "orders"},
    "parcels.add_item": {"kind": "surprise"},
    "variant_stock.mark_told": {"until": 10**6},
    "effects.take_effect": {"seen": None},
    "orders.write_facts_over": {"known": None, "sums": True},
    "rows.rows_where": {"table": parcel_tables.parcels, "state": "planned"},
    "rows.change_where": {"table": parcel_tables.parcels, "changes": {"tier": "gold"}, "state": "planned"},
    "timeline.timeline": {"before": None, "kinds": []},
    "parcel_changes.add_change": {"wish": str(uuid4())},
}


@pytest.fixture
def functions() -> dict[str, Callable[..., Any]]:
    """Every store function of a shop: those that take a connection, and then their shop."""
    found = {
        name: function
        for name, function in store_functions()
        if [p.name for p in inspect.signature(function).parameters.values()][:2] == ["db", "shop_id"]
    }
    assert len(found) > 150
    return found


NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class _Enough(Exception):
    """Ends a transaction without keeping it."""


def call(
    app: App, name: str, function: Callable[..., Any], shop_id: int, *, of: Furnished, watched: int
) -> tuple[Any, bool, Any]:
    """Call a store function for a shop with the things of another; what it returned, whether the watched shop's rows
    changed, and what was raised. Nothing is kept."""
    returned: Any = None
    changed, raised = False, None
    try:
        with app.database.write() as db:
            values = {**values_of(of, db), **OTHER_VALUES.get(name, {})}
            values |= {to: of.ids[source] for to, source in OWN_KINDS.get(name, {}).items()}
            if name == "parcel_changes.add_changes":
                values["of"] = [(*pair, str(uuid4())) for pair in values["of"]]
            if name == "parcel_notes.write_text":
                values["words"] = values["choice"]
            before = every_row_in(db, watched)
            wanted = list(inspect.signature(function).parameters.values())[2:]
            named = [p for p in wanted if p.kind in NAMED]
            given = {p.name: values[p.name] for p in named if p.name in values or p.default is p.empty}
            if any(p.kind is p.VAR_KEYWORD for p in wanted):
                given |= OTHER_VALUES[name]
            try:
                with db.begin_nested():
                    returned = function(db, shop_id, **given)
                    returned = list(returned) if isinstance(returned, Iterator) else returned
            except (LookupError, IntegrityError) as refused:
                raised = refused
            changed = every_row_in(db, watched) != before
            raise _Enough
    except _Enough:
        pass
    return returned, changed, raised


def test_no_store_function_shows_or_changes_anything_of_another_shop(
    app: App, ours: Furnished, theirs: Furnished, functions: dict[str, Callable[..., Any]]
) -> None:
    for name, function in functions.items():
        returned, changed, _ = call(app, name, function, ours.shop.id, of=theirs, watched=theirs.shop.id)
        assert not changed, f"{name} changed something of another shop"
        if name not in MAKES_ROWS:
            assert [word for word in theirs.words() if word in repr(returned)] == [], f"{name} returned {returned!r}"


MAKES_ROWS = {
    "parcels.add_parcel": "returns the parcel that it made of what it was given",
}


def test_the_same_calls_find_and_change_much_of_their_own_shop(
    app: App, theirs: Furnished, functions: dict[str, Callable[..., Any]]
) -> None:
    """Otherwise the test above would prove nothing."""
    results = {
        name: call(app, name, function, theirs.shop.id, of=theirs, watched=theirs.shop.id)
        for name, function in functions.items()
    }
    idle = {name for name, (returned, changed, _) in results.items() if not changed and not returned}
    assert len(idle) < len(results) / 4, sorted(idle)
