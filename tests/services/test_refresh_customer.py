"""A customer changes at the shop: a new name, an account for a guest, an account deleted."""

import json
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, fresh, global_id, user_node
from sqlalchemy import LargeBinary, delete, select
from wire import ShopWire, denied, down

from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.read_history import read_history_page, sweep_changes
from saleor_loyalty_app.services.refresh_customer import forget_customer, refresh_customer
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import history, orders, parcels, tiers, work
from saleor_loyalty_app.store.customers import Customer, customer_by_id, customer_by_user, set_wishes
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers, metadata
from saleor_loyalty_app.store.tables import work as work_rows

ANNA = global_id("User", 1)
LATER = (NOW + timedelta(minutes=5)).isoformat()
PERSONAL = ("Anna", "Nguyen", "anna.1@example.com", ANNA)


def anna(app: App, shop: Shop) -> Customer | None:
    with app.database.read() as db:
        return customer_by_user(db, shop.id, ANNA)


def owner(app: App, shop: Shop, order_id: str) -> Customer:
    with app.database.read() as db:
        customer = customer_by_id(db, shop.id, row_of(app, shop, order_id).customer_id)
    assert customer
    return customer


def row_of(app: App, shop: Shop, order_id: str) -> OrderRow:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
    assert row
    return row


def people(app: App) -> int:
    """Customers that were not merged into another."""
    with app.database.read() as db:
        return len(db.execute(select(customers).where(customers.c.merged_into.is_(None))).all())


# ---- Read again


