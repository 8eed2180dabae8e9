"""The shop's RSA key: signs webhook bodies and tokens, is published as a JWKS, can be changed for another."""

import hashlib
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class SigningKeys:
    """One current key. After `rotate` only the new one is published, as in Saleor."""

    def __init__(self) -> None:
        """Make the first key."""
        self.rotate()

    def rotate(self) -> None:
        """Change the key for a new one; what was signed before does not verify any more."""
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        self.kid = _thumbprint(public)
        self._public = {
            "kty": "RSA", "key_ops": ["verify"], "n": public["n"], "e": public["e"],
            "use": "sig", "kid": self.kid, "alg": "RS256",
        }  # fmt: skip

    def jwks(self) -> dict[str, Any]:
        """What stands at /.well-known/jwks.json."""
        return {"keys": [self._public]}

    def sign_body(self, body: bytes) -> str:
        """A detached JWS over the raw body (RFC 7797, b64=false), as in the header Saleor-Signature."""
        return jwt.api_jws.encode(
            body,
            self._private,
            algorithm="RS256",
            headers={"b64": False, "crit": ["b64"], "kid": self.kid},
            is_payload_detached=True,
            sort_headers=True,
        )

    def sign_token(self, claims: dict[str, Any]) -> str:
        """A JWT with the shop's key."""
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": self.kid})

    def read_token(self, token: str) -> dict[str, Any]:
        """The claims of a JWT that this shop signed; raises PyJWT's errors otherwise."""
        return jwt.decode(token, self._private.public_key(), algorithms=["RS256"], options={"verify_aud": False})


def _thumbprint(public: dict[str, Any]) -> str:
    """The RFC 7638 thumbprint of a key."""
    required = json.dumps({"e": public["e"], "kty": "RSA", "n": public["n"]}, separators=(",", ":"), sort_keys=True)
    return jwt.utils.base64url_encode(hashlib.sha256(required.encode()).digest()).decode()
