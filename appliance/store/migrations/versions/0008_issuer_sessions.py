"""Sessions are found by the issuer's own session, whose digest stands beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Sessions from before have none, and end by their person's name alone."""
    op.add_column("sessions", sa.Column("at_issuer", sa.String(64)))
    op.create_index("sessions_at_issuer", "sessions", ["at_issuer"])


def downgrade() -> None:
    """Back."""
    op.drop_index("sessions_at_issuer", "sessions")
    op.drop_column("sessions", "at_issuer")
