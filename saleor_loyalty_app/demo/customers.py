"""The shop's customers and staff: they join, change, confirm, and go."""

import itertools
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from saleor_loyalty_app.demo.events import Principal, emit
from saleor_loyalty_app.demo.people_records import Address, User

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

ALL_PERMISSIONS = frozenset(
    [
        "MANAGE_USERS",
        "MANAGE_STAFF",
        "IMPERSONATE_USER",
        "MANAGE_APPS",
        "MANAGE_OBSERVABILITY",
        "MANAGE_CHECKOUTS",
        "HANDLE_CHECKOUTS",
        "HANDLE_TAXES",
        "MANAGE_TAXES",
        "MANAGE_CHANNELS",
        "MANAGE_DISCOUNTS",
        "MANAGE_GIFT_CARD",
        "MANAGE_MENUS",
        "MANAGE_ORDERS",
        "MANAGE_ORDERS_IMPORT",
        "MANAGE_PAGES",
        "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
        "HANDLE_PAYMENTS",
        "MANAGE_PLUGINS",
        "MANAGE_PRODUCTS",
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
        "MANAGE_SHIPPING",
        "MANAGE_SETTINGS",
        "MANAGE_TRANSLATIONS",
    ]
)


class Customers:
    """People by key and by e-mail."""

    def __init__(self, shop: "Shop") -> None:
        """Nobody yet."""
        self.by_key: dict[int, User] = {}
        self.by_email: dict[str, User] = {}
        self.revision = 0
        self._shop = shop
        self._serial = itertools.count(1)
        self._address_serial = itertools.count(1)

    def address(self, first_name: str, last_name: str, *, street: str, city: str, code: str, country: str) -> Address:
        """A new address; `code` is the postal code, `country` two letters."""
        return Address(next(self._address_serial), first_name, last_name, street, city, code, country)

    def create(
        self,
        email: str,
        first_name: str = "",
        last_name: str = "",
        *,
        language: str = "EN",
        address: Address | None = None,
        joined: datetime | None = None,
        confirmed: bool = True,
        by: Principal = None,
        quiet: bool = False,
    ) -> User:
        """A new customer; fires CUSTOMER_CREATED unless quiet. language is a code of the API ("DE")."""
        with self._shop.lock:
            user = self._add(
                email, first_name, last_name, language_code=language, default_shipping_address=address,
                joined=joined, is_confirmed=confirmed,
            )  # fmt: skip
            if not quiet:
                emit(self._shop, "CUSTOMER_CREATED", by=by or user, user=user)
            return user

    def create_staff(self, email: str, permissions: frozenset[str] = ALL_PERMISSIONS, name: str = "Sam Staff") -> User:
        """A new staff member; by default with every permission."""
        first, _, last = name.partition(" ")
        with self._shop.lock:
            return self._add(email, first, last, is_staff=True, permission_codes=permissions)

    def _add(self, email: str, first_name: str, last_name: str, *, joined: datetime | None = None, **more: Any) -> User:
        when = joined or self._shop.now()
        user = User(
            next(self._serial), email.lower(), first_name, last_name, when, when, secrets.token_urlsafe(9)[:12], **more
        )
        self.by_key[user.pk] = self.by_email[user.email] = user
        self.revision += 1
        return user

    def update(self, user: User, *, by: Principal = None, **changes: Any) -> None:
        """Change names, e-mail, language, note, is_active …; fires CUSTOMER_UPDATED.

        A new e-mail moves the guest orders of that address to the customer, and fires nothing for them.
        """
        with self._shop.lock:
            email = changes.pop("email", user.email).lower()
            for key, value in changes.items():
                setattr(user, key, value)
            if email != user.email:
                del self.by_email[user.email]
                user.email = email
                self.by_email[email] = user
                self._shop.orders.attach_guest_orders(user)
            self.touch(user)
            emit(self._shop, "CUSTOMER_UPDATED", by=by or user, user=user)

    def confirm(self, user: User) -> None:
        """The customer proves the e-mail: guest orders become theirs; fires ACCOUNT_CONFIRMED and CUSTOMER_UPDATED."""
        with self._shop.lock:
            user.is_confirmed = True
            self._shop.orders.attach_guest_orders(user)
            self.touch(user)
            emit(self._shop, "ACCOUNT_CONFIRMED", by=user, user=user)
            emit(self._shop, "CUSTOMER_UPDATED", by=user, user=user)

    def delete(self, user: User, *, by: Principal = None) -> None:
        """Staff delete a customer; fires CUSTOMER_DELETED. Orders stay, without their user."""
        with self._shop.lock:
            self._remove(user)
            emit(self._shop, "CUSTOMER_DELETED", by=by, user=user)

    def bulk_delete(self, users: list[User], *, by: Principal = None) -> None:
        """Staff delete several at once; one event each."""
        for user in users:
            self.delete(user, by=by)

    def delete_own_account(self, user: User) -> None:
        """The customer deletes the account: fires ACCOUNT_DELETED, and no CUSTOMER_DELETED."""
        with self._shop.lock:
            self._remove(user)
            emit(self._shop, "ACCOUNT_DELETED", by=user, user=user)

    def write_metadata(self, user: User, items: Mapping[str, str], *, private: bool, by: Principal) -> None:
        """Merge keys; unchanged values fire nothing."""
        with self._shop.lock:
            target = user.private_metadata if private else user.metadata
            if items.items() <= target.items():
                return
            target.update(items)
            self.touch(user)
            emit(self._shop, "CUSTOMER_METADATA_UPDATED", by=by, user=user)
            if self._shop.legacy_update_webhooks:
                emit(self._shop, "CUSTOMER_UPDATED", by=by, user=user)

    def touch(self, user: User) -> None:
        """Note that something changed."""
        user.updated_at = self._shop.now()
        self.revision += 1

    def sign_out_everywhere(self, user: User) -> None:
        """Make every token of a user useless, though still well signed."""
        with self._shop.lock:
            user.session_key = secrets.token_urlsafe(9)[:12]

    def _remove(self, user: User) -> None:
        user.deleted = True
        del self.by_key[user.pk]
        del self.by_email[user.email]
        self.revision += 1
        self._shop.orders.detach(user)
