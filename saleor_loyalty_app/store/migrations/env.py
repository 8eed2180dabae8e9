"""Alembic's way in: runs the migrations on the connection that `store.migrate` hands over."""

from alembic import context

from saleor_loyalty_app.store import packing_tables, parcel_tables, print_tables, tables  # noqa: F401 - they fill the metadata
from saleor_loyalty_app.store.columns import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
