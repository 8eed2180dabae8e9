"""The whole reasoning about one order, in sentences: what came, the tier and why, the parcel and why, what was told."""

from saleor_loyalty_app.domain.language import translations
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import reasoning
from saleor_loyalty_app.domain.parcels import Means
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.saying import mark, said
from saleor_loyalty_app.domain.tier_sentences import progress, why, why_no_parcel
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.log_reference import log_reference
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.store import effects, inbox, orders, parcels, programs, tiers, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.effects import Effect
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.shops import Shop

IN_THE_LOG = mark("The app's log calls it work=%(reference)s.")
WORTH = mark("counts %(worth)s, and %(card)s by gift card")
BUDGET_LEFT = mark("Budget left when it was planned: %(sums)s.")
BUDGETS = {"month": mark("%(amount)s for the month"), "customer_year": mark("%(amount)s for this customer and year")}


def explain_order(app: App, shop: Shop, number_or_code: str, *, locale: str) -> list[str]:
    """Lines about an order by its number or its parcel's code; empty when it is not known. Times are UTC."""
    with app.database.read() as db:
        parcel = parcels.parcel_by_code(db, shop.id, number_or_code)
        order = (
            orders.order_by_row(db, shop.id, parcel.order_row)
            if parcel
            else orders.order_by_number(db, shop.id, number_or_code.removeprefix("#"))
        )
        if order is None:
            return []
        parcel = parcel or parcels.parcel_of_order(db, shop.id, order.id)
        subject = f"order:{order.order_id}"
        events = inbox.events_of(db, shop.id, subject)
        decided = tiers.decisions_of(db, shop.id, order.customer_id)
        customer = customer_by_id(db, shop.id, order.customer_id)
        case = case_of(app, db, shop, customer) if customer else None
        known = {version.version: version.program for version in programs.all_versions(db, shop.id)}
        done = effects.effects_of(db, shop.id, subject)
        items = parcels.items_of(db, shop.id, parcel.id) if parcel else []
        last_work = work.find(db, shop.id, subject)
    reference = _say(locale, IN_THE_LOG, reference=log_reference(app, shop, subject))
    lines = [*_heading(order, locale), reference, *(f"  {at:%Y-%m-%d %H:%M:%S} UTC {event}" for event, at in events)]
    # What this order led to, or else where the customer stood already.
    by_order = [one for one in decided if one.order_row == order.id] or decided[:1]
    lines += [why(one.decision, known[one.decision.program_version], locale) for one in reversed(by_order)]
    lines += progress(look_ahead(case), case.program, locale) if case else ()
    if parcel:
        version = _say(locale, mark("version %(number)s of the program"), number=str(parcel.program_version))
        lines.append(f"{parcel.code}: {parcel.state}, {parcel.mode}, {version}")
        lines += _means(parcel.means, known[parcel.program_version], locale)
        lines += reasoning(parcel.plan, known[parcel.program_version], locale)
        lines += [f"  {item.extra_id}: {item.state} {item.reason or ''}".rstrip() for item in items]
    elif order.no_parcel:
        lines.append(why_no_parcel(NoParcel(order.no_parcel), locale))
    lines += [_told(effect, locale) for effect in done]
    if last_work and last_work.last_error:
        lines.append(f"{last_work.state}: {said(last_work.last_error, locale)}")
    return lines


def _heading(order: OrderRow, locale: str) -> list[str]:
    worth = money_text(order.money_minor, order.currency, locale)
    card = money_text(order.card_minor, order.currency, locale)
    counted = _say(locale, WORTH, worth=worth, card=card) if order.counts else _say(locale, mark("not counted"))
    return [f"#{order.number} {order.status} {order.placed_at:%Y-%m-%d %H:%M} UTC {order.channel}, {counted}"]


def _means(means: Means, program: Program, locale: str) -> list[str]:
    budgets = {"month": means.month_left_minor, "customer_year": means.customer_year_left_minor}
    left = [
        _say(locale, BUDGETS[which], amount=money_text(max(0, minor), program.currency, locale))
        for which, minor in budgets.items()
        if minor is not None
    ]
    return [_say(locale, BUDGET_LEFT, sums=", ".join(left))] if left else []


def _told(effect: Effect, locale: str) -> str:
    detail = {**effect.detail, **effect.detail.get("mirror", {})}
    texts = {name: said(value, locale) for name, value in detail.items() if isinstance(value, str)}
    words = ", ".join(f"{name} {text}" for name, text in texts.items() if text)
    return f"  {effect.effect}: {effect.state} at {effect.started_at:%H:%M:%S} UTC {words}".rstrip()


def _say(locale: str, words: str, **values: str) -> str:
    return translations(locale).gettext(words) % values
