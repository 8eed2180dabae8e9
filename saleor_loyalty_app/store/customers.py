"""Customers: Saleor users of a shop, and guests by the keyed hash of their e-mail (which itself is not kept)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from saleor_loyalty_app.domain.orders import Buyer
from saleor_loyalty_app.domain.search_keys import keys_of
from saleor_loyalty_app.domain.tiers import Membership, Standing
from saleor_loyalty_app.store.customer_sums import renew_sums
from saleor_loyalty_app.store.packing_tables import promises
from saleor_loyalty_app.store.parcel_tables import notes, parcel_changes, parcel_items, parcels
from saleor_loyalty_app.store.print_tables import print_items
from saleor_loyalty_app.store.rows import alone_with, change_where, rows_where
from saleor_loyalty_app.store.tables import customers, orders, tier_decisions

NAMELESS = {"first_name": "", "last_name": ""}
"""What stands in a row of somebody who is forgotten, or who is now another row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One row. `membership` is where the customer stands: the sum of all decisions."""

    id: int
    shop_id: int
    user_id: str | None
    email_key: str | None
    first_name: str
    last_name: str
    language: str
    is_staff: bool
    orders_counted: int
    value_minor: int
    """In the program's currency."""
    last_order_at: datetime | None
    exclusions: tuple[str, ...]
    preferences: tuple[str, ...]
    trouble_solved: bool
    membership: Membership
    next_review_on: date | None
    mirrored: str
    merged_into: int | None
    erased_at: datetime | None
    created_at: datetime

    @property
    def name(self) -> str:
        """First and last name, empty when unknown or erased."""
        return f"{self.first_name} {self.last_name}".strip()


def email_key(shop_secret: bytes, email: str) -> str | None:
    """A keyed hash that finds the same address again without keeping it. None for no address."""
    normal = email.strip().casefold()
    return blake2b(normal.encode(), key=shop_secret, digest_size=32).hexdigest() if normal else None


def customer_by_id(db: Connection, shop_id: int, customer_id: int) -> Customer | None:
    """One customer, or None."""
    return _first(db, shop_id, id=customer_id)


_LOCK = (
    select(customers)
    .where(customers.c.shop_id == bindparam("the_shop"), customers.c.id == bindparam("customer"))
    .with_for_update(key_share=True)
)


def lock_customer(db: Connection, shop_id: int, customer_id: int) -> Customer | None:
    """One customer as it is now that no other transaction decides about it; or None.

    Before the shop is locked, never after: whoever holds the customer of an order may wait for the shop.
    """
    row = db.execute(_LOCK, {"the_shop": shop_id, "customer": customer_id}).mappings().first()
    return read_customer(row) if row else None


def customers_by_ids(db: Connection, shop_id: int, customer_ids: list[int]) -> list[Customer]:
    """These customers, by id."""
    query = (
        select(customers)
        .where(customers.c.shop_id == shop_id, customers.c.id.in_(customer_ids))
        .order_by(customers.c.id)
    )
    return [read_customer(row) for row in db.execute(query).mappings()]


def customer_by_user(db: Connection, shop_id: int, user_id: str) -> Customer | None:
    """The customer with this Saleor user id, or None."""
    return _first(db, shop_id, user_id=user_id)


_PROVEN_OR_GUEST = (
    select(customers)
    .where(customers.c.shop_id == bindparam("the_shop"), customers.c.email_key == bindparam("key"))
    .where(customers.c.merged_into.is_(None))
    # A proven member comes before a guest row of the same address.
    .order_by(customers.c.user_id.is_(None), customers.c.id)
    .limit(1)
)


def remember_buyer(db: Connection, shop_id: int, buyer: Buyer, *, key: str | None, now: datetime) -> Customer:
    """Find or make the customer of a buyer and keep what the shop says of the person now.

    A user is found by id. A guest is found by e-mail among guests and among users whose e-mail is proven
    (for counting only, design §5.3); a user whose e-mail is proven takes over what the guest had.
    """
    found, person = _find(db, shop_id, buyer, key), buyer.user_id or key
    if found is None and person and alone_with(db, shop_id, f"customer {person}"):
        found = _find(db, shop_id, buyer, key)
    # An unproven address must not draw a guest's history to whoever typed it in.
    own_key = key if buyer.is_confirmed or not buyer.user_id else None
    if found is None:
        found = _add(db, shop_id, buyer, key=own_key, now=now)
    elif found.user_id == buyer.user_id:
        found = _update_person(db, found, buyer, key=own_key)
    if buyer.user_id and own_key:
        _take_over_guests(db, found)
    return found


def _find(db: Connection, shop_id: int, buyer: Buyer, key: str | None) -> Customer | None:
    if buyer.user_id:
        return customer_by_user(db, shop_id, buyer.user_id)
    row = db.execute(_PROVEN_OR_GUEST, {"the_shop": shop_id, "key": key}).mappings().first() if key else None
    return read_customer(row) if row else None


def _take_over_guests(db: Connection, member: Customer) -> None:
    guests = select(customers.c.id).where(
        customers.c.shop_id == member.shop_id,
        customers.c.email_key == member.email_key,
        customers.c.user_id.is_(None),
        customers.c.merged_into.is_(None),
    )
    for (guest_id,) in db.execute(guests).all():
        for table in (orders, parcels, parcel_items, parcel_changes, notes, promises, print_items, tier_decisions):
            # Decisions are never changed, but they do belong to the person: only the owner is set anew.
            db.execute(
                update(table)
                .where(table.c.shop_id == member.shop_id, table.c.customer_id == guest_id)
                .values(customer_id=member.id)
            )
        db.execute(
            update(customers)
            .where(customers.c.shop_id == member.shop_id, customers.c.id == guest_id)
            .values(merged_into=member.id, email_key=None, **NAMELESS, **keys_of(NAMELESS))
        )
        renew_sums(db, member.shop_id, [guest_id, member.id])


