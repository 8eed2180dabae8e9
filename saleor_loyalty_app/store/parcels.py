"""Parcels: what each order shall get, with its extras and its note, each with a state and the whole reasoning."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from saleor_loyalty_app.domain.parcels import Given, Means, ParcelPlan, Story
from saleor_loyalty_app.store.parcel_tables import notes, parcel_items, parcels
from saleor_loyalty_app.store.tables import orders

PLANNED, PACKED, SKIPPED, CANCELLED = "planned", "packed", "skipped", "cancelled"
SHIPPED = "shipped"
"""The order left without a word from the packer; the extras are taken to be in it."""
STANDING = (PLANNED, PACKED, SHIPPED)
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelItem:
    """One extra in a parcel."""

    id: int
    extra_id: str
    kind: str
    cost_minor: int
    state: str
    reason: str | None


def add_parcel(
    db: Connection,
    shop_id: int,
    *,
    order_row: int,
    customer_id: int,
    mode: str,
    program_version: int,
    plan: ParcelPlan,
    story: Story,
    means: Means,
    channel: str,
    circumstances: dict[str, Any],
    now: datetime,
) -> Parcel:
    """Write a planned parcel with its extras and its note. An order has one; a second raises IntegrityError."""
    statement = insert(parcels).values(
        shop_id=shop_id, code=_new_code(), order_row=order_row, customer_id=customer_id, mode=mode, state=PLANNED,
        moment=plan.moment, tier=story.tier, program_version=program_version,
        plan=_plans.dump_python(plan, mode="json"), story=_stories.dump_python(story, mode="json"),
        means=_means.dump_python(means, mode="json"), channel=channel, circumstances=circumstances,
        planned_at=now,
    )  # fmt: skip
    row = db.execute(statement.returning(parcels)).mappings().one()
    parcel = _parcel(row)
    for extra in plan.extras.chosen:
        add_item(db, shop_id, parcel, extra_id=extra.extra_id, kind=extra.kind, cost_minor=extra.cost_minor, now=now)
    if plan.note.note_id:
        db.execute(
            insert(notes).values(
                shop_id=shop_id, parcel_id=row["id"], customer_id=customer_id, mode=mode, note_id=plan.note.note_id,
                language=plan.note.language, text=plan.note.text, sign_off=plan.note.sign_off,
                sender=plan.note.sender, state="draft", at=now,
            )
        )  # fmt: skip
    return parcel


def add_item(
    db: Connection, shop_id: int, parcel: Parcel, *, extra_id: str, kind: str, cost_minor: int, now: datetime
) -> int:
    """Put an extra into a parcel; return the row's id."""
    statement = insert(parcel_items).values(
        shop_id=shop_id, parcel_id=parcel.id, customer_id=parcel.customer_id, mode=parcel.mode, extra_id=extra_id,
        kind=kind, cost_minor=cost_minor, state=PLANNED, planned_at=now, changed_at=now,
    )  # fmt: skip
    return int(db.execute(statement.returning(parcel_items.c.id)).scalar_one())


def change_plan(db: Connection, shop_id: int, parcel_id: int, plan: ParcelPlan) -> None:
    """Keep a plan that was changed before it was told, and the draft of its note."""
    db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id)
        .values(plan=_plans.dump_python(plan, mode="json"))
    )
    note = plan.note
    db.execute(
        update(notes)
        .where(notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id, notes.c.state == "draft")
        .values(note_id=note.note_id or "", text=note.text, state="draft" if note.note_id else CANCELLED)
    )


def close_item(db: Connection, shop_id: int, item_id: int, *, state: str, why: str, now: datetime) -> None:
    """End one extra of a parcel, with the reason."""
    db.execute(
        update(parcel_items)
        .where(parcel_items.c.shop_id == shop_id, parcel_items.c.id == item_id)
        .values(state=state, reason=why, changed_at=now)
    )


def parcel_of_order(db: Connection, shop_id: int, order_row: int) -> Parcel | None:
    """The parcel of an order, or None."""
    query = select(parcels).where(parcels.c.shop_id == shop_id, parcels.c.order_row == order_row)
    row = db.execute(query).mappings().first()
    return _parcel(row) if row else None


def parcel_by_code(db: Connection, shop_id: int, code: str) -> Parcel | None:
    """The parcel with this code, or None."""
    query = select(parcels).where(parcels.c.shop_id == shop_id, parcels.c.code == code)
    row = db.execute(query).mappings().first()
    return _parcel(row) if row else None


def parcels_of(db: Connection, shop_id: int, customer_id: int, *, limit: int = 50) -> list[Parcel]:
    """A customer's parcels, newest first."""
    query = (
        select(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.customer_id == customer_id)
        .order_by(parcels.c.id.desc())
        .limit(limit)
    )
    return [_parcel(row) for row in db.execute(query).mappings()]


