"""One Chromium and one furnished shop for all tests here; each test has a fresh profile."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from browser_house import House, furnished_house
from browser_window import PATIENCE_MILLISECONDS, Window
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What a test answers in the shop's place counts as coming from the internet, which may not frame loopback.
    "--disable-features=LocalNetworkAccessChecks",
]


expect.set_options(timeout=PATIENCE_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


HERE = Path(__file__).parent
AGAIN = Path(__file__).parents[2] / "build" / "played-again.txt"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A browser, a shop and the app's processes on two cores are late now and then: a test that fails is played once
    more, and its name is kept, so that an unsteady one is seen."""
    if not isinstance(item, pytest.Function) or HERE not in item.path.parents:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(report.failed for report in reports):
        AGAIN.parent.mkdir(exist_ok=True)
        with AGAIN.open("a") as kept:
            kept.write(
                f"{item.nodeid}\n" + "\n".join(report.longreprtext[-2000:] for report in reports if report.failed)
            )
        item._initrequest()
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests are skipped, but never where everything is checked (CI=true)."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with furnished_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    # "null": no scheme is pretended, so that frames get that of the page around them, as in life.
    context = browser.new_context(locale="en-US", reduced_motion="reduce", color_scheme="null")
    yield context
    context.close()


@pytest.fixture
def window(context: BrowserContext) -> Iterator[Window]:
    """A tab in which nothing may go wrong unless the test says so."""
    window = Window(context.new_page()).watch()
    yield window
    assert window.unexpected_troubles() == []
