"""How the app and its shops are, as findings: what `saleor-loyalty doctor` prints and the health page shows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection as Db

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.saying import Saying, counted, mark, read_saying
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.saleor.refusals import permission_name
from saleor_loyalty_app.services.add_order_lines import TOTAL_CHANGED
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.look_at_shop import Connection, look_at_shop
from saleor_loyalty_app.services.publish_program import STARTER
from saleor_loyalty_app.services.tend_shop import DIFFERENT, MISSING, WebhookState
from saleor_loyalty_app.store import history, inbox, orders, queue_state, tasks, today, work, workers
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT, LIVE, Shop, all_shops
from saleor_loyalty_app.store.work import Work

WORKER_IS_ALIVE = timedelta(seconds=30)
LINES = 10
"""How many failed and waiting pieces of work are named one by one."""

STATES = {
    "inactive": Saying(
        "The app was deactivated by staff. Nothing happens until it is activated again under Extensions."
    ),
    "silent": Saying(
        "The shop no longer knows the app: it was deactivated or removed there. Activate it under Extensions, or "
        "install it again."
    ),
    "dormant": Saying("The app was removed. Install it again to go on; what is stored is kept for a while."),
}
ABOUT: Mapping[str, Saying] = {
    "order": Saying("An order"),
    "customer": Saying("The record of a customer"),
    "erasure": Saying("Erasing a customer"),
    "mirror": Saying("Telling the shop who is in which tier"),
    "unmirror": Saying("Taking a tier out of the shop's data"),
    "stock": Saying("The stock of an extra that the shop counts"),
    "shop": Saying("The connection to the shop"),
    "permission": Saying("Looking for a permission that was taken away"),
    "pause": Saying("The pause of the app"),
    "removal": Saying("The removal of the app"),
    "sweep": Saying("Catching up on changes"),
    "deleted": Saying("Looking for deleted accounts"),
    "print": Saying("A job of the print room"),
    "extra": Saying("Planning anew what waits for an extra that ran out"),
    "review": Saying("The review of tiers"),
    "history": Saying("The reading of the history"),
    "problems": Saying("The list of problems in the dashboard"),
}
"""What a piece of work is about, by the first part of its subject."""
WITHOUT: Mapping[str, Saying] = {
    "MANAGE_ORDERS": Saying("no order can be read and no packing note written"),
    "MANAGE_USERS": Saying("no customer can be read and no tier kept"),
    "MANAGE_DISCOUNTS": Saying("extras can't be added as lines of an order, only named in the packing note"),
    "MANAGE_PRODUCTS": Saying("the stock of extras that are variants of the shop is not kept in the shop"),
}
"""What the lack of a permission costs."""
MISSING_REQUIRED = mark(
    "The permission “%(permission)s” is missing, so %(cost)s. Give it back in the dashboard under Extensions."
)
MISSING_OPTIONAL = mark("Without the permission “%(permission)s” %(cost)s.")
NEEDS_A_PERSON = mark("%(what)s needs a person. %(trouble)s")
OF_ABOUT = mark("The history of %(kind)s is being read: %(count)s of about %(total)s.")
READINGS = {"orders": Saying("orders"), "customers": Saying("customers")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to say about the app, or about one shop, and whether a person should do something."""

    saying: Saying
    is_problem: bool = False


def check_health(app: App, *, only_url: str | None = None) -> list[tuple[str, Finding]]:
    """Everything worth saying about the app and its shops (or one of them), each with the shop's address, or ""."""
    with app.database.read() as db:
        shops = [shop for shop in all_shops(db) if only_url in {None, shop.saleor_api_url}]
    found = [("", finding) for finding in app_findings(app)]
    if not shops:
        found.append(("", Finding(saying=Saying("No shop has installed the app yet."))))
    for shop in shops:
        about = [*shop_findings(app, shop)]
        if shop.state != DORMANT:
            about += connection_findings(look_at_shop(app, shop))
        found += [(shop.saleor_api_url, finding) for finding in about]
    return found


def app_findings(app: App) -> Iterator[Finding]:
    """What is to be said about the app itself: whether anybody works."""
    alive = living_workers(app)
    if alive:
        yield Finding(saying=counted("%(number)s worker is at work.", "%(number)s workers are at work.", alive))
    else:
        words = Saying(
            "No worker is running, so nothing is done: start `saleor-loyalty run` or `saleor-loyalty worker`."
        )
        yield Finding(saying=words, is_problem=True)


def living_workers(app: App) -> int:
    """How many workers were heard of a moment ago."""
    with app.database.read() as db:
        return sum(1 for seen in workers.seen(db).values() if app.now() - seen < WORKER_IS_ALIVE)


def shop_findings(app: App, shop: Shop) -> Iterator[Finding]:
    """What our own tables say about a shop; the shop itself is not asked."""
    if shop.state != ACTIVE:
        yield Finding(saying=STATES[shop.state], is_problem=True)
    with app.database.read() as db:
        program = current_program(db, shop)
        yield from _of_program(db, shop, program)
        yield from _of_history(db, shop)
        last = inbox.last_received(db, shop.id)
        if last:
            yield Finding(saying=Saying("The shop was last heard of on %(at)s.", at=last))
        else:
            yield Finding(saying=Saying("No event has come from the shop yet."))
        yield from _of_work(db, shop)
        for task in tasks.open_tasks(db, shop.id):
            yield Finding(saying=_of_task(task), is_problem=True)


