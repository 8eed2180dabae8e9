"""The manifest and the token exchange, as Saleor asks for them; staff read the words of a refusal."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
from factories import APP_ID, JWKS_URL, OTHER_SHOP_URL, SHOP_URL, TOKEN, jwks, make_settings
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import all_shops
from saleor_loyalty_app.web import create_app


@pytest.fixture
def client(app: App) -> Iterator[FlaskClient]:
    with create_app(app).test_client() as client:
        yield client


@pytest.fixture
def saleor(mocked: responses.RequestsMock) -> responses.RequestsMock:
    """A shop that knows the token for ours."""
    mocked.post(SHOP_URL, json={"data": about_us()})
    mocked.get(JWKS_URL, json=jwks())
    return mocked


def about_us(**app: Any) -> dict[str, Any]:
    known = {"id": APP_ID, "identifier": "app.best-regards.loyalty", "isActive": True, "webhooks": [],
             "permissions": [{"code": "MANAGE_ORDERS"}, {"code": "MANAGE_USERS"}], **app}  # fmt: skip
    channels = [{"slug": "default-channel", "isActive": True, "currencyCode": "USD", "defaultCountry": {"code": "DE"}}]
    return {"shop": {"name": "Shop", "version": "3.23.28"}, "channels": channels, "app": known}


def register(client: FlaskClient, body: Any = None, *, raw: bytes | None = None, **headers: str) -> TestResponse:
    """The request of Saleor's worker (recording token-target)."""
    given = {"Saleor-Api-Url": SHOP_URL, "Saleor-Domain": "shop.example.com", "Saleor-Schema-Version": "3.23",
             "Content-Type": "application/json", "User-Agent": "Saleor/3.23", **headers}  # fmt: skip
    data = raw if raw is not None else json.dumps({"auth_token": TOKEN} if body is None else body).encode()
    return client.post("/api/register", data=data, headers=given)


def installed(app: App) -> list[str]:
    with app.database.read() as db:
        return [shop.saleor_api_url for shop in all_shops(db)]


def refusal(answer: TestResponse) -> tuple[int, str, str]:
    body = answer.get_json()
    assert body["success"] is False
    return answer.status_code, body["error"]["code"], body["error"]["message"]


# ---- The manifest


@pytest.mark.parametrize("version", ["3.22", "3.23", None])
def test_the_manifest_is_served(client: FlaskClient, version: str | None) -> None:
    answer = client.get("/api/manifest", headers={"Saleor-Schema-Version": version} if version else {})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json()["id"] == "app.best-regards.loyalty"


def test_the_manifest_names_the_configured_address_whatever_the_request_says(client: FlaskClient) -> None:
    """Saleor's Host header lacks the port (live-facts.md), and anybody's may say anything."""
    answer = client.get("/api/manifest", headers={"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"})
    assert "evil" not in answer.text
    assert answer.get_json()["tokenTargetUrl"] == "https://loyalty.example.com/api/register"


def test_an_older_shop_is_told_why_not(client: FlaskClient) -> None:
    answer = client.get("/api/manifest", headers={"Saleor-Schema-Version": "3.20"})
    status, code, message = refusal(answer)
    assert (status, code) == (400, "SALEOR_TOO_OLD")
    assert "Please update the shop first" in message


def test_the_logo_is_where_the_manifest_says_and_a_png_of_256_pixels_or_more(client: FlaskClient) -> None:
    address = client.get("/api/manifest").get_json()["brand"]["logo"]["default"]
    with client.get(address.removeprefix("https://loyalty.example.com")) as answer:
        assert (answer.status_code, answer.content_type) == (200, "image/png")
        width, height = (int.from_bytes(answer.data[start : start + 4]) for start in (16, 20))
    assert width == height >= 256


@pytest.mark.parametrize("name", ["homepageUrl", "supportUrl", "dataPrivacyUrl", "appUrl"])
def test_the_pages_that_the_manifest_names_are_there(client: FlaskClient, name: str) -> None:
    address = client.get("/api/manifest").get_json()[name]
    assert client.get(address.removeprefix("https://loyalty.example.com") or "/").status_code == 200


# ---- The token exchange


def test_an_install_is_accepted(app: App, client: FlaskClient, saleor: responses.RequestsMock) -> None:
    answer = register(client)
    assert (answer.status_code, answer.get_json()) == (200, {"success": True})
    assert installed(app) == [SHOP_URL]
    assert saleor.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_same_install_twice_is_accepted_twice(app: App, client: FlaskClient, saleor: Any) -> None:
    assert [register(client).status_code for _ in range(2)] == [200, 200]
    assert installed(app) == [SHOP_URL]


def test_a_shop_that_is_not_on_the_list_is_refused_in_words_for_staff(app: App, client: FlaskClient) -> None:
    status, code, message = refusal(register(client, **{"Saleor-Api-Url": "https://evil.example.com/graphql/"}))
    assert (status, code) == (403, "SALEOR_URL_PROHIBITED")
    assert "LOYALTY_ALLOWED_SALEOR_URLS" in message
    assert installed(app) == []


def test_by_default_no_shop_is_allowed(app: App, tmp_path: Any) -> None:
    nobody = make_settings(tmp_path, allowed_saleor_urls=())
    assert not nobody.allows(SHOP_URL)
    assert not nobody.allows("")


