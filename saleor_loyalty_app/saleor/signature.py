"""Webhook signatures: detached RS256 over the raw body (RFC 7797, `b64: false`), as Saleor makes them.

All signatures of a key begin with the same header, so it is read and checked once and remembered: reading it anew
with each delivery costs more than the check of the signature itself.
"""

from functools import lru_cache

from jwt import PyJWK
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_decode

LONGEST_SIGNATURE = 4_000
_jws = PyJWS(algorithms=["RS256"])


def signing_key_id(signature: str) -> str | None:
    """The key id a signature names, or None when it is not one that Saleor would make."""
    if not signature.isascii() or len(signature) > LONGEST_SIGNATURE:
        return None
    header, dot, rest = signature.partition(".")
    # The body stands elsewhere, so between header and signature there is nothing.
    detached = dot and rest.startswith(".") and "." not in rest[1:]
    return _key_id(header) if detached else None


def signature_fits(signature: str, raw_body: bytes, key: PyJWK) -> bool:
    """Whether the signature was made with this key over exactly these bytes."""
    if signing_key_id(signature) is None:
        return False
    header, _, encoded = signature.partition("..")
    try:
        made = base64url_decode(encoded)
    except ValueError:
        return False
    return key.Algorithm.verify(header.encode() + b"." + raw_body, key.key, made)


@lru_cache(maxsize=256)
def _key_id(header: str) -> str | None:
    """The key id in a header that says what Saleor's say: RS256, over the bytes as they are, and that this matters."""
    try:
        said = _jws.get_unverified_header(f"{header}..")
    except (PyJWTError, ValueError, RecursionError):
        return None
    kid = said.get("kid")
    proper = said.get("alg") == "RS256" and said.get("b64") is False and said.get("crit") == ["b64"]
    return kid if proper and isinstance(kid, str) else None
