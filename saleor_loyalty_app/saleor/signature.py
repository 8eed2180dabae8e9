"""Webhook signatures: detached RS256 over the raw body (RFC 7797, `b64: false`), as Saleor makes them."""

from jwt import PyJWK
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

LONGEST_SIGNATURE = 4_000
_jws = PyJWS(algorithms=["RS256"])


def signing_key_id(signature: str) -> str | None:
    """The key id a signature names, or None when it is not one that Saleor would make."""
    if not signature.isascii() or len(signature) > LONGEST_SIGNATURE:
        return None
    try:
        header = _jws.get_unverified_header(signature)
    except (PyJWTError, ValueError, RecursionError):
        return None
    kid = header.get("kid")
    proper = header.get("alg") == "RS256" and header.get("b64") is False and header.get("crit") == ["b64"]
    return kid if proper and isinstance(kid, str) and signature.split(".")[1] == "" else None


def signature_fits(signature: str, raw_body: bytes, key: PyJWK) -> bool:
    """Whether the signature was made with this key over exactly these bytes."""
    try:
        _jws.decode(signature, key, algorithms=["RS256"], detached_payload=raw_body)
    except (PyJWTError, ValueError):
        return False
    return True
