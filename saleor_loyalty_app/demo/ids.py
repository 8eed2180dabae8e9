"""Global ids as Saleor writes them: base64 of "Type:key"."""

import base64
import binascii


class WrongId(ValueError):
    """An id that is none, or one of another type; its text is the message that Saleor gives."""


def global_id(kind: str, key: object) -> str:
    """The id under which the API shows a thing: ("Order", uuid) becomes "T3JkZXI6…"."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def split_id(value: str) -> tuple[str, str] | None:
    """The type and the key of a global id, or None when it is not one."""
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    kind, found, key = text.partition(":")
    return (kind, key) if found and kind and key else None


def local_key(value: str, kind: str) -> str:
    """The key of a global id that must be of one type.

    Raises WrongId with Saleor's own words when the id is malformed or of another type.
    """
    parts = split_id(value)
    if parts is None:
        raise WrongId(f"Invalid ID: {value}. Expected: {kind}.")
    if parts[0] != kind:
        raise WrongId(f"Invalid ID: {value}. Expected: {kind}, received: {parts[0]}.")
    return parts[1]
