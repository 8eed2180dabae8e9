"""A shop installs the app: only one on the list, only with this app's own token, and again without losing anything."""

import json
from datetime import timedelta
from typing import Any

import pytest
import responses
from factories import JWKS_URL, NOW, SHOP_URL, TOKEN, Clock, fresh
from sqlalchemy import select
from wire import ShopWire, denied, down

from saleor_loyalty_app.saleor.keys import find_key
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.install_shop import InstallRefused, install_shop
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.store import history, orders, programs, work
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.shops import Shop, all_shops, change_shop, shop_by_url
from saleor_loyalty_app.store.tables import shops

OTHER_TOKEN = "An0therTokenOfTheSameAppOfTest"


def install(app: App, url: str = SHOP_URL, token: str = TOKEN) -> Shop:
    return fresh(app, install_shop(app, saleor_api_url=url, token=token))


def shops_known(app: App) -> int:
    with app.database.read() as db:
        return len(all_shops(db))


def test_an_install_keeps_what_the_shop_says_about_the_app(app: App, wire: ShopWire) -> None:
    shop = install(app)
    assert (shop.state, shop.mode, shop.app_id) == ("active", "rehearsal", wire.app_id)
    assert (shop.name, shop.saleor_version, shop.permissions) == (
        "Shop of tests", "3.23.28", frozenset(wire.permissions)
    )  # fmt: skip
    assert (shop.installed_at, shop.swept_to) == (NOW, NOW)
    assert find_key(shop.jwks, "kid-of-shop")


def test_a_new_shop_rehearses_with_the_starter_program(app: App, wire: ShopWire) -> None:
    shop = install(app)
    with app.database.read() as db:
        (published,) = programs.all_versions(db, shop.id)
    assert (published.version, published.published_by, published.program.name) == (
        1,
        "starter",
        "Regulars of the house",
    )


def test_after_the_install_the_webhooks_are_looked_at_and_the_history_is_read(app: App, wire: ShopWire) -> None:
    shop = install(app)
    with app.database.read() as db:
        readings = history.history_of(db, shop.id)
        wishes = {subject: work.find(db, shop.id, subject) for subject in ("shop:", "history:")}
    assert {kind: reading.state for kind, reading in readings.items()} == {"orders": "reading", "customers": "reading"}
    assert readings["orders"].read_from == app.settings.history_from(NOW)
    assert all(wish and wish.due_at == NOW for wish in wishes.values())


def test_the_token_is_sealed_at_rest(app: App, wire: ShopWire) -> None:
    shop = install(app)
    with app.database.read() as db:
        stored = [bytes(value) for row in db.execute(select(shops)) for value in row if isinstance(value, bytes)]
    file = app.settings.data_dir / "loyalty.sqlite"
    on_disk = file.read_bytes() + file.with_name("loyalty.sqlite-wal").read_bytes()
    assert TOKEN.encode() not in on_disk
    assert len(stored) == 2
    assert app.vault.open(shop.sealed_token or b"") == TOKEN.encode()
    assert TOKEN not in repr(shop) + repr(app)


# ---- The allowlist: exact, nothing else


