"""What a note's template reads like for a real recent order, with what is missing marked in its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from saleor_loyalty_app.domain.note_templates import Fields, Piece, asked_for, fill, fill_in_pieces, template_problems
from saleor_loyalty_app.domain.notes import known_fields
from saleor_loyalty_app.domain.orders import Buyer, Order
from saleor_loyalty_app.domain.parcels import ExtrasChoice, PlannedExtra, Story
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.program_problems import Problem
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.known_order import NOTHING, known_order
from saleor_loyalty_app.store import orders, parcels
from saleor_loyalty_app.store.customers import customers_by_ids
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import Shop

Part = Piece
"""A piece of the text: the merchant's own words, or what a field gave; a missing field has its name as text."""
LOOKED_AT = 50
"""How many of the last orders are looked through for one that the note is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentOrder:
    """An order to try a note on."""

    code: str
    order_number: str
    customer_name: str
    moment: str
    tier: str | None
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePreview:
    """A template filled in for one order."""

    parts: tuple[Part, ...]
    """The whole text in pieces; empty when the template can't be read."""
    problems: list[Problem]
    order_number: str | None
    """None: there is no order yet, and a made-up customer stands in."""
    missing: tuple[str, ...]
    """Fields that the template asks for and that are not known for this order."""
    without_name: str | None
    """What it reads like when name and extra are not known; None when the text would be passed over then."""
    fits: bool = True
    """Whether the note is for the tier and the moment of this order."""
    code: str | None = None
    """The parcel's, as in `recent_orders`."""


def recent_orders(db: Connection, shop: Shop, limit: int = 10) -> list[RecentOrder]:
    """The last orders that got a parcel, newest first."""
    latest = parcels.latest_parcels(db, shop.id, limit=limit)
    rows = orders.orders_by_rows(db, shop.id, [parcel.order_row for parcel in latest])
    people = {one.id: one for one in customers_by_ids(db, shop.id, list({p.customer_id for p in latest}))}
    return [
        RecentOrder(
            code=parcel.code,
            order_number=rows[parcel.order_row].number,
            customer_name=people[parcel.customer_id].name,
            moment=parcel.moment,
            tier=parcel.tier,
            placed_at=rows[parcel.order_row].placed_at,
        )
        for parcel in latest
    ]


def preview_note(
    app: App,
    shop: Shop,
    program: Program,
    *,
    text: str,
    language: str,
    note_tiers: Sequence[str] = (),
    note_moments: Sequence[str] = (),
    parcel_code: str | None = None,
) -> NotePreview:
    """The text for one order: that of `parcel_code`, else the newest that the note is for, else the newest.

    It is filled in whether or not the note is for that order, and whatever chance said.
    """
    with app.database.read() as db:
        case = _case(db, shop, parcel_code, note_tiers, note_moments) or _made_up(app, program, note_moments)
    problems = template_problems(text, language)
    fields = case.fields(program, language)
    parts = fill_in_pieces(text, fields)
    return NotePreview(
        parts=parts or (),
        problems=problems,
        order_number=case.order.number if case.parcel else None,
        missing=tuple(sorted(asked_for(text) - set(fields))) if parts is not None else (),
        without_name=fill(text, case.without_name().fields(program, language)) if parts is not None else None,
        fits=_fits(case.parcel, note_tiers, note_moments) if case.parcel else True,
        code=case.parcel.code if case.parcel else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What a text is filled in with."""

    parcel: Parcel | None
    story: Story
    order: Order
    why: tuple[str, str]
    extras: ExtrasChoice

    def fields(self, program: Program, language: str) -> Fields:
        return known_fields(program, self.story, self.order, self.why, self.extras, language=language)

    def without_name(self) -> "_Case":
        """The same for a customer without a name, in whose parcel is no surprise."""
        nameless = replace(self.order, buyer=replace(self.order.buyer, first_name="", last_name=""))
        chosen = tuple(extra for extra in self.extras.chosen if extra.kind != "surprise")
        return replace(self, order=nameless, extras=replace(self.extras, chosen=chosen))


def _case(db: Connection, shop: Shop, code: str | None, tiers: Sequence[str], moments: Sequence[str]) -> _Case | None:
    wanted = parcels.parcel_by_code(db, shop.id, code) if code else None
    latest = [] if wanted else parcels.latest_parcels(db, shop.id, limit=LOOKED_AT)
    parcel = wanted or next((one for one in latest if _fits(one, tiers, moments)), next(iter(latest), None))
    row = orders.order_by_row(db, shop.id, parcel.order_row) if parcel else None
    if parcel is None or row is None:
        return None
    (customer,) = customers_by_ids(db, shop.id, [parcel.customer_id])
    return _Case(
        parcel=parcel,
        story=parcel.story,
        order=known_order(row, customer, parcel.circumstances),
        why=(parcel.plan.moment, parcel.plan.moment_detail),
        extras=parcel.plan.extras,
    )


def _made_up(app: App, program: Program, moments: Sequence[str]) -> _Case:
    """A regular that a shop without orders can imagine."""
    now = app.now()
    moment = moments[0] if moments else "just_because"
    top = program.tiers[-1].id if program.tiers else None
    details = {"tier_reached": top or "", "comeback": "200", "anniversary": "2", "nth_order": "7"}
    story = Story(
        nth_order=7,
        first_order_at=now - timedelta(days=800),
        previous_order_at=now - timedelta(days=30),
        tier=top,
        usual="Assam",
    )
    surprise = next((extra for extra in program.extras if extra.kind == "surprise"), None)
    chosen = (PlannedExtra(extra_id=surprise.id, kind="surprise", cost_minor=0),) if surprise else ()
    return _Case(
        parcel=None,
        story=story,
        order=_imagined_order(now),
        why=(moment, details.get(moment, "")),
        extras=ExtrasChoice(chosen=chosen),
    )


def _imagined_order(now: datetime) -> Order:
    return Order(
        id="", number="", status="", origin=None, placed_at=now, updated_at=now, charge_status="", channel="",
        currency="", country="", language="", buyer=Buyer(user_id=None, email="", first_name="Anna"), total=NOTHING,
        subtotal=NOTHING, subtotal_net=NOTHING, shipping=NOTHING, charged=NOTHING, refunded=NOTHING,
    )  # fmt: skip


def _fits(parcel: Parcel, tiers: Sequence[str], moments: Sequence[str]) -> bool:
    return (not tiers or parcel.tier in tiers) and (not moments or parcel.moment in moments)
