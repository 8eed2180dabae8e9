"""How the dashboard frames an app: addresses with the real dashboard's query parameters, and its extensions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from saleor_loyalty_app.demo import tokens
from saleor_loyalty_app.demo.people_records import App, Extension, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

FLAGS = (("featureFlags[new_order_ui][enabled]", "false"), ("featureFlags[new_order_ui][payload]", "default"))


@dataclass(frozen=True, slots=True)
class Frame:
    """One iframe: of a page (GET) or of a widget (GET or POST)."""

    app: App
    url: str
    title: str
    token: str
    token_url: str
    method: str = "GET"
    name: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    saleor_version: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A link to an app: in the navigation or among "more actions"."""

    label: str
    url: str
    new_tab: bool = False


def page_frame(shop: "Shop", app: App, path: str, user: User) -> Frame:
    """The frame of an app's page; the script adds the dashboard's own query and the theme."""
    known = next((each for each in app.extensions if each.target == "APP_PAGE" and each.url == f"/{path}"), None)
    url = app.url.rstrip("/") + (f"/{path}" if path else "")
    token = token_of_page(shop, app, user)
    title = known.label if known else app.name
    return Frame(app, _with_shop(shop, app, url), title, token, f"/token/page/{app.pk}", saleor_version=shop.version)


def widget_frames(shop: "Shop", mount: str, user: User, **params: str) -> list[Frame]:
    """The widgets that installed apps mount in a place, sorted by app and label; params name the thing shown."""
    frames = []
    for app, extension in _extensions(shop, mount):
        if extension.target != "WIDGET":
            continue
        url = absolute(app, extension)
        token = token_of_extension(shop, app, extension, user)
        post = extension.method == "POST"
        fields = (("saleorApiUrl", shop.api_url), ("accessToken", token), ("appId", app.id), *params.items())
        frames.append(
            Frame(
                app,
                url if post else _with_shop(shop, app, url, twice=True, **params),
                extension.label,
                token,
                f"/token/extension/{app.pk}/{extension.pk}",
                extension.method,
                f"ext-frame-{extension.id}",
                fields,
            )
        )
    return frames


def token_of_page(shop: "Shop", app: App, user: User) -> str:
    """The token that the dashboard hands to an app's page."""
    return tokens.page_token(shop.keys, shop.api_url, user, app, life_seconds=shop.app_token_seconds)


def token_of_extension(shop: "Shop", app: App, extension: Extension, user: User) -> str:
    """The token that the dashboard hands to an extension; empty when the user lacks one of its permissions."""
    life = shop.app_token_seconds
    return tokens.extension_token(shop.keys, shop.api_url, user, app, extension, life_seconds=life)


def navigation(shop: "Shop", mount: str, user: User) -> list[Entry]:
    """The entries of a place in the navigation: those without permissions, and those of which the user holds one."""
    return _entries(
        [
            (app, each)
            for app, each in _extensions(shop, mount)
            if not each.permissions or each.permissions & user.permission_codes
        ],
        {},
    )


def entries(shop: "Shop", mount: str, **params: str) -> list[Entry]:
    """The links that apps have in a place, whoever looks: to pages of the app here, or to new tabs."""
    return _entries(_extensions(shop, mount), params)


def _entries(extensions: list[tuple[App, Extension]], params: dict[str, str]) -> list[Entry]:
    found = []
    for app, extension in extensions:
        query = f"?{urlencode(params)}" if params else ""
        if extension.target == "APP_PAGE":
            found.append(Entry(extension.label, f"/extensions/app/{quote(app.id, safe='')}{extension.url}{query}"))
        elif extension.target == "NEW_TAB":
            found.append(Entry(extension.label, absolute(app, extension) + query, new_tab=True))
    return found


def absolute(app: App, extension: Extension) -> str:
    """An extension's address; a relative one is put behind the app's, as the dashboard does."""
    return app.url.rstrip("/") + extension.url if extension.url.startswith("/") else extension.url


def _extensions(shop: "Shop", mount: str) -> list[tuple[App, Extension]]:
    active = [app for app in shop.apps.installed.values() if app.is_active]
    found = [(app, each) for app in active for each in app.extensions if each.mount == mount]
    return sorted(found, key=lambda pair: (pair[0].name, pair[1].label))


def _with_shop(shop: "Shop", app: App, url: str, *, twice: bool = False, **params: str) -> str:
    """The address with the shop's parameters; a widget that is fetched has those of the shop twice, as it has there."""
    told = [("domain", shop.domain), ("saleorApiUrl", shop.api_url), ("id", app.id)]
    return f"{url}?{urlencode([*told, *(told if twice else []), *params.items(), *FLAGS])}"
