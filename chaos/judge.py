"""What must hold when a scene is over, order by order: nothing lost, nothing double, every sum exact."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, select

from chaos.stage import LINES, PIECES, Stage
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.domain.planning import plan_parcel
from saleor_loyalty_app.services.decide_tier import program_of
from saleor_loyalty_app.services.known_order import known_order
from saleor_loyalty_app.services.plan_parcel import month_of
from saleor_loyalty_app.store import orders, parcels, stock, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.parcel_tables import costs
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop

FREE = {"Sweet", "Sample", "Card"}


def judge(stage: Stage) -> list[str]:
    """Every violation, in words; empty when all is as it should be."""
    shop = stage.shop
    with stage.app.app.database.read() as db:
        found = [*(fault for order in stage.placed for fault in _faults_of(stage, db, shop, order))]
        found += _faults_of_sums(db, shop)
        found += [f"{item.subject} waits for a person: {item.last_error}" for item in work.failed(db, shop.id)]
    return found


def _faults_of(stage: Stage, db: Connection, shop: Shop, order: Order) -> Iterator[str]:
    row = orders.order_by_saleor_id(db, shop.id, order.id)
    parcel = parcels.parcel_of_order(db, shop.id, row.id) if row else None
    notes = [note.message for note in order.notes if note.type == "NOTE_ADDED"]
    lines = [line for line in order.lines if line.product_name in FREE]
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
    items = [item for item in parcels.items_of(db, shop.id, parcel.id) if item.state in parcels.STANDING]
    expected = len(items) if parcel.channel == LINES else 0
    if len(lines) != expected:
        yield f"{name} has {len(lines)} free lines for {expected} extras"
    if order.status != "UNFULFILLED":
        yield f"{name} is {order.status}"
    if not _is_decided_as_calm(stage, db, shop, parcel):
        yield f"{name} was decided otherwise than its own story says"


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
