"""What came becomes work, and work becomes a round: which reaction each subject leads to, and how a round ends."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError

from saleor_loyalty_app.domain.saying import Saying, mark, said
from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.saleor.errors import Denied, HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.refusals import denial
from saleor_loyalty_app.services.add_order_lines import add_order_lines, confirm_order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.erase_person import take_tier_from_shop
from saleor_loyalty_app.services.log_reference import logged_as
from saleor_loyalty_app.services.look_for_deleted import look_for_deleted
from saleor_loyalty_app.services.mirror_tiers import mirror_tiers
from saleor_loyalty_app.services.print_batch import typeset_chunk
from saleor_loyalty_app.services.read_history import read_history_page, sweep_changes
from saleor_loyalty_app.services.refresh_customer import forget_customer, refresh_customer
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.run_out import replan_waiting
from saleor_loyalty_app.services.tell_problems import SUBJECT as PROBLEMS
from saleor_loyalty_app.services.tell_problems import tell_problems
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.services.tell_stock import tell_stock
from saleor_loyalty_app.services.tend_shop import (
    LOOK_AGAIN_SECONDS,
    look_for_permission,
    pause_shop,
    remove_shop,
    tend_shop,
)
from saleor_loyalty_app.services.variant_stock import want_all_stock
from saleor_loyalty_app.store import inbox, work
from saleor_loyalty_app.store.shops import ACTIVE, Shop, shop_by_id

log = structlog.get_logger()

COALESCE = timedelta(seconds=0.5)
"""An order sends about five events within a second or two; they become one round."""
PROBLEMS_TOLD_AFTER = timedelta(seconds=30)
"""Troubles seldom come alone: the dashboard is told of all of them at once."""
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
GIVE_UP_AFTER = 40
"""Rounds in a row that ended with "try again": with the waits above, about a day and a half."""

DENIED_TIMES = 3
"""So often a refusal that the shop itself does not explain is taken for one that passes."""

DATABASE_TROUBLE = mark(
    "The app's own database had trouble (%(kind)s). If this lasts, show the app's log to whoever looks after the app."
)
OWN_TROUBLE = mark(
    "Something in the app itself went wrong (%(kind)s). Try again; if it stays, show the app's log to whoever looks "
    "after the app."
)
GIVEN_UP = mark("%(trouble)s It was tried %(times)s times. Put right what is wrong, then try again.")
NOT_ACTIVE = Saying(
    "The app is not active in the shop. Activate it in the dashboard under Extensions; it then goes on by itself."
)

CONTINUE: Final = object()
"""What a step returns when there is more of the same to do: the round ends here and the next one goes on."""

Reaction = Callable[[App, Shop, str], object]

REACTIONS: Mapping[str, Mapping[str, Reaction]] = {
    "order": {"reward": reward_order, "add_lines": add_order_lines, "tell": tell_shop, "confirm": confirm_order},
    "customer": {"refresh": refresh_customer},
    "erasure": {"forget": forget_customer},
    "unmirror": {"unmirror": take_tier_from_shop},
    "mirror": {"mirror": lambda app, shop, _: mirror_tiers(app, shop)},
    "shop": {
        "tend": lambda app, shop, _: tend_shop(app, shop),
        "stock": lambda app, shop, _: want_all_stock(app, shop),
        "problems": lambda app, shop, _: want_problems(app, shop),
    },
    "problems": {"tell": lambda app, shop, _: tell_problems(app, shop)},
    "stock": {"tell": tell_stock},
    "extra": {"replan": lambda app, shop, extra: CONTINUE if replan_waiting(app, shop, extra) else None},
    "permission": {"look": look_for_permission},
    "pause": {"pause": lambda app, shop, _: pause_shop(app, shop)},
    "removal": {"remove": lambda app, shop, _: remove_shop(app, shop)},
    "sweep": {"sweep": lambda app, shop, _: sweep_changes(app, shop)},
    "deleted": {"look": lambda app, shop, _: CONTINUE if look_for_deleted(app, shop) else None},
    "print": {"typeset": lambda app, shop, code: CONTINUE if typeset_chunk(app, shop, code) else None},
    "review": {"review": lambda app, shop, _: review_tiers(app, shop)},
    "history": {
        "orders": lambda app, shop, _: _read_history(app, shop, "orders"),
        "customers": lambda app, shop, _: _read_history(app, shop, "customers"),
    },
}
"""By what a subject is about: the steps of its round, in order. A step may run twice; each is safe to repeat."""


STEPS = Counter("loyalty_steps_total", "Steps of rounds, by how they ended", ["about", "step", "ending"])
STEP_SECONDS = Histogram("loyalty_step_seconds", "How long steps of rounds took", ["about", "step"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a step or round ended: done, again after a while, or failed until a human acts; `error` is a kept saying."""

    again_in_seconds: float | None = None
    error: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether the next step may run."""
        return self.error is None and self.again_in_seconds is None


def take_in(app: App) -> int:
    """Turn what came into work; return how many rows were taken."""
    with app.database.read() as db:
        rows = inbox.waiting(db)
    if rows:
        first: dict[tuple[int, str], datetime] = {}
        for _, shop_id, subject, received_at in rows:
            first.setdefault((shop_id, subject), received_at)
        with app.database.write() as db:
            work.want_all(db, [(*about, at + COALESCE) for about, at in first.items()], now=app.now())
            inbox.mark_taken(db, [row[0] for row in rows], app.now())
    return len(rows)


def claim(
    app: App, *, limit: int, limit_per_shop: int | None = None, busy: Mapping[int, int] | None = None, after: int = 0
) -> list[work.Work]:
    """The rounds that are due now, claimed for this worker to start: see `work.claim_due`."""
    with app.database.read() as db:
        if not work.due_shares(db, app.now(), limit=limit, limit_per_shop=limit_per_shop, busy=busy, after=after):
            return []
    with app.database.write() as db:
        return work.claim_due(db, app.now(), limit=limit, limit_per_shop=limit_per_shop, busy=busy, after=after)


def do_round(app: App, shop_id: int, subject: str, round: int) -> None:
    """One round about one subject: its steps in order until one does not end well, then the ending is written.

    A round that has ended is left alone, whoever asks for it again.
    """
    with app.database.read() as db:
        item = work.running_round(db, shop_id, subject, round)
        if item is None:
            return
        shop = shop_by_id(db, shop_id)
    ending = Ending()
    with logged_as(app, shop, subject):
        for step in REACTIONS[subject.partition(":")[0]]:
            ending = do_step(app, shop_id, subject, step)
            if not ending.is_done:
                break
        end_round(app, shop_id, subject, round, ending, after_trouble=item.attempts > 0)


def do_step(app: App, shop_id: int, subject: str, step: str) -> Ending:
    """Carry out one step of a round. Trouble becomes an ending, never an exception: the engine keeps endings."""
    with STEP_SECONDS.labels(subject.partition(":")[0], step).time():
        ending = _do_step(app, shop_id, subject, step)
    STEPS.labels(subject.partition(":")[0], step, "done" if ending.error is None else "trouble").inc()
    return ending


def _do_step(app: App, shop_id: int, subject: str, step: str) -> Ending:
    about, _, id = subject.partition(":")
    try:
        with app.database.read() as db:
            shop = shop_by_id(db, shop_id)
        more = REACTIONS[about][step](app, shop, id)
    except Denied as denied:
        return _denied(app, shop, subject, denied)
    except TryAgain as trouble:
        return _again(app, shop_id, subject, trouble.saying, wait_seconds=trouble.wait_seconds)
    except HumanMustAct as trouble:
        return Ending(error=trouble.saying.kept())
    except SQLAlchemyError as trouble:
        log.exception("database_trouble", shop=shop_id, about=about, step=step)
        return _again(app, shop_id, subject, Saying(DATABASE_TROUBLE, kind=type(trouble).__name__))
    except Exception as bug:
        log.exception("unexpected_trouble", shop=shop_id, about=about, step=step)
        return Ending(error=Saying(OWN_TROUBLE, kind=type(bug).__name__).kept())
    return Ending(again_in_seconds=0) if more is CONTINUE else Ending()


def end_round(app: App, shop_id: int, subject: str, round: int, ending: Ending, *, after_trouble: bool = False) -> None:
    """Write how a round ended; a second time changes nothing.

    The dashboard is told soon of what needs a person now, and of what no longer does, `after_trouble`.
    """
    again_in = None if ending.again_in_seconds is None else timedelta(seconds=ending.again_in_seconds)
    with app.database.write() as db:
        work.end_round(db, shop_id, subject, round, now=app.now(), again_in=again_in, error=ending.error)
        failed, settled = ending.error and again_in is None, ending.is_done and after_trouble
        if (failed or settled) and subject != PROBLEMS:
            work.want(db, shop_id, PROBLEMS, due_at=app.now() + PROBLEMS_TOLD_AFTER, now=app.now())
    if ending.error:
        about, error = subject.partition(":")[0], said(ending.error, "en")
        log.warning("round_ended", shop=shop_id, about=about, round=round, error=error)


PAGES_PER_ROUND = 10


def want_problems(app: App, shop: Shop) -> None:
    """Have the dashboard's list of problems looked after: what was settled meanwhile is taken off it."""
    with app.database.write() as db:
        work.want(db, shop.id, PROBLEMS, due_at=app.now(), now=app.now())


