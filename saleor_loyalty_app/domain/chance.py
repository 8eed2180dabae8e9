"""Chance that can be explained: a keyed hash, the same on every retry and not calculable from outside."""

from hashlib import blake2b


def fraction(secret: bytes, *parts: str) -> float:
    """A number in [0, 1) that depends only on the shop's secret and the parts.

    Design §5.7: the parts are the order id, the program version and what is being drawn. `secret` is the
    shop's own 32 random bytes.
    """
    digest = blake2b("\x1f".join(parts).encode(), key=secret[:64], digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53  # 53 bits: what a float holds exactly, so it never rounds up to 1
