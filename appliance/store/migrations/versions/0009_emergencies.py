"""Emergencies, and what was opened in each."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "emergencies",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("reviewed", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.Text, nullable=False),
        sa.Column("mailed", sa.String(8), nullable=False),
    )
    op.create_index("emergencies_by_person", "emergencies", ["tenant", "person", "ended"])
    op.create_index("emergencies_by_verdict", "emergencies", ["tenant", "verdict"])
    op.create_table(
        "emergency_uses",
        sa.Column("emergency", sa.String(36), sa.ForeignKey("emergencies.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
    )


def downgrade() -> None:
    """Back: what was opened stands in the ledger; who reviewed it is forgotten here."""
    op.drop_table("emergency_uses")
    op.drop_table("emergencies")
