"""Staff change a parcel by hand: each change once, with who and when, stock and budgets in the same transaction.

`by` is a Saleor user id; `wish` a UUID that the form was made with: the same wish sent twice is done once, and
the second time the same is returned. All raise LookupError for what is not this shop's, and CannotChange with the
reason for what can't be done. The shop is told in a round of its own right afterwards.
"""

from sqlalchemy import Connection

from saleor_loyalty_app.domain.changing import (
    CannotChange,
    WhyNotChanged,
    plan_stripped,
    plan_with,
    skip_reason,
    tidy_text,
    why_not_added,
)
from saleor_loyalty_app.domain.orders import ALREADY_SENT, FALLEN_THROUGH, NoParcel
from saleor_loyalty_app.domain.parcels import NoteChoice, WhyNot
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.add_order_lines import line_stands
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.close_parcel import close_parcel, open_parcel
from saleor_loyalty_app.services.exchange_extra import put_in, put_next_in, take_out
from saleor_loyalty_app.services.keep_promises import open_again, say_left_out, say_promises
from saleor_loyalty_app.services.one_change import (
    Detail,
    carry_out,
    changeable_item,
    refuse_if_erased,
    refuse_if_line_stands,
    refuse_unless_planned,
)
from saleor_loyalty_app.services.parcel_case import (
    ParcelCase,
    exchanges_for,
    means_without,
    next_best,
    unwanted_inside,
    why_no_words,
    why_not,
)
from saleor_loyalty_app.services.put_back_extras import put_back_extras
from saleor_loyalty_app.services.take_back_parcel import take_back_parcel
from saleor_loyalty_app.store import pages, parcel_changes, parcel_notes, parcels
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcels import ParcelItem
from saleor_loyalty_app.store.shops import Shop


def exchange_item(
    app: App,
    shop: Shop,
    parcel_id: int,
    item_id: int,
    *,
    by: str,
    wish: str,
    instead: str | None = None,
    batch: str | None = None,
) -> Changed:
    """Exchange a surprise for the next best one, or for `instead`, one of those that fit."""

    def change(db: Connection, case: ParcelCase) -> Detail:
        item = changeable_item(db, shop, case, item_id)
        refuse_if_erased(case)
        best = next_best(case, item)
        wanted = instead or (best.extra_id if best else None)
        if wanted is None:
            raise CannotChange(WhyNotChanged.NOTHING_TO_EXCHANGE, extra_id=item.extra_id)
        if wanted not in {extra.extra_id for extra in exchanges_for(case, item)}:
            raise _why_not_instead(case, item, wanted)
        take_out(app, db, shop, item, why=WhyNot.BY_HAND)
        put_next_in(
            app, db, shop, case.parcel, item, order=case.order, program=case.made_under, story=case.story,
            means=means_without(case, item), why=WhyNot.BY_HAND, wanted=wanted,
        )  # fmt: skip
        return {"item": item.id, "out": item.extra_id, "in": wanted}

    return carry_out(app, shop, parcel_id, parcel_changes.EXCHANGED, change, by=by, wish=wish, batch=batch)


def add_extra(app: App, shop: Shop, parcel_id: int, extra_id: str, *, by: str, wish: str) -> Changed:
    """Put any extra of the rules in force into a parcel, within the budget for what is added by hand."""

    def change(db: Connection, case: ParcelCase) -> Detail:
        refuse_unless_planned(case)
        extra = case.in_force.extra(extra_id)
        if extra is None:
            raise CannotChange(WhyNotChanged.NO_SUCH_EXTRA)
        if extra.id in {item.extra_id for item in case.inside}:
            raise CannotChange(WhyNotChanged.ALREADY_IN, extra_id=extra.id)
        if refusal := why_not(case, extra):
            raise refusal
        plan = plan_with(case.parcel.plan, extra, case.in_force)
        item_id = put_in(app, db, shop, case.parcel, plan.extras.chosen[-1], program=case.in_force)
        parcels.change_plan(db, shop.id, case.parcel, plan, now=app.now())
        return {"item": item_id, "in": extra.id, "cost_minor": plan.extras.chosen[-1].cost_minor}

    return carry_out(app, shop, parcel_id, parcel_changes.ADDED, change, by=by, wish=wish)


def take_out_item(
    app: App,
    shop: Shop,
    parcel_id: int,
    item_id: int,
    *,
    reason: str,
    by: str,
    wish: str,
    words: str = "",
    batch: str | None = None,
) -> Changed:
    """Take an extra out with a reason (SkipReason), without anything in its place."""

    def change(db: Connection, case: ParcelCase) -> Detail:
        item = changeable_item(db, shop, case, item_id)
        why, said = skip_reason(reason, words)
        take_out(app, db, shop, item, why=why)
        plan = plan_stripped(case.parcel.plan, item.extra_id)
        parcels.change_plan(db, shop.id, case.parcel, plan, now=app.now())
        return {"item": item.id, "out": item.extra_id, "reason": why, "words": said}

    return carry_out(app, shop, parcel_id, parcel_changes.TAKEN_OUT, change, by=by, wish=wish, batch=batch)


