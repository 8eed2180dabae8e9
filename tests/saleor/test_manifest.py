"""The manifest follows from the events table, and all its addresses from the configured public URL."""

import json
import re
from typing import Any

import pytest

from saleor_loyalty_app.saleor.events import BY_NAME, EVENTS, OPTIONAL_PERMISSIONS, REQUIRED_PERMISSIONS, permissions
from saleor_loyalty_app.saleor.manifest import APP_ID, TooOld, manifest

URL = "https://loyalty.example.com"


def addresses(part: Any) -> list[str]:
    """Every address in a manifest."""
    if isinstance(part, dict):
        return [found for value in part.values() for found in addresses(value)]
    if isinstance(part, list):
        return [found for value in part for found in addresses(value)]
    return [part] if isinstance(part, str) and re.match(r"https?://", part) else []


@pytest.mark.parametrize("version", ["3.22", "3.23", "3.24", "3.100", "4.0", "3.23.28", None])
def test_every_shop_from_3_22_on_gets_the_manifest(version: str | None) -> None:
    assert manifest(version, URL)["id"] == APP_ID == "app.best-regards.loyalty"


@pytest.mark.parametrize("version", ["3.21", "3.20", "3.9", "3.2", "2.11", "0.0", "3.21.99"])
def test_an_older_shop_is_told_why_not(version: str) -> None:
    with pytest.raises(TooOld) as refused:
        manifest(version, URL)
    assert f"works with Saleor 3.22 and later; this shop runs {version}" in str(refused.value)


@pytest.mark.parametrize("junk", ["", "junk", "v3", "3", "latest", "-1.0", "3,21", "\x00", "9" * 10_000])
def test_a_version_that_is_none_is_taken_for_a_shop_that_did_not_say(junk: str) -> None:
    assert manifest(junk, URL) == manifest(None, URL)


def test_what_saleor_requires_is_there() -> None:
    made = manifest("3.23", URL)
    needed = ("id", "name", "version", "about", "author", "permissions", "appUrl", "tokenTargetUrl", "dataPrivacyUrl",
              "homepageUrl", "supportUrl", "requiredSaleorVersion", "brand", "extensions", "webhooks")  # fmt: skip
    assert [name for name in needed if not made.get(name)] == []
    assert made["requiredSaleorVersion"] == ">=3.22 <4"
    assert made["brand"]["logo"]["default"].endswith(".png")
    json.dumps(made)


def test_all_addresses_are_made_from_the_public_url() -> None:
    made = manifest("3.23", "https://elsewhere.example:8443")
    assert {re.sub(r"^(https?://[^/]*).*", r"\1", address) for address in addresses(made)} == {
        "https://elsewhere.example:8443"
    }
    assert "{public_url}" not in json.dumps(made)
    assert made["tokenTargetUrl"] == "https://elsewhere.example:8443/api/register"


def test_there_is_a_webhook_for_each_event_of_the_manifest() -> None:
    made = manifest("3.23", URL)["webhooks"]
    assert [hook["name"] for hook in made] == [event.name for event in EVENTS if event.everywhere]
    for hook in made:
        event = BY_NAME[hook["name"]]
        assert hook["asyncEvents"] == [event.type]
        assert f"... on {event.name} " in hook["query"]
        assert (hook["targetUrl"], hook["isActive"]) == (f"{URL}/api/webhooks/saleor", True)


TYPES = {
    "OrderFullyPaid": "ORDER_FULLY_PAID",
    "OrderBulkCreated": "ORDER_BULK_CREATED",
    "AccountDeleted": "ACCOUNT_DELETED",
    "AppStatusChanged": "APP_STATUS_CHANGED",
    "CustomerUpdated": "CUSTOMER_UPDATED",
}


@pytest.mark.parametrize(("name", "theirs"), TYPES.items(), ids=TYPES)
def test_saleors_name_of_an_event_follows_from_ours(name: str, theirs: str) -> None:
    assert BY_NAME[name].type == theirs


def test_permissions_are_asked_for_up_front() -> None:
    assert manifest("3.23", URL)["permissions"] == permissions() == [*REQUIRED_PERMISSIONS, *OPTIONAL_PERMISSIONS]
    assert REQUIRED_PERMISSIONS == ("MANAGE_ORDERS", "MANAGE_USERS")


def test_an_extension_asks_for_no_permission_that_the_app_does_not_ask_for() -> None:
    made = manifest("3.23", URL)
    for extension in made["extensions"]:
        assert set(extension["permissions"]) <= set(made["permissions"])


EARLY_MOUNTS = {"NAVIGATION_ORDERS", "NAVIGATION_CUSTOMERS", "ORDER_DETAILS_MORE_ACTIONS",
                "CUSTOMER_DETAILS_MORE_ACTIONS", "ORDER_DETAILS_WIDGETS", "CUSTOMER_DETAILS_WIDGETS"}  # fmt: skip


def test_an_extension_has_a_form_that_3_22_knows() -> None:
    """An unknown mount or target makes the whole install fail there (api-facts §7.1)."""
    for extension in manifest("3.22", URL)["extensions"]:
        assert extension["mount"] in EARLY_MOUNTS
        assert extension["target"] in {"APP_PAGE", "WIDGET"}
        assert extension["target"] != "APP_PAGE" or extension["url"].startswith("/")
        assert extension["target"] != "WIDGET" or extension["url"].startswith(URL)
        assert extension["label"]
