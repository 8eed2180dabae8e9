"""What waits for a person stands in the dashboard's own list of this app's problems, until it is looked after.

Saleor before 3.22.36 has no such list; there the panel alone says it.
"""

from datetime import datetime

from sqlalchemy import Connection

from saleor_loyalty_app.domain.saying import Saying, read_saying
from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.saleor.refusals import asked, refusal
from saleor_loyalty_app.services.add_order_lines import TOTAL_CHANGED
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.check_health import ABOUT, NEEDS_A_PERSON
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.store import effects, tasks, work
from saleor_loyalty_app.store.shops import Shop

SUBJECT = "problems:"
TOLD = "problem:"
"""The effect of each problem, followed by its key; its detail holds the message while it stands."""
MOST_AT_ONCE = 100


def tell_problems(app: App, shop: Shop) -> int:
    """Bring the list in the dashboard up to date; return how many entries were made or taken back. Safe to repeat.

    Raises TryAgain, Denied or HumanMustAct; what was told until then is remembered.
    """
    with app.database.read() as db:
        wanted, told = _wanted(db, shop), _told(db, shop)
    gone = [key for key, message in told.items() if wanted.get(key) != message]
    new = {key: message for key, message in wanted.items() if told.get(key) != message}
    if not gone and not new:
        return 0
    client = app.client(shop)
    if client.ask("Capabilities")["appProblems"] is None:
        return 0
    # An entry whose words change goes first: Saleor would add a second one after an hour.
    for start in range(0, len(gone), MOST_AT_ONCE):
        keys = gone[start : start + MOST_AT_ONCE]
        _carry_out(client, "AppProblemDismiss", keys=keys)
        with app.database.write() as db:
            for key in keys:
                _remember(db, shop, key, None, now=app.now())
    for key, message in new.items():
        if message:
            _carry_out(client, "AppProblemCreate", key=key, message=message, critical=None)
        with app.database.write() as db:
            _remember(db, shop, key, message, now=app.now())
    return len(gone) + len(new)


def _wanted(db: Connection, shop: Shop) -> dict[str, str]:
    """The message of each problem by its key: one for each kind of work that failed, with the newest of its troubles.

    A changed total was told when it was found, by the same key (`add_order_lines`): its message is "".
    """
    locale = current_program(db, shop).languages[0]
    wanted: dict[str, str] = {}
    for row in work.failed(db, shop.id, limit=1000):
        about = row.subject.partition(":")[0]
        saying = Saying(NEEDS_A_PERSON, what=ABOUT[about], trouble=read_saying(row.last_error))
        if row.subject != SUBJECT:
            wanted.setdefault(f"waits-{about}", saying.said(locale))
    for task in tasks.open_tasks(db, shop.id, limit=1000, kinds=(TOTAL_CHANGED,)):
        wanted[f"{TOTAL_CHANGED}-{task.detail['number']}"] = ""
    return wanted


def _told(db: Connection, shop: Shop) -> dict[str, str]:
    known = effects.effects_of(db, shop.id, SUBJECT)
    messages = {one.effect.removeprefix(TOLD): one.detail.get("message") for one in known}
    return {key: message for key, message in messages.items() if message is not None}


def _remember(db: Connection, shop: Shop, key: str, message: str | None, *, now: datetime) -> None:
    effects.begin_effect(db, shop.id, SUBJECT, TOLD + key, now=now)
    effects.end_effect(
        db, shop.id, SUBJECT, TOLD + key, state=effects.DONE, now=now, detail={"message": message}
    )  # fmt: skip


def _carry_out(client: ShopClient, operation: str, **variables: object) -> None:
    (result,) = client.ask(operation, **variables).values()
    if result["errors"]:
        raise HumanMustAct(refusal(asked(operation), result["errors"][0]["message"]))
