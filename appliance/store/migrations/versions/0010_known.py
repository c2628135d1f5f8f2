"""Lists of known persons, as digests."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "known_lists",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("stamp", sa.String(32), nullable=False),
        sa.Column("proof", sa.String(32), nullable=False),
        sa.Column("entities", sa.JSON, nullable=False),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("loaded", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "known_pieces",
        sa.Column("list", sa.String(63), sa.ForeignKey("known_lists.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digests", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Back: the lists are loaded again from their files."""
    op.drop_table("known_pieces")
    op.drop_table("known_lists")
