"""The tables of the packing desk: who packs what, promises and what became of them, stock in the shop, own tabs."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, UniqueConstraint, text

from saleor_loyalty_app.store.columns import Id, SaleorId, UtcDateTime, metadata, same_shop, shop_id

packing_batches = Table(  # parcels that one packer took at a time; which, says `parcels.batch_id`
    "packing_batches",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("code", String(16), nullable=False),  # stands in addresses
    Column("by", SaleorId, nullable=False),
    Column("narrowed", JSON, nullable=False),  # what the list was narrowed to
    Column("taken_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("shop_id", "code"),
    UniqueConstraint("shop_id", "id"),
    Index("ix_packing_batches_open", "shop_id", "by", "ended_at"),
)

promises = Table(  # services of a parcel's plan that were kept or broken; the others are still promised
    "promises",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("parcel_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("position", Integer, nullable=False),  # in `plan.services`
    Column("state", String(10), nullable=False),  # done | broken
    Column("at", UtcDateTime, nullable=False),
    Column("by", SaleorId, nullable=False),
    UniqueConstraint("shop_id", "parcel_id", "position"),
    Index("ix_promises_customer", "shop_id", "customer_id"),
    same_shop("customer_id", "customers"),
    same_shop("parcel_id", "parcels"),
)

warehouses = Table(  # those that orders and extras are taken from, with the name they had last
    "warehouses",
    metadata,
    shop_id(primary_key=True),
    Column("warehouse_id", SaleorId, primary_key=True),
    Column("name", String(255), nullable=False),
)

variant_stock = Table(  # what the shop last said of an extra that is one of its variants
    "variant_stock",
    metadata,
    shop_id(primary_key=True),
    Column("extra_id", String(40), primary_key=True),
    Column("variant_id", SaleorId, nullable=False),
    Column("warehouse_id", SaleorId, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("allocated", Integer, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("empty_at", Integer),  # what the shop counted when a packer found none; until it counts more, there is none
)

variant_moves = Table(  # pieces that packing took from a variant's stock in the shop, or gave back
    "variant_moves",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("parcel_item_id", Id, nullable=False),
    Column("variant_id", SaleorId, nullable=False),
    Column("warehouse_id", SaleorId, nullable=False),
    Column("pieces", Integer, nullable=False),  # signed
    Column("at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),  # when the shop's stock was changed accordingly
    Index("ix_variant_moves_item", "shop_id", "parcel_item_id"),
    Index(
        "ix_variant_moves_untold",
        "shop_id",
        "variant_id",
        sqlite_where=text("told_at IS NULL"),
        postgresql_where=text("told_at IS NULL"),
    ),
    same_shop("parcel_item_id", "parcel_items"),
)

desk_sessions = Table(  # a desk in a browser tab of its own, where no dashboard hands out tokens
    "desk_sessions",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("user_id", SaleorId, nullable=False),
    Column("code_hash", String(64), nullable=False),  # of the code in the link, good once and for a short time
    Column("token_hash", String(64)),  # of what the tab got for the code
    Column("permissions", JSON, nullable=False),  # what the staff member held when the link was made
    Column("made_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("shop_id", "code_hash"),
    UniqueConstraint("shop_id", "token_hash"),
    Index("ix_desk_sessions_user", "shop_id", "user_id"),
)
