"""A shop's past is read in pages after the install; later, what changed without an event. None gets a surprise."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.saleor.payloads import read_buyer, read_order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.reward_order import keep_page, want_if_undecided
from saleor_loyalty_app.store import history, orders, work
from saleor_loyalty_app.store.customers import email_key, remember_buyer
from saleor_loyalty_app.store.shops import Shop, change_shop

log = structlog.get_logger()

PAGE = 100
"""Saleor's largest page (api-facts §5)."""
SWEEP_OVERLAP = timedelta(minutes=10)
"""Clocks differ and transactions commit late: a sweep begins a little before the last one ended."""


def read_history_page(app: App, shop: Shop, kind: str, pace: Pace) -> bool:
    """Read and keep one page of orders or customers; return whether there is more.

    Page and cursor are written in one transaction, so a crash repeats at most the reading of a page. Raises
    TryAgain, Denied or HumanMustAct.
    """
    with app.database.read() as db:
        reading = history.history_of(db, shop.id).get(kind)
    if reading is None or reading.state == history.DONE:
        return False
    pace.wait()
    page = _ask_page(app, shop, kind, reading)
    with app.database.write() as db:
        _keep(app, db, shop, kind, [edge["node"] for edge in page["edges"]])
        more = bool(page["pageInfo"]["hasNextPage"])
        history.change_reading(
            db,
            shop.id,
            kind,
            state=history.READING if more else history.DONE,
            cursor=page["pageInfo"]["endCursor"],
            read=reading.read + len(page["edges"]),
            total=page["totalCount"] if reading.total is None else reading.total,
            updated_at=app.now(),
            last_error=None,
        )
        if not more and all(read.state == history.DONE for read in history.history_of(db, shop.id).values()):
            work.want(db, shop.id, "review:", due_at=app.now(), now=app.now())
    return more


def sweep_changes(app: App, shop: Shop) -> int:
    """Ask for every order that changed since the last sweep and look again at those we know differently.

    Some changes fire nothing we get, or came while the app was inactive (design §5.14). Returns how many
    orders are to be looked at. Raises TryAgain, Denied or HumanMustAct.
    """
    since = (shop.swept_to or shop.installed_at) - SWEEP_OVERLAP
    pace = Pace(app.settings.history_requests_per_minute)
    wanted, cursor, swept_to = 0, None, shop.swept_to
    while True:
        pace.wait()
        page = app.client(shop).ask(
            "ReadOrders",
            first=PAGE,
            after=cursor,
            where={"updatedAt": {"gte": since.isoformat()}},
            sortBy={"field": "LAST_MODIFIED_AT", "direction": "ASC"},
        )["orders"]
        with app.database.write() as db:
            for edge in page["edges"]:
                wanted += _want_if_changed(app, db, shop, edge["node"])
                # The shop's own clock: ours may differ, and what it skipped when it was put right would be lost.
                swept_to = datetime.fromisoformat(edge["node"]["updatedAt"])
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    with app.database.write() as db:
        change_shop(db, shop.id, swept_to=swept_to)
    log.info("swept", shop=shop.id, orders=wanted)
    return wanted


def _want_if_changed(app: App, db: Any, shop: Shop, node: dict[str, Any]) -> int:
    known = orders.order_by_saleor_id(db, shop.id, node["id"])
    if known and known.updated_at >= datetime.fromisoformat(node["updatedAt"]):
        return int(want_if_undecided(app, db, shop, known))
    now = app.now()
    work.want(db, shop.id, f"order:{node['id']}", due_at=now, now=now)
    return 1


def _ask_page(app: App, shop: Shop, kind: str, reading: history.HistoryRead) -> dict[str, Any]:
    client = app.client(shop)
    if kind == "customers":
        return dict(client.ask("ReadCustomers", first=PAGE, after=reading.cursor)["customers"])
    where = {"createdAt": {"gte": reading.read_from.isoformat()}} if reading.read_from else None
    answer = client.ask(
        "ReadOrders",
        first=PAGE,
        after=reading.cursor,
        where=where,
        sortBy={"field": "CREATED_AT", "direction": "ASC"},
    )
    return dict(answer["orders"])


def _keep(app: App, db: Any, shop: Shop, kind: str, nodes: list[dict[str, Any]]) -> None:
    if kind == "orders":
        for row in keep_page(app, db, shop, [read_order(node) for node in nodes]):
            want_if_undecided(app, db, shop, row)
        return
    for buyer in map(read_buyer, nodes):
        remember_buyer(db, shop.id, buyer, key=email_key(app.secret(shop), buyer.email), now=app.now())
