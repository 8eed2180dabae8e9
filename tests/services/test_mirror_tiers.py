"""Tiers that changed without an order are told to the shop: a hundred customers in one request."""

import pytest
from factories import Clock, add_installed_shop, fresh, global_id, program_toml, user_node
from wire import ShopWire, answer_lost, ok

from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.mirror_tiers import mirror_tiers
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.refresh_customer import forget_customer
from saleor_loyalty_app.services.review_tiers import review_tiers
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.set_tier_by_hand import set_tier_by_hand
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store.customers import customer_by_user
from saleor_loyalty_app.store.shops import REHEARSAL, Shop


def has_members(app: App, shop: Shop, wire: ShopWire, count: int = 3) -> None:
    for number in range(1, count + 1):
        reward_order(app, shop, wire.has_order(number, total=120, user=user_node(number)))


def test_all_members_are_told_in_one_request(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire)
    assert mirror_tiers(app, shop) == 3
    assert wire.times("MirrorTiers") == 1
    for number in (1, 2, 3):
        assert wire.metadata[global_id("User", number)] == {
            "best-regards.tier": "Silver",
            "best-regards.since": "2026-06-15",
        }


def test_what_is_shown_right_is_not_told_again(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire)
    tell_shop(app, shop, global_id("Order", 2))
    assert mirror_tiers(app, shop) == 2
    assert mirror_tiers(app, shop) == 0
    assert wire.times("MirrorTiers") == 1


def test_who_has_no_tier_and_who_is_a_guest_is_not_mentioned(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order(1, total=10))
    reward_order(app, shop, wire.has_order(2, total=120, user=None, userEmail="guest@example.com"))
    assert mirror_tiers(app, shop) == 0
    assert wire.times("MirrorTiers") == 0


def test_a_new_name_of_a_tier_is_told(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire, 1)
    mirror_tiers(app, shop)
    tiers = [{"id": "silver", "name": {"en": "Friends"}, "enter": {"spend": "100"}}]
    publish_program(app, shop.id, toml=program_toml(tiers=tiers), published_by="test")
    assert mirror_tiers(app, fresh(app, shop)) == 1
    assert wire.metadata[global_id("User", 1)]["best-regards.tier"] == "Friends"


def test_an_order_under_older_rules_does_not_tell_the_tier_by_its_older_name(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    has_members(app, shop, wire, 1)
    tell_shop(app, shop, global_id("Order", 1))
    tiers = [{"id": "silver", "name": {"en": "Friends"}, "enter": {"spend": "100"}}]
    publish_program(app, shop.id, toml=program_toml(tiers=tiers), published_by="test")
    assert mirror_tiers(app, fresh(app, shop)) == 1
    tell_shop(app, fresh(app, shop), global_id("Order", 1))
    assert wire.metadata[global_id("User", 1)]["best-regards.tier"] == "Friends"
    assert mirror_tiers(app, fresh(app, shop)) == 0


def test_a_tier_set_by_hand_is_told_once_whatever_looks_at_it_afterwards(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    has_members(app, shop, wire, 1)
    tell_shop(app, shop, global_id("Order", 1))
    with app.database.read() as db:
        member = customer_by_user(db, shop.id, global_id("User", 1))
    assert member
    for _ in range(2):
        set_tier_by_hand(app, shop, member.id, tier=None, by="staff", reason="Asked for it", last_day=None)
    for _ in range(2):
        mirror_tiers(app, shop)
        review_tiers(app, shop)
        tell_shop(app, shop, global_id("Order", 1))
        clock.pass_time(days=1)
    assert wire.times("MirrorTiers") == 1
    assert wire.times("TellShop") == 1
    assert wire.metadata[global_id("User", 1)]["best-regards.tier"] == ""


def test_in_rehearsal_nothing_is_told(app: App, wire: ShopWire) -> None:
    shop = add_installed_shop(app, mode=REHEARSAL)
    has_members(app, shop, wire)
    assert mirror_tiers(app, shop) == 0
    assert wire.times("MirrorTiers") == 0


def test_a_person_who_was_forgotten_is_not_mentioned(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire, 2)
    forget_customer(app, shop, global_id("User", 1))
    assert mirror_tiers(app, shop) == 1
    assert list(wire.metadata) == [global_id("User", 2)]


def test_after_a_lost_answer_the_same_is_told_again(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire)
    wire.next_time("MirrorTiers", answer_lost)
    with pytest.raises(TryAgain):
        mirror_tiers(app, shop)
    assert mirror_tiers(app, shop) == 3


def test_a_refusal_is_for_a_human(app: App, shop: Shop, wire: ShopWire) -> None:
    has_members(app, shop, wire)
    refused = {"errors": [{"path": "0", "code": "INVALID", "message": "Metadata key cannot be empty."}]}
    wire.next_time("MirrorTiers", lambda _wire, _asked: ok({"customerBulkUpdate": refused}))
    with pytest.raises(HumanMustAct, match="refused the customers' tiers"):
        mirror_tiers(app, shop)
