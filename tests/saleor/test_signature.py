"""A delivery is accepted only with a signature of the shop's own key over exactly these bytes."""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from factories import (
    NOW,
    RECORDINGS,
    b64,
    dashboard_token,
    jwk,
    jwks,
    order_event,
    private_key,
    recorded_body,
    recorded_header,
    recording,
    sign,
)
from hypothesis import given
from hypothesis import strategies as st

from saleor_loyalty_app.saleor.events import BY_NAME
from saleor_loyalty_app.saleor.keys import find_key
from saleor_loyalty_app.saleor.signature import signature_fits, signing_key_id

DELIVERIES = sorted(path.stem for path in RECORDINGS.glob("*.json"))
BODY = order_event()
HEADER = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "kid-of-shop", "typ": "JWT"}


def accepts(signature: str, body: bytes, keys: dict[str, Any] | None = None) -> bool:
    """What the doorkeeper does with a signature, without its memory."""
    kid = signing_key_id(signature)
    key = find_key(keys or jwks(), kid) if kid else None
    return key is not None and signature_fits(signature, body, key)


# ---- Recordings


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_recorded_delivery_verifies_with_the_keys_of_its_time(name: str) -> None:
    for header in ("Saleor-Signature", "X-Saleor-Signature"):
        assert accepts(recorded_header(name, header), recorded_body(name), recording(name)["jwks"])