LOOKALIKES = {
    "nothing": "",
    "another shop": "https://evil.example.com/graphql/",
    "no slash at the end": SHOP_URL.removesuffix("/"),
    "a slash more": SHOP_URL + "/",
    "http": SHOP_URL.replace("https", "http"),
    "upper case scheme": SHOP_URL.replace("https", "HTTPS"),
    "upper case host": SHOP_URL.replace("shop", "SHOP"),
    "upper case path": SHOP_URL.replace("graphql", "GraphQL"),
    "a dot after the host": SHOP_URL.replace(".com/", ".com./"),
    "the default port": SHOP_URL.replace(".com/", ".com:443/"),
    "another port": SHOP_URL.replace(".com/", ".com:8443/"),
    "userinfo": SHOP_URL.replace("https://", "https://user:password@"),
    "our host as userinfo": "https://shop.example.com@evil.example.com/graphql/",
    "our host as a subdomain": "https://shop.example.com.evil.example/graphql/",
    "a subdomain of ours": "https://evil.shop.example.com/graphql/",
    "a backslash": "https://evil.example\\@shop.example.com/graphql/",
    "a path upwards": SHOP_URL + "../graphql/",
    "a path through another": "https://shop.example.com/x/../graphql/",
    "an encoded slash": SHOP_URL.replace("/graphql", "/%67raphql"),
    "a query": SHOP_URL + "?x=1",
    "a fragment": SHOP_URL + "#x",
    "a cyrillic o": SHOP_URL.replace("shop", "sh\u043ep"),
    "punycode of it": "https://xn--shp-tmc.example.com/graphql/",
    "full-width letters": SHOP_URL.replace("shop", "\uff53hop"),
    "a soft hyphen": SHOP_URL.replace("shop", "sh\u00adop"),
    "a zero byte": SHOP_URL + "\x00",
    "a space before": " " + SHOP_URL,
    "a line break after": SHOP_URL + "\n",
    "two addresses": f"{SHOP_URL},https://evil.example.com/graphql/",
    "a private address": "http://169.254.169.254/graphql/",
    "loopback": "http://127.0.0.1:8000/graphql/",
    "a file": "file:///etc/passwd",
}


@pytest.mark.parametrize("url", LOOKALIKES.values(), ids=LOOKALIKES)
def test_an_address_that_is_not_exactly_on_the_list_is_refused_without_a_request(
    app: App, wire: ShopWire, mocked: responses.RequestsMock, url: str
) -> None:
    with pytest.raises(InstallRefused) as refused:
        install(app, url)
    assert (refused.value.status, refused.value.code) == (403, "SALEOR_URL_PROHIBITED")
    assert len(mocked.calls) == 0
    assert shops_known(app) == 0


# ---- The token


