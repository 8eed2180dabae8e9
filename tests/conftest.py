"""This folder is on the path, so that factories are imported by their name; here stand the means that tests share."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import logged_secrets
import pytest
import responses
import structlog
from factories import Clock, make_settings
from structlog.typing import EventDict
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from saleor_loyalty_app.logs import render_trouble, start_logging
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.secrets import Vault

TOGETHER = {
    "tests/browser/desk/": "desk",
    "tests/browser/": "browser",
    "tests/test_story.py": "processes",
    "tests/test_crash.py": "processes",
    "tests/test_chaos.py": "processes",
}
"""Tests that run one after the other, in one process of pytest-xdist: a shop in common, or much to do."""


class InGroups(LoadScopeScheduling):
    """Each test goes wherever there is room; those of a group stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in TOGETHER.items() if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InGroups:
    """Groups by place: marks for groups are not seen by pytest-xdist 3.8 under pytest 9.2."""
    return InGroups(config, log)


def pytest_configure() -> None:
    """Let tests log as the app does, so that what they log is what an operator would read."""
    start_logging(make_settings(Path("data"), log_level="DEBUG"))
    structlog.configure(cache_logger_on_first_use=False)
    logged_secrets.listen()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test whose log holds a secret or somebody's address has failed, whatever else it shows."""
    report = yield
    if call.when == "teardown":
        found = logged_secrets.found_in("\n".join(text for _, text in report.sections))
        if found:
            report.outcome, report.longrepr = "failed", f"What was logged holds {found}"
    return report


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all migrations run, made once; each test works on a copy."""
    file = tmp_path_factory.mktemp("migrated") / "loyalty.sqlite"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(migrated_file: Path, tmp_path: Path, clock: Clock) -> Iterator[App]:
    """The app's means over an empty database of its own; its clock stands still until it is moved."""
    shutil.copy(migrated_file, tmp_path / "loyalty.sqlite")
    settings = make_settings(tmp_path)
    app = App(
        settings=settings,
        database=Database(settings.app_database_url),
        vault=Vault(settings.secret_keys),
        now=clock.now,
    )
    yield app
    app.close()


@pytest.fixture
def database(app: App) -> Database:
    return app.database


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    """The wire: every HTTP request that leaves the process must be expected here."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def log_lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Everything the app logs, as an operator would read it. What libraries log stands in `caplog`."""
    lines: list[str] = []

    def keep(_logger: object, _method: str, event: EventDict) -> EventDict:
        lines.append(json.dumps(dict(event), default=str))
        raise structlog.DropEvent

    # In place, so that loggers which were cached before are heard, too.
    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, render_trouble, keep]
    caplog.set_level(logging.INFO)
    yield lines
    processors[:] = before
    print("\n".join(lines))
