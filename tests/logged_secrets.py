"""What nobody may log: searched for in everything that each test logged, by its own process or by those it started."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections import deque
from json import dumps

from factories import TOKEN

from saleor_loyalty_app.demo.people_names import PLACES
from saleor_loyalty_app.store.secrets import Vault

SHAPES = {
    "an e-mail address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "a token or a signature": r"\beyJ[\w-]{10,}\.",
    "something sealed": r"\bgAAAAA[\w-]{20,}",
    "a key": r"(?<![\w-])[\w-]{43}=(?!=)",
    "a desk's code or token": r"(?<![\w.-])\d+\.(?:[\w-]{43}|[\w-]{22})(?![\w-])",
    "a password in an address": r"://[^/\s:@]*:[^/\s@]+@",
}
"""How secrets and addresses of people look, whichever a test made up."""
ORDINARY = {"Till"}
NAMES = {"Anna", "Nguyen"} | {
    name for place in PLACES for name in (*place.first_names, *place.last_names) if name not in ORDINARY
}
"""How the customers of tests are called, and those of the demo shop; not those whose name is a word."""
WAYS = "|".join(re.escape(way) for name in sorted(NAMES) for way in (name, dumps(name)[1:-1]))
NAME = re.compile(f"(?<![A-Za-z])(?:{WAYS})(?![A-Za-z])")
LATEST = 500

_sealed: deque[bytes] = deque(maxlen=LATEST)
"""What was sealed last: the tokens and secrets of shops, and printed pages."""
_keys: deque[str] = deque(maxlen=LATEST)


def listen() -> None:
    """Remember every secret that passes through a vault from here on."""
    seal, begin = Vault.seal, Vault.__init__

    def remembering_seal(self: Vault, secret: bytes) -> bytes:
        _sealed.append(secret[:64])
        return seal(self, secret)

    def remembering_begin(self: Vault, keys: tuple[str, ...]) -> None:
        _keys.extend(keys)
        begin(self, keys)

    Vault.seal, Vault.__init__ = remembering_seal, remembering_begin  # type: ignore[method-assign]


def found_in(logged: str) -> list[str]:
    """What of all this stands in a log; empty when all is well."""
    found = [f"{what}: {hit.group()}" for what, shape in SHAPES.items() if (hit := re.search(shape, logged))]
    found += [f"a name: {hit.group()}" for hit in NAME.finditer(logged)][:1]
    known = {word for secret in _sealed if len(secret) > 8 for word in _written(secret)} | {*_keys, TOKEN}
    return found + [f"a secret: {word}" for word in known if word in logged]


def _written(secret: bytes) -> set[str]:
    """The ways in which bytes get into a text."""
    plain = {secret.decode()} if secret.isascii() else set()
    return plain | {secret.hex(), b64encode(secret).decode(), urlsafe_b64encode(secret).decode(), repr(secret)[2:-1]}
