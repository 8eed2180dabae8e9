"""What must hold when a scene is over, order by order: nothing lost, nothing double, every sum exact."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from chaos.stage import LINES, PIECES, Stage
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.domain.planning import plan_parcel
from saleor_loyalty_app.services.decide_tier import program_of
from saleor_loyalty_app.services.known_order import known_order
from saleor_loyalty_app.services.plan_parcel import month_of
from saleor_loyalty_app.store import orders, parcels, stock, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.inbox import body_hash
from saleor_loyalty_app.store.parcel_tables import costs
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import inbox

FREE = {"Sweet", "Sample", "Card"}
KEPT = '"kept"'
MANY = 10
"""From so many orders on, most of which are guests', some must be comparable."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one order: what it rested on, and what came of it."""

    rests_on: tuple[object, ...]
    chosen: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a run without trouble came to: by number of the order among those placed, and the tiers by customer."""

    decided: dict[int, Decided]
    tiers: dict[str, str | None]


def judge(stage: Stage, calm: Undisturbed | None = None) -> list[str]:
    """Every violation, in words; empty when all is as it should be. With `calm`, decisions are compared with it."""
    shop = stage.shop
    with stage.app.app.database.read() as db:
        found = [
            *stage.faults,
            *(fault for order in (*stage.placed, *stage.more) for fault in _faults_of(stage, db, shop, order)),
        ]
        found += _faults_of_sums(db, shop)
        found += _faults_of_inbox(stage, db, shop)
        found += [f"{item.subject} waits for a person: {item.last_error}" for item in work.failed(db, shop.id)]
    if calm:
        found += _differences(decisions(stage), calm)
    return found


def decisions(stage: Stage) -> Undisturbed:
    """What was decided in a run that is over, cancelled orders and their customers left out."""
    shop, decided, tiers = stage.shop, {}, {}
    unsettled = {order.user_email for order in stage.placed if order.status == "CANCELED"}
    with stage.app.app.database.read() as db:
        for number, order in enumerate(stage.placed):
            row = orders.order_by_saleor_id(db, shop.id, order.id)
            parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
            if row is None or parcel is None or order.user_email in unsettled:
                continue
            story = parcel.story
            given = tuple(extra.extra_id for extra in story.given)
            rests_on = (story.nth_order, story.tier, story.tier_reached, given, story.orders_since_surprise,
                        tuple(sorted(story.notes_received)))  # fmt: skip
            chosen = tuple(extra.extra_id for extra in parcel.plan.extras.chosen)
            decided[number] = Decided(rests_on, chosen, parcel.plan.note.note_id or "")
            customer = customer_by_id(db, shop.id, row.customer_id)
            tiers[order.user_email] = customer.membership.tier if customer else None
    return Undisturbed(decided, tiers)


def _differences(here: Undisturbed, calm: Undisturbed) -> Iterator[str]:
    """Orders decided otherwise than in the undisturbed run, where they rest on the same: a regular's orders may be
    looked at in another order, a guest's one order never is."""
    for number, decided in here.decided.items():
        there = calm.decided.get(number)
        if there and decided.rests_on == there.rests_on and decided != there:
            yield f"order no. {number} got {decided}, undisturbed {there}"
    alike = sum(calm.decided.get(number) == decided for number, decided in here.decided.items())
    if len(here.decided) > MANY and alike < len(here.decided) / 3:
        yield f"only {alike} of {len(here.decided)} decisions could be compared"
    for email in here.tiers.keys() & calm.tiers.keys():
        if here.tiers[email] != calm.tiers[email]:
            yield f"{email} came to tier {here.tiers[email]}, undisturbed {calm.tiers[email]}"


def _faults_of_inbox(stage: Stage, db: Connection, shop: Shop) -> Iterator[str]:
    """Each delivery that was taken stands in the inbox, and each row of it has become work that is done."""
    rows = db.execute(select(inbox.c.body_hash, inbox.c.subject, inbox.c.taken_at).where(inbox.c.shop_id == shop.id))
    kept, subjects = set(), set()
    for body, subject, taken_at in rows:
        kept.add(body)
        subjects.add(subject)
        if taken_at is None:
            yield f"a delivery about {subject} was never taken in"
    for subject in subjects:
        item = work.find(db, shop.id, subject)
        if item is None or item.state not in {work.DONE, work.FAILED}:
            yield f"{subject} came in and its work is {item.state if item else 'missing'}"
    for delivery in stage.demo.shop.deliveries.sent:
        taken = any(attempt.response_status_code == 200 and KEPT in attempt.response for attempt in delivery.tries)
        if taken and body_hash(shop.saleor_api_url, delivery.body) not in kept:
            yield f"a delivery of {delivery.event_type} was acknowledged and is not kept"


