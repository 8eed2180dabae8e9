"""What the panel works with: changes by staff, sums of costs, drafts, pictures, viewers, and quick lists."""

import sqlalchemy as sa
from alembic import op

from saleor_loyalty_app.store.columns import Id, SearchKey, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _program()
    _parcels()
    _parcel_changes()
    _costs()
    _customers()


def _program() -> None:
    op.create_table(
        "extra_pictures",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("extra_id", sa.String(length=40), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_extra_pictures_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "extra_id", name=op.f("pk_extra_pictures")),
    )
    op.create_table(
        "program_drafts",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_program_drafts_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_program_drafts")),
    )
    op.create_table(
        "viewers",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("user_id", sa.String(length=200), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("dashboard", sa.String(length=300), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_viewers_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "user_id", name=op.f("pk_viewers")),
    )


def _parcels() -> None:
    op.add_column("parcel_items", sa.Column("month", sa.String(length=7), server_default="", nullable=False))
    op.add_column("parcel_items", sa.Column("by_hand", sa.Integer(), server_default="0", nullable=False))
    op.add_column("parcels", sa.Column("channel", sa.String(length=255), server_default="", nullable=False))
    op.add_column("parcels", sa.Column("circumstances", sa.JSON(), nullable=True))
    op.add_column("parcels", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_parcels_channel", "parcels", ["shop_id", "channel", "id"], unique=False)
    op.create_index("ix_parcels_mode", "parcels", ["shop_id", "mode", "state", "id"], unique=False)
    op.create_index("ix_parcels_planned_at", "parcels", ["shop_id", "planned_at", "id"], unique=False)
    op.create_index("ix_parcels_tier", "parcels", ["shop_id", "tier", "id"], unique=False)
    op.execute("UPDATE parcels SET channel = (SELECT channel FROM orders WHERE orders.id = parcels.order_row)")


def _parcel_changes() -> None:
    op.create_table(
        "parcel_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("parcel_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("wish", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_parcel_changes_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_id"],
            ["parcels.shop_id", "parcels.id"],
            name=op.f("fk_parcel_changes_shop_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_parcel_changes_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_changes")),
        sa.UniqueConstraint("shop_id", "wish", name=op.f("uq_parcel_changes_shop_id_wish")),
    )
    op.create_index("ix_parcel_changes_parcel", "parcel_changes", ["shop_id", "parcel_id", "id"], unique=False)


def _costs() -> None:
    op.create_table(
        "costs",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("extra_id", sa.String(length=40), nullable=False),
        sa.Column("by_hand", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_costs_shop_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "shop_id", "mode", "month", "tier", "extra_id", "by_hand", "state", name=op.f("pk_costs")
        ),
    )


def _customers() -> None:
    op.add_column("customers", sa.Column("first_key", SearchKey, server_default="", nullable=False))
    op.add_column("customers", sa.Column("last_key", SearchKey, server_default="", nullable=False))
    op.add_column("customers", sa.Column("orders_counted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("customers", sa.Column("value_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("customers", sa.Column("last_order_at", UtcDateTime(), nullable=True))
    op.create_index("ix_customers_first_key", "customers", ["shop_id", "first_key"], unique=False)
    op.create_index("ix_customers_last_key", "customers", ["shop_id", "last_key"], unique=False)
    op.create_index("ix_customers_last_order", "customers", ["shop_id", "last_order_at", "id"], unique=False)
    op.create_index("ix_customers_next_review", "customers", ["shop_id", "next_review_on", "id"], unique=False)
    op.create_index("ix_customers_standing", "customers", ["shop_id", "standing", "next_review_on"], unique=False)
    op.create_index("ix_customers_value", "customers", ["shop_id", "value_minor", "id"], unique=False)
