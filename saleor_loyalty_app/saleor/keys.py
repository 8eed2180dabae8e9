"""A shop's public keys (JWKS): where they stand, how they are fetched, and which of them fits a signature."""

import json
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from urllib3.exceptions import HTTPError

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.connections import TooMuch, read_body
from saleor_loyalty_app.saleor.errors import TryAgain

FETCH_SECONDS = (3, 5)
"""For the connection, and for each wait for a part of the answer."""
WHOLE_FETCH_SECONDS = 8
LARGEST_JWKS_BYTES = 64_000
SMALLEST_KEY_BITS, LARGEST_KEY_BITS = 2048, 8192
LARGEST_EXPONENT_BITS = 32
KEPT_FIELDS = ("kty", "kid", "use", "alg", "n", "e")
"""What is kept of a key: the public part, also where a shop shows its private one by mistake."""

NO_KEYS = Saying(
    "The keys by which the shop is known could not be read. If this lasts, see whether the shop's "
    "address ending in /.well-known/jwks.json can be opened."
)


def jwks_url(saleor_api_url: str) -> str:
    """The keys stand at the origin of the API address, nowhere else (api-facts §6.4)."""
    parts = urlsplit(saleor_api_url)
    return f"{parts.scheme}://{parts.netloc}/.well-known/jwks.json"


def fetch_jwks(saleor_api_url: str) -> dict[str, Any]:
    """Fetch the shop's keys. Raises TryAgain when they can't be had now. Redirects are not followed."""
    try:
        with requests.get(
            jwks_url(saleor_api_url), timeout=FETCH_SECONDS, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != 200:
                raise TryAgain(NO_KEYS)
            body = read_body(response, most_bytes=LARGEST_JWKS_BYTES, within_seconds=WHOLE_FETCH_SECONDS)
    except (requests.RequestException, HTTPError, TooMuch) as failed:  # the raw body fails with urllib3's own errors
        raise TryAgain(NO_KEYS) from failed
    return _checked(body)


def find_key(jwks: dict[str, Any], kid: str) -> PyJWK | None:
    """The key for RS256 signatures with this id, or None. Of two with one id the first that can be used counts."""
    for jwk in jwks.get("keys", []):
        if jwk.get("kid") == kid and jwk.get("kty") == "RSA" and _is_for_signatures(jwk):
            key = _key(kid, str(jwk.get("n")), str(jwk.get("e")))
            if key is not None:
                return key
    return None


def _is_for_signatures(jwk: dict[str, Any]) -> bool:
    return (jwk.get("use", "sig"), jwk.get("alg", "RS256")) == ("sig", "RS256")


@lru_cache(maxsize=256)
def _key(kid: str, n: str, e: str) -> PyJWK | None:
    # Building a key costs half as much as verifying with it, so it is built once.
    try:
        key = PyJWK({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e})
    except PyJWTError:
        return None
    numbers = key.key.public_numbers()
    # A short key can be broken, and an oversized one would keep us busy with each signature.
    good = SMALLEST_KEY_BITS <= numbers.n.bit_length() <= LARGEST_KEY_BITS
    return key if good and numbers.e.bit_length() <= LARGEST_EXPONENT_BITS else None


def _checked(body: bytes) -> dict[str, Any]:
    try:
        jwks = json.loads(body)
    except (ValueError, RecursionError):
        jwks = None
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise TryAgain(NO_KEYS)
    return {"keys": [_public_part(key) for key in jwks["keys"] if isinstance(key, dict)]}


def _public_part(key: dict[str, Any]) -> dict[str, str]:
    return {name: key[name] for name in KEPT_FIELDS if isinstance(key.get(name), str)}
