"""Only the dashboard's own, unexpired token, made by this shop for this app, opens the panel."""

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from factories import (
    APP_ID,
    NOW,
    SHOP_URL,
    dashboard_claims,
    dashboard_token,
    jwks,
    order_event,
    private_key,
    recording,
    sign,
    signed_token,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from saleor_loyalty_app.saleor.keys import find_key
from saleor_loyalty_app.saleor.tokens import BadToken, Viewer, read_dashboard_token, token_key_id

RECORDED_SHOP = "http://localhost:8000/graphql/"
APP_8 = "QXBwOjg="
DASHBOARD = {
    "dashboard-app-page": {"MANAGE_ORDERS", "MANAGE_USERS", "MANAGE_DISCOUNTS", "MANAGE_PRODUCTS", "MANAGE_SHIPPING",
                           "MANAGE_GIFT_CARD"},
    "dashboard-extension": {"MANAGE_ORDERS"},
    "dashboard-app-page-order-manager": {"MANAGE_ORDERS"},
}  # fmt: skip


def viewer(
    token: str, *, at: datetime = NOW, url: str = SHOP_URL, app_id: str = APP_ID, keys: dict[str, Any] | None = None
) -> Viewer:
    """Read a token as the panel does at a moment. Raises BadToken."""
    key = find_key(keys or jwks(), token_key_id(token))
    if key is None:
        raise BadToken("unknown key")
    with time_machine.travel(at, tick=False):
        return read_dashboard_token(token, key, saleor_api_url=url, app_id=app_id)


def recorded_viewer(name: str, *, seconds: float = 10, **how: Any) -> Viewer:
    """Read a recorded token some seconds after it was issued."""
    token = recording(f"tokens/{name}")
    at = datetime.fromtimestamp(token["claims"]["iat"] + seconds, UTC)
    return viewer(token["token"], at=at, keys=token["jwks"], **{"url": RECORDED_SHOP, "app_id": APP_8, **how})


# ---- Recordings


@pytest.mark.parametrize(("name", "permissions"), DASHBOARD.items(), ids=DASHBOARD)
def test_a_recorded_token_of_the_dashboard_is_accepted_in_its_time(name: str, permissions: set[str]) -> None:
    found = recorded_viewer(name)
    claims = recording(f"tokens/{name}")["claims"]
    assert found == Viewer(claims["user_id"], frozenset(permissions), frozenset(claims["user_permissions"]))


@pytest.mark.parametrize("name", DASHBOARD)
def test_a_token_lives_five_minutes_and_not_a_second_longer(name: str) -> None:
    recorded_viewer(name, seconds=299)
    for seconds in (300, 301, 86_400):
        with pytest.raises(BadToken, match="has ended"):
            recorded_viewer(name, seconds=seconds)


@pytest.mark.parametrize("name", ["customer-access", "customer-access-audience", "customer-refresh", "staff-access"])
def test_a_token_of_another_kind_is_refused_although_the_shop_signed_it(name: str) -> None:
    with pytest.raises(BadToken, match="not a dashboard token"):
        recorded_viewer(name)


def test_a_token_for_another_app_of_the_shop_is_refused() -> None:
    with pytest.raises(BadToken, match="for another app"):
        recorded_viewer("dashboard-app-page", app_id="QXBwOjk=")


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/graphql", "https://localhost:8000/graphql/", "http://LOCALHOST:8000/graphql/", ""]
)
def test_a_token_of_another_shop_is_refused(url: str) -> None:
    with pytest.raises(BadToken, match="InvalidIssuerError"):
        recorded_viewer("dashboard-app-page", url=url)


# ---- Claims


def test_the_factory_makes_a_token_as_the_dashboard_does() -> None:
    recorded = set(recording("tokens/dashboard-app-page")["claims"])
    assert set(dashboard_claims(NOW)) == recorded
    assert viewer(dashboard_token(NOW)) == Viewer(
        user_id="VXNlcjoyMQ==",
        permissions=frozenset({"MANAGE_ORDERS", "MANAGE_USERS"}),
        own_permissions=frozenset({"MANAGE_ORDERS", "MANAGE_USERS", "MANAGE_STAFF"}),
    )


def test_what_the_user_alone_may_do_counts_for_nothing() -> None:
    found = viewer(dashboard_token(NOW, permissions=["MANAGE_USERS"], user_permissions=["MANAGE_ORDERS"]))
    assert found.permissions == {"MANAGE_USERS"}
    assert (found.may("MANAGE_USERS"), found.may("MANAGE_ORDERS")) == (True, False)


NOTHING_ALLOWED: dict[str, Any] = {
    "none": None,
    "empty": [],
    "a word": "MANAGE_ORDERS",
    "an object": {"MANAGE_ORDERS": True},
    "true": True,
    "numbers": [1, None, ["MANAGE_ORDERS"]],
}


@pytest.mark.parametrize("permissions", NOTHING_ALLOWED.values(), ids=NOTHING_ALLOWED)
def test_permissions_in_another_form_allow_nothing(permissions: Any) -> None:
    assert viewer(dashboard_token(NOW, permissions=permissions)).permissions == frozenset()