def latest_parcels(db: Connection, shop_id: int, *, limit: int = 20) -> list[Parcel]:
    """The shop's parcels, newest first."""
    query = select(parcels).where(parcels.c.shop_id == shop_id).order_by(parcels.c.id.desc()).limit(limit)
    return [_parcel(row) for row in db.execute(query).mappings()]


def items_of(db: Connection, shop_id: int, parcel_id: int) -> list[ParcelItem]:
    """The extras of a parcel, in the order they were chosen."""
    query = (
        select(parcel_items)
        .where(parcel_items.c.shop_id == shop_id, parcel_items.c.parcel_id == parcel_id)
        .order_by(parcel_items.c.id)
    )
    return [
        ParcelItem(
            id=row["id"],
            extra_id=row["extra_id"],
            kind=row["kind"],
            cost_minor=row["cost_minor"],
            state=row["state"],
            reason=row["reason"],
        )
        for row in db.execute(query).mappings()
    ]


def close_parcel(db: Connection, shop_id: int, parcel_id: int, *, state: str, why: str, now: datetime) -> None:
    """End a planned parcel, its extras and its note, with the reason."""
    db.execute(
        update(parcels)
        .where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id)
        .values(state=state, closed_at=now, closed_why=why)
    )
    db.execute(
        update(parcel_items)
        .where(
            parcel_items.c.shop_id == shop_id, parcel_items.c.parcel_id == parcel_id, parcel_items.c.state == PLANNED
        )
        .values(state=state, reason=why, changed_at=now)
    )
    if state == CANCELLED:
        db.execute(
            update(notes).where(notes.c.shop_id == shop_id, notes.c.parcel_id == parcel_id).values(state=CANCELLED)
        )


def mark_told(db: Connection, shop_id: int, parcel_id: int, now: datetime) -> None:
    """Remember that the shop's staff can see this parcel in the shop."""
    db.execute(update(parcels).where(parcels.c.shop_id == shop_id, parcels.c.id == parcel_id).values(told_at=now))


def given_to(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> tuple[Given, ...]:
    """The extras a customer was given or is about to be given, oldest first."""
    query = (
        select(parcel_items)
        .where(
            parcel_items.c.shop_id == shop_id,
            parcel_items.c.customer_id == customer_id,
            parcel_items.c.mode == mode,
            parcel_items.c.state.in_(STANDING),
        )
        .order_by(parcel_items.c.planned_at, parcel_items.c.id)
    )
    return tuple(
        Given(extra_id=row["extra_id"], at=row["planned_at"], kind=row["kind"], cost_minor=row["cost_minor"])
        for row in db.execute(query).mappings()
    )


def last_surprise_order(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> datetime | None:
    """When the order was placed whose parcel held the customer's last surprise."""
    query = (
        select(orders.c.placed_at)
        .join(parcels, parcels.c.order_row == orders.c.id)
        .join(parcel_items, parcel_items.c.parcel_id == parcels.c.id)
        .where(
            parcel_items.c.shop_id == shop_id,
            parcel_items.c.customer_id == customer_id,
            parcel_items.c.mode == mode,
            parcel_items.c.kind == "surprise",
            parcel_items.c.state.in_(STANDING),
        )
        .order_by(parcel_items.c.id.desc())
        .limit(1)
    )
    return db.execute(query).scalar_one_or_none()


def notes_received(db: Connection, shop_id: int, customer_id: int, *, mode: str) -> frozenset[str]:
    """The ids of the notes a customer had, or is about to have."""
    query = select(notes.c.note_id).where(
        notes.c.shop_id == shop_id,
        notes.c.customer_id == customer_id,
        notes.c.mode == mode,
        notes.c.state != CANCELLED,
    )
    return frozenset(db.execute(query).scalars())


def spent(
    db: Connection, shop_id: int, *, mode: str, since: datetime, until: datetime, customer_id: int | None = None
) -> int:
    """What the extras planned or packed in a time cost, in minor units of the program's currency."""
    query = select(func.coalesce(func.sum(parcel_items.c.cost_minor), 0)).where(
        parcel_items.c.shop_id == shop_id,
        parcel_items.c.mode == mode,
        parcel_items.c.state.in_(STANDING),
        parcel_items.c.planned_at >= since,
        parcel_items.c.planned_at < until,
    )
    if customer_id is not None:
        query = query.where(parcel_items.c.customer_id == customer_id)
    return int(db.execute(query).scalar_one())


def _new_code() -> str:
    return "BR-" + "".join(secrets.choice(CODE_LETTERS) for _ in range(8))


def _parcel(row: RowMapping) -> Parcel:
    return Parcel(
        **{
            **row,
            "plan": _plans.validate_python(row["plan"]),
            "story": _stories.validate_python(row["story"]),
            "means": _means.validate_python(row["means"]),
        }
    )