def _faults_of(stage: Stage, db: Connection, shop: Shop, order: Order) -> Iterator[str]:
    row = orders.order_by_saleor_id(db, shop.id, order.id)
    parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
    notes = [note.message for note in order.notes if note.type == "NOTE_ADDED"]
    name = f"order {order.number}"
    if len(set(notes)) != len(notes):
        yield f"{name} carries the same note twice"
    if order.status == "CANCELED":
        if parcel and parcel.state != parcels.CANCELLED:
            yield f"{name} was cancelled and its parcel is {parcel.state}"
        if len(notes) not in {0, 2}:
            yield f"{name} was cancelled and carries {len(notes)} notes"
        return
    if parcel is None:
        yield f"{name} has no parcel"
        return
    if len(notes) != 1:
        yield f"{name} carries {len(notes)} notes"
    yield from _faults_of_lines(db, shop, order, parcel)
    if order.status != "UNFULFILLED":
        yield f"{name} is {order.status}"
    if not _is_decided_as_calm(stage, db, shop, parcel):
        yield f"{name} was decided otherwise than its own story says"


def _faults_of_lines(db: Connection, shop: Shop, order: Order, parcel: Parcel) -> Iterator[str]:
    name = f"order {order.number}"
    lines = [line for line in order.lines if line.product_name in FREE]
    items = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state in parcels.STANDING]
    expected = len(items) if parcel.channel == LINES else 0
    if len(lines) != expected:
        yield f"{name} has {len(lines)} free lines for {expected} extras"
    if len({line.product_name for line in lines}) != len(lines):
        yield f"{name} has the same free line twice"


def _is_decided_as_calm(stage: Stage, db: Connection, shop: Shop, parcel: Parcel) -> bool:
    """Whether the kept story leads to the kept plan once more: chance is keyed, so trouble must change nothing."""
    program = program_of(db, shop, parcel.program_version)
    row = orders.order_by_row(db, shop.id, parcel.order_row)
    customer = customer_by_id(db, shop.id, parcel.customer_id)
    if row is None or customer is None:
        return False
    again = plan_parcel(
        program=program,
        version=parcel.program_version,
        story=parcel.story,
        order=known_order(row, customer, parcel.circumstances),
        means=parcel.means,
        secret=stage.app.app.secret(shop),
        today=parcel.plan.decided_on,
    )
    return again.extras.chosen == parcel.plan.extras.chosen and again.note.note_id == parcel.plan.note.note_id


def _faults_of_sums(db: Connection, shop: Shop) -> Iterator[str]:
    """Stock and costs against the rows that they sum up."""
    program = program_of(db, shop, shop.program_version or 1)
    standing: Counter[str] = Counter()
    spent: Counter[tuple[str, str]] = Counter()
    for parcel in parcels.latest_parcels(db, shop.id, limit=1_000_000):
        for item in parcels.items_of(db, shop.id, parcel.id):
            if item.state in parcels.STANDING and parcel.mode == shop.mode:
                standing[item.extra_id] += 1
                spent[month_of(parcel.planned_at, program), item.extra_id] += item.cost_minor
    counted = stock.stock_of(db, shop.id)
    for extra_id in (extra.id for extra in program.extras):
        left = counted.get(extra_id)
        if left != PIECES - standing[extra_id]:
            yield f"{extra_id}: {left} pieces are left, {PIECES - standing[extra_id]} should be"
    kept: Counter[tuple[str, str]] = Counter()
    rows = select(costs.c.month, costs.c.extra_id, costs.c.cost_minor).where(
        costs.c.shop_id == shop.id, costs.c.mode == shop.mode
    )
    for month, extra_id, cost_minor in db.execute(rows):
        kept[month, extra_id] += cost_minor
    if +kept != +spent:
        yield f"the sums of costs are {dict(kept)} and should be {dict(spent)}"
