"""The tables of shops, customers, orders, decisions and work; those of parcels stand in `parcel_tables.py`.

Every table but `workers` belongs to a shop. Names of people stand in `customers`, `notes` and the plans of `parcels`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from saleor_loyalty_app.store.columns import Id, SaleorId, SearchKey, UtcDateTime, metadata, same_shop, shop_id

shops = Table(
    "shops",
    metadata,
    Column("id", Id, primary_key=True),
    Column("saleor_api_url", String(500), nullable=False, unique=True),
    Column("state", String(20), nullable=False),  # active | inactive | silent | dormant, see store.shops
    Column("app_id", SaleorId, nullable=False),
    Column("sealed_token", LargeBinary),  # wiped when dormant
    Column("sealed_secret", LargeBinary, nullable=False),  # for the shop's own keyed hashes
    Column("name", String(200), nullable=False, server_default=""),
    Column("saleor_version", String(40), nullable=False),
    Column("permissions", JSON, nullable=False),
    Column("jwks", JSON, nullable=False),
    Column("mode", String(20), nullable=False),  # rehearsal | live
    Column("program_version", Integer),
    Column("installed_at", UtcDateTime, nullable=False),  # orders placed before never get a surprise
    Column("swept_to", UtcDateTime),  # changes up to here were read by `updatedAt`
    Column("looked_to", Id, nullable=False, server_default="0"),  # customers up to here were looked for
    Column("away_since", UtcDateTime),  # since when it is not active
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("body_hash", String(64), nullable=False),
    Column("subject", String(220), nullable=False),  # "order:T3JkZXI6…", "customer:…", "shop:"
    Column("event", String(40), nullable=False),  # __typename, or what else asked for the work
    Column("received_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
    UniqueConstraint("shop_id", "subject", "body_hash"),  # also finds the events about a subject
    Index("ix_inbox_waiting", "id", sqlite_where=text("taken_at IS NULL"), postgresql_where=text("taken_at IS NULL")),
    Index("ix_inbox_received", "shop_id", "received_at", "event"),  # covers what the health page counts
)

work = Table(
    "work",
    metadata,
    shop_id(primary_key=True),
    Column("subject", String(220), primary_key=True),
    Column("round", Integer, nullable=False),  # the workflow's id is (shop, subject, round): started once
    Column("state", String(10), nullable=False),  # waiting | running | done | failed
    Column("due_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(
        "ix_work_due",
        "shop_id",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index("ix_work_state", "shop_id", "state"),
)

NOT_MERGED = "merged_into IS NULL"

customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("user_id", SaleorId),
    Column("email_key", String(64)),  # keyed hash of the e-mail; the e-mail itself is not kept
    Column("first_name", String(256), nullable=False, server_default=""),
    Column("last_name", String(256), nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),
    Column("is_staff", Boolean, nullable=False, server_default=text("false")),
    # What lists are searched and sorted by; written with the name, and with each order's facts.
    Column("first_key", SearchKey, nullable=False, server_default=""),
    Column("last_key", SearchKey, nullable=False, server_default=""),
    Column("orders_counted", Integer, nullable=False, server_default="0"),
    Column("value_minor", BigInteger, nullable=False, server_default="0"),  # in the program's currency
    Column("last_order_at", UtcDateTime),
    Column("exclusions", JSON, nullable=False),
    Column("preferences", JSON, nullable=False),
    Column("trouble_solved", Boolean, nullable=False, server_default=text("false")),
    # Where the customer stands: the sum of all decisions, written together with the newest one.
    Column("tier", String(40)),
    Column("standing", String(10), nullable=False, server_default="secure"),
    Column("tier_since", UtcDateTime),
    Column("grace_until", Date),
    Column("manual_until", Date),
    Column("keep_version", Integer),
    Column("entered_with_orders", Integer),
    Column("entered_from", String(40)),
    Column("next_review_on", Date),
    Column("mirrored", String(300), nullable=False, server_default=""),  # what the shop shows of the tier
    Column("merged_into", Id),
    Column("erased_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Index("uq_customers_user", "shop_id", "user_id", unique=True),
    Index("ix_customers_email", "shop_id", "email_key"),
    Index("ix_customers_first_key", "shop_id", "first_key"),
    Index("ix_customers_last_key", "shop_id", "last_key"),
    Index("ix_customers_tier", "shop_id", "tier", "merged_into"),  # all that counting members reads
    *(  # for lists of people, by each sort, with and without a tier; a row that was merged is nobody in a list
        Index(f"ix_customers_{name}", "shop_id", *by, sqlite_where=text(NOT_MERGED), postgresql_where=text(NOT_MERGED))
        for name, by in {
            "value": ("value_minor", "id"),
            "last_order": ("last_order_at", "id"),
            "next_review": ("next_review_on", "id"),
            "standing": ("standing", "next_review_on"),
            "tier_value": ("tier", "value_minor", "id"),
            "tier_last_order": ("tier", "last_order_at", "id"),
            "tier_review": ("tier", "next_review_on", "id"),
        }.items()
    ),
    UniqueConstraint("shop_id", "id"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("order_id", SaleorId, nullable=False),
    Column("number", String(40), nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("status", String(40), nullable=False),
    Column("channel", String(255), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("money_minor", BigInteger, nullable=False),
    Column("card_minor", BigInteger, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("products", JSON, nullable=False),  # [[product id, name, category slug], …]
    Column("no_parcel", String(40)),  # why there is none, see domain.orders.NoParcel
    UniqueConstraint("shop_id", "order_id"),
    Index(  # covers what the nightly review and a tier decision read of an order
        "ix_orders_customer",
        "shop_id",
        "customer_id",
        "placed_at",
        "counts",
        "currency",
        "money_minor",
        "card_minor",
    ),
    Index("ix_orders_number", "shop_id", "number"),
    Index("ix_orders_currency", "shop_id", "currency"),
    UniqueConstraint("shop_id", "id"),
    same_shop("customer_id", "customers"),
)

programs = Table(
    "programs",
    metadata,
    shop_id(primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("toml", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", SaleorId, nullable=False),  # a Saleor user id, "command line" or "starter"
)

program_drafts = Table(  # one a shop, which staff work on together
    "program_drafts",
    metadata,
    shop_id(primary_key=True),
    Column("toml", Text, nullable=False),
    Column("base_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),  # a form names the one it shows; an older one is refused
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", SaleorId, nullable=False),
)

viewers = Table(  # how a staff member last saw the dashboard, for the widgets, which are not told
    "viewers",
    metadata,
    shop_id(primary_key=True),
    Column("user_id", SaleorId, primary_key=True),
    Column("theme", String(10), nullable=False),  # light | dark | "" (not known)
    Column("locale", String(20), nullable=False),
    Column("dashboard", String(300), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

tier_decisions = Table(
    "tier_decisions",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("customer_id", Id, nullable=False),
    Column("order_row", Id),  # the order that led to it, if one did
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("from_tier", String(40)),
    Column("to_tier", String(40)),
    Column("program_version", Integer, nullable=False),
    Column("record", JSON, nullable=False),  # the whole domain.tiers.Decision
    Index("ix_tier_decisions_customer", "shop_id", "customer_id", "at", "id"),
    Index("ix_tier_decisions_at", "shop_id", "at"),
    same_shop("customer_id", "customers"),
    same_shop("order_row", "orders"),
    Index("ix_tier_decisions_order", "shop_id", "order_row"),
)

effects = Table(
    "effects",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("subject", String(220), nullable=False),
    Column("effect", String(80), nullable=False),
    Column("state", String(10), nullable=False),  # started | done | refused
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("detail", JSON, nullable=False),
    UniqueConstraint("shop_id", "subject", "effect"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("kind", String(40), nullable=False),
    Column("subject", String(220), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Index("ix_tasks_open", "shop_id", "closed_at"),
    UniqueConstraint("shop_id", "kind", "subject"),
)

history_reads = Table(
    "history_reads",
    metadata,
    shop_id(primary_key=True),
    Column("kind", String(10), primary_key=True),  # orders | customers
    Column("state", String(10), nullable=False),  # reading | done | failed
    Column("cursor", Text),
    Column("read", Integer, nullable=False, server_default="0"),
    Column("total", Integer),
    Column("read_from", UtcDateTime),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("last_error", Text),
)

workers = Table(
    "workers",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)