BAD_TOKENS = {
    "none": "",
    "too short": TOKEN[:-1],
    "too long": TOKEN + "x",
    "a line break": TOKEN[:-1] + "\n",
    "a space": TOKEN[:-1] + " ",
    "punctuation": TOKEN[:-1] + "-",
    "very long": "x" * 10_000,
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_what_is_no_app_token_is_not_even_tried(app: App, wire: ShopWire, token: str) -> None:
    with pytest.raises(InstallRefused) as refused:
        install(app, token=token)
    assert (refused.value.status, refused.value.code) == (400, "BAD_TOKEN")
    assert wire.asked == []


def test_the_token_of_another_app_of_that_shop_is_refused(app: App, wire: ShopWire) -> None:
    wire.identifier = "app.of.somebody.else"
    with pytest.raises(InstallRefused) as refused:
        install(app)
    assert (refused.value.status, refused.value.code) == (401, "UNKNOWN_APP_ID")
    assert shops_known(app) == 0


def test_the_token_of_another_app_cannot_take_an_installed_shop_over(app: App, wire: ShopWire) -> None:
    before = install(app)
    wire.identifier, wire.app_id = "app.of.somebody.else", "QXBwOjY2"
    with pytest.raises(InstallRefused):
        install(app)
    assert fresh(app, before) == before


UNTRUSTED: dict[str, Any] = {
    "no app": '{"data": {"shop": {"name": "x", "version": "3.23.1"}, "app": null}}',
    "an unknown token": json.loads(json.dumps(denied(ShopWire(), type("Q", (), {"operation": "ShopAndApp"})())))[2],
    "no such query": '{"errors": [{"message": "Syntax error"}]}',
    "not JSON": "<html>",
    "a list": "[]",
}


@pytest.mark.parametrize("answer", UNTRUSTED.values(), ids=UNTRUSTED)
def test_a_token_that_the_shop_does_not_vouch_for_is_refused(app: App, wire: ShopWire, answer: str) -> None:
    wire.next_time("ShopAndApp", lambda _wire, _asked: (200, {}, answer))
    with pytest.raises(InstallRefused) as refused:
        install(app)
    assert (refused.value.status, refused.value.code) == (401, "UNKNOWN_APP_ID")
    assert TOKEN not in refused.value.message


def test_a_shop_that_does_not_answer_is_refused_with_words(app: App, wire: ShopWire) -> None:
    wire.next_time("ShopAndApp", down)
    with pytest.raises(InstallRefused) as refused:
        install(app)
    assert "HTTP 502" in refused.value.message


@pytest.mark.parametrize("status", [404, 500, 302], ids=str)
def test_without_the_shops_keys_there_is_no_install(
    app: App, wire: ShopWire, mocked: responses.RequestsMock, status: int
) -> None:
    mocked.replace(responses.GET, JWKS_URL, status=status, headers={"Location": "https://evil.example.com/"})
    with pytest.raises(InstallRefused) as refused:
        install(app)
    assert refused.value.status == 401
    assert shops_known(app) == 0


@pytest.mark.parametrize("missing", ["MANAGE_ORDERS", "MANAGE_USERS"])
def test_a_missing_permission_is_said_by_name(app: App, wire: ShopWire, missing: str) -> None:
    wire.permissions = tuple(code for code in wire.permissions if code != missing)
    with pytest.raises(InstallRefused) as refused:
        install(app)
    assert (refused.value.status, refused.value.code) == (403, "MISSING_PERMISSION")
    assert refused.value.message == f"Best Regards needs the permissions {missing}."


def test_optional_permissions_may_be_missing(app: App, wire: ShopWire) -> None:
    wire.permissions = ("MANAGE_ORDERS", "MANAGE_USERS")
    assert install(app).permissions == {"MANAGE_ORDERS", "MANAGE_USERS"}


# ---- Again


def test_a_new_install_replaces_the_token_and_keeps_the_data(
    app: App, wire: ShopWire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = install(app)
    order_id = wire.has_order(created=NOW.isoformat())
    reward_order(app, first, order_id)
    with app.database.write() as db:
        change_shop(db, first.id, mode="live")
    before = {table.name: _all(app, table) for table in metadata.sorted_tables if table.name not in {"shops", "work"}}

    clock.pass_time(days=3)
    monkeypatch.setattr("wire.TOKEN", OTHER_TOKEN)
    wire.app_id = "QXBwOjk="
    again = install(app, token=OTHER_TOKEN)

    assert app.vault.open(again.sealed_token or b"") == OTHER_TOKEN.encode()
    assert (again.id, again.app_id, again.mode) == (first.id, "QXBwOjk=", "live")
    assert (again.installed_at, app.secret(again)) == (NOW, app.secret(first))
    assert {name: _all(app, metadata.tables[name]) for name in before} == before
    reward_order(app, again, order_id)
    assert wire.asked[-1].token == OTHER_TOKEN


@pytest.mark.parametrize("state", ["dormant", "silent", "inactive"])
def test_a_shop_that_was_away_comes_back_and_catches_up(app: App, wire: ShopWire, clock: Clock, state: str) -> None:
    """Events of the time in between never come (verified.md §8)."""
    shop = install(app)
    with app.database.write() as db:
        change_shop(db, shop.id, state=state, away_since=NOW, sealed_token=None if state == "dormant" else b"")
    clock.pass_time(days=20)
    again = install(app)
    assert (again.state, again.away_since, again.id) == ("active", None, shop.id)
    with app.database.read() as db:
        assert work.find(db, shop.id, "sweep:") is not None


def test_no_surprise_is_given_for_orders_placed_before_the_first_install(app: App, wire: ShopWire) -> None:
    shop = install(app)
    order_id = wire.has_order(created=(NOW - timedelta(hours=1)).isoformat())
    reward_order(app, shop, order_id)
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, order_id)
    assert row
    assert row.no_parcel == "placed_before_install"


def test_the_log_of_an_install_names_no_token_and_no_address(app: App, wire: ShopWire, log_lines: list[str]) -> None:
    install(app)
    assert any("shop_installed" in line for line in log_lines)
    assert not any(TOKEN in line or "shop.example.com" in line for line in log_lines)


def _all(app: App, table: Any) -> list[Any]:
    with app.database.read() as db:
        assert shop_by_url(db, SHOP_URL)
        return list(db.execute(select(table)))
