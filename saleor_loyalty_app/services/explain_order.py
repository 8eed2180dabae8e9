"""The whole reasoning about one order, in sentences: what came, the tier and why, the parcel and why, what was told."""

from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import reasoning
from saleor_loyalty_app.domain.tier_sentences import why, why_no_parcel
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import effects, inbox, orders, parcels, programs, tiers, work
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.shops import Shop


def explain_order(app: App, shop: Shop, number_or_code: str, *, locale: str) -> list[str]:
    """Lines about an order by its number or its parcel's code; empty when it is not known."""
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
        decided = [d for d in tiers.decisions_of(db, shop.id, order.customer_id) if d.order_row == order.id]
        known = {version.version: version.program for version in programs.all_versions(db, shop.id)}
        done = effects.effects_of(db, shop.id, subject)
        items = parcels.items_of(db, shop.id, parcel.id) if parcel else []
        last_work = work.find(db, shop.id, subject)
    lines = [_heading(order)]
    lines += [f"  {at:%Y-%m-%d %H:%M:%S} {event}" for event, at in events]
    lines += [why(d.decision, known[d.decision.program_version], locale) for d in reversed(decided)]
    if parcel:
        lines.append(f"{parcel.code}: {parcel.state}, {parcel.mode}, program version {parcel.program_version}")
        lines += reasoning(parcel.plan, known[parcel.program_version], locale)
        lines += [f"  {item.extra_id}: {item.state} {item.reason or ''}".rstrip() for item in items]
    elif order.no_parcel:
        lines.append(why_no_parcel(NoParcel(order.no_parcel), locale))
    lines += [f"  {effect.effect}: {effect.state} {effect.detail or ''}".rstrip() for effect in done]
    if last_work and last_work.last_error:
        lines.append(f"{last_work.state}: {last_work.last_error}")
    return lines


def _heading(order: OrderRow) -> str:
    return f"#{order.number} {order.status} {order.placed_at:%Y-%m-%d %H:%M} {order.channel}"
