"""Looks a manifest over as Saleor's core does before it installs an app."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from saleor_loyalty_app.demo.api.subscriptions import events_of, why_invalid
from saleor_loyalty_app.demo.customers import ALL_PERMISSIONS
from saleor_loyalty_app.demo.version_range import satisfies

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

_OLD_TARGETS = ("POPUP", "APP_PAGE", "NEW_TAB", "WIDGET")


class ManifestRefused(Exception):
    """The manifest cannot be installed; `field` and `code` are what appFetchManifest answers."""

    def __init__(self, field: str, code: str, message: str) -> None:
        """The text is what an installation shows to staff."""
        super().__init__(f"{field}: ['{message}']")
        self.field, self.code, self.message = field, code, message


def permissions_known(shop: "Shop") -> frozenset[str]:
    """The permissions that this version knows."""
    newer = {"MANAGE_CUSTOMER_TYPES_AND_ATTRIBUTES"} if shop.version_tuple >= (3, 23, 26) else set()
    return ALL_PERMISSIONS | newer


def check_manifest(shop: "Shop", manifest: dict[str, Any]) -> None:
    """Raise ManifestRefused for the first thing that core would refuse."""
    for key in ("id", "name", "version", *(() if shop.version_tuple >= (3, 23) else ("tokenTargetUrl",))):
        if not manifest.get(key):
            raise ManifestRefused(key, "REQUIRED", "Field required")
    if not set(manifest.get("permissions") or ()) <= permissions_known(shop):
        raise ManifestRefused("permissions", "INVALID_PERMISSION", "Given permissions don't exist.")
    for key in ("tokenTargetUrl", "appUrl"):
        if manifest.get(key) and not _is_web_address(manifest[key]):
            raise ManifestRefused(key, "INVALID_URL_FORMAT", "Incorrect format.")
    for webhook in manifest.get("webhooks") or ():
        _check_webhook(shop, webhook)
    for extension in manifest.get("extensions") or ():
        _check_extension(shop, extension, manifest)


def check_version(shop: "Shop", manifest: dict[str, Any]) -> None:
    """Raise ManifestRefused when the manifest asks for another Saleor; a preview does not."""
    wanted = manifest.get("requiredSaleorVersion")
    if wanted and not satisfies(shop.version, wanted):
        message = f"Saleor version {shop.version} is not supported by the app."
        raise ManifestRefused("requiredSaleorVersion", "UNSUPPORTED_SALEOR_VERSION", message)


def _is_web_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_webhook(shop: "Shop", webhook: dict[str, Any]) -> None:
    for key in ("name", "targetUrl", "query"):
        if not webhook.get(key):
            raise ManifestRefused("webhooks", "REQUIRED", "Field required")
    if not _is_web_address(webhook["targetUrl"]):
        raise ManifestRefused("webhooks", "INVALID_URL_FORMAT", "Invalid target url.")
    problem = why_invalid(shop, webhook["query"])
    if problem is not None:
        raise ManifestRefused("webhooks", "INVALID", f"Subscription query is not valid: {problem.message}")
    named = [*(webhook.get("asyncEvents") or ()), *(webhook.get("syncEvents") or ())]
    if not named and not events_of(webhook["query"]):
        raise ManifestRefused("webhooks", "INVALID", "No event is asked for.")


def _check_extension(shop: "Shop", extension: dict[str, Any], manifest: dict[str, Any]) -> None:
    for key in ("label", "url", "mount"):
        if not extension.get(key):
            raise ManifestRefused("extensions", "REQUIRED", "Field required")
    if not set(extension.get("permissions") or ()) <= set(manifest.get("permissions") or ()):
        message = "Extension permission must be listed in App's permissions."
        raise ManifestRefused("extensions", "OUT_OF_SCOPE_PERMISSION", message)
    target, url = extension.get("target", "POPUP"), extension["url"]
    if shop.version_tuple < (3, 23) and target not in _OLD_TARGETS:
        raise ManifestRefused("extensions", "INVALID", f"Incorrect value for field: target ({target}).")
    if target == "APP_PAGE" and not url.startswith("/"):
        raise ManifestRefused("extensions", "INVALID_URL_FORMAT", "Incorrect URL for APP_PAGE: it must be relative.")
    if url.startswith("/") and not manifest.get("appUrl"):
        raise ManifestRefused("extensions", "INVALID_URL_FORMAT", "A relative URL needs an appUrl.")
