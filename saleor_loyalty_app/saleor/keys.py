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
from saleor_loyalty_app.saleor.errors import TryAgain

FETCH_SECONDS = (3, 5)
LARGEST_JWKS_BYTES = 64_000

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
            body = response.raw.read(LARGEST_JWKS_BYTES + 1, decode_content=True)
    except (requests.RequestException, HTTPError) as failed:  # the raw body fails with urllib3's own errors
        raise TryAgain(NO_KEYS) from failed
    return _checked(body)


def find_key(jwks: dict[str, Any], kid: str) -> PyJWK | None:
    """The RS256 key with this id, or None."""
    for jwk in jwks.get("keys", []):
        if jwk.get("kid") == kid and jwk.get("kty") == "RSA":
            return _key(kid, str(jwk.get("n")), str(jwk.get("e")))
    return None


@lru_cache(maxsize=256)
def _key(kid: str, n: str, e: str) -> PyJWK | None:
    # Building a key costs half as much as verifying with it, so it is built once.
    try:
        return PyJWK({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e})
    except PyJWTError:
        return None


def _checked(body: bytes) -> dict[str, Any]:
    try:
        jwks = json.loads(body) if len(body) <= LARGEST_JWKS_BYTES else None
    except (ValueError, RecursionError):
        jwks = None
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise TryAgain(NO_KEYS)
    return {"keys": [key for key in jwks["keys"] if isinstance(key, dict)]}
