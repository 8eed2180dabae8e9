"""An order is looked at: its facts are kept, the tier is decided, the parcel is planned or taken back."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, add_installed_shop, fresh, global_id, line_node, program_toml, user_node
from sqlalchemy import func, select
from wire import ShopWire, denied, down, failing, pause_is_over, too_many

from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.store import orders, parcels, stock, tiers
from saleor_loyalty_app.store.customers import Customer, customer_by_id
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.parcel_tables import parcel_items, stock_movements
from saleor_loyalty_app.store.parcel_tables import parcels as parcel_rows
from saleor_loyalty_app.store.parcels import Parcel
from saleor_loyalty_app.store.shops import REHEARSAL, Shop
from saleor_loyalty_app.store.tables import customers, tier_decisions
from saleor_loyalty_app.store.tables import orders as order_rows

EARLIER = (NOW - timedelta(days=60)).isoformat()
LATER = (NOW + timedelta(minutes=5)).isoformat()


def kept(app: App, shop: Shop, order_id: str) -> tuple[OrderRow, Customer, Parcel | None]:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
        assert row
        customer = customer_by_id(db, shop.id, row.customer_id)
        assert customer
        return row, customer, parcels.parcel_of_order(db, shop.id, row.id)


def the_parcel(app: App, shop: Shop, order_id: str) -> Parcel:
    parcel = kept(app, shop, order_id)[2]
    assert parcel
    return parcel


def pieces(app: App, shop: Shop) -> dict[str, int]:
    with app.database.read() as db:
        return stock.stock_of(db, shop.id)


def rows(app: App) -> dict[str, int]:
    """How many rows the tables hold that an order leads to."""
    with app.database.read() as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (customers, order_rows, tier_decisions, parcel_rows, parcel_items, stock_movements)
        }


def month_spent(app: App, shop: Shop) -> int:
    with app.database.read() as db:
        standing = parcel_items.c.state.in_(parcels.STANDING)
        return int(db.scalar(select(func.coalesce(func.sum(parcel_items.c.cost_minor), 0)).where(standing)) or 0)


def test_a_paid_order_leads_to_facts_a_tier_and_a_parcel(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=120)
    reward_order(app, shop, order_id)
    row, customer, parcel = kept(app, shop, order_id)
    assert (row.money_minor, row.currency, row.counts, row.no_parcel) == (12_000, "USD", True, None)
    assert (customer.name, customer.membership.tier) == ("Anna Nguyen", "silver")
    assert parcel
    assert (parcel.state, parcel.mode, parcel.tier, parcel.moment) == ("planned", "live", "silver", "tier_reached")
    assert [extra.extra_id for extra in parcel.plan.extras.chosen] == ["caramel", "bookmark"]
    assert parcel.plan.note.text == "Dear Anna, thank you."


def test_the_pieces_leave_the_stock_when_the_parcel_is_planned(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order())
    assert pieces(app, shop) == {"caramel": 99, "bookmark": 9}
    assert month_spent(app, shop) == 80


def test_one_request_is_enough_to_look_at_an_order(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order())
    assert wire.operations() == ["ReadOrder"]


def test_looking_again_changes_nothing(app: App, shop: Shop, wire: ShopWire, clock: Clock) -> None:
    order_id = wire.has_order(total=120)
    reward_order(app, shop, order_id)
    first = rows(app), the_parcel(app, shop, order_id), pieces(app, shop)
    for _ in range(3):
        clock.pass_time(minutes=1)
        reward_order(app, shop, order_id)
    assert (rows(app), the_parcel(app, shop, order_id), pieces(app, shop)) == first


def test_an_order_of_nobody_in_particular_stays_one_customer_however_often_it_is_read(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    order_id = wire.has_order(user=None, userEmail="", billingAddress=None)
    reward_order(app, shop, order_id)
    first = rows(app)
    reward_order(app, shop, order_id)
    assert rows(app) == first


NO_PARCEL: dict[str, tuple[dict[str, Any], NoParcel]] = {
    "placed before the install": ({"created": EARLIER}, NoParcel.PLACED_BEFORE_INSTALL),
    "not paid yet": ({"chargeStatus": "NONE", "totalCharged": {"amount": 0}}, NoParcel.NOT_TRIGGERED),
    "cancelled": ({"status": "CANCELED"}, NoParcel.FELL_THROUGH),
    "expired": ({"status": "EXPIRED"}, NoParcel.FELL_THROUGH),
    "fully refunded": ({"totalRefunded": {"amount": 50}}, NoParcel.FULLY_REFUNDED),
    "sent already": ({"status": "FULFILLED"}, NoParcel.ALREADY_SENT),
    "a draft": ({"status": "DRAFT"}, NoParcel.DRAFT),
    "a reissue": ({"origin": "REISSUE"}, NoParcel.REISSUE),
    "an import": ({"origin": "BULK_CREATE"}, NoParcel.BULK_IMPORT),
    "our own order": ({"externalReference": "best-regards:1"}, NoParcel.OWN_ORDER),
    "staff's own order": ({"user": user_node(isStaff=True)}, NoParcel.STAFF_ORDER),
    "nothing to ship": ({"isShippingRequired": False}, NoParcel.NOTHING_TO_SHIP),
    "anonymised": ({"anonymized": "true"}, NoParcel.ANONYMIZED),
}


@pytest.mark.parametrize(("changes", "why"), NO_PARCEL.values(), ids=NO_PARCEL)
def test_some_orders_get_no_parcel_and_the_reason_is_kept(
    app: App, shop: Shop, wire: ShopWire, changes: dict[str, Any], why: NoParcel
) -> None:
    order_id = wire.has_order(**changes)
    reward_order(app, shop, order_id)
    row, _, parcel = kept(app, shop, order_id)
    assert (row.no_parcel, parcel) == (why, None)
    assert pieces(app, shop) == {"caramel": 100, "bookmark": 10}


def test_an_unpaid_order_gets_its_parcel_when_it_is_paid(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(chargeStatus="NONE", totalCharged={"amount": 0})
    reward_order(app, shop, order_id)
    assert kept(app, shop, order_id)[2] is None
    wire.change_order(order_id, chargeStatus="FULL", totalCharged={"amount": 50}, updatedAt=LATER)
    reward_order(app, shop, order_id)
    row, _, parcel = kept(app, shop, order_id)
    assert (row.no_parcel, row.money_minor) == (None, 5000)
    assert parcel is not None


def test_with_the_trigger_placed_an_unpaid_order_gets_its_parcel_at_once(app: App, wire: ShopWire) -> None:
    shop = add_installed_shop(app, toml=program_toml(trigger="placed"))
    order_id = wire.has_order(chargeStatus="NONE", totalCharged={"amount": 0})
    reward_order(app, shop, order_id)
    assert kept(app, shop, order_id)[2] is not None


FALLS = {
    "cancelled": ({"status": "CANCELED"}, "fell_through"),
    "expired": ({"status": "EXPIRED"}, "fell_through"),
    "fully refunded": ({"totalRefunded": {"amount": 50}, "totalCharged": {"amount": 0}}, "fully_refunded"),
    "charged back": ({"chargeStatus": "NONE", "totalCharged": {"amount": 0}}, "payment_lost"),
}


@pytest.mark.parametrize(("changes", "why"), FALLS.values(), ids=FALLS)
def test_when_an_order_falls_through_parcel_stock_and_budget_come_back(
    app: App, shop: Shop, wire: ShopWire, changes: dict[str, Any], why: str
) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    wire.change_order(order_id, **changes, updatedAt=LATER)
    for _ in range(2):  # the second look gives nothing back twice
        reward_order(app, shop, order_id)
        parcel = the_parcel(app, shop, order_id)
        assert (parcel.state, parcel.closed_why) == ("cancelled", why)
        assert pieces(app, shop) == {"caramel": 100, "bookmark": 10}
        assert month_spent(app, shop) == 0
        assert not kept(app, shop, order_id)[0].counts


def test_a_cancelled_parcel_gives_its_note_and_its_surprise_free_for_the_next_order(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    first = wire.has_order(1)
    reward_order(app, shop, first)
    wire.change_order(first, status="CANCELED", updatedAt=LATER)
    reward_order(app, shop, first)
    second = wire.has_order(2)
    reward_order(app, shop, second)
    plan = the_parcel(app, shop, second).plan
    assert plan.note.note_id == "thanks"
    assert [extra.extra_id for extra in plan.extras.chosen] == ["caramel", "bookmark"]


@pytest.mark.parametrize("status", ["FULFILLED", "RETURNED", "PARTIALLY_RETURNED"])
def test_an_order_that_left_without_a_word_from_the_packer_counts_as_shipped(
    app: App, shop: Shop, wire: ShopWire, status: str
) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    wire.change_order(order_id, status=status, updatedAt=LATER)
    reward_order(app, shop, order_id)
    assert the_parcel(app, shop, order_id).state == "shipped"
    assert month_spent(app, shop) == 80


def test_what_is_packed_is_not_taken_back(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    with app.database.write() as db:
        parcels.close_parcel(db, shop.id, the_parcel(app, shop, order_id).id, state="packed", why="", now=NOW)
    wire.change_order(order_id, status="CANCELED", updatedAt=LATER)
    reward_order(app, shop, order_id)
    assert the_parcel(app, shop, order_id).state == "packed"
    assert pieces(app, shop) == {"caramel": 99, "bookmark": 9}


def test_an_older_answer_of_the_shop_changes_nothing(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(total=50, updatedAt=LATER)
    reward_order(app, shop, order_id)
    wire.has_order(total=500)
    reward_order(app, shop, order_id)
    assert kept(app, shop, order_id)[0].money_minor == 5000


def test_in_rehearsal_the_parcel_is_planned_and_the_stock_stays(app: App, wire: ShopWire) -> None:
    shop = add_installed_shop(app, mode=REHEARSAL)
    order_id = wire.has_order()
    reward_order(app, shop, order_id)
    assert the_parcel(app, shop, order_id).mode == "rehearsal"
    assert pieces(app, shop) == {"caramel": 100, "bookmark": 10}


def test_an_order_that_is_gone_is_left_alone(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, global_id("Order", 404))
    assert (rows(app)["orders"], rows(app)["customers"]) == (0, 0)


def test_an_order_without_an_origin_is_read_without_it(app: App, shop: Shop, wire: ShopWire) -> None:
    """Orders that scripts made have no origin: asked for it, Saleor answers null and an error (verified.md §9)."""
    order_id = wire.has_order()
    wire.next_time("ReadOrder", failing("order", "GraphQLError", message='Expected type "OrderOriginEnum!"'))
    reward_order(app, shop, order_id)
    assert wire.operations() == ["ReadOrder", "ReadOrders"]
    assert kept(app, shop, order_id)[0].number == "1"


def test_a_missing_permission_is_said_in_words_for_a_human(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.next_time("ReadOrder", denied)
    with pytest.raises(Denied, match=r"refused reading the order: .* “Manage orders”"):
        reward_order(app, shop, wire.has_order())


@pytest.mark.parametrize(("trouble", "wait"), [(down, 0), (too_many("7"), 7)], ids=["502", "429"])
def test_a_shop_in_trouble_is_asked_again_later(app: App, shop: Shop, wire: ShopWire, trouble: Any, wait: int) -> None:
    order_id = wire.has_order()
    wire.next_time("ReadOrder", trouble)
    with pytest.raises(TryAgain) as again:
        reward_order(app, shop, order_id)
    assert again.value.wait_seconds == wait
    assert rows(app)["orders"] == 0
    pause_is_over(app, shop)
    reward_order(app, shop, order_id)
    assert rows(app)["parcels"] == 1


def test_the_budget_of_the_month_is_never_overspent(app: App, wire: ShopWire) -> None:
    shop = add_installed_shop(app, toml=program_toml(budget={"month": "2.00"}))
    for number in range(1, 6):
        reward_order(app, shop, wire.has_order(number, user=user_node(number)))
    given = [[extra.extra_id for extra in the_parcel(app, shop, global_id("Order", n)).plan.extras.chosen]
             for n in range(1, 6)]  # fmt: skip
    assert given == [["caramel", "bookmark"]] * 2 + [["caramel"]] * 3
    assert month_spent(app, shop) <= 220


def test_the_last_piece_is_given_once(app: App, wire: ShopWire) -> None:
    extras = [{"id": "card", "name": {"en": "card"}, "kind": "surprise", "cost": "1", "stock": 1}]
    toml = program_toml(extras=extras, surprises=[{"chance": 1.0, "pool": ["card"]}])
    shop = add_installed_shop(app, toml=toml)
    for number in (1, 2):
        reward_order(app, shop, wire.has_order(number, user=user_node(number)))
    chosen = [the_parcel(app, shop, global_id("Order", n)).plan.extras.chosen for n in (1, 2)]
    assert [len(extras) for extras in chosen] == [1, 0]
    assert pieces(app, shop) == {"card": 0}


def test_the_usual_product_and_the_categories_are_known_from_the_orders_before(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    for number in (1, 2):
        reward_order(app, shop, wire.has_order(number, lines=[line_node(7)]))
    third = wire.has_order(3, lines=[line_node(8)])
    reward_order(app, shop, third)
    story = the_parcel(app, shop, third).story
    assert (story.nth_order, story.usual, story.bought_categories) == (3, "Apple Juice 7", frozenset({"juices"}))


@pytest.fixture
def two_shops(app: App, shop: Shop, wire: ShopWire) -> tuple[Shop, Shop]:
    return shop, add_installed_shop(app, saleor_api_url="https://other.example.com/graphql/")


def test_one_shop_knows_nothing_of_another(app: App, two_shops: tuple[Shop, Shop], wire: ShopWire) -> None:
    mine, other = two_shops
    order_id = wire.has_order(total=600)
    reward_order(app, mine, order_id)
    with app.database.read() as db:
        assert orders.order_by_saleor_id(db, other.id, order_id) is None
        assert tiers.members_by_tier(db, other.id) == {}
    assert pieces(app, other) == {"caramel": 100, "bookmark": 10}
    assert fresh(app, other) == other
