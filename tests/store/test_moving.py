"""Everything moves into another database, and secrets get a new key: all of it, and safe to repeat."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from factories import NOW, OTHER_SHOP_URL, add_installed_shop
from postgres_server import postgres_server
from sqlalchemy import select, text, update
from test_database import counts, filled

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.move_database import CannotMove, move_database
from saleor_loyalty_app.services.rotate_secrets import rotate_secrets
from saleor_loyalty_app.store import copy_all, sealed, workers
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.secrets import UnreadableSecret, Vault
from saleor_loyalty_app.store.shops import Shop, all_shops
from saleor_loyalty_app.store.tables import customers, shops


@pytest.fixture
def shop(app: App) -> Shop:
    shop = add_installed_shop(app)
    filled(app, shop)
    filled(app, add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL))
    _lone(app)
    return shop


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'target.sqlite'}"
    else:
        with postgres_server() as url:
            yield url


def _lone(app: App) -> None:
    """No worker was heard of lately."""
    with app.database.write() as db:
        for name in workers.seen(db):
            workers.drop_lease(db, name)


def test_every_row_arrives_and_new_ones_are_numbered_after_them(app: App, shop: Shop, target_url: str) -> None:
    before = counts(app, shop.id)
    copied = move_database(app, target_url)
    assert {name: rows for name, rows in copied.items() if not rows} == {}
    assert copied["customers"] == 2 * before["customers"]
    there = Database(target_url)
    with app.database.read() as here, there.write() as db:
        assert copy_all.tables_that_differ(here, db) == []
        assert [one.sealed_token for one in all_shops(db)] == [one.sealed_token for one in all_shops(here)]
        newest = max(db.scalars(select(customers.c.id)))
        row = dict(db.execute(select(customers).where(customers.c.id == newest)).mappings().one())
        row = {name: value for name, value in row.items() if name != "id"} | {"user_id": "new"}
        assert db.execute(customers.insert().values(row).returning(customers.c.id)).scalar_one() > newest
    there.close()


def test_a_single_changed_value_is_noticed(app: App, shop: Shop, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'target.sqlite'}"
    move_database(app, url)
    there = Database(url)
    with app.database.read() as here, there.write() as db:
        db.execute(update(customers).where(customers.c.id == 1).values(value_minor=1))
        assert copy_all.tables_that_differ(here, db) == ["customers"]
    there.close()


def test_nothing_is_moved_while_a_worker_runs_or_into_a_database_that_is_in_use(
    app: App, shop: Shop, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'target.sqlite'}"
    with app.database.write() as db:
        workers.renew_lease(db, "busy", app.now())
    with pytest.raises(CannotMove, match="still runs"):
        move_database(app, url)
    _lone(app)
    move_database(app, url)
    with pytest.raises(CannotMove, match="not empty"):
        move_database(app, url)
    with pytest.raises(CannotMove, match="can't be used"):
        move_database(app, f"sqlite:///{tmp_path}")


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a text that is too long": ("first_name", {"first_name": "Linh" * 500}),
    "a character that no text there holds": ("last_name", {"last_name": "Ngu\0yen"}),
    "a text where a number belongs": ("value_minor", {"value_minor": "Linh"}),
    "a number that is too large": ("orders_counted", {"orders_counted": 2**62}),
}
"""What SQLite keeps in a column although it should not stand there."""


@pytest.mark.postgres
def test_a_row_that_the_new_database_does_not_take_is_named_without_its_words_and_nothing_is_moved(
    app: App, shop: Shop
) -> None:
    with postgres_server() as url:
        for column, values in REFUSED.values():
            with app.database.write() as db:
                kept = dict(db.execute(select(customers).where(customers.c.id == 2)).mappings().one())
                wrong = ", ".join(f"{name} = :{name}" for name in values)
                db.execute(text(f"UPDATE customers SET {wrong} WHERE id = 2"), values)  # noqa: S608
            with pytest.raises(CannotMove) as why:
                move_database(app, url)
            assert f"a row of customers (id 2): the value of {column} " in str(why.value)
            assert "Linh" not in str(why.value)
            there = Database(url)
            with there.read() as db:
                assert copy_all.tables_filled(db) == []
            there.close()
            with app.database.write() as db:
                db.execute(update(customers).where(customers.c.id == 2).values(kept))
        assert move_database(app, url)["customers"] > 1


def test_a_row_that_a_rule_of_its_table_refuses_is_named_by_its_place(app: App, shop: Shop, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'target.sqlite'}"
    there = Database(url)
    migrate(there)
    with there.write() as db:
        db.execute(text("CREATE UNIQUE INDEX one_language ON customers (language)"))
    there.close()
    with pytest.raises(CannotMove, match=r"a row of customers \(id 2\): it can't be kept there"):
        move_database(app, url)


def test_secrets_are_sealed_with_the_newest_key_and_nothing_is_left_behind(app: App, shop: Shop) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    _seal_everything(app, Vault((old,)))
    count = rotate_secrets(_with_keys(app, new, old))
    assert count == len(list(_sealed_values(app)))
    only_new = Vault((new,))
    assert {only_new.open(value) for value in _sealed_values(app)} == {b"secret"}
    assert rotate_secrets(_with_keys(app, new)) == count


def test_a_secret_of_a_lost_key_stops_the_rotation_and_changes_nothing(app: App, shop: Shop) -> None:
    _seal_everything(app, Vault((Fernet.generate_key().decode(),)))
    before = list(_sealed_values(app))
    with pytest.raises(UnreadableSecret, match="LOYALTY_SECRET_KEY"):
        rotate_secrets(_with_keys(app, Fernet.generate_key().decode()))
    assert list(_sealed_values(app)) == before


def _with_keys(app: App, *keys: str) -> App:
    return App(settings=app.settings, database=app.database, vault=Vault(keys), now=lambda: NOW)


def _sealed_values(app: App) -> Iterator[bytes]:
    with app.database.read() as db:
        for table, column in sealed.sealed_columns():
            yield from db.scalars(select(column).where(column.is_not(None)).order_by(*table.primary_key.columns))


def _seal_everything(app: App, vault: Vault) -> None:
    with app.database.write() as db:
        for table, column in sealed.sealed_columns():
            db.execute(update(table).values({column: vault.seal(b"secret")}))
        assert db.scalar(select(shops.c.sealed_token)) is not None
