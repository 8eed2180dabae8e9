"""A connection to PostgreSQL that nobody used for a while is asked before it is used: its server may have gone."""

from collections.abc import Iterator

import pytest
from postgres_server import postgres_server
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from saleor_loyalty_app.store import database
from saleor_loyalty_app.store.database import Database

pytestmark = pytest.mark.postgres


@pytest.fixture
def used() -> Iterator[Database]:
    """A database whose pool holds several connections."""
    with postgres_server() as url:
        opened = Database(url)
        use_three(opened)
        yield opened
        opened.close()


def test_connections_that_the_server_dropped_meanwhile_are_opened_anew(
    used: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_the_others(used)
    monkeypatch.setattr(database, "ASKED_AFTER_SECONDS", -1.0)
    for _ in range(4):
        with used.write() as db, used.read() as other:
            assert db.execute(text("SELECT 1")).scalar_one() == other.execute(text("SELECT 1")).scalar_one() == 1


def test_one_that_was_used_a_moment_ago_is_not_asked_and_its_loss_is_told_once(
    used: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ASKED_AFTER_SECONDS", 3600.0)
    drop_the_others(used)
    with pytest.raises(OperationalError):
        use_three(used)
    for _ in range(4):
        with used.write() as db:
            assert db.execute(text("SELECT 1")).scalar_one() == 1


def use_three(opened: Database) -> None:
    with opened.write() as one, opened.write() as two, opened.read() as three:
        for db in (one, two, three):
            db.execute(text("SELECT 1"))


def drop_the_others(used: Database) -> None:
    with used.write() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
