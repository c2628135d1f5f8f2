"""Labels: what the house knows of a document's text, and of each stretch of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Documents from before have no row until they are labelled: `muniment documents relabel --apply`."""
    op.create_table(
        "document_labels",
        sa.Column("document", sa.String(36), sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("listed", sa.JSON, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("retention", sa.String(64), nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Back: what was counted is forgotten; the labels themselves stand with each document."""
    op.drop_table("document_labels")
