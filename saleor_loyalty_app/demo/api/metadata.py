"""Metadata as it is read: sorted as PostgreSQL keeps it, the private part only for those who may."""

from typing import Any

from saleor_loyalty_app.demo.api.caller import Caller
from saleor_loyalty_app.demo.api.errors import PermissionDenied
from saleor_loyalty_app.demo.api.registry import Info, answers, request_of
from saleor_loyalty_app.demo.catalogue_records import Variant
from saleor_loyalty_app.demo.people_records import App, User

_TYPES = ("Order", "OrderLine", "User", "App", "ProductVariant")


def may_see_private(caller: Caller, thing: Any) -> bool:
    """Whether someone may read and write a thing's private metadata.

    A user who was just deleted shows none to anybody: CustomerDeleted and AccountDeleted then carry no
    user at all.
    """
    caller.raise_problem()
    if isinstance(thing, User):
        return not thing.deleted and "MANAGE_USERS" in caller.permissions
    if isinstance(thing, App):
        return caller.app is thing or "MANAGE_APPS" in caller.permissions
    if isinstance(thing, Variant):
        return "MANAGE_PRODUCTS" in caller.permissions
    return bool({"MANAGE_ORDERS", "HANDLE_TAXES"} & caller.permissions)


def _items(values: dict[str, str] | None) -> list[dict[str, str]]:
    sorted_keys = sorted(values or (), key=lambda key: (len(key), key))
    return [{"key": key, "value": (values or {})[key]} for key in sorted_keys]


def _private(thing: Any, info: Info) -> dict[str, str]:
    if not may_see_private(request_of(info).caller, thing):
        raise PermissionDenied
    return thing.private_metadata or {}


@answers(*(f"{name}.metadata" for name in _TYPES))
def public_items(thing: Any, _info: Info) -> list[dict[str, str]]:
    """All public keys."""
    return _items(thing.metadata)


@answers(*(f"{name}.metafield" for name in _TYPES))
def public_value(thing: Any, _info: Info, key: str) -> str | None:
    """One public value."""
    return (thing.metadata or {}).get(key)


@answers(*(f"{name}.privateMetadata" for name in _TYPES))
def private_items(thing: Any, info: Info) -> list[dict[str, str]]:
    """All private keys."""
    return _items(_private(thing, info))


@answers(*(f"{name}.privateMetafield" for name in _TYPES))
def private_value(thing: Any, info: Info, key: str) -> str | None:
    """One private value."""
    return _private(thing, info).get(key)
