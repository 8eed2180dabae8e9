"""Parcels: what each order shall get, with its extras and its note, each with a state and the whole reasoning."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, insert, select, update

from saleor_loyalty_app.domain.parcels import Means, ParcelPlan, Story
from saleor_loyalty_app.store import costs, parcel_notes
from saleor_loyalty_app.store.columns import UtcDateTime
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.rows import change_where, rows_where
from saleor_loyalty_app.store.shops import lock_shop

PLANNED, PACKED, SKIPPED, CANCELLED = "planned", "packed", "skipped", "cancelled"
SHIPPED = "shipped"
"""The order left without a word from the packer; the extras are taken to be in it."""
STANDING = costs.STANDING
"""Without 0, O, 1 and I, which packers would mix up."""

_plans, _stories, _means = TypeAdapter(ParcelPlan), TypeAdapter(Story), TypeAdapter(Means)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel. `plan` is everything that was decided; `story` and `means` are what it was decided on."""

    id: int
    shop_id: int
    code: str
    order_row: int
    customer_id: int
    mode: str
    state: str
    moment: str
    tier: str | None
    program_version: int
    plan: ParcelPlan
    story: Story
    means: Means
    channel: str
    circumstances: dict[str, Any] | None
    revision: int
    planned_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
    closed_why: str | None
    ready_at: datetime | None
    """Since when it may be packed, None while its order is not paid."""
    shipping_method: str
    warehouse_id: str
    batch_id: int | None
    held_until: datetime | None
    """Until then the packer of the batch has it for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelItem:
    """One extra in a parcel."""

    id: int
    extra_id: str
    kind: str
    cost_minor: int
    state: str
    reason: str | None
    month: str
    """When it was planned, in the program's zone: "2026-11"; the budget of that month bears it."""
    by_hand: bool
    """Whether staff put it in of their own accord."""


def add_parcel(
    db: Connection,
    shop_id: int,
    *,
    code: str,
    order_row: int,
    customer_id: int,
    mode: str,
    program_version: int,
    plan: ParcelPlan,
    story: Story,
    means: Means,
    channel: str,
    circumstances: dict[str, Any],
    month: str,
    now: datetime,
) -> tuple[Parcel, dict[str, int]]:
    """Write a planned parcel with its extras and its note. An order has one; a second raises IntegrityError.

    `month` ("2026-11") is the one whose budget bears it. Returned are the parcel and the rows of its extras, by extra.
    """
    new = {
        "shop_id": shop_id, "code": code, "order_row": order_row, "customer_id": customer_id, "mode": mode,
        "state": PLANNED, "moment": plan.moment, "tier": story.tier, "program_version": program_version,
        "plan": _plans.dump_python(plan, mode="json"), "story": _stories.dump_python(story, mode="json"),
        "means": _means.dump_python(means, mode="json"), "channel": channel, "circumstances": circumstances,
        "planned_at": now,
    }  # fmt: skip
    row = db.execute(insert(parcels).returning(parcels), new).mappings().one()
    parcel = _parcel(row)
    items = {
        extra.extra_id: add_item(
            db, shop_id, parcel, extra_id=extra.extra_id, kind=extra.kind, cost_minor=extra.cost_minor, month=month,
            now=now,
        )
        for extra in plan.extras.chosen
    }  # fmt: skip
    parcel_notes.add_choice(
        db, shop_id, parcel.id, customer_id=customer_id, mode=mode, choice=plan.note, now=now
    )  # fmt: skip
    return parcel, items


def add_item(
    db: Connection,
    shop_id: int,
    parcel: Parcel,
    *,
    extra_id: str,
    kind: str,
    cost_minor: int,
    month: str,
    now: datetime,
    by_hand: bool = False,
) -> int:
    """Put an extra into a parcel; return the row's id."""
    new = {
        "shop_id": shop_id, "parcel_id": parcel.id, "customer_id": parcel.customer_id, "mode": parcel.mode,
        "extra_id": extra_id, "kind": kind, "cost_minor": cost_minor, "state": PLANNED, "month": month,
        "by_hand": int(by_hand), "planned_at": now, "changed_at": now,
    }  # fmt: skip
    item_id = int(db.execute(insert(parcel_items).returning(parcel_items.c.id), new).scalar_one())
    costed = costs.Costed(
        mode=parcel.mode, month=month, tier=parcel.tier or "", extra_id=extra_id, by_hand=int(by_hand), state=PLANNED,
        cost_minor=cost_minor,
    )  # fmt: skip
    costs.count(db, shop_id, come=[costed])
    return item_id


def change_plan(db: Connection, shop_id: int, parcel: Parcel, plan: ParcelPlan, *, now: datetime) -> None:
    """Keep a plan that was changed, and its note, unless staff wrote one."""
    db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel.id)
        .values(plan=_plans.dump_python(plan, mode="json"))
    )
    parcel_notes.keep_choice(
        db, shop_id, parcel.id, customer_id=parcel.customer_id, mode=parcel.mode, choice=plan.note, now=now
    )


def add_revision(db: Connection, shop_id: int, parcel_id: int) -> None:
    """Count one more change by staff, so that the shop is told anew."""
    db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id)
        .values(revision=parcels.c.revision + 1)
    )


