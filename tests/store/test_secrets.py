"""Tokens at rest: sealed with authenticated encryption, readable through a list of keys, never shown."""

import pytest
from cryptography.fernet import Fernet
from factories import TOKEN

from saleor_loyalty_app.store.secrets import UnreadableSecret, Vault

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def test_what_was_sealed_can_be_opened_and_does_not_show() -> None:
    sealed = Vault((NEW,)).seal(TOKEN.encode())
    assert TOKEN.encode() not in sealed
    assert Vault((NEW,)).open(sealed) == TOKEN.encode()


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault((NEW,))
    assert vault.seal(b"x") != vault.seal(b"x")


def test_keys_are_changed_by_a_list_newest_first() -> None:
    sealed = Vault((OLD,)).seal(b"secret")
    both = Vault((NEW, OLD))
    assert both.open(sealed) == b"secret"
    moved = both.rotate(sealed)
    assert Vault((NEW,)).open(moved) == b"secret"
    assert Vault((NEW,)).open(both.seal(b"new")) == b"new"
    with pytest.raises(UnreadableSecret):
        Vault((OLD,)).open(moved)


@pytest.mark.parametrize(
    "sealed", [b"", b"junk", b"\xff" * 200, Vault((OTHER,)).seal(b"x")], ids=["empty", "junk", "bytes", "another key"]
)
def test_what_no_key_opens_is_said_with_what_to_do(sealed: bytes) -> None:
    for act in (Vault((NEW, OLD)).open, Vault((NEW, OLD)).rotate):
        with pytest.raises(UnreadableSecret, match="back into LOYALTY_SECRET_KEY"):
            act(sealed)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(Vault((NEW,)).seal(b"secret"))
    sealed[20] ^= 1
    with pytest.raises(UnreadableSecret):
        Vault((NEW,)).open(bytes(sealed))


def test_a_vault_shows_nothing() -> None:
    vault = Vault((NEW, OLD))
    for key in (NEW, OLD):
        assert key not in repr(vault) + str(vault) + repr(vars(vault))
