"""Every released version is brought up to date with its data in it, on both databases, and the app works with it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from factories import Clock, dashboard_token, jwks, make_settings, user_node
from released_data import FOLDER, RELEASED, Rows, install_released, reflected, rows_of
from sqlalchemy import text, update
from wire import ShopWire

from saleor_loyalty_app import __version__
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import REACTIONS, do_step
from saleor_loyalty_app.services.personal_data import personal_data
from saleor_loyalty_app.store import parcels
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import NewerDatabase, migrate, newest_revision, revision_of
from saleor_loyalty_app.store.secrets import Vault
from saleor_loyalty_app.store.shops import all_shops
from saleor_loyalty_app.store.tables import shops
from saleor_loyalty_app.web import create_app


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    database = Database(empty_database)
    yield database
    database.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(make_settings(tmp_path).secret_keys)


@pytest.fixture(params=RELEASED)
def before(request: pytest.FixtureRequest, database: Database, vault: Vault) -> Rows:
    return install_released(database, request.param, vault)


def test_there_are_data_of_every_released_version() -> None:
    changes = Path(__file__).parents[2].joinpath("CHANGELOG.md").read_text(encoding="utf-8")
    released = {line.removeprefix("## ").strip() for line in changes.splitlines() if line.startswith("## ")}
    assert released - {"Unreleased"} == RELEASED.keys() == {path.stem for path in FOLDER.glob("*.json")}
    assert __version__ in RELEASED


def test_a_released_version_had_rows_in_all_its_tables(database: Database, before: Rows) -> None:
    assert [name for name, rows in before.items() if not rows] == []
    assert before.keys() == reflected(database).keys()


def test_every_row_survives_and_the_tables_are_as_described(database: Database, before: Rows) -> None:
    migrate(database)
    after = rows_of(database)
    for name, rows in before.items():
        key = [column.name for column in metadata.tables[name].primary_key.columns]
        there = {tuple(row[column] for column in key): row for row in after[name]}
        assert len(there) == len(rows), name
        for row in rows:
            survived = there[tuple(row[column] for column in key)]
            assert {column: survived[column] for column in row} == row, name
    with database.write() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert revision_of(db) == newest_revision()


def test_what_was_added_since_is_filled_from_what_was_known(database: Database, before: Rows) -> None:
    """Sums, search keys and costs are no columns that old versions had; they must not begin at nothing."""
    migrate(database)
    after = rows_of(database)
    counted: dict[int, int] = {}
    for order in before["orders"]:
        counted[order["customer_id"]] = counted.get(order["customer_id"], 0) + bool(order["counts"])
    for customer in after["customers"]:
        assert bool(customer["first_key"]) == bool(customer["first_name"])
        if "orders_counted" not in before["customers"][0]:
            assert customer["orders_counted"] == counted.get(customer["id"], 0)
    standing = [item for item in before["parcel_items"] if item["state"] in parcels.STANDING]
    assert sum(row["pieces"] for row in after["costs"]) == len(standing) > 0
    assert sum(row["cost_minor"] for row in after["costs"]) == sum(item["cost_minor"] for item in standing)


def test_the_app_works_with_it(
    database: Database, before: Rows, tmp_path: Path, mocked: responses.RequestsMock
) -> None:
    migrate(database)
    settings = make_settings(tmp_path)
    clock = Clock(max(order["placed_at"] for order in rows_of(database)["orders"]).replace(tzinfo=UTC))
    app = App(settings=settings, database=database, vault=Vault(settings.secret_keys), now=clock.now)
    with database.write() as db:
        db.execute(update(shops).values(jwks=jwks()))
    with database.read() as db:
        (shop,) = all_shops(db)
    client = create_app(app).test_client()

    def page(path: str) -> str:
        answer = client.get(path, headers=_staff(shop.saleor_api_url))
        assert answer.status_code == 200, path
        return answer.text

    with database.read() as db:
        (parcel, *_) = parcels.latest_parcels(db, shop.id, limit=1)
    for path in ("/panel/", "/panel/parcels", "/panel/customers", "/panel/costs", "/panel/program"):
        page(path)
    assert parcel.code in page(f"/panel/parcels/{parcel.code}")
    page(f"/panel/customers/{parcel.customer_id}")
    assert json.dumps(personal_data(app, shop, parcel.customer_id))

    wire = ShopWire()
    wire.listen(mocked)
    new = wire.has_order(
        900001, total=80, currency="EUR", user=user_node(900001), created=clock.now().isoformat(),
        updatedAt=clock.now().isoformat(),
    )  # fmt: skip
    again = next(order for order in before["orders"] if order["id"] == parcel.order_row)["order_id"]
    for order_id in (new, again):
        for step in REACTIONS["order"]:
            ending = do_step(app, shop.id, f"order:{order_id}", step)
            assert ending.error is None, ending
    assert len(wire.notes[new]) == 1
    assert wire.notes[again] == []  # it was told by the version before


def _staff(url: str) -> dict[str, str]:
    token = dashboard_token(datetime.now(UTC), iss=url)
    return {"Authorization-Bearer": token, "Saleor-Api-Url": url, "Locale": "en"}


# ---- Forward only, and only once


def test_tables_of_a_newer_version_are_refused_and_left_alone(database: Database, vault: Vault) -> None:
    migrate(database)
    with database.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match=r"newer version .* at 9999, this version knows"):
        migrate(database)
    with database.read() as db:
        assert revision_of(db) == "9999"


def test_the_command_says_so_in_one_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'loyalty.sqlite'}")
    migrate(database)
    with database.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    for arguments in (["run"], ["worker"]):
        said = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "saleor_loyalty_app", *arguments],
            env={"LOYALTY_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert said.returncode == 1, arguments
        assert said.stderr.startswith("The database was brought up to date by a newer version of Best Regards")
        assert "Traceback" not in said.stderr


def test_a_migration_that_breaks_off_leaves_the_tables_as_they_were(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = install_released(database, "0.1.0", vault)

    def break_off() -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(ScriptDirectory, "from_config", _with_broken(newest_revision(), break_off))
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(database)
    assert rows_of(database) == before
    with database.read() as db:
        assert revision_of(db) == "0001"


def _with_broken(revision: str, upgrade: Any) -> Any:
    """Scripts whose step to this revision does something else: each reading of the folder imports them anew."""
    read = ScriptDirectory.from_config

    def from_config(config: Any) -> ScriptDirectory:
        scripts = read(config)
        found = scripts.get_revision(revision)
        assert found is not None
        found.module.upgrade = upgrade
        return scripts

    return from_config


def test_processes_that_start_at_once_migrate_data_once(empty_database: str, vault: Vault) -> None:
    first = Database(empty_database)
    before = install_released(first, "0.1.0", vault)
    errors: list[Exception] = []

    def start() -> None:
        database = Database(empty_database)
        try:
            migrate(database)
        except Exception as error:
            errors.append(error)
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    after = rows_of(first)
    assert {name: len(after[name]) for name in before} == {name: len(rows) for name, rows in before.items()}
    with first.read() as db:
        assert revision_of(db) == newest_revision()
    first.close()


def test_a_process_waits_longer_for_a_migration_than_for_other_writers(tmp_path: Path) -> None:
    """A large table takes minutes; others that start meanwhile must not give up after the usual seconds."""
    url = f"sqlite:///{tmp_path / 'loyalty.sqlite'}"
    busy, late = Database(url), Database(url)
    ended = threading.Event()
    with late.engine.connect() as db:  # the patience for other writers, made short for the test
        db.connection.driver_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]

    def start() -> None:
        migrate(late)
        ended.set()

    with busy.write() as db:
        db.execute(text("CREATE TABLE something (id INTEGER)"))
        waiting = threading.Thread(target=start)
        waiting.start()
        assert not ended.wait(0.5)
    waiting.join(30)
    assert ended.is_set()
    for database in (busy, late):
        database.close()