def close_item(db: Connection, shop_id: int, item_id: int, *, state: str, why: str, now: datetime) -> None:
    """End one extra of a parcel, with the reason."""
    _move_items(db, shop_id, parcel_items.c.id == item_id, state=state, why=why, now=now)


def parcel_of_order(db: Connection, shop_id: int, order_row: int) -> Parcel | None:
    """The parcel of an order, or None."""
    return _first(db, shop_id, order_row=order_row)


def parcel_by_id(db: Connection, shop_id: int, parcel_id: int) -> Parcel | None:
    """One parcel, or None."""
    return _first(db, shop_id, id=parcel_id)


def parcel_by_code(db: Connection, shop_id: int, code: str) -> Parcel | None:
    """The parcel with this code, or None."""
    return _first(db, shop_id, code=code)


def parcels_of(db: Connection, shop_id: int, customer_id: int, *, limit: int = 50) -> list[Parcel]:
    """A customer's parcels, newest first."""
    query = (
        select(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.customer_id == customer_id)
        .order_by(parcels.c.planned_at.desc(), parcels.c.id.desc())
        .limit(limit)
    )
    return [_parcel(row) for row in db.execute(query).mappings()]


def latest_parcels(db: Connection, shop_id: int, *, limit: int = 20) -> list[Parcel]:
    """The shop's parcels, newest first."""
    query = select(parcels).where(parcels.c.shop_id == shop_id).order_by(parcels.c.id.desc()).limit(limit)
    return [_parcel(row) for row in db.execute(query).mappings()]


def items_of(db: Connection, shop_id: int, parcel_id: int) -> list[ParcelItem]:
    """The extras of a parcel, in the order they were chosen."""
    names = ParcelItem.__dataclass_fields__
    return [
        ParcelItem(**{**{name: row[name] for name in names}, "by_hand": bool(row["by_hand"])})
        for row in rows_where(db, shop_id, parcel_items, parcel_id=parcel_id)
    ]


def close_parcel(db: Connection, shop_id: int, parcel_id: int, *, state: str, why: str, now: datetime) -> bool:
    """End a planned parcel, its extras and its note, with the reason; return whether it was still planned."""
    lock_shop(db, shop_id)
    closed = db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id, parcels.c.state == PLANNED)
        .values(state=state, closed_at=now, closed_why=why, held_until=None)
    )
    if not closed.rowcount:
        return False
    planned = (parcel_items.c.parcel_id == parcel_id, parcel_items.c.state == PLANNED)
    _move_items(db, shop_id, *planned, state=state, why=why, now=now)
    if state == CANCELLED:
        db.execute(
            update(notes).where(notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id).values(state=CANCELLED)
        )
    return True


def open_parcel(db: Connection, shop_id: int, parcel_id: int, item_ids: list[int], *, now: datetime) -> None:
    """Let a closed parcel be planned again, with these of its extras."""
    db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id)
        .values(state=PLANNED, closed_at=None, closed_why=None)
    )
    _move_items(db, shop_id, parcel_items.c.id.in_(item_ids), state=PLANNED, why=None, now=now)


def mark_told(db: Connection, shop_id: int, parcel_id: int, now: datetime) -> None:
    """Remember that the shop's staff can see this parcel in the shop."""
    change_where(db, shop_id, parcels, {"told_at": now}, id=parcel_id)


_SPENT = select(func.coalesce(func.sum(parcel_items.c.cost_minor), 0)).where(
    parcel_items.c.shop_id == bindparam("the_shop"),
    parcel_items.c.customer_id == bindparam("customer"),
    parcel_items.c.mode == bindparam("the_mode"),
    parcel_items.c.state.in_(STANDING),
    parcel_items.c.planned_at >= bindparam("since", type_=UtcDateTime()),
)


def spent_on(db: Connection, shop_id: int, customer_id: int, *, mode: str, since: datetime) -> int:
    """What the extras planned or packed for a customer cost, in minor units of the program's currency."""
    which = {"the_shop": shop_id, "customer": customer_id, "the_mode": mode, "since": since}
    return int(db.execute(_SPENT, which).scalar_one())


def _move_items(
    db: Connection, shop_id: int, *which: ColumnElement[bool], state: str, why: str | None, now: datetime
) -> None:
    """Bring some items into another state, and their costs with them."""
    lock_shop(db, shop_id)
    mine = (parcel_items.c.shop_id == shop_id, *which)
    query = select(parcel_items, parcels.c.tier).join(parcels, parcels.c.id == parcel_items.c.parcel_id).where(*mine)
    rows = [{**row, "tier": row["tier"] or ""} for row in db.execute(query).mappings()]
    names = costs.Costed.__dataclass_fields__
    costed = [costs.Costed(**{name: row[name] for name in names}) for row in rows]
    costs.count(db, shop_id, gone=costed, come=[replace(one, state=state) for one in costed])
    db.execute(update(parcel_items).where(*mine).values(state=state, reason=why, changed_at=now))


def _first(db: Connection, shop_id: int, **equal: Any) -> Parcel | None:
    row = rows_where(db, shop_id, parcels, **equal).first()
    return _parcel(row) if row else None


def _parcel(row: RowMapping) -> Parcel:
    return Parcel(
        **{
            **row,
            "plan": _plans.validate_python(row["plan"]),
            "story": _stories.validate_python(row["story"]),
            "means": _means.validate_python(row["means"]),
        }
    )
