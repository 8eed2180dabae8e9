"""What is due is looked for shop by shop, so that none waits for another one's."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DUE = "due_at IS NOT NULL"


def upgrade() -> None:
    op.drop_index("ix_work_due", "work")
    op.create_index(
        "ix_work_due", "work", ["shop_id", "due_at"], sqlite_where=sa.text(DUE), postgresql_where=sa.text(DUE)
    )
