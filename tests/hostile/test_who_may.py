"""Who may do what, on every route there is: no token but the dashboard's own, and no permission that is lacking."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from factories import (
    SHOP_URL,
    TOKEN,
    b64,
    dashboard_claims,
    dashboard_token,
    order_event,
    private_key,
    sign,
    signed_token,
)
from two_shops import Furnished, address_of, form_with, guarded_rules, rows_of
from werkzeug.routing import Rule

OTHERS = ["MANAGE_PRODUCTS", "MANAGE_DISCOUNTS", "MANAGE_APPS", "MANAGE_STAFF", "MANAGE_SETTINGS"]


def claims(**changes: Any) -> dict[str, Any]:
    return dashboard_claims(datetime.now(UTC), **changes)


def unsigned() -> str:
    return f"{b64(json.dumps({'alg': 'none', 'kid': 'kid-of-shop'}).encode())}.{b64(json.dumps(claims()).encode())}."


def by_public_key() -> str:
    """Signed with the public key, which everybody has, as if it were a secret."""
    public = private_key("shop").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'kid-of-shop'}).encode())}.{b64(json.dumps(claims()).encode())}"
    mac = HMAC(public, SHA256())
    mac.update(head.encode())
    return f"{head}.{b64(mac.finalize())}"


def changed(token: str) -> str:
    """Other claims under the signature of the first ones."""
    head, _, signature = token.split(".")
    return f"{head}.{b64(json.dumps(claims(permissions=['MANAGE_ORDERS', 'MANAGE_USERS'])).encode())}.{signature}"


TOKENS: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "junk": lambda: "a.b.c",
    "the app's own token": lambda: TOKEN,
    "a webhook's signature": lambda: sign(order_event(), key="shop"),
    "ended a second ago": lambda: dashboard_token(datetime.now(UTC) - timedelta(seconds=301), key="shop"),
    "without an end": lambda: signed_token({n: v for n, v in claims().items() if n != "exp"}),
    "of another app": lambda: signed_token(claims(app="QXBwOjk5")),
    "of another shop's address": lambda: signed_token(claims(iss="https://other.example.com/graphql/")),
    "of nearly this shop's address": lambda: signed_token(claims(iss=SHOP_URL.removesuffix("/"))),
    "a refresh token": lambda: signed_token(claims(type="refresh")),
    "an access token of staff": lambda: signed_token(claims(type="access")),
    "a customer's": lambda: signed_token(claims(is_staff=False, type="access")),
    "a customer's for an app": lambda: signed_token(claims(is_staff=False)),
    "signed with another shop's key": lambda: signed_token(claims(), key="other", headers={"kid": "kid-of-shop"}),
    "not signed": unsigned,
    "signed with the public key": by_public_key,
    "with other claims": lambda: changed(dashboard_token(datetime.now(UTC), key="shop", permissions=[])),
    "cut off": lambda: signed_token(claims())[:-5],
    "RS512 by name": lambda: signed_token(claims(), headers={"alg": "RS512"}),
    "with a critical extension": lambda: signed_token(claims(), headers={"crit": ["b64"], "b64": True}),
}  # fmt: skip


def check_closed(shop: Furnished, name: str, rule: Rule, method: str) -> None:
    token, form = TOKENS[name](), form_with(shop.ids)
    headers = {"Authorization-Bearer": token, "Saleor-Api-Url": shop.url}
    if rule.rule.startswith("/widgets/"):
        headers, form = {}, {**form, "accessToken": token, "saleorApiUrl": shop.url}
    answer = shop.client.open(address_of(rule, shop.ids), method=method, headers=headers, data=form)
    assert answer.status_code == 401, f"{method} {rule.rule}: {answer.status_code}"
    assert [word for word in shop.words() if word in answer.text] == [], f"{method} {rule.rule}"
    assert len(token) < 9 or token not in answer.text


@pytest.mark.parametrize("name", TOKENS)
def test_no_other_token_opens_anything(ours: Furnished, name: str) -> None:
    for rule, method in guarded_rules(ours.client.application):
        if rule.rule in {"/panel/", "/panel/desk/take", "/panel/customers/<int:customer_id>/erase", "/widgets/order"}:
            check_closed(ours, name, rule, method)


def test_a_customers_token_and_one_of_another_app_open_no_route(ours: Furnished) -> None:
    before = rows_of(ours.app, ours.shop.id)
    for rule, method in guarded_rules(ours.client.application):
        for name in ("a customer's for an app", "of another app"):
            check_closed(ours, name, rule, method)
    assert rows_of(ours.app, ours.shop.id) == before


def test_without_a_permission_nothing_is_shown_or_done(ours: Furnished) -> None:
    """Each permission that a route needs is left out in turn: by the viewer, or only by the app."""
    before, tried = rows_of(ours.app, ours.shop.id), 0
    for rule, method in guarded_rules(ours.client.application):
        view: Any = ours.client.application.view_functions[rule.endpoint]
        needed = list(view.needs_permissions)
        lacking = [[one for one in needed if one != left_out] for left_out in needed] if view.needs_all else [[]]
        for held in lacking:
            for of_user in (held, needed):
                headers = ours.headers(permissions=[*held, *OTHERS], user_permissions=[*of_user, *OTHERS])
                answer = ours.client.open(
                    address_of(rule, ours.ids), method=method, headers=headers, data=form_with(ours.ids)
                )
                assert answer.status_code == 403, f"{method} {rule.rule} with {held}: {answer.status_code}"
                shown = [word for word in ours.words() if word in answer.text and word != ours.url]
                assert shown == [], f"{method} {rule.rule}"
                tried += 1
    assert tried > 200
    assert {**rows_of(ours.app, ours.shop.id), "viewers": []} == {**before, "viewers": []}


def test_one_who_holds_one_of_two_permissions_sees_only_what_it_is_for(ours: Furnished) -> None:
    """Pages for either permission show each viewer their half: who may not see customers sees no names of lists."""
    only_orders = ours.client.get("/panel/", headers=ours.headers(permissions=["MANAGE_ORDERS"])).text
    only_users = ours.client.get("/panel/", headers=ours.headers(permissions=["MANAGE_USERS"])).text
    assert 'hx-get="/panel/customers"' not in only_orders
    assert 'hx-get="/panel/parcels"' not in only_users
    assert str(ours.ids["code"]) not in only_users
