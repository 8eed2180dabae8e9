"""At night, on a Saleor that does not tell its apps when staff delete a customer: look who is gone."""

from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.refresh_customer import forget_customer
from saleor_loyalty_app.store import customers
from saleor_loyalty_app.store.shops import Shop, change_shop

PAGE = 100
PAGES_PER_ROUND = 10


def look_for_deleted(app: App, shop: Shop) -> bool:
    """Look at the next thousand customers; return whether there are more. Who is gone is forgotten.

    Shops that send CUSTOMER_DELETED (3.23.5 and later) are not looked at. Raises TryAgain, Denied or
    HumanMustAct.
    """
    client = app.client(shop)
    if client.ask("Capabilities")["customerDeleted"] is not None:
        return False
    pace = Pace(app.settings.history_requests_per_minute)
    after = shop.looked_to
    for _ in range(PAGES_PER_ROUND):
        with app.database.read() as db:
            page = customers.users_after(db, shop.id, after, limit=PAGE)
        if page:
            pace.wait()
            edges = client.ask("ReadCustomersById", first=PAGE, ids=list(page.values()))["customers"]["edges"]
            for user_id in set(page.values()) - {edge["node"]["id"] for edge in edges}:
                # Lists leave out some staff; only the user itself says that it is gone.
                if client.ask("ReadCustomer", id=user_id)["user"] is None:
                    forget_customer(app, shop, user_id)
        # The last page is followed by the first one, the next night.
        after = max(page) if len(page) == PAGE else 0
        with app.database.write() as db:
            change_shop(db, shop.id, looked_to=after)
        if not after:
            return False
    return True
