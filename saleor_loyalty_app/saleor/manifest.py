"""The app's manifest: its static half is `manifest.json`, the rest follows from the events table."""

import json
import re
from typing import Any

from saleor_loyalty_app import __version__
from saleor_loyalty_app.files import project_text
from saleor_loyalty_app.saleor.documents import subscription_text
from saleor_loyalty_app.saleor.events import EVENTS, Event, permissions

LOWEST_SCHEMA = (3, 22)
WEBHOOKS_PATH = "/api/webhooks/saleor"
"""Where all webhooks enter."""
APP_ID: str = json.loads(project_text("manifest.json"))["id"]


class TooOld(Exception):
    """The shop's Saleor is older than what this app works with; the text says so to the merchant."""


def manifest(schema_version: str | None, public_url: str) -> dict[str, Any]:
    """The manifest for a shop of this schema version ("3.23"; None when it did not say). Raises TooOld.

    All addresses are made from the configured public URL: Saleor's Host header lacks the port.
    """
    if (given := _version(schema_version)) and given < LOWEST_SCHEMA:
        raise TooOld(
            f"Best Regards works with Saleor 3.22 and later; this shop runs {schema_version}. "
            "Please update the shop first."
        )
    static: dict[str, Any] = json.loads(project_text("manifest.json").replace("{public_url}", public_url))
    return {
        **static,
        "version": __version__,
        "permissions": permissions(),
        "appUrl": public_url,
        "tokenTargetUrl": f"{public_url}/api/register",
        "webhooks": [webhook(event, public_url) for event in EVENTS if event.everywhere],
    }


def webhook(event: Event, public_url: str) -> dict[str, Any]:
    """One webhook as the manifest names it."""
    return {
        "name": event.name,
        "targetUrl": webhook_url(public_url),
        "asyncEvents": [event.type],
        "query": subscription_text(event.name),
        "isActive": True,
    }


def webhook_url(public_url: str) -> str:
    """Where all webhooks go."""
    return public_url + WEBHOOKS_PATH


def _version(text: str | None) -> tuple[int, int] | None:
    found = re.match(r"(\d{1,4})\.(\d{1,4})", text or "")
    return (int(found[1]), int(found[2])) if found else None