def edit_note(
    app: App, shop: Shop, parcel_id: int, *, text: str, by: str, wish: str, revision: int | None = None
) -> Changed:
    """Write the words on the card. `revision` is that of the parcel the form showed: an older one is refused."""

    def change(db: Connection, case: ParcelCase) -> Detail:
        refuse_unless_planned(case)
        if refusal := why_no_words(case):
            raise refusal
        after, known = tidy_text(text), pages.note_of_parcel(db, shop.id, parcel_id)
        before = known.text if known and known.state != parcel_notes.CANCELLED else ""
        if after == before:
            raise CannotChange(WhyNotChanged.SAME_TEXT)
        parcel_notes.write_text(
            db, shop.id, parcel_id, customer_id=case.parcel.customer_id, mode=case.parcel.mode, text=after,
            words=_words_around(case.parcel.plan.note, case.made_under), now=app.now(),
        )  # fmt: skip
        return {"before": before, "after": after, "was": known.state if known else ""}

    return carry_out(app, shop, parcel_id, parcel_changes.NOTE_EDITED, change, by=by, wish=wish, revision=revision)


def skip_parcel(
    app: App,
    shop: Shop,
    parcel_id: int,
    *,
    reason: str,
    by: str,
    wish: str,
    words: str = "",
    batch: str | None = None,
) -> Changed:
    """Let a parcel go without extras and note, with a reason (SkipReason) and staff's own words.

    A customer who goes without for the second time in a row is a task for a person.
    """

    def change(db: Connection, case: ParcelCase) -> Detail:
        refuse_unless_planned(case)
        why, said = skip_reason(reason, words)
        for item in case.inside:
            refuse_if_line_stands(db, shop, case, item)
        close_parcel(app, db, shop, case.parcel, state=parcels.SKIPPED, why=why)
        say_left_out(app, db, shop, case)
        return {"reason": why, "words": said, "items": [item.id for item in case.inside]}

    return carry_out(app, shop, parcel_id, parcel_changes.SKIPPED, change, by=by, wish=wish, batch=batch)


def pack_parcel(
    app: App,
    shop: Shop,
    parcel_id: int,
    *,
    by: str,
    wish: str,
    kept: frozenset[int] | None = None,
    batch: str | None = None,
    revision: int | None = None,
) -> Changed:
    """Say that everything is in the parcel. What its customer does not want by now must be taken out first.

    `kept` are the positions of the plan's services that were done (None: all); the others are broken promises, which
    become a task for a person. `revision` is that of the parcel that the packer saw: an older one is refused.
    """

    def change(db: Connection, case: ParcelCase) -> Detail:
        refuse_unless_planned(case)
        fixed = {item.id for item in case.inside if line_stands(db, shop, case.row, item)}
        for item_id, unwanted in unwanted_inside(case).items():
            if item_id not in fixed:
                raise unwanted
        close_parcel(app, db, shop, case.parcel, state=parcels.PACKED, why="by_hand")
        broken = say_promises(app, db, shop, case, kept, by=by)
        say_left_out(app, db, shop, case)
        return {"items": [item.id for item in case.inside]} | ({"broken": broken} if broken else {})

    return carry_out(
        app, shop, parcel_id, parcel_changes.PACKED, change, by=by, wish=wish, batch=batch, revision=revision
    )  # fmt: skip


def reopen_parcel(app: App, shop: Shop, parcel_id: int, *, by: str, wish: str, batch: str | None = None) -> Changed:
    """Undo "packed" or "skipped", while the order stands and is not on its way. Tasks that came of it are withdrawn.

    Where the order fell through, a packed parcel is taken apart: its extras go back to the shelf, and it is cancelled.
    Of a skipped parcel all that still may is put in again; what is out of stock, unwanted or over a budget by
    now stays out (`left_out`).
    """

    def change(db: Connection, case: ParcelCase) -> Detail:
        was = case.parcel.state
        if was == parcels.PLANNED:
            raise CannotChange(WhyNotChanged.NOT_CLOSED)
        lost = case.row.status in FALLEN_THROUGH
        if was == parcels.CANCELLED or (lost and was != parcels.PACKED):
            raise CannotChange(WhyNotChanged.FELL_THROUGH)
        if was == parcels.SHIPPED or case.row.status in ALREADY_SENT:
            raise CannotChange(WhyNotChanged.SHIPPED)
        open_parcel(app, db, shop, case.parcel)
        open_again(app, db, shop, case)
        if lost:
            take_back_parcel(app, db, shop, case.parcel, why=NoParcel.FELL_THROUGH)
            return {"was": was, "left_out": {}, "lost": True}
        left_out = put_back_extras(app, db, shop, parcel_id) if was == parcels.SKIPPED else {}
        return {"was": was, "left_out": left_out}

    return carry_out(app, shop, parcel_id, parcel_changes.REOPENED, change, by=by, wish=wish, batch=batch)


def _why_not_instead(case: ParcelCase, item: ParcelItem, wanted: str) -> CannotChange:
    extra = case.made_under.extra(wanted)
    if extra is None:
        return CannotChange(WhyNotChanged.NO_SUCH_EXTRA)
    found = why_not_added(
        extra, program=case.made_under, story=case.story, order=case.order, means=means_without(case, item),
        by_hand_left_minor=None, today=case.today,
    )  # fmt: skip
    return found or CannotChange(WhyNotChanged.NOT_IN_POOL, extra_id=wanted)


def _words_around(note: NoteChoice, program: Program) -> NoteChoice:
    """Language, sign-off and sender for a card that had no words yet."""
    language = note.language or program.languages[0]
    return NoteChoice(
        language=language, sign_off=program.words(program.sender.sign_off, language), sender=program.sender.name
    )
