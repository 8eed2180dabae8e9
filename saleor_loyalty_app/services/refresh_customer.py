"""A customer changes at the shop: a new name or e-mail, an account confirmed, or deleted."""

from saleor_loyalty_app.saleor.payloads import read_buyer, read_order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import decide_customer_tier
from saleor_loyalty_app.services.reward_order import keep_page, want_if_undecided
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.customers import (
    customer_by_user,
    email_key,
    remember_buyer,
)
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.shops import Shop

PAGE = 100


def refresh_customer(app: App, shop: Shop, user_id: str) -> None:
    """Read a customer again, and the orders that are theirs now: guest orders are linked to a new account without
    any order event (api-facts §5). Raises TryAgain, Denied or HumanMustAct."""
    client = app.client(shop)
    user = client.ask("ReadCustomer", id=user_id)["user"]
    if user is None:
        forget_customer(app, shop, user_id)
        return
    buyer = read_buyer(user)
    with app.database.write() as db:
        remember_buyer(db, shop.id, buyer, key=email_key(app.secret(shop), buyer.email), now=app.now())
    cursor, more = None, True
    while more:
        page = client.ask(
            "ReadOrders", first=PAGE, after=cursor, where={"user": {"eq": user_id}}, sortBy=None
        )["orders"]  # fmt: skip
        with app.database.write() as db:
            for row in keep_page(app, db, shop, [read_order(edge["node"]) for edge in page["edges"]]):
                want_if_undecided(app, db, shop, row)
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    with app.database.write() as db:
        found = customer_by_user(db, shop.id, user_id)
        if found and decide_customer_tier(app, db, shop, found):
            work.want(db, shop.id, "mirror:", due_at=app.now(), now=app.now())


def forget_customer(app: App, shop: Shop, user_id: str) -> None:
    """The account was deleted: what is personal goes, sums stay. A second time does nothing."""
    with app.database.write() as db:
        customer = customer_by_user(db, shop.id, user_id)
        if customer:
            erase_customer(db, shop.id, customer.id, now=app.now())
