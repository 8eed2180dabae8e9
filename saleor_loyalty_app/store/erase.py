"""What goes for good: what is personal about one customer, and everything about one shop."""

from datetime import datetime

from sqlalchemy import Connection, delete, literal, or_, select, update

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.domain.search_keys import keys_of
from saleor_loyalty_app.store import print_jobs
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customers import NAMELESS
from saleor_loyalty_app.store.parcel_tables import notes, parcel_changes, parcels
from saleor_loyalty_app.store.personal_data import person_subject
from saleor_loyalty_app.store.tables import customers, orders, shops, tasks, tier_decisions
from saleor_loyalty_app.store.tasks import WORDS

WORDS_IN_CHANGES = ("before", "after", "words")
"""Where a change of a parcel holds what somebody wrote, see `parcel_changes.Changed`."""

PAGES_GONE = Saying("A customer on these pages was erased, so the pages were deleted. The others can be printed anew.")
"""Why a print job ended."""

ERASED_REASON = "–"
"""What stands in a decision by hand instead of the reason, which may speak of the person."""


def erase_customer(db: Connection, shop_id: int, customer_id: int, *, now: datetime) -> bool:
    """Remove what is personal; sums stay. Returns whether there was anything left to erase."""
    changed = db.execute(
        update(customers)
        .where(customers.c.shop_id == shop_id, customers.c.id == customer_id, customers.c.erased_at.is_(None))
        .values(
            **NAMELESS,
            **keys_of(NAMELESS),
            email_key=None,
            user_id=None,
            language="",
            exclusions=[],
            preferences=[],
            trouble_solved=False,
            mirrored="",
            erased_at=now,
        )
    ).rowcount
    if changed:
        _forget_words(db, shop_id, customer_id)
        _forget_words_of_tasks(db, shop_id, customer_id)
        print_jobs.cancel_with_person(db, shop_id, customer_id, problem=PAGES_GONE.kept(), now=now)
    return bool(changed)


def _forget_words(db: Connection, shop_id: int, customer_id: int) -> None:
    """Remove the words to a customer, and what the customer excluded, from notes and plans; what was given stays.

    So do the changes and the decisions by staff, without the words that they wrote.
    """
    mine = (parcels.c.shop_id == shop_id, parcels.c.customer_id == customer_id)
    query = select(parcels.c.id, parcels.c.plan, parcels.c.story).where(*mine)
    for row_id, planned, known in db.execute(query).all():
        passed = [{**one, "detail": ""} for one in planned["extras"]["passed"]]
        plan = {**planned, "note": {**planned["note"], "text": ""}, "extras": {**planned["extras"], "passed": passed}}
        story = {**known, "exclusions": [], "preferences": []}
        db.execute(update(parcels).where(*mine, parcels.c.id == row_id).values(plan=plan, story=story))
    db.execute(
        update(notes).where(notes.c.shop_id == shop_id, notes.c.customer_id == customer_id).values(text="", sign_off="")
    )
    changed = (parcel_changes.c.shop_id == shop_id, parcel_changes.c.customer_id == customer_id)
    for row_id, detail in db.execute(select(parcel_changes.c.id, parcel_changes.c.detail).where(*changed)).all():
        wordless = {name: "" if name in WORDS_IN_CHANGES else value for name, value in detail.items()}
        db.execute(update(parcel_changes).where(*changed, parcel_changes.c.id == row_id).values(detail=wordless))
    decided = (tier_decisions.c.shop_id == shop_id, tier_decisions.c.customer_id == customer_id)
    for row_id, record in db.execute(select(tier_decisions.c.id, tier_decisions.c.record).where(*decided)).all():
        if record["reason"]:
            silent = {**record, "reason": ERASED_REASON}
            db.execute(update(tier_decisions).where(*decided, tier_decisions.c.id == row_id).values(record=silent))


def _forget_words_of_tasks(db: Connection, shop_id: int, customer_id: int) -> None:
    """What staff said about a task that they looked after may speak of the person."""
    mine = (orders.c.shop_id == shop_id, orders.c.customer_id == customer_id)
    of_orders = select(literal("order:") + orders.c.order_id).where(*mine)
    about = or_(tasks.c.subject == person_subject(customer_id), tasks.c.subject.in_(of_orders))
    for row_id, detail in db.execute(select(tasks.c.id, tasks.c.detail).where(tasks.c.shop_id == shop_id, about)).all():
        if detail.get(WORDS):
            silent = {**detail, WORDS: ""}
            db.execute(update(tasks).where(tasks.c.shop_id == shop_id, tasks.c.id == row_id).values(detail=silent))


def erase_shop(db: Connection, shop_id: int) -> None:
    """Delete every row of a shop from every table, children first."""
    for table in reversed(metadata.sorted_tables):
        if "shop_id" in table.c:
            db.execute(delete(table).where(table.c.shop_id == shop_id))
    db.execute(delete(shops).where(shops.c.id == shop_id))
