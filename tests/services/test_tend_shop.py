"""A shop's connection is looked after: webhooks and permissions, silence, pauses, removal, and the way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, Clock, add_installed_shop, fresh, global_id
from wire import ShopWire, down, not_understood, ok, registered_webhook, too_many

from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.saleor.events import EVENTS
from saleor_loyalty_app.saleor.manifest import webhook
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_house import keep_house
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tend_shop import pause_shop, remove_shop, tend_shop
from saleor_loyalty_app.store import inbox, work
from saleor_loyalty_app.store.shops import Shop, all_shops, change_shop
from saleor_loyalty_app.store.tables import metadata

URL = "https://loyalty.example.com"
ALL_NAMES = {event.name for event in EVENTS}
MANIFEST_NAMES = {event.name for event in EVENTS if event.everywhere}


@pytest.fixture
def registered(wire: ShopWire) -> ShopWire:
    """The shop as it is after an install: the manifest's webhooks stand."""
    hooks = [webhook(event, URL) for event in EVENTS if event.everywhere]
    wire.webhooks = [registered_webhook(f"hook-{number}", hook) for number, hook in enumerate(hooks)]
    return wire


def wished(app: App, shop: Shop, subject: str) -> bool:
    with app.database.read() as db:
        return work.find(db, shop.id, subject) is not None


def changes(wire: ShopWire) -> list[str]:
    return [operation for operation in wire.operations() if operation.startswith("Webhook")]


# ---- Webhooks


def test_events_of_later_releases_are_registered_where_the_shop_knows_them(
    app: App, shop: Shop, registered: ShopWire
) -> None:
    tend_shop(app, shop)
    assert {hook["name"] for hook in registered.webhooks} == ALL_NAMES
    assert len(registered.webhooks) == len(ALL_NAMES)


