"""What the panel works with: changes by staff, sums of costs, drafts, pictures, viewers, and quick lists."""

import tomllib
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from saleor_loyalty_app.domain.money import RATE_UNIT, conversion_factors
from saleor_loyalty_app.domain.search_keys import search_key
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
    op.create_index("ix_inbox_received", "inbox", ["shop_id", "received_at", "event"], unique=False)
    _fill_names()
    _fill_sums()


def _program() -> None:
    op.add_column("stock_movements", sa.Column("by", sa.String(length=200), nullable=True))
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
    op.create_index("ix_orders_currency", "orders", ["shop_id", "currency"], unique=False)
    op.drop_index("ix_parcel_items_month", "parcel_items")  # `costs` says what a month cost
    op.drop_index("ix_parcels_customer", "parcels")
    op.create_index("ix_parcels_customer", "parcels", ["shop_id", "customer_id", "planned_at", "id"], unique=False)
    op.create_index("ix_parcels_channel", "parcels", ["shop_id", "channel", "id"], unique=False)
    op.create_index("ix_parcels_mode", "parcels", ["shop_id", "mode", "state", "id"], unique=False)
    op.create_index("ix_parcels_mode_id", "parcels", ["shop_id", "mode", "id"], unique=False)
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
    op.create_index("ix_parcel_changes_customer", "parcel_changes", ["shop_id", "customer_id", "at"], unique=False)
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
    _fill_costs()


def _fill_costs() -> None:
    """What the extras of before cost; their months are those of UTC, near enough for what is over."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    month = "strftime('%Y-%m', planned_at)" if on_sqlite else "to_char(planned_at AT TIME ZONE 'UTC', 'YYYY-MM')"
    op.execute(f"UPDATE parcel_items SET month = {month}")  # noqa: S608
    op.execute(
        "INSERT INTO costs (shop_id, mode, month, tier, extra_id, by_hand, state, pieces, cost_minor)"
        " SELECT items.shop_id, items.mode, items.month, coalesce(parcels.tier, ''), items.extra_id, 0, items.state,"
        " count(*), sum(items.cost_minor)"
        " FROM parcel_items AS items JOIN parcels ON parcels.id = items.parcel_id"
        " WHERE items.state IN ('planned', 'packed', 'shipped')"
        " GROUP BY items.shop_id, items.mode, items.month, coalesce(parcels.tier, ''), items.extra_id, items.state"
    )


def _customers() -> None:
    op.add_column("customers", sa.Column("first_key", SearchKey, server_default="", nullable=False))
    op.add_column("customers", sa.Column("last_key", SearchKey, server_default="", nullable=False))
    op.add_column("customers", sa.Column("orders_counted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("customers", sa.Column("value_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("customers", sa.Column("last_order_at", UtcDateTime(), nullable=True))
    op.create_index("ix_customers_first_key", "customers", ["shop_id", "first_key"], unique=False)
    op.create_index("ix_customers_last_key", "customers", ["shop_id", "last_key"], unique=False)
    op.drop_index("ix_customers_tier", "customers")
    op.create_index("ix_customers_tier", "customers", ["shop_id", "tier", "merged_into"])
    for name, columns in {
        "value": ("value_minor", "id"),
        "last_order": ("last_order_at", "id"),
        "next_review": ("next_review_on", "id"),
        "standing": ("standing", "next_review_on"),
        "tier_value": ("tier", "value_minor", "id"),
        "tier_last_order": ("tier", "last_order_at", "id"),
        "tier_review": ("tier", "next_review_on", "id"),
    }.items():
        people = sa.text("merged_into IS NULL")
        op.create_index(
            f"ix_customers_{name}", "customers", ["shop_id", *columns], sqlite_where=people, postgresql_where=people
        )
    op.drop_index("ix_tier_decisions_customer", "tier_decisions")
    op.create_index("ix_tier_decisions_customer", "tier_decisions", ["shop_id", "customer_id", "at", "id"])


def _fill_names() -> None:
    """What people are searched by, for everybody who is known already."""
    db, after = op.get_bind(), 0
    following = sa.text(
        "SELECT id, first_name, last_name FROM customers WHERE id > :after AND (first_name <> '' OR last_name <> '')"
        " ORDER BY id LIMIT 1000"
    )
    keep = sa.text("UPDATE customers SET first_key = :first, last_key = :last WHERE id = :id")
    while page := db.execute(following, {"after": after}).all():
        db.execute(keep, [{"id": id, "first": search_key(first), "last": search_key(last)} for id, first, last in page])
        after = page[-1][0]


def _fill_sums() -> None:
    """What they bought, as the program in force counts it."""
    db = op.get_bind()
    programs = sa.text(
        "SELECT programs.shop_id, programs.toml FROM programs JOIN shops"
        " ON shops.id = programs.shop_id AND programs.version = coalesce(shops.program_version, 1)"
    )
    customers = sa.table(
        "customers", *map(sa.column, ("shop_id", "id", "orders_counted", "value_minor", "last_order_at"))
    )
    orders = sa.table(
        "orders",
        *map(sa.column, ("shop_id", "customer_id", "placed_at", "currency")),
        sa.column("counts", sa.Boolean),
        sa.column("money_minor", sa.BigInteger),
        sa.column("card_minor", sa.BigInteger),
    )
    theirs = (orders.c.shop_id == customers.c.shop_id, orders.c.customer_id == customers.c.id, orders.c.counts)
    for shop_id, toml in db.execute(programs).all():
        program = tomllib.loads(toml, parse_float=Decimal)
        rates = {currency: Decimal(rate) for currency, rate in program.get("rates", {}).items()}
        factors = conversion_factors(program["currency"], rates)
        money = (
            orders.c.money_minor + orders.c.card_minor
            if program.get("gift_cards_count", True)
            else orders.c.money_minor
        )
        worth = {currency: (money * factor + RATE_UNIT // 2) // RATE_UNIT for currency, factor in factors.items()}
        value = sa.cast(sa.func.sum(sa.case(worth, value=orders.c.currency, else_=0)), sa.BigInteger)

        def of_each(found: Any) -> Any:
            return sa.select(found).where(*theirs).correlate(customers).scalar_subquery()

        db.execute(
            sa.update(customers)
            .where(customers.c.shop_id == shop_id)
            .values(
                orders_counted=of_each(sa.func.count()),
                value_minor=of_each(sa.func.coalesce(value, 0)),
                last_order_at=of_each(sa.func.max(orders.c.placed_at)),
            )
        )
