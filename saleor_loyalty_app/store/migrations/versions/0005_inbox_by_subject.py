"""One index finds the events about a subject and keeps each delivery once: half the work for each webhook."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_inbox_subject", "inbox")
    with op.batch_alter_table("inbox") as inbox:
        inbox.drop_constraint("uq_inbox_shop_id_body_hash_subject", type_="unique")
        inbox.create_unique_constraint("uq_inbox_shop_id_subject_body_hash", ["shop_id", "subject", "body_hash"])