REFUSED: dict[str, dict[str, Any]] = {
    "a refresh token": {"type": "refresh"},
    "an access token": {"type": "access"},
    "no kind": {"type": None},
    "a kind in a list": {"type": ["thirdparty"]},
    "a plugin's token": {"owner": "mirumee.authentication.openidconnect"},
    "no owner": {"owner": None},
    "a customer": {"is_staff": False},
    "nearly staff": {"is_staff": 1},
    "staff in words": {"is_staff": "true"},
    "another app": {"app": "QXBwOjk="},
    "no app": {"app": None},
    "our app in a list": {"app": [APP_ID]},
    "another shop": {"iss": "https://other.example.com/graphql/"},
    "no shop": {"iss": None},
    "our shop in a list": {"iss": [SHOP_URL]},
    "no user": {"user_id": ""},
    "a user that is a number": {"user_id": 21},
    "expired a second ago": {"exp": int(NOW.timestamp()) - 1},
    "expired this second": {"exp": int(NOW.timestamp())},
    "an end in words": {"exp": "tomorrow"},
    "no end": {"exp": None},
    "an end at infinity": {"exp": float("inf")},
    "not before tomorrow": {"nbf": int(NOW.timestamp()) + 86_400},
}


@pytest.mark.parametrize("claims", REFUSED.values(), ids=REFUSED)
def test_a_token_with_another_claim_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        viewer(dashboard_token(NOW, **claims))


@pytest.mark.parametrize("missing", sorted(set(dashboard_claims(NOW)) - {"token", "email", "user_permissions"}))
def test_a_token_without_a_claim_that_we_need_is_refused_or_allows_nothing(missing: str) -> None:
    claims = {name: value for name, value in dashboard_claims(NOW).items() if name != missing}
    token = signed_token(claims)
    if missing == "permissions":
        assert viewer(token).permissions == frozenset()
        return
    with pytest.raises(BadToken):
        viewer(token)


@pytest.mark.parametrize("claims", [None, [], 1, "x", [["exp", 1]]], ids=str)
def test_claims_that_are_no_claims_are_refused(claims: Any) -> None:
    with pytest.raises(BadToken):
        viewer(signed_token(claims))


def test_an_audience_and_an_extension_do_no_harm() -> None:
    viewer(dashboard_token(NOW, aud="custom:storefront", app_extension="QXBwRXh0ZW5zaW9uOjY1"))


def test_a_clock_that_is_a_little_behind_locks_nobody_out() -> None:
    viewer(dashboard_token(NOW, iat=int(NOW.timestamp()) + 5))


# ---- Signatures


def test_a_token_signed_by_another_shop_under_our_keys_name_is_refused() -> None:
    forged = dashboard_token(NOW, key="other", headers={"kid": "kid-of-shop"})
    with pytest.raises(BadToken, match="InvalidSignatureError"):
        viewer(forged)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadToken, match="unknown key"):
        viewer(dashboard_token(NOW, key="other"))


def test_claims_that_were_changed_are_refused() -> None:
    head, _, end = dashboard_token(NOW).split(".")
    _, others, _ = dashboard_token(NOW, permissions=["MANAGE_ORDERS", "MANAGE_STAFF"]).split(".")
    with pytest.raises(BadToken, match="InvalidSignatureError"):
        viewer(f"{head}.{others}.{end}")


def test_no_other_algorithm_is_accepted() -> None:
    public = private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims, headers = dashboard_claims(NOW), {"kid": "kid-of-shop"}
    unsigned = jwt.encode(claims, None, algorithm="none", headers=headers)
    tokens = [
        unsigned,
        *(jwt.encode(claims, private_key(), algorithm=alg, headers=headers) for alg in ("RS512", "PS256")),
    ]
    secret = b"a secret of our own, long enough"
    hashed = jwt.encode(claims, secret, algorithm="HS256", headers=headers)
    assert public not in (secret, b"")
    for token in (*tokens, hashed):
        with pytest.raises(BadToken, match="not signed as the shop signs"):
            viewer(token)


def test_a_signature_of_a_webhook_is_no_token() -> None:
    with pytest.raises(BadToken):
        viewer(sign(order_event()))


NOT_TOKENS = {
    "empty": "",
    "a word": "junk",
    "dots": "..",
    "an app token": "TflIq55VD1qBZ5Hsu3Fg9HmzxQrKc8",
    "beyond ASCII": dashboard_token(NOW) + "ä",
    "a surrogate": "\ud800.\ud800.\ud800",
    "a zero byte": dashboard_token(NOW) + "\x00",
    "two parts": ".".join(dashboard_token(NOW).split(".")[:2]),
    "four parts": dashboard_token(NOW) + ".x",
    "a header nested deep": "W1tb" * 2000 + ".e30.x",
    "a header that is a list": "W10.e30.x",
    "a header that is a number": "MQ.e30.x",
    "no key": jwt.encode({}, private_key(), algorithm="RS256"),
    "a key that is a number": jwt.encode({}, b"x" * 32, algorithm="HS256"),
    "huge": "e30." * 10_000,
}


@pytest.mark.parametrize("token", NOT_TOKENS.values(), ids=NOT_TOKENS)
def test_what_is_no_token_is_refused_without_another_exception(token: str) -> None:
    with pytest.raises(BadToken) as refused:
        viewer(token)
    assert token == "" or token not in str(refused.value)


@given(st.text(max_size=400))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(BadToken):
        viewer(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.sampled_from(sorted(dashboard_claims(NOW))), JSON)
def test_no_claim_leads_to_another_exception(claim: str, value: Any) -> None:
    assume(value != dashboard_claims(NOW)[claim])
    try:
        viewer(dashboard_token(NOW, **{claim: value}))
    except BadToken:
        return
    assert claim in {"token", "email", "permissions", "user_permissions", "iat", "exp", "user_id"}


def test_a_refusal_says_nothing_of_the_person() -> None:
    with pytest.raises(BadToken) as refused:
        viewer(dashboard_token(NOW, app="QXBwOjk="))
    assert "staff@example.com" not in str(refused.value)
    assert "VXNlcjoyMQ==" not in str(refused.value)