def test_an_older_shop_keeps_the_webhooks_of_the_manifest(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.knows_later_events = False
    tend_shop(app, shop)
    assert {hook["name"] for hook in registered.webhooks} == MANIFEST_NAMES
    assert changes(registered) == []


def test_a_second_look_changes_nothing(app: App, shop: Shop, registered: ShopWire) -> None:
    tend_shop(app, shop)
    registered.asked.clear()
    tend_shop(app, shop)
    assert changes(registered) == []


DAMAGE: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "switched off": lambda hook: {**hook, "isActive": False},
    "another address": lambda hook: {**hook, "targetUrl": "https://old.example.com/api/webhooks/saleor"},
    "another query": lambda hook: {**hook, "subscriptionQuery": "subscription { event { __typename } }"},
    "no query": lambda hook: {**hook, "subscriptionQuery": None},
    "another event": lambda hook: {**hook, "asyncEvents": [{"eventType": "ORDER_PAID"}]},
    "no event": lambda hook: {**hook, "asyncEvents": []},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_webhook_that_is_not_as_it_should_be_is_repaired(
    app: App, shop: Shop, registered: ShopWire, damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    tend_shop(app, shop)
    whole = list(registered.webhooks)
    registered.webhooks[3] = damage(registered.webhooks[3])
    registered.asked.clear()
    tend_shop(app, shop)
    assert registered.webhooks == whole
    assert changes(registered) == ["WebhookUpdate"]


def test_a_query_that_the_shop_writes_with_other_spaces_is_the_same(app: App, shop: Shop, registered: ShopWire) -> None:
    tend_shop(app, shop)
    for hook in registered.webhooks:
        hook["subscriptionQuery"] = " ".join(hook["subscriptionQuery"].split())
    registered.asked.clear()
    tend_shop(app, shop)
    assert changes(registered) == []


def test_a_webhook_of_a_former_version_of_the_app_is_removed(app: App, shop: Shop, registered: ShopWire) -> None:
    former = {"name": "ProductUpdated", "targetUrl": URL, "isActive": True, "query": "x", "asyncEvents": []}
    registered.webhooks.append(registered_webhook("former", former))
    tend_shop(app, shop)
    assert "ProductUpdated" not in {hook["name"] for hook in registered.webhooks}


def test_a_webhook_that_stands_twice_is_left_once(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.webhooks.append({**registered.webhooks[0], "id": "twice"})
    tend_shop(app, shop)
    assert sorted(hook["name"] for hook in registered.webhooks) == sorted(ALL_NAMES)


def test_a_webhook_that_was_removed_is_added_again(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.knows_later_events = False
    gone = registered.webhooks.pop(0)
    tend_shop(app, shop)
    assert gone["name"] in {hook["name"] for hook in registered.webhooks}


def test_a_webhook_that_the_shop_refuses_is_for_a_human(app: App, shop: Shop, registered: ShopWire) -> None:
    problem = {"field": "query", "code": "SYNTAX", "message": "Can't parse the query."}
    registered.next_time("WebhookCreate", lambda _w, _a: ok({"webhookCreate": {"webhook": None, "errors": [problem]}}))
    with pytest.raises(HumanMustAct, match=r"refused a webhook.* The shop says: Can't parse the query"):
        tend_shop(app, shop)


# ---- What the shop says about us


def test_name_version_and_permissions_are_kept_up_to_date(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.permissions, registered.version = ("MANAGE_ORDERS",), "3.24.1"
    tend_shop(app, shop)
    now = fresh(app, shop)
    assert (now.permissions, now.saleor_version, now.state) == (frozenset({"MANAGE_ORDERS"}), "3.24.1", "active")


@pytest.mark.parametrize("trouble", [down, too_many("30")], ids=["502", "429"])
def test_a_shop_in_trouble_is_not_taken_for_one_that_removed_us(
    app: App, shop: Shop, registered: ShopWire, trouble: Any
) -> None:
    registered.next_time("AppAlive", trouble)
    with pytest.raises(TryAgain):
        tend_shop(app, shop)
    assert fresh(app, shop) == shop


def an_error_inside(_wire: ShopWire, _asked: Any) -> tuple[int, dict[str, str], str]:
    error = (
        '{"message": "Internal Server Error", "path": ["app"], "extensions": {"exception": {"code": "DatabaseError"}}}'
    )
    return 200, {}, f'{{"data": {{"app": null}}, "errors": [{error}]}}'


@pytest.mark.parametrize("look", [tend_shop, remove_shop, pause_shop])
def test_an_error_inside_the_shop_is_not_taken_for_a_removal(
    app: App, shop: Shop, registered: ShopWire, look: Callable[[App, Shop], None]
) -> None:
    registered.next_time("AppAlive", an_error_inside)
    with pytest.raises((TryAgain, HumanMustAct)):
        look(app, shop)
    assert fresh(app, shop) == shop


# ---- Silent, dormant, back


def test_a_shop_that_no_longer_knows_our_token_falls_silent(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.alive = False
    tend_shop(app, shop)
    now = fresh(app, shop)
    assert (now.state, now.away_since) == ("silent", NOW)
    assert now.sealed_token


def test_after_a_week_of_silence_the_shop_is_dormant_and_its_token_is_gone(
    app: App, shop: Shop, registered: ShopWire, clock: Clock
) -> None:
    registered.alive = False
    for _ in range(7 * 24):
        tend_shop(app, fresh(app, shop))
        clock.pass_time(hours=1)
    assert fresh(app, shop).state == "silent"
    tend_shop(app, fresh(app, shop))
    now = fresh(app, shop)
    assert (now.state, now.sealed_token, now.away_since) == ("dormant", None, clock.now())
    with pytest.raises(HumanMustAct, match="Install it again"):
        app.client(now)


@pytest.mark.parametrize("known", [True, False])
def test_a_shop_that_is_removed_while_it_is_asked_stays_removed(
    app: App, shop: Shop, registered: ShopWire, known: bool
) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, state="dormant", sealed_token=None)
    registered.alive = known
    tend_shop(app, shop)  # as it was read before
    assert fresh(app, shop).state == "dormant"


def test_a_dormant_shop_is_not_asked(app: App, shop: Shop, registered: ShopWire) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, state="dormant", sealed_token=None)
    tend_shop(app, fresh(app, shop))
    assert registered.asked == []


@pytest.mark.parametrize("state", ["silent", "inactive"])
def test_a_shop_that_is_back_is_swept(app: App, registered: ShopWire, state: str) -> None:
    shop = add_installed_shop(app, state=state, away_since=NOW - timedelta(days=3))
    tend_shop(app, shop)
    now = fresh(app, shop)
    assert (now.state, now.away_since) == ("active", None)
    assert wished(app, shop, "sweep:")


def test_a_shop_that_was_never_away_is_not_swept(app: App, shop: Shop, registered: ShopWire) -> None:
    tend_shop(app, shop)
    assert not wished(app, shop, "sweep:")


def test_a_deactivation_that_the_shop_told_is_a_pause_however_long(
    app: App, shop: Shop, registered: ShopWire, clock: Clock
) -> None:
    registered.alive = False
    pause_shop(app, shop)
    for _ in range(30):
        clock.pass_time(days=1)
        tend_shop(app, fresh(app, shop))
    now = fresh(app, shop)
    assert (now.state, now.away_since) == ("inactive", NOW)


def test_a_late_word_of_a_deactivation_pauses_nothing(app: App, shop: Shop, registered: ShopWire) -> None:
    pause_shop(app, shop)
    assert fresh(app, shop).state == "active"


def test_a_removed_app_loses_its_token_at_once(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.alive = False
    remove_shop(app, shop)
    now = fresh(app, shop)
    assert (now.state, now.sealed_token) == ("dormant", None)


def test_a_late_word_of_a_removal_ends_nothing_after_a_new_install(app: App, shop: Shop, registered: ShopWire) -> None:
    remove_shop(app, shop)
    assert fresh(app, shop) == shop


# ---- Gone for good


def test_a_dormant_shop_is_erased_after_its_time_and_others_stay(
    app: App, shop: Shop, wire: ShopWire, clock: Clock
) -> None:
    other = add_installed_shop(app, saleor_api_url="https://other.example.com/graphql/")
    for number in (1, 2):
        reward_order(app, shop, wire.has_order(number, total=120))
    with app.database.write() as db:
        change_shop(db, shop.id, state="dormant", away_since=clock.now(), sealed_token=None)
    clock.pass_time(days=89)
    keep_house(app)
    assert _rows(app, shop.id) > 0
    clock.pass_time(days=1)
    keep_house(app)
    assert _rows(app, shop.id) == 0
    with app.database.read() as db:
        assert [known.id for known in all_shops(db)] == [other.id]
    assert _rows(app, other.id) > 0


def test_at_night_old_events_and_finished_work_are_forgotten(app: App, shop: Shop, clock: Clock) -> None:
    arrival = inbox.Arrival(shop.id, "hash", "OrderUpdated", (f"order:{global_id('Order', 1)}", "order:2"), NOW)
    with app.database.write() as db:
        inbox.keep_all(db, [arrival])
        first, _ = inbox.waiting(db)
        inbox.mark_taken(db, [first[0]], NOW)
    clock.pass_time(days=31)
    keep_house(app)
    with app.database.read() as db:
        assert [row[2] for row in inbox.waiting(db)] == ["order:2"]  # what no work was made of yet is not lost


def _rows(app: App, shop_id: int) -> int:
    total = 0
    with app.database.read() as db:
        for table in metadata.sorted_tables:
            if "shop_id" in table.c:
                query = table.select().where(table.c.shop_id == shop_id)
                total += len(db.execute(query).all())
    return total


def test_a_shop_that_does_not_understand_us_is_for_a_human(app: App, shop: Shop, registered: ShopWire) -> None:
    registered.next_time("ShopAndApp", not_understood)
    with pytest.raises(HumanMustAct, match="does not understand"):
        tend_shop(app, shop)
