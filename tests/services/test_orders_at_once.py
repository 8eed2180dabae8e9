"""Orders of one customer that are looked at in the same moment: each is counted, each tier is reached once."""

import threading

import pytest
from factories import Clock, add_installed_shop, global_id, user_node
from packing_room import Room, packing_program
from wire import ShopWire

from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.store import customers, tiers
from saleor_loyalty_app.store.customer_sums import renew_sums

ORDERS = 6
WHO = {
    "guest": Buyer(user_id=None, email="new@example.com"),
    "user": Buyer(user_id=global_id("User", 7), email="new@example.com", is_confirmed=True),
}


def test_orders_of_one_customer_at_the_same_moment_are_all_counted_and_reach_a_tier_once(
    busy_app: App, wire: ShopWire, clock: Clock
) -> None:
    room = Room(busy_app, wire, add_installed_shop(busy_app, toml=packing_program()), clock)
    at = clock.at.isoformat()
    first = room.order(1, customer=1, total=20)  # the customer is known; 100 are needed for silver
    for number in range(2, ORDERS + 1):
        buyer = {"user": user_node(1), "userEmail": "anna.1@example.com"}
        wire.has_order(number, total=20, created=at, updatedAt=at, **buyer)
    start, troubles = threading.Barrier(ORDERS - 1), []

    def look(number: int) -> None:
        start.wait()
        try:
            reward_order(busy_app, room.shop, global_id("Order", number))
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(2, ORDERS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert len({room.parcel(number).id for number in range(1, ORDERS + 1)}) == ORDERS
    with busy_app.database.write() as db:
        customer = customers.customer_by_id(db, room.shop.id, first.customer_id)
        decided = tiers.decisions_of(db, room.shop.id, first.customer_id)
        stale = renew_sums(db, room.shop.id, [first.customer_id])
    assert customer
    assert (customer.membership.tier, [one.decision.kind for one in decided], stale) == ("silver", ["entered"], 0)


@pytest.mark.parametrize("who", WHO)
def test_first_orders_of_one_person_at_the_same_moment_make_one_customer(busy_app: App, clock: Clock, who: str) -> None:
    shop, found = add_installed_shop(busy_app), list[int]()

    def remember() -> None:
        with busy_app.database.write() as db:
            found.append(customers.remember_buyer(db, shop.id, WHO[who], key="k" * 64, now=clock.at).id)

    second = threading.Thread(target=remember)
    with busy_app.database.write() as db:
        first = customers.remember_buyer(db, shop.id, WHO[who], key="k" * 64, now=clock.at)
        second.start()
        second.join(0.5)  # without waiting for this transaction it would be done by now
    second.join(30)
    assert found == [first.id]
