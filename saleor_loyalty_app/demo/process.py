"""A demo shop in a process of its own, for the story that the demo command tells."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import requests

from saleor_loyalty_app.demo.apps import InstallationFailed
from saleor_loyalty_app.demo.serve import ShopOptions


class ShopProcess:
    """Speaks with a shop that was started by `started_shop`."""

    def __init__(self, port: int) -> None:
        """Say where it is."""
        self.url = f"http://127.0.0.1:{port}"
        self.api_url = f"{self.url}/graphql/"
        self.dashboard_url = f"http://localhost:{port}"  # to browsers another site than the app's, as in life

    def install(self, manifest_url: str) -> str:
        """Install an app; returns its id in the shop. Raises InstallationFailed with the app's own words."""
        answer = self._ask("install", manifest_url=manifest_url)
        if "error" in answer:
            raise InstallationFailed(answer["error"])
        return str(answer["id"])

    def place_orders(self, count: int, *, refunds: float = 0.0, cancellations: float = 0.0) -> list[dict[str, str]]:
        """Let people buy, guests among them; shares of the orders are refunded in part or cancelled.

        Returns id, number and email of each order.
        """
        answer = self._ask("orders", count=count, refunds=refunds, cancellations=cancellations)
        placed: list[dict[str, str]] = answer["orders"]
        return placed

    def cancel(self, order_id: str) -> None:
        """Let staff cancel an order."""
        self._ask("cancel", id=order_id)

    def settle(self, timeout_seconds: float = 20.0) -> bool:
        """Wait until all webhooks have arrived; False when that takes too long."""
        return bool(self._ask("settle", timeout_seconds=timeout_seconds)["settled"])

    def state(self) -> dict[str, Any]:
        """Counts of orders, customers, webhooks (pending, sent, failed) and API calls by name."""
        answer: dict[str, Any] = requests.get(f"{self.url}/demo/state", timeout=10).json()
        return answer

    def _ask(self, what: str, **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = requests.post(f"{self.url}/demo/{what}", json=asked, timeout=60).json()
        return answer


@contextmanager
def started_shop(options: ShopOptions, *, wait_seconds: float = 30.0) -> Iterator[ShopProcess]:
    """A furnished shop in its own process, until the block ends. Raises TimeoutError when it does not come up."""
    arguments: list[str] = []
    for name, value in asdict(options).items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(flag)
        elif value is not False:
            arguments += [flag, str(value)]
    command = [sys.executable, "-m", "saleor_loyalty_app.demo.serve", *arguments]
    child = subprocess.Popen(command)  # noqa: S603 - our own module
    try:
        _wait_until_up(child, options.port, wait_seconds)
        yield ShopProcess(options.port)
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_up(child: subprocess.Popen[bytes], port: int, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while time.monotonic() < deadline and child.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/.well-known/jwks.json", timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"The demo shop did not come up on port {port}.")
