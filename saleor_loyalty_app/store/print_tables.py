"""The tables of the print room: the shop's stationery, and what is printed, with pages that are kept for a day."""

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from saleor_loyalty_app.store.columns import Id, SaleorId, UtcDateTime, metadata, same_shop, shop_id

stationery = Table(
    "stationery",
    metadata,
    shop_id(primary_key=True),
    Column("settings", JSON, nullable=False),  # the whole domain.stationery.Stationery
    Column("revision", Integer, nullable=False),  # a form names the one it shows; an older one is refused
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", SaleorId, nullable=False),
)

stationery_pictures = Table(
    "stationery_pictures",
    metadata,
    shop_id(primary_key=True),
    Column("kind", String(20), primary_key=True),  # motif | logo | signature
    Column("png", LargeBinary, nullable=False),  # made by us, whatever was uploaded
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", SaleorId, nullable=False),
)

print_jobs = Table(
    "print_jobs",
    metadata,
    Column("id", Id, primary_key=True),
    shop_id(),
    Column("code", String(16), nullable=False),  # stands in addresses
    Column("kind", String(20), nullable=False),  # cards | copy_sheets | slips | extra_labels | address_labels
    Column("by", SaleorId, nullable=False),
    Column("options", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # waiting | running | done | cancelled
    Column("total", Integer, nullable=False),  # of print_items
    Column("ready", Integer, nullable=False, server_default="0"),  # how many of them are in chunks
    Column("problem", Text),  # a kept saying: why it was cancelled, unless a person did it
    Column("wish", String(36), nullable=False),  # made by the form; the same wish sent twice is one job
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("printed_at", UtcDateTime),  # when a person took the pages out
    Column("printed_by", SaleorId),
    UniqueConstraint("shop_id", "code"),
    UniqueConstraint("shop_id", "wish"),
    UniqueConstraint("shop_id", "id"),
    Index("ix_print_jobs_made_at", "shop_id", "made_at", "id"),
)

print_items = Table(
    "print_items",
    metadata,
    shop_id(primary_key=True),
    Column("job_id", Id, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("parcel_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("left_out", JSON),  # {why, detail} of what is not on the pages, see domain.print_jobs
    Index("ix_print_items_parcel", "shop_id", "parcel_id"),
    Index("ix_print_items_customer", "shop_id", "customer_id"),
    same_shop("job_id", "print_jobs"),
    same_shop("parcel_id", "parcels"),
    same_shop("customer_id", "customers"),
)

print_chunks = Table(  # some pages of a job, sealed, since names and addresses stand on them
    "print_chunks",
    metadata,
    shop_id(primary_key=True),
    Column("job_id", Id, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed_pdf", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    same_shop("job_id", "print_jobs"),
)
