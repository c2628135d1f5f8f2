"""Vaults: the wrapped key of each thread, and its sealed entries."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "vaults",
        sa.Column("thread", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("vaults_by_end", "vaults", ["ends"])
    op.create_table(
        "vault_entries",
        sa.Column("thread", sa.String(64), sa.ForeignKey("vaults.thread", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Back: every thread is over, and what stood in its vault is not to be had any more."""
    op.drop_table("vault_entries")
    op.drop_table("vaults")
