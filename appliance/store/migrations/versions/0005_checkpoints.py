"""Checkpoints of the ledger; on PostgreSQL, uris in the order of their code points."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    if op.get_context().dialect.name == "postgresql":
        for table in ("files", "uploads"):
            op.alter_column(table, "uri", type_=sa.Text(collation="C"))
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("witnessed", sa.Boolean, nullable=False),
    )
    op.create_index("checkpoints_by_entry", "checkpoints", ["entry"])
    op.create_index("checkpoints_witnessed", "checkpoints", ["witnessed", "number"])


def downgrade() -> None:
    """Back."""
    if op.get_context().dialect.name == "postgresql":
        for table in ("files", "uploads"):
            op.alter_column(table, "uri", type_=sa.Text())
    op.drop_table("checkpoints")
