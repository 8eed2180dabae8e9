"""Told to stop, everything ends within ten seconds with exit code 0, even while the shop keeps a call waiting."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from operated_shop import LINES, NOTES, OperatedShop, is_gone, operated_shop, seconds_to_end
from processes import wait_until

from saleor_loyalty_app.serve import STOP_SECONDS

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatedShop]:
    with operated_shop(tmp_path_factory.mktemp("stop"), stall_seconds=STOP_SECONDS + 5) as operated:
        yield operated


@pytest.mark.parametrize(
    ("channel", "operation", "number"),
    [(NOTES, "TellShop", signal.SIGTERM), (LINES, "OrderLinesCreate", signal.SIGINT)],
    ids=["note-SIGTERM", "line-SIGINT"],
)
def test_a_worker_stops_while_a_call_hangs_and_nothing_is_lost_or_double(
    operated: OperatedShop, channel: str, operation: str, number: int
) -> None:
    asked = operated.demo.shop.calls[operation]
    operated.demo.shop.fate.fail_next("stall", operation=operation, after_effect=True)
    order = operated.buy(channel, f"{operation}@example.com".lower())
    wait_until(lambda: operated.demo.shop.calls[operation] > asked)
    seconds, code = seconds_to_end(operated.processes.running.pop("worker"), number)
    assert code == 0
    assert seconds < STOP_SECONDS
    operated.processes.start("worker", "worker")
    wait_until(lambda: operated.is_told(order), seconds=90)
    operated.come_to_rest()
    operated.assert_once(order, channel)


def test_the_whole_group_stops_and_leaves_no_process_behind(operated: OperatedShop) -> None:
    operated.stop_all()
    operated.processes.start("group", "run")
    group = operated.processes.running["group"]
    wait_until(lambda: _is_ready(operated) and len(_children(group.pid)) == 2)
    order = operated.buy(NOTES, "group@example.com")
    wait_until(lambda: operated.is_told(order))
    operated.demo.shop.fate.fail_next("stall", operation="ReadOrder")
    asked = operated.demo.shop.calls["ReadOrder"]
    operated.buy(NOTES, "later@example.com")
    wait_until(lambda: operated.demo.shop.calls["ReadOrder"] > asked)
    children = _children(group.pid)
    seconds, code = seconds_to_end(operated.processes.running.pop("group"), signal.SIGTERM)
    assert code == 0
    assert seconds < STOP_SECONDS
    wait_until(lambda: all(map(is_gone, children)), seconds=2)
    operated.start_all()
    wait_until(lambda: _is_ready(operated))
    operated.come_to_rest()


def test_the_web_stops_while_a_request_waits_for_the_shop(operated: OperatedShop) -> None:
    apps = operated.demo.shop.apps
    apps.uninstall(next(iter(apps.installed.values())))
    operated.come_to_rest()
    operated.demo.shop.fate.fail_next("stall", operation="ShopAndApp")
    asked = operated.demo.shop.calls["ShopAndApp"]

    def install() -> None:
        with suppress(Exception):  # cut off by the stop, which is what this is about
            apps.install(f"{operated.processes.url}/api/manifest")

    threading.Thread(target=install, daemon=True).start()
    wait_until(lambda: operated.demo.shop.calls["ShopAndApp"] > asked)
    seconds, code = seconds_to_end(operated.processes.running.pop("web"), signal.SIGTERM)
    assert (code, seconds < STOP_SECONDS) == (0, True)


@pytest.mark.parametrize("command", ["worker", "run"])
def test_a_process_that_is_told_to_stop_while_it_starts_ends_well(tmp_path: Path, command: str) -> None:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "saleor_loyalty_app", command],
        env={"LOYALTY_DATA_DIR": str(tmp_path)},
    )
    wait_until((tmp_path / "secret.key").exists)
    _, code = seconds_to_end(process, signal.SIGTERM)
    assert code == 0


def _is_ready(operated: OperatedShop) -> bool:
    try:
        return requests.get(f"{operated.processes.url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