def connection_findings(connection: Connection) -> Iterator[Finding]:
    """What the shop itself says."""
    if connection.trouble:
        yield Finding(
            saying=Saying("The shop can't be asked. %(trouble)s", trouble=connection.trouble), is_problem=True
        )
        return
    yield Finding(saying=Saying("The shop answers. It runs Saleor %(version)s.", version=connection.saleor_version))
    for code in connection.missing_required:
        yield Finding(saying=Saying(MISSING_REQUIRED, **_lack(code)), is_problem=True)
    for code in connection.missing_optional:
        yield Finding(saying=Saying(MISSING_OPTIONAL, **_lack(code)))
    yield from _of_webhooks(connection.wrong_webhooks)
    if connection.deliveries_trouble:
        trouble = connection.deliveries_trouble
        yield Finding(saying=Saying("Whether deliveries failed can't be read. %(trouble)s", trouble=trouble))
    elif failed := len(connection.failed_deliveries):
        yield Finding(
            saying=counted(
                "The shop could not deliver %(number)s event lately. What it told of is caught up on every night.",
                "The shop could not deliver %(number)s events lately. What they told of is caught up on every night.",
                failed,
            )
        )


def about_work(subject: str, numbers: Mapping[str, str]) -> Saying:
    """What a piece of work is about; `numbers` are order numbers by the shop's id of the order."""
    kind, _, id = subject.partition(":")
    if kind == "order" and id in numbers:
        return Saying("Order %(order)s", order=numbers[id])
    return ABOUT.get(kind) or Saying("Something else")


def order_numbers(db: Db, shop: Shop, rows: Iterable[Work]) -> dict[str, str]:
    """The numbers of the orders that pieces of work are about, by the shop's id of the order."""
    ids = [row.subject.removeprefix("order:") for row in rows if row.subject.startswith("order:")]
    return {id: number for id, (_, number) in today.order_numbers(db, shop.id, ids).items()}


def _of_program(db: Db, shop: Shop, program: Program) -> Iterator[Finding]:
    if shop.mode == LIVE:
        yield Finding(saying=Saying("The program is live."))
    else:
        yield Finding(saying=Saying("This is a rehearsal: nothing is told to the shop."))
    if shop.mode == LIVE and program.sender == read_program(package_text(STARTER)).sender:
        words = Saying(
            "Notes are signed “%(name)s”, as in the program that every shop begins with. Name a person of yours in the "
            "program.",
            name=program.sender.name,
        )
        yield Finding(saying=words, is_problem=True)
    for currency in sorted(orders.currencies_of(db, shop.id) - program.factors.keys()):
        words = Saying(
            "Orders in %(currency)s count as orders, but not as spend: the program has no rate for this currency.",
            currency=currency,
        )
        yield Finding(saying=words)


def _of_history(db: Db, shop: Shop) -> Iterator[Finding]:
    for reading in history.history_of(db, shop.id).values():
        kind, count, total = READINGS[reading.kind], reading.read, reading.total
        if reading.state == history.DONE:
            saying = Saying("The history of %(kind)s is read: %(count)s.", kind=kind, count=count)
        elif total is None:
            saying = Saying("The history of %(kind)s is being read: %(count)s so far.", kind=kind, count=count)
        else:
            saying = Saying(OF_ABOUT, kind=kind, count=count, total=total)
        yield Finding(saying=saying)


def _of_work(db: Db, shop: Shop) -> Iterator[Finding]:
    failed, again = work.failed(db, shop.id, limit=LINES), queue_state.next_tries(db, shop.id, limit=LINES)
    numbers, queue = order_numbers(db, shop, [*failed, *again]), queue_state.queue_of(db, shop.id)
    for row in failed:
        saying = Saying(
            NEEDS_A_PERSON, what=about_work(row.subject, numbers), trouble=read_saying(row.last_error)
        )  # fmt: skip
        yield Finding(saying=saying, is_problem=True)
    if queue.failed > LINES:
        more = counted("%(number)s more needs a person.", "%(number)s more need a person.", queue.failed - LINES)
        yield Finding(saying=more, is_problem=True)
    for row in again:
        yield Finding(
            saying=Saying(
                "%(what)s did not work yet; the next try is on %(at)s. %(trouble)s",
                what=about_work(row.subject, numbers),
                at=row.due_at or row.updated_at,
                trouble=read_saying(row.last_error),
            )
        )
    if queue.retrying > LINES:
        yield Finding(
            saying=counted(
                "%(number)s more is tried again by itself.", "%(number)s more are tried again by themselves.",
                queue.retrying - LINES,
            )
        )  # fmt: skip


def _of_task(task: tasks.Task) -> Saying:
    if task.kind != TOTAL_CHANGED:
        return Saying("Something waits for a person on the page “Today”.")
    detail = {name: str(value) for name, value in task.detail.items()}
    return Saying(
        "Order %(number)s: adding an extra changed its total from %(before)s to %(after)s %(currency)s. Please check "
        "what the customer owes, then press “Looked after” on the page “Today”.",
        **detail,
    )


def _of_webhooks(wrong: tuple[WebhookState, ...]) -> Iterator[Finding]:
    for one in wrong:
        if one.state == MISSING:
            saying = Saying("The webhook %(name)s is missing. Press “Repair”, or restart the worker.", name=one.name)
        elif one.state == DIFFERENT:
            saying = Saying(
                "The webhook %(name)s is not as it should be. Press “Repair”, or restart the worker.", name=one.name
            )
        else:
            saying = Saying("The webhook %(name)s is no longer used. “Repair” takes it away.", name=one.name)
        yield Finding(saying=saying, is_problem=one.state in {MISSING, DIFFERENT})


def _lack(code: str) -> dict[str, Any]:
    return {"permission": permission_name(code), "cost": WITHOUT[code]}
