"""A customer says what belongs into the parcel and what does not; staff write it down."""

import re
from collections.abc import Iterable

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import customers
from saleor_loyalty_app.store.shops import Shop

MOST_WISHES = 30
LONGEST_WISH = 40


def set_wishes(
    app: App, shop: Shop, customer_id: int, *, exclusions: Iterable[str], preferences: Iterable[str]
) -> None:
    """Keep what a customer wants and does not want: allergens, properties, extra or category ids.

    Raises LookupError for a customer that is not this shop's, or whose data were erased.
    """
    with app.database.write() as db:
        customer = customers.customer_by_id(db, shop.id, customer_id)
        if customer is None or customer.merged_into or customer.erased_at:
            raise LookupError("no such customer")
        customers.set_wishes(
            db, shop.id, customer_id, exclusions=tidy_wishes(exclusions), preferences=tidy_wishes(preferences)
        )


def tidy_wishes(wishes: Iterable[str], *, most: int | None = MOST_WISHES) -> tuple[str, ...]:
    """As the program writes them: lower case, dashes for spaces, each once, in the order they were given."""
    tidy = (re.sub(r"[\s_]+", "-", wish.strip().lower())[:LONGEST_WISH] for wish in wishes)
    return tuple(dict.fromkeys(wish for wish in tidy if wish))[:most]
