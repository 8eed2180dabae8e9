"""The code of a parcel, which stands in notes and addresses and says nothing about the order."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import count

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def parcel_codes(secret: bytes, order_id: str) -> Iterator[str]:
    """The codes that an order's parcel may have, the first one that is free: "BR-7K2M4QPX".

    A keyed hash of the order, so that a parcel that is planned once more, because a restored backup knows nothing of
    it, has the code that its note in the shop names. `secret` is the shop's own 32 random bytes.
    """
    for attempt in count():
        words = f"parcel code\x1f{order_id}\x1f{attempt}".encode()
        number = int.from_bytes(blake2b(words, key=secret[:64], digest_size=5).digest())
        yield "BR-" + "".join(LETTERS[number >> shift & 31] for shift in range(0, 40, 5))