def _read_history(app: App, shop: Shop, kind: str) -> object:
    pace = Pace(app.settings.history_requests_per_minute)
    for _ in range(PAGES_PER_ROUND):
        if not read_history_page(app, shop, kind, pace):
            return None
    return CONTINUE


def _denied(app: App, shop: Shop, subject: str, denied: Denied) -> Ending:
    """Tell a missing permission from an app that was deactivated or removed: ask the shop about ourselves."""
    try:
        tend_shop(app, shop)
    except TryAgain as trouble:
        return _again(app, shop.id, subject, trouble.saying, wait_seconds=trouble.wait_seconds)
    except HumanMustAct as trouble:
        return Ending(again_in_seconds=LONGEST_WAIT_SECONDS, error=trouble.saying.kept())
    with app.database.read() as db:
        now, tries = shop_by_id(db, shop.id), work.attempts(db, shop.id, subject)
    if now.sealed_token != shop.sealed_token:
        return Ending(again_in_seconds=0)  # it was installed again meanwhile
    if now.state != ACTIVE:
        return Ending(again_in_seconds=0, error=NOT_ACTIVE.kept())
    missing = () if now.permissions.intersection(denied.needed) else denied.needed
    with app.database.write() as db:
        if missing:
            soon = app.now() + timedelta(seconds=LOOK_AGAIN_SECONDS)
            work.want(db, shop.id, f"permission:{','.join(missing)}", due_at=soon, now=app.now())
        elif not tries:  # what came while it lacked something was never delivered
            work.want(db, shop.id, "sweep:", due_at=app.now(), now=app.now())
    if not missing and tries < DENIED_TIMES:
        return _again(app, shop.id, subject, denied.saying)  # it was given back between the refusal and our question
    return Ending(error=denial(denied.what, missing).kept())


def _again(app: App, shop_id: int, subject: str, trouble: Saying, *, wait_seconds: float = 0) -> Ending:
    with app.database.read() as db:
        tries = work.attempts(db, shop_id, subject)
    if tries >= GIVE_UP_AFTER:
        return Ending(error=Saying(GIVEN_UP, trouble=trouble, times=tries).kept())
    backoff = min(FIRST_WAIT_SECONDS * 2**tries, LONGEST_WAIT_SECONDS) * random.uniform(1, 1.2)  # noqa: S311
    # What a shop asks for is kept, and not by everybody to the same instant.
    wait = max(wait_seconds * random.uniform(1, 1.1), backoff)  # noqa: S311
    return Ending(again_in_seconds=wait, error=trouble.kept())
