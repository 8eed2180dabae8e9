"""The inbox keeps each delivery once, says what no work was made of yet, and remembers what came."""

from datetime import timedelta

import pytest
from factories import NOW, OTHER_SHOP_URL, SHOP_URL, add_installed_shop

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import inbox
from saleor_loyalty_app.store.inbox import Arrival, body_hash
from saleor_loyalty_app.store.shops import Shop


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def arrival(shop: Shop, *subjects: str, body: str = "h", event: str = "OrderUpdated", minutes: int = 0) -> Arrival:
    return Arrival(shop.id, body, event, subjects or ("order:1",), NOW + timedelta(minutes=minutes))


def keep(app: App, *arrivals: Arrival) -> None:
    with app.database.write() as db:
        inbox.keep_all(db, arrivals)


def subjects(app: App) -> list[str]:
    with app.database.read() as db:
        return [row[2] for row in inbox.waiting(db)]


def test_a_delivery_is_kept_once_for_each_of_its_subjects(app: App, shop: Shop) -> None:
    keep(app, arrival(shop, "order:1", "order:2"), arrival(shop, "order:1", "order:2"))
    keep(app, arrival(shop, "order:2", "order:3"))
    assert subjects(app) == ["order:1", "order:2", "order:3"]


def test_many_deliveries_of_many_shops_are_kept_in_one_go(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    keep(app, arrival(shop), arrival(other), arrival(shop, body="h2"))
    with app.database.read() as db:
        assert [row[1] for row in inbox.waiting(db)] == [shop.id, other.id, shop.id]


def test_the_hash_is_of_the_shop_and_the_very_bytes() -> None:
    first = body_hash(SHOP_URL, b'{"a": 1}')
    assert first == body_hash(SHOP_URL, b'{"a": 1}')
    assert (
        len({first, body_hash(OTHER_SHOP_URL, b'{"a": 1}'), body_hash(SHOP_URL, b'{"a":1}'), body_hash("", b"")}) == 4
    )
    assert len(first) == 64


def test_what_work_was_made_of_waits_no_more_and_is_remembered(app: App, shop: Shop) -> None:
    keep(app, arrival(shop, event="OrderCreated"), arrival(shop, body="h2", minutes=1))
    with app.database.write() as db:
        first, _ = inbox.waiting(db)
        inbox.mark_taken(db, [first[0]], NOW)
        assert [row[3] for row in inbox.waiting(db)] == [NOW + timedelta(minutes=1)]
        assert inbox.events_of(db, shop.id, "order:1") == [
            ("OrderCreated", NOW), ("OrderUpdated", NOW + timedelta(minutes=1))
        ]  # fmt: skip
        assert inbox.events_of(db, shop.id, "order:2") == []
        assert inbox.last_received(db, shop.id) == NOW + timedelta(minutes=1)
        assert inbox.last_received(db, 404) is None


def test_a_late_repetition_is_recognised_after_the_work_was_done(app: App, shop: Shop) -> None:
    keep(app, arrival(shop))
    with app.database.write() as db:
        inbox.mark_taken(db, [row[0] for row in inbox.waiting(db)], NOW)
    keep(app, arrival(shop, minutes=60))
    assert subjects(app) == []


def test_at_most_a_batch_is_handed_over_oldest_first(app: App, shop: Shop) -> None:
    keep(app, arrival(shop, *[f"order:{n}" for n in range(inbox.LARGEST_BATCH + 20)]))
    found = subjects(app)
    assert len(found) == inbox.LARGEST_BATCH
    assert found[:2] == ["order:0", "order:1"]


def test_only_what_is_done_with_is_forgotten(app: App, shop: Shop) -> None:
    keep(app, arrival(shop, "order:1"), arrival(shop, "order:2"), arrival(shop, "order:3", minutes=60))
    with app.database.write() as db:
        one, _, three = inbox.waiting(db)
        inbox.mark_taken(db, [one[0], three[0]], NOW)
        assert inbox.forget_before(db, shop.id, NOW + timedelta(minutes=30)) == 1
        assert [len(inbox.events_of(db, shop.id, f"order:{n}")) for n in (1, 2, 3)] == [0, 1, 1]


def test_a_very_large_bulk_is_kept(app: App, shop: Shop) -> None:
    keep(app, arrival(shop, *[f"order:{n}" for n in range(20_000)]))
    with app.database.read() as db:
        assert len(inbox.events_of(db, shop.id, "order:19999")) == 1


def test_an_empty_batch_is_no_trouble(app: App, shop: Shop) -> None:
    keep(app)
    keep(app, Arrival(shop.id, "h", "OrderBulkCreated", (), NOW))
    assert subjects(app) == []
