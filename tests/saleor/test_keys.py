"""A shop's keys come from its own origin and nowhere else, and junk among them does no harm."""

import gzip
import http.server
import json
import time
from typing import Any

import pytest
import requests
import responses
from below_http import Answer, send_head, serving
from factories import JWKS_URL, SHOP_URL, jwk, jwks, private_key
from jwt.utils import to_base64url_uint

from saleor_loyalty_app.saleor import keys
from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.saleor.keys import fetch_jwks, find_key, jwks_url

ADDRESSES = {
    "https://shop.example.com/graphql/": "https://shop.example.com/.well-known/jwks.json",
    "https://shop.example.com:8443/api/graphql/": "https://shop.example.com:8443/.well-known/jwks.json",
    "http://localhost:8000/graphql/": "http://localhost:8000/.well-known/jwks.json",
}


@pytest.mark.parametrize(("api_url", "keys_url"), ADDRESSES.items(), ids=ADDRESSES)
def test_the_keys_stand_at_the_origin_of_the_shop(api_url: str, keys_url: str) -> None:
    assert jwks_url(api_url) == keys_url


def test_the_keys_are_fetched(mocked: responses.RequestsMock) -> None:
    mocked.get(JWKS_URL, json=jwks("shop", "next"))
    assert [key["kid"] for key in fetch_jwks(SHOP_URL)["keys"]] == ["kid-of-shop", "kid-of-next"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(mocked: responses.RequestsMock, status: int) -> None:
    mocked.get(JWKS_URL, status=status, headers={"Location": "https://evil.example.com/jwks.json"})
    evil = mocked.get("https://evil.example.com/jwks.json", json=jwks("other"))
    with pytest.raises(TryAgain, match="could not be read"):
        fetch_jwks(SHOP_URL)
    assert evil.call_count == 0


@pytest.mark.parametrize("status", [201, 204, 400, 403, 404, 429, 500, 503])
def test_another_status_is_tried_again_later(mocked: responses.RequestsMock, status: int) -> None:
    mocked.get(JWKS_URL, status=status, json=jwks())
    with pytest.raises(TryAgain):
        fetch_jwks(SHOP_URL)


@pytest.mark.parametrize(
    "failure",
    [requests.ConnectionError("x"), requests.Timeout("x"), requests.exceptions.SSLError("x")],
    ids=lambda failure: type(failure).__name__,
)
def test_a_shop_that_cannot_be_reached_is_tried_again_later(mocked: responses.RequestsMock, failure: Any) -> None:
    mocked.get(JWKS_URL, body=failure)
    with pytest.raises(TryAgain):
        fetch_jwks(SHOP_URL)


JUNK = {
    "nothing": b"",
    "HTML": b"<html></html>",
    "a list": b"[]",
    "null": b"null",
    "no keys": b"{}",
    "keys an object": b'{"keys": {}}',
    "keys null": b'{"keys": null}',
    "cut off": json.dumps(jwks()).encode()[:-5],
    "not UTF-8": b'{"keys": ["\xff"]}',
    "a huge number": b'{"keys": [' + b"9" * 5000 + b"]}",
    "nested deep": b"[" * 30_000,
    "keys nested deep": b'{"keys": ' + b"[" * 30_000,
    "too large": json.dumps({"keys": [], "x": "x" * 70_000}).encode(),
}


@pytest.mark.parametrize("body", JUNK.values(), ids=JUNK)
def test_junk_is_not_taken_for_keys(mocked: responses.RequestsMock, body: bytes) -> None:
    mocked.get(JWKS_URL, body=body)
    with pytest.raises(TryAgain):
        fetch_jwks(SHOP_URL)


def test_junk_among_the_keys_is_left_out(mocked: responses.RequestsMock) -> None:
    mocked.get(JWKS_URL, json={"keys": [None, 1, "x", [], jwk(), {}]})
    assert find_key(fetch_jwks(SHOP_URL), "kid-of-shop")


def _breaks_off(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Content_Length="5000", Connection="close")
    handler.wfile.write(b'{"keys": [')
    handler.close_connection = True


def _lies_about_its_encoding(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Content_Length="4", Content_Encoding="gzip")
    handler.wfile.write(b"junk")


def _breaks_off_a_chunk(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    send_head(handler, Transfer_Encoding="chunked", Connection="close")
    handler.wfile.write(b"zz\r\n")
    handler.close_connection = True


def _falls_asleep(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Content_Length="5000")
    handler.wfile.write(b"{")
    handler.wfile.flush()
    time.sleep(1)


def _drips(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Each part comes in time; all of them never do."""
    send_head(handler, Content_Length="50000")
    for _ in range(50):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def _sends_a_bomb(handler: http.server.BaseHTTPRequestHandler) -> None:
    bomb = gzip.compress(b'{"keys": [' + b" " * 200_000_000)
    send_head(handler, Content_Length=str(len(bomb)), Content_Encoding="gzip")
    handler.wfile.write(bomb)


BELOW = {
    "breaks off": _breaks_off,
    "lies about its encoding": _lies_about_its_encoding,
    "breaks off a chunk": _breaks_off_a_chunk,
    "falls asleep": _falls_asleep,
    "drips": _drips,
    "sends a bomb": _sends_a_bomb,
}


@pytest.mark.parametrize("answer", BELOW.values(), ids=BELOW)
def test_an_answer_that_goes_wrong_on_the_way_is_tried_again_later(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FETCH_SECONDS", (0.5, 0.3))
    monkeypatch.setattr(keys, "WHOLE_FETCH_SECONDS", 0.5)
    with serving(answer) as api_url, pytest.raises(TryAgain):
        fetch_jwks(api_url)


# ---- Finding a key


def test_the_key_is_found_by_its_id_among_others() -> None:
    found = find_key(jwks("shop", "other"), "kid-of-other")
    assert found
    assert found.key_id == "kid-of-other"
    assert found.algorithm_name == "RS256"


def test_no_other_id_finds_a_key() -> None:
    for kid in ("", "nobody", "KID-OF-SHOP", "kid-of-shop ", "None"):
        assert find_key(jwks(), kid) is None


NO_KEYS: dict[str, dict[str, Any]] = {
    "a secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
    "an elliptic key": {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "x"},
    "no numbers": {"kty": "RSA", "kid": "x"},
    "numbers that are not base64": {"kty": "RSA", "kid": "x", "n": "!!!", "e": "???"},
    "numbers beyond ASCII": {"kty": "RSA", "kid": "x", "n": "ä", "e": "AQAB"},
    "numbers as numbers": {"kty": "RSA", "kid": "x", "n": 5, "e": 3},
    "a modulus of nothing": {"kty": "RSA", "kid": "x", "n": "", "e": ""},
    "a tiny modulus": {"kty": "RSA", "kid": "x", "n": "Dw", "e": "AQAB"},
    "an even exponent": {**jwk(), "kid": "x", "e": "Ag"},
    "an exponent of one": {**jwk(), "kid": "x", "e": "AQ"},
    "a list for a number": {"kty": "RSA", "kid": "x", "n": [], "e": {}},
}


@pytest.mark.parametrize("junk", NO_KEYS.values(), ids=NO_KEYS)
def test_a_key_that_is_none_is_not_found(junk: dict[str, Any]) -> None:
    assert find_key({"keys": [junk]}, "x") is None


@pytest.mark.parametrize(
    "changes", [{"alg": "HS256"}, {"alg": "RS512"}, {"alg": None}, {"use": "enc"}, {"use": ""}], ids=str
)
def test_a_key_for_anything_else_is_not_used(changes: dict[str, Any]) -> None:
    assert find_key({"keys": [jwk(**changes)]}, "kid-of-shop") is None


def test_a_key_need_not_say_what_it_is_for() -> None:
    bare = {name: value for name, value in jwk().items() if name in {"kty", "kid", "n", "e"}}
    found = find_key({"keys": [bare]}, "kid-of-shop")
    assert found
    assert found.algorithm_name == "RS256"


def sized(bits: int, exponent: int = 65537) -> dict[str, Any]:
    """A key with a modulus of so many bits; nobody knows its factors."""
    return jwk(n=to_base64url_uint((1 << bits) - 1).decode(), e=to_base64url_uint(exponent).decode())


@pytest.mark.parametrize("size", [(1024,), (2047,), (8193,), (300_000,), (2048, (1 << 33) + 1)], ids=str)
def test_a_key_that_can_be_broken_or_keeps_us_busy_is_not_used(size: tuple[int, ...]) -> None:
    assert find_key({"keys": [sized(*size)]}, "kid-of-shop") is None


@pytest.mark.parametrize("size", [(2048,), (3072,), (4096, 3), (8192,)], ids=str)
def test_keys_of_every_usual_size_are_used(size: tuple[int, ...]) -> None:
    assert find_key({"keys": [sized(*size)]}, "kid-of-shop")


def test_of_two_keys_with_one_id_the_first_that_can_be_used_counts() -> None:
    junk = [jwk(n="!!!"), {**jwk(), "kty": "oct", "k": "c2VjcmV0"}, jwk(use="enc"), sized(512)]
    found = find_key({"keys": [*junk, jwk(), jwk("other", kid="kid-of-shop")]}, "kid-of-shop")
    assert found
    assert found.key.public_numbers() == private_key("shop").public_key().public_numbers()


def test_of_the_keys_only_the_public_part_is_kept(mocked: responses.RequestsMock) -> None:
    mocked.get(JWKS_URL, json={"keys": [jwk(d="AQAB", p="AQAB", q="AQAB", k="c2VjcmV0", x5c=["x"], kid_of=5)]})
    (kept,) = fetch_jwks(SHOP_URL)["keys"]
    assert set(kept) == {"kty", "kid", "use", "alg", "n", "e"}
