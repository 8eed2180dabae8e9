"""What is kept about a person, field by field, in the viewer's words. The file that people take along is in English."""

from saleor_loyalty_app.web.words import gettext, mark

ROOM_NAMES = {
    "merged_guest_entries": mark("Orders as a guest, before the account"),
    "orders": mark("Orders"),
    "tier_decisions": mark("Tier decisions"),
    "parcels": mark("Parcels"),
    "told_to_the_shop": mark("What was told to the shop"),
    "messages_from_the_shop": mark("Events from the shop"),
    "work_of_the_app": mark("Work of the app"),
    "tasks_for_staff": mark("Tasks for staff"),
    "pages_printed": mark("Pages in the print room, kept for a day"),
    "stock_moved_for_these_parcels": mark("Stock moved for these parcels"),
}

FIELD_NAMES = {
    "print_job": mark("Print job"),
    "place_on_the_pages": mark("Place on the pages"),
    "why_not_printed": mark("Why it was not printed"),
    "id": mark("Our number"),
    "account_in_the_shop": mark("Account in the shop"),
    "keyed_hash_of_the_email": mark("Keyed hash of the e-mail address"),
    "first_name": mark("First name"),
    "last_name": mark("Last name"),
    "first_name_as_searched_for": mark("First name, for the search"),
    "last_name_as_searched_for": mark("Last name, for the search"),
    "language": mark("Language"),
    "works_for_the_shop": mark("Works for the shop"),
    "orders_that_count": mark("Orders that count"),
    "worth_of_the_orders": mark("Value of the orders"),
    "last_order_at": mark("Last order"),
    "not_in_the_parcel": mark("Not in the parcel"),
    "likes": mark("Likes"),
    "something_went_wrong_and_was_put_right": mark("Something went wrong and was put right"),
    "tier": mark("Tier"),
    "standing_in_the_tier": mark("Standing in the tier"),
    "tier_since": mark("In the tier since"),
    "tier_stays_until": mark("The tier stays until"),
    "set_by_hand_until": mark("Set by hand until"),
    "keeps_the_tier_by_program_version": mark("Keeps the tier by program version"),
    "orders_when_the_tier_was_reached": mark("Orders when the tier was reached"),
    "tier_before": mark("Tier before"),
    "next_review_on": mark("Next review"),
    "tier_shown_in_the_shop": mark("Tier as the shop shows it"),
    "erased_at": mark("Erased on"),
    "known_since": mark("Known since"),
    "order_in_the_shop": mark("Order in the shop"),
    "number": mark("Number"),
    "placed_at": mark("Placed"),
    "updated_at": mark("Changed"),
    "status": mark("State in the shop"),
    "channel": mark("Channel"),
    "currency": mark("Currency"),
    "worth": mark("Value"),
    "of_it_by_gift_card": mark("By gift card"),
    "counts_for_the_tier": mark("Counts for the tier"),
    "products": mark("Products"),
    "why_there_is_no_parcel": mark("Why there is no parcel"),
    "at": mark("When"),
    "kind": mark("Kind"),
    "from_tier": mark("From tier"),
    "to_tier": mark("To tier"),
    "program_version": mark("Program version"),
    "as_decided": mark("As it was decided"),
    "code": mark("Code"),
    "mode": mark("Rehearsal or live"),
    "state": mark("State"),
    "moment": mark("Moment"),
    "what_it_was_decided_on": mark("What it was decided on"),
    "stock_and_budgets_then": mark("Stock and budgets at that time"),
    "circumstances": mark("Country, language and weight"),
    "changes_by_staff_counted": mark("Changes by staff, counted"),
    "planned_at": mark("Planned"),
    "told_to_the_shop_at": mark("Told to the shop"),
    "closed_at": mark("Closed"),
    "why_closed": mark("Why it was closed"),
    "extras": mark("Extras"),
    "notes": mark("Notes"),
    "changes_by_staff": mark("Changes by staff"),
    "about": mark("About"),
    "what": mark("What"),
    "started_at": mark("Started"),
    "ended_at": mark("Ended"),
    "detail": mark("Details"),
    "event": mark("Event"),
    "received_at": mark("Received"),
    "taken_at": mark("Looked at"),
    "body_hash": mark("Fingerprint of the event"),
    "round": mark("Round"),
    "due_at": mark("Due"),
    "attempts": mark("Attempts"),
    "last_error": mark("Last trouble"),
    "opened_at": mark("Opened"),
    "extra": mark("Extra"),
    "pieces": mark("Pieces"),
    "why": mark("Why"),
}


def room_name(room: str) -> str:
    """What a kind of data is called; a new one by its own name."""
    return _said(ROOM_NAMES.get(room), room)


def field_name(field: str) -> str:
    """What a field is called; a new one by its own name."""
    return _said(FIELD_NAMES.get(field), field)


def _said(words: str | None, name: str) -> str:
    return gettext(words) if words else name.replace("_", " ").capitalize()
