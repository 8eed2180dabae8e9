"""The packing desk and the print room: who packs what, promises, stock in the shop, stationery and print jobs."""

import sqlalchemy as sa
from alembic import op

from saleor_loyalty_app.store.columns import Id, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _packing()
    _printing()
    _parcels()


def _packing() -> None:
    op.create_table(
        "desk_sessions",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("user_id", sa.String(length=200), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_desk_sessions_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_sessions")),
        sa.UniqueConstraint("shop_id", "code_hash", name=op.f("uq_desk_sessions_shop_id_code_hash")),
        sa.UniqueConstraint("shop_id", "token_hash", name=op.f("uq_desk_sessions_shop_id_token_hash")),
    )
    op.create_index("ix_desk_sessions_user", "desk_sessions", ["shop_id", "user_id"], unique=False)
    op.create_table(
        "packing_batches",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("narrowed", sa.JSON(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_packing_batches_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_batches")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_packing_batches_shop_id_code")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_packing_batches_shop_id_id")),
    )
    op.create_index("ix_packing_batches_open", "packing_batches", ["shop_id", "by", "ended_at"], unique=False)
    op.create_table(
        "variant_stock",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("extra_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=False),
        sa.Column("warehouse_id", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("empty_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_variant_stock_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "extra_id", name=op.f("pk_variant_stock")),
    )
    op.create_table(
        "warehouses",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("warehouse_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_warehouses_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "warehouse_id", name=op.f("pk_warehouses")),
    )
    op.create_table(
        "promises",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("parcel_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_promises_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.id"], name=op.f("fk_promises_shop_id_parcel_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_promises_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
        sa.UniqueConstraint("shop_id", "parcel_id", "position", name=op.f("uq_promises_shop_id_parcel_id_position")),
    )
    op.create_index("ix_promises_customer", "promises", ["shop_id", "customer_id"], unique=False)
    op.create_table(
        "variant_moves",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("parcel_item_id", Id, nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=False),
        sa.Column("warehouse_id", sa.String(length=200), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_item_id"],
            ["parcel_items.shop_id", "parcel_items.id"],
            name=op.f("fk_variant_moves_shop_id_parcel_item_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_variant_moves_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant_moves")),
    )
    op.create_index("ix_variant_moves_item", "variant_moves", ["shop_id", "parcel_item_id"], unique=False)
    op.create_index(
        "ix_variant_moves_untold",
        "variant_moves",
        ["shop_id", "variant_id"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )


def _printing() -> None:
    op.create_table(
        "print_jobs",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("wish", sa.String(length=36), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("printed_at", UtcDateTime(), nullable=True),
        sa.Column("printed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_print_jobs_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_jobs")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_print_jobs_shop_id_code")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_print_jobs_shop_id_id")),
        sa.UniqueConstraint("shop_id", "wish", name=op.f("uq_print_jobs_shop_id_wish")),
    )
    op.create_index("ix_print_jobs_made_at", "print_jobs", ["shop_id", "made_at", "id"], unique=False)
    op.create_table(
        "stationery",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_stationery_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_stationery")),
    )
    op.create_table(
        "stationery_pictures",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_stationery_pictures_shop_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shop_id", "kind", name=op.f("pk_stationery_pictures")),
    )
    op.create_table(
        "print_chunks",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("job_id", Id, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_pdf", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "job_id"], ["print_jobs.shop_id", "print_jobs.id"], name=op.f("fk_print_chunks_shop_id_job_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_print_chunks_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "job_id", "number", name=op.f("pk_print_chunks")),
    )
    op.create_table(
        "print_items",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("job_id", Id, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_print_items_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "job_id"], ["print_jobs.shop_id", "print_jobs.id"], name=op.f("fk_print_items_shop_id_job_id")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.id"], name=op.f("fk_print_items_shop_id_parcel_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_print_items_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "job_id", "position", name=op.f("pk_print_items")),
    )
    op.create_index("ix_print_items_customer", "print_items", ["shop_id", "customer_id"], unique=False)
    op.create_index("ix_print_items_parcel", "print_items", ["shop_id", "parcel_id"], unique=False)


def _parcels() -> None:
    op.add_column("parcels", sa.Column("ready_at", UtcDateTime(), nullable=True))
    op.add_column("parcels", sa.Column("shipping_method", sa.String(length=255), server_default="", nullable=False))
    op.add_column("parcels", sa.Column("warehouse_id", sa.String(length=200), server_default="", nullable=False))
    op.add_column("parcels", sa.Column("batch_id", Id, nullable=True))
    op.add_column("parcels", sa.Column("held_until", UtcDateTime(), nullable=True))
    op.create_index("ix_parcels_batch", "parcels", ["shop_id", "batch_id"], unique=False)
    to_pack = sa.text("state = 'planned' AND ready_at IS NOT NULL")
    by_method = ["shipping_method", "ready_at", "id", "channel", "warehouse_id"]
    unconfirmed = sa.text("state = 'shipped' AND closed_why = 'not_confirmed' AND mode = 'live'")
    waiting = sa.text("state = 'planned' AND mode = 'live'")
    for name, table, columns, which in (
        ("ix_parcels_ready", "parcels", ["ready_at", "id", "channel", "warehouse_id", "shipping_method"], to_pack),
        ("ix_parcels_ready_method", "parcels", by_method, to_pack),
        ("ix_parcels_unconfirmed", "parcels", ["closed_at", "id"], unconfirmed),
        ("ix_parcel_items_waiting", "parcel_items", ["extra_id", "id"], waiting),
    ):
        op.create_index(
            name, table, ["shop_id", *columns], unique=False, sqlite_where=which, postgresql_where=which
        )  # fmt: skip
    # What waits already was planned for a paid order, or for one that its program packs at once.
    op.execute(sa.text("UPDATE parcels SET ready_at = planned_at WHERE state = 'planned' AND mode = 'live'"))
