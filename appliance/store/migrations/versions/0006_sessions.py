"""Sign-in sessions of the portal: sealed tokens behind the digest of a cookie."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewing", sa.DateTime(timezone=True)),
    )
    op.create_index("sessions_by_end", "sessions", ["ends"])


def downgrade() -> None:
    """Back: everyone signs in again."""
    op.drop_table("sessions")
