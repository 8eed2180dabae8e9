"""Customers are remembered as users or guests, joined only by a proven address, and forgotten whole."""

from datetime import timedelta

import pytest
from factories import NOW, OTHER_SHOP_URL, a_buyer, a_guest, add_installed_shop, an_order, global_id
from sqlalchemy import select

from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import orders
from saleor_loyalty_app.store.customers import (
    Customer,
    customer_by_id,
    customer_by_user,
    email_key,
    remember_buyer,
    set_trouble_solved,
    set_wishes,
)
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers

SECRET = b"secret of one shop, 32 bytes long"


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def remember(app: App, shop: Shop, buyer: Buyer) -> Customer:
    with app.database.write() as db:
        return remember_buyer(db, shop.id, buyer, key=email_key(SECRET, buyer.email), now=NOW)


def people(app: App) -> int:
    with app.database.read() as db:
        return len(db.execute(select(customers).where(customers.c.merged_into.is_(None))).all())


def by_id(app: App, shop: Shop, customer_id: int) -> Customer:
    with app.database.read() as db:
        found = customer_by_id(db, shop.id, customer_id)
    assert found
    return found


def test_a_user_is_one_customer_by_id(app: App, shop: Shop) -> None:
    first = remember(app, shop, a_buyer())
    second = remember(app, shop, a_buyer(email="new@example.com", last_name="Married"))
    assert (first.id, people(app)) == (second.id, 1)
    assert by_id(app, shop, first.id).name == "Anna Married"


def test_a_guest_is_one_customer_by_address(app: App, shop: Shop) -> None:
    first = remember(app, shop, a_guest())
    second = remember(app, shop, a_guest(email="  ANNA.1@Example.COM "))
    other = remember(app, shop, a_guest(email="somebody@example.com"))
    assert first.id == second.id != other.id
    assert first.user_id is None


def test_a_guest_without_an_address_is_nobody_in_particular(app: App, shop: Shop) -> None:
    first, second = (remember(app, shop, a_guest(email="")) for _ in range(2))
    assert first.id != second.id
    assert first.email_key is None


def test_a_name_is_kept_when_the_shop_does_not_say_it_again(app: App, shop: Shop) -> None:
    known = remember(app, shop, a_buyer())
    remember(app, shop, a_buyer(first_name="", last_name="", language=""))
    assert (by_id(app, shop, known.id).name, by_id(app, shop, known.id).language) == ("Anna Nguyen", "EN")


def test_who_is_no_longer_staff_is_not(app: App, shop: Shop) -> None:
    known = remember(app, shop, a_buyer(is_staff=True))
    remember(app, shop, a_buyer(is_staff=False))
    assert not by_id(app, shop, known.id).is_staff


def test_a_guest_with_a_members_proven_address_is_the_member(app: App, shop: Shop) -> None:
    member = remember(app, shop, a_buyer())
    assert remember(app, shop, a_guest()).id == member.id
    assert by_id(app, shop, member.id).name == "Anna Nguyen"


def test_a_guest_does_not_rename_the_member(app: App, shop: Shop) -> None:
    member = remember(app, shop, a_buyer())
    remember(app, shop, a_guest(first_name="Mallory", last_name=""))
    assert by_id(app, shop, member.id).name == "Anna Nguyen"


def test_a_guest_with_a_members_unproven_address_is_somebody_else(app: App, shop: Shop) -> None:
    member = remember(app, shop, a_buyer(is_confirmed=False))
    assert member.email_key is None
    assert remember(app, shop, a_guest()).id != member.id


def test_two_users_with_one_address_stay_two(app: App, shop: Shop) -> None:
    first = remember(app, shop, a_buyer())
    second = remember(app, shop, a_buyer(user_id=global_id("User", 2)))
    assert first.id != second.id
    assert remember(app, shop, a_guest()).id == first.id


def test_a_proven_member_takes_over_orders_of_the_guest(app: App, shop: Shop) -> None:
    guest = remember(app, shop, a_guest())
    with app.database.write() as db:
        row, _ = orders.write_facts(db, shop.id, guest.id, an_order())
    member = remember(app, shop, a_buyer())
    with app.database.read() as db:
        moved = orders.order_by_row(db, shop.id, row.id)
    assert moved
    assert moved.customer_id == member.id
    left = by_id(app, shop, guest.id)
    assert (left.merged_into, left.email_key, left.name) == (member.id, None, "")
    assert people(app) == 1


def test_an_unproven_member_takes_over_nothing_until_the_address_is_proven(app: App, shop: Shop) -> None:
    guest = remember(app, shop, a_guest())
    member = remember(app, shop, a_buyer(is_confirmed=False))
    assert by_id(app, shop, guest.id).merged_into is None
    remember(app, shop, a_buyer(is_confirmed=True))
    assert by_id(app, shop, guest.id).merged_into == member.id


def test_one_shop_does_not_find_the_customers_of_another(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    mine = remember(app, shop, a_buyer())
    with app.database.write() as db:
        assert customer_by_user(db, other.id, mine.user_id or "") is None
        assert customer_by_id(db, other.id, mine.id) is None
        assert erase_customer(db, other.id, mine.id, now=NOW) is False
        set_wishes(db, other.id, mine.id, exclusions=("x",), preferences=())
    assert by_id(app, shop, mine.id) == mine
    assert remember(app, other, a_guest()).id != mine.id


def test_the_key_of_an_address_is_the_shops_own(app: App) -> None:
    assert email_key(SECRET, "a@example.com") == email_key(SECRET, " A@EXAMPLE.com ")
    assert email_key(SECRET, "a@example.com") != email_key(b"another", "a@example.com")
    assert email_key(SECRET, "a@example.com") != email_key(SECRET, "b@example.com")
    assert (email_key(SECRET, ""), email_key(SECRET, "   ")) == (None, None)
    assert "example" not in (email_key(SECRET, "a@example.com") or "")


def test_erasing_takes_what_is_personal_once(app: App, shop: Shop) -> None:
    known = remember(app, shop, a_buyer())
    with app.database.write() as db:
        set_wishes(db, shop.id, known.id, exclusions=("nuts",), preferences=("tea",))
        set_trouble_solved(db, shop.id, known.id, solved=True)
        assert erase_customer(db, shop.id, known.id, now=NOW) is True
        assert erase_customer(db, shop.id, known.id, now=NOW + timedelta(days=1)) is False
    left = by_id(app, shop, known.id)
    assert (left.user_id, left.email_key, left.name, left.language) == (None, None, "", "")
    assert (left.exclusions, left.preferences, left.erased_at) == ((), (), NOW)


def test_who_comes_back_after_being_erased_is_somebody_new(app: App, shop: Shop) -> None:
    known = remember(app, shop, a_buyer())
    with app.database.write() as db:
        erase_customer(db, shop.id, known.id, now=NOW)
    for buyer in (a_buyer(), a_guest()):
        assert remember(app, shop, buyer).id != known.id


NAMES = {
    "letters": "Zoë Łukasz-O'Neil",
    "right to left": "مُحَمَّد",
    "emoji": "👩‍👩‍👧",
    "SQL": "'; DROP TABLE customers; --",
    "HTML": "<script>alert(1)</script>",
    "a template": "{{ 7 * 7 }} {% for x in y %}",
    "256 letters": "x" * 256,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_any_name_is_kept_as_it_is(app: App, shop: Shop, name: str) -> None:
    known = remember(app, shop, a_buyer(first_name=name))
    assert by_id(app, shop, known.id).first_name == name
