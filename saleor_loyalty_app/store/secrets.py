"""Tokens and secrets at rest: authenticated encryption (Fernet), with rotation by a list of keys."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableSecret(Exception):
    """A stored secret can't be opened with the configured keys."""

    def __init__(self) -> None:
        super().__init__("A stored token can't be opened. Put the key it was stored with back into LOYALTY_SECRET_KEY.")


class Vault:
    """Seals and opens secrets; never shows keys or contents in its repr."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: bytes) -> bytes:
        """Encrypt with the newest key."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt with whichever key fits. Raises UnreadableSecret."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as wrong:
            raise UnreadableSecret from wrong

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret, sealed with the newest key. Raises UnreadableSecret."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as wrong:
            raise UnreadableSecret from wrong
