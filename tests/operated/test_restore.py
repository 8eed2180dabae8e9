"""A backup of an hour or of seconds ago is put back: what came since is found again, and nothing is given twice."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from factories import add_installed_shop
from operated_shop import LINES, NOTES, OperatedShop, operated_shop
from postgres_server import pg_ctl
from processes import wait_until

from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.back_up import CannotBackUp, back_up, restore
from saleor_loyalty_app.store import parcels, stock
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.secrets import UnreadableSecret, Vault
from saleor_loyalty_app.store.shops import change_shop

pytestmark = pytest.mark.crash

BOUGHT: dict[Order, str] = {}


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatedShop]:
    BOUGHT.clear()
    with operated_shop(tmp_path_factory.mktemp("restore")) as operated:
        yield operated


def orders_come(operated: OperatedShop, name: str, *, hours_ago: int = 1) -> None:
    """Orders come and are told; then they, the sweep before them and the installation are made to lie back."""
    with operated.processes.app.database.write() as db:
        now = datetime.now(UTC)
        change_shop(
            db, operated.shop.id, swept_to=now - timedelta(hours=1, minutes=5), installed_at=now - timedelta(days=1)
        )  # fmt: skip
    came = {operated.buy(channel, f"{name}-{channel}-{n}@example.com"): channel
            for channel in (NOTES, LINES) for n in range(2)}  # fmt: skip
    wait_until(lambda: all(map(operated.is_told, came)))
    operated.come_to_rest()
    for order in came:
        order.created -= timedelta(hours=hours_ago)
        order.updated_at -= timedelta(hours=hours_ago)
    BOUGHT.update(came)


def goes_on_as_before(operated: OperatedShop) -> None:
    """Every order of before and since is known again, and has one parcel, one note, one line."""
    operated.start_all()
    wait_until(lambda: all(map(operated.is_told, BOUGHT)), seconds=90)
    operated.come_to_rest()
    for order, channel in BOUGHT.items():
        operated.assert_once(order, channel)
    with operated.processes.app.database.read() as db:
        given = sum(
            item.state in parcels.STANDING
            for parcel in parcels.latest_parcels(db, operated.shop.id, limit=1000)
            for item in parcels.items_of(db, operated.shop.id, parcel.id)
        )
        assert stock.stock_of(db, operated.shop.id)["sweet"] == 1000 - given
    after = operated.buy(NOTES, f"after-{len(BOUGHT)}@example.com")
    wait_until(lambda: operated.is_told(after))
    BOUGHT[after] = NOTES


@pytest.mark.parametrize(("engine", "hours_ago"), [("missing", 0), ("older", 1), ("newer", 1)])
def test_a_backup_of_sqlite_loses_and_doubles_nothing_however_old_it_is(
    operated: OperatedShop, tmp_path: Path, engine: str, hours_ago: int
) -> None:
    """The engine's own file need not be restored; if it is there, it may be of any moment."""
    data, kept = operated.folder, tmp_path / "engine"
    orders_come(operated, f"before-{engine}")
    made = operated.command("backup", str(tmp_path / "backups"))
    assert made.returncode == 0, made.stderr
    (file,) = (tmp_path / "backups").iterdir()
    if engine == "older":
        _copy_engine(data, kept)
    orders_come(operated, f"since-{engine}", hours_ago=hours_ago)
    assert operated.command("restore", str(file)).returncode == 1  # while it runs
    assert set(operated.stop_all().values()) == {0}
    if engine == "newer":
        _copy_engine(data, kept)
    restored = operated.command("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert not list(data.glob("loyalty-engine.sqlite*"))
    if engine != "missing":
        _copy_engine(kept, data)
    operated.processes.app.database.close()
    missing = [order for order in BOUGHT if operated.parcel(order) is None]
    assert len(missing) == 4
    goes_on_as_before(operated)


@pytest.mark.postgres
def test_an_hour_old_dump_of_postgresql_loses_and_doubles_nothing(tmp_path: Path, empty_postgres: str) -> None:
    BOUGHT.clear()
    address = empty_postgres.replace("+psycopg", "")
    dump = tmp_path / "loyalty.dump"
    with operated_shop(tmp_path, database_url=empty_postgres) as operated:
        orders_come(operated, "before")
        _postgres("pg_dump", "--format=custom", f"--file={dump}", address)
        orders_come(operated, "since")
        assert set(operated.stop_all().values()) == {0}
        operated.processes.app.database.close()
        _postgres("pg_restore", "--clean", "--if-exists", f"--dbname={address}", str(dump))
        goes_on_as_before(operated)


def _postgres(program: str, *arguments: str) -> None:
    control = pg_ctl()
    assert control is not None
    subprocess.run([Path(control).resolve().with_name(program), *arguments], check=True, timeout=120)  # noqa: S603


def _copy_engine(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for file in source.glob("loyalty-engine.sqlite*"):
        shutil.copy(file, target / file.name)


# ---- What is refused


def test_a_backup_is_whole_and_for_its_owner_only(app: App, tmp_path: Path) -> None:
    file = back_up(app, tmp_path / "backups")
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [file.name]
    Database(f"sqlite:///{file}").close()


@pytest.mark.parametrize("content", [b"", b"no database" * 200, b"SQLite format 3\x00" + b"\x00" * 4000])
def test_what_is_no_backup_is_not_put_in_the_place_of_anything(app: App, tmp_path: Path, content: bytes) -> None:
    before = (tmp_path / "loyalty.sqlite").read_bytes()
    (tmp_path / "wrong").write_bytes(content)
    with pytest.raises(CannotBackUp, match="no sound backup"):
        restore(app, tmp_path / "wrong")
    assert (tmp_path / "loyalty.sqlite").read_bytes() == before


def test_a_backup_that_the_keys_do_not_open_is_not_restored(app: App, tmp_path: Path) -> None:
    add_installed_shop(app)
    file = back_up(app, tmp_path / "backups")
    app.database.close()
    stranger = App(
        settings=app.settings, database=app.database, vault=Vault((Fernet.generate_key().decode(),)), now=app.now
    )
    with pytest.raises(UnreadableSecret, match="LOYALTY_SECRET_KEY"):
        restore(stranger, file)
    assert not list(tmp_path.glob("*before*"))
    aside = restore(app, file)
    assert aside is not None
    assert aside.exists()
