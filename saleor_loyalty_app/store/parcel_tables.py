"""The tables of parcels: what each order gets, each extra with its state, the notes, and the stock of extras."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from saleor_loyalty_app.store.columns import Id, SaleorId, UtcDateTime, metadata, same_shop, shop_id

TO_PACK = "state = 'planned' AND ready_at IS NOT NULL"
UNCONFIRMED = "state = 'shipped' AND closed_why = 'not_confirmed' AND mode = 'live'"
WAITING = "state = 'planned' AND mode = 'live'"

parcels = Table(
    "parcels",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("code", String(16), nullable=False),  # stands in notes and addresses; says nothing about the order
    Column("order_row", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("mode", String(20), nullable=False),  # rehearsal | live, as it was when planned
    Column("state", String(20), nullable=False),  # planned | packed | shipped | skipped | cancelled
    Column("moment", String(20), nullable=False),
    Column("tier", String(40)),
    Column("program_version", Integer, nullable=False),
    Column("plan", JSON, nullable=False),  # the whole domain.parcels.ParcelPlan
    Column("story", JSON, nullable=False),  # what it was decided on, so that it can be replayed
    Column("means", JSON, nullable=False),  # the stock and the budgets of that moment
    Column("channel", String(255), nullable=False, server_default=""),
    Column("circumstances", JSON),  # what else of the order it was decided on: see services.known_order
    Column("revision", Integer, nullable=False, server_default="0"),  # how often staff changed it
    Column("planned_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_why", String(40)),
    # What the packing desk goes by, as the order last said it.
    Column("ready_at", UtcDateTime),  # since when it may be packed: the order is paid and stands
    Column("shipping_method", String(255), nullable=False, server_default=""),  # its name
    Column("warehouse_id", SaleorId, nullable=False, server_default=""),
    Column("batch_id", Id),
    Column("held_until", UtcDateTime),  # whose batch that is has it for themselves until then
    UniqueConstraint("shop_id", "order_row"),
    UniqueConstraint("shop_id", "code"),
    Index("ix_parcels_customer", "shop_id", "customer_id", "planned_at", "id"),
    Index("ix_parcels_state", "shop_id", "state", "id"),
    Index("ix_parcels_mode", "shop_id", "mode", "state", "id"),
    Index("ix_parcels_mode_id", "shop_id", "mode", "id"),
    Index("ix_parcels_tier", "shop_id", "tier", "id"),
    Index("ix_parcels_channel", "shop_id", "channel", "id"),
    Index("ix_parcels_planned_at", "shop_id", "planned_at", "id"),
    *(  # what may be packed, in either order of the desk; what it is narrowed by stands in the index as well
        Index(name, "shop_id", *columns, sqlite_where=text(TO_PACK), postgresql_where=text(TO_PACK))
        for name, columns in (
            ("ix_parcels_ready", ("ready_at", "id", "channel", "warehouse_id", "shipping_method")),
            ("ix_parcels_ready_method", ("shipping_method", "ready_at", "id", "channel", "warehouse_id")),
        )
    ),
    Index(
        "ix_parcels_unconfirmed",
        "shop_id",
        "closed_at",
        "id",
        sqlite_where=text(UNCONFIRMED),
        postgresql_where=text(UNCONFIRMED),
    ),
    Index("ix_parcels_batch", "shop_id", "batch_id"),
    UniqueConstraint("shop_id", "id"),
    same_shop("customer_id", "customers"),
    same_shop("order_row", "orders"),
)

parcel_items = Table(
    "parcel_items",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("parcel_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("extra_id", String(40), nullable=False),
    Column("kind", String(10), nullable=False),  # signature | surprise
    Column("cost_minor", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),  # as the parcel's
    Column("reason", String(40)),
    Column("month", String(7), nullable=False, server_default=""),  # as in `costs`
    Column("by_hand", Integer, nullable=False, server_default="0"),  # as in `costs`
    Column("planned_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_parcel_items_parcel", "shop_id", "parcel_id"),
    Index("ix_parcel_items_customer", "shop_id", "customer_id", "planned_at"),
    Index(  # by extra, what is still to be packed
        "ix_parcel_items_waiting",
        "shop_id",
        "extra_id",
        "id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    UniqueConstraint("shop_id", "id"),
    same_shop("customer_id", "customers"),
    same_shop("parcel_id", "parcels"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("parcel_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("note_id", String(40), nullable=False),
    Column("language", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("sign_off", String(200), nullable=False),
    Column("sender", String(80), nullable=False),
    Column("state", String(20), nullable=False),  # see store.parcel_notes
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "parcel_id"),
    Index("ix_notes_customer", "shop_id", "customer_id"),
    same_shop("customer_id", "customers"),
    same_shop("parcel_id", "parcels"),
)

extra_stock = Table(
    "extra_stock",
    metadata,
    shop_id(primary_key=True),
    Column("extra_id", String(40), primary_key=True),
    Column("pieces", Integer, nullable=False),
)

stock_movements = Table(
    "stock_movements",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("extra_id", String(40), nullable=False),
    Column("pieces", Integer, nullable=False),  # signed
    Column("why", String(20), nullable=False),  # see store.stock
    Column("parcel_item_id", Id),
    Column("at", UtcDateTime, nullable=False),
    Column("by", SaleorId),  # who counted
    UniqueConstraint("shop_id", "parcel_item_id", "why"),
    same_shop("parcel_item_id", "parcel_items"),
)

parcel_changes = Table(
    "parcel_changes",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("parcel_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", SaleorId, nullable=False),  # a Saleor user id
    Column("kind", String(20), nullable=False),  # see store.parcel_changes
    Column("detail", JSON, nullable=False),
    Column("wish", String(36), nullable=False),  # made by the form; the same wish sent twice is done once
    UniqueConstraint("shop_id", "wish"),
    Index("ix_parcel_changes_parcel", "shop_id", "parcel_id", "id"),
    Index("ix_parcel_changes_customer", "shop_id", "customer_id", "at"),
    same_shop("customer_id", "customers"),
    same_shop("parcel_id", "parcels"),
)

costs = Table(  # the sums of parcel_items that stand, kept in the same transactions
    "costs",
    metadata,
    shop_id(primary_key=True),
    Column("mode", String(20), primary_key=True),
    Column("month", String(7), primary_key=True),  # "2026-11", when it was planned, in the program's zone
    Column("tier", String(40), primary_key=True),  # of the parcel, "" for none
    Column("extra_id", String(40), primary_key=True),
    Column("by_hand", Integer, primary_key=True, autoincrement=False),  # 1: staff added it of their own accord
    Column("state", String(20), primary_key=True),  # planned | packed | shipped
    Column("pieces", Integer, nullable=False),
    Column("cost_minor", BigInteger, nullable=False),
)

extra_pictures = Table(
    "extra_pictures",
    metadata,
    shop_id(primary_key=True),
    Column("extra_id", String(40), primary_key=True),
    Column("webp", LargeBinary, nullable=False),  # made small by us, whatever was uploaded
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", SaleorId, nullable=False),
)
