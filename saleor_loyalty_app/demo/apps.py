"""Apps come and go: the manifest is fetched and looked over, the token handed out, webhooks registered."""

import itertools
import json
import secrets
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from saleor_loyalty_app.demo.api.subscriptions import events_of
from saleor_loyalty_app.demo.events import Principal, emit
from saleor_loyalty_app.demo.manifest import ManifestRefused, check_manifest, check_version
from saleor_loyalty_app.demo.people_records import App, Extension, Webhook

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

TIMEOUT_SECONDS = (2.0, 18.0)
_UNREACHABLE = "Failed to connect to app. Try later or contact with app support."
_LETTERS = string.ascii_letters + string.digits


class InstallationFailed(Exception):
    """The app is not installed; the text is what staff see."""


class Apps:
    """Installed apps by key. An id is never used twice."""

    def __init__(self, shop: "Shop") -> None:
        """None yet."""
        self.installed: dict[int, App] = {}
        self._shop = shop
        self._serial = itertools.count(1)

    def install(self, manifest_url: str, *, by: Principal = None) -> App:
        """Install an app as staff do in the dashboard: preview, installation, logo, token; fires APP_INSTALLED.

        Grants every permission that the manifest asks for. Raises InstallationFailed with what staff
        would read.
        """
        try:
            check_manifest(self._shop, self._fetch_manifest(manifest_url))
            manifest = self._fetch_manifest(manifest_url)
            check_manifest(self._shop, manifest)
            check_version(self._shop, manifest)
        except ManifestRefused as problem:
            raise InstallationFailed(str(problem)) from problem
        app = self._register(manifest)
        app.logo = self._fetch_logo(manifest)
        if manifest.get("tokenTargetUrl"):
            try:
                self._hand_over_token(app, manifest["tokenTargetUrl"])
            except InstallationFailed:
                with self._shop.lock:
                    self._forget(app)
                raise
        with self._shop.lock:
            emit(self._shop, "APP_INSTALLED", by=by, app=app)
        return app

    def uninstall(self, app: App, *, by: Principal = None) -> None:
        """Remove an app: its token is worthless, its webhooks stop, and (since 3.23.5) APP_DELETED tells it."""
        with self._shop.lock:
            app.is_active = False
            emit(self._shop, "APP_DELETED", by=by, app=app)
            self._forget(app)

    def deactivate(self, app: App, *, by: Principal = None) -> None:
        """Switch an app off: what happens now is never told to it, not even later."""
        with self._shop.lock:
            app.is_active = False
            emit(self._shop, "APP_STATUS_CHANGED", by=by, app=app)

    def activate(self, app: App, *, by: Principal = None) -> None:
        """Switch an app on again."""
        with self._shop.lock:
            app.is_active = True
            emit(self._shop, "APP_STATUS_CHANGED", by=by, app=app)

    def set_permissions(self, app: App, permissions: frozenset[str]) -> None:
        """Staff change what an app may do."""
        with self._shop.lock:
            app.permission_codes = permissions

    def with_token(self, token: str) -> App | None:
        """The active app with a token; tokens have 30 characters."""
        if len(token) != 30:
            return None
        found = (app for app in self.installed.values() if secrets.compare_digest(app.token, token))
        return next((app for app in found if app.is_active), None)

    def add_webhook(
        self, app: App, *, name: str, target_url: str, query: str | None, events: tuple[str, ...], **more: Any
    ) -> Webhook:
        """Register a webhook; without events, those of its query."""
        webhook = Webhook(
            next(self._serial), app, name, target_url, events or events_of(query or ""), query or None, **more
        )
        app.webhooks.append(webhook)
        return webhook

    def next_key(self) -> int:
        """A fresh key for what belongs to apps."""
        return next(self._serial)

    def _fetch_manifest(self, url: str) -> dict[str, Any]:
        try:
            answer = requests.get(url, headers=self._headers(url), timeout=TIMEOUT_SECONDS, allow_redirects=False)
            if answer.status_code >= 300:
                raise InstallationFailed(_UNREACHABLE)
            manifest = answer.json()
        except requests.RequestException as problem:
            raise InstallationFailed(_UNREACHABLE) from problem
        if not isinstance(manifest, dict):
            raise InstallationFailed("The manifest is no JSON object.")
        return manifest

    def _fetch_logo(self, manifest: dict[str, Any]) -> bytes | None:
        """The logo, when it is a PNG by name and by type; a bad one is dropped silently."""
        url = ((manifest.get("brand") or {}).get("logo") or {}).get("default")
        if not url or not urlsplit(url).path.endswith(".png"):
            return None
        try:
            answer = requests.get(url, headers=self._headers(url), timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException:
            return None
        good = answer.status_code == 200 and answer.headers.get("Content-Type") == "image/png"
        return answer.content if good else None

    def _register(self, manifest: dict[str, Any]) -> App:
        with self._shop.lock:
            same = next((app for app in self.installed.values() if app.identifier == manifest["id"]), None)
            if same is not None:
                message = f"App with the same identifier is already installed: {same.name}"
                raise InstallationFailed(f"identifier: ['{message}']")
            token = "".join(secrets.choice(_LETTERS) for _ in range(30))
            permissions = frozenset(manifest.get("permissions") or ())
            app = App(
                next(self._serial), manifest["id"], manifest["name"], manifest["version"], token, permissions, manifest
            )
            for each in manifest.get("webhooks") or ():
                self.add_webhook(
                    app, name=each["name"], target_url=each["targetUrl"], query=each["query"],
                    events=tuple(each.get("asyncEvents") or ()), is_active=each.get("isActive", True),
                    custom_headers=each.get("customHeaders") or {}, identifier=each.get("identifier"),
                )  # fmt: skip
            app.extensions = [self._extension(each) for each in manifest.get("extensions") or ()]
            self.installed[app.pk] = app
            return app

    def _extension(self, each: dict[str, Any]) -> Extension:
        permissions = frozenset(each.get("permissions") or ())
        return Extension(
            next(self._serial), each["label"], each["url"], each["mount"], each.get("target", "POPUP"), permissions,
            each.get("options") or {},
        )  # fmt: skip

    def _hand_over_token(self, app: App, url: str) -> None:
        """POST the token. It works already while this request is under way."""
        headers = self._headers(url) | {
            "Content-Type": "application/json",
            "X-Saleor-Domain": self._shop.domain,
            "Saleor-Domain": self._shop.domain,
            "Saleor-Api-Url": self._shop.api_url,
        }
        body = json.dumps({"auth_token": app.token})
        try:
            answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as problem:
            raise InstallationFailed(_UNREACHABLE) from problem
        if answer.status_code >= 300:
            raise InstallationFailed(_message_in(answer))

    def _headers(self, url: str) -> dict[str, str]:
        """What core sends. Host comes without its port, as it does while Saleor's address filter is on."""
        return {
            "User-Agent": self._shop.user_agent,
            "Saleor-Schema-Version": self._shop.schema_version,
            "Host": urlsplit(url).hostname or "",
        }

    def _forget(self, app: App) -> None:
        app.is_active = False
        app.deleted = True
        self.installed.pop(app.pk, None)


def _message_in(answer: requests.Response) -> str:
    """What the app says about its refusal, or a general text."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return _UNREACHABLE
