"""Files, their pages, and the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "files",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(127), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("access", sa.JSON),
        sa.Column("valid_from", sa.Date),
        sa.Column("superseded_by", sa.Text),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("files_by_uri", "files", ["tenant", "uri"], unique=True)
    op.create_table(
        "pages",
        sa.Column("document", sa.String(36), sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("picture", sa.String(64), nullable=False),
    )
    op.create_table(
        "ledger",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Back."""
    for table in ("ledger", "pages", "files"):
        op.drop_table(table)
