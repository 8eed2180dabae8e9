"""After a restore the app plans an order again that it told before, in a time that its database knows nothing of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import responses
from factories import NOW, add_installed_shop
from wire import ShopWire

from saleor_loyalty_app.domain.parcel_codes import parcel_codes
from saleor_loyalty_app.services.add_order_lines import add_order_lines
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.back_up import back_up
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import parcels, stock
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.shops import Shop


@pytest.fixture
def wire(mocked: responses.RequestsMock) -> ShopWire:
    wire = ShopWire()
    wire.listen(mocked)
    return wire


@pytest.fixture
def restored(app: App, tmp_path: Path) -> Iterator[App]:
    """An app with the database of this moment, before anything else is done."""
    add_installed_shop(app)
    file = back_up(app, tmp_path / "backups")
    older = replace(app, database=Database(f"sqlite:///{file}"))
    yield older
    older.database.close()


def the_shop(app: App) -> Shop:
    from saleor_loyalty_app.store.shops import all_shops

    with app.database.read() as db:
        return all_shops(db)[0]


def look_and_tell(app: App, order_id: str) -> None:
    shop = the_shop(app)
    reward_order(app, shop, order_id)
    add_order_lines(app, shop, order_id)
    tell_shop(app, shop, order_id)


def long_ago(wire: ShopWire, number: int = 1) -> str:
    at = (NOW - timedelta(hours=1)).isoformat()
    return wire.has_order(number, created=at, updatedAt=at)


def test_a_note_that_stands_is_not_written_again(app: App, restored: App, wire: ShopWire) -> None:
    order_id = long_ago(wire)
    look_and_tell(app, order_id)
    look_and_tell(restored, order_id)
    assert len(wire.notes[order_id]) == 1
    with restored.database.read() as db:
        (parcel,) = parcels.latest_parcels(db, the_shop(restored).id, limit=5)
    assert parcel.told_at is not None
    assert parcel.code in wire.notes[order_id][0]
    look_and_tell(restored, order_id)
    assert len(wire.notes[order_id]) == 1


def test_a_note_with_other_words_is_followed_by_one_that_says_changed(app: App, restored: App, wire: ShopWire) -> None:
    order_id = long_ago(wire)
    look_and_tell(app, order_id)
    with restored.database.write() as db:
        stock.set_count(db, the_shop(restored).id, "bookmark", 0, now=app.now(), by="staff")
    look_and_tell(restored, order_id)
    first, second = wire.notes[order_id]
    assert "bookmark" in first.lower()
    assert "changed" in second.partition("\n")[0].lower()
    look_and_tell(restored, order_id)
    assert len(wire.notes[order_id]) == 2


def test_what_was_taken_back_is_not_taken_back_twice(app: App, wire: ShopWire, tmp_path: Path) -> None:
    add_installed_shop(app)
    order_id = long_ago(wire)
    look_and_tell(app, order_id)
    older = replace(app, database=Database(f"sqlite:///{back_up(app, tmp_path / 'backups')}"))
    wire.change_order(order_id, status="CANCELED", updatedAt=(NOW - timedelta(minutes=30)).isoformat())
    for one in (app, older):
        look_and_tell(one, order_id)
        assert len(wire.notes[order_id]) == 2
    older.database.close()


def test_an_order_that_comes_at_once_is_told_without_a_look(app: App, restored: App, wire: ShopWire) -> None:
    look_and_tell(restored, wire.has_order(2))
    assert wire.times("ReadOrderNotes") == 0


def test_a_parcels_code_is_the_same_whenever_it_is_planned_and_not_to_be_guessed() -> None:
    first = next(parcel_codes(b"k" * 32, "T3JkZXI6MQ=="))
    assert first == next(parcel_codes(b"k" * 32, "T3JkZXI6MQ=="))
    assert first != next(parcel_codes(b"l" * 32, "T3JkZXI6MQ=="))
    many = {next(parcel_codes(b"k" * 32, str(number))) for number in range(5000)}
    assert len(many) == 5000
    codes = parcel_codes(b"k" * 32, "1")
    assert len({next(codes) for _ in range(100)}) == 100
