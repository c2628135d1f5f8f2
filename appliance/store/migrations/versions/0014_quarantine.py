"""Quarantine: who would read a file that is held back, and quick ways to it and to what a document replaces."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Of what was held back before it is not known who would read it, until the next run."""
    op.add_column("files", sa.Column("listed", sa.JSON(none_as_null=True), nullable=True))
    op.create_index("files_held_back", "files", ["tenant", "outcome", "updated"])
    op.create_index("files_superseded", "files", ["superseded_by"])


def downgrade() -> None:
    """Back: what was held back stays so."""
    op.drop_index("files_superseded", "files")
    op.drop_index("files_held_back", "files")
    op.drop_column("files", "listed")
