"""Conversations: turns, their sentences with the documents behind them, and feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("conversations_by_person", "conversations", ["tenant", "person", "updated"])
    op.create_table(
        "turns",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("released", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("turns_in_order", "turns", ["conversation", "number"], unique=True)
    op.create_table(
        "turn_sentences",
        sa.Column("turn", sa.String(36), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    _sources()
    op.create_table(
        "feedback",
        sa.Column("answer", sa.String(36), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _sources() -> None:
    op.create_table(
        "turn_sources",
        sa.Column("turn", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("document", sa.String(36), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn", "number"], ["turn_sentences.turn", "turn_sentences.number"], ondelete="CASCADE"
        ),
    )
    op.create_index("turn_sources_by_document", "turn_sources", ["document"])


def downgrade() -> None:
    """Back."""
    for table in ("feedback", "turn_sources", "turn_sentences", "turns", "conversations"):
        op.drop_table(table)
