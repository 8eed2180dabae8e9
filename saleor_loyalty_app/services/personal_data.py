"""Everything that is kept about one person, as plain data with names that a person understands: to show and to export.

What a table has that is not named here is handed out under its own name, so nothing new can be left out by mistake.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from saleor_loyalty_app.domain.money import from_minor
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.store.personal_data import Rows, rows_about
from saleor_loyalty_app.store.shops import Shop

Plain = dict[str, Any]

NAMES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "user_id": "account_in_the_shop",
        "email_key": "keyed_hash_of_the_email",
        "is_staff": "works_for_the_shop",
        "exclusions": "not_in_the_parcel",
        "preferences": "likes",
        "trouble_solved": "something_went_wrong_and_was_put_right",
        "first_key": "first_name_as_searched_for",
        "last_key": "last_name_as_searched_for",
        "orders_counted": "orders_that_count",
        "value_minor": "worth_of_the_orders",
        "standing": "standing_in_the_tier",
        "grace_until": "tier_stays_until",
        "manual_until": "set_by_hand_until",
        "keep_version": "keeps_the_tier_by_program_version",
        "entered_with_orders": "orders_when_the_tier_was_reached",
        "entered_from": "tier_before",
        "mirrored": "tier_shown_in_the_shop",
        "created_at": "known_since",
    },
    "orders": {
        "order_id": "order_in_the_shop",
        "money_minor": "worth",
        "card_minor": "of_it_by_gift_card",
        "counts": "counts_for_the_tier",
        "no_parcel": "why_there_is_no_parcel",
    },
    "tier_decisions": {"record": "as_decided"},
    "parcels": {
        "plan": "as_decided",
        "story": "what_it_was_decided_on",
        "means": "stock_and_budgets_then",
        "closed_why": "why_closed",
        "told_at": "told_to_the_shop_at",
        "warehouse_id": "warehouse",
        "revision": "changes_by_staff_counted",
    },
    "parcel_items": {"extra_id": "extra", "cost_minor": "cost", "reason": "why_not"},
    "notes": {"note_id": "template", "sender": "signed_by"},
    "parcel_changes": {"by": "staff_member_in_the_shop", "kind": "what", "wish": "number_of_the_wish"},
    "effects": {"subject": "about", "effect": "what"},
    "inbox": {"subject": "about"},
    "work": {"subject": "about"},
    "tasks": {"subject": "about", "kind": "what"},
    "stock_movements": {"extra_id": "extra"},
    "print_items": {"job_id": "print_job", "position": "place_on_the_pages", "left_out": "why_not_printed"},
    "variant_moves": {"variant_id": "product_variant", "warehouse_id": "warehouse"},
}
"""What columns are called in the export, where their own name says too little."""

LEFT_OUT = frozenset({"shop_id", "merged_into", "customer_id", "order_row", "parcel_id", "parcel_item_id", "batch_id"})
"""Columns that only hold rows together; what they join stands together in the export."""

ROOMS = {
    "orders": "orders",
    "tier_decisions": "tier_decisions",
    "parcels": "parcels",
    "effects": "told_to_the_shop",
    "inbox": "messages_from_the_shop",
    "work": "work_of_the_app",
    "tasks": "tasks_for_staff",
    "print_items": "pages_printed",
    "stock_movements": "stock_moved_for_these_parcels",
    "variant_moves": "stock_moved_in_the_shop",
}
"""Where the rows of a table stand in the export; other tables stand under their own name."""

INSIDE_PARCELS = {"parcel_items": "extras", "notes": "notes", "parcel_changes": "changes_by_staff"}
"""Tables whose rows stand with their parcel."""

PROGRAM_CURRENCY = {"customers", "parcel_items"}
"""Tables whose amounts are in the program's currency; orders name their own."""


def personal_data(app: App, shop: Shop, customer_id: int) -> Plain | None:
    """Everything about one customer, ready for JSON; None for one that is not this shop's.

    Days and times are ISO 8601 in UTC, amounts are text with their currency. What was merged into the customer, such
    as orders placed as a guest, is in it.
    """
    with app.database.read() as db:
        found = rows_about(db, shop.id, customer_id)
        currency = current_program(db, shop).currency
    if not found:
        return None

    def named(table: str, row: Mapping[str, Any]) -> Plain:
        own = currency if table in PROGRAM_CURRENCY else row.get("currency", currency)
        names = NAMES.get(table, {})
        return {
            names.get(column, column): _plain(column, value, own)
            for column, value in row.items()
            if column not in LEFT_OUT
        }

    people = found.pop("customers")
    person, guests = _apart(people, lambda row: row["id"] == customer_id)
    parcels = _parcels(found, named)
    rooms = {
        ROOMS.get(table, table): [named(table, row) for row in rows]
        for table, rows in found.items()
        if table not in INSIDE_PARCELS
    }
    return {
        "about": "Everything that the app Best Regards keeps about one customer of this shop.",
        "shop": shop.name or shop.saleor_api_url,
        "made_at": _plain("", app.now(), currency),
        "person": named("customers", person[0]),
        "merged_guest_entries": [named("customers", row) for row in guests],
        **rooms,
        "parcels": parcels,
    }


def _parcels(found: Mapping[str, Rows], named: Callable[[str, Mapping[str, Any]], Plain]) -> list[Plain]:
    """The parcels, each with its extras, its note and its changes."""
    inside: dict[Any, Plain] = {
        row["id"]: named("parcels", row) | {room: [] for room in INSIDE_PARCELS.values()} for row in found["parcels"]
    }
    for table, room in INSIDE_PARCELS.items():
        for row in found.get(table, ()):
            inside.setdefault(row["parcel_id"], {}).setdefault(room, []).append(named(table, row))
    return list(inside.values())


def _plain(column: str, value: Any, currency: str) -> Any:
    """A value as JSON has it. Amounts are text: 1250 of EUR is "12.50 EUR"."""
    if value is None:
        return None
    if column.endswith("_minor"):
        return f"{from_minor(value, currency):f} {currency}"
    return value.isoformat() if isinstance(value, date | datetime) else value


def _apart(rows: Rows, is_it: Callable[[Mapping[str, Any]], bool]) -> tuple[Rows, Rows]:
    return [row for row in rows if is_it(row)], [row for row in rows if not is_it(row)]