def set_memberships(db: Connection, shop_id: int, standings: list[tuple[int, Membership, date | None]]) -> None:
    """Keep where customers stand after their decisions: (customer id, membership, next review on)."""
    statement = update(customers).where(
        customers.c.shop_id == shop_id, customers.c.id == bindparam("customer")
    ).values({column: bindparam(f"new_{column}") for column in _STANDING})  # fmt: skip
    db.execute(
        statement,
        [
            {
                "customer": customer_id,
                "new_tier": membership.tier,
                "new_standing": membership.standing,
                "new_tier_since": membership.since,
                "new_grace_until": membership.grace_until,
                "new_manual_until": membership.manual_until,
                "new_keep_version": membership.keep_version,
                "new_entered_with_orders": membership.entered_with_orders,
                "new_entered_from": membership.entered_from,
                "new_next_review_on": next_review_on,
            }
            for customer_id, membership, next_review_on in standings
        ],
    )


_AS_KEPT = (
    "id", "shop_id", "user_id", "email_key", "first_name", "last_name", "language", "is_staff", "orders_counted",
    "value_minor", "last_order_at", "trouble_solved", "next_review_on", "mirrored", "merged_into", "erased_at",
)  # fmt: skip
_STANDING = (
    "tier", "standing", "tier_since", "grace_until", "manual_until", "keep_version", "entered_with_orders",
    "entered_from", "next_review_on",
)  # fmt: skip


def members_after(db: Connection, shop_id: int, after: int, *, limit: int) -> list[Customer]:
    """Saleor users who have a tier, or of whom the shop shows one; by id, after this id."""
    query = (
        select(customers)
        .where(
            customers.c.shop_id == shop_id,
            customers.c.id > after,
            customers.c.user_id.is_not(None),
            or_(customers.c.tier.is_not(None), customers.c.mirrored != ""),
        )
        .order_by(customers.c.id)
        .limit(limit)
    )
    return [read_customer(row) for row in db.execute(query).mappings()]


def users_after(db: Connection, shop_id: int, after: int, *, limit: int) -> dict[int, str]:
    """Saleor user ids by our own id, in order, after this id."""
    query = (
        select(customers.c.id, customers.c.user_id)
        .where(customers.c.shop_id == shop_id, customers.c.id > after, customers.c.user_id.is_not(None))
        .order_by(customers.c.id)
        .limit(limit)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def set_mirrored(db: Connection, shop_id: int, customer_id: int, mirrored: str) -> None:
    """Remember what the shop shows of a customer's tier."""
    change_where(db, shop_id, customers, {"mirrored": mirrored}, id=customer_id)


def keep_by_version(db: Connection, shop_id: int, version: int, tiers: list[str]) -> None:
    """Let this version's rules alone decide who keeps these tiers: the merchant said so."""
    db.execute(
        update(customers)
        .where(customers.c.shop_id == shop_id, customers.c.tier.in_(tiers))
        .values(keep_version=version)
    )


def set_wishes(
    db: Connection, shop_id: int, customer_id: int, *, exclusions: tuple[str, ...], preferences: tuple[str, ...]
) -> None:
    """Keep what a customer wants and does not want in a parcel."""
    wishes = {"exclusions": list(exclusions), "preferences": list(preferences)}
    change_where(db, shop_id, customers, wishes, id=customer_id)


def set_trouble_solved(db: Connection, shop_id: int, customer_id: int, *, solved: bool) -> None:
    """Remember that something went wrong and was put right, for the next parcel."""
    change_where(db, shop_id, customers, {"trouble_solved": solved}, id=customer_id)


def _first(db: Connection, shop_id: int, **equal: Any) -> Customer | None:
    row = rows_where(db, shop_id, customers, **equal).first()
    return read_customer(row) if row else None


def _add(db: Connection, shop_id: int, buyer: Buyer, *, key: str | None, now: datetime) -> Customer:
    person = _person(buyer)
    new = {"shop_id": shop_id, "user_id": buyer.user_id, "email_key": key, "exclusions": [], "preferences": [],
           "created_at": now, **person, **keys_of(person)}  # fmt: skip
    return read_customer(db.execute(insert(customers).returning(customers), new).mappings().one())


def _update_person(db: Connection, found: Customer, buyer: Buyer, *, key: str | None) -> Customer:
    person = {name: value for name, value in _person(buyer).items() if value or name == "is_staff"}
    known_key = key or found.email_key
    unchanged = all(getattr(found, name) == value for name, value in person.items())
    if not unchanged or known_key != found.email_key:
        changes = {**person, **keys_of(person), "email_key": known_key}
        change_where(db, found.shop_id, customers, changes, id=found.id)
    return replace(found, **person, email_key=known_key)


def _person(buyer: Buyer) -> dict[str, Any]:
    return {
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "language": buyer.language,
        "is_staff": buyer.is_staff,
    }


def read_customer(row: RowMapping) -> Customer:
    """A customer from a row that has all columns of the table."""
    return Customer(
        **{name: row[name] for name in _AS_KEPT},
        exclusions=tuple(row["exclusions"]),
        preferences=tuple(row["preferences"]),
        membership=Membership(
            tier=row["tier"],
            standing=Standing(row["standing"]),
            since=row["tier_since"],
            **{name: row[name] for name in _STANDING[3:-1]},
        ),
        created_at=row["created_at"].astimezone(UTC),
    )