def test_the_shops_address_comes_from_one_header_only(app: App, client: FlaskClient, saleor: Any) -> None:
    answer = register(
        client, **{"Saleor-Api-Url": "", "X-Saleor-Api-Url": SHOP_URL, "Saleor-Domain": "shop.example.com"}
    )
    assert answer.status_code == 403


BAD_BODIES = {
    "nothing": b"",
    "junk": b"junk",
    "a list": b"[]",
    "null": b"null",
    "no token": b"{}",
    "token null": b'{"auth_token": null}',
    "token a number": b'{"auth_token": 123456789012345678901234567890}',
    "token a list": b'{"auth_token": ["x"]}',
    "token empty": b'{"auth_token": ""}',
    "token too short": b'{"auth_token": "x"}',
    "token with a line break": b'{"auth_token": "' + b"x" * 28 + b'\\r\\n"}',
    "token beyond ASCII": b'{"auth_token": "' + b"\\u00e9" * 30 + b'"}',
    "token in another alphabet": b'{"auth_token": "' + b"\\u0430" * 30 + b'"}',
    "token of surrogates": b'{"auth_token": "' + b"\\ud800" * 30 + b'"}',
    "nested deep": b"[" * 3_900,
    "a form": b"auth_token=" + TOKEN.encode(),
    "not UTF-8": b'{"auth_token": "\xff"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_without_a_usable_token_is_a_bad_request(
    app: App, client: FlaskClient, mocked: responses.RequestsMock, body: bytes
) -> None:
    assert refusal(register(client, raw=body))[:2] == (400, "BAD_TOKEN")
    assert len(mocked.calls) == 0


def test_a_body_that_is_too_large_is_not_read(client: FlaskClient) -> None:
    assert refusal(register(client, raw=b" " * 5_000))[:2] == (413, "TOO_LARGE")


REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "another app's token": (about_us(identifier="another.app"), (401, "UNKNOWN_APP_ID")),
    "our name in capitals": (about_us(identifier="APP.BEST-REGARDS.LOYALTY"), (401, "UNKNOWN_APP_ID")),
    "no name": (about_us(identifier=None), (401, "UNKNOWN_APP_ID")),
    "nobody's token": ({**about_us(), "app": None}, (401, "UNKNOWN_APP_ID")),
    "a permission missing": (about_us(permissions=[{"code": "MANAGE_ORDERS"}]), (403, "MISSING_PERMISSION")),
    "no permission": (about_us(permissions=[]), (403, "MISSING_PERMISSION")),
}


@pytest.mark.parametrize(("data", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_token_that_is_not_ours_or_not_enough_is_refused(
    app: App, client: FlaskClient, mocked: responses.RequestsMock, data: dict[str, Any], expected: tuple[int, str]
) -> None:
    mocked.post(SHOP_URL, json={"data": data})
    mocked.get(JWKS_URL, json=jwks())
    assert refusal(register(client))[:2] == expected
    assert installed(app) == []


TROUBLE: dict[str, dict[str, Any]] = {
    "502": {"status": 502},
    "a redirect": {"status": 302, "headers": {"Location": "http://169.254.169.254/"}},
    "no answer": {"body": requests.ConnectionError("x")},
    "a time-out": {"body": requests.ReadTimeout("x")},
    "HTML": {"body": "<html>"},
}


@pytest.mark.parametrize("how", TROUBLE.values(), ids=TROUBLE)
def test_a_shop_that_cannot_be_asked_is_refused_in_words(
    app: App, client: FlaskClient, mocked: responses.RequestsMock, how: dict[str, Any]
) -> None:
    mocked.post(SHOP_URL, **how)
    status, code, message = refusal(register(client))
    assert (status, code) == (401, "UNKNOWN_APP_ID")
    assert message.startswith("The shop could not be asked about the app: ")
    assert TOKEN not in message
    assert installed(app) == []


def test_a_broken_database_is_our_own_trouble(app: App, client: FlaskClient, saleor: Any) -> None:
    with app.database.write() as db:
        db.exec_driver_sql("ALTER TABLE shops RENAME TO lost")
    answer = register(client)
    assert answer.status_code == 503
    assert "error" in answer.get_json()


def test_no_log_line_names_the_token(
    app: App, client: FlaskClient, saleor: Any, log_lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register(client)
    register(client, **{"Saleor-Api-Url": OTHER_SHOP_URL})
    register(client, raw=json.dumps({"auth_token": TOKEN + "x"}).encode())
    assert log_lines
    assert TOKEN not in "\n".join([*log_lines, caplog.text])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60))
def test_no_request_leads_to_a_500(client: FlaskClient, body: bytes, url: str) -> None:
    assert register(client, raw=body, **{"Saleor-Api-Url": url}).status_code == 403
    assert register(client, raw=body).status_code == 400


# ---- Health


def test_the_app_says_that_it_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == client.get("/readyz").get_json() == {"status": "ok"}


def test_without_its_database_the_app_is_alive_and_not_ready(app: App, client: FlaskClient) -> None:
    app.database.engine.dispose()
    (app.settings.data_dir / "loyalty.sqlite").write_bytes(b"broken" * 1000)
    for leftover in app.settings.data_dir.glob("loyalty.sqlite-*"):
        leftover.unlink()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "sqlite" not in answer.text.lower()
