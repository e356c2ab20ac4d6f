"""Whether a storage is in sight, and whether its rules count."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; every storage is in sight and its rules count."""
    op.add_column("storage", sa.Column("erase_at_s", sa.BigInteger(), nullable=True))
    op.add_column("storage", sa.Column("paused_but", sa.String(length=16), nullable=True))