def test_a_new_name_is_kept(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    wire.has_user(1, firstName="Anne", lastName="Łukasz-O'Neil <b>")
    refresh_customer(app, shop, ANNA)
    found = anna(app, shop)
    assert found
    assert found.name == "Anne Łukasz-O'Neil <b>"


def test_guest_orders_that_the_shop_has_linked_to_an_account_follow_it(app: App, shop: Shop, wire: ShopWire) -> None:
    """They are linked without any order event (api-facts §5)."""
    order_id = wire.has_order(1, user=None, total=120)
    reward_order(app, shop, order_id)
    assert owner(app, shop, order_id).user_id is None
    wire.change_order(order_id, user=user_node(1))
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    assert owner(app, shop, order_id).user_id == ANNA
    found = anna(app, shop)
    assert found
    assert found.membership.tier == "silver"
    assert people(app) == 1


def test_a_proven_account_takes_over_what_the_guest_had(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(1, user=None, total=120)
    reward_order(app, shop, order_id)
    wire.has_user(1, isConfirmed=True)
    refresh_customer(app, shop, ANNA)
    member = anna(app, shop)
    assert member
    assert owner(app, shop, order_id).id == member.id
    assert member.membership.tier == "silver"
    with app.database.read() as db:
        assert [p.customer_id for p in parcels.parcels_of(db, shop.id, member.id)] == [member.id]
        assert len(tiers.decisions_of(db, shop.id, member.id)) >= 1


def test_an_unproven_address_draws_nothing_to_whoever_typed_it_in(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(1, user=None, total=600)
    reward_order(app, shop, order_id)
    wire.has_user(1, isConfirmed=False)
    refresh_customer(app, shop, ANNA)
    found = anna(app, shop)
    assert found
    assert (found.membership.tier, found.email_key) == (None, None)
    assert owner(app, shop, order_id).user_id is None


def test_a_guest_order_counts_for_the_member_whose_proven_address_it_names(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    order_id = wire.has_order(1, user=None, userEmail=" ANNA.1@Example.com ")
    reward_order(app, shop, order_id)
    assert owner(app, shop, order_id).user_id == ANNA


def test_a_tier_that_changes_with_linked_orders_is_told_to_the_shop(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(1, user=None, total=120)
    reward_order(app, shop, order_id)
    wire.change_order(order_id, user=user_node(1))
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    with app.database.read() as db:
        assert work.find(db, shop.id, "mirror:") is not None


def test_all_pages_of_a_customers_orders_are_read(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.largest_page = 2
    for number in range(1, 6):
        wire.has_order(number)
    wire.has_order(6, user=user_node(2))
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    assert wire.times("ReadOrders") == 3
    with app.database.read() as db:
        found = customer_by_user(db, shop.id, ANNA)
        assert found
        assert len(orders.orders_of(db, shop.id, found.id)) == 5


@pytest.mark.parametrize(("trouble", "error"), [(down, TryAgain), (denied, Denied)], ids=["502", "denied"])
def test_trouble_at_the_shop_is_not_taken_for_a_deleted_account(
    app: App, shop: Shop, wire: ShopWire, trouble: Any, error: type[Exception]
) -> None:
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    wire.next_time("ReadCustomer", trouble)
    with pytest.raises(error):
        refresh_customer(app, shop, ANNA)
    assert anna(app, shop)


# ---- Forgotten


@pytest.fixture
def known(app: App, shop: Shop, wire: ShopWire) -> str:
    """A customer with a note and a surprise from an order that was told to the shop."""
    order_id = wire.has_order(1, total=120)
    reward_order(app, shop, order_id)
    tell_shop(app, shop, order_id)
    found = anna(app, shop)
    assert found
    with app.database.write() as db:
        set_wishes(db, shop.id, found.id, exclusions=("nuts",), preferences=("tea",))
    return order_id


def everything_stored(app: App, *, but: tuple[str, ...] = ()) -> str:
    """All rows of all tables as text, as somebody with the database file would read them."""
    rows: list[Any] = []
    with app.database.read() as db:
        for table in metadata.sorted_tables:
            if table.name not in but:
                rows += [
                    [str(value) for column, value in zip(table.c, row, strict=True)
                     if not isinstance(column.type, LargeBinary)]
                    for row in db.execute(select(table))
                ]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


def test_the_e_mail_itself_is_never_stored(app: App, shop: Shop, wire: ShopWire, known: str) -> None:
    assert "example.com" not in everything_stored(app, but=("shops",))


def test_nothing_personal_is_left_of_a_deleted_account(app: App, shop: Shop, wire: ShopWire, known: str) -> None:
    assert "Anna" in everything_stored(app)
    forget_customer(app, shop, ANNA)
    # The shop's own id of a user who no longer exists stands on what was done, and says nothing by itself.
    left = everything_stored(app, but=("effects", "work", "inbox"))
    assert [word for word in PERSONAL if word in left] == []


def test_the_sums_stay(app: App, shop: Shop, wire: ShopWire, known: str) -> None:
    before = row_of(app, shop, known), owner(app, shop, known).membership
    anna, day_before = owner(app, shop, known).id, NOW - timedelta(days=1)
    with app.database.read() as db:
        spent = parcels.spent_on(db, shop.id, anna, mode="live", since=day_before)
    forget_customer(app, shop, ANNA)
    assert (row_of(app, shop, known), owner(app, shop, known).membership) == before
    with app.database.read() as db:
        assert spent == parcels.spent_on(db, shop.id, anna, mode="live", since=day_before)
        assert len(parcels.parcels_of(db, shop.id, owner(app, shop, known).id)) == 1


def test_a_second_time_does_nothing(app: App, shop: Shop, wire: ShopWire, known: str, clock: Clock) -> None:
    forget_customer(app, shop, ANNA)
    before = everything_stored(app)
    clock.pass_time(hours=1)
    forget_customer(app, shop, ANNA)
    assert everything_stored(app) == before


def test_an_unknown_account_is_forgotten_without_ado(app: App, shop: Shop) -> None:
    forget_customer(app, shop, global_id("User", 404))


def test_looking_at_an_old_order_again_does_not_bring_the_person_back(
    app: App, shop: Shop, wire: ShopWire, known: str
) -> None:
    """After a deletion the order keeps its e-mail and addresses at the shop, and has no user (verified.md §8)."""
    forget_customer(app, shop, ANNA)
    wire.change_order(known, user=None, updatedAt=LATER, billingAddress={"firstName": "Anna"})
    before = people(app)
    reward_order(app, shop, known)
    tell_shop(app, shop, known)
    assert people(app) == before
    left = everything_stored(app, but=("effects", "work", "inbox"))
    assert [word for word in PERSONAL if word in left] == []


def test_reading_the_history_again_does_not_bring_the_person_back(
    app: App, shop: Shop, wire: ShopWire, known: str
) -> None:
    forget_customer(app, shop, ANNA)
    wire.change_order(known, user=None, updatedAt=LATER)
    with app.database.write() as db:
        history.start_reading(db, shop.id, "orders", read_from=None, now=NOW)
    read_history_page(app, fresh(app, shop), "orders", Pace(0))
    assert "Anna" not in everything_stored(app)


def test_an_account_that_is_gone_when_it_is_read_is_forgotten(app: App, shop: Shop, wire: ShopWire, known: str) -> None:
    refresh_customer(app, shop, ANNA)
    assert anna(app, shop) is None
    assert "Anna" not in everything_stored(app)


def test_an_order_that_the_shop_has_anonymised_takes_the_guest_with_it(app: App, shop: Shop, wire: ShopWire) -> None:
    order_id = wire.has_order(1, user=None)
    reward_order(app, shop, order_id)
    assert "Anna" in everything_stored(app)
    wire.change_order(order_id, anonymized="true", userEmail="anonymous@example.com", updatedAt=LATER,
                      billingAddress={"firstName": "Anonymous"})  # fmt: skip
    for _ in range(2):
        reward_order(app, shop, order_id)
        assert "Anna" not in everything_stored(app)
        assert "Anonymous" not in everything_stored(app)
        assert people(app) == 1


def test_an_order_of_a_forgotten_person_that_is_paid_later_gets_no_new_words(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    order_id = wire.has_order(1, chargeStatus="NONE", totalCharged={"amount": 0})
    reward_order(app, shop, order_id)
    forget_customer(app, shop, ANNA)
    wire.change_order(order_id, user=None, chargeStatus="FULL", totalCharged={"amount": 50}, updatedAt=LATER)
    reward_order(app, shop, order_id)
    assert row_of(app, shop, order_id).no_parcel == "anonymized"
    assert "Anna" not in everything_stored(app)


def test_a_guest_who_comes_back_after_being_forgotten_is_somebody_new(
    app: App, shop: Shop, wire: ShopWire, known: str
) -> None:
    forget_customer(app, shop, ANNA)
    new = wire.has_order(2, user=user_node(1, id=global_id("User", 77)))
    reward_order(app, shop, new)
    assert owner(app, shop, new).id != owner(app, shop, known).id
    assert owner(app, shop, new).membership.tier is None


def test_the_log_names_nobody(app: App, shop: Shop, wire: ShopWire, known: str, log_lines: list[str]) -> None:
    wire.has_user(1)
    refresh_customer(app, shop, ANNA)
    forget_customer(app, shop, ANNA)
    assert not [line for line in log_lines for word in PERSONAL if word in line]


def test_an_order_first_seen_with_its_customer_is_looked_at_like_any_other(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    """Without MANAGE_ORDERS its own events never come, and the customer's may."""
    wire.has_user(1)
    order_id = wire.has_order(1)
    refresh_customer(app, shop, ANNA)
    with app.database.read() as db:
        assert work.find(db, shop.id, f"order:{order_id}")


def test_an_undecided_order_is_found_by_the_next_sweep(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_user(1)
    order_id = wire.has_order(1)
    refresh_customer(app, shop, ANNA)
    with app.database.write() as db:
        db.execute(delete(work_rows).where(work_rows.c.shop_id == shop.id))
    sweep_changes(app, shop)
    with app.database.read() as db:
        assert work.find(db, shop.id, f"order:{order_id}")
