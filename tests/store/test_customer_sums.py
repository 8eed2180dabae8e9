"""What lists are sorted by is what the facts of orders say, after each thing that can happen to them."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    NOW,
    OTHER_SHOP_URL,
    a_buyer,
    a_guest,
    add_installed_shop,
    an_order,
    fresh,
    global_id,
    program_toml,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.services.reward_order import keep_facts, keep_page
from saleor_loyalty_app.store import customer_sums
from saleor_loyalty_app.store.customers import Customer, customer_by_id, email_key, remember_buyer
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers

Sums = tuple[int, int, datetime | None]


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app, toml=program_toml(rates={"EUR": "1.10"}))


def an_order_of(total: int | str, number: int = 1, **changes: Any) -> Order:
    money = {name: Decimal(total) for name in ("total", "subtotal", "subtotal_net", "charged")}
    return an_order(number, **{**money, **changes})


def keep(app: App, shop: Shop, *page: Order) -> list[Customer]:
    with app.database.write() as db:
        return [keep_facts(app, db, shop, order)[1] for order in page]


def sums(app: App, shop: Shop, customer_id: int) -> Sums:
    with app.database.read() as db:
        found = customer_by_id(db, shop.id, customer_id)
    assert found
    return found.orders_counted, found.value_minor, found.last_order_at


def keys(app: App, customer_id: int) -> tuple[str, str]:
    with app.database.read() as db:
        row = db.execute(customers.select().where(customers.c.id == customer_id)).mappings().one()
    return row["first_key"], row["last_key"]


def test_each_order_changes_the_sums_in_its_own_transaction(app: App, shop: Shop) -> None:
    (anna,) = keep(app, shop, an_order_of(50, placed_at=NOW - timedelta(days=3)))
    assert sums(app, shop, anna.id) == (1, 5000, NOW - timedelta(days=3))
    keep(app, shop, an_order_of(10, 2, currency="EUR"))
    assert sums(app, shop, anna.id) == (2, 6100, NOW)
    with suppress(KeyboardInterrupt), app.database.write() as db:
        keep_facts(app, db, shop, an_order_of(70, 3))
        raise KeyboardInterrupt
    assert sums(app, shop, anna.id) == (2, 6100, NOW)


def test_what_is_refunded_or_cancelled_no_longer_counts(app: App, shop: Shop) -> None:
    (anna, _) = keep(app, shop, an_order_of(50, placed_at=NOW - timedelta(days=3)), an_order_of(30, 2))
    later = NOW + timedelta(hours=1)
    keep(app, shop, an_order_of(30, 2, status="CANCELED", updated_at=later))
    assert sums(app, shop, anna.id) == (1, 5000, NOW - timedelta(days=3))
    keep(app, shop, an_order_of(50, 1, placed_at=NOW - timedelta(days=3), refunded=Decimal(20), charged=Decimal(30),
                                updated_at=later))  # fmt: skip
    assert sums(app, shop, anna.id)[:2] == (1, 3000)


def test_an_order_that_moves_to_another_customer_takes_its_worth_along(app: App, shop: Shop) -> None:
    (guest,) = keep(app, shop, an_order_of(50, buyer=a_guest()))
    other = a_buyer(user_id=global_id("User", 2), email="other@example.com", is_confirmed=False)
    (member,) = keep(app, shop, an_order_of(50, buyer=other, updated_at=NOW + timedelta(hours=1)))
    assert sums(app, shop, guest.id) == (0, 0, None)
    assert sums(app, shop, member.id) == (1, 5000, NOW)


def test_a_member_who_takes_over_a_guest_takes_over_the_sums(app: App, shop: Shop) -> None:
    (guest,) = keep(app, shop, an_order_of(50, buyer=a_guest()))
    with app.database.write() as db:
        key = email_key(app.secret(shop), a_buyer().email)
        member = remember_buyer(db, shop.id, a_buyer(), key=key, now=NOW)
    assert sums(app, shop, member.id) == (1, 5000, NOW)
    assert sums(app, shop, guest.id) == (0, 0, None)
    assert keys(app, guest.id) == ("", "")
    assert keys(app, member.id) == ("anna", "nguyen")


def test_a_page_of_history_keeps_the_sums_of_everybody_on_it(app: App, shop: Shop) -> None:
    buyers = [a_guest(email=f"{number % 3}@example.com") for number in range(10)]
    page = [an_order_of(10 + number, number, buyer=buyer) for number, buyer in enumerate(buyers)]
    with app.database.write() as db:
        owners = [row.customer_id for row in keep_page(app, db, shop, page)]
        assert [row.customer_id for row in keep_page(app, db, shop, page)] == owners
    assert [sums(app, shop, owner)[:2] for owner in owners[:3]] == [(4, 5800), (3, 4200), (3, 4500)]


def test_names_are_searched_by_what_they_are_now(app: App, shop: Shop) -> None:
    (anna,) = keep(app, shop, an_order_of(50, buyer=a_buyer(first_name="Łucja", last_name="Weiß")))
    assert keys(app, anna.id) == ("lucja", "weiss")
    keep(app, shop, an_order_of(50, 2, buyer=a_buyer(first_name="", last_name="Öztürk")))
    assert keys(app, anna.id) == ("lucja", "ozturk")


def test_who_is_erased_is_found_by_no_name_but_sums_stay(app: App, shop: Shop) -> None:
    (anna,) = keep(app, shop, an_order_of(50))
    with app.database.write() as db:
        assert erase_customer(db, shop.id, anna.id, now=NOW)
    assert keys(app, anna.id) == ("", "")
    assert sums(app, shop, anna.id) == (1, 5000, NOW)


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"rates": {"EUR": "1.10"}}, 10_000 + 5_500),
        ({"rates": {"EUR": "2"}}, 10_000 + 10_000),
        ({"rates": {}}, 10_000),
        ({"currency": "EUR", "rates": {"USD": "0.5"}}, 5_000 + 5_000),
        ({"currency": "JPY", "rates": {"USD": "150", "EUR": "160"}}, 15_000 + 8_000),
        ({"gift_cards_count": False, "rates": {"EUR": "1.10"}}, 8_000 + 5_500),
    ],
    ids=["as before", "another rate", "no rate", "another currency", "one without decimals", "without gift cards"],
)
def test_a_program_that_counts_otherwise_is_followed_for_everybody(
    app: App, shop: Shop, changes: dict[str, Any], value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_sums, "SLICE", 2)
    monkeypatch.setattr(customer_sums, "AT_ONCE", 1)
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    (stranger,) = keep(app, other, an_order_of(70))
    known = []
    for number in range(5):
        buyer = a_guest(email=f"{number}@example.com")
        keep(app, shop, an_order_of(100, number, buyer=buyer))
        known += keep(app, shop, an_order_of(50, number + 10, buyer=buyer, currency="EUR"))
    with app.database.write() as db:
        db.exec_driver_sql(
            "UPDATE orders SET money_minor = 8000, card_minor = 2000 WHERE currency = 'USD' AND shop_id = 1"
        )
    publish_program(app, shop.id, toml=program_toml(name="New", **changes), published_by="x")
    review_tiers(app, fresh(app, shop))
    assert [sums(app, shop, customer.id)[:2] for customer in known] == [(2, value)] * 5
    assert sums(app, other, stranger.id)[:2] == (1, 7000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 400), st.booleans()), max_size=12))
def test_however_facts_came_taking_the_sums_anew_changes_nothing(
    app: App, shop: Shop, happened: list[tuple[int, int, int, bool]]
) -> None:
    for hour, (number, buyer, total, fell) in enumerate(happened):
        order = an_order_of(
            total, number, buyer=a_guest(email=f"{buyer}@example.com"), status="CANCELED" if fell else "UNFULFILLED",
            updated_at=NOW + timedelta(hours=hour),
        )  # fmt: skip
        keep(app, shop, order)
    assert customer_sums.renew_all_sums(app.database, shop.id) == 0