TAMPERED = {
    "one byte changed": lambda body: body.replace(b"1", b"2", 1),
    "the last byte cut off": lambda body: body[:-1],
    "half of it": lambda body: body[: len(body) // 2],
    "nothing": lambda _body: b"",
    "a byte more": lambda body: body + b"\n",
    "a space before": lambda body: b" " + body,
    "the same JSON without spaces": lambda body: json.dumps(json.loads(body), separators=(",", ":")).encode(),
    "the same JSON in another order": lambda body: json.dumps(json.loads(body), sort_keys=True, indent=1).encode(),
    "the base64 of it": lambda body: b64(body).encode(),
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "another delivery": lambda _body: recorded_body("app-deleted")[:-2] + b" }",
}


@pytest.mark.parametrize("name", DELIVERIES)
@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_a_recorded_delivery_that_was_tampered_with_is_refused(name: str, tamper: Any) -> None:
    body = tamper(recorded_body(name))
    assert body != recorded_body(name)
    assert not accepts(recorded_header(name, "Saleor-Signature"), body, recording(name)["jwks"])


def test_the_signature_of_one_delivery_does_not_fit_another() -> None:
    first, second = "order-cancelled", "order-updated"
    assert not accepts(recorded_header(first, "Saleor-Signature"), recorded_body(second), recording(first)["jwks"])


def test_a_retry_has_the_same_bytes_and_the_same_signature() -> None:
    names = ("order-created-first-attempt", "order-created-second-attempt")
    assert len({recorded_body(name) for name in names}) == 1
    assert len({recorded_header(name, "Saleor-Signature") for name in names}) == 1


def test_bodies_beyond_ascii_verify_as_they_are() -> None:
    body = '{"name": "Łukasz żółć 😀"}'.encode()
    assert accepts(sign(body), body)
    assert not accepts(sign(body), json.dumps(json.loads(body)).encode())


def test_events_that_were_recorded_are_events_we_know() -> None:
    known = {json.loads(recorded_body(name)).get("__typename") for name in DELIVERIES
             if recorded_body(name).startswith(b"{")}  # fmt: skip
    assert known - {"DraftOrderCreated"} <= BY_NAME.keys()


# ---- Games with the header


def signed_as(header: dict[str, Any], *, key: str = "shop") -> str:
    return sign(BODY, key=key, header=header)


HEADERS: dict[str, dict[str, Any]] = {
    "b64 true": {**HEADER, "b64": True},
    "b64 missing": {"alg": "RS256", "crit": ["b64"], "kid": "kid-of-shop"},
    "b64 zero": {**HEADER, "b64": 0},
    "b64 null": {**HEADER, "b64": None},
    "b64 as text": {**HEADER, "b64": "false"},
    "crit missing": {"alg": "RS256", "b64": False, "kid": "kid-of-shop"},
    "crit empty": {**HEADER, "crit": []},
    "crit with more": {**HEADER, "crit": ["b64", "exp"], "exp": 1},
    "crit with something else": {**HEADER, "crit": ["exp"]},
    "crit as text": {**HEADER, "crit": "b64"},
    "crit null": {**HEADER, "crit": None},
    "alg none": {**HEADER, "alg": "none"},
    "alg None": {**HEADER, "alg": "None"},
    "alg empty": {**HEADER, "alg": ""},
    "alg missing": {"b64": False, "crit": ["b64"], "kid": "kid-of-shop"},
    "alg HS256": {**HEADER, "alg": "HS256"},
    "alg RS512": {**HEADER, "alg": "RS512"},
    "alg PS256": {**HEADER, "alg": "PS256"},
    "alg as a list": {**HEADER, "alg": ["RS256"]},
    "no kid": {"alg": "RS256", "b64": False, "crit": ["b64"]},
    "kid empty": {**HEADER, "kid": ""},
    "kid of nobody": {**HEADER, "kid": "nobody"},
    "kid a number": {**HEADER, "kid": 1},
    "kid a list": {**HEADER, "kid": ["kid-of-shop"]},
    "kid a path": {**HEADER, "kid": "../../../../dev/null"},
    "no header at all": {},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_saleor_would_not_make_is_refused_although_the_key_is_right(header: dict[str, Any]) -> None:
    assert not accepts(signed_as(header), BODY)


def test_the_factory_signs_as_saleor_does() -> None:
    assert accepts(signed_as(HEADER), BODY)
    assert list(HEADER) == ["alg", "b64", "crit", "kid", "typ"]


def test_the_public_key_is_no_secret_for_a_keyed_hash() -> None:
    """The old trick: alg HS256, with the public key, which everybody has, as the secret."""
    public = private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for alg in ("HS256", "RS256"):
        head = b64(json.dumps({**HEADER, "alg": alg}).encode())
        mac = HMAC(public, SHA256())
        mac.update(head.encode() + b"." + BODY)
        assert not accepts(f"{head}..{b64(mac.finalize())}", BODY)


def test_a_key_in_the_header_is_not_looked_at() -> None:
    for extra in (
        {"jwk": jwk("other")},
        {"jku": "https://evil.example.com/jwks.json"},
        {"x5u": "https://evil.example"},
    ):
        assert not accepts(sign(BODY, key="other", header={**HEADER, **extra}), BODY)


def test_the_kid_of_one_key_with_the_signature_of_another_is_refused() -> None:
    keys = jwks("shop", "other")
    assert accepts(sign(BODY, key="other"), BODY, keys)
    assert not accepts(signed_as({**HEADER, "kid": "kid-of-other"}), BODY, keys)
    assert not accepts(sign(BODY, key="other", header=HEADER), BODY, keys)


def test_the_key_of_another_shop_is_refused() -> None:
    assert not accepts(sign(BODY, key="other"), BODY, jwks("shop"))
    stolen_name = {"keys": [jwk("other", kid="kid-of-shop")]}
    assert not accepts(sign(BODY), BODY, stolen_name)


def test_the_header_of_one_signature_does_not_go_with_another() -> None:
    head, _, _ = signed_as({**HEADER, "typ": "JOSE"}).partition(".")
    _, _, rest = sign(BODY).partition(".")
    assert not accepts(f"{head}.{rest}", BODY)


# ---- Games with the form


def malformed() -> dict[str, str]:
    whole = sign(BODY)
    head, _, end = whole.split(".")
    deep, deeper = b64(b"[" * 2000), b64(b'{"a":' * 500)
    one, big = b64(bytes(255) + b"\x01"), b64(b'{"alg": ' + b"9" * 2500 + b"}")
    not_text = b64(b"\xff\xfe")
    return {
        "empty": "",
        "spaces": "   ",
        "a word": "junk",
        "dots": "..",
        "many dots": "." * 500,
        "two parts": f"{head}.{end}",
        "four parts": f"{whole}.x",
        "the payload in the middle": f"{head}.{b64(BODY)}.{end}",
        "the raw payload in the middle": f"{head}.{BODY.decode()}.{end}",
        "another payload in the middle": f"{head}.{b64(b'{}')}.{end}",
        "a space in the middle": f"{head}. .{end}",
        "no signature": f"{head}..",
        "a cut signature": whole[:-8],
        "a signature of zeros": f"{head}..{b64(bytes(256))}",
        "a signature of one": f"{head}..{one}",
        "not base64": f"{head}..!!!!",
        "a header that is not base64": f"!!!!..{end}",
        "a header that is not JSON": f"{b64(b'junk')}..{end}",
        "a header that is a list": f"{b64(b'[]')}..{end}",
        "a header that is a number": f"{b64(b'1')}..{end}",
        "a header that is null": f"{b64(b'null')}..{end}",
        "a header that is not UTF-8": f"{not_text}..{end}",
        "a header nested deep": f"{deep}..{end}",
        "a header nested deep in an object": f"{deeper}..{end}",
        "a header with a huge number": f"{big}..{end}",
        "beyond ASCII": whole.replace(".", "\u2024"),
        "a letter beyond ASCII": whole + "é",
        "Latin-1": "\xff\xfe\xfd",
        "a surrogate": whole + "\ud800",
        "a zero byte": whole + "\x00",
        "a line break": whole + "\n",
        "huge": whole + "A" * 100_000,
        "a huge header": f"{b64(b' ' * 100_000)}..{end}",
        "a token of the dashboard": dashboard_token(NOW),
        "a hex digest": "ab" * 32,
    }  # fmt: skip


@pytest.mark.parametrize("name", malformed())
def test_a_malformed_signature_is_refused_without_an_exception(name: str) -> None:
    assert not accepts(malformed()[name], BODY)


@given(st.text(max_size=300))
def test_no_text_is_a_signature(text: str) -> None:
    assert not accepts(text, BODY)


@given(st.binary(max_size=300), st.binary(max_size=64))
def test_no_bytes_in_the_form_of_a_signature_are_one(header: bytes, end: bytes) -> None:
    assert not accepts(f"{b64(header)}..{b64(end)}", BODY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["alg", "b64", "crit", "kid", "typ", "x"]), JSON))
def test_no_other_header_is_taken_for_saleors(header: dict[str, Any]) -> None:
    assert signing_key_id(signed_as(header)) is None or header.get("b64") is False


@given(st.integers(0, 255), st.data())
def test_no_other_byte_in_a_body_fits(value: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BODY) - 1))
    changed = BODY[:place] + bytes([value]) + BODY[place + 1 :]
    assert accepts(SIGNED, changed) == (changed == BODY)


SIGNED = sign(BODY)


def test_a_signature_is_no_token() -> None:
    with pytest.raises(jwt.PyJWTError):
        jwt.decode(SIGNED, private_key().public_key(), algorithms=["RS256"])
